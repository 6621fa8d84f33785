/* SPDX-License-Identifier: Apache-2.0 */
/* password - which passwords people may choose. */
#ifndef LIA_ACCESS_PASSWORD_H
#define LIA_ACCESS_PASSWORD_H

#include "common/base/err.h"

#define LIA_PASSWORD_BYTES_MIN 10
#define LIA_PASSWORD_BYTES_MAX 256

/* Whether it may become somebody's password: long enough, and not what is tried first (NIST SP
 * 800-63B section 5.1.1.2): one character or a run of neighbours, a common password with something
 * behind it, one of the words in `mine` (name, e-mail; without regard to case). `why` says what is
 * wanted. LIA_EINVAL */
LIA_MUST_USE lia_err lia_password_check(lia_span password, const lia_span *mine, size_t count,
                                        lia_why *why);

#endif
