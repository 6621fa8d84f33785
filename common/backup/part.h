/* SPDX-License-Identifier: Apache-2.0 */
/* part - what a backup is made of, as bytes. A piece is one run of a backup: everything (a full
 * one), or what came since the piece before it. It is a chain of parts, each sealed for whoever
 * holds the backup's key and signed by the node that made it:
 *
 *     part   magic 8  head (lia_part, 227)  wrapped key 80  size 4  sealed rows  signature 64
 *     hash   H(hash of the part before, all of these bytes but the signature)
 *
 * So a part that is changed, missing, from another piece or in another place is found out without
 * the key; a piece whose last part is missing is none. A row of what was sealed:
 *
 *     table 1   key size 2   value size 4   key   value
 *
 * Pure: no disk, no clock. Integers are big-endian. */
#ifndef LIA_BACKUP_PART_H
#define LIA_BACKUP_PART_H

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/base/id.h"
#include "common/base/origin.h"
#include "common/base/time.h"

/* Rows of the log bear lia_copy_table's numbers; this one is a file beside it, by name. */
#define LIA_PART_FILE 200

/* Most bytes of the rows of a part: the state that must be of one moment (timers) is in one. */
#define LIA_PART_ROWS_MAX ((size_t)48 << 20)
#define LIA_PART_AROUND   (8 + 227 + 80 + 4 + LIA_SEAL_BYTES + 64)

typedef struct lia_part {
    lia_id cluster;
    lia_origin origin; /* who made it, and the lane that it wrote then */
    lia_id piece;
    uint32_t number; /* 1, 2, 3 ... */
    bool last;
    uint64_t from, to; /* arrivals: the first one in the piece, and the first behind it */
    lia_time time;     /* of the state in the piece */
    lia_hash before;   /* of the part before it; zeroes in the first */
    lia_hash
        parent; /* of the last part of the piece that this one goes on from; zeroes: it is full */
    lia_letter_public recipient;
} lia_part;

static inline bool lia_part_is_full(const lia_part *part)
{
    static const lia_hash none;
    return lia_hash_equal(&part->parent, &none);
}

/* Appends the part's bytes; *hash is the next one's `before`.
 *   LIA_EINVAL  the recipient's key is none     LIA_EFULL  the arena, or more than
 * LIA_PART_ROWS_MAX */
LIA_MUST_USE lia_err lia_part_write(lia_buf *out, const lia_part *part, lia_span rows,
                                    const lia_sign_key *signer, lia_hash *hash);

/* A part in a row of them. All spans borrow. */
typedef struct lia_part_view {
    lia_part part;
    lia_span wrapped, sealed;
    lia_signature signature;
    lia_hash hash;
} lia_part_view;

/* Takes the first part from *rest. Nothing is believed yet.
 *   LIA_ECORRUPT  cut short, or no part     LIA_EVERSION  of a later release; `why` tells */
LIA_MUST_USE lia_err lia_part_cut(lia_part_view *out, lia_span *rest, lia_why *why);
bool lia_part_is_signed(const lia_part_view *view, const lia_verify_key *key);

/* What a chain of parts must be; zeroed before the first part of a piece but for what is known. */
typedef struct lia_part_chain {
    lia_part_view at; /* the part before; number 0: none */
} lia_part_chain;
/* Whether the part goes on from the one before: same piece, next number, its hash.
 *   LIA_ECORRUPT with the difference */
LIA_MUST_USE lia_err lia_part_follows(lia_part_chain *chain, const lia_part_view *view,
                                      lia_why *why);

/* Appends the rows in clear. LIA_EDENIED  not sealed for this key, or changed     LIA_EFULL */
LIA_MUST_USE lia_err lia_part_open(const lia_part_view *view, const lia_letter_secret *secret,
                                   lia_buf *rows);

/* ---- rows ------------------------------------------------------------------------------------ */

typedef struct lia_part_row {
    uint8_t table;
    lia_span key, value;
} lia_part_row;

#define LIA_PART_ROW_AROUND 7
/* Keys have at most 64 KiB. */
void lia_part_put(lia_buf *rows, uint8_t table, lia_span key, lia_span value);
/* Takes the next row; LIA_EABSENT at the end, LIA_ECORRUPT when it is cut short. */
LIA_MUST_USE lia_err lia_part_next(lia_span *rows, lia_part_row *out);

#endif
