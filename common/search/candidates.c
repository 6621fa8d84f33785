/* SPDX-License-Identifier: Apache-2.0 */
/* Each word's rows are gathered first, then the documents are counted through in one pass a word: a
 * byte for each document says how many of the words it has. That is quick for common words, where
 * lists would have to be merged, and costs nothing for rare ones, since memory that is not touched
 * is not there. How often a word occurs in the base does not count: all words must be there anyway,
 * and it would tell of records that the asker may not see. */
#include "common/search/candidates.h"

#include <stdlib.h>

#include "common/search/near.h"

unsigned lia_fit_weight(lia_text_class class, lia_search_how how)
{
    static const uint8_t by_class[] = {
        [LIA_TEXT_LONG] = 1, [LIA_TEXT_SHORT] = 3, [LIA_TEXT_PHONE] = 3, [LIA_TEXT_TITLE] = 4};
    static const uint8_t by_how[] = {
        [LIA_SEARCH_NOT] = 0,   [LIA_SEARCH_NEAR_START] = 3, [LIA_SEARCH_NEAR] = 4,
        [LIA_SEARCH_START] = 6, [LIA_SEARCH_PHONE] = 10,     [LIA_SEARCH_EXACT] = 10};
    return (unsigned)by_class[class] * by_how[how];
}

/* ---- what can be found -------------------------------------------------------------------------
 */

typedef struct field_class {
    uint32_t field;
    uint16_t kind;
    uint8_t class;
    bool narrow; /* of its documents only the asker's few count */
} field_class;

struct lia_candidate_fields {
    size_t count;
    field_class list[];
};

static size_t add_fields(const lia_candidates *match, const lia_kind *kind, field_class *out)
{
    lia_text_class class;
    size_t count = 0;
    const lia_search_question *question = match->question;
    if (question->kind && question->kind->number != kind->number) return 0;
    const lia_kind *seen = question->eyes.kind(question->eyes.context, kind->number);
    bool narrow = lia_few_narrows(match->few, (uint16_t)kind->number);
    for (size_t i = 0; seen && i < seen->message->count; i++) {
        const lia_field *field = &seen->message->fields[i];
        if (!lia_text_searched(seen, field, &class)) continue;
        if (out) out[count] = (field_class){field->number, kind->number, (uint8_t) class, narrow};
        count++;
    }
    return count;
}

/* Fields by kind and number: kinds and fields are in that order. */
static lia_err read_fields(lia_candidates *match)
{
    size_t kinds, count = 0;
    const lia_kind *list = lia_kinds(&kinds);
    for (size_t i = 0; i < kinds; i++) count += add_fields(match, &list[i], NULL);
    match->fields =
        lia_arena_take(match->arena, sizeof *match->fields + count * sizeof(field_class));
    if (!match->fields) return LIA_EFULL;
    match->fields->count = 0;
    for (size_t i = 0; i < kinds; i++)
        match->fields->count +=
            add_fields(match, &list[i], match->fields->list + match->fields->count);
    return LIA_OK;
}

static const field_class *find_field(const struct lia_candidate_fields *fields, uint16_t kind,
                                     uint32_t field)
{
    size_t low = 0, high = fields->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const field_class *at = &fields->list[middle];
        if (at->kind == kind && at->field == field) return at;
        if (at->kind < kind || (at->kind == kind && at->field < field))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- rows of a word -------------------------------------------------------------------------- */

typedef struct row {
    lia_span postings;
    unsigned weight;
    bool narrow;
} row;

typedef struct gathered {
    const lia_candidates *match;
    lia_buf rows; /* of row */
    size_t looked, bytes;
    bool cut; /* there are more */
    lia_err err;
} gathered;

/* Keeps a row that the asker may see. False when it is time to stop. */
static bool take(gathered *to, lia_span key, lia_span value, lia_search_how how)
{
    lia_posting_key posting;
    if (++to->looked > LIA_CANDIDATE_ROWS_MAX) {
        to->cut = true;
        return false;
    }
    if (!lia_posting_key_read(key, &posting)) return true;
    const field_class *field = find_field(to->match->fields, posting.kind, posting.field);
    if (!field) return true;
    row kept = {lia_arena_copy(to->match->arena, value),
                lia_fit_weight((lia_text_class)field->class, how), field->narrow};
    lia_buf_add(&to->rows, &kept, sizeof kept);
    to->bytes += value.size;
    if (kept.postings.data && !to->rows.failed) return true;
    to->err = LIA_EFULL;
    return false;
}

/* Terms that begin so; those that are no longer than that are `whole`. */
static bool take_start(gathered *to, lia_scan *scan, lia_span start, lia_search_how whole,
                       lia_search_how longer)
{
    lia_span key, value;
    lia_index_key from = lia_key_term_start(start);
    lia_scan_seek(scan, lia_index_key_span(&from));
    while (lia_scan_next(scan, &key, &value)) {
        if (!lia_span_starts(key, lia_index_key_span(&from))) break;
        bool is_whole = key.size > from.size && key.data[from.size] == 0;
        if (!is_whole && longer == LIA_SEARCH_NOT) break;
        if (!take(to, key, value, is_whole ? whole : longer)) return false;
    }
    return true;
}

static bool take_phone(gathered *to, lia_scan *scan, uint8_t table, const uint8_t *digits,
                       size_t size)
{
    uint8_t term[1 + LIA_PHONE_DIGITS_MAX];
    if (!size) return true;
    term[0] = table;
    memcpy(term + 1, digits, size);
    return take_start(to, scan, lia_span_make(term, 1 + size), LIA_SEARCH_PHONE, LIA_SEARCH_PHONE);
}

static bool take_near(void *context, lia_scan *scan, lia_span term, bool longer)
{
    return take_start(context, scan, term, LIA_SEARCH_NEAR,
                      longer ? LIA_SEARCH_NEAR_START : LIA_SEARCH_NOT);
}

static lia_err gather(gathered *to, const lia_wanted *wanted)
{
    lia_scan *scan;
    const lia_span forms[] = {lia_wanted_plain(wanted), lia_wanted_spelt(wanted)};
    const lia_phone_forms *phone = &wanted->phone;
    to->rows = lia_buf_make(to->match->arena);
    lia_err err = lia_scan_open(&scan, to->match->index, LIA_SPAN("t"));
    if (err) return err;
    bool on = take_phone(to, scan, LIA_TERM_PHONE, phone->whole, phone->whole_size) &&
              take_phone(to, scan, LIA_TERM_PHONE_BACK, phone->back, phone->back_size);
    for (size_t i = 0; on && i < LIA_COUNT(forms); i++)
        if (forms[i].size) on = take_start(to, scan, forms[i], LIA_SEARCH_EXACT, LIA_SEARCH_START);
    for (size_t i = 0; on && i < LIA_COUNT(forms); i++)
        if (lia_near_wanted(forms[i])) on = lia_near_terms(scan, forms[i], take_near, to);
    err = to->err ? to->err : lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- counting through ------------------------------------------------------------------------ */

typedef struct pool {
    const lia_few *few;
    size_t size;     /* documents have lower numbers */
    uint8_t *stage;  /* how many words it has */
    uint8_t *best;   /* for the last one of them */
    uint16_t *total; /* for all of them */
    lia_document *found;
    size_t found_count, found_room;
    lia_err err;
} pool;

static void found(pool *p, lia_document document)
{
    if (p->found_count == p->found_room) {
        size_t room = p->found_room ? 2 * p->found_room : 4096;
        lia_document *grown = realloc(p->found, room * sizeof *grown);
        if (!grown) {
            p->err = LIA_EFULL;
            return;
        }
        p->found = grown;
        p->found_room = room;
    }
    p->found[p->found_count++] = document;
}

static void count_row(pool *p, const row *from, unsigned word, bool last)
{
    lia_document document;
    lia_postings postings = lia_postings_of(from->postings);
    while (lia_postings_next(&postings, &document)) {
        if (document >= p->size) continue;
        if (from->narrow && !lia_few_has(p->few, document)) continue;
        uint8_t *stage = &p->stage[document];
        if (*stage == word) {
            *stage = (uint8_t)(word + 1);
            p->best[document] = (uint8_t)from->weight;
            p->total[document] = (uint16_t)(p->total[document] + from->weight);
            if (last) found(p, document);
        } else if (*stage == word + 1 && p->best[document] < from->weight) {
            p->total[document] = (uint16_t)(p->total[document] + from->weight - p->best[document]);
            p->best[document] = (uint8_t)from->weight;
        }
    }
}

static int by_cost(const void *left, const void *right)
{
    const gathered *a = left, *b = right;
    if (a->cut != b->cut) return a->cut ? 1 : -1;
    return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

/* The words that are whole, rarest first; when none is, the first. */
static void count_through(pool *p, gathered *words, size_t count)
{
    size_t whole = 0;
    qsort(words, count, sizeof *words, by_cost);
    while (whole < count && !words[whole].cut) whole++;
    if (!whole) whole = 1;
    for (size_t i = 0; i < whole; i++) {
        const row *rows = (const row *)words[i].rows.data;
        size_t row_count = words[i].rows.size / sizeof *rows;
        for (size_t j = 0; j < row_count && !p->err; j++)
            count_row(p, &rows[j], (unsigned)i, i + 1 == whole);
    }
}

/* ---- the best first -------------------------------------------------------------------------- */

static void sink(uint64_t *heap, size_t count, size_t at)
{
    uint64_t value = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child + 1] > heap[child]) child++;
        if (heap[child] <= value) break;
        heap[at] = heap[child];
    }
    heap[at] = value;
}

static lia_err make_heap(lia_candidates *match, const pool *p)
{
    match->count = p->found_count;
    match->heap = malloc((p->found_count + 1) * sizeof *match->heap);
    if (!match->heap) return LIA_EFULL;
    for (size_t i = 0; i < match->count; i++)
        match->heap[i] = (uint64_t)p->total[p->found[i]] << 32 | p->found[i];
    for (size_t i = match->count / 2; i-- > 0;) sink(match->heap, match->count, i);
    return LIA_OK;
}

bool lia_candidates_next(lia_candidates *match, lia_document *out)
{
    if (!match->count) return false;
    *out = (lia_document)match->heap[0];
    match->heap[0] = match->heap[--match->count];
    if (match->count) sink(match->heap, match->count, 0);
    return true;
}

/* ---- all of it ---------------------------------------------------------------------------------
 */

static lia_err open_pool(pool *p, lia_snapshot *index)
{
    lia_span bytes;
    lia_index_mark mark;
    lia_err err = lia_snapshot_get(index, LIA_SPAN("m"), &bytes);
    if (err == LIA_EABSENT) return LIA_OK; /* nothing is in yet */
    if (err || !lia_index_mark_read(bytes, &mark)) return err;
    p->size = mark.next;
    p->stage = calloc(p->size, sizeof *p->stage);
    p->best = calloc(p->size, sizeof *p->best);
    p->total = calloc(p->size, sizeof *p->total);
    return p->stage && p->best && p->total ? LIA_OK : LIA_EFULL;
}

static void close_pool(pool *p)
{
    free(p->stage);
    free(p->best);
    free(p->total);
    free(p->found);
}

lia_err lia_candidates_find(lia_candidates *match, const lia_reading *reading)
{
    pool p = {.few = match->few};
    gathered words[LIA_SEARCH_WORDS_MAX];
    lia_err err = match->fields ? LIA_OK : read_fields(match);
    match->heap = NULL;
    match->count = 0;
    for (size_t i = 0; i < reading->count && !err; i++) {
        words[i] = (gathered){.match = match};
        err = gather(&words[i], &reading->list[i]);
    }
    if (!err) err = open_pool(&p, match->index);
    if (!err && p.size) count_through(&p, words, reading->count);
    if (!err) err = p.err;
    if (!err) err = make_heap(match, &p);
    close_pool(&p);
    return err;
}
