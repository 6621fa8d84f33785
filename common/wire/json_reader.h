/* SPDX-License-Identifier: Apache-2.0 */
/* json_reader - where a reading of JSON stands, and how it says what is wrong; between json_read.c
 * (documents, objects, lists) and json_scalar.c (single values). */
#ifndef LIA_WIRE_JSON_READER_H
#define LIA_WIRE_JSON_READER_H

#include <jansson.h>

#include "common/wire/json.h"

/* One step down the document; text is made of the steps only when something is refused. */
typedef struct lia_json_step {
    const struct lia_json_step *up;
    const char *name; /* NULL: an element */
    size_t index;
} lia_json_step;

typedef struct lia_json_reader {
    lia_arena *arena;
    lia_why *why;
    lia_json_mode mode;
    const lia_json_step *at; /* NULL: the document */
} lia_json_reader;

/* LIA_EINVAL, with the place in front: "emails[1].value: a text is wanted". */
lia_err lia_json_refuse(const lia_json_reader *in, const char *format, ...) LIA_PRINTF(2, 3);

/* LIA_EFULL, in words. */
lia_err lia_json_refuse_size(const lia_json_reader *in);

/* Appends a value of any type but a message as the field's, or refuses it. */
lia_err lia_json_read_scalar(lia_json_reader *in, lia_buf *out, const lia_field *field,
                             const json_t *json);

#endif
