/* SPDX-License-Identifier: Apache-2.0 */
/* text - what of a record is searched: the fields that its kind, as somebody sees it, marks as
 * searchable. A hidden field is not in that kind, so its text is never looked at. Pure. */
#ifndef LIA_SEARCH_TEXT_H
#define LIA_SEARCH_TEXT_H

#include "common/wire/pb.h"
#include "common/wire/schema.h"

/* How much a match in it says. */
typedef enum lia_text_class {
    LIA_TEXT_LONG,  /* notes, bodies, articles */
    LIA_TEXT_SHORT, /* names beside the title, e-mails, numbers, tags */
    LIA_TEXT_PHONE,
    LIA_TEXT_TITLE, /* what the record is called */
} lia_text_class;

typedef struct lia_text {
    const lia_field *field;
    lia_text_class class;
    lia_span text;
} lia_text;

/* Whether a field is searched, and as what. */
bool lia_text_searched(const lia_kind *kind, const lia_field *field, lia_text_class *class);
/* Whether any field of the kind is. */
bool lia_text_any(const lia_kind *kind);

/* A walk over the texts of a message of `kind`; both are borrowed. */
typedef struct lia_texts {
    const lia_kind *kind;
    lia_pb_reader reader;
} lia_texts;

static inline lia_texts lia_texts_of(const lia_kind *kind, lia_span message)
{
    return (lia_texts){kind, lia_pb_read(message)};
}
bool lia_texts_next(lia_texts *texts, lia_text *out);

/* The record's name, or nothing. */
lia_span lia_text_title(const lia_kind *kind, lia_span message);

#endif
