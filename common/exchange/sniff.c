/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/sniff.h"

#define ROWS_MAX 30

typedef struct tally {
    size_t rows, columns, same;
} tally;

/* The first row says how many columns there are. */
static lia_err count_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    tally *seen = context;
    (void)line;
    (void)cells;
    if (!seen->rows) seen->columns = count;
    seen->same += count == seen->columns;
    return ++seen->rows == ROWS_MAX ? LIA_EFULL : LIA_OK;
}

static size_t score(lia_span text, char delimiter)
{
    lia_csv_reader *reader;
    tally seen = {0};
    size_t used, bad = 0;
    if (lia_csv_open(&reader, delimiter, count_row, &seen)) return 0;
    while (text.size && seen.rows < ROWS_MAX && bad < ROWS_MAX) {
        bad += lia_csv_feed(reader, text, &used, NULL) != LIA_OK;
        text = lia_span_skip(text, used);
    }
    /* A last row that the cut may have shortened counts only when there is no other. */
    if (seen.rows == 0) bad += lia_csv_end(reader, NULL) != LIA_OK;
    lia_csv_close(reader);
    if (seen.columns < 2) return 0;
    return seen.same * 1000 / (seen.rows + bad) * 1000 + seen.columns;
}

char lia_csv_sniff(lia_span beginning)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    char best = ',';
    size_t most = 0;
    for (size_t i = 0; i < LIA_COUNT(delimiters); i++) {
        size_t points = score(beginning, delimiters[i]);
        if (points > most) best = delimiters[i];
        if (points > most) most = points;
    }
    return best;
}
