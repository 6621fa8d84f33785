/* SPDX-License-Identifier: Apache-2.0 */
/* html - what records hold, as HTML for people: labels and values through the schema tables. All
 * text is escaped; nothing here writes a link, an attribute or a script from what was stored. */
#ifndef LIA_HTTP_HTML_H
#define LIA_HTTP_HTML_H

#include "common/http/api_inner.h"

/* Text with & < > " ' escaped; bytes that are not UTF-8 become U+FFFD. */
void lia_html_put_text(lia_buf *out, lia_span text);
/* "lost_note" as "Lost note", or the field's label. */
void lia_html_put_label(lia_buf *out, const lia_field *field);
/* "2026-11-22 08:30 UTC" */
void lia_html_put_time(lia_buf *out, lia_time time);
/* One value of a field; `rows` (may be NULL) finds what a reference is called, unless it is a
 * customer: that would be somebody else. */
void lia_html_put_value(lia_buf *out, const lia_field *field, lia_wire wire, lia_span payload,
                        const lia_rows *rows, lia_arena *arena);
/* <dl> of all known fields of a message; nothing when it has none. */
void lia_html_put_message(lia_buf *out, const lia_message *schema, lia_span message,
                          const lia_rows *rows, lia_arena *arena);

#endif
