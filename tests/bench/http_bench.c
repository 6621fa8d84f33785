/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API of a running node under load: the load generator of tools/bench. One thread, epoll,
 * keep-alive connections that each send the next request when the answer is there.
 *
 *     http_bench PORT import N FIRST      creates customers FIRST .. FIRST+N-1 by batchCreate,
 *                                         and appends their ids to the file "ids"
 *     http_bench PORT history N           N interactions for random customers of "ids"
 *     http_bench PORT log SECONDS CONNECTIONS    POST /interactions, one a request
 *     http_bench PORT page SECONDS CONNECTIONS   GET /customers/{id}?timeline=20
 *     http_bench PORT list SECONDS CONNECTIONS   GET /customers, 50 of one country
 *     http_bench PORT find SECONDS CONNECTIONS   GET /search: a name, a number, an e-mail
 *     http_bench PORT erase N CONNECTIONS        erases the last N customers of "ids" and takes
 *                                                them from it; POST /interactions meanwhile
 *
 * Prints JSON lines. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/time.h"

enum { ID_SIZE = 36, BATCH = 1000, BODY_MAX = 1 << 20 };

typedef struct connection {
    int fd;
    char *out;
    size_t out_size, out_sent;
    char *in;
    size_t in_size, in_capacity;
    uint64_t began_ns;
    bool waiting;
} connection;

typedef struct load {
    const char *what;
    int port, poll;
    connection *connections;
    size_t count;
    char (*ids)[ID_SIZE + 1];
    size_t id_count;
    uint64_t seed, sent, wanted, done, failed, next;
    uint64_t *took_ns;
    size_t took_count, took_max;
    uint64_t stop_ns;
    FILE *ids_out;
    pid_t eraser; /* the load goes on until this process ends */
} load;

static uint64_t dice(load *l)
{
    uint64_t z = (l->seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t head(char *to, const char *method, const char *path, const char *type, size_t body)
{
    return (size_t)sprintf(
        to, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
        method, path, type, body);
}

static size_t interaction(load *l, char *to)
{
    return (size_t)sprintf(
        to,
        "{\"customer\":\"%s\",\"type\":\"call\",\"channel\":\"phone\",\"direction\":\"inbound\","
        "\"occurred_at\":\"20%02u-%02u-%02uT10:00:00Z\",\"subject\":\"Delivery\",\"text\":\"Asked "
        "about "
        "the delivery of last week's order and was told that it leaves the house on Monday; "
        "wants a call when it does.\"}",
        l->ids[dice(l) % l->id_count], 24 + (unsigned)(dice(l) % 2), 1 + (unsigned)(dice(l) % 12),
        1 + (unsigned)(dice(l) % 28));
}

static size_t customer(load *l, char *to)
{
    static const char *const countries[] = {"AT", "BE", "CH", "CZ", "DE", "DK", "ES",
                                            "FI", "FR", "GB", "IE", "IT", "LU", "NL",
                                            "NO", "PL", "PT", "SE", "SI", "US"};
    uint64_t n = l->next++;
    return (size_t)sprintf(
        to,
        "{\"type\":\"person\",\"name\":\"Customer %08llu "
        "Example\",\"emails\":[{\"value\":\"c%llu@example.com\"}],"
        "\"phones\":[{\"value\":\"+4930%08llu\"}],\"country\":\"%s\",\"external_ids\":[{\"value\":"
        "\"bench:%llu\"}],\"tags\":[\"made-up\"]}",
        (unsigned long long)n, (unsigned long long)n, (unsigned long long)n,
        countries[n % (sizeof countries / sizeof *countries)], (unsigned long long)n);
}

/* Fifty of one country, or of one country and a tag, which all have. */
static size_t list_path(load *l, char *to)
{
    static const char *const countries[] = {"AT", "DE", "FR", "NL", "SE", "US"};
    uint64_t n = dice(l);
    return (size_t)sprintf(to,
                           "/api/v1/customers?page_size=50&filter=country%%20%%3D%%20%%22%s%%22%s",
                           countries[(n >> 8) % (sizeof countries / sizeof *countries)],
                           n % 2 ? "%20AND%20tags%3A%22made-up%22" : "");
}

static size_t find_path(load *l, char *to)
{
    uint64_t n = dice(l), which = (n >> 8) % l->id_count;
    static const char *const forms[] = {"Customer%%20%08llu", "bench%%3A%llu",
                                        "c%llu%%40example.com"};
    size_t size = (size_t)sprintf(to, "/api/v1/search?q=");
    return size + (size_t)sprintf(to + size, forms[n % 3], (unsigned long long)which);
}

/* Writes the next request into the connection. */
static void prepare(load *l, connection *c)
{
    static char body[BODY_MAX];
    size_t size = 0, count = 1;
    if (!strcmp(l->what, "page")) {
        c->out_size = (size_t)sprintf(
            c->out, "GET /api/v1/customers/%s?timeline=20 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            l->ids[dice(l) % l->id_count]);
    } else if (!strcmp(l->what, "list") || !strcmp(l->what, "find")) {
        char path[256];
        if (*l->what == 'l')
            list_path(l, path);
        else
            find_path(l, path);
        c->out_size = (size_t)sprintf(c->out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    } else if (!strcmp(l->what, "log") || l->eraser) {
        size = interaction(l, body);
        c->out_size = head(c->out, "POST", "/api/v1/interactions", "application/json", size);
        memcpy(c->out + c->out_size, body, size);
        c->out_size += size;
    } else {
        bool import = !strcmp(l->what, "import");
        count = l->wanted - l->sent < BATCH ? l->wanted - l->sent : BATCH;
        for (size_t i = 0; i < count; i++) {
            size += import ? customer(l, body + size) : interaction(l, body + size);
            body[size++] = '\n';
        }
        c->out_size =
            head(c->out, "POST",
                 import ? "/api/v1/customers:batchCreate" : "/api/v1/interactions:batchCreate",
                 "application/jsonl", size);
        memcpy(c->out + c->out_size, body, size);
        c->out_size += size;
    }
    l->sent += count;
    c->out_sent = 0;
    c->in_size = 0;
    c->waiting = true;
    c->began_ns = lia_time_ticks_ns();
}

static bool is_over(const load *l)
{
    if (l->eraser) return l->stop_ns;
    return l->wanted ? l->sent >= l->wanted : lia_time_ticks_ns() >= l->stop_ns;
}

static void keep_ids(load *l, const char *body)
{
    const char *at = body;
    while (l->ids_out && (at = strstr(at, "{\"id\":\""))) {
        fprintf(l->ids_out, "%.36s\n", at + 7);
        at += 40;
    }
}

/* True when a whole answer is in. */
static bool answered(load *l, connection *c)
{
    if (c->in_size < 12) return false;
    c->in[c->in_size] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return false;
    char *length = strcasestr(c->in, "\r\ncontent-length:");
    if (!length || length > end) {
        fprintf(stderr, "no length: %.200s\n", c->in);
        exit(1);
    }
    size_t body = strtoull(length + 17, NULL, 10);
    if ((size_t)(c->in + c->in_size - end) < 4 + body) return false;
    if (c->in[9] != '2') {
        if (!l->failed++) fprintf(stderr, "refused: %.400s\n", c->in);
    } else if (!strcmp(l->what, "import")) {
        keep_ids(l, end);
    }
    if (l->took_count < l->took_max)
        l->took_ns[l->took_count++] = lia_time_ticks_ns() - c->began_ns;
    l->done++;
    return true;
}

static void pump_out(connection *c)
{
    while (c->out_sent < c->out_size) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_size - c->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            perror("send");
            exit(1);
        }
        c->out_sent += (size_t)n;
    }
}

static void pump_in(load *l, connection *c)
{
    for (;;) {
        if (c->in_capacity - c->in_size < 65536) c->in = realloc(c->in, c->in_capacity += 262144);
        ssize_t n = recv(c->fd, c->in + c->in_size, c->in_capacity - c->in_size - 1, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            fprintf(stderr, "the node closed the connection\n");
            exit(1);
        }
        c->in_size += (size_t)n;
        if (answered(l, c)) {
            c->waiting = false;
            if (is_over(l)) return;
            prepare(l, c);
            pump_out(c);
        }
    }
}

static void connect_one(load *l, connection *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)l->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to)) {
        perror("connect");
        exit(1);
    }
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->out = malloc(BODY_MAX + 4096);
    c->in_capacity = 262144;
    c->in = malloc(c->in_capacity);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (ioctl(c->fd, FIONBIO, &on) || epoll_ctl(l->poll, EPOLL_CTL_ADD, c->fd, &event)) exit(1);
}

static bool any_waiting(const load *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->connections[i].waiting) return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void say(const load *l, const char *suffix, double value, const char *unit)
{
    printf("{\"name\":\"http.%s%s\",\"value\":%.3f,\"unit\":\"%s\"}\n", l->what, suffix, value,
           unit);
}

static void run(load *l)
{
    uint64_t began = lia_time_ticks_ns();
    for (size_t i = 0; i < l->count; i++) {
        if (i && is_over(l)) break;
        prepare(l, &l->connections[i]);
        pump_out(&l->connections[i]);
    }
    struct epoll_event events[256];
    while (any_waiting(l)) {
        int status, n = epoll_wait(l->poll, events, 256, 1000);
        if (l->eraser && !l->stop_ns && waitpid(l->eraser, &status, WNOHANG) == l->eraser)
            l->stop_ns = 1;
        for (int i = 0; i < n; i++) {
            connection *c = events[i].data.ptr;
            if (!c->waiting) continue;
            pump_out(c);
            if (events[i].events & EPOLLIN) pump_in(l, c);
        }
    }
    double seconds = (double)(lia_time_ticks_ns() - began) / 1e9;
    qsort(l->took_ns, l->took_count, sizeof *l->took_ns, by_number);
    char suffix[64];
    double rows = l->wanted ? (double)l->wanted : (double)l->done;
    snprintf(suffix, sizeof suffix, l->wanted ? "_per_s" : "_%zu_clients_per_s", l->count);
    say(l, suffix, rows / seconds, "1/s");
    if (!l->wanted && l->took_count) {
        snprintf(suffix, sizeof suffix, "_%zu_clients_p50", l->count);
        say(l, suffix, (double)l->took_ns[l->took_count / 2] / 1e6, "ms");
        snprintf(suffix, sizeof suffix, "_%zu_clients_p99", l->count);
        say(l, suffix, (double)l->took_ns[l->took_count * 99 / 100] / 1e6, "ms");
        snprintf(suffix, sizeof suffix, "_%zu_clients_longest", l->count);
        say(l, suffix, (double)l->took_ns[l->took_count - 1] / 1e6, "ms");
    }
    if (l->failed) {
        fprintf(stderr, "%llu requests were refused\n", (unsigned long long)l->failed);
        exit(1);
    }
}

static void read_ids(load *l)
{
    FILE *in = fopen("ids", "r");
    size_t capacity = 1 << 21;
    l->ids = calloc(capacity, sizeof *l->ids);
    while (in && l->id_count < capacity && fscanf(in, "%36s", l->ids[l->id_count]) == 1)
        l->id_count++;
    if (in) fclose(in);
    if (!l->id_count) {
        fprintf(stderr, "no ids; run import first\n");
        exit(1);
    }
}

/* ---- erasing ----------------------------------------------------------------------------------
 */

/* Asks on a connection of its own and returns the answer's text. */
static const char *ask(const load *l, const char *method, const char *path)
{
    static char text[65536];
    connection c = {0};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)l->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c.fd = socket(AF_INET, SOCK_STREAM, 0);
    int size = snprintf(text, sizeof text,
                        "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                        "Content-Length: 0\r\n\r\n",
                        method, path);
    if (c.fd < 0 || connect(c.fd, (struct sockaddr *)&to, sizeof to) ||
        send(c.fd, text, (size_t)size, MSG_NOSIGNAL) != size) {
        perror("ask");
        exit(1);
    }
    size_t used = 0;
    ssize_t n;
    while ((n = recv(c.fd, text + used, sizeof text - 1 - used, 0)) > 0) used += (size_t)n;
    text[used] = 0;
    close(c.fd);
    return text;
}

static void figure(const char *name, uint64_t began_ns)
{
    printf("{\"name\":\"erase.%s\",\"value\":%.3f,\"unit\":\"s\"}\n", name,
           (double)(lia_time_ticks_ns() - began_ns) / 1e9);
}

/* Erases, and tells how long each phase of the pass took and how long the longest look at the
 * progress had to wait for its answer. */
static void erase_customers(const load *l, size_t count)
{
    char path[128], phase[16] = "", now[16];
    uint64_t began = lia_time_ticks_ns(), phase_began = began, longest = 0;
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/api/v1/customers/%s:erase", l->ids[l->id_count + i]);
        if (strncmp(ask(l, "POST", path), "HTTP/1.1 200", 12)) exit(1);
    }
    figure("requests", began);
    for (bool begun = false;;) {
        uint64_t asked = lia_time_ticks_ns();
        const char *found = strstr(ask(l, "GET", "/api/v1/status"), "\"erasing\":");
        uint64_t took = lia_time_ticks_ns() - asked;
        if (took > longest) longest = took;
        if (found) found = strstr(found, "\"phase\":\"");
        snprintf(now, sizeof now, "%.*s", found ? (int)strcspn(found + 9, "\"") : 0,
                 found ? found + 9 : "");
        if (strcmp(now, phase)) {
            if (*phase) figure(phase, phase_began);
            phase_began = lia_time_ticks_ns();
            snprintf(phase, sizeof phase, "%s", now);
        }
        if (begun && !found) break;
        begun |= found != NULL;
        usleep(5000);
    }
    figure("pass", began);
    printf("{\"name\":\"erase.longest_status\",\"value\":%.3f,\"unit\":\"ms\"}\n",
           (double)longest / 1e6);
}

/* The customers are taken from "ids" first, so that the load beside asks for others. */
static void start_erasing(load *l, size_t count)
{
    if (count >= l->id_count || truncate("ids", (off_t)((l->id_count - count) * (ID_SIZE + 1)))) {
        fprintf(stderr, "not so many ids\n");
        exit(1);
    }
    l->id_count -= count;
    l->eraser = fork();
    if (l->eraser == 0) {
        erase_customers(l, count);
        exit(0);
    }
    l->stop_ns = 0;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: http_bench PORT import|history|log|page|list|find|erase NUMBER "
                        "[CONNECTIONS|FIRST]\n");
        return 2;
    }
    load l = {
        .port = atoi(argv[1]), .what = argv[2], .seed = (uint64_t)getpid(), .took_max = 4000000};
    uint64_t number = strtoull(argv[3], NULL, 10);
    l.took_ns = calloc(l.took_max, sizeof *l.took_ns);
    if (!strcmp(l.what, "import") || !strcmp(l.what, "history")) {
        l.wanted = number;
        l.count = 4;
        l.next = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    } else {
        l.count = argc > 4 ? strtoull(argv[4], NULL, 10) : 64;
        l.stop_ns = lia_time_ticks_ns() + number * 1000000000u;
    }
    if (!strcmp(l.what, "import"))
        l.ids_out = fopen("ids", "a");
    else
        read_ids(&l);
    if (!strcmp(l.what, "erase")) start_erasing(&l, number);
    l.poll = epoll_create1(0);
    l.connections = calloc(l.count, sizeof *l.connections);
    for (size_t i = 0; i < l.count; i++) connect_one(&l, &l.connections[i]);
    run(&l);
    if (l.ids_out) fclose(l.ids_out);
    return 0;
}
