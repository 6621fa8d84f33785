/* SPDX-License-Identifier: Apache-2.0 */
/* person - everything that is known about one customer, told slice by slice: each slice reads for
 * itself and is some ten kilobytes, so an export of any size holds little and keeps no snapshot.
 *
 *     the records of the customer (all members)    the records that name them, kind by kind
 *     the timeline of all departments              every event about them, with values long
 * replaced who looked at their data here                the end, which says that it is whole
 *
 * It is for who may see all of it: nothing is left out for anybody's rights.
 *
 * Of a record that also spoke of others only what events about this customer said is told. What
 * changes between two slices is told as it is when its slice comes; an erasure ends the telling. */
#ifndef LIA_HTTP_PERSON_H
#define LIA_HTTP_PERSON_H

#include "common/http/api_golden.h"
#include "common/http/api_timeline.h"

typedef struct lia_person lia_person;

/* How it is written. Sections come in order; each piece belongs to the last one that was begun. */
typedef struct lia_person_form {
    const char *content_type, *suffix; /* of the file's name */
    void (*begin)(lia_person *person);
    void (*section)(lia_person *person, const char *name, const char *label);
    void (*section_end)(lia_person *person);
    void (*record)(lia_person *person, const lia_shown *shown);
    lia_err (*entry)(lia_person *person, const lia_timeline_entry *entry, lia_id whose);
    void (*event)(lia_person *person, const lia_event *event);
    void (*look)(lia_person *person, const lia_audit_entry *entry);
    void (*end)(lia_person *person);
} lia_person_form;

extern const lia_person_form lia_person_json, lia_person_html;

struct lia_person {
    const lia_api *api;
    const lia_person_form *form;
    lia_id customer; /* what they are called: one of the members */
    lia_id members[LIA_MEMBERS_SHOWN_MAX];
    size_t member_count;
    bool looks; /* whether it is told who looked at them */
    lia_time at;
    /* of the slice */
    const lia_rows *rows;
    lia_arena *arena;
    lia_buf *out;
    const char *section; /* that is open, or was */
    size_t pieces;       /* in it so far */
    /* where it stands */
    unsigned stage;
    size_t kind, member;
    bool in_section;
    uint8_t after[LIA_ID_SIZE + 4]; /* last key of the scan, or place on the timeline */
    size_t after_size;
    uint64_t arrival;
    lia_trail_place place;
};

/* Writes the next slice to `out`; *done after the last one. The arena is the slice's.
 *   LIA_EGONE   erased meanwhile: what was told must not be passed on   and as lia_rows_get */
LIA_MUST_USE lia_err lia_person_next(lia_person *person, const lia_rows *rows, lia_arena *arena,
                                     lia_buf *out, bool *done);

#endif
