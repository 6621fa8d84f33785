/* SPDX-License-Identifier: Apache-2.0 */
/* client - one HTTP exchange over a connection of its own. */
#ifndef LIA_TESTS_API_CLIENT_H
#define LIA_TESTS_API_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lia_reply {
    unsigned status;
    char *head; /* malloc'd, NUL-terminated */
    char *body; /* malloc'd, NUL-terminated, chunks joined */
    size_t body_size;
} lia_reply;

/* The same in two steps: sends and returns the socket, -1 when that fails; then reads all of the
 * answer and closes. */
int lia_ask(uint16_t port, const char *bytes, size_t size);
bool lia_listen_to_end(int fd, lia_reply *out);

/* Sends the bytes to 127.0.0.1:port and reads until the peer closes or the length is reached.
 * False when that fails. */
bool lia_exchange(uint16_t port, const char *bytes, size_t size, lia_reply *out);
void lia_reply_fini(lia_reply *reply);

/* A header's value, cut out into `value`. */
bool lia_reply_header(const lia_reply *reply, const char *name, char *value, size_t size);

#endif
