/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a question, held against any bytes as a record, as rows of postings and as a mark.
 * The first line is the question, the rest a customer's message. Always true: what is marked lies
 * in what is shown; a record is found by its own name; postings get lower; what was written is read
 * again. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/search/hit.h"
#include "common/wire/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lia_arena arena;
static const lia_country home = {"DE"};

static size_t letters_of(lia_span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

static void check_shown(const lia_search_shown *shown)
{
    size_t letters = letters_of(shown->text), last = 0;
    lia_assert(shown->range_count <= LIA_SEARCH_RANGES_MAX);
    for (size_t i = 0; i < shown->range_count; i++) {
        const lia_search_range *range = &shown->ranges[i];
        lia_assert(range->start >= last && range->start <= range->end && range->end <= letters);
        last = range->end;
    }
}

static bool check_hit(lia_span text, lia_span message)
{
    static lia_reading readings[2];
    size_t count;
    bool found = false;
    lia_why why = {{0}};
    lia_err err = lia_question_read(readings, &count, text, home, &arena, &why);
    lia_assert(!err || (err == LIA_EINVAL && why.text[0]) || err == LIA_EFULL);
    for (size_t i = 0; i < count && !err; i++) {
        lia_search_hit hit;
        bool fits;
        lia_assert(readings[i].count && readings[i].count <= LIA_SEARCH_WORDS_MAX);
        err = lia_hit_make(&hit, lia_kind_find(LIA_CUSTOMER), message, &readings[i], home, &arena,
                           &fits);
        if (err || !fits) continue;
        found = true;
        lia_assert(hit.score > 0 && hit.reason_count == readings[i].count);
        check_shown(&hit.title);
        check_shown(&hit.snippet);
    }
    return found || err;
}

static void check_own_name(lia_span message)
{
    static lia_reading readings[2];
    size_t count;
    lia_span title = lia_text_title(lia_kind_find(LIA_CUSTOMER), message);
    if (lia_question_read(readings, &count, title, home, &arena, NULL)) return;
    /* What looks like a telephone number is looked for there, too; one of the readings has words.
     */
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < readings[i].count; j++)
            if (!readings[i].list[j].plain_size) count = 0;
    if (count == 1 && lia_pb_valid(message)) lia_assert(check_hit(title, message));
}

static void check_rows(lia_span bytes)
{
    static lia_document list[LIA_POSTINGS_MAX];
    uint8_t row[LIA_POSTINGS_BYTES_MAX], mark_row[LIA_INDEX_MARK_SIZE];
    lia_index_mark mark;
    lia_posting_key key;
    lia_postings postings = lia_postings_of(bytes);
    size_t count = 0;
    while (count < LIA_POSTINGS_MAX && lia_postings_next(&postings, &list[count])) {
        lia_assert(list[count] && (!count || list[count] < list[count - 1]));
        count++;
    }
    size_t size = lia_postings_put(row, list, count);
    postings = lia_postings_of(lia_span_make(row, size));
    for (size_t i = 0; i < count; i++) {
        lia_document again;
        lia_assert(lia_postings_next(&postings, &again) && again == list[i]);
    }
    if (lia_posting_key_read(bytes, &key)) lia_assert(key.term.size < bytes.size);
    if (lia_index_mark_read(bytes, &mark)) lia_index_mark_put(&mark, mark_row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) abort();
    lia_arena_reset(&arena);
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t first = line ? (size_t)(line - data) : size;
    lia_span text = lia_span_make(data, first);
    lia_span message = lia_span_make(data + first + (line != NULL), size - first - (line != NULL));
    check_hit(text, message);
    check_own_name(message);
    check_rows(lia_span_make(data, size));
    return 0;
}
