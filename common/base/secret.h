/* SPDX-License-Identifier: Apache-2.0 */
/* secret - a file that holds a password or token, as operators, systemd's LoadCredential and
 * Kubernetes give it. */
#ifndef LIA_BASE_SECRET_H
#define LIA_BASE_SECRET_H

#include <stddef.h>

#include "common/base/err.h"

/* Reads the file into `text` of `size` bytes and ends it with NUL; `what` names it in messages
 * ("the mail server's login"). The caller wipes `text`.
 *   LIA_EIO      it can't be read
 *   LIA_EINVAL   others may read it, it holds NUL, or more than fits */
LIA_MUST_USE lia_err lia_secret_read(const char *path, const char *what, char *text, size_t size,
                                     lia_why *why);

#endif
