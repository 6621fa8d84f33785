/* SPDX-License-Identifier: Apache-2.0 */
/* The input is the takes of a step as JSON, up to a zero byte, and an answer. What is taken was
 * wanted, and is as long as can be kept. */
#include "common/automation/take.h"
#include "common/base/assert.h"
#include "common/wire/json.h"
#include "common/wire/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lia_arena arena;

static void check(const Automation__Step *step, lia_span answer)
{
    Automation__AnswerValue *values[LIA_TAKES_MAX];
    size_t count;
    lia_why why = {{0}};
    if (lia_takes_check(step->takes, step->n_takes, &why)) {
        lia_assert(why.text[0]);
        return;
    }
    lia_err err = lia_takes_read(answer, step->takes, step->n_takes, &arena, values, &count, &why);
    lia_assert(count <= step->n_takes && (err != LIA_EINVAL || why.text[0]));
    for (size_t i = 0; i < count; i++)
        lia_assert(!values[i]->text || strlen(values[i]->text) <= LIA_TAKEN_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_json_object object;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    if (!zero) return 0;
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) return 0;
    lia_arena_reset(&arena);
    if (lia_json_read(&object, lia_message_find("liaison.automation.Step"), LIA_JSON_COMMAND,
                      lia_span_make(data, (size_t)(zero - data)), &arena, NULL))
        return 0;
    const Automation__Step *step =
        (const void *)lia_unpack(&automation__step__descriptor, object.message, &arena);
    if (step) check(step, lia_span_make(zero + 1, size - (size_t)(zero + 1 - data)));
    return 0;
}
