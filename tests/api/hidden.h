/* SPDX-License-Identifier: Apache-2.0 */
/* hidden - attempts at what somebody may not see: each must be answered like the same attempt at
 * what does not exist, byte for byte but for the id. */
#ifndef LIA_TESTS_API_HIDDEN_H
#define LIA_TESTS_API_HIDDEN_H

#include <stdio.h>
#include <string.h>

#include "tests/api/talk.h"
#include "tests/support/test.h"

/* An id that nothing has. */
static const char absent[] = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";

typedef struct attempt {
    const char *name, *method, *path, *body; /* {} stands for the id */
    const char *hidden;                      /* the id of what is there */
    unsigned status;                         /* both get it */
} attempt;

/* The text with one id instead of another. */
static inline void swap(char *text, const char *from, const char *to)
{
    for (char *at = text; (at = strstr(at, from)); at += strlen(to)) memcpy(at, to, strlen(to));
}

/* The pattern with the id in its place, if it has one. */
static inline void fill(const char *pattern, const char *id, char out[1024])
{
    const char *at = strstr(pattern, "{}");
    if (at)
        snprintf(out, 1024, "%.*s%s%s", (int)(at - pattern), pattern, id, at + 2);
    else
        snprintf(out, 1024, "%s", pattern);
}

/* `try` makes an attempt at an id. What is hidden must not say `secret` either (NULL: anything). */
static inline void check_hidden(const attempt *attempts, size_t count,
                                lia_reply (*try)(const attempt *a, const char *id),
                                const char *secret)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const attempt *a = &attempts[i];
        lia_reply hidden = try(a, a->hidden), nothing = try(a, absent);
        swap(hidden.body, a->hidden, absent);
        bool good = hidden.status == a->status && nothing.status == a->status &&
                    !strcmp(hidden.body, nothing.body) && !(secret && strstr(hidden.body, secret));
        if (!good)
            print_error("%s: hidden %u %.600s\n  absent %u %.600s\n", a->name, hidden.status,
                        hidden.body, nothing.status, nothing.body);
        wrong += !good;
        lia_reply_fini(&hidden);
        lia_reply_fini(&nothing);
    }
    CHECK_EQ(wrong, 0);
}

#endif
