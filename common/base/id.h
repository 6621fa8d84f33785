/* SPDX-License-Identifier: Apache-2.0 */
/* id - record ids: UUIDs, version 7 (RFC 9562 section 5.7) so that new ones sort last. */
#ifndef LIA_BASE_ID_H
#define LIA_BASE_ID_H

#include "common/base/err.h"

#define LIA_ID_SIZE      16
#define LIA_ID_TEXT_SIZE 37 /* 36 characters and a NUL */

typedef struct lia_id {
    uint8_t bytes[LIA_ID_SIZE];
} lia_id;

#define LIA_ID_NONE ((lia_id){{0}})

static inline bool lia_id_is_none(lia_id id)
{
    static const lia_id none = {{0}};
    return memcmp(&id, &none, sizeof id) == 0;
}
static inline bool lia_id_equal(lia_id a, lia_id b) { return memcmp(&a, &b, sizeof a) == 0; }
static inline lia_span lia_id_span(const lia_id *id) { return lia_span_make(id->bytes, 16); }

/* The id in `span`, or the none id when it is not 16 bytes. */
lia_id lia_id_from(lia_span span);

/* A new id: `unix_ms` in the first 48 bits, then a per-process counter and random bits, so ids of
 * one process are strictly increasing. Thread safe. */
lia_id lia_id_make(int64_t unix_ms);

/* An id that depends only on `seed` (UUID version 8): the same seed gives the same id on every
 * node. Used for answers that must exist once, whoever computes them. */
lia_id lia_id_derive(const char *domain, lia_span seed);
/* The same, and where `like` is of version 7 the id sorts by its millisecond. */
lia_id lia_id_derive_like(const char *domain, lia_span seed, lia_id like);
/* The same of version 7: it sorts by that millisecond, and so does what is derived like it. */
lia_id lia_id_derive_at(const char *domain, lia_span seed, int64_t unix_ms);

/* When a new id was made, as it says itself; false for ids of other versions. */
bool lia_id_time(lia_id id, int64_t *unix_ms);

/* Lower-case text with dashes, NUL-terminated. */
void lia_id_print(lia_id id, char text[LIA_ID_TEXT_SIZE]);

/* Reads 36 characters, either case.
 *   LIA_EINVAL   not a UUID */
LIA_MUST_USE lia_err lia_id_parse(lia_span text, lia_id *out);

#endif
