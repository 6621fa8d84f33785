/* SPDX-License-Identifier: Apache-2.0 */
/* address - which network addresses deliveries may go to. A webhook's address is anybody's word;
 * what it leads to must not be this machine, the network that it stands in, or a cloud's table of
 * secrets. Pure. */
#ifndef LIA_HOOKS_ADDRESS_H
#define LIA_HOOKS_ADDRESS_H

#include <sys/socket.h>

#include "common/base/err.h"

/* Whether it is an address of the public internet: not one that IANA's special-purpose registries
 * (RFC 6890 and its updates) keep for something else, also not when it stands within an IPv6 one.
 */
bool lia_address_is_public(const struct sockaddr *address);

/* Whether deliveries can be sent to it at all: http or https, a host, no name and password in it.
 *   LIA_EINVAL  with a sentence */
LIA_MUST_USE lia_err lia_hook_url_check(const char *url, lia_why *why);

#endif
