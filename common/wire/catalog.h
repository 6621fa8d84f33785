/* SPDX-License-Identifier: Apache-2.0 */
/* catalog - the kinds and fields as they are at one moment: what was compiled in, and what
 * administrators have added since (proto/custom.proto). A catalog never changes; whoever adds a
 * field makes another one. The lookups of schema.h answer from the catalog of the calling thread,
 * so that nothing else knows of custom fields.
 *
 *     definitions (records 65, 66) --build--> catalog --use--> schema.h: JSON, filters, rights, ...
 *
 * Numbers, so that they never change and two nodes that are apart give no number twice:
 *     a field of a kind    2^28 + the first 28 bits of a hash of its definition's id
 *     a kind               1000 + a hash of the id, modulo 64,536
 *     an option            the first 31 bits of a hash of its name
 * Two with one number: the lower id has it, and the other one is left out, which is said. Names
 * that are taken, by what was compiled in or by a lower id, get _2, _3 ... behind them. Archived
 * fields keep name and number and are left out; archived kinds are there, secret. */
#ifndef LIA_WIRE_CATALOG_H
#define LIA_WIRE_CATALOG_H

#include "common/base/buf.h"
#include "common/wire/schema.h"

typedef struct lia_catalog lia_catalog;

/* A definition as it stands in its record. */
typedef struct lia_custom_definition {
    lia_id id;
    uint16_t kind;    /* LIA_CUSTOM_FIELD or LIA_CUSTOM_KIND */
    lia_span message; /* of that kind */
    bool ready;       /* of a field: its index is complete */
} lia_custom_definition;

/* Why a definition is not, or not as it was meant, in the catalog. */
typedef struct lia_catalog_problem {
    lia_id definition;
    uint16_t kind;
    const char *why;
} lia_catalog_problem;

/* Bounds. A definition beyond them is left out, the highest ids first. */
#define LIA_CUSTOM_KINDS_MAX   100
#define LIA_CUSTOM_FIELDS_MAX  200  /* of one kind */
#define LIA_CUSTOM_OPTIONS_MAX 200  /* of one field */
#define LIA_CUSTOM_ALL_MAX     2000 /* fields of all kinds: what a node keeps in memory */
#define LIA_CUSTOM_NAME_MAX    40
#define LIA_CUSTOM_LABEL_MAX   100
#define LIA_CUSTOM_HELP_MAX    500

enum { LIA_CUSTOM_KIND_FIRST = 1000, LIA_CUSTOM_FIELD_FIRST = 1 << 28 };

/* Makes a catalog of all definitions that there are, in any order; nothing is borrowed. It has one
 * holder.   LIA_EFULL  memory */
LIA_MUST_USE lia_err lia_catalog_build(lia_catalog **out, const lia_custom_definition *definitions,
                                       size_t count);

/* One more holder; the last one that releases it frees it. Any thread. NULL is what was compiled
 * in, which is always there. */
const lia_catalog *lia_catalog_hold(const lia_catalog *catalog);
void lia_catalog_release(const lia_catalog *catalog);

/* From here on the calling thread's lookups are answered from this one (NULL: what was compiled
 * in), which it holds until it uses another. A thread that has used one uses NULL before it ends.
 * Whoever keeps pointers for longer holds the catalog, too. */
void lia_catalog_use(const lia_catalog *catalog);
/* The calling thread's, NULL: what was compiled in. */
const lia_catalog *lia_catalog_now(void);
/* Differs between any two catalogs of a process; 0: what was compiled in. Whoever keeps what was
 * parsed makes it anew when this has changed. */
uint64_t lia_catalog_epoch(void);

/* By ascending id. */
const lia_catalog_problem *lia_catalog_problems(size_t *count);

/* ---- what a definition must be, before it is recorded ---------------------------------------- */

/* Small letters, digits and _, beginning with a letter, LIA_CUSTOM_NAME_MAX at most. */
bool lia_custom_name_is_valid(const char *name);
/* Names that records have beside their fields, or paths of the API, and so no field or kind. */
bool lia_custom_field_is_reserved(const char *name);
bool lia_custom_kind_is_reserved(const char *name);

uint32_t lia_custom_field_number(lia_id definition);
uint16_t lia_custom_kind_number(lia_id definition);
int32_t lia_custom_option_number(const char *name);
/* Whether a field of that type (Custom__FieldType) may have so many digits behind the point: a decimal 0
 * to LIA_DECIMAL_SCALE_MAX, others none. */
bool lia_custom_scale_is_valid(int type, int32_t scale);

/* What a record holds that is made without the field, as it stands in a message: of `preset`, which is
 * written as a CSV's cell would be (common/exchange): a date, a number, true, an option's name.
 *   LIA_EINVAL  `why` says what is wanted     LIA_EFULL */
struct Custom__CustomField;
LIA_MUST_USE lia_err lia_custom_preset(lia_span *out, const struct Custom__CustomField *says,
                                       uint32_t number, lia_arena *arena, lia_why *why);

/* Whether a kind may have custom fields: those that people create and change, but not those by
 * which administrators govern. */
bool lia_kind_is_extensible(const lia_kind *kind);

/* The kind of that definition, archived or not; NULL when there is none. */
const lia_kind *lia_kind_by_definition(lia_id definition);

/* ---- as an API document ---------------------------------------------------------------------- */

/* Appends the members of the OpenAPI 3.1 "components.schemas" object, without its braces. `look`
 * gives a kind as somebody sees it, NULL: not at all; what is compiled in is in the document
 * whoever looks. `look` NULL: all. */
void lia_catalog_put_openapi(lia_buf *out, const lia_kind *(*look)(const void *, uint32_t),
                             const void *context);

#endif
