/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/keep.h"

/* ---- rows ------------------------------------------------------------------------------------ */

void lia_state_row_put(const lia_hook_state *state, uint8_t out[LIA_STATE_ROW_SIZE])
{
    lia_put_u64(out, state->cursor);
    lia_put_u64(out + 8, state->attempts);
    lia_put_u64(out + 16, state->failures);
    lia_put_u64(out + 24, (uint64_t)state->failing_since_ms);
    lia_put_u64(out + 32, (uint64_t)state->retry_ms);
    lia_put_u64(out + 40, state->replay_next);
    lia_put_u64(out + 48, state->replay_until);
}

lia_err lia_state_row_read(lia_span row, lia_hook_state *out)
{
    if (row.size != LIA_STATE_ROW_SIZE) return LIA_ECORRUPT;
    const uint8_t *at = row.data;
    uint64_t failures = lia_get_u64(at + 16);
    *out = (lia_hook_state){.cursor = lia_get_u64(at),
                            .attempts = lia_get_u64(at + 8),
                            .failures = (uint32_t)failures,
                            .failing_since_ms = (int64_t)lia_get_u64(at + 24),
                            .retry_ms = (int64_t)lia_get_u64(at + 32),
                            .replay_next = lia_get_u64(at + 40),
                            .replay_until = lia_get_u64(at + 48)};
    return failures > UINT32_MAX ? LIA_ECORRUPT : LIA_OK;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t size = strlen(text);
    *at = (uint8_t)size; /* the longest has 120 characters */
    memcpy(at + 1, text, size);
    return at + 1 + size;
}

enum { FIXED = 8 + 8 + 8 + 4 + 2 + 4 + 1 + 1 };

size_t lia_attempt_row_put(const lia_attempt *attempt, uint8_t out[LIA_ATTEMPT_ROW_MAX])
{
    lia_put_u64(out, attempt->number);
    lia_put_u64(out + 8, (uint64_t)attempt->at_ms);
    lia_put_u64(out + 16, attempt->arrival);
    lia_put_u32(out + 24, attempt->try);
    lia_put_u16(out + 28, attempt->status);
    lia_put_u32(out + 30, attempt->ms);
    out[34] = attempt->outcome;
    out[35] = attempt->replayed;
    uint8_t *at = put_text(out + FIXED, attempt->id);
    at = put_text(at, attempt->type);
    at = put_text(at, attempt->error);
    return (size_t)(at - out);
}

static bool read_text(lia_span *row, char *out, size_t size)
{
    size_t length = row->size ? row->data[0] : 0;
    if (!row->size || length + 1 > row->size || length >= size) return false;
    if (memchr(row->data + 1, 0, length)) return false;
    memcpy(out, row->data + 1, length);
    out[length] = 0;
    *row = lia_span_skip(*row, length + 1);
    return true;
}

lia_err lia_attempt_row_read(lia_span row, lia_attempt *out)
{
    if (row.size < FIXED || row.size > LIA_ATTEMPT_ROW_MAX) return LIA_ECORRUPT;
    const uint8_t *at = row.data;
    *out = (lia_attempt){.number = lia_get_u64(at),
                         .at_ms = (int64_t)lia_get_u64(at + 8),
                         .arrival = lia_get_u64(at + 16),
                         .try = lia_get_u32(at + 24),
                         .status = lia_get_u16(at + 28),
                         .ms = lia_get_u32(at + 30),
                         .outcome = at[34],
                         .replayed = at[35] == 1};
    lia_span rest = lia_span_skip(row, FIXED);
    if (at[34] > LIA_TESTED || at[35] > 1 || !read_text(&rest, out->id, sizeof out->id) ||
        !read_text(&rest, out->type, sizeof out->type) ||
        !read_text(&rest, out->error, sizeof out->error) || rest.size)
        return LIA_ECORRUPT;
    return LIA_OK;
}

/* ---- keys ------------------------------------------------------------------------------------ */

typedef struct row_key {
    uint8_t bytes[1 + LIA_ID_SIZE + 8];
} row_key;

static lia_span key_of(row_key *out, char tag, lia_id webhook, const uint64_t *number)
{
    out->bytes[0] = (uint8_t)tag;
    memcpy(out->bytes + 1, webhook.bytes, LIA_ID_SIZE);
    if (number) lia_put_u64(out->bytes + 1 + LIA_ID_SIZE, *number);
    return lia_span_make(out->bytes, 1 + LIA_ID_SIZE + (number ? 8 : 0));
}

/* ---- the box --------------------------------------------------------------------------------- */

bool lia_keep_state(lia_box *box, lia_id webhook, lia_arena *arena, lia_hook_state *out)
{
    row_key key;
    lia_span row;
    bool found = lia_box_get(box, key_of(&key, 's', webhook, NULL), arena, &row) == LIA_OK &&
                 lia_state_row_read(row, out) == LIA_OK;
    if (!found) *out = (lia_hook_state){.replay_next = 1};
    return found;
}

lia_err lia_keep_set_state(lia_box *box, lia_id webhook, const lia_hook_state *state)
{
    row_key key;
    uint8_t row[LIA_STATE_ROW_SIZE];
    lia_state_row_put(state, row);
    return lia_box_put(box, key_of(&key, 's', webhook, NULL), LIA_SPAN_OF(row));
}

lia_err lia_keep_add(lia_box *box, lia_id webhook, const lia_attempt *attempt)
{
    row_key key;
    uint8_t row[LIA_ATTEMPT_ROW_MAX];
    size_t size = lia_attempt_row_put(attempt, row);
    lia_err err =
        lia_box_put(box, key_of(&key, 'a', webhook, &attempt->number), lia_span_make(row, size));
    if (err || attempt->number <= LIA_ATTEMPTS_KEPT) return err;
    uint64_t old = attempt->number - LIA_ATTEMPTS_KEPT;
    return lia_box_delete(box, key_of(&key, 'a', webhook, &old));
}

lia_err lia_keep_forget(lia_box *box, lia_id webhook, uint64_t attempts)
{
    row_key key;
    lia_err err = lia_box_delete(box, key_of(&key, 's', webhook, NULL));
    uint64_t first = attempts > LIA_ATTEMPTS_KEPT ? attempts - LIA_ATTEMPTS_KEPT : 0;
    for (uint64_t n = first + 1; n <= attempts && !err; n++)
        err = lia_box_delete(box, key_of(&key, 'a', webhook, &n));
    return err;
}

typedef struct reading {
    lia_attempt *out;
    size_t count, max;
} reading;

static bool add(void *context, lia_span key, lia_span value)
{
    reading *to = context;
    (void)key;
    if (lia_attempt_row_read(value, &to->out[to->count]) == LIA_OK) to->count++;
    return to->count < to->max;
}

lia_err lia_keep_attempts(lia_box *box, lia_id webhook, uint64_t before, size_t max,
                          lia_attempt *out, size_t *count)
{
    row_key prefix, from;
    reading to = {.out = out, .max = max};
    lia_span begin = before ? key_of(&from, 'a', webhook, &before) : LIA_SPAN_NONE;
    lia_err err =
        max ? lia_box_walk(box, key_of(&prefix, 'a', webhook, NULL), begin, add, &to) : LIA_OK;
    *count = to.count;
    return err;
}
