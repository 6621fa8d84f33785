/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are taken in chunks. A chunk's new customers are created first, because an interaction needs
 * its customer's id; while they are, the interactions of the chunk before are still under way. */
#include <stdlib.h>

#include "tools/liaison/import.h"
#include "tools/liaison/known.h"
#include "tools/liaison/purchase.h"

#define CHUNK_ROWS 8000

typedef struct pending {
    uint64_t line;
    size_t text_at, text_size;
    size_t customer; /* index among the known */
    uint32_t occurrence;
    lia_purchase purchase; /* its customer's text is gone */
} pending;

typedef struct purchases {
    lia_import *import;
    lia_known *known;
    lia_load *customers, *interactions;
    lia_purchase_columns columns;
    bool has_header;
    pending rows[CHUNK_ROWS];
    size_t count;
    lia_bytes texts;
    lia_why *why;
} purchases;

/* ---- a chunk --------------------------------------------------------------------------------- */

static void customer_done(void *context, const lia_load_result *result)
{
    purchases *p = context;
    if (!result->error) lia_known_set_id(p->known, result->ref, result->id);
}

static lia_err add_interaction(purchases *p, const pending *row)
{
    lia_import *import = p->import;
    lia_id id = lia_known_id(p->known, row->customer);
    lia_span text = lia_span_make(p->texts.data + row->text_at, row->text_size);
    if (lia_id_is_none(id)) {
        lia_import_bad(import, row->line, text, "its customer could not be created");
        return LIA_OK;
    }
    lia_arena_reset(&import->scratch);
    lia_buf key = lia_buf_make(&import->scratch);
    lia_purchase_put_key(&key, import->source, lia_known_name(p->known, row->customer),
                         row->purchase.when, row->occurrence);
    lia_buf json = lia_buf_make(&import->scratch);
    lia_purchase_put_interaction(&json, &row->purchase, id, lia_buf_get(&key));
    const lia_load_row out = {
        .line = row->line, .text = text, .key = lia_buf_get(&key), .json = lia_buf_get(&json)};
    return lia_load_add(p->interactions, &out, p->why);
}

static lia_err send_chunk(purchases *p)
{
    lia_err err = lia_load_flush(p->customers, p->why);
    for (size_t i = 0; !err && i < p->count; i++) err = add_interaction(p, &p->rows[i]);
    if (!err) err = lia_load_send(p->interactions, p->why);
    p->count = 0;
    p->texts.size = 0;
    lia_import_tick(p->import, NULL);
    return err;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static lia_err add_customer(purchases *p, const lia_purchase *purchase, size_t index)
{
    lia_import *import = p->import;
    lia_buf key = lia_buf_make(&import->scratch), json = lia_buf_make(&import->scratch);
    lia_buf_format(&key, "%s:customer:", import->source);
    lia_buf_span(&key, purchase->customer);
    lia_purchase_put_customer(&json, import->source, purchase->customer);
    const lia_load_row out = {.ref = index, .key = lia_buf_get(&key), .json = lia_buf_get(&json)};
    return lia_load_add(p->customers, &out, p->why);
}

static lia_err take(purchases *p, uint64_t line, lia_span text, const lia_purchase *purchase)
{
    bool is_new;
    size_t index = lia_known_add(p->known, purchase->customer, &is_new);
    if (index == SIZE_MAX) return lia_why_set(p->why, LIA_EFULL, "no memory for the customers");
    lia_err err = is_new ? add_customer(p, purchase, index) : LIA_OK;
    if (err) return err;
    int32_t day = (int32_t)(purchase->when.ms / LIA_DAY_MS - (purchase->when.ms % LIA_DAY_MS < 0));
    pending *row = &p->rows[p->count++];
    *row = (pending){.line = line,
                     .text_at = p->texts.size,
                     .text_size = text.size,
                     .customer = index,
                     .occurrence = lia_known_count(p->known, index, day),
                     .purchase = *purchase};
    if (!row->occurrence || !lia_bytes_add(&p->texts, text.data, text.size))
        return lia_why_set(p->why, LIA_EFULL, "no memory for the customers");
    return p->count == CHUNK_ROWS ? send_chunk(p) : LIA_OK;
}

/* A row that could be read is taken, one that could not is noted. */
static lia_err settle(purchases *p, uint64_t line, lia_span text, const lia_purchase *purchase,
                      lia_err err, const lia_why *why)
{
    if (err == LIA_EABSENT) return LIA_OK;
    p->import->rows++;
    if (!err) return take(p, line, text, purchase);
    lia_import_bad(p->import, line, text, why->text);
    return LIA_OK;
}

static lia_err on_line(purchases *p, uint64_t number, lia_span line)
{
    lia_purchase purchase;
    lia_why why = {{0}};
    lia_err err;
    lia_arena_reset(&p->import->scratch);
    if (p->import->format == LIA_CDNOW)
        err = lia_purchase_from_cdnow(&purchase, line, &why);
    else if (line.size == 0)
        return LIA_OK;
    else
        err = lia_purchase_from_json(&purchase, line, &p->import->scratch, &why);
    return settle(p, number, line, &purchase, err, &why);
}

static lia_err read_lines(purchases *p)
{
    lia_span line;
    lia_import *import = p->import;
    for (;;) {
        lia_why why = {{0}};
        lia_err err = lia_lines_next(&import->lines, &line, &why);
        if (err == LIA_ECLOSED) return LIA_OK;
        if (err == LIA_EFULL) {
            import->rows++;
            lia_import_bad(import, import->lines.number + 1, LIA_SPAN_NONE, why.text);
            continue;
        }
        if (err) *p->why = why;
        if (!err) err = on_line(p, import->lines.number, line);
        if (err) return err;
    }
}

static lia_err on_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    purchases *p = context;
    lia_import *import = p->import;
    lia_purchase purchase;
    lia_why why = {{0}};
    if (!p->has_header) {
        p->has_header = true;
        return lia_purchase_columns_find(&p->columns, cells, count, p->why);
    }
    lia_arena_reset(&import->scratch);
    lia_buf text = lia_buf_make(&import->scratch);
    lia_csv_put_row(&text, import->delimiter, cells, count);
    lia_err err = lia_purchase_from_csv(&purchase, &p->columns, cells, count, &why);
    return settle(p, line, lia_span_make(text.data, text.size ? text.size - 2 : 0), &purchase, err,
                  &why);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static lia_err open_all(purchases *p)
{
    lia_import *import = p->import;
    lia_err err = lia_known_open(&p->known);
    if (!err)
        err = lia_load_open(&p->customers, import->flight, "customers", &import->customers,
                            customer_done, p, p->why);
    if (!err)
        err = lia_load_open(&p->interactions, import->flight, "interactions", &import->records,
                            lia_import_result, import, p->why);
    return err;
}

lia_err lia_import_purchases(lia_import *import, lia_why *why)
{
    purchases *p = calloc(1, sizeof *p);
    if (!p) return lia_why_set(why, LIA_EFULL, "no memory");
    p->import = import;
    p->why = why;
    lia_err err = open_all(p);
    if (!err)
        err = import->format == LIA_CSV ? lia_import_csv(import, on_row, p, why) : read_lines(p);
    if (!err) err = send_chunk(p);
    if (!err) err = lia_load_flush(p->interactions, why);
    lia_load_close(p->customers);
    lia_load_close(p->interactions);
    lia_known_close(p->known);
    lia_bytes_fini(&p->texts);
    free(p);
    return err;
}
