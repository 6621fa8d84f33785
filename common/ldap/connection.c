/* SPDX-License-Identifier: Apache-2.0 */
/* All is asked asynchronously and waited for in short steps: so everything has one end in time,
 * and a process that ends does not wait for a directory. Options are set at each handle, since
 * libldap takes its own from files and the environment, and could be talked out of TLS there. */
#include "common/ldap/connection.h"

#include <errno.h>
#include <openldap.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/ldap/words.h"

#define USUAL_MS   5000
#define STEP_MS    100                  /* until the next look whether to hurry */
#define ANSWER_MAX ((ber_len_t)1 << 20) /* bytes of one message */

/* ---- saying what went wrong ------------------------------------------------------------------ */

static lia_err fail(const lia_ldap_connection *c, lia_err err, const char *step, int result)
{
    char *more = NULL;
    if (c->to) ldap_get_option(c->to, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
    bool says = result == LDAP_SERVER_DOWN || result == LDAP_CONNECT_ERROR; /* else of a person */
    lia_why_set(c->why, err, "%s: %s%s%.150s", step, ldap_err2string(result),
                says && more && *more ? ": " : "", says && more ? more : "");
    ldap_memfree(more);
    return err;
}

static lia_err too_late(const lia_ldap_connection *c, const char *step)
{
    return lia_why_set(c->why, LIA_EIO, "%s: the directory does not answer in time", step);
}

/* ---- time ------------------------------------------------------------------------------------ */

static int64_t left_ms(const lia_ldap_connection *c)
{
    return lia_ldap_left_ms(&c->limit);
}

static struct timeval time_of(int64_t ms)
{
    return (struct timeval){ms / 1000, ms % 1000 * 1000};
}

/* Between the socket and TLS. Debian's libldap has GnuTLS try again at once for as long as a server
 * says nothing in the middle of a handshake, whatever the time (tests/ldap/ask_test.sh stops one
 * there): so what is read and written waits here, and fails when the time is over. */

static bool wait_io(const lia_ldap_connection *c, Sockbuf *socket, short what)
{
    struct pollfd watched = {.fd = -1, .events = what};
    ber_sockbuf_ctrl(socket, LBER_SB_OPT_GET_FD, &watched.fd);
    for (;;) {
        int64_t left = left_ms(c);
        int ready = left ? poll(&watched, 1, (int)(left < STEP_MS ? left : STEP_MS)) : 0;
        if (ready > 0) return true;
        if (!left || (ready < 0 && errno != EINTR)) break;
    }
    errno = ETIMEDOUT;
    return false;
}

static int io_setup(Sockbuf_IO_Desc *io, void *connection)
{
    io->sbiod_pvt = connection;
    return 0;
}

static int io_control(Sockbuf_IO_Desc *io, int option, void *argument)
{
    return LBER_SBIOD_CTRL_NEXT(io, option, argument);
}

static ber_slen_t io_read(Sockbuf_IO_Desc *io, void *bytes, ber_len_t size)
{
    return wait_io(io->sbiod_pvt, io->sbiod_sb, POLLIN) ? LBER_SBIOD_READ_NEXT(io, bytes, size)
                                                        : -1;
}

/* libldap says goodbye to a server that has hung up, too: that is no reason for a signal. */
static ber_slen_t io_write(Sockbuf_IO_Desc *io, void *bytes, ber_len_t size)
{
    ber_socket_t fd = -1;
    if (!wait_io(io->sbiod_pvt, io->sbiod_sb, POLLOUT)) return -1;
    ber_sockbuf_ctrl(io->sbiod_sb, LBER_SB_OPT_GET_FD, &fd);
    return send(fd, bytes, size, MSG_NOSIGNAL);
}

static Sockbuf_IO io_in_time = {
    .sbi_setup = io_setup, .sbi_ctrl = io_control, .sbi_read = io_read, .sbi_write = io_write};

/* The next message of `id`, which the caller frees; NULL: there is none in time, or no more. */
static LDAPMessage *wait_for(const lia_ldap_connection *c, int id, int *type)
{
    LDAPMessage *message = NULL;
    *type = 0;
    while (*type == 0) {
        int64_t left = left_ms(c);
        if (!left) break;
        struct timeval step = time_of(left < STEP_MS ? left : STEP_MS);
        *type = ldap_result(c->to, id, LDAP_MSG_ONE, &step, &message);
    }
    if (*type > 0) return message;
    ldap_msgfree(message);
    if (*type == 0) ldap_abandon_ext(c->to, id, NULL, NULL);
    return NULL;
}

/* Waits for the one answer of an operation. */
static lia_err finish(const lia_ldap_connection *c, int id, const char *step, int *result)
{
    int type;
    LDAPMessage *message = wait_for(c, id, &type);
    *result = LDAP_SERVER_DOWN;
    if (!message) return type ? fail(c, LIA_EIO, step, *result) : too_late(c, step);
    int parsed = ldap_parse_result(c->to, message, result, NULL, NULL, NULL, NULL, 1);
    return parsed == LDAP_SUCCESS ? LIA_OK : fail(c, LIA_EIO, step, parsed);
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool set(const lia_ldap_connection *c, int option, const void *value)
{
    return ldap_set_option(c->to, option, value) == LDAP_OPT_SUCCESS;
}

static bool set_number(const lia_ldap_connection *c, int option, int value)
{
    return set(c, option, &value);
}

static bool set_tls(const lia_ldap_connection *c, const char *ca_file)
{
    return set_number(c, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND) &&
           set_number(c, LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2) &&
           set(c, LDAP_OPT_X_TLS_CACERTDIR, NULL) && set(c, LDAP_OPT_X_TLS_CACERTFILE, ca_file) &&
           set(c, LDAP_OPT_X_TLS_CERTFILE, NULL) && set(c, LDAP_OPT_X_TLS_KEYFILE, NULL) &&
           set(c, LDAP_OPT_X_TLS_CIPHER_SUITE, NULL) && set_number(c, LDAP_OPT_X_TLS_NEWCTX, 0);
}

static bool set_up(const lia_ldap_connection *c, const char *ca_file)
{
    Sockbuf *socket = NULL;
    ber_len_t most = ANSWER_MAX;
    struct timeval limit = time_of(left_ms(c));
    return set_number(c, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3) &&
           set(c, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) &&
           set_number(c, LDAP_OPT_DEREF, LDAP_DEREF_NEVER) &&
           set(c, LDAP_OPT_NETWORK_TIMEOUT, &limit) && set(c, LDAP_OPT_TIMEOUT, &limit) &&
           ldap_get_option(c->to, LDAP_OPT_SOCKBUF, &socket) == LDAP_OPT_SUCCESS &&
           ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &most) >= 0 &&
           ber_sockbuf_add_io(socket, &io_in_time, LBER_SBIOD_LEVEL_PROVIDER + 1,
                              (void *)(uintptr_t)c) == 0 &&
           (!ca_file || set_tls(c, ca_file));
}

static lia_err start_tls(const lia_ldap_connection *c)
{
    static const char step[] = "StartTLS";
    int id, result = ldap_start_tls(c->to, NULL, NULL, &id);
    if (result != LDAP_SUCCESS) return fail(c, LIA_EIO, step, result);
    lia_err err = finish(c, id, step, &result);
    if (err) return err;
    if (result == LDAP_SUCCESS) result = ldap_install_tls(c->to);
    return result == LDAP_SUCCESS ? LIA_OK : fail(c, LIA_EIO, step, result);
}

/* TLS, by the handshake at once or after asking for it. */
static lia_err secure(const lia_ldap_connection *c, const lia_ldap_options *options, bool at_once)
{
    if (!options->ca_file && lia_ldap_url_is_here(options->url)) return LIA_OK;
    int result = at_once ? ldap_install_tls(c->to) : LDAP_SUCCESS;
    if (result != LDAP_SUCCESS)
        return left_ms(c) ? fail(c, LIA_EIO, "connecting", result) : too_late(c, "connecting");
    lia_err err = at_once ? LIA_OK : start_tls(c);
    if (!err && !ldap_tls_inplace(c->to))
        err = lia_why_set(c->why, LIA_EIO, "connecting: there is no TLS");
    return err;
}

/* libldap is given a socket: it would look up the name itself, for as long as that takes. */
static lia_err connect_to(lia_ldap_connection *c, const lia_ldap_options *options)
{
    int socket;
    LDAPURLDesc *url = NULL;
    if (ldap_url_parse(options->url, &url) != LDAP_URL_SUCCESS || !url->lud_host) {
        ldap_free_urldesc(url);
        return lia_why_set(c->why, LIA_EINVAL, "connecting: ldap is no address of a directory");
    }
    bool at_once = strcasecmp(url->lud_scheme, "ldaps") == 0;
    lia_err err = lia_ldap_reach(&socket, url->lud_host, url->lud_port, &c->limit, c->why);
    ldap_free_urldesc(url);
    if (err) return err;
    int result = ldap_init_fd(socket, LDAP_PROTO_TCP, options->url, &c->to);
    if (result != LDAP_SUCCESS) {
        close(socket);
        c->to = NULL;
        return fail(c, LIA_EIO, "connecting", result);
    }
    if (!set_up(c, options->ca_file))
        return lia_why_set(c->why, LIA_EIO,
                           "connecting: the certificates of ldap-ca cannot be used");
    return secure(c, options, at_once);
}

lia_err lia_ldap_open(lia_ldap_connection *out, const lia_ldap_question *question, lia_why *why)
{
    const lia_ldap_options *options = question->options;
    int64_t most = options->timeout_ms ? options->timeout_ms : USUAL_MS;
    *out = (lia_ldap_connection){
        .limit = {.until_ms = lia_time_ticks_ms() + most, .hurry = question->hurry}, .why = why};
    if (!options->ca_file && !lia_ldap_url_is_here(options->url))
        return lia_why_set(why, LIA_EIO, "connecting: without TLS no password leaves this machine");
    if (!left_ms(out)) return too_late(out, "connecting");
    lia_err err = connect_to(out, options);
    if (err) lia_ldap_close(out);
    return err;
}

void lia_ldap_close(lia_ldap_connection *connection)
{
    if (connection->to) ldap_unbind_ext(connection->to, NULL, NULL);
    connection->to = NULL;
}

/* ---- binding --------------------------------------------------------------------------------- */

/* What servers say to a password that is wrong, and to accounts that may not sign in. */
static bool is_no(int result)
{
    switch (result) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_CONSTRAINT_VIOLATION:
    case LDAP_UNWILLING_TO_PERFORM:
        return true;
    default:
        return false;
    }
}

lia_err lia_ldap_bind(lia_ldap_connection *connection, const char *name, const char *password)
{
    static const char step[] = "signing in there";
    struct berval secret = {strlen(password), (char *)(uintptr_t)password};
    int id;
    if (!*name || !*password) /* RFC 4513 section 5.1.2: nobody, and yet a yes */
        return lia_why_set(connection->why, LIA_EDENIED, "%s: no name or no password", step);
    int result = ldap_sasl_bind(connection->to, name, LDAP_SASL_SIMPLE, &secret, NULL, NULL, &id);
    if (result != LDAP_SUCCESS) return fail(connection, LIA_EIO, step, result);
    lia_err err = finish(connection, id, step, &result);
    if (err || result == LDAP_SUCCESS) return err;
    return fail(connection, is_no(result) ? LIA_EDENIED : LIA_EIO, step, result);
}

/* ---- looking --------------------------------------------------------------------------------- */

static lia_err end_of(const lia_ldap_connection *c, LDAPMessage *message)
{
    static const char step[] = "looking";
    int result;
    int parsed = ldap_parse_result(c->to, message, &result, NULL, NULL, NULL, NULL, 0);
    if (parsed != LDAP_SUCCESS) return fail(c, LIA_EIO, step, parsed);
    switch (result) {
    case LDAP_SUCCESS:
        return LIA_OK;
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
        return fail(c, LIA_EFULL, step, result);
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_FILTER_ERROR:
    case LDAP_INSUFFICIENT_ACCESS:
        return fail(c, LIA_EINVAL, step, result);
    default:
        return fail(c, LIA_EIO, step, result);
    }
}

/* References to other servers are passed over. */
static lia_err take(const lia_ldap_connection *c, const lia_ldap_search *search, int id)
{
    static const char step[] = "looking";
    int type, count = 0;
    for (;;) {
        lia_err err = LIA_OK;
        LDAPMessage *message = wait_for(c, id, &type);
        if (!message) return type ? fail(c, LIA_EIO, step, LDAP_SERVER_DOWN) : too_late(c, step);
        if (type == LDAP_RES_SEARCH_RESULT) {
            err = end_of(c, message);
            ldap_msgfree(message);
            return err;
        }
        if (type == LDAP_RES_SEARCH_ENTRY) {
            bool fits = count++ < search->most;
            err = fits ? search->found(search->context, c->to, message)
                       : fail(c, LIA_EFULL, step, LDAP_SIZELIMIT_EXCEEDED);
        }
        ldap_msgfree(message);
        if (err) {
            ldap_abandon_ext(c->to, id, NULL, NULL);
            return err;
        }
    }
}

lia_err lia_ldap_look(lia_ldap_connection *connection, const lia_ldap_search *search)
{
    int id;
    struct timeval limit = time_of(left_ms(connection));
    if (limit.tv_sec < 1) limit.tv_sec = 1; /* the server counts in whole seconds; 0: for ever */
    int result = ldap_search_ext(connection->to, search->base, LDAP_SCOPE_SUBTREE, search->filter,
                                 search->attributes, 0, NULL, NULL, &limit, search->most, &id);
    if (result == LDAP_FILTER_ERROR) return fail(connection, LIA_EINVAL, "looking", result);
    if (result != LDAP_SUCCESS) return fail(connection, LIA_EIO, "looking", result);
    return take(connection, search, id);
}
