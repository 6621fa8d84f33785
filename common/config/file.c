/* SPDX-License-Identifier: Apache-2.0 */
/* The file, by libyaml's events, which carry their line and column. What a node needs of YAML is
 * one mapping of scalars with comments; all that goes deeper is a mistake at its place, and reading
 * goes on behind it, so that one run tells everything. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "common/config/inner.h"

typedef struct reader {
    lia_config *config;
    const char *path;
    yaml_parser_t parser;
    bool broken; /* nothing more can be read */
} reader;

static lia_said place(const reader *r, yaml_mark_t mark)
{
    return (lia_said){r->path, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static void tell(reader *r, yaml_mark_t mark, const char *text)
{
    const lia_said where = place(r, mark);
    lia_config_tell(r->config, &where, text);
}

static void tell_broken(reader *r)
{
    const yaml_parser_t *p = &r->parser;
    lia_why why = {{0}};
    bool read = p->error == YAML_READER_ERROR;
    lia_why_set(&why, LIA_EINVAL, "this is not 'name: value' any more: %s%s%s",
                p->problem ? p->problem : "no memory", p->context ? ", " : "",
                p->context ? p->context : "");
    tell(r, read ? p->mark : p->problem_mark, why.text);
    r->broken = true;
}

static bool next(reader *r, yaml_event_t *event)
{
    if (r->broken) return false;
    if (yaml_parser_parse(&r->parser, event)) return true;
    tell_broken(r);
    return false;
}

/* Reads on to the end of what `event` has begun, and ends the event. */
static void pass_over(reader *r, yaml_event_t *event)
{
    int depth = 0;
    for (;;) {
        yaml_event_type_t type = event->type;
        yaml_event_delete(event);
        depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
        depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
        if (depth <= 0 || !next(r, event)) return;
    }
}

static bool is_plain(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && !event->data.scalar.anchor &&
           !event->data.scalar.tag;
}

static lia_span text_of(const yaml_event_t *event)
{
    lia_span text = lia_span_make(event->data.scalar.value, event->data.scalar.length);
    bool bare = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return bare && (lia_span_is(text, "~") || lia_span_is(text, "null")) ? LIA_SPAN_NONE : text;
}

/* `name` is in the file already: where. */
static void tell_twice(reader *r, const lia_setting *row, yaml_mark_t mark, unsigned line)
{
    lia_why why = {{0}};
    lia_why_set(&why, LIA_EINVAL, "%s: line %u says it already; only one of them can count",
                row->name, line);
    tell(r, mark, why.text);
}

/* `row` NULL: the value is passed over. False: nothing more can be read. */
static bool read_value(reader *r, const lia_setting *row)
{
    yaml_event_t value;
    if (!next(r, &value)) return false;
    const lia_said where = place(r, value.start_mark);
    if (is_plain(&value)) {
        if (row) lia_config_take(r->config, row, text_of(&value), &where);
        yaml_event_delete(&value);
        return true;
    }
    if (row)
        lia_config_tell(r->config, &where,
                        "a single value is wanted here: no list, no mapping, no reference or tag");
    pass_over(r, &value);
    return !r->broken;
}

static void read_mapping(reader *r)
{
    unsigned lines[LIA_SETTINGS_MAX] = {0};
    yaml_event_t name;
    while (next(r, &name) && name.type != YAML_MAPPING_END_EVENT) {
        const lia_setting *row = NULL;
        yaml_mark_t mark = name.start_mark;
        const lia_said where = place(r, mark);
        if (is_plain(&name)) {
            lia_span text = lia_span_make(name.data.scalar.value, name.data.scalar.length);
            row = lia_setting_find(text);
            if (!row) lia_config_unknown(r->config, text, &where);
            yaml_event_delete(&name);
        } else {
            tell(r, mark, "the name of a setting is wanted here");
            pass_over(r, &name);
        }
        unsigned *line = row ? &lines[row - lia_setting_rows] : NULL;
        if (line && *line) {
            tell_twice(r, row, mark, *line);
            row = NULL;
        } else if (line) {
            *line = (unsigned)mark.line + 1;
        }
        if (!read_value(r, row)) return;
    }
    if (!r->broken) yaml_event_delete(&name);
}

static void read_document(reader *r, size_t number)
{
    yaml_event_t event;
    if (!next(r, &event)) return;
    if (number > 1)
        tell(r, event.start_mark, "one file holds one document: nothing may follow '---' here");
    if (number == 1 && event.type == YAML_MAPPING_START_EVENT) {
        yaml_event_delete(&event);
        read_mapping(r);
        return;
    }
    if (number == 1 && !(is_plain(&event) && !text_of(&event).size))
        tell(r, event.start_mark, "'name: value' is wanted, one a line");
    pass_over(r, &event);
}

static void read_stream(reader *r)
{
    yaml_event_t event;
    size_t documents = 0;
    bool ended = false;
    while (!ended && next(r, &event)) {
        yaml_event_type_t type = event.type;
        yaml_event_delete(&event);
        if (type == YAML_DOCUMENT_START_EVENT) read_document(r, ++documents);
        ended = type == YAML_STREAM_END_EVENT;
    }
}

void lia_config_parse(lia_config *config, const char *path, lia_span bytes)
{
    reader r = {.config = config, .path = path};
    if (!yaml_parser_initialize(&r.parser)) {
        const lia_said where = {.from = path};
        lia_config_tell(config, &where, "there is no memory to read it");
        return;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, bytes.data, bytes.size);
    read_stream(&r);
    yaml_parser_delete(&r.parser);
}

void lia_config_file(lia_config *config, const char *path)
{
    lia_why why = {{0}};
    const char *kept = (const char *)lia_arena_copy(&config->texts, lia_span_text(path)).data;
    const lia_said where = {.from = kept ? kept : "the file"};
    char *bytes = malloc(LIA_CONFIG_FILE_MAX + 1);
    FILE *file = kept && bytes ? fopen(path, "re") : NULL;
    size_t size = file ? fread(bytes, 1, LIA_CONFIG_FILE_MAX + 1, file) : 0;
    if (!kept || !bytes)
        lia_config_tell(config, &where, "there is no memory to read it");
    else if (!file || ferror(file)) {
        lia_why_set(&why, LIA_EIO, "cannot be read: %s", strerror(errno));
        lia_config_tell(config, &where, why.text);
    } else if (size > LIA_CONFIG_FILE_MAX)
        lia_config_tell(config, &where, "is larger than 64 KiB: this is no file of settings");
    else
        lia_config_parse(config, kept, lia_span_make(bytes, size));
    if (file) fclose(file);
    free(bytes);
}
