/* SPDX-License-Identifier: Apache-2.0 */
/* definitions - custom fields and kinds as this node's records say, made into the catalog that the
 * writer thread looks into and hands to all others. Internal to common/node; writer thread only.
 *
 *     event writes record 65 or 66 -> stale -> before the next event of another kind, the next command,
 *     the commit: read all definitions, build, use; the loop takes it over with the commit */
#ifndef LIA_NODE_DEFINITIONS_H
#define LIA_NODE_DEFINITIONS_H

#include "common/node/rows.h"
#include "common/wire/catalog.h"

typedef struct lia_definitions {
    const lia_catalog *catalog; /* held; NULL: there are no definitions */
    const lia_catalog **former; /* held until nobody up the stack can look at them */
    size_t former_count, former_room;
    bool stale;
    lia_arena arena;
} lia_definitions;

LIA_MUST_USE lia_err lia_definitions_open(lia_definitions *definitions);
void lia_definitions_close(lia_definitions *definitions);

static inline bool lia_is_definition(uint32_t kind)
{
    return kind == LIA_CUSTOM_FIELD || kind == LIA_CUSTOM_KIND;
}

/* Brings the catalog in step with the rows and has the calling thread use it; costs nothing while
 * nothing has changed.   LIA_EFULL  LIA_ECORRUPT  LIA_EIO */
LIA_MUST_USE lia_err lia_definitions_settle(lia_definitions *definitions, const lia_rows *rows);

/* Nobody looks at former catalogs any more: a batch begins. */
void lia_definitions_forget(lia_definitions *definitions);

#endif
