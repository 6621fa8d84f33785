/* SPDX-License-Identifier: Apache-2.0 */
/* address - "127.0.0.1:27104" or "[::1]:27104", numeric only: libzmq resolves names inside its
 * I/O thread, where a slow name server would stall all traffic. */
#ifndef LIA_BUS_ADDRESS_H
#define LIA_BUS_ADDRESS_H

#include <netinet/in.h>

#include "common/base/err.h"

#define LIA_ENDPOINT_SIZE 80 /* "tcp://" and an address */

typedef struct lia_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } to;
    socklen_t size;
} lia_address;

/* LIA_EINVAL   not numeric, or the port is not 1 to 65535 */
LIA_MUST_USE lia_err lia_address_parse(const char *text, lia_address *out);

/* "tcp://127.0.0.1:27104" */
void lia_address_endpoint(const char *text, char endpoint[LIA_ENDPOINT_SIZE]);

/* A non-blocking listening socket in *fd, the caller's to close.
 *   LIA_EBUSY  somebody listens there          LIA_EINVAL  not an address of this machine
 *   LIA_EIO    the system refuses */
LIA_MUST_USE lia_err lia_address_listen(const char *text, int *fd, lia_why *why);

#endif
