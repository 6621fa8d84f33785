/* SPDX-License-Identifier: Apache-2.0 */
/* A table of customers that goes into a running node as one file, in one stream of pieces on one
 * connection, as a client that imports does it; the rows are made while they are sent.
 *
 *     import_bench PORT ROWS [FIRST]      rows a second, also of each piece, since it must not fall
 *                                         with the size of the base; FIRST is the first row's
 * number
 *
 * Prints JSON lines. Ids of what was made are not asked for; names, numbers and countries follow
 * from the row's number, so that http_bench can look for them. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/time.h"

enum { PIECE = 4 << 20, ROW_MAX = 256, ANSWER_MAX = 1 << 16 };

static int fd;

static void die(const char *what)
{
    fprintf(stderr, "import_bench: %s\n", what);
    exit(1);
}

static void reach(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) die("no node there");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void send_all(const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) die("the node hung up");
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* One request on the connection; the answer's body, which must be a yes. */
static const char *ask(const char *path, const char *type, const char *body, size_t size)
{
    static char answer[ANSWER_MAX];
    char head[512];
    size_t got = 0, whole = 0;
    int count = snprintf(head, sizeof head,
                         "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n"
                         "Content-Length: %zu\r\n\r\n",
                         path, type, size);
    send_all(head, (size_t)count);
    send_all(body, size);
    while (!whole || got < whole) {
        ssize_t more = recv(fd, answer + got, sizeof answer - 1 - got, 0);
        if (more <= 0) die("the node hung up");
        got += (size_t)more;
        answer[got] = 0;
        char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "content-length:");
        if (end && length) whole = (size_t)(end - answer) + 4 + strtoul(length + 15, NULL, 10);
    }
    if (answer[9] != '2') die(answer);
    return strstr(answer, "\r\n\r\n") + 4;
}

static unsigned long number_of(const char *json, const char *member)
{
    const char *at = strstr(json, member);
    if (!at) die(json);
    return strtoul(at + strlen(member), NULL, 10);
}

static size_t put_row(char *to, unsigned long n)
{
    static const char *const countries[] = {"AT", "BE", "CH", "CZ", "DE", "DK", "ES",
                                            "FI", "FR", "GB", "IE", "IT", "LU", "NL",
                                            "NO", "PL", "PT", "SE", "SI", "US"};
    return (size_t)snprintf(
        to, ROW_MAX, "bench:%lu,Customer %08lu Example,c%lu@example.com,+4930%08lu,%s,made-up\n", n,
        n, n, n, countries[n % (sizeof countries / sizeof *countries)]);
}

/* Of one piece: how many rows came before it, and its rate. */
static void tell(unsigned long before, unsigned long rows, uint64_t began_ns)
{
    double took = (double)(lia_time_ticks_ns() - began_ns) / 1e9;
    printf("{\"name\":\"import.piece\",\"value\":%.0f,\"unit\":\"1/s\",\"before\":%lu}\n",
           (double)rows / took, before);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 3) die("PORT ROWS [FIRST]");
    unsigned long rows = strtoul(argv[2], NULL, 10),
                  next = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    unsigned long last = next + rows, offset = 0;
    static char piece[PIECE + ROW_MAX];
    char path[128], id[40];
    reach(atoi(argv[1]));
    static const char question[] =
        "{\"kind\":\"customers\",\"format\":\"csv\",\"mode\":\"create\",\"key\":\"external_ids."
        "value\","
        "\"mapping\":{\"number\":\"external_ids.value\",\"name\":\"name\",\"mail\":\"emails."
        "value\","
        "\"phone\":\"phones.value\",\"country\":\"country\",\"tags\":\"tags\"}}";
    const char *made = ask("/api/v1/imports", "application/json", question, strlen(question));
    const char *at = strstr(made, "\"id\":\"");
    if (!at) die(made);
    snprintf(id, sizeof id, "%.36s", at + 6);
    uint64_t began = lia_time_ticks_ns();
    const char *progress = "";
    do {
        size_t size = 0;
        uint64_t piece_ns = lia_time_ticks_ns();
        unsigned long before = rows - (last - next);
        if (!offset) size = (size_t)sprintf(piece, "number,name,mail,phone,country,tags\n");
        while (next < last && size < PIECE) size += put_row(piece + size, next++);
        snprintf(path, sizeof path, "/api/v1/imports/%s:run?offset=%lu&last=%s", id, offset,
                 next == last ? "true" : "false");
        progress = ask(path, "text/csv", piece, size);
        offset += size;
        if (number_of(progress, "\"offset\":") != offset) die("a piece was not taken whole");
        tell(before, rows - (last - next) - before, piece_ns);
    } while (next < last);
    double took = (double)(lia_time_ticks_ns() - began) / 1e9;
    if (number_of(progress, "\"created\":") != rows) die(progress);
    printf("{\"name\":\"import.rows_per_s\",\"value\":%.0f,\"unit\":\"1/s\"}\n",
           (double)rows / took);
    return 0;
}
