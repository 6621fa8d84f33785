/* SPDX-License-Identifier: Apache-2.0 */
/* Listening, turning away, time-outs and the end. One timer sweeps all connections: four thousand
 * of them take some ten microseconds, and no request pays for arming a timer of its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/base/time.h"
#include "common/http/internal.h"

#define BACKLOG      512
#define SWEEP_MS_MAX 500
#define SWEEP_MS_MIN 5
#define SPARE_KEEP   16
/* Files of the process that are not connections. */
#define FILES_APART 128

/* ---- opening -------------------------------------------------------------------------------- */

static lia_err parse_address(const lia_http_options *options, struct sockaddr_storage *out,
                             lia_why *why)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    bool loopback;
    if (uv_ip4_addr(options->address, options->port, v4) == 0)
        loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    else if (uv_ip6_addr(options->address, options->port, v6) == 0)
        loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
    else
        return lia_why_set(why, LIA_EINVAL, "\"%s\" is not a numeric address such as 127.0.0.1",
                           options->address);
    if (loopback || options->outside) return LIA_OK;
    return lia_why_set(why, LIA_EDENIED,
                       "%s can be reached from outside, where everybody on the way could read "
                       "passwords: give a certificate (--tls-cert, --tls-key) or the proxy that "
                       "has one (--proxy), or listen on 127.0.0.1 or ::1",
                       options->address);
}

static lia_err socket_failed(const lia_http_options *options, int error, lia_why *why)
{
    if (error == EADDRINUSE)
        return lia_why_set(why, LIA_EBUSY, "port %u is taken: stop its owner or choose another",
                           options->port);
    if (error == EACCES)
        return lia_why_set(why, LIA_EDENIED, "port %u needs a privilege: choose one above 1023",
                           options->port);
    return lia_why_set(why, LIA_EIO, "cannot listen on %s port %u: %s", options->address,
                       options->port, strerror(error));
}

/* Done by hand, because a libuv handle that failed could only be freed by running the loop. */
static lia_err listen_on(const lia_http_options *options, int *fd, uint16_t *port, lia_why *why)
{
    struct sockaddr_storage address = {0};
    lia_err err = parse_address(options, &address, why);
    if (err) return err;
    bool is_v6 = address.ss_family == AF_INET6;
    socklen_t size = is_v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    *fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) return socket_failed(options, errno, why);
    int on = 1;
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(*fd, (struct sockaddr *)&address, size) != 0 || listen(*fd, BACKLOG) != 0 ||
        getsockname(*fd, (struct sockaddr *)&address, &size) != 0) {
        err = socket_failed(options, errno, why);
        close(*fd);
        return err;
    }
    *port = ntohs(is_v6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                        : ((struct sockaddr_in *)&address)->sin_port);
    return LIA_OK;
}

/* Writing to a client that has gone must not end the process, and every connection needs a file:
 * the soft limit is often 1024 while the hard one allows far more. */
static void prepare_process(unsigned connections)
{
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    rlim_t wanted = connections + FILES_APART;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void set_defaults(lia_http_options *options)
{
    if (!options->connections_max) options->connections_max = LIA_HTTP_CONNECTIONS_MAX;
    if (!options->head_ms) options->head_ms = 10000;
    if (!options->body_ms) options->body_ms = 10000;
    if (!options->idle_ms) options->idle_ms = 60000;
    if (!options->write_ms) options->write_ms = 10000;
}

static void on_client(uv_stream_t *listener, int status);

static lia_err start(lia_http_server *server, int fd, lia_why *why)
{
    uv_loop_t *loop = server->options.loop;
    uv_tcp_init(loop, &server->listener);
    uv_timer_init(loop, &server->sweep);
    uv_timer_init(loop, &server->grace);
    uv_idle_init(loop, &server->later);
    uv_prepare_init(loop, &server->before_rest);
    server->listener.data = server->sweep.data = server->grace.data = server->later.data =
        server->before_rest.data = server;
    server->handles = 5;
    int error = uv_tcp_open(&server->listener, fd);
    if (error) close(fd);
    uv_tcp_nodelay(&server->listener, 1); /* Linux hands it on to what is accepted */
    if (!error) error = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_client);
    return error ? socket_failed(&server->options, -error, why) : LIA_OK;
}

lia_err lia_http_open(lia_http_server **out, const lia_http_options *options, lia_why *why)
{
    *out = NULL;
    int fd = -1;
    uint16_t port = 0;
    lia_err err = listen_on(options, &fd, &port, why);
    if (err) return err;
    lia_http_server *server = calloc(1, sizeof *server);
    if (!server) {
        close(fd);
        return lia_why_set(why, LIA_EFULL, "there is no memory for the HTTP server");
    }
    server->options = *options;
    server->options.address = NULL; /* the caller's, and not needed any more */
    server->port = port;
    set_defaults(&server->options);
    prepare_process(server->options.connections_max);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server->date_second = -1;
    err = start(server, fd, why);
    if (err) {
        lia_http_close(server, 0, NULL, NULL);
        return err;
    }
    *out = server;
    return LIA_OK;
}

uint16_t lia_http_port(const lia_http_server *server)
{
    return server->port;
}

void lia_http_get_stats(const lia_http_server *server, lia_http_stats *out)
{
    *out = server->stats;
    if (server->options.tls) out->certificate_expires = lia_tls_expires(server->options.tls);
}

/* ---- time ----------------------------------------------------------------------------------- */

/* Takes the client that libuv holds. When there is no memory for it, the next sweep tries again. */
static void take_waiting(lia_http_server *server)
{
    if (server->full && !server->draining &&
        server->stats.connections < server->options.connections_max)
        server->full = !lia_http_connection_accept(server);
}

static void on_sweep(uv_timer_t *timer)
{
    lia_http_server *server = timer->data;
    uint64_t now = uv_now(server->options.loop);
    for (lia_http_connection *connection = server->connections; connection;
         connection = connection->next)
        lia_http_connection_sweep(connection, now);
    lia_http_request_trim(server, SPARE_KEEP);
    take_waiting(server);
    if (!server->connections && !server->full) uv_timer_stop(timer); /* an idle node sleeps */
}

/* Often enough to keep the shortest time-out within a quarter. */
static uint64_t sweep_ms(const lia_http_options *options)
{
    uint64_t least = options->head_ms;
    if (options->body_ms < least) least = options->body_ms;
    if (options->idle_ms < least) least = options->idle_ms;
    if (options->write_ms < least) least = options->write_ms;
    least /= 4;
    return least > SWEEP_MS_MAX ? SWEEP_MS_MAX : least < SWEEP_MS_MIN ? SWEEP_MS_MIN : least;
}

static void ensure_sweep(lia_http_server *server)
{
    uint64_t every = sweep_ms(&server->options);
    if (!uv_is_active((uv_handle_t *)&server->sweep))
        uv_timer_start(&server->sweep, on_sweep, every, every);
}

lia_span lia_http_server_date(lia_http_server *server)
{
    int64_t second = lia_time_now().ms / LIA_SECOND_MS;
    if (second != server->date_second) {
        static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        struct tm at;
        time_t seconds = (time_t)second;
        gmtime_r(&seconds, &at);
        snprintf(server->date, sizeof server->date, "%s, %02u %s %04u %02u:%02u:%02u GMT",
                 days[at.tm_wday], (unsigned)at.tm_mday % 100, months[at.tm_mon],
                 (unsigned)(at.tm_year + 1900) % 10000, (unsigned)at.tm_hour % 100,
                 (unsigned)at.tm_min % 100, (unsigned)at.tm_sec % 100);
        server->date_second = second;
    }
    return lia_span_text(server->date);
}

/* ---- later ---------------------------------------------------------------------------------- */

static void on_later(uv_idle_t *idle)
{
    lia_http_server *server = idle->data;
    lia_http_connection *connection = server->later_first;
    server->later_first = NULL;
    uv_idle_stop(idle);
    while (connection) {
        lia_http_connection *next = connection->later_next;
        connection->later = false;
        lia_http_connection_go_on(connection);
        connection = next;
    }
}

void lia_http_server_later(lia_http_connection *connection)
{
    lia_http_server *server = connection->server;
    if (connection->later) return;
    connection->later = true;
    connection->later_next = server->later_first;
    server->later_first = connection;
    uv_idle_start(&server->later, on_later);
}

void lia_http_server_forget_later(lia_http_connection *connection)
{
    if (!connection->later) return;
    connection->later = false;
    lia_http_connection **at = &connection->server->later_first;
    while (*at && *at != connection) at = &(*at)->later_next;
    if (*at) *at = connection->later_next;
}

/* ---- accepting ------------------------------------------------------------------------------ */

/* The connection that is missed least: a silent one, else any. */
static lia_http_connection *find_victim(lia_http_server *server)
{
    lia_http_connection *any = NULL;
    for (lia_http_connection *connection = server->connections; connection;
         connection = connection->next) {
        if (connection->state == LIA_HTTP_IDLE || connection->state == LIA_HTTP_LINGER)
            return connection;
        if (connection->state != LIA_HTTP_CLOSED) any = connection;
    }
    return any;
}

/* No file is left for another client, not even the one that libuv sets aside for this; it would
 * try again at once and for ever. Our spare file lets one client in to be turned away. */
static void make_room(lia_http_server *server)
{
    lia_http_connection *victim;
    if (server->spare_fd >= 0) {
        close(server->spare_fd);
        server->spare_fd = -1;
        server->turn_away = true;
    } else if ((victim = find_victim(server))) {
        lia_http_connection_close(victim, true);
    } else {
        uv_sleep(1); /* other parts of the process hold all files */
    }
}

static void turn_away(lia_http_server *server)
{
    server->turn_away = false;
    server->full = !lia_http_connection_accept(server);
    if (!server->full) lia_http_connection_close(server->connections, true);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_client(uv_stream_t *listener, int status)
{
    lia_http_server *server = listener->data;
    if (status < 0) {
        LIA_LOG(WARN, "http.accept.failed", LIA_TEXT("error", uv_strerror(status)));
        make_room(server);
        return;
    }
    if (server->turn_away) {
        turn_away(server);
        return;
    }
    /* libuv stops accepting while the one it holds is not taken; the rest waits in the backlog. */
    server->full = server->stats.connections >= server->options.connections_max ||
                   !lia_http_connection_accept(server);
    if (server->stats.connections || server->full) ensure_sweep(server);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *handle)
{
    lia_http_server *server = handle->data;
    if (--server->handles) return;
    lia_http_request_disown(server);
    if (server->spare_fd >= 0) close(server->spare_fd);
    void (*closed)(void *) = server->closed;
    void *context = server->closed_context;
    free(server);
    if (closed) closed(context);
}

/* Everything but the listener, which closes first. */
static void finish(lia_http_server *server)
{
    if (server->finished || server->connections) return;
    server->finished = true;
    uv_close((uv_handle_t *)&server->sweep, on_handle_closed);
    uv_close((uv_handle_t *)&server->grace, on_handle_closed);
    uv_close((uv_handle_t *)&server->later, on_handle_closed);
    uv_close((uv_handle_t *)&server->before_rest, on_handle_closed);
}

void lia_http_server_left(lia_http_server *server)
{
    if (server->draining) {
        finish(server);
    } else if (server->full) {
        take_waiting(server);
        ensure_sweep(server);
    }
}

static bool owes_answer(const lia_http_connection *connection)
{
    return connection->state == LIA_HTTP_BUSY || connection->state == LIA_HTTP_FLUSH;
}

static void on_grace_over(uv_timer_t *timer)
{
    lia_http_server *server = timer->data;
    for (lia_http_connection *connection = server->connections; connection;
         connection = connection->next)
        lia_http_connection_close(connection, false);
}

void lia_http_close(lia_http_server *server, uint32_t grace_ms, void (*closed)(void *),
                    void *context)
{
    if (!server) {
        if (closed) closed(context);
        return;
    }
    lia_assert(!server->draining);
    server->draining = true;
    server->closed = closed;
    server->closed_context = context;
    uv_close((uv_handle_t *)&server->listener, on_handle_closed);
    for (lia_http_connection *connection = server->connections; connection;
         connection = connection->next)
        if (grace_ms == 0 || !owes_answer(connection)) lia_http_connection_close(connection, false);
    uv_timer_start(&server->grace, on_grace_over, grace_ms, 0);
    finish(server);
}
