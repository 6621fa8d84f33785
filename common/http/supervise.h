/* SPDX-License-Identifier: Apache-2.0 */
/* supervise - tells whoever started this process how it is: lines in a datagram to the socket that
 * NOTIFY_SOCKET names, and a sign of life within WATCHDOG_USEC (sd_notify(3),
 * sd_watchdog_enabled(3)). Without these variables nothing is said. Loop thread only. */
#ifndef LIA_HTTP_SUPERVISE_H
#define LIA_HTTP_SUPERVISE_H

#include "common/base/err.h"

/* Reads the variables and takes them out of the environment: what is started from here is not
 * meant. */
void lia_supervise_begin(void);
/* Whether somebody listens. */
bool lia_supervised(void);
/* "READY=1", "STATUS=..."; lines are separated by \n. What cannot be delivered within a second is
 * lost: no node stops because of it. */
void lia_supervise_tell(const char *format, ...) LIA_PRINTF(1, 2);
/* How often a sign of life is wanted, in ms: half of what the watchdog waits; 0: none is. */
uint64_t lia_supervise_every_ms(void);

#endif
