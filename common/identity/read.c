/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from the rows alone. */
#include "common/identity/layout.h"

lia_err lia_identity_customer(const lia_rows *rows, lia_id record, lia_id *customer)
{
    bool crowded;
    *customer = record;
    lia_err err = lia_identity_customer_row(rows, record, customer, &crowded);
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_identity_members(const lia_rows *rows, lia_id record, lia_id *out, size_t max,
                             size_t *count)
{
    lia_id customer;
    lia_scan *scan;
    lia_span key, value;
    bool crowded;
    *count = 0;
    lia_err err = lia_identity_customer_row(rows, record, &customer, &crowded);
    if (err == LIA_EABSENT && max) out[(*count)++] = record; /* alone, as most are */
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    lia_key prefix = lia_identity_row_of(LIA_IDENTITY_MEMBER, customer);
    err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < max && lia_scan_next(scan, &key, &value))
        out[(*count)++] = lia_identity_last_id(key);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    if (!err && !*count && max) out[(*count)++] = record;
    return err;
}

/* Opens a scan below `prefix` that stands behind `last`, or before the first row when that is the
 * prefix itself. */
static lia_err scan_behind(const lia_rows *rows, const lia_key *prefix, lia_key last,
                           lia_scan **out)
{
    lia_err err = lia_rows_scan(rows, lia_key_span(prefix), out);
    if (err || last.size == prefix->size) return err;
    last.bytes[last.size++] = 0;
    lia_scan_seek(*out, lia_key_span(&last));
    return LIA_OK;
}

lia_err lia_identity_ties(const lia_rows *rows, lia_id record, lia_id after, lia_tie *out,
                          size_t max, size_t *count, bool *more)
{
    lia_key prefix = lia_identity_row_of(LIA_IDENTITY_TIE, record);
    lia_key last =
        lia_id_is_none(after) ? prefix : lia_identity_row_of_pair(LIA_IDENTITY_TIE, record, after);
    lia_scan *scan;
    lia_span key, value;
    lia_tie_row row;
    *count = 0;
    *more = false;
    lia_err err = scan_behind(rows, &prefix, last, &scan);
    if (err) return err;
    while (!err && !*more && lia_scan_next(scan, &key, &value)) {
        err = lia_identity_get_tie(key, value, &row);
        *more = *count == max;
        if (!err && !*more) out[(*count)++] = row.tie;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_identity_tie(const lia_rows *rows, lia_id a, lia_id b, lia_tie *out)
{
    lia_key key = lia_identity_row_of_pair(LIA_IDENTITY_TIE, a, b);
    lia_span value;
    lia_tie_row row;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &value);
    if (!err) err = lia_identity_get_tie(lia_key_span(&key), value, &row);
    if (!err) *out = row.tie;
    return err;
}

lia_err lia_identity_word(const lia_rows *rows, lia_id a, lia_id b, lia_word *out)
{
    lia_key key = lia_identity_row_of_pair(LIA_IDENTITY_WORD, a, b);
    lia_span row;
    *out = LIA_WORD_NONE;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    if (row.size != 1) return LIA_ECORRUPT;
    *out = (lia_word)row.data[0];
    return LIA_OK;
}

static lia_err get_question(lia_span key, lia_span value, lia_question *out)
{
    enum { SCORE = 2, A = SCORE + 4, B = A + LIA_ID_SIZE, KEY_SIZE = B + LIA_ID_SIZE };
    if (key.size != KEY_SIZE || value.size != 2) return LIA_ECORRUPT;
    *out = (lia_question){.score = (int32_t)(~lia_get_u32(key.data + SCORE) ^ UINT32_C(0x80000000)),
                          .a = lia_id_from(lia_span_make(key.data + A, LIA_ID_SIZE)),
                          .b = lia_id_from(lia_span_make(key.data + B, LIA_ID_SIZE)),
                          .certain = value.data[1],
                          .fate = (lia_edge_fate)value.data[0]};
    return LIA_OK;
}

lia_err lia_identity_questions(const lia_rows *rows, const lia_question *after, lia_question *out,
                               size_t max, size_t *count, bool *more)
{
    lia_key prefix = lia_identity_row(LIA_IDENTITY_QUESTION);
    lia_key last = after ? lia_identity_question(after->score, after->a, after->b) : prefix;
    lia_scan *scan;
    lia_span key, value;
    lia_question question;
    *count = 0;
    *more = false;
    lia_err err = scan_behind(rows, &prefix, last, &scan);
    if (err) return err;
    while (!err && !*more && lia_scan_next(scan, &key, &value)) {
        err = get_question(key, value, &question);
        *more = *count == max;
        if (!err && !*more) out[(*count)++] = question;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}
