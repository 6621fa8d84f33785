/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/time.h"

bool lia_out_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}
bool lia_err_is_terminal(void)
{
    return isatty(STDERR_FILENO);
}

bool lia_out_is_json(const lia_args *args)
{
    return lia_args_has(args, "json") || !lia_out_is_terminal();
}

const char *lia_out_color(lia_color color)
{
    static const char *const codes[] = {
        [LIA_PLAIN] = "\033[0m", [LIA_BOLD] = "\033[1m",   [LIA_DIM] = "\033[2m",
        [LIA_RED] = "\033[31m",  [LIA_GREEN] = "\033[32m", [LIA_YELLOW] = "\033[33m"};
    const char *no = getenv("NO_COLOR");
    return lia_out_is_terminal() && !(no && *no) ? codes[color] : "";
}

/* A few strings in turn, so that one printf can hold several. */
static char *turn_text(void)
{
    static char texts[8][32];
    static unsigned turn;
    return texts[turn++ % LIA_COUNT(texts)];
}

const char *lia_out_count(uint64_t number)
{
    char digits[24], *text = turn_text(), *to = text;
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0) *to++ = ',';
        *to++ = digits[i];
    }
    *to = 0;
    return text;
}

const char *lia_out_span_ms(int64_t ms)
{
    char *text = turn_text();
    if (ms < LIA_SECOND_MS)
        snprintf(text, 32, "%" PRId64 " ms", ms);
    else if (ms < LIA_MINUTE_MS)
        snprintf(text, 32, "%.1f s", (double)ms / 1000);
    else if (ms < LIA_HOUR_MS)
        snprintf(text, 32, "%" PRId64 " min", ms / LIA_MINUTE_MS);
    else
        snprintf(text, 32, "%.1f h", (double)ms / (double)LIA_HOUR_MS);
    return text;
}

/* ---- tables ---------------------------------------------------------------------------------- */

void lia_grid_init(lia_grid *grid, size_t columns)
{
    *grid = (lia_grid){.columns = columns};
}

void lia_grid_fini(lia_grid *grid)
{
    for (size_t i = 0; i < grid->count; i++) free(grid->cells[i].text);
    free(grid->cells);
    *grid = (lia_grid){0};
}

void lia_grid_add(lia_grid *grid, lia_color color, const char *format, ...)
{
    if (grid->count == grid->capacity) {
        size_t capacity = grid->capacity ? grid->capacity * 2 : 64;
        void *cells = realloc(grid->cells, capacity * sizeof *grid->cells);
        if (!cells) return;
        grid->cells = cells;
        grid->capacity = capacity;
    }
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) text = NULL;
    va_end(args);
    grid->cells[grid->count++] = (struct lia_grid_cell){text, color};
}

/* Characters, not bytes: names are in many languages. */
static int width_of(const char *text)
{
    int width = 0;
    for (; text && *text; text++) width += ((uint8_t)*text & 0xc0) != 0x80;
    return width;
}

static void print_cell(const lia_grid *grid, size_t index, int width)
{
    const struct lia_grid_cell *cell = &grid->cells[index];
    size_t column = index % grid->columns;
    bool is_last = column + 1 == grid->columns;
    int space = width - width_of(cell->text);
    lia_color color = index < grid->columns ? LIA_DIM : cell->color;
    if (!cell->text || !*cell->text) color = LIA_PLAIN;
    if (grid->to_right[column]) printf("%*s", space, "");
    printf("%s%s%s", color ? lia_out_color(color) : "", cell->text ? cell->text : "",
           color ? lia_out_color(LIA_PLAIN) : "");
    if (!grid->to_right[column] && !is_last) printf("%*s", space, "");
    fputs(is_last ? "\n" : "  ", stdout);
}

void lia_grid_print(const lia_grid *grid)
{
    int widths[LIA_GRID_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < grid->count; i++) {
        int width = width_of(grid->cells[i].text);
        if (width > widths[i % grid->columns]) widths[i % grid->columns] = width;
    }
    for (size_t i = 0; i < grid->count; i++) print_cell(grid, i, widths[i % grid->columns]);
}

/* ---- progress -------------------------------------------------------------------------------- */

bool lia_progress_due(lia_progress *progress)
{
    uint64_t now = lia_time_ticks_ns();
    if (!lia_err_is_terminal() || now - progress->shown_ns < 100000000) return false;
    progress->shown_ns = now;
    return true;
}

void lia_progress_show(lia_progress *progress, const char *format, ...)
{
    if (!lia_err_is_terminal()) return;
    va_list args;
    va_start(args, format);
    fputs("\r\033[K", stderr);
    vfprintf(stderr, format, args);
    fflush(stderr);
    va_end(args);
    progress->is_shown = true;
}

void lia_progress_end(lia_progress *progress)
{
    if (progress->is_shown) fputs("\r\033[K", stderr);
    progress->is_shown = false;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

void lia_out_json(const json_t *value)
{
    json_dumpf(value, stdout, (lia_out_is_terminal() ? JSON_INDENT(2) : 0) | JSON_ENCODE_ANY);
    putchar('\n');
}

void lia_out_json_text(const char *text, size_t size)
{
    json_t *value = lia_out_is_terminal() ? json_loadb(text, size, JSON_DECODE_ANY, NULL) : NULL;
    if (value) {
        lia_out_json(value);
    } else {
        fwrite(text, 1, size, stdout);
        if (size == 0 || text[size - 1] != '\n') putchar('\n');
    }
    json_decref(value);
}

const char *lia_json_text_in(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

int64_t lia_json_int_in(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}
