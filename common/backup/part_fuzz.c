/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a shelf. The first byte chooses: 0, parts as they come; 1, the rest as rows of a part;
 * else the rest is what one sealed for us holds, so all behind the seal is reached. What is cut
 * must lie within. */
#include "common/backup/part.h"
#include "common/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_rows(lia_span rows)
{
    lia_part_row row;
    size_t left = rows.size;
    lia_err err;
    while (!(err = lia_part_next(&rows, &row))) {
        lia_assert(rows.size < left && row.key.size + row.value.size <= left);
        left = rows.size;
    }
    lia_assert(err == LIA_EABSENT || err == LIA_ECORRUPT);
}

static void read_parts(lia_span bytes)
{
    lia_part_view view;
    lia_part_chain chain = {.at = {.part = {.number = 0}}};
    lia_why why = {{0}};
    while (bytes.size) {
        size_t left = bytes.size;
        lia_err err = lia_part_cut(&view, &bytes, &why);
        if (err) {
            lia_assert(why.text[0] && bytes.size == left);
            return;
        }
        lia_assert(bytes.size < left && view.sealed.size <= left);
        if (lia_part_follows(&chain, &view, &why)) lia_assert(why.text[0]);
    }
}

static void there_and_back(lia_span rows)
{
    static lia_arena arena;
    static lia_letter_public public;
    static lia_letter_secret secret;
    static lia_verify_key verify;
    static lia_sign_key sign;
    lia_hash hash;
    lia_part_view view;
    if (!arena.base) {
        lia_assert(lia_crypto_init() == LIA_OK &&
                   lia_arena_init(&arena, (size_t)64 << 20) == LIA_OK);
        lia_letter_keys(&public, &secret);
        lia_sign_keys(&verify, &sign);
    }
    lia_arena_reset(&arena);
    lia_buf bytes = lia_buf_make(&arena), clear = lia_buf_make(&arena);
    const lia_part part = {.number = 1, .last = true, .recipient = public};
    lia_assert(lia_part_write(&bytes, &part, rows, &sign, &hash) == LIA_OK);
    lia_span rest = lia_buf_get(&bytes);
    lia_assert(lia_part_cut(&view, &rest, NULL) == LIA_OK && !rest.size);
    lia_assert(lia_part_is_signed(&view, &verify) && lia_hash_equal(&view.hash, &hash));
    lia_assert(lia_part_open(&view, &secret, &clear) == LIA_OK);
    lia_assert(lia_span_equal(lia_buf_get(&clear), rows));
    read_rows(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    lia_span rest = lia_span_make(data + 1, size - 1);
    if (data[0] == 0)
        read_parts(rest);
    else if (data[0] == 1)
        read_rows(rest);
    else
        there_and_back(rest);
    return 0;
}
