/* SPDX-License-Identifier: Apache-2.0 */
/* rows - how views are laid out, and reading records, timelines and indexes from them. Used by
 * the writer (newest state) and by readers (a snapshot) alike.
 *
 *     'r' kind(2) id(16) 00                            -> registers, or a pointer into the log
 *     'r' kind(2) id(16) 01                            -> place of a changed record's timeline row
 *     'r' kind(2) id(16) 02                            -> empty: it has parts, see parts.h
 *     'r' kind(2) id(16) 02 customer(16)               -> what events about that customer said
 *     'r' kind(2) id(16) 08 ...                      -> arrival(8): an event that wrote it, see changes.h
 *     'r' customer(2) id(16) 10 ~ms(8) node(2) inc(2) seq(6)  -> arrival(8) flags(1): timeline, newest first
 *     'r' customer(2) id(16) 20 kind(2) id(16)         -> empty: a record that names this customer
 *     'r' customer(2) id(16) 30 kind(2) id(16)         -> empty: a record with a part of theirs
 *     'x' kind(2) field(2) value 00 id(16)             -> empty: secondary index
 *     'y' kind(2) field(4) value 00 id(16)             -> empty: the same of a custom field
 *     'z' kind(2) field(4)                             -> how far that is, see indexing.h
 *     'a' ...                                          -> arrival(8): who wrote what, see deeds.h
 *     'k' command(16)                                  -> lia_command_note: idempotency
 *     'e' customer(16)                                 -> rows(8): erased, and how many rows went
 *     'b'                                              -> arrival(8): what is blanked, see blank.h
 *     'd' bucket(2)                                    -> state digest of a bucket of records
 *     'i'                                              -> imports(8): rows of base that are in, see import.h
 *     'f' ...                                          -> rows of the department's own folds
 *     'c' ...                                          -> who is one customer, see identity/layout.h
 *
 * So everything about one customer stands together: its registers, its timeline, its records. A
 * record of an in-log kind (an interaction) that was written once is not copied: its row names the
 * event that holds it. */
#ifndef LIA_NODE_ROWS_H
#define LIA_NODE_ROWS_H

#include "common/store/log.h"
#include "common/store/views.h"
#include <protobuf-c/protobuf-c.h>

#include "common/base/buf.h"
#include "common/wire/record.h"
#include "common/wire/schema.h"

/* One place to read from. Either the writer's own state or a snapshot. */
typedef struct lia_rows {
    lia_views *views;       /* the writer's: newest state; or NULL */
    lia_snapshot *snapshot; /* a reader's; or NULL */
    lia_log_reader *log;
    /* Events of the batch under way that are not in the log yet (writer only): arrival numbers
     * from pending_first on. */
    const lia_span *pending;
    uint64_t pending_first;
    size_t pending_count;
    const struct lia_catalog *catalog; /* of a worker's: it uses that while it reads (wire/catalog.h) */
} lia_rows;

/* LIA_EABSENT when there is no such row. *value is valid until the next write (writer) or the end
 * of the snapshot. */
LIA_MUST_USE lia_err lia_rows_get(const lia_rows *rows, lia_span key, lia_span *value);
LIA_MUST_USE lia_err lia_rows_scan(const lia_rows *rows, lia_span prefix, lia_scan **out);
/* Whether any row begins so. */
LIA_MUST_USE lia_err lia_rows_any(const lia_rows *rows, lia_span prefix, bool *any);
/* The event at an arrival number, pending ones included. */
LIA_MUST_USE lia_err lia_rows_event(const lia_rows *rows, uint64_t arrival, lia_span *event);

/* The event at a position, in a block or kept. It borrows the log. LIA_EABSENT: it has not come or has
 * left. */
LIA_MUST_USE lia_err lia_rows_position(const lia_rows *rows, lia_position position, lia_span *event);

/* ---- keys ----------------------------------------------------------------------------------- */

typedef struct lia_key {
    uint8_t bytes[LIA_VIEW_KEY_MAX];
    size_t size;
} lia_key;

static inline lia_span lia_key_span(const lia_key *key) { return lia_span_make(key->bytes, key->size); }

enum { LIA_TAG_STATE = 0x00, LIA_TAG_PLACE = 0x01, LIA_TAG_PART = 0x02, LIA_TAG_CHANGE = 0x08,
       LIA_TAG_TIMELINE = 0x10,
       LIA_TAG_REFERENCE = 0x20, LIA_TAG_SAID = 0x30 };

/* All rows of a record share this prefix; with a tag it names one group of them. */
lia_key lia_key_record(uint32_t kind, lia_id id);
lia_key lia_key_tag(uint32_t kind, lia_id id, uint8_t tag);
lia_key lia_key_kind(uint32_t kind); /* all records of a kind */
lia_key lia_key_timeline(lia_id customer, lia_time time, const lia_header *event);
lia_key lia_key_reference(lia_id customer, uint32_t kind, lia_id id);
lia_key lia_key_said(lia_id customer, uint32_t kind, lia_id id);
lia_key lia_key_command(lia_id command);
lia_key lia_key_erased(lia_id customer); /* none: the prefix of all */
lia_key lia_key_blanked(void);
lia_key lia_key_imports(void);
/* Rows of a service's own folds: 'f' and the service's bytes. */
lia_key lia_key_fold(lia_span name);

/* What the key of a record's row says. `rest` borrows the key. */
typedef struct lia_record_key {
    uint32_t kind;
    lia_id id;
    uint8_t tag;
    lia_span rest;
} lia_record_key;
/* False when it is not such a key. */
bool lia_record_key_read(lia_span key, lia_record_key *out);

/* Index keys: the value in the form that is compared (text folded: case and accents off, at most 128
 * bytes; numbers big-endian with the sign bit flipped). */
lia_key lia_key_index_prefix(uint32_t kind, const lia_field *field);
lia_key lia_key_index_value(uint32_t kind, const lia_field *field, lia_span payload);
lia_key lia_key_index(uint32_t kind, const lia_field *field, lia_span payload, lia_id id);
/* The record id at the end of a full index key. */
lia_id lia_key_index_id(lia_span key);

/* ---- reading -------------------------------------------------------------------------------- */

/* Whether a state row says no more than that there was a customer, or a blanked interaction. */
bool lia_row_is_erased(lia_span row);

/* A record's registers, from its row or from the event that the row names. Spans borrow the row
 * or the log: valid as lia_rows_get says.
 *   LIA_EABSENT   LIA_EGONE  it was erased   LIA_ECORRUPT   LIA_EFULL */
LIA_MUST_USE lia_err lia_rows_record(const lia_rows *rows, uint32_t kind, lia_id id,
                                     lia_arena *arena, lia_record *out);

/* The same as one message of the kind's type; *version is the highest stamp (for ETags; may be
 * NULL). The bytes live in the arena. */
LIA_MUST_USE lia_err lia_rows_message(const lia_rows *rows, const lia_kind *kind, lia_id id,
                                      lia_arena *arena, lia_span *message, lia_stamp *version);

/* The same as a protobuf-c struct of the kind's message, in the arena; NULL with LIA_OK when there is no
 * such record or it was erased. */
LIA_MUST_USE lia_err lia_record_read(const lia_rows *rows, uint32_t kind, lia_id id,
                                     lia_arena *arena, ProtobufCMessage **out);

/* When a record was made: its id says, or the oldest of its writes that is still known. */
lia_time lia_rows_created_at(lia_id id, const lia_record *record);

/* What events about `customer` said of a record that events about others have written too. Spans
 * borrow as in lia_rows_record.   LIA_EABSENT  all of it is one customer's, or none of it is theirs */
LIA_MUST_USE lia_err lia_rows_part(const lia_rows *rows, uint32_t kind, lia_id id, lia_id customer,
                                   lia_arena *arena, lia_record *out);

/* The event that made a record of an in-log kind: its arrival, 0 when it has not come. *changed (may be
 * NULL): there are later words about it. Errors as lia_rows_get, of its state row. */
LIA_MUST_USE lia_err lia_rows_made(const lia_rows *rows, uint32_t kind, lia_id id,
                                   uint64_t *arrival, bool *changed);

/* The record of a customer's erasure: its id is derived, so wishes at two nodes meet in one. */
lia_id lia_erasure_id(lia_id customer);

/* One entry of a customer's timeline. */
typedef struct lia_timeline_entry {
    lia_time time;
    uint64_t arrival;
    lia_span bytes;   /* the event; parse it with lia_event_parse */
    bool changed;     /* its record has been changed since: read the record, not the event */
} lia_timeline_entry;

/* Newest first, at most `max`, of entries strictly behind `after` (a key given by *next of an
 * earlier call; empty: from the newest). *next is empty when there are no more. */
LIA_MUST_USE lia_err lia_rows_timeline(const lia_rows *rows, lia_id customer, lia_span after,
                                       size_t max, lia_arena *arena, lia_timeline_entry *out,
                                       size_t *count, lia_span *next);

/* What is known of a command that was done: where its (first) event is, which request it was. */
typedef struct lia_command_note {
    lia_position event;
    uint64_t request; /* hash */
    uint16_t kind;
    lia_id record;    /* the record it made or changed */
    uint64_t first;   /* arrival of the event of it that came first at this node */
} lia_command_note;
LIA_MUST_USE lia_err lia_rows_command(const lia_rows *rows, lia_id command, lia_command_note *out);

/* ---- agreement ------------------------------------------------------------------------------ */

/* The state is summed in buckets: each record adds a hash of its canonical bytes to the bucket of
 * its id, modulo 2^128, so equal states have equal buckets whatever the order of events. */
#define LIA_DIGEST_BUCKETS 1024
typedef struct lia_digests {
    uint64_t sum[LIA_DIGEST_BUCKETS][2];
    uint8_t dirty[LIA_DIGEST_BUCKETS];
} lia_digests;

uint16_t lia_digest_bucket(lia_id record);

/* Some of the buckets. */
typedef struct lia_buckets {
    uint64_t bits[LIA_DIGEST_BUCKETS / 64];
} lia_buckets;

static inline bool lia_buckets_has(const lia_buckets *set, size_t bucket)
{
    return set->bits[bucket / 64] >> bucket % 64 & 1;
}
static inline void lia_buckets_add(lia_buckets *set, size_t bucket)
{
    set->bits[bucket / 64] |= UINT64_C(1) << bucket % 64;
}
static inline bool lia_buckets_any(const lia_buckets *set)
{
    uint64_t any = 0;
    for (size_t i = 0; i < LIA_COUNT(set->bits); i++) any |= set->bits[i];
    return any != 0;
}

/* One record's share, from its state row. */
LIA_MUST_USE lia_err lia_digest_record(uint32_t kind, lia_id id, lia_span row,
                                       uint64_t out[2]);

#endif
