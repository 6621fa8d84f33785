/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct sample {
    lia_span name, labels; /* without braces */
    double value;
} sample;

static lia_span cut(lia_span text, size_t from, size_t to)
{
    return lia_span_make(text.data + from, to - from);
}

/* Takes the next line off *text. */
static lia_span next_line(lia_span *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    lia_span line = cut(*text, 0, size);
    *text = cut(*text, end ? size + 1 : size, text->size);
    return line;
}

/* Where the labels end: quotes may hold braces, and a backslash anything. SIZE_MAX: nowhere. */
static size_t end_of_labels(lia_span line, size_t at)
{
    bool quoted = false;
    for (; at < line.size; at++) {
        if (quoted && line.data[at] == '\\')
            at++;
        else if (line.data[at] == '"')
            quoted = !quoted;
        else if (!quoted && line.data[at] == '}')
            return at;
    }
    return SIZE_MAX;
}

static bool read_value(lia_span text, double *value)
{
    char number[64], *end;
    while (text.size && *text.data == ' ') text = cut(text, 1, text.size);
    if (!text.size || text.size >= sizeof number) return false;
    memcpy(number, text.data, text.size);
    number[text.size] = 0;
    *value = strtod(number, &end);
    return end != number && (*end == 0 || *end == ' '); /* a time may follow */
}

static bool read_sample(lia_span line, sample *out)
{
    size_t at = 0;
    memset(out, 0, sizeof *out);
    while (at < line.size && line.data[at] != '{' && line.data[at] != ' ') at++;
    if (!at || at == line.size || line.data[0] == '#') return false;
    out->name = cut(line, 0, at);
    if (line.data[at] == '{') {
        size_t end = end_of_labels(line, at + 1);
        if (end == SIZE_MAX) return false;
        out->labels = cut(line, at + 1, end);
        at = end + 1;
    }
    return read_value(cut(line, at, line.size), &out->value);
}

/* The value of a label as it is written; empty when it is not there. */
static lia_span label_of(const sample *s, const char *name)
{
    size_t size = strlen(name), at = 0;
    while (at < s->labels.size) {
        lia_span rest = cut(s->labels, at, s->labels.size);
        const uint8_t *equals = memchr(rest.data, '=', rest.size);
        if (!equals) break;
        size_t key = (size_t)(equals - rest.data), from = key + 2, to = from;
        while (to < rest.size && rest.data[to] != '"') to += rest.data[to] == '\\' ? 2 : 1;
        if (from > rest.size || to >= rest.size) break;
        if (key == size && memcmp(rest.data, name, size) == 0) return cut(rest, from, to);
        at += to + 1;
        while (at < s->labels.size && (s->labels.data[at] == ',' || s->labels.data[at] == ' '))
            at++;
    }
    return LIA_SPAN_NONE;
}

static bool is_text(lia_span span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

double lia_figure(lia_span text, const char *name, const char *label, const char *value,
                  bool *found)
{
    double sum = 0;
    sample s;
    *found = false;
    while (text.size) {
        if (!read_sample(next_line(&text), &s) || !is_text(s.name, name)) continue;
        if (label && !is_text(label_of(&s, label), value)) continue;
        sum += s.value;
        *found = true;
    }
    return sum;
}

double lia_figure_most(lia_span text, const char *name, bool *found)
{
    double most = 0;
    sample s;
    *found = false;
    while (text.size) {
        if (!read_sample(next_line(&text), &s) || !is_text(s.name, name)) continue;
        if (!*found || s.value > most) most = s.value;
        *found = true;
    }
    return most;
}

/* ---- histograms ------------------------------------------------------------------------------ */

static double counted(lia_span before, lia_span now, const char *bucket, const char *le)
{
    bool found;
    double then = before.size ? lia_figure(before, bucket, "le", le, &found) : 0;
    return lia_figure(now, bucket, "le", le, &found) - then;
}

double lia_figure_quantile(lia_span before, lia_span now, const char *name, double share)
{
    char bucket[96], le[32];
    sample s;
    double last = -1;
    snprintf(bucket, sizeof bucket, "%s_bucket", name);
    double all = counted(before, now, bucket, "+Inf");
    if (!(all > 0)) return -1;
    for (lia_span rest = now; rest.size;) {
        if (!read_sample(next_line(&rest), &s) || !is_text(s.name, bucket)) continue;
        lia_span bound = label_of(&s, "le");
        if (!bound.size || bound.size >= sizeof le) continue;
        memcpy(le, bound.data, bound.size);
        le[bound.size] = 0;
        double number = strtod(le, NULL);
        if (isinf(number)) break;
        last = number;
        if (counted(before, now, bucket, le) >= share * all) return number;
    }
    return last;
}
