/* SPDX-License-Identifier: Apache-2.0 */
/* schema_tables - what tools/schemagen writes and schema.c looks up. Nobody else includes this. */
#ifndef LIA_WIRE_SCHEMA_TABLES_H
#define LIA_WIRE_SCHEMA_TABLES_H

#include "common/wire/schema.h"

typedef struct lia_schema_tables {
    const lia_kind *kinds; /* by number */
    size_t kind_count;
    const uint16_t *kind_places; /* number -> 1 + place in kinds; 0: none */
    size_t kind_places_count;
    const lia_fact *facts; /* by number */
    size_t fact_count;
    const uint16_t *fact_places;
    size_t fact_places_count;
    const lia_message *messages; /* by name */
    size_t message_count;
    const uint8_t *openapi;
    size_t openapi_size;
} lia_schema_tables;

extern const lia_schema_tables lia_schema;

#endif
