/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/erasures.h"

#include <stdlib.h>

#include "common/bus/file.h"

static lia_err parse(lia_ledger *ledger, lia_id cluster, const char *path, lia_span text,
                     lia_why *why)
{
    lia_why place = {{0}};
    lia_err err = lia_ledger_parse(ledger, cluster, text, &place);
    if (!err) return LIA_OK;
    return lia_why_set(why, err,
                       "%s: %s. Put a good copy in its place; without any, remove it: what the "
                       "store and the other nodes know to be erased stays so",
                       path, place.text);
}

lia_err lia_erasures_read(lia_ledger *ledger, lia_id cluster, const char *path, lia_why *why)
{
    size_t size, room = LIA_LEDGER_FILE_MAX + 1;
    uint8_t *bytes = malloc(room);
    if (!bytes) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_file_read(path, false, bytes, room, &size, why);
    if (!err) err = parse(ledger, cluster, path, lia_span_make(bytes, size), why);
    free(bytes);
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_erasures_write(const lia_ledger *ledger, lia_id cluster, const char *path,
                           lia_arena *arena, lia_why *why)
{
    size_t mark = lia_arena_mark(arena);
    lia_buf text = lia_buf_make(arena);
    lia_ledger_print(ledger, cluster, &text);
    lia_err err = text.failed ? lia_why_set(why, LIA_EFULL, "no memory")
                              : lia_file_replace(path, lia_buf_get(&text), 0600, why);
    lia_arena_back(arena, mark);
    return err;
}
