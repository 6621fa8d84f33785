/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/base/trace.h"

static lia_log_level threshold = LIA_INFO; /* atomic */
static const char *process_name = "";

void lia_log_set_level(lia_log_level level)
{
    __atomic_store_n(&threshold, level, __ATOMIC_RELAXED);
}
void lia_log_set_name(const char *name)
{
    process_name = name;
}

/* A line is built in one buffer and written by one call, so lines of threads never mix. */
typedef struct line {
    char text[2048];
    size_t size;
} line;

static void add(line *out, const char *text)
{
    for (; *text && out->size < sizeof out->text - 8; text++) out->text[out->size++] = *text;
}

static void add_quoted(line *out, const char *text)
{
    add(out, "\"");
    for (; text && *text && out->size < sizeof out->text - 16; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            out->text[out->size++] = '\\';
            out->text[out->size++] = (char)c;
        } else if (c < 0x20 || c == 0x7f) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", c);
            add(out, escape);
        } else {
            out->text[out->size++] = (char)c;
        }
    }
    add(out, "\"");
}

static void add_field(line *out, const lia_log_field *field)
{
    char text[LIA_ID_TEXT_SIZE];
    add(out, ",");
    add_quoted(out, field->name);
    add(out, ":");
    switch (field->type) {
    case LIA_LOG_TEXT:
        add_quoted(out, field->text);
        break;
    case LIA_LOG_INT:
        snprintf(text, sizeof text, "%lld", (long long)field->number);
        add(out, text);
        break;
    case LIA_LOG_ID:
        lia_id_print(field->id, text);
        add_quoted(out, text);
        break;
    case LIA_LOG_HIDDEN:
        add(out, "\"<private>\"");
        break;
    }
}

/* Whether lines go to systemd's journal: it says what it has opened for us in JOURNAL_STREAM, as
 * device and inode, and somebody may have put another file in its place since (sd-daemon(3),
 * systemd.exec(5)). */
static bool is_journal(void)
{
    static int known = -1; /* atomic; whoever comes first finds the same */
    int is = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (is >= 0) return is;
    char self[48] = "";
    struct stat seen;
    const char *stream = getenv("JOURNAL_STREAM");
    if (stream && fstat(STDERR_FILENO, &seen) == 0)
        snprintf(self, sizeof self, "%llu:%llu", (unsigned long long)seen.st_dev,
                 (unsigned long long)seen.st_ino);
    is = stream && *self && strcmp(stream, self) == 0;
    __atomic_store_n(&known, is, __ATOMIC_RELAXED);
    return is;
}

/* Named as in OpenTelemetry's log model, so that whoever collects lines finds their trace. */
static void add_trace(line *out)
{
    char text[2 * LIA_TRACE_ID_SIZE + 1];
    lia_trace trace = lia_trace_current();
    if (lia_trace_is_none(&trace)) return;
    lia_trace_hex(trace.id, sizeof trace.id, text);
    add(out, ",\"trace_id\":");
    add_quoted(out, text);
    lia_trace_hex(trace.span, sizeof trace.span, text);
    add(out, ",\"span_id\":");
    add_quoted(out, text);
}

void lia_log_write(lia_log_level level, const char *event, const lia_log_field *fields,
                   size_t count)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    static const char *const priorities[] = {"<7>", "<6>", "<4>", "<3>"}; /* as syslog(3) */
    if (level < __atomic_load_n(&threshold, __ATOMIC_RELAXED)) return;
    line out = {.size = 0};
    char text[LIA_TIME_TEXT_SIZE];
    lia_time_print(lia_time_now(), text);
    if (is_journal()) add(&out, priorities[level]);
    add(&out, "{\"time\":");
    add_quoted(&out, text);
    add(&out, ",\"level\":");
    add_quoted(&out, names[level]);
    if (*process_name) {
        add(&out, ",\"node\":");
        add_quoted(&out, process_name);
    }
    add(&out, ",\"event\":");
    add_quoted(&out, event);
    add_trace(&out);
    for (size_t i = 1; i < count; i++) add_field(&out, &fields[i]);
    out.text[out.size++] = '}';
    out.text[out.size++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, out.text, out.size);
    (void)ignored;
}
