/* SPDX-License-Identifier: Apache-2.0 */
/* import - what the command and its readers share.
 *
 *     import.c            options, files, summary
 *     import_purchases.c  cdnow, csv, jsonl of purchases: customers first, then what they bought
 *     import_records.c    csv and jsonl of any kind of record
 *     import_note.c       rows that failed, and how far it has come                             */
#ifndef LIA_LIAISON_IMPORT_H
#define LIA_LIAISON_IMPORT_H

#include "common/wire/csv.h"
#include "common/wire/schema.h"
#include "common/exchange/csv_map.h"
#include "tools/liaison/lines.h"
#include "tools/liaison/load.h"
#include "tools/liaison/out.h"

#define LIA_IMPORT_SOURCE_MAX 48
#define LIA_IMPORT_RENAMES    64

typedef enum lia_import_format { LIA_CDNOW, LIA_CSV, LIA_JSONL } lia_import_format;

typedef struct lia_import {
    /* the question */
    lia_import_format format;
    const lia_kind *kind; /* NULL: purchases */
    char source[LIA_IMPORT_SOURCE_MAX + 1];
    const char *key_field; /* whose value is the natural key; may be NULL */
    char delimiter;
    lia_csv_rename renames[LIA_IMPORT_RENAMES];
    size_t rename_count;
    /* what it works with */
    lia_lines lines;
    lia_flight *flight;
    lia_arena scratch; /* of one row */
    /* how it goes */
    uint64_t rows, bad; /* bad: refused here or by the node */
    lia_load_totals records, customers;
    uint64_t begun_ns;
    lia_progress progress;
    const char *errors_path;
    FILE *errors;
} lia_import;

/* The two ways; errors end the import. */
LIA_MUST_USE lia_err lia_import_purchases(lia_import *import, lia_why *why);
LIA_MUST_USE lia_err lia_import_records(lia_import *import, lia_why *why);

/* Writes the row to the error file and counts it. */
void lia_import_bad(lia_import *import, uint64_t line, lia_span text, const char *reason);
/* A lia_load_done for an import as context: notes failures. */
void lia_import_result(void *context, const lia_load_result *result);
/* A flight's tick for an import as context: the line of progress. */
void lia_import_tick(void *context, const char *note);

/* Gives all rows of a CSV file to `row`, with the import as its context. The first is the header.
 * Malformed rows go to the error file. */
LIA_MUST_USE lia_err lia_import_csv(lia_import *import, lia_csv_row *row, void *context,
                                    lia_why *why);

#endif
