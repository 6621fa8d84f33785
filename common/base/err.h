/* SPDX-License-Identifier: Apache-2.0 */
/* err - the three ways to say no: the world fails (lia_err), the business declines (lia_refusal),
 * and a person is told why (lia_why). */
#ifndef LIA_BASE_ERR_H
#define LIA_BASE_ERR_H

#include "common/base/span.h"

/* name, sentence for people */
#define LIA_ERRORS(X)                                                                              \
    X(LIA_OK, "done")                                                                              \
    X(LIA_EABSENT, "there is no such thing")                                                       \
    X(LIA_EEXIST, "it is there already")                                                           \
    X(LIA_EINVAL, "the input is not valid")                                                        \
    X(LIA_EFULL, "a limit of memory, disk or queue is reached")                                    \
    X(LIA_EIO, "the disk or the network failed")                                                   \
    X(LIA_ECORRUPT, "stored bytes are not what was written")                                       \
    X(LIA_ECONFLICT, "somebody else changed it first")                                             \
    X(LIA_EREFUSED, "a rule of the business declines it")                                          \
    X(LIA_EDENIED, "the right to do this is missing")                                              \
    X(LIA_EBUSY, "somebody else is using it")                                                      \
    X(LIA_ECLOSED, "it is closed or closing")                                                      \
    X(LIA_EOWNER, "another department owns this work")                                             \
    X(LIA_EREUSED, "the idempotency key was used for another request")                             \
    X(LIA_EVERSION, "a newer version wrote it")                                                    \
    X(LIA_EGONE, "it was erased")

typedef enum lia_err {
#define X(name, sentence) name,
    LIA_ERRORS(X)
#undef X
        LIA_ERR_COUNT
} lia_err;

/* The name ("LIA_EIO") and the sentence of an error. Static strings. */
const char *lia_err_name(lia_err err);
const char *lia_err_text(lia_err err);

/* One sentence that tells a person what happened and what to do. Filled by whoever opens or
 * parses; zeroed means nothing was said. */
typedef struct lia_why {
    char text[384];
} lia_why;

/* Writes the sentence, cut to size. `why` may be NULL. Returns `err`, so a failing function can
 * end with `return lia_why_set(why, LIA_EIO, "...")`. */
lia_err lia_why_set(lia_why *why, lia_err err, const char *format, ...) LIA_PRINTF(3, 4);

/* What a business rule answers when it declines. Each noun defines its own constants; NULL means
 * allowed. `code` is stable and machine-readable ("deal-is-closed"), `text` a sentence. */
typedef struct lia_refusal_text {
    const char *code;
    const char *text;
} lia_refusal_text;
typedef const lia_refusal_text *lia_refusal;
#define LIA_ALLOWED ((lia_refusal)NULL)

#endif
