/* SPDX-License-Identifier: Apache-2.0 */
/* run - a department's main(): flags, node, API, signals, orderly end. */
#ifndef LIA_HTTP_RUN_H
#define LIA_HTTP_RUN_H

#include "common/node/service.h"

/* Runs the service until SIGINT or SIGTERM, then commits what was taken and closes. A second
 * signal ends at once: what was acknowledged is on the disk anyway. Returns the exit status: 0, 1
 * when it could not start, 2 for wrong flags. The line "node.ready" is logged once commands are
 * taken. */
int lia_run(int argc, char **argv, const lia_service *service);

#endif
