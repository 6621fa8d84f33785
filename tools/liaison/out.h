/* SPDX-License-Identifier: Apache-2.0 */
/* out - what people see: colours, tables and progress on a terminal; JSON for everybody else. */
#ifndef LIA_LIAISON_OUT_H
#define LIA_LIAISON_OUT_H

#include <jansson.h>

#include "tools/liaison/args.h"

typedef enum lia_color { LIA_PLAIN, LIA_BOLD, LIA_DIM, LIA_RED, LIA_GREEN, LIA_YELLOW } lia_color;

/* Whether stdout is for a program: piped, or --json was given. */
bool lia_out_is_json(const lia_args *args);
/* Whether stdout, and stderr, is a terminal. */
bool lia_out_is_terminal(void);
bool lia_err_is_terminal(void);

/* The escape sequence, or "" where stdout takes none (no terminal, or NO_COLOR is set). */
const char *lia_out_color(lia_color color);

/* "1,234,567"; the string lives until the eighth call after this one. */
const char *lia_out_count(uint64_t number);
/* "3.2 s", "12 min"; lives as long. */
const char *lia_out_span_ms(int64_t ms);

/* ---- tables ---------------------------------------------------------------------------------- */

#define LIA_GRID_COLUMNS_MAX 12

/* Rows of cells, printed in columns as wide as their widest cell. */
typedef struct lia_grid {
    struct lia_grid_cell {
        char *text;
        lia_color color;
    } * cells;
    size_t count, capacity, columns;
    bool to_right[LIA_GRID_COLUMNS_MAX]; /* numbers stand to the right */
} lia_grid;

void lia_grid_init(lia_grid *grid, size_t columns);
void lia_grid_fini(lia_grid *grid);
/* The next cell, row by row. */
void lia_grid_add(lia_grid *grid, lia_color color, const char *format, ...) LIA_PRINTF(3, 4);
/* The first row is the heading. */
void lia_grid_print(const lia_grid *grid);

/* ---- progress -------------------------------------------------------------------------------- */

/* One line on stderr that rewrites itself, where that is a terminal; else nothing. */
typedef struct lia_progress {
    uint64_t shown_ns;
    bool is_shown;
} lia_progress;

/* Whether it is time to show something new (ten times a second). */
bool lia_progress_due(lia_progress *progress);
void lia_progress_show(lia_progress *progress, const char *format, ...) LIA_PRINTF(2, 3);
/* Removes the line. */
void lia_progress_end(lia_progress *progress);

/* ---- JSON ------------------------------------------------------------------------------------ */

/* One value and a line end on stdout: indented on a terminal, one line otherwise. */
void lia_out_json(const json_t *value);
/* The same of JSON text as it came; text that is none is printed as it is. */
void lia_out_json_text(const char *text, size_t size);

/* Members of jansson objects, with a default where they are absent or of another type. */
const char *lia_json_text_in(const json_t *object, const char *name);
int64_t lia_json_int_in(const json_t *object, const char *name);

#endif
