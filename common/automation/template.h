/* SPDX-License-Identifier: Apache-2.0 */
/* template - text with values of a record in it:
 *
 *     Call {{name}} about {{customer.name}} by {{close_at - 3d}}; today is {{today}}
 *
 * Between the braces stands a field, one of its parts, a field of the record that a reference
 * names, `id`, `now` or `today` (midnight, UTC); behind an instant + or - and a period. A value
 * that is not there leaves nothing. Values are text as JSON has them, without quotes. */
#ifndef LIA_AUTOMATION_TEMPLATE_H
#define LIA_AUTOMATION_TEMPLATE_H

#include "common/wire/filter.h"

#define LIA_TEMPLATE_BYTES_MAX ((size_t)4 << 10)

/* What the text around a value is. */
typedef enum lia_template_as {
    LIA_AS_TEXT,
    LIA_AS_JSON, /* values are put as they stand between quotes: none can end a string or begin one
                  */
    LIA_AS_URL   /* percent-encoded, all but the unreserved characters (RFC 3986) */
} lia_template_as;

/* Checks a text against the fields of a kind. `why` says "column 14: no field 'contry' in
 * customer". LIA_EINVAL */
LIA_MUST_USE lia_err lia_template_check(lia_span text, const lia_kind *kind, lia_why *why);

/* Appends the text with its values; `subject` is a record of `kind`, whose world is asked for other
 * records. What lia_template_check refuses is left out. LIA_EFULL  the buffer */
LIA_MUST_USE lia_err lia_template_fill(lia_buf *out, lia_span text, const lia_kind *kind,
                                       const lia_filter_subject *subject, lia_template_as as);

/* Whether the text has values in it. */
bool lia_template_has_holes(lia_span text);

#endif
