/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_inner - what a catalog is made of; between schema.c, catalog.c and catalog_build.c. */
#ifndef LIA_WIRE_CATALOG_INNER_H
#define LIA_WIRE_CATALOG_INNER_H

#include "common/wire/catalog.h"
#include "common/wire/schema_tables.h"
#include "proto/custom.pb-c.h"

/* catalog_build.c: type, meaning, scale and the like of a custom field's type. */
void lia_custom_make_type(lia_field *field, const Custom__CustomField *says);

struct lia_catalog {
    const lia_kind *kinds; /* by number; those that were compiled in first */
    size_t kind_count, compiled;
    uint64_t epoch;
    size_t holders; /* atomic */
    lia_catalog_problem *problems;
    size_t problem_count;
    lia_arena arena; /* all of it, itself too */
};

/* The calling thread's; never NULL. */
const lia_catalog *lia_catalog_current(void);

#endif
