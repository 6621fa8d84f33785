/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static char *read_all(int fd, size_t *size)
{
    size_t capacity = 64 << 10;
    char *bytes = malloc(capacity + 1);
    *size = 0;
    for (;;) {
        ssize_t got = recv(fd, bytes + *size, capacity - *size, 0);
        if (got <= 0) break;
        *size += (size_t)got;
        if (*size == capacity) bytes = realloc(bytes, (capacity *= 2) + 1);
    }
    bytes[*size] = 0;
    return bytes;
}

bool lia_reply_header(const lia_reply *reply, const char *name, char *value, size_t size)
{
    size_t name_size = strlen(name);
    for (const char *line = strstr(reply->head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, name_size) != 0 || line[name_size] != ':') continue;
        line += name_size + 1;
        while (*line == ' ') line++;
        snprintf(value, size, "%.*s", (int)strcspn(line, "\r"), line);
        return true;
    }
    return false;
}

/* Joins chunks in place. */
static void join_chunks(lia_reply *reply)
{
    char *from = reply->body, *to = reply->body;
    for (;;) {
        char *data;
        size_t size = strtoul(from, &data, 16);
        if (!size || data == from) break;
        data += 2;
        if (data + size > reply->body + reply->body_size) break;
        memmove(to, data, size);
        to += size;
        from = data + size + 2;
    }
    *to = 0;
    reply->body_size = (size_t)(to - reply->body);
}

int lia_ask(uint16_t port, const char *bytes, size_t size)
{
    int fd = connect_to(port);
    if (fd < 0 || send_all(fd, bytes, size)) return fd;
    close(fd);
    return -1;
}

bool lia_listen_to_end(int fd, lia_reply *out)
{
    char value[64];
    size_t got;
    *out = (lia_reply){0};
    char *all = read_all(fd, &got);
    close(fd);
    char *end = strstr(all, "\r\n\r\n");
    if (!end || sscanf(all, "HTTP/1.1 %u", &out->status) != 1) {
        free(all);
        return false;
    }
    size_t head_size = (size_t)(end - all) + 2;
    out->head = strndup(all, head_size);
    out->body_size = got - head_size - 2;
    out->body = malloc(out->body_size + 1);
    memcpy(out->body, end + 4, out->body_size + 1);
    free(all);
    if (lia_reply_header(out, "Transfer-Encoding", value, sizeof value)) join_chunks(out);
    return true;
}

bool lia_exchange(uint16_t port, const char *bytes, size_t size, lia_reply *out)
{
    *out = (lia_reply){0};
    int fd = lia_ask(port, bytes, size);
    return fd >= 0 && lia_listen_to_end(fd, out);
}

void lia_reply_fini(lia_reply *reply)
{
    free(reply->head);
    free(reply->body);
}
