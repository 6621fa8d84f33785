/* SPDX-License-Identifier: Apache-2.0 */
/* values - fields with their values as people write them in a step, made into a JSON object that is
 * read like one from outside: the same checks, the same errors. */
#ifndef LIA_AUTOMATION_VALUES_H
#define LIA_AUTOMATION_VALUES_H

#include "common/automation/template.h"
#include "common/wire/json.h"
#include "proto/automation.pb-c.h"

/* A list of values, and what they are for. */
typedef struct lia_values {
    Automation__StepValue **list;
    size_t count;
    const lia_message *target; /* whose fields they are */
    lia_json_mode mode;        /* PATCH: of a record that is there; CREATE; COMMAND */
    const lia_kind *source;    /* of the record that holes are filled from */
} lia_values;

/* Checks names, holes and what has no holes. `why` begins with the field's name.
 *   LIA_EINVAL  LIA_EFULL */
LIA_MUST_USE lia_err lia_values_check(const lia_values *values, lia_arena *arena, lia_why *why);

/* Makes the object. An empty value clears a field of a record that is there, and is left out
 * otherwise. +element and -element add to and take from a set of the subject's own message.
 * `first` (may be empty) is what the object begins with, without a brace: "\"customer\":\"...\"".
 *   LIA_EFULL */
LIA_MUST_USE lia_err lia_values_put(lia_buf *out, const lia_values *values,
                                    const lia_filter_subject *subject, lia_span first);

#endif
