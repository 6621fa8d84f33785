/* SPDX-License-Identifier: Apache-2.0 */
/* Events told to the outside by a running node: what many live streams cost, and how quickly
 * webhooks are called. One thread, epoll.
 *
 *     streams_bench PORT PID fan CLIENTS EVENTS [QUERY]
 *         memory a client, events a second told to all of them, and what two sockets for each would
 *         take without a node
 *     streams_bench PORT PID hook EVENTS PARALLEL
 *         deliveries a second to a receiver that is here; the node needs --webhooks-to-private
 *
 * Prints JSON lines. PID is the node's. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/time.h"

enum { BATCH = 500, READ = 1 << 16, BODY_MAX = 1 << 20, FDS = 8192 };

static int port;
static long pid;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int reach(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    return fd;
}

static void send_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) die("send");
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* A request on a connection of its own; the answer's beginning is kept. */
static void ask(const char *path, const char *type, const char *body, char *answer, size_t room)
{
    char head[512];
    size_t got = 0;
    ssize_t count;
    int fd = reach();
    int size = snprintf(head, sizeof head,
                        "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        path, type, strlen(body));
    send_all(fd, head, (size_t)size);
    send_all(fd, body, strlen(body));
    while (got < room - 1 && (count = recv(fd, answer + got, room - 1 - got, 0)) > 0)
        got += (size_t)count;
    answer[got] = 0;
    close(fd);
}

static void make_customers(size_t count)
{
    static char body[BODY_MAX], answer[READ];
    for (size_t made = 0; made < count;) {
        size_t size = 0;
        for (size_t i = 0; i < BATCH && made < count; i++, made++)
            size += (size_t)sprintf(body + size,
                                    "{\"type\":\"person\",\"name\":\"Customer %08zu\",\"country\":"
                                    "\"DE\",\"tags\":[\"made-up\"]}\n",
                                    made);
        ask("/api/v1/customers:batchCreate", "application/jsonl", body, answer, sizeof answer);
        if (!strstr(answer, " 200 ")) die(answer);
    }
}

static long rss_kb(void)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1) break;
    fclose(file);
    return kb;
}

static double seconds_since(uint64_t began_ns)
{
    return (double)(lia_time_ticks_ns() - began_ns) / 1e9;
}

/* ---- many streams ---------------------------------------------------------------------------- */

static size_t drain(int poll, size_t ends, size_t clients, uint64_t *bytes)
{
    static char waste[READ];
    struct epoll_event events[256];
    int count = epoll_wait(poll, events, 256, ends < clients ? 60000 : 0);
    if (count == 0) die("nothing came for a minute");
    for (int i = 0; i < count; i++) {
        ssize_t got = recv(events[i].data.fd, waste, sizeof waste, MSG_DONTWAIT);
        if (got > 0) *bytes += (uint64_t)got;
        if (got == 0) {
            close(events[i].data.fd);
            ends++;
        }
    }
    return ends;
}

static void say(const char *name, const char *figure, double value, const char *unit)
{
    printf("{\"name\":\"%s_%s\",\"value\":%.1f,\"unit\":\"%s\"}\n", name, figure, value, unit);
}

/* The same bytes through as many connections, in portions as a stream's, made and read by nobody.
 */
static void bare(const char *name, size_t clients, uint64_t bytes)
{
    static char portion[READ];
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof here;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int door = socket(AF_INET, SOCK_STREAM, 0), *ends = calloc(2 * clients, sizeof *ends);
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 1024)) die("listen");
    getsockname(door, (struct sockaddr *)&here, &size);
    for (size_t i = 0; i < clients; i++) {
        ends[2 * i] = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(ends[2 * i], (struct sockaddr *)&here, size)) die("connect");
        ends[2 * i + 1] = accept(door, NULL, NULL);
    }
    uint64_t sent = 0, began = lia_time_ticks_ns();
    while (sent < bytes)
        for (size_t i = 0; i < clients && sent < bytes; i++, sent += READ / 4) {
            send_all(ends[2 * i], portion, READ / 4);
            for (size_t got = 0; got < READ / 4;) {
                ssize_t more = recv(ends[2 * i + 1], portion, READ / 4 - got, 0);
                if (more <= 0) die("recv");
                got += (size_t)more;
            }
        }
    say(name, "bytes_per_s_without_a_node", (double)sent / seconds_since(began) / 1e6, "MB/s");
    for (size_t i = 0; i < 2 * clients; i++) close(ends[i]);
    close(door);
    free(ends);
}

static void fan(size_t clients, size_t count, const char *query)
{
    char request[512];
    uint64_t bytes = 0;
    size_t ends = 0;
    int poll = epoll_create1(0);
    long before = rss_kb();
    int size = snprintf(request, sizeof request,
                        "GET /api/v1/events?kind=customers&limit=%zu%s%s HTTP/1.1\r\n"
                        "Host: localhost\r\n\r\n",
                        count, query ? "&" : "", query ? query : "");
    for (size_t i = 0; i < clients; i++) {
        char head[512];
        int fd = reach();
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        send_all(fd, request, (size_t)size);
        if (recv(fd, head, sizeof head, 0) <= 0 || !strstr(head, " 200 ")) die("stream");
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
    long open = rss_kb();
    pid_t writer = fork();
    if (writer == 0) {
        make_customers(count);
        _exit(0);
    }
    uint64_t began = lia_time_ticks_ns();
    while (ends < clients) ends = drain(poll, ends, clients, &bytes);
    double took = seconds_since(began);
    char name[64];
    snprintf(name, sizeof name, "streams.%zu_clients", clients);
    say(name, "told_per_s", (double)clients * (double)count / took, "1/s");
    say(name, "bytes_per_s", (double)bytes / took / 1e6, "MB/s");
    say(name, "memory_a_client", (double)(open - before) / (double)clients, "KiB");
    bare(name, clients, bytes);
}

/* ---- webhooks -------------------------------------------------------------------------------- */

typedef struct conversation {
    char in[READ];
    size_t size;
} conversation;

/* Answers whole requests; their number. */
static size_t answer(int fd, conversation *c)
{
    static const char yes[] = "HTTP/1.1 204 No Content\r\n\r\n";
    size_t done = 0;
    for (;;) {
        c->in[c->size] = 0;
        char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "content-length:");
        if (!end || !length) return done;
        size_t whole = (size_t)(end - c->in) + 4 + strtoul(length + 15, NULL, 10);
        if (c->size < whole) return done;
        send_all(fd, yes, sizeof yes - 1);
        c->size -= whole;
        memmove(c->in, c->in + whole, c->size);
        done++;
    }
}

static size_t receive_some(int poll, int door, conversation **all)
{
    struct epoll_event events[64];
    size_t done = 0;
    int count = epoll_wait(poll, events, 64, 60000);
    if (count == 0) die("nothing came for a minute");
    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        if (fd == door) {
            int fresh = accept(door, NULL, NULL);
            struct epoll_event event = {.events = EPOLLIN, .data.fd = fresh};
            all[fresh] = calloc(1, sizeof **all);
            epoll_ctl(poll, EPOLL_CTL_ADD, fresh, &event);
            continue;
        }
        conversation *c = all[fd];
        ssize_t got = recv(fd, c->in + c->size, sizeof c->in - 1 - c->size, 0);
        if (got <= 0) {
            close(fd);
            continue;
        }
        c->size += (size_t)got;
        done += answer(fd, c);
    }
    return done;
}

static void hook(size_t count, unsigned parallel)
{
    static conversation *all[FDS];
    char body[512], said[READ];
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof here;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int door = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 64)) die("listen");
    getsockname(door, (struct sockaddr *)&here, &size);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = door};
    epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
    snprintf(body, sizeof body,
             "{\"name\":\"bench\",\"url\":\"http://127.0.0.1:%u/\",\"topic\":"
             "\"sales.record.created\",\"kind\":\"customers\",\"parallel\":%u}",
             ntohs(here.sin_port), parallel);
    ask("/api/v1/webhooks", "application/json", body, said, sizeof said);
    if (!strstr(said, " 201 ")) die(said);
    pid_t writer = fork();
    if (writer == 0) {
        make_customers(count);
        _exit(0);
    }
    uint64_t began = lia_time_ticks_ns();
    for (size_t done = 0; done < count;) done += receive_some(poll, door, all);
    double took = seconds_since(began);
    char name[64];
    snprintf(name, sizeof name, "webhook.%u_at_once", parallel);
    say(name, "deliveries_per_s", (double)count / took, "1/s");
}

int main(int argc, char **argv)
{
    struct rlimit limit = {FDS, FDS};
    setrlimit(RLIMIT_NOFILE, &limit);
    if (argc < 6) die("PORT PID fan CLIENTS EVENTS | hook EVENTS PARALLEL");
    port = atoi(argv[1]);
    pid = atol(argv[2]);
    size_t first = strtoul(argv[4], NULL, 10), second = strtoul(argv[5], NULL, 10);
    if (!strcmp(argv[3], "fan"))
        fan(first, second, argc > 6 ? argv[6] : NULL);
    else
        hook(first, (unsigned)second);
    return 0;
}
