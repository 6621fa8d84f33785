/* SPDX-License-Identifier: Apache-2.0 */
/* A code, a question and an answer from anybody: nothing that was not made with the code is
 * believed. */
#include "common/base/assert.h"
#include "common/bus/join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const lia_join_code code = {.secret = {1}};
    static lia_members members;
    static const uint8_t ask[LIA_JOIN_ASK_SIZE] = {7};
    const lia_member *self;
    lia_member member;
    lia_verify_key admin;
    lia_span list, bytes = lia_span_make(data, size);
    lia_join_code parsed;
    lia_why why = {{0}};
    char text[LIA_JOIN_CODE_TEXT_SIZE];
    if (lia_join_code_parse(&parsed, bytes, &why) == LIA_OK) {
        lia_join_code_print(&parsed, text);
        lia_assert(lia_join_code_parse(&parsed, lia_span_text(text), &why) == LIA_OK);
    } else {
        lia_assert(why.text[0]);
    }
    lia_assert(lia_join_ask_read(&member, &code, bytes) != LIA_OK);
    lia_assert(lia_join_answer_read(&members, &self, &admin, &list, &code, LIA_SPAN_OF(ask), bytes,
                                    &why) != LIA_OK);
    return 0;
}
