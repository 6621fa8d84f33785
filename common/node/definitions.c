/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/definitions.h"

#include <stdlib.h>

#include "common/base/log.h"

/* Address space for all of them while a catalog is built. */
#define DEFINITIONS_BYTES ((size_t)256 << 20)
/* Far more than a catalog takes: whoever makes so many is told, and what is read stays bounded. */
#define DEFINITIONS_MAX 20000

lia_err lia_definitions_open(lia_definitions *definitions)
{
    *definitions = (lia_definitions){.stale = true};
    return lia_arena_init(&definitions->arena, DEFINITIONS_BYTES);
}

void lia_definitions_close(lia_definitions *definitions)
{
    lia_definitions_forget(definitions);
    free(definitions->former);
    if (lia_catalog_now() == definitions->catalog) lia_catalog_use(NULL);
    lia_catalog_release(definitions->catalog);
    lia_arena_fini(&definitions->arena);
    *definitions = (lia_definitions){.stale = false};
}

void lia_definitions_forget(lia_definitions *definitions)
{
    for (size_t i = 0; i < definitions->former_count; i++)
        lia_catalog_release(definitions->former[i]);
    definitions->former_count = 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static lia_err read_one(lia_definitions *definitions, const lia_rows *rows, uint16_t kind,
                        lia_id id, lia_buf *out)
{
    lia_custom_definition definition = {.id = id, .kind = kind};
    lia_err err = lia_rows_message(rows, lia_kind_find(kind), id, &definitions->arena,
                                   &definition.message, NULL);
    if (err == LIA_EABSENT || err == LIA_EGONE) return LIA_OK;
    if (err == LIA_ECORRUPT || err == LIA_EINVAL || err == LIA_EVERSION) {
        LIA_LOG(WARN, "custom.unreadable", LIA_ID("definition", id)); /* the audit puts it right */
        return LIA_OK;
    }
    if (!err) lia_buf_add(out, &definition, sizeof definition);
    return err;
}

static lia_err read_kind(lia_definitions *definitions, const lia_rows *rows, uint16_t kind,
                         lia_buf *out)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    lia_key prefix = lia_key_kind(kind);
    lia_scan *scan;
    lia_span key, row;
    lia_record_key at;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &row)) {
        if (!lia_record_key_read(key, &at)) continue;
        if (out->size / sizeof(lia_custom_definition) == DEFINITIONS_MAX) {
            LIA_LOG(ERROR, "custom.too_many", LIA_INT("most", DEFINITIONS_MAX));
            break;
        }
        lia_id id = at.id;
        err = read_one(definitions, rows, kind, id, out);
        lia_key behind = lia_key_tag(kind, id, BEHIND_ALL_TAGS);
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- keeping in step ------------------------------------------------------------------------- */

static void say_problems(void)
{
    size_t count;
    const lia_catalog_problem *problems = lia_catalog_problems(&count);
    for (size_t i = 0; i < count; i++)
        LIA_LOG(WARN, "custom.problem", LIA_ID("definition", problems[i].definition),
                LIA_TEXT("why", problems[i].why));
}

static lia_err retire(lia_definitions *definitions)
{
    if (!definitions->catalog) return LIA_OK;
    if (definitions->former_count == definitions->former_room) {
        size_t room = definitions->former_room ? 2 * definitions->former_room : 8;
        const lia_catalog **grown = realloc(definitions->former, room * sizeof *grown);
        if (!grown) return LIA_EFULL;
        definitions->former = grown;
        definitions->former_room = room;
    }
    definitions->former[definitions->former_count++] = definitions->catalog;
    definitions->catalog = NULL;
    return LIA_OK;
}

lia_err lia_definitions_settle(lia_definitions *definitions, const lia_rows *rows)
{
    if (!definitions->stale) return LIA_OK;
    lia_catalog *catalog = NULL;
    lia_arena_reset(&definitions->arena);
    lia_buf list = lia_buf_make(&definitions->arena);
    lia_err err = read_kind(definitions, rows, LIA_CUSTOM_KIND, &list);
    if (!err) err = read_kind(definitions, rows, LIA_CUSTOM_FIELD, &list);
    if (!err && list.failed) err = LIA_EFULL;
    size_t count = err ? 0 : list.size / sizeof(lia_custom_definition);
    if (count)
        err = lia_catalog_build(&catalog, (const lia_custom_definition *)(const void *)list.data, count);
    if (!err) err = retire(definitions);
    if (err) {
        lia_catalog_release(catalog);
        return err;
    }
    definitions->catalog = catalog;
    definitions->stale = false;
    lia_catalog_use(catalog);
    LIA_LOG(INFO, "custom.settled", LIA_INT("definitions", count));
    say_problems();
    return LIA_OK;
}
