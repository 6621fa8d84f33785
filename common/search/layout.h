/* SPDX-License-Identifier: Apache-2.0 */
/* layout - the index's rows, in a store of their own (store/views.h), and lists of documents as
 * bytes. Internal to common/search.
 *
 *     't' term 00 kind(2) field(4) 0(4)        -> postings: the newest documents that have the term
 * there 't' term 00 kind(2) field(4) ~newest(4)  -> postings: older ones, a full row each 'n'
 * document(4)                          -> kind(2) id(16): a live document 'o' kind(2) id(16) ->
 * document(4) hash(8) of its terms 'c' customer(16) kind(2) id(16)          -> empty: this customer
 * is in what the record says 'm'                                      -> how far it is, see
 * lia_index_mark
 *
 * A document is one state of a record; a record that changes becomes a new one, with a higher
 * number. Numbers whose 'n' row is gone are dead: they stand in postings until these are written
 * anew.
 *
 *     postings:  newest(varint)  steps down to the next older one (varints)
 *     term:      a word; 01 and a telephone number's first digits; 02 and its digits backwards */
#ifndef LIA_SEARCH_LAYOUT_H
#define LIA_SEARCH_LAYOUT_H

#include "common/base/id.h"
#include "common/store/views.h"

/* Raised when rows or terms change their meaning: the index is made anew. */
#define LIA_INDEX_VERSION 1

enum { LIA_TERM_PHONE = 0x01, LIA_TERM_PHONE_BACK = 0x02 };
#define LIA_TERM_BYTES_MAX 64
/* Documents of one row: they fit a quarter of a page. */
#define LIA_POSTINGS_MAX 400

typedef uint32_t lia_document; /* 1, 2, 3 ...; 0 is none */

typedef struct lia_index_key {
    uint8_t bytes[1 + LIA_TERM_BYTES_MAX + 1 + 2 + 4 + 4];
    size_t size;
} lia_index_key;

static inline lia_span lia_index_key_span(const lia_index_key *key)
{
    return lia_span_make(key->bytes, key->size);
}

/* 't' and the beginning of a term. */
lia_index_key lia_key_term_start(lia_span start);
/* 't' term 00 kind field: what postings rows begin with. */
lia_index_key lia_key_posting(lia_span term, uint16_t kind, uint32_t field);
lia_index_key lia_key_document(lia_document document);
lia_index_key lia_key_record_of(uint16_t kind, lia_id id);
lia_index_key lia_key_customer(lia_id customer);
lia_index_key lia_key_customer_record(lia_id customer, uint16_t kind, lia_id id);

/* What the key of a postings row says; `term` borrows it. False when it is no such key. */
typedef struct lia_posting_key {
    lia_span term;
    uint16_t kind;
    uint32_t field;
} lia_posting_key;
bool lia_posting_key_read(lia_span key, lia_posting_key *out);

/* ---- postings -------------------------------------------------------------------------------- */

typedef struct lia_postings {
    lia_span rest;
    lia_document last; /* 0 at first */
} lia_postings;

static inline lia_postings lia_postings_of(lia_span row)
{
    return (lia_postings){row, 0};
}
/* The next older document; false at the end and at bytes that are no postings. */
bool lia_postings_next(lia_postings *postings, lia_document *out);

#define LIA_POSTINGS_BYTES_MAX (LIA_POSTINGS_MAX * 5)
/* Writes documents, newest first; returns the size. */
size_t lia_postings_put(uint8_t out[LIA_POSTINGS_BYTES_MAX], const lia_document *documents,
                        size_t count);

/* ---- how far it is --------------------------------------------------------------------------- */

/* What is looked at beside new events: nothing; all records of the node; all of the index. */
typedef enum lia_index_scan { LIA_SCAN_NONE, LIA_SCAN_RECORDS, LIA_SCAN_INDEX } lia_index_scan;

typedef struct lia_index_mark {
    uint64_t arrival;    /* events up to here are in */
    uint64_t anchor;     /* names the event at `arrival`: these are numbers of that log */
    uint64_t schema;     /* hash of what was searchable then */
    uint64_t imports;    /* rows of state taken over from others, as far as they are in */
    uint64_t live, dead; /* documents */
    lia_document next;
    bool unclean;       /* something erased may still be in the file */
    bool owed;          /* the same, but nobody waits for it yet */
    uint8_t scan;       /* lia_index_scan */
    uint16_t scan_kind; /* looked at up to this one */
    lia_id scan_id;
    uint64_t scanned;
} lia_index_mark;

#define LIA_INDEX_MARK_SIZE (6 * 8 + 4 + 1 + 1 + 2 + LIA_ID_SIZE + 8)
void lia_index_mark_put(const lia_index_mark *mark, uint8_t out[LIA_INDEX_MARK_SIZE]);
bool lia_index_mark_read(lia_span row, lia_index_mark *out);

#endif
