/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/spending.h"

#include "common/base/assert.h"
#include "common/wire/json.h"
#include "services/analytics/figures.h"

/* ---- counting, pure -------------------------------------------------------------------------- */

bool lia_tally_add(lia_tally *tally, const lia_deed *deed)
{
    bool bought = deed->type == LIA_DEED_TYPE(PURCHASE);
    if (!bought && deed->type != LIA_DEED_TYPE(RETURN)) return false;
    int64_t amount = deed->amount_minor;
    if (!bought && amount > 0) amount = -amount;
    if (deed->has_amount && !*tally->currency) memcpy(tally->currency, deed->currency, 4);
    if (deed->has_amount && memcmp(tally->currency, deed->currency, 4) == 0)
        tally->spent = lia_add_capped(tally->spent, amount);
    if (!bought) return true;
    if (!tally->purchases || deed->time.ms > tally->last_ms) tally->last_ms = deed->time.ms;
    if (tally->purchases < UINT32_MAX) tally->purchases++;
    return true;
}

bool lia_spending_is_dirty(const lia_spending *spending)
{
    return spending->now.purchases &&
           memcmp(&spending->now, &spending->told, sizeof(lia_tally)) != 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum { KEY_SIZE = 1 + LIA_ID_SIZE };

static lia_span key_of(uint8_t key[KEY_SIZE], uint8_t prefix, lia_id customer)
{
    key[0] = prefix;
    memcpy(key + 1, customer.bytes, LIA_ID_SIZE);
    return lia_span_make(key, KEY_SIZE);
}

bool lia_spending_read_mark(lia_id *customer, lia_span key)
{
    if (key.size != 1 + KEY_SIZE) return false;
    *customer = lia_id_from(lia_span_skip(key, 2));
    return true;
}

bool lia_spending_read(lia_spending *out, lia_id *customer, lia_span key, lia_span row)
{
    if (row.size != sizeof *out || !lia_spending_read_mark(customer, key)) return false;
    memcpy(out, row.data, sizeof *out);
    return true;
}

lia_err lia_spending_get(lia_turn *turn, lia_id customer, lia_spending *out)
{
    uint8_t key[KEY_SIZE];
    lia_span row;
    *out = (lia_spending){0};
    lia_err err = lia_fold_get(turn, key_of(key, 'c', customer), &row);
    if (err) return err;
    if (row.size != sizeof *out) return LIA_ECORRUPT;
    memcpy(out, row.data, sizeof *out);
    return LIA_OK;
}

/* Puts a changed row and keeps its mark. */
static lia_err put(lia_turn *turn, lia_id customer, const lia_spending *spending, bool was_dirty)
{
    uint8_t key[KEY_SIZE];
    lia_err err = lia_fold_put(turn, key_of(key, 'c', customer), LIA_SPAN_OF(*spending));
    bool is_dirty = lia_spending_is_dirty(spending);
    if (err || is_dirty == was_dirty) return err;
    lia_span mark = key_of(key, 'q', customer);
    return is_dirty ? lia_fold_put(turn, mark, LIA_SPAN_NONE) : lia_fold_del(turn, mark);
}

/* ---- folds ----------------------------------------------------------------------------------- */

lia_err lia_spending_fold_deed(lia_turn *turn, const lia_deed *deed)
{
    if (deed->type != LIA_DEED_TYPE(PURCHASE) && deed->type != LIA_DEED_TYPE(RETURN)) return LIA_OK;
    if (lia_id_is_none(deed->customer)) return LIA_OK;
    lia_spending spending;
    lia_err err = lia_spending_get(turn, deed->customer, &spending);
    if (err && err != LIA_EABSENT) return err;
    bool was_dirty = lia_spending_is_dirty(&spending);
    lia_tally_add(&spending.now, deed);
    return put(turn, deed->customer, &spending, was_dirty);
}

static lia_err count_class(lia_turn *turn, lia_class class, int step)
{
    uint8_t key[2] = {'n', (uint8_t) class};
    uint64_t count = 0;
    lia_span row;
    lia_err err = lia_fold_get(turn, LIA_SPAN_OF(key), &row);
    if (!err && row.size == sizeof count) memcpy(&count, row.data, sizeof count);
    if (err && err != LIA_EABSENT) return err;
    count += (uint64_t)(int64_t)step;
    return lia_fold_put(turn, LIA_SPAN_OF(key), LIA_SPAN_OF(count));
}

static lia_err move_class(lia_turn *turn, lia_class from, lia_class to)
{
    lia_err err = LIA_OK;
    if (from == to) return LIA_OK;
    if (from) err = count_class(turn, from, -1);
    if (!err && to) err = count_class(turn, to, 1);
    return err;
}

static lia_tally tally_told(const Crm__CustomerClass *class)
{
    lia_tally tally = {.purchases = class->purchases, .last_ms = class->last_purchase};
    if (!class->spent) return tally;
    tally.spent = class->spent->amount_minor;
    if (class->spent->currency && strlen(class->spent->currency) == 3)
        memcpy(tally.currency, class->spent->currency, 3);
    return tally;
}

lia_err lia_spending_fold_class(lia_turn *turn, lia_id customer, const Crm__CustomerClass *class)
{
    if (!class || lia_id_is_none(customer)) return LIA_OK;
    lia_spending spending;
    lia_err err = lia_spending_get(turn, customer, &spending);
    if (err && err != LIA_EABSENT) return err;
    bool was_dirty = lia_spending_is_dirty(&spending);
    lia_class before = lia_class_of(spending.scores);
    spending.told = tally_told(class);
    spending.scores =
        (lia_scores){(uint8_t) class->recency, (uint8_t) class->frequency, (uint8_t) class->money};
    err = put(turn, customer, &spending, was_dirty);
    return err ? err : move_class(turn, before, lia_class_of(spending.scores));
}

lia_err lia_spending_fold_erasure(lia_turn *turn, lia_id customer)
{
    uint8_t key[KEY_SIZE];
    lia_spending spending;
    lia_err err = lia_spending_get(turn, customer, &spending);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    err = move_class(turn, lia_class_of(spending.scores), 0);
    if (!err) err = lia_fold_del(turn, key_of(key, 'c', customer));
    return err ? err : lia_fold_del(turn, key_of(key, 'q', customer));
}

/* ---- the question ---------------------------------------------------------------------------- */

lia_err lia_classes_answer(lia_query *query)
{
    lia_buf_text(query->out, "{\"classes\":[");
    for (lia_class class = LIA_CLASS_NONE + 1; class < LIA_CLASSES; class ++) {
        uint8_t name[2] = {'n', (uint8_t) class};
        lia_key key = lia_key_fold(LIA_SPAN_OF(name));
        uint64_t count = 0;
        lia_span row;
        lia_err err = lia_rows_get(query->rows, lia_key_span(&key), &row);
        if (!err && row.size == sizeof count) memcpy(&count, row.data, sizeof count);
        if (err && err != LIA_EABSENT) return err;
        if (class > LIA_CLASS_NONE + 1) lia_buf_byte(query->out, ',');
        lia_buf_text(query->out, "{\"name\":");
        lia_json_put_text(query->out, lia_span_text(lia_class_name(class)));
        lia_buf_text(query->out, ",\"customers\":");
        lia_json_put_uint(query->out, count);
        lia_buf_byte(query->out, '}');
    }
    lia_buf_text(query->out, "]}");
    return query->out->failed ? LIA_EFULL : LIA_OK;
}
