/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file: each mistake has a place inside of it and a sentence; a file without
 * mistakes says the same when what it said is given once more as flags. */
#include "common/base/assert.h"
#include "common/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(void *context, const lia_mistake *mistake)
{
    const lia_span *file = context;
    unsigned lines = 1;
    for (size_t i = 0; i < file->size; i++)
        lines += file->data[i] == '\n' || file->data[i] == '\r' || file->data[i] == 0x85 ||
                 file->data[i] == 0xa8 || file->data[i] == 0xa9;
    lia_assert(mistake->from && mistake->text && *mistake->text);
    lia_assert(mistake->line <= lines + 1);
}

/* The value of a row as text again. */
static const char *print(const lia_setting *row, const lia_settings *values, lia_arena *arena)
{
    const void *at = (const char *)values + row->at;
    if (row->type == LIA_SETTING_SWITCH) return *(const bool *)at ? "true" : "false";
    if (row->type == LIA_SETTING_GIB)
        return lia_arena_text(arena, "%zu", *(const size_t *)at >> 30);
    if (row->type == LIA_SETTING_PERIOD)
        return lia_arena_text(arena, "%llds", (long long)(*(const int64_t *)at / 1000));
    return *(const char *const *)at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_config first, second;
    lia_span file = lia_span_make(data, size);
    const lia_mistakes to = {look, &file};
    if (size > LIA_CONFIG_FILE_MAX) return 0;
    if (lia_config_init(&first, "", &to)) return 0;
    lia_config_parse(&first, "f", file);
    if (!lia_config_end(&first, false) && !lia_config_init(&second, "", &to)) {
        for (size_t i = 0; i < lia_setting_count; i++) {
            const lia_setting *row = &lia_setting_rows[i];
            if (!first.said[i].from) continue;
            lia_config_flag(&second, row, print(row, &first.values, &second.texts));
            lia_assert(lia_setting_same(row, &first.values, &second.values));
        }
        lia_assert(!second.mistakes);
        lia_config_fini(&second);
    }
    lia_config_fini(&first);
    return 0;
}
