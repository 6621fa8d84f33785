/* SPDX-License-Identifier: Apache-2.0 */
/* entry - one look at personal data, and the blocks in which looks stand in a file. Pure: what is
 * read here are the bytes that a crash left, so nothing about them is trusted.
 *
 *     file    "liaison audit 1\n", then blocks
 *     block   size(4) digest(16): of the segment's number, the block's place and the entries
 *             entries
 *     entry   size(2) times(4) at(8), then protobuf:
 *             1 actor  2 action  3 kind  4 record(16)  5 count  6 words  7 everybody
 *             8 customers (16 each, side by side)  9 address
 *
 * Numbers are big-endian. An entry holds ids and names of fields, never what they held. */
#ifndef LIA_AUDIT_ENTRY_H
#define LIA_AUDIT_ENTRY_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/time.h"

#define LIA_AUDIT_HEAD       "liaison audit 1\n"
#define LIA_AUDIT_HEAD_SIZE  16
#define LIA_AUDIT_BLOCK_HEAD 20
/* A page of a thousand customers fits an entry. */
#define LIA_AUDIT_ENTRY_MAX     ((size_t)20 << 10)
#define LIA_AUDIT_CUSTOMERS_MAX 1000
#define LIA_AUDIT_ACTOR_MAX     64
#define LIA_AUDIT_WORDS_MAX     256
#define LIA_AUDIT_ADDRESS_MAX   64
/* Entries waiting for the file; also the largest block. */
#define LIA_AUDIT_BLOCK_MAX ((size_t)2 << 20)

/* Kept numbers: only ever added to. */
typedef enum lia_audit_action {
    LIA_AUDIT_READ = 1, /* one record */
    LIA_AUDIT_PAGE,     /* a customer with timeline and open work */
    LIA_AUDIT_TIMELINE,
    LIA_AUDIT_LIST,
    LIA_AUDIT_SEARCH, /* a list that was asked for by what records hold */
    LIA_AUDIT_CONSENTS,
    LIA_AUDIT_EXPORT,
    LIA_AUDIT_STREAM,     /* live events; count 0 when it begins, how many were sent when it ends */
    LIA_AUDIT_DUPLICATES, /* who might be the same */
    LIA_AUDIT_AUDIT,      /* this trail itself */
    LIA_AUDIT_LOST,       /* no look: so many entries could not be written */
    LIA_AUDIT_SIGNED_IN,  /* no looks either: words say how, or why not; record: the provider */
    LIA_AUDIT_NOT_SIGNED_IN, /* count: how many others were not written down before it */
    LIA_AUDIT_SIGNED_OUT,
    LIA_AUDIT_VIEWED_AS, /* an administrator begins to look with the rights of somebody: record */
    LIA_AUDIT_ACTIONS
} lia_audit_action;

/* "read"; NULL for numbers of a newer release. */
const char *lia_audit_action_name(uint64_t action);

typedef struct lia_audit_entry {
    lia_time at;
    uint32_t times; /* the same look so often within a second; at least 1 */
    lia_span actor; /* who */
    uint64_t action;
    uint32_t kind;      /* of what was read; 0: of several kinds */
    lia_id record;      /* none: not one record */
    uint32_t count;     /* records seen */
    lia_span words;     /* names of the fields that were looked for; a query's path */
    bool everybody;     /* the question was about no customer in particular */
    lia_span customers; /* ids seen, 16 bytes each */
    lia_span address;   /* where somebody signed in from, or tried to */
} lia_audit_entry;

static inline size_t lia_audit_customers(const lia_audit_entry *entry)
{
    return entry->customers.size / LIA_ID_SIZE;
}
/* Whether it concerns the customer: they were seen, or everybody could be. */
bool lia_audit_concerns(const lia_audit_entry *entry, lia_id customer);

/* Appends an entry. What is above the limits is cut: more customers than LIA_AUDIT_CUSTOMERS_MAX
 * become everybody. */
void lia_audit_put(lia_buf *out, const lia_audit_entry *entry);

/* The place of the part that two looks of one kind share, in an entry that lia_audit_put wrote. */
enum { LIA_AUDIT_TIMES_AT = 2, LIA_AUDIT_SAME_AT = 14 };

/* Takes the next entry from *rest; spans borrow it.
 *   LIA_EABSENT   there is none     LIA_ECORRUPT   this is none */
LIA_MUST_USE lia_err lia_audit_take(lia_span *rest, lia_audit_entry *out);

/* The head of a block with these entries, at `place` of the file. */
void lia_audit_block_head(uint64_t segment, uint64_t place, lia_span entries,
                          uint8_t out[LIA_AUDIT_BLOCK_HEAD]);
/* Takes the block at `place` of a file's bytes; *entries borrows them.
 *   LIA_EABSENT   the file ends here     LIA_ECORRUPT   what is there is no whole block */
LIA_MUST_USE lia_err lia_audit_block_take(lia_span file, uint64_t segment, size_t place,
                                          lia_span *entries);

#endif
