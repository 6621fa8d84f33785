/* SPDX-License-Identifier: Apache-2.0 */
/* event - reading, writing and chaining events (proto/event.proto). Parsed spans borrow the
 * event's bytes; nothing is re-serialised.
 *
 *     leaf = H(header, H(body))      h(n) = H(h(n-1), leaf)      BLAKE2b-256, by purpose */
#ifndef LIA_WIRE_EVENT_H
#define LIA_WIRE_EVENT_H

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/hlc.h"
#include "common/base/id.h"
#include "common/base/limits.h"
#include "common/base/trace.h"

/* Names an element of a set. It is part of index keys, which LMDB bounds to 511 bytes. */
#define LIA_ELEMENT_BYTES_MAX 400

/* Which write: unique per register, ordered by (hlc, node, incarnation, seq). Zero is none. */
typedef struct lia_stamp {
    lia_hlc hlc;
    uint64_t incarnation, seq;
    uint16_t node;
} lia_stamp;

int lia_stamp_compare(const lia_stamp *a, const lia_stamp *b);
static inline bool lia_stamp_is_none(const lia_stamp *stamp)
{
    return stamp->hlc == 0;
}

typedef struct lia_position {
    uint64_t incarnation, seq;
    uint16_t node;
} lia_position;

typedef struct lia_header {
    uint16_t node;
    uint64_t incarnation, seq;
    lia_hlc hlc;
    uint32_t fact; /* 0: none */
    uint32_t department;
    lia_id command; /* none: the command had no key */
    uint64_t request;
    uint32_t part, parts; /* parts >= 1 */
    uint32_t actor;
    lia_position cause; /* seq 0: none */
    uint32_t depth;
    lia_id customer; /* none: speaks of no customer */
    bool quiet;      /* no automation follows from it */
    lia_trace trace; /* of the work that wrote it; kept only when that is sampled, else none */
} lia_header;

typedef struct lia_touch {
    uint32_t field;
    lia_span element;
    bool clear;
    bool has_value;
    lia_span value;
    lia_stamp seen;
    lia_hlc hlc; /* 0: the header's */
} lia_touch;

typedef struct lia_op {
    lia_id record;
    uint32_t kind;
    lia_span set;       /* plain fields, as a partial message */
    lia_touch *touches; /* one without element, value and clear speaks of a field in `set` */
    size_t touch_count;
} lia_op;

typedef struct lia_event {
    lia_header header;
    lia_span header_bytes, body_bytes; /* body_bytes is empty when erased */
    bool erased;
    lia_op *ops;
    size_t op_count;
    lia_span fact; /* a message of the header's fact number */
} lia_event;

/* Parses and checks a whole event; arrays live in the arena, spans borrow `bytes`. `why` names
 * the place ("body.ops[2].record: 15 bytes, wanted 16").
 *   LIA_EINVAL  malformed, a mandatory field absent or out of range, two ops for one record
 *   LIA_EVERSION  a format version above 1          LIA_EFULL  the arena, or above
 * LIA_EVENT_BYTES_MAX */
LIA_MUST_USE lia_err lia_event_parse(lia_event *out, lia_span bytes, lia_arena *arena,
                                     lia_why *why);

/* Only the header: for serving, filtering and walking. */
LIA_MUST_USE lia_err lia_event_parse_header(lia_header *out, lia_span bytes);

/* Appends an event's bytes to `out`. Fresh random salt unless `salt` (16 bytes) is given (tests,
 * samples). What was built is parsed before it is given out, so no node writes what another one
 * would refuse; on an error `out` is as it was (but may be `failed`).
 *   LIA_EINVAL  it would not parse        LIA_EFULL  the arena, or above LIA_EVENT_BYTES_MAX */
LIA_MUST_USE lia_err lia_event_build(lia_buf *out, const lia_header *header, const lia_op *ops,
                                     size_t op_count, lia_span fact, const uint8_t *salt);

/* Appends the erased form of an event's bytes: the header, the body's hash, and padding up to the
 * size that it had, so that it can overwrite the event in place. Only a body below 32 bytes makes
 * it larger. The leaf stays the same. An erased event is copied. LIA_EINVAL  malformed LIA_EFULL
 * the arena */
LIA_MUST_USE lia_err lia_event_erase(lia_buf *out, lia_span bytes);

/* The leaf of an event's bytes, erased or not. LIA_EINVAL when malformed. */
LIA_MUST_USE lia_err lia_event_leaf(lia_span bytes, lia_hash *leaf);

/* h(n) from h(n-1) and the leaf. */
lia_hash lia_chain_next(const lia_hash *before, const lia_hash *leaf);

/* The stamp of an event's writes. */
static inline lia_stamp lia_header_stamp(const lia_header *header)
{
    return (lia_stamp){header->hlc, header->incarnation, header->seq, header->node};
}

#endif
