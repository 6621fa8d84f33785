/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/sse.h"

#define LINE_BYTES_MAX ((size_t)4 << 20)

void lia_sse_init(lia_sse *sse, lia_sse_fn *on_event, void *context)
{
    *sse = (lia_sse){.on_event = on_event, .context = context};
}

void lia_sse_fini(lia_sse *sse)
{
    lia_bytes_fini(&sse->line);
    lia_bytes_fini(&sse->data);
}

void lia_sse_reset(lia_sse *sse)
{
    sse->line.size = sse->data.size = 0;
    sse->after_cr = sse->has_data = false;
    sse->name[0] = 0;
}

static bool dispatch(lia_sse *sse)
{
    bool more = true;
    if (sse->has_data) {
        const lia_sse_event event = {sse->id, sse->name, sse->data.data, sse->data.size};
        more = sse->on_event(sse->context, &event);
    }
    sse->data.size = 0;
    sse->has_data = false;
    sse->name[0] = 0;
    return more;
}

static bool is_field(const char *line, size_t size, const char *name)
{
    return strlen(name) == size && memcmp(line, name, size) == 0;
}

static void keep(char *to, size_t capacity, const char *value, size_t size)
{
    if (size >= capacity || memchr(value, 0, size)) return;
    memcpy(to, value, size);
    to[size] = 0;
}

static bool take_line(lia_sse *sse)
{
    const char *line = sse->line.data, *colon = memchr(line, ':', sse->line.size);
    size_t size = colon ? (size_t)(colon - line) : sse->line.size;
    const char *value = colon ? colon + 1 : line + size;
    size_t value_size = sse->line.size - (size_t)(value - line);
    if (value_size && *value == ' ') value++, value_size--;
    if (is_field(line, size, "id")) {
        keep(sse->id, sizeof sse->id, value, value_size);
    } else if (is_field(line, size, "event")) {
        keep(sse->name, sizeof sse->name, value, value_size);
    } else if (is_field(line, size, "data")) {
        if (sse->has_data && !lia_bytes_add(&sse->data, "\n", 1)) return false;
        sse->has_data = true;
        return lia_bytes_add(&sse->data, value, value_size);
    }
    return true;
}

static bool end_line(lia_sse *sse)
{
    bool more = sse->line.size ? take_line(sse) : dispatch(sse);
    sse->line.size = 0;
    return more;
}

bool lia_sse_feed(lia_sse *sse, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        bool skip = sse->after_cr && bytes[i] == '\n';
        sse->after_cr = false;
        if (skip) {
            i++;
            continue;
        }
        size_t run = 0;
        while (i + run < size && bytes[i + run] != '\n' && bytes[i + run] != '\r') run++;
        if (sse->line.size + run > LINE_BYTES_MAX || !lia_bytes_add(&sse->line, bytes + i, run))
            return false;
        i += run;
        if (i == size) break;
        sse->after_cr = bytes[i++] == '\r';
        if (!end_line(sse)) return false;
    }
    return true;
}
