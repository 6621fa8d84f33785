/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/feature.h"

#include <stdio.h>

#include "common/node/feature_rows.h"

#define ROW "features"
/* 64 lines of a number, a name and a release. */
#define TEXT_MAX 4096

#define FEATURE(number, called, release, is, of, in_greetings)                                     \
    {.bit = number, .name = called, .since = release, .what = is, .kind = of, .said = in_greetings},
const lia_feature lia_feature_rows[] = {LIA_FEATURE_ROWS(FEATURE)};
const size_t lia_feature_count = LIA_COUNT(lia_feature_rows);

uint64_t lia_features_known(void)
{
    uint64_t known = 0;
    for (size_t i = 0; i < lia_feature_count; i++) known |= UINT64_C(1) << lia_feature_rows[i].bit;
    return known;
}

uint64_t lia_features_said(void)
{
    uint64_t said = 0;
    for (size_t i = 0; i < lia_feature_count; i++)
        if (lia_feature_rows[i].said) said |= UINT64_C(1) << lia_feature_rows[i].bit;
    return said;
}

bool lia_features_misread(uint64_t on)
{
    return (on & ~lia_features_known()) >> LIA_FEATURE_BINDS != 0;
}

const lia_feature *lia_feature_of_kind(uint16_t kind)
{
    for (size_t i = 0; kind && i < lia_feature_count; i++)
        if (lia_feature_rows[i].kind == kind) return &lia_feature_rows[i];
    return NULL;
}

/* ---- the row --------------------------------------------------------------------------------- */

static void name_foreign(lia_features *out, const char *name, const char *since)
{
    size_t used = strlen(out->foreign);
    snprintf(out->foreign + used, sizeof out->foreign - used, "%s%s (%s)", used ? ", " : "", name,
             since);
}

static lia_err parse_line(lia_features *out, lia_span line)
{
    char text[96], name[33], since[33];
    unsigned bit;
    if (line.size >= sizeof text) return LIA_ECORRUPT;
    memcpy(text, line.data, line.size);
    text[line.size] = 0;
    if (sscanf(text, "%2u %32s %32s", &bit, name, since) != 3 || bit > 63) return LIA_ECORRUPT;
    uint64_t mask = UINT64_C(1) << bit;
    if (!(lia_features_known() & mask) && !(out->on & mask)) name_foreign(out, name, since);
    out->on |= mask;
    return LIA_OK;
}

lia_err lia_features_parse(lia_features *out, lia_span text)
{
    while (text.size) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        if (!end) return LIA_ECORRUPT;
        size_t size = (size_t)(end - text.data);
        lia_err err = parse_line(out, lia_span_make(text.data, size));
        if (err) return err;
        text = lia_span_make(end + 1, text.size - size - 1);
    }
    return LIA_OK;
}

lia_err lia_features_load(lia_features *out, lia_log_reader *reader, lia_why *why)
{
    lia_span text;
    *out = (lia_features){0};
    lia_err err = lia_log_meta(reader, ROW, &text);
    if (err == LIA_EABSENT) return LIA_OK;
    if (!err) err = lia_features_parse(out, text);
    if (err) return lia_why_set(why, err, "what is switched on in this store cannot be read");
    if (!lia_features_misread(out->on)) return LIA_OK;
    return lia_why_set(
        why, LIA_EVERSION,
        "this store is used with what this release (%s) would misread: %s; start the "
        "release that is named here, or a later one",
        LIA_VERSION, out->foreign);
}

lia_err lia_features_save(lia_log *log, uint64_t on)
{
    char text[TEXT_MAX];
    lia_span noted;
    lia_features there = {0};
    size_t used = 0;
    lia_err err = lia_log_meta(lia_log_batch_reader(log), ROW, &noted);
    if (err && err != LIA_EABSENT) return err;
    if (!err) {
        err = lia_features_parse(&there, noted);
        if (err || noted.size > sizeof text) return LIA_ECORRUPT;
        memcpy(text, noted.data, noted.size);
        used = noted.size;
    }
    for (size_t i = 0; i < lia_feature_count; i++) {
        const lia_feature *row = &lia_feature_rows[i];
        if (!((on & ~there.on) >> row->bit & 1)) continue;
        int size = snprintf(text + used, sizeof text - used, "%u %s %s\n", row->bit, row->name,
                            row->since);
        if (size < 0 || (size_t)size >= sizeof text - used) return LIA_EFULL;
        used += (size_t)size;
    }
    return lia_log_set_meta(log, ROW, lia_span_make(text, used));
}
