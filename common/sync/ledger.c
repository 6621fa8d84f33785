/* SPDX-License-Identifier: Apache-2.0 */
/* A sorted array: erasures are rare, look-ups are not, and in order is how peers compare. */
#include "common/sync/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/crypto.h"

void lia_ledger_fini(lia_ledger *ledger)
{
    free(ledger->ids);
    *ledger = (lia_ledger){0};
}

size_t lia_ledger_place(const lia_ledger *ledger, lia_id after)
{
    size_t low = 0, high = (size_t)ledger->sum.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(ledger->ids[middle].bytes, after.bytes, LIA_ID_SIZE) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool lia_ledger_has(const lia_ledger *ledger, lia_id customer)
{
    size_t place = lia_ledger_place(ledger, customer);
    return place && lia_id_equal(ledger->ids[place - 1], customer);
}

bool lia_ledger_same(const lia_ledger_sum *a, const lia_ledger_sum *b)
{
    return a->count == b->count && a->of_hashes[0] == b->of_hashes[0] &&
           a->of_hashes[1] == b->of_hashes[1];
}

static lia_err grow(lia_ledger *ledger)
{
    if (ledger->sum.count < ledger->capacity) return LIA_OK;
    if (ledger->sum.count >= LIA_ERASURES_MAX) return LIA_EFULL;
    size_t capacity = ledger->capacity ? 2 * ledger->capacity : 64;
    lia_id *ids = realloc(ledger->ids, capacity * sizeof *ids);
    if (!ids) return LIA_EFULL;
    ledger->ids = ids;
    ledger->capacity = capacity;
    return LIA_OK;
}

static void add_hash(lia_ledger_sum *sum, lia_id customer)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_span part = lia_id_span(&customer);
    lia_digest_of("liaison.erased", &part, 1, digest);
    uint64_t low = lia_get_u64(digest + 8);
    sum->of_hashes[1] += low;
    sum->of_hashes[0] += lia_get_u64(digest) + (sum->of_hashes[1] < low);
    sum->count++;
}

lia_err lia_ledger_add(lia_ledger *ledger, lia_id customer)
{
    if (lia_id_is_none(customer)) return LIA_EINVAL;
    size_t place = lia_ledger_place(ledger, customer);
    if (place && lia_id_equal(ledger->ids[place - 1], customer)) return LIA_EEXIST;
    lia_err err = grow(ledger);
    if (err) return err;
    lia_id *at = ledger->ids + place;
    memmove(at + 1, at, ((size_t)ledger->sum.count - place) * sizeof *at);
    *at = customer;
    add_hash(&ledger->sum, customer);
    return LIA_OK;
}

/* ---- the file -------------------------------------------------------------------------------- */

#define TITLE "liaison erasures "

void lia_ledger_print(const lia_ledger *ledger, lia_id cluster, lia_buf *out)
{
    char text[LIA_ID_TEXT_SIZE];
    lia_id_print(cluster, text);
    lia_buf_format(out, TITLE "1 %s\n", text);
    for (uint64_t i = 0; i < ledger->sum.count; i++) {
        lia_id_print(ledger->ids[i], text);
        lia_buf_text(out, text);
        lia_buf_byte(out, '\n');
    }
    lia_buf_format(out, "end %llu %016llx%016llx\n", (unsigned long long)ledger->sum.count,
                   (unsigned long long)ledger->sum.of_hashes[0],
                   (unsigned long long)ledger->sum.of_hashes[1]);
}

/* The next line without its end; a last one without an end is none. */
static bool take_line(lia_span *rest, lia_span *line)
{
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    if (!end) return false;
    *line = lia_span_make(rest->data, (size_t)(end - rest->data));
    *rest = lia_span_skip(*rest, line->size + 1);
    return true;
}

static lia_err read_title(lia_span line, lia_id cluster, lia_why *why)
{
    const lia_span title = LIA_SPAN(TITLE), version = LIA_SPAN(TITLE "1 ");
    lia_id of;
    if (!lia_span_starts(line, title))
        return lia_why_set(why, LIA_EINVAL, "line 1: this is no file of erasures");
    if (!lia_span_starts(line, version))
        return lia_why_set(why, LIA_EVERSION, "line 1: a newer release wrote this file");
    if (lia_id_parse(lia_span_skip(line, version.size), &of))
        return lia_why_set(why, LIA_EINVAL, "line 1: the cluster's id is wanted behind '1'");
    if (!lia_id_equal(of, cluster))
        return lia_why_set(why, LIA_EDENIED, "line 1: these are the erasures of another cluster");
    return LIA_OK;
}

/* The last line must be what would be written for the ids above it. */
static lia_err check_end(lia_span line, const lia_ledger_sum *sum, lia_span rest, size_t number,
                         lia_why *why)
{
    char wanted[80];
    int size =
        snprintf(wanted, sizeof wanted, "end %llu %016llx%016llx", (unsigned long long)sum->count,
                 (unsigned long long)sum->of_hashes[0], (unsigned long long)sum->of_hashes[1]);
    if (!lia_span_equal(line, lia_span_make(wanted, (size_t)size)))
        return lia_why_set(why, LIA_EINVAL,
                           "line %zu: its sum is not that of the lines above: the file was changed",
                           number);
    if (rest.size)
        return lia_why_set(why, LIA_EINVAL, "line %zu: there is something behind the end",
                           number + 1);
    return LIA_OK;
}

lia_err lia_ledger_parse(lia_ledger *ledger, lia_id cluster, lia_span text, lia_why *why)
{
    lia_span line, end = LIA_SPAN("end ");
    lia_ledger_sum read = {0};
    lia_id last = LIA_ID_NONE, id;
    if (!take_line(&text, &line))
        return lia_why_set(why, LIA_EINVAL, "line 1: this is no file of erasures");
    lia_err err = read_title(line, cluster, why);
    for (size_t number = 2; !err; number++) {
        if (!take_line(&text, &line))
            return lia_why_set(why, LIA_EINVAL, "line %zu: the file was cut short here", number);
        if (lia_span_starts(line, end)) return check_end(line, &read, text, number, why);
        if (lia_id_parse(line, &id) || memcmp(id.bytes, last.bytes, LIA_ID_SIZE) <= 0)
            return lia_why_set(why, LIA_EINVAL,
                               "line %zu: the id of a customer is wanted, above the one before",
                               number);
        add_hash(&read, last = id);
        err = lia_ledger_add(ledger, id);
        if (err == LIA_EEXIST) err = LIA_OK;
        if (err) lia_why_set(why, err, "line %zu: no room for more erasures", number);
    }
    return err;
}
