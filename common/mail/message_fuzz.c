/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody wrote goes into a header: always true are that it stays one header of printable
 * ASCII, in lines of at most 76 bytes behind the first, and that an address that is accepted has
 * nothing in it that an SMTP command could be ended by. */
#include "common/base/assert.h"
#include "common/mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_header(lia_span line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] == '\r') {
            lia_assert(i + 2 < line.size && line.data[i + 1] == '\n' && line.data[i + 2] == ' ');
            i += 2;
        } else {
            lia_assert(line.data[i] >= ' ' && line.data[i] <= '~');
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base && lia_arena_init(&arena, 16 << 20)) return 0;
    lia_arena_reset(&arena);
    lia_span text = lia_span_make(data, size);
    lia_buf words = lia_buf_make(&arena), mailbox = words;
    lia_mail_put_words(&words, text);
    lia_mail_put_mailbox(&mailbox, text, LIA_SPAN("a@b.c"));
    if (!words.failed) check_header(lia_buf_get(&words));
    if (!mailbox.failed) check_header(lia_buf_get(&mailbox));
    if (lia_mail_address_ok(text))
        for (size_t i = 0; i < size; i++)
            lia_assert(data[i] > ' ' && data[i] < 127 && data[i] != '<' && data[i] != '>' &&
                       data[i] != ',');
    return 0;
}
