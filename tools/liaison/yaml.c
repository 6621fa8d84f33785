/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

typedef struct reader {
    yaml_parser_t parser;
    lia_why *why;
    bool failed;
} reader;

static json_t *fail(reader *r, yaml_mark_t mark, const char *what)
{
    if (!r->failed)
        lia_why_set(r->why, LIA_EINVAL, "%zu:%zu: %s", mark.line + 1, mark.column + 1, what);
    r->failed = true;
    return NULL;
}

static bool next(reader *r, yaml_event_t *event)
{
    if (r->failed) return false;
    if (yaml_parser_parse(&r->parser, event)) return true;
    const yaml_parser_t *p = &r->parser;
    fail(r, p->error == YAML_READER_ERROR ? p->mark : p->problem_mark,
         p->problem ? p->problem : "there is no memory to read it");
    return false;
}

static json_t *scalar(reader *r, const yaml_event_t *event)
{
    if (event->data.scalar.anchor || event->data.scalar.tag)
        return fail(r, event->start_mark, "no references and no tags are taken");
    json_t *text = json_stringn((const char *)event->data.scalar.value, event->data.scalar.length);
    return text ? text : fail(r, event->start_mark, "this is no text");
}

static json_t *value(reader *r, yaml_event_t *event, unsigned depth);

static json_t *list(reader *r, unsigned depth)
{
    yaml_event_t event;
    json_t *all = json_array();
    while (next(r, &event) && event.type != YAML_SEQUENCE_END_EVENT) {
        json_t *one = value(r, &event, depth);
        if (!one || json_array_append_new(all, one)) break;
    }
    if (!r->failed) yaml_event_delete(&event);
    return all;
}

/* A name and what belongs to it; false at the mapping's end. */
static bool member(reader *r, json_t *all, unsigned depth)
{
    yaml_event_t event;
    char name[128];
    if (!next(r, &event)) return false;
    bool ends = event.type == YAML_MAPPING_END_EVENT;
    yaml_mark_t mark = event.start_mark;
    bool plain = event.type == YAML_SCALAR_EVENT && event.data.scalar.length < sizeof name &&
                 !memchr(event.data.scalar.value, 0, event.data.scalar.length);
    if (plain) snprintf(name, sizeof name, "%s", (const char *)event.data.scalar.value);
    yaml_event_delete(&event);
    if (ends) return false;
    if (!plain) return fail(r, mark, "a name is wanted here") != NULL;
    if (json_object_get(all, name)) return fail(r, mark, "this name is there twice") != NULL;
    if (!next(r, &event)) return false;
    json_t *one = value(r, &event, depth);
    if (one && json_object_set_new(all, name, one)) fail(r, mark, "this is no name");
    return !r->failed;
}

/* Ends the event. */
static json_t *value(reader *r, yaml_event_t *event, unsigned depth)
{
    json_t *out = NULL;
    yaml_mark_t mark = event->start_mark;
    yaml_event_type_t type = event->type;
    if (type == YAML_SCALAR_EVENT) out = scalar(r, event);
    bool referred = (type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor) ||
                    (type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor);
    yaml_event_delete(event);
    if (type == YAML_SCALAR_EVENT) return out;
    if (depth == LIA_YAML_DEPTH_MAX) return fail(r, mark, "this is nested too deeply");
    if (referred || type == YAML_ALIAS_EVENT)
        return fail(r, mark, "no references and no tags are taken");
    if (type == YAML_SEQUENCE_START_EVENT) {
        out = list(r, depth + 1);
    } else if (type == YAML_MAPPING_START_EVENT) {
        out = json_object();
        while (member(r, out, depth + 1)) {
        }
    } else {
        return fail(r, mark, "a value is wanted here");
    }
    if (!r->failed) return out;
    json_decref(out);
    return NULL;
}

static json_t *document(reader *r)
{
    yaml_event_t event;
    json_t *out = NULL;
    for (;;) {
        if (!next(r, &event)) break;
        yaml_event_type_t type = event.type;
        if (type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT ||
            type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&event);
        } else if (out) {
            fail(r, event.start_mark, "one file holds one document");
            yaml_event_delete(&event);
        } else {
            out = value(r, &event, 0);
        }
    }
    if (!out && !r->failed) lia_why_set(r->why, LIA_EINVAL, "there is nothing in it");
    if (!r->failed) return out;
    json_decref(out);
    return NULL;
}

json_t *lia_yaml_parse(lia_span bytes, lia_why *why)
{
    reader r = {.why = why};
    if (!yaml_parser_initialize(&r.parser)) {
        lia_why_set(why, LIA_EFULL, "there is no memory to read it");
        return NULL;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, bytes.data ? bytes.data : (const uint8_t *)"",
                                 bytes.size);
    json_t *out = document(&r);
    yaml_parser_delete(&r.parser);
    return out;
}

json_t *lia_yaml_file(const char *path, lia_why *why)
{
    lia_why inner = {{0}};
    json_t *out = NULL;
    char *bytes = malloc(LIA_YAML_BYTES_MAX + 1);
    FILE *file = bytes ? fopen(path, "re") : NULL;
    size_t size = file ? fread(bytes, 1, LIA_YAML_BYTES_MAX + 1, file) : 0;
    if (!file || ferror(file))
        lia_why_set(why, LIA_EIO, "%s cannot be read: %s", path, strerror(errno));
    else if (size > LIA_YAML_BYTES_MAX)
        lia_why_set(why, LIA_EINVAL, "%s is larger than 64 KiB", path);
    else if (!(out = lia_yaml_parse(lia_span_make(bytes, size), &inner)))
        lia_why_set(why, LIA_EINVAL, "%s:%s", path, inner.text);
    if (file) fclose(file);
    free(bytes);
    return out;
}
