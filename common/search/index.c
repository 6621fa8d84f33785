/* SPDX-License-Identifier: Apache-2.0 */
/* A store like the views', because that is what an index needs: writes in memory, written out
 * sorted by a thread of its own; snapshots for readers; the cursor in the transaction of the rows;
 * and a rewrite that leaves no old byte. A row of postings is read and written once for all
 * documents of a publishing that have its term, so terms that many share cost little. */
#include "common/search/index.h"

#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/search/phone.h"
#include "common/search/text.h"
#include "common/search/words.h"
#include "common/wire/sort.h"

/* Postings that wait to be merged; then they are, published or not. */
#define WAITING_MAX (128 << 10)
#define ARENA_BYTES ((size_t)64 << 20)
#define KEYS_BYTES  ((size_t)16 << 20) /* of the arena: keys that wait */
/* Dead documents are taken out when there are so many more than a quarter of the live ones. */
#define DEAD_MIN 20000

/* Keys lie scattered: the bytes behind the first, which all share, are kept where they are
 * compared. The shortest key has as many. */
enum { HEAD_AT = 1, HEAD_END = 9 };

typedef struct waiting {
    uint64_t head;
    const uint8_t *key;
    uint32_t size;
    lia_document document;
} waiting;

struct lia_index {
    lia_views *views;
    lia_index_mark mark;
    lia_arena arena; /* keys that wait */
    waiting *list;
    size_t count;
    uint64_t *live; /* a bit for each document */
    size_t live_words;
    /* of a rewrite: who was dead when it began, and a row written without them */
    uint64_t *was_live;
    lia_document was_next;
    uint8_t row[LIA_POSTINGS_BYTES_MAX];
};

lia_index_mark *lia_index_state(lia_index *index)
{
    return &index->mark;
}

lia_views *lia_index_views(lia_index *index)
{
    return index->views;
}

/* ---- live documents -------------------------------------------------------------------------- */

static bool has_bit(const uint64_t *bits, lia_document document)
{
    return bits[document / 64] >> document % 64 & 1;
}

static lia_err room_for(lia_index *index, lia_document document)
{
    size_t words = (size_t)document / 64 + 1;
    if (words <= index->live_words) return LIA_OK;
    size_t room = words < 1024 ? 1024 : 2 * words;
    uint64_t *grown = realloc(index->live, room * sizeof *grown);
    if (!grown) return LIA_EFULL;
    memset(grown + index->live_words, 0, (room - index->live_words) * sizeof *grown);
    index->live = grown;
    index->live_words = room;
    return LIA_OK;
}

static lia_err load_live(lia_index *index)
{
    static const uint8_t table = 'n';
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_views_scan(index->views, lia_span_make(&table, 1), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &value)) {
        lia_document document = key.size == 5 ? lia_get_u32(key.data + 1) : 0;
        err = room_for(index, document);
        if (!err) index->live[document / 64] |= UINT64_C(1) << document % 64;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- open and close -------------------------------------------------------------------------- */

static lia_err load(lia_index *index)
{
    lia_span row;
    lia_err err = room_for(index, 1);
    if (!err) err = lia_views_get(index->views, LIA_SPAN("m"), &row);
    if (!err && lia_index_mark_read(row, &index->mark)) return load_live(index);
    if (err && err != LIA_EABSENT) return err;
    index->mark = (lia_index_mark){.next = 1};
    return err ? LIA_OK : lia_index_reset(index, NULL);
}

static void free_all(lia_index *index)
{
    lia_arena_fini(&index->arena);
    free(index->list);
    free(index->live);
    free(index->was_live);
    free(index);
}

lia_err lia_index_open(lia_index **out, const char *dir, size_t table_bytes, lia_why *why)
{
    uint64_t cursor;
    const lia_views_options options = {.version = LIA_INDEX_VERSION, .table_bytes = table_bytes};
    lia_index *index = calloc(1, sizeof *index);
    *out = NULL;
    if (!index) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_arena_init(&index->arena, ARENA_BYTES);
    index->list = err ? NULL : malloc(WAITING_MAX * sizeof *index->list);
    if (!err && !index->list) err = lia_why_set(why, LIA_EFULL, "no memory");
    if (!err) err = lia_views_open(&index->views, dir, &options, &cursor, why);
    if (!err) {
        err = load(index);
        if (err) {
            lia_why_set(why, err, "the search index in %.200s cannot be read: %s", dir,
                        lia_err_text(err));
            lia_views_close(index->views);
        }
    }
    if (err)
        free_all(index);
    else
        *out = index;
    return err;
}

void lia_index_close(lia_index *index)
{
    if (!index) return;
    lia_views_close(index->views);
    free_all(index);
}

void lia_index_drop(lia_index *index)
{
    lia_views_drop(index->views);
    free_all(index);
}

/* ---- merging --------------------------------------------------------------------------------- */

static int by_key(const void *left, const void *right)
{
    const waiting *a = left, *b = right;
    if (a->head != b->head) return a->head < b->head ? -1 : 1;
    int order = lia_span_compare(lia_span_make(a->key + HEAD_END, a->size - HEAD_END),
                                 lia_span_make(b->key + HEAD_END, b->size - HEAD_END));
    if (order) return order;
    return a->document < b->document ? 1 : -(a->document > b->document); /* newest first */
}

/* The documents of one row to be, newest first. */
typedef struct merge {
    lia_index *index;
    lia_index_key key;
    lia_document list[2 * LIA_POSTINGS_MAX];
    size_t count;
} merge;

static lia_err put_row(merge *to, const lia_document *list, size_t count, lia_document sealed)
{
    lia_index_key key = to->key;
    lia_put_u32(key.bytes + key.size, sealed ? ~sealed : 0);
    key.size += 4;
    size_t size = lia_postings_put(to->index->row, list, count);
    return lia_views_put(to->index->views, lia_index_key_span(&key),
                         lia_span_make(to->index->row, size));
}

/* The row of the newest documents as it is, without the dead. */
static lia_err read_head(merge *to)
{
    lia_index_key key = to->key;
    lia_span row;
    lia_document document;
    lia_put_u32(key.bytes + key.size, 0);
    key.size += 4;
    lia_err err = lia_views_get(to->index->views, lia_index_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    lia_postings postings = lia_postings_of(row);
    while (to->count < LIA_POSTINGS_MAX && lia_postings_next(&postings, &document))
        if (has_bit(to->index->live, document)) to->list[to->count++] = document;
    return LIA_OK;
}

/* New documents, oldest first from the end of `new`, go before the ones that are there; what is
 * full is put aside. */
static lia_err merge_group(merge *to, const waiting *new, size_t count)
{
    lia_document *list = to->list;
    lia_err err = read_head(to);
    while (count && to->count && new[count - 1].document <= list[0]) count--; /* it has them */
    while (count && !err) {
        size_t take = count < LIA_POSTINGS_MAX ? count : LIA_POSTINGS_MAX;
        if (to->count + take > LIA_POSTINGS_MAX) {
            err = put_row(to, list, to->count, list[0]);
            to->count = 0;
        }
        memmove(list + take, list, to->count * sizeof *list);
        for (size_t i = 0; i < take; i++) list[i] = new[count - take + i].document;
        to->count += take;
        count -= take;
    }
    return err ? err : put_row(to, list, to->count, 0);
}

static bool same_key(const waiting *a, const waiting *b)
{
    return a->head == b->head && a->size == b->size && memcmp(a->key, b->key, a->size) == 0;
}

/* Merges all that waits into the rows. */
static lia_err merge_all(lia_index *index)
{
    lia_err err = LIA_OK;
    merge to = {.index = index};
    lia_sort(index->list, index->count, sizeof *index->list, by_key);
    for (size_t from = 0, end; from < index->count && !err; from = end) {
        const waiting *first = &index->list[from];
        for (end = from + 1; end < index->count && same_key(first, &index->list[end]);) end++;
        to.count = 0;
        to.key.size = first->size;
        memcpy(to.key.bytes, first->key, first->size);
        err = merge_group(&to, first, end - from);
    }
    if (err) return err; /* they wait on; merging again changes nothing */
    index->count = 0;
    lia_arena_reset(&index->arena);
    return LIA_OK;
}

/* ---- terms of a record ----------------------------------------------------------------------- */

static lia_err add_term(lia_index *index, const lia_indexed *record, const lia_field *field,
                        lia_span term)
{
    if (index->count == WAITING_MAX || !term.size) return LIA_OK;
    lia_index_key key = lia_key_posting(term, record->kind->number, field->number);
    lia_span kept = lia_arena_copy(&index->arena, lia_index_key_span(&key));
    if (!kept.data) return LIA_EFULL;
    lia_assert(kept.size >= HEAD_END);
    index->list[index->count++] =
        (waiting){lia_get_u64(kept.data + HEAD_AT), kept.data, (uint32_t)kept.size, 0};
    return LIA_OK;
}

static lia_err add_phone(lia_index *index, const lia_indexed *record, const lia_text *text)
{
    lia_phone_forms forms;
    uint8_t term[1 + LIA_PHONE_DIGITS_MAX];
    lia_err err = lia_phone_of_record(&forms, text->text, record->home, &index->arena);
    if (err || !forms.whole_size) return err;
    term[0] = LIA_TERM_PHONE;
    memcpy(term + 1, forms.whole, forms.whole_size);
    err = add_term(index, record, text->field, lia_span_make(term, 1 + forms.whole_size));
    if (err) return err;
    term[0] = LIA_TERM_PHONE_BACK;
    memcpy(term + 1, forms.back, forms.back_size);
    return add_term(index, record, text->field, lia_span_make(term, 1 + forms.back_size));
}

static lia_err add_words(lia_index *index, const lia_indexed *record, const lia_text *text)
{
    lia_text_words words;
    lia_text_word word;
    lia_err err = LIA_OK;
    lia_text_words_begin(&words, text->text);
    while (!err && lia_text_words_next(&words, &word)) {
        err = add_term(index, record, text->field, word.plain);
        if (!err) err = add_term(index, record, text->field, word.spelt);
    }
    return err;
}

/* The record's different terms behind `from`, sorted; their hash. */
static uint64_t settle(lia_index *index, size_t from)
{
    waiting *list = index->list + from;
    size_t count = index->count - from, kept = 0;
    uint64_t hash = 0x9e3779b97f4a7c15;
    lia_sort(list, count, sizeof *list, by_key);
    for (size_t i = 0; i < count; i++)
        if (!kept || !same_key(&list[kept - 1], &list[i])) list[kept++] = list[i];
    if (kept > LIA_TERMS_MAX) kept = LIA_TERMS_MAX;
    for (size_t i = 0; i < kept; i++) {
        for (uint32_t j = 0; j < list[i].size; j++) hash = (hash ^ list[i].key[j]) * 0x100000001b3;
        hash = (hash ^ 0xff) * 0x100000001b3;
    }
    index->count = from + kept;
    return hash;
}

/* ---- records --------------------------------------------------------------------------------- */

static lia_err link_customers(lia_index *index, const lia_indexed *record)
{
    lia_err err = LIA_OK;
    lia_span row;
    for (size_t i = 0; i < record->customer_count && !err; i++) {
        lia_index_key key =
            lia_key_customer_record(record->customers[i], record->kind->number, record->id);
        err = lia_views_get(index->views, lia_index_key_span(&key), &row);
        if (err == LIA_EABSENT)
            err = lia_views_put(index->views, lia_index_key_span(&key), LIA_SPAN_NONE);
    }
    return err;
}

static lia_err kill(lia_index *index, lia_document document)
{
    lia_index_key key = lia_key_document(document);
    if (document >= index->mark.next || !has_bit(index->live, document)) return LIA_OK;
    index->live[document / 64] &= ~(UINT64_C(1) << document % 64);
    index->mark.live--;
    index->mark.dead++;
    return lia_views_del(index->views, lia_index_key_span(&key));
}

static lia_err bear(lia_index *index, const lia_indexed *record, lia_document *out)
{
    uint8_t value[2 + LIA_ID_SIZE];
    lia_err err = index->mark.next == UINT32_MAX ? LIA_EFULL : room_for(index, index->mark.next);
    if (err) return err;
    lia_document document = *out = index->mark.next++;
    index->live[document / 64] |= UINT64_C(1) << document % 64;
    index->mark.live++;
    lia_index_key key = lia_key_document(document);
    lia_put_u16(value, record->kind->number);
    memcpy(value + 2, record->id.bytes, LIA_ID_SIZE);
    return lia_views_put(index->views, lia_index_key_span(&key), LIA_SPAN_OF(value));
}

/* What is known of the record: its document and the hash of its terms. */
static lia_err known(lia_index *index, uint16_t kind, lia_id id, lia_document *document,
                     uint64_t *hash)
{
    lia_span row;
    lia_index_key key = lia_key_record_of(kind, id);
    *document = 0;
    lia_err err = lia_views_get(index->views, lia_index_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (row.size != 12) return LIA_ECORRUPT;
    *document = lia_get_u32(row.data);
    *hash = lia_get_u64(row.data + 4);
    return LIA_OK;
}

static lia_err gather(lia_index *index, const lia_indexed *record)
{
    lia_text text;
    lia_texts texts = lia_texts_of(record->kind, record->message);
    lia_err err = LIA_OK;
    while (!err && lia_texts_next(&texts, &text))
        err = text.class == LIA_TEXT_PHONE ? add_phone(index, record, &text)
                                           : add_words(index, record, &text);
    return err;
}

static lia_err replace(lia_index *index, const lia_indexed *record, lia_document old, uint64_t hash,
                       size_t from)
{
    uint8_t value[12];
    lia_document document;
    lia_index_key key = lia_key_record_of(record->kind->number, record->id);
    lia_err err = old ? kill(index, old) : LIA_OK;
    if (!err) err = bear(index, record, &document);
    if (err) return err;
    for (size_t i = from; i < index->count; i++) index->list[i].document = document;
    lia_put_u32(value, document);
    lia_put_u64(value + 4, hash);
    return lia_views_put(index->views, lia_index_key_span(&key), LIA_SPAN_OF(value));
}

lia_err lia_index_put(lia_index *index, const lia_indexed *record)
{
    lia_document old;
    uint64_t before = 0;
    lia_err err = LIA_OK;
    if (index->count > WAITING_MAX / 2 || index->arena.used > KEYS_BYTES) err = merge_all(index);
    size_t from = index->count, mark = lia_arena_mark(&index->arena);
    if (!err) err = link_customers(index, record);
    if (!err) err = known(index, record->kind->number, record->id, &old, &before);
    if (!err) err = gather(index, record);
    uint64_t hash = err ? 0 : settle(index, from);
    bool empty = !err && index->count == from;
    if (empty) return lia_index_remove(index, record->kind->number, record->id);
    if (!err && !(old && before == hash)) return replace(index, record, old, hash, from);
    index->count = from;
    lia_arena_back(&index->arena, mark);
    return err;
}

lia_err lia_index_remove(lia_index *index, uint16_t kind, lia_id id)
{
    lia_document document;
    uint64_t hash;
    lia_index_key key = lia_key_record_of(kind, id);
    lia_err err = known(index, kind, id, &document, &hash);
    if (err || !document) return err;
    err = kill(index, document);
    return err ? err : lia_views_del(index->views, lia_index_key_span(&key));
}

void lia_index_owe(lia_index *index)
{
    index->mark.owed = true;
}

void lia_index_call_in(lia_index *index)
{
    index->mark.unclean |= index->mark.owed;
}

/* ---- publishing ------------------------------------------------------------------------------ */

lia_err lia_index_publish(lia_index *index, lia_why *why)
{
    uint8_t row[LIA_INDEX_MARK_SIZE];
    lia_err err = merge_all(index);
    lia_index_mark_put(&index->mark, row);
    if (!err) err = lia_views_put(index->views, LIA_SPAN("m"), LIA_SPAN_OF(row));
    return err ? err : lia_views_publish(index->views, index->mark.arrival, why);
}

lia_err lia_index_flush(lia_index *index, lia_why *why)
{
    return lia_views_flush(index->views, why);
}

/* ---- forgetting ------------------------------------------------------------------------------ */

lia_err lia_index_records_of(lia_index *index, lia_id customer, lia_index_record *out, size_t max,
                             size_t *count)
{
    lia_scan *scan;
    lia_span key, value;
    lia_index_key prefix = lia_key_customer(customer);
    *count = 0;
    lia_err err = lia_views_scan(index->views, lia_index_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < max && lia_scan_next(scan, &key, &value)) {
        if (key.size != prefix.size + 2 + LIA_ID_SIZE) continue;
        lia_index_record *record = &out[(*count)++];
        record->kind = lia_get_u16(key.data + prefix.size);
        record->id = lia_id_from(lia_span_skip(key, prefix.size + 2));
    }
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_index_unlink(lia_index *index, lia_id customer, lia_index_record record)
{
    lia_index_key key = lia_key_customer_record(customer, record.kind, record.id);
    index->mark.unclean = true;
    return lia_views_del(index->views, lia_index_key_span(&key));
}

/* On the flusher's thread. Documents of after its beginning are live for it. */
static bool keep_row(void *context, lia_span key, lia_span *value)
{
    lia_index *index = context;
    static _Thread_local uint8_t row[LIA_POSTINGS_BYTES_MAX];
    lia_document list[LIA_POSTINGS_MAX], document;
    size_t all = 0, count = 0;
    if (!key.size || key.data[0] != 't') return true;
    lia_postings postings = lia_postings_of(*value);
    while (all < LIA_POSTINGS_MAX && lia_postings_next(&postings, &document)) {
        all++;
        if (document >= index->was_next || has_bit(index->was_live, document))
            list[count++] = document;
    }
    if (count == all) return true;
    *value = lia_span_make(row, lia_postings_put(row, list, count));
    return count > 0;
}

static bool keep_nothing(void *context, lia_span key, lia_span *value)
{
    (void)context, (void)key, (void)value;
    return false;
}

lia_err lia_index_reset(lia_index *index, lia_why *why)
{
    index->count = 0;
    lia_arena_reset(&index->arena);
    lia_err err = lia_views_publish(index->views, 0, why);
    if (!err) err = lia_views_rewrite(index->views, keep_nothing, NULL, why);
    if (!err) err = lia_views_rewrite_wait(index->views, why);
    memset(index->live, 0, index->live_words * sizeof *index->live);
    index->mark = (lia_index_mark){.next = 1};
    return err;
}

lia_err lia_index_clean(lia_index *index, lia_why *why)
{
    lia_err err = lia_index_publish(index, why);
    size_t bytes = ((size_t)index->mark.next / 64 + 1) * sizeof *index->live;
    if (err) return err;
    index->was_live = malloc(bytes);
    if (!index->was_live) return lia_why_set(why, LIA_EFULL, "no memory");
    memcpy(index->was_live, index->live, bytes);
    index->was_next = index->mark.next;
    err = lia_views_rewrite(index->views, keep_row, index, why);
    if (!err) err = lia_views_rewrite_wait(index->views, why);
    free(index->was_live);
    index->was_live = NULL;
    if (err) return err;
    index->mark.dead = 0;
    index->mark.unclean = index->mark.owed = false;
    return lia_index_publish(index, why);
}

bool lia_index_is_stale(const lia_index *index)
{
    return index->mark.dead > DEAD_MIN + index->mark.live / 4;
}
