/* SPDX-License-Identifier: Apache-2.0 */
/* Events told to the outside by a running node: what many live streams cost, and how quickly
 * webhooks are called. One thread, epoll.
 *
 *     streams_bench PORT PID fan CLIENTS EVENTS [QUERY]   memory a client, events a second to all
 * of them streams_bench PORT PID hook EVENTS PARALLEL         deliveries a second to a receiver
 * that is here
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
    int count = epoll_wait(poll, events, 256, ends < clients ? 10000 : 0);
    if (count == 0) die("nothing came for ten seconds");
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
    printf(
        "{\"what\":\"fan\",\"clients\":%zu,\"events\":%zu,\"bytes_a_client\":%ld,\"took_s\":%.2f,"
        "\"told_per_s\":%.0f,\"mb_per_s\":%.0f,\"rss_mb\":%ld}\n",
        clients, count, (open - before) * 1024 / (long)clients, took,
        (double)clients * (double)count / took, (double)bytes / took / 1e6, rss_kb() / 1024);
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
    int count = epoll_wait(poll, events, 64, 10000);
    if (count == 0) die("nothing came for ten seconds");
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
    printf("{\"what\":\"hook\",\"events\":%zu,\"parallel\":%u,\"took_s\":%.2f,\"per_s\":%.0f}\n",
           count, parallel, took, (double)count / took);
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
