/* SPDX-License-Identifier: Apache-2.0 */
/* assert - a bug stops the process, in release too. Never used on bytes from outside. */
#ifndef LIA_BASE_ASSERT_H
#define LIA_BASE_ASSERT_H

_Noreturn void lia_assert_failed(const char *expression, const char *file, int line);

#define lia_assert(expression)                                                                     \
    (__builtin_expect(!!(expression), 1) ? (void)0                                                 \
                                         : lia_assert_failed(#expression, __FILE__, __LINE__))

#endif
