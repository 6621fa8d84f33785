/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes are taken from the system for some hundred spans at a time, by each thread for
 * itself: a call for each request would cost more than all else here. */
#include "common/base/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/crypto.h"
#include "common/base/time.h"

#define TEXT_LENGTH   (LIA_TRACE_TEXT_SIZE - 1)
#define STATE_MEMBERS 32
#define POOL_BYTES    1024

static const lia_trace_sink *sink; /* atomic */
static _Thread_local lia_trace current;

bool lia_trace_is_none(const lia_trace *trace)
{
    static const uint8_t none[LIA_TRACE_ID_SIZE];
    return memcmp(trace->id, none, sizeof none) == 0;
}

bool lia_trace_equal(const lia_trace *a, const lia_trace *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower-case digits only. */
static bool read_hex(const uint8_t *text, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void lia_trace_hex(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * size] = 0;
}

static bool any_set(const uint8_t *bytes, size_t size)
{
    uint8_t all = 0;
    for (size_t i = 0; i < size; i++) all |= bytes[i];
    return all != 0;
}

/*  version "-" trace-id "-" parent-id "-" trace-flags
 *  0       2   3        35  36        52  53              */
lia_err lia_trace_parse(lia_span text, lia_trace *out)
{
    const uint8_t *at = text.data;
    lia_trace read = LIA_TRACE_NONE;
    uint8_t version;
    *out = LIA_TRACE_NONE;
    if (text.size < TEXT_LENGTH || at[2] != '-' || at[35] != '-' || at[52] != '-')
        return LIA_EINVAL;
    if (!read_hex(at, &version, 1) || version == 0xff) return LIA_EINVAL;
    if (text.size > TEXT_LENGTH && (version == 0 || at[TEXT_LENGTH] != '-')) return LIA_EINVAL;
    if (!read_hex(at + 3, read.id, sizeof read.id) ||
        !read_hex(at + 36, read.span, sizeof read.span) || !read_hex(at + 53, &read.flags, 1))
        return LIA_EINVAL;
    if (!any_set(read.id, sizeof read.id) || !any_set(read.span, sizeof read.span))
        return LIA_EINVAL;
    read.flags &= LIA_TRACE_SAMPLED;
    *out = read;
    return LIA_OK;
}

void lia_trace_print(const lia_trace *trace, char text[LIA_TRACE_TEXT_SIZE])
{
    memcpy(text, "00-", 3);
    lia_trace_hex(trace->id, sizeof trace->id, text + 3);
    text[35] = '-';
    lia_trace_hex(trace->span, sizeof trace->span, text + 36);
    text[52] = '-';
    lia_trace_hex(&trace->flags, 1, text + 53);
}

/* ---- tracestate ------------------------------------------------------------------------------ */

static bool is_alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_key_byte(uint8_t c)
{
    return is_alphanumeric(c) || c == '_' || c == '-' || c == '*' || c == '/';
}

/* simple-key: a letter and up to 255 bytes. Of tenant@system the one has up to 241, the other a
 * letter and up to 13. */
static bool is_key(lia_span key)
{
    const uint8_t *at = key.size ? memchr(key.data, '@', key.size) : NULL;
    size_t tenant = at ? (size_t)(at - key.data) : key.size, system = key.size - tenant;
    if (!tenant || tenant > (at ? 241 : 256) || (at && (system < 2 || system > 15))) return false;
    for (size_t i = 0; i < key.size; i++)
        if (key.data + i != at && !is_key_byte(key.data[i])) return false;
    const uint8_t first = at ? at[1] : key.data[0];
    if (first < 'a' || first > 'z') return false;
    return is_alphanumeric(key.data[0]);
}

/* Printable ASCII without ',' and '=', not ending with a blank. */
static bool is_value(lia_span value)
{
    if (!value.size || value.size > 256 || value.data[value.size - 1] == ' ') return false;
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.data[i];
        if (c < 0x20 || c > 0x7e || c == ',' || c == '=') return false;
    }
    return true;
}

static lia_span trim(lia_span text)
{
    while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = lia_span_skip(text, 1);
    while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* Splits at the first `byte`; *found says whether there is one. */
static lia_span cut(lia_span *rest, uint8_t byte, bool *found)
{
    const uint8_t *at = rest->size ? memchr(rest->data, byte, rest->size) : NULL;
    lia_span head = lia_span_make(rest->data, at ? (size_t)(at - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, head.size + (at != NULL));
    *found = at != NULL;
    return head;
}

bool lia_trace_state_is_good(lia_span text)
{
    lia_span keys[STATE_MEMBERS];
    size_t count = 0;
    bool more = text.size > 0;
    if (text.size > LIA_TRACE_STATE_MAX) return false;
    while (more) {
        bool has_value;
        lia_span value = trim(cut(&text, ',', &more));
        if (!value.size) continue; /* members may be empty */
        lia_span key = cut(&value, '=', &has_value);
        if (!has_value || !is_key(key) || !is_value(value) || count == STATE_MEMBERS) return false;
        for (size_t i = 0; i < count; i++)
            if (lia_span_equal(keys[i], key)) return false;
        keys[count++] = key;
    }
    return count > 0;
}

/* ---- making ---------------------------------------------------------------------------------- */

static void take_random(uint8_t *out, size_t size)
{
    static _Thread_local uint8_t pool[POOL_BYTES];
    static _Thread_local size_t left;
    do {
        if (left < size) {
            lia_random(pool, sizeof pool);
            left = sizeof pool;
        }
        left -= size;
        memcpy(out, pool + left, size);
    } while (!any_set(out, size));
}

static const lia_trace_sink *taker(void)
{
    return __atomic_load_n(&sink, __ATOMIC_ACQUIRE);
}

/* The last 56 bits are random (level 2 says so of all, and ours are), and enough to compare. */
static bool is_chosen(const lia_trace *trace)
{
    const lia_trace_sink *to = taker();
    if (!to || to->ratio <= 0) return false;
    uint64_t dice = lia_get_u64(trace->id + 8) & ((UINT64_C(1) << 56) - 1);
    return (double)dice < to->ratio * (double)(UINT64_C(1) << 56);
}

lia_trace lia_trace_begin(void)
{
    lia_trace trace = LIA_TRACE_NONE;
    take_random(trace.id, sizeof trace.id);
    take_random(trace.span, sizeof trace.span);
    if (is_chosen(&trace)) trace.flags = LIA_TRACE_SAMPLED;
    return trace;
}

lia_trace lia_trace_under(const lia_trace *parent)
{
    lia_trace trace = *parent;
    take_random(trace.span, sizeof trace.span);
    return trace;
}

void lia_trace_use(const lia_trace *trace)
{
    current = trace ? *trace : LIA_TRACE_NONE;
}

lia_trace lia_trace_current(void)
{
    return current;
}

/* ---- spans ----------------------------------------------------------------------------------- */

void lia_trace_to(const lia_trace_sink *to)
{
    __atomic_store_n(&sink, to, __ATOMIC_RELEASE);
}

bool lia_trace_is_wanted(const lia_trace *trace)
{
    return lia_trace_is_sampled(trace) && taker();
}

void lia_traced_begin(lia_traced *out, const lia_trace *parent, lia_traced_kind kind,
                      const char *format, ...)
{
    va_list args;
    out->trace = lia_trace_under(parent);
    memcpy(out->parent, parent->span, sizeof out->parent);
    out->link = LIA_TRACE_NONE;
    out->kind = kind;
    out->failed = false;
    out->note_count = 0;
    out->state[0] = 0;
    out->began_ns = out->ended_ns = lia_time_ticks_ns();
    va_start(args, format);
    vsnprintf(out->name, sizeof out->name, format, args);
    va_end(args);
}

static lia_traced_note *add_note(lia_traced *traced, const char *name)
{
    if (traced->note_count == LIA_TRACED_NOTES_MAX) return NULL;
    lia_traced_note *note = &traced->notes[traced->note_count++];
    note->name = name;
    return note;
}

void lia_traced_text(lia_traced *traced, const char *name, lia_span text)
{
    lia_traced_note *note = add_note(traced, name);
    if (!note) return;
    size_t size = text.size < LIA_TRACED_TEXT_SIZE ? text.size : LIA_TRACED_TEXT_SIZE - 1;
    note->is_text = true;
    if (size) memcpy(note->text, text.data, size);
    note->text[size] = 0;
}

void lia_traced_number(lia_traced *traced, const char *name, int64_t number)
{
    lia_traced_note *note = add_note(traced, name);
    if (!note) return;
    note->is_text = false;
    note->number = number;
}

void lia_traced_give(const lia_traced *traced)
{
    const lia_trace_sink *to = taker();
    if (to) to->take(to->context, traced);
}

void lia_traced_end(lia_traced *traced)
{
    traced->ended_ns = lia_time_ticks_ns();
    lia_traced_give(traced);
}

void lia_traced_lose(uint64_t count)
{
    const lia_trace_sink *to = taker();
    if (to && count) to->lose(to->context, count);
}
