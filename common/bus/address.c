/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that wait while the loop is busy accepting; a cluster reconnecting at once. */
#define BACKLOG 256

static bool parse_port(const char *text, uint16_t *port)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] || text[0] == '0') return false;
    unsigned long value = strtoul(text, NULL, 10);
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool parse_v6(const char *host, uint16_t port, lia_address *out)
{
    out->to.v6.sin6_family = AF_INET6;
    out->to.v6.sin6_port = htons(port);
    out->size = sizeof out->to.v6;
    return inet_pton(AF_INET6, host, &out->to.v6.sin6_addr) == 1;
}

static bool parse_v4(const char *host, uint16_t port, lia_address *out)
{
    out->to.v4.sin_family = AF_INET;
    out->to.v4.sin_port = htons(port);
    out->size = sizeof out->to.v4;
    return inet_pton(AF_INET, host, &out->to.v4.sin_addr) == 1;
}

lia_err lia_address_parse(const char *text, lia_address *out)
{
    char host[64];
    uint16_t port;
    *out = (lia_address){0};
    const char *colon = strrchr(text, ':');
    if (!colon || !parse_port(colon + 1, &port)) return LIA_EINVAL;
    size_t size = (size_t)(colon - text);
    bool bracketed = size >= 2 && text[0] == '[' && colon[-1] == ']';
    if (bracketed) text++, size -= 2;
    if (size >= sizeof host) return LIA_EINVAL;
    memcpy(host, text, size);
    host[size] = 0;
    bool ok = bracketed ? parse_v6(host, port, out) : parse_v4(host, port, out);
    return ok ? LIA_OK : LIA_EINVAL;
}

void lia_address_endpoint(const char *text, char endpoint[LIA_ENDPOINT_SIZE])
{
    snprintf(endpoint, LIA_ENDPOINT_SIZE, "tcp://%s", text);
}

static lia_err refuse(const char *text, int error, lia_why *why)
{
    if (error == EADDRINUSE)
        return lia_why_set(why, LIA_EBUSY,
                           "%s is taken: another process listens on this address and port", text);
    if (error == EADDRNOTAVAIL)
        return lia_why_set(why, LIA_EINVAL, "%s is not an address of this machine", text);
    return lia_why_set(why, LIA_EIO, "cannot listen on %s: %s", text, strerror(error));
}

lia_err lia_address_listen(const char *text, int *fd, lia_why *why)
{
    lia_address address;
    *fd = -1;
    if (lia_address_parse(text, &address))
        return lia_why_set(why, LIA_EINVAL,
                           "\"%s\" is not a numeric address with a port, like 127.0.0.1:27104",
                           text);
    int made = socket(address.to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return refuse(text, errno, why);
    /* Without this a restarted node would wait a minute for its old connections' TIME_WAIT. */
    int yes = 1;
    if (setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) ||
        bind(made, &address.to.any, address.size) || listen(made, BACKLOG)) {
        int error = errno;
        close(made);
        return refuse(text, error, why);
    }
    *fd = made;
    return LIA_OK;
}
