/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/figures.h"

#include <stdlib.h>

#include "common/base/assert.h"
#include "common/node/fields.h"
#include "common/wire/json.h"
#include "proto/analytics.pb-c.h"

/* ---- the rows -------------------------------------------------------------------------------- */

enum { KEY_SIZE = 11, DAY_KEY_SIZE = 5 };

static void put_day(uint8_t *key, int32_t day)
{
    key[0] = 'd';
    lia_put_u32(key + 1, (uint32_t)day ^ 0x80000000u);
}

int64_t lia_add_capped(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b < 0 ? INT64_MIN : INT64_MAX;
}

lia_err lia_figures_fold(lia_turn *turn, const lia_deed *deed, bool back)
{
    uint8_t key[KEY_SIZE];
    put_day(key, deed->day);
    key[5] = deed->channel;
    key[6] = deed->department;
    key[7] = deed->type;
    memcpy(key + 8, deed->currency, 3);

    lia_cell cell = {0};
    lia_span row;
    lia_err err = lia_fold_get(turn, LIA_SPAN_OF(key), &row);
    if (!err && row.size == sizeof cell) memcpy(&cell, row.data, sizeof cell);
    if (err && err != LIA_EABSENT) return err;
    int64_t amount = back ? -deed->amount_minor : deed->amount_minor;
    cell.count += back ? UINT64_MAX : 1;
    cell.amount_minor = lia_add_capped(cell.amount_minor, amount);
    if (!cell.count) return lia_fold_del(turn, LIA_SPAN_OF(key));
    return lia_fold_put(turn, LIA_SPAN_OF(key), LIA_SPAN_OF(cell));
}

/* A key as scans give it: 'f' and ours. */
static bool read_row(lia_figure *figure, lia_span key, lia_span value)
{
    if (key.size != 1 + KEY_SIZE || value.size != sizeof figure->cell) return false;
    const uint8_t *at = key.data + 1;
    *figure = (lia_figure){.day = (int32_t)(lia_get_u32(at + 1) ^ 0x80000000u),
                           .channel = at[5],
                           .department = at[6],
                           .type = at[7]};
    memcpy(figure->currency, at + 8, 3);
    memcpy(&figure->cell, value.data, sizeof figure->cell);
    return true;
}

/* ---- adding up ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned bit;
} dimensions[] = {{"day", LIA_BY_DAY},
                  {"channel", LIA_BY_CHANNEL},
                  {"department", LIA_BY_DEPARTMENT},
                  {"type", LIA_BY_TYPE}};

lia_err lia_figures_by(lia_span text, unsigned *by, lia_why *why)
{
    *by = 0;
    while (text.size) {
        const uint8_t *comma = memchr(text.data, ',', text.size);
        lia_span word = lia_span_make(text.data, comma ? (size_t)(comma - text.data) : text.size);
        unsigned bit = 0;
        for (size_t i = 0; i < LIA_COUNT(dimensions); i++)
            if (lia_span_is(word, dimensions[i].name)) bit = dimensions[i].bit;
        if (!bit)
            return lia_why_set(why, LIA_EINVAL,
                               "by: no dimension '%.*s'; there are day, channel, department, type",
                               (int)(word.size < 40 ? word.size : 40), word.data);
        *by |= bit;
        text = lia_span_skip(text, word.size + (comma ? 1 : 0));
    }
    return LIA_OK;
}

void lia_figure_project(lia_figure *figure, unsigned by)
{
    if (!(by & LIA_BY_DAY)) figure->day = 0;
    if (!(by & LIA_BY_CHANNEL)) figure->channel = 0;
    if (!(by & LIA_BY_DEPARTMENT)) figure->department = 0;
    if (!(by & LIA_BY_TYPE)) figure->type = 0;
}

static int compare_places(const lia_figure *a, const lia_figure *b)
{
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->channel != b->channel) return a->channel - b->channel;
    if (a->department != b->department) return a->department - b->department;
    return a->type - b->type;
}

static int compare(const void *one, const void *two)
{
    const lia_figure *a = one, *b = two;
    int order = compare_places(a, b);
    return order ? order : memcmp(a->currency, b->currency, sizeof a->currency);
}

size_t lia_figures_join(lia_figure *figures, size_t count)
{
    size_t kept = 0;
    qsort(figures, count, sizeof *figures, compare);
    for (size_t i = 0; i < count; i++) {
        if (kept && compare(&figures[kept - 1], &figures[i]) == 0) {
            lia_cell *sum = &figures[kept - 1].cell;
            sum->count += figures[i].cell.count;
            sum->amount_minor = lia_add_capped(sum->amount_minor, figures[i].cell.amount_minor);
        } else {
            figures[kept++] = figures[i];
        }
    }
    return kept;
}

/* ---- the question ---------------------------------------------------------------------------- */

/* Figures in memory before they are joined; an answer cannot have more than half of it. */
enum { FIGURES_MAX = 1 << 16 };

typedef struct question {
    unsigned by;
    int32_t from, to; /* days, both included */
    lia_figure *figures;
    size_t count;
} question;

static lia_err read_day(lia_query *query, const char *name, int32_t *day)
{
    lia_span text;
    lia_time time;
    if (!query->param(query, name, &text)) return LIA_OK;
    if (lia_time_parse(text, &time))
        return lia_why_set(query->why, LIA_EINVAL, "%s: a date is wanted, as in 2026-11-22", name);
    *day = lia_day_of(time);
    return LIA_OK;
}

static lia_err read_ask(question *ask, lia_query *query)
{
    lia_span by;
    *ask = (question){.from = INT32_MIN, .to = INT32_MAX};
    lia_err err = LIA_OK;
    if (query->param(query, "by", &by)) err = lia_figures_by(by, &ask->by, query->why);
    if (!err) err = read_day(query, "from", &ask->from);
    if (!err) err = read_day(query, "to", &ask->to);
    if (err) return err;
    ask->figures = lia_arena_take(query->arena, FIGURES_MAX * sizeof *ask->figures);
    return ask->figures ? LIA_OK : LIA_EFULL;
}

static lia_err add(question *ask, lia_figure figure, lia_why *why)
{
    lia_figure_project(&figure, ask->by);
    ask->figures[ask->count++] = figure;
    if (ask->count < FIGURES_MAX) return LIA_OK;
    ask->count = lia_figures_join(ask->figures, ask->count);
    if (ask->count < FIGURES_MAX / 2) return LIA_OK;
    return lia_why_set(why, LIA_EFULL, "more than %d rows; narrow from and to, or by",
                       FIGURES_MAX / 2);
}

static lia_err collect(question *ask, lia_query *query)
{
    lia_key prefix = lia_key_fold(LIA_SPAN("d"));
    uint8_t from[DAY_KEY_SIZE];
    put_day(from, ask->from);
    lia_key first = lia_key_fold(LIA_SPAN_OF(from));
    lia_scan *scan;
    lia_err err = lia_rows_scan(query->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    lia_scan_seek(scan, lia_key_span(&first));
    lia_span key, value;
    lia_figure figure;
    while (!err && lia_scan_next(scan, &key, &value)) {
        if (!read_row(&figure, key, value)) continue;
        if (figure.day > ask->to) break;
        err = add(ask, figure, query->why);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    if (!err) ask->count = lia_figures_join(ask->figures, ask->count);
    return err;
}

/* One row of the answer: all currencies of one place. Returns how many figures it took. */
static size_t put_row(lia_query *query, const question *ask, size_t first)
{
    const lia_figure *at = &ask->figures[first];
    Analytics__Figure row = ANALYTICS__FIGURE__INIT;
    if (ask->by & LIA_BY_DAY) LIA_SET(&row, day, at->day);
    if (ask->by & LIA_BY_CHANNEL) LIA_SET(&row, channel, (Crm__Channel)at->channel);
    if (ask->by & LIA_BY_DEPARTMENT) LIA_SET(&row, department, (Liaison__Department)at->department);
    if (ask->by & LIA_BY_TYPE) LIA_SET(&row, type, (Crm__InteractionType)at->type);

    Crm__Money amounts[16], *list[LIA_COUNT(amounts)];
    size_t taken = 0;
    row.has_count = true;
    for (; first + taken < ask->count && compare_places(at, &at[taken]) == 0; taken++) {
        row.count += at[taken].cell.count;
        if (!*at[taken].currency || row.n_amounts == LIA_COUNT(amounts)) continue;
        Crm__Money *money = list[row.n_amounts] = &amounts[row.n_amounts];
        crm__money__init(money);
        LIA_SET(money, amount_minor, at[taken].cell.amount_minor);
        money->currency = at[taken].currency;
        row.n_amounts++;
    }
    row.amounts = list;
    size_t size = protobuf_c_message_get_packed_size(&row.base);
    uint8_t bytes[1024];
    lia_assert(size <= sizeof bytes);
    protobuf_c_message_pack(&row.base, bytes);
    lia_json_put_message(query->out, lia_message_find("liaison.analytics.Figure"),
                         lia_span_make(bytes, size));
    return taken;
}

lia_err lia_figures_answer(lia_query *query)
{
    question ask;
    lia_err err = read_ask(&ask, query);
    if (!err) err = collect(&ask, query);
    if (err) return err;
    lia_buf_text(query->out, "{\"rows\":[");
    for (size_t i = 0; i < ask.count;) {
        if (i) lia_buf_byte(query->out, ',');
        i += put_row(query, &ask, i);
    }
    lia_buf_text(query->out, "]}");
    return query->out->failed ? LIA_EFULL : LIA_OK;
}
