/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *find(const lia_names *names, const char *name, size_t size)
{
    for (size_t i = 0; i < names->count; i++)
        if (strlen(names->list[i].name) == size && !memcmp(names->list[i].name, name, size))
            return names->list[i].value;
    return NULL;
}

static bool bind(lia_names *names, const char *name, size_t name_size, const char *value,
                 size_t size)
{
    if (name_size == 1 && *name == '*') return true;
    const char *known = find(names, name, name_size);
    if (known) return strlen(known) == size && memcmp(known, value, size) == 0;
    if (names->count == NAMES_MAX || name_size >= sizeof names->list[0].name ||
        size >= sizeof names->list[0].value)
        return false;
    snprintf(names->list[names->count].name, sizeof names->list[0].name, "%.*s", (int)name_size,
             name);
    snprintf(names->list[names->count++].value, sizeof names->list[0].value, "%.*s", (int)size,
             value);
    return true;
}

bool lia_match_text(lia_names *names, const char *pattern, const char *text)
{
    for (;;) {
        const char *open = strstr(pattern, "{{");
        const char *close = open ? strstr(open, "}}") : NULL;
        if (!close) return strcmp(pattern, text) == 0;
        size_t size = (size_t)(open - pattern);
        if (strncmp(pattern, text, size) != 0) return false;
        text += size;
        pattern = close + 2;
        /* The name reaches to where the next plain text begins, or to the end. */
        const char *next = strstr(pattern, "{{");
        size_t plain = next ? (size_t)(next - pattern) : strlen(pattern);
        const char *end = text + strlen(text);
        if (plain)
            for (end = text; *end && strncmp(end, pattern, plain) != 0;) end++;
        if (!bind(names, open + 2, (size_t)(close - open - 2), text, (size_t)(end - text)))
            return false;
        text = end;
    }
}

static bool differ(char *where, size_t size, const char *path, json_t *pattern, const json_t *value)
{
    char *wanted = json_dumps(pattern, JSON_ENCODE_ANY | JSON_COMPACT);
    char *got = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    snprintf(where, size, "%s: wanted %.300s, got %.300s", *path ? path : "the body", wanted,
             got ? got : "nothing");
    free(wanted);
    free(got);
    return false;
}

static bool match(lia_names *names, json_t *pattern, const json_t *value, const char *path,
                  char *where, size_t size);

static bool match_object(lia_names *names, json_t *pattern, const json_t *value, const char *path,
                         char *where, size_t size)
{
    const char *key;
    json_t *wanted;
    json_object_foreach(pattern, key, wanted)
    {
        char below[512];
        snprintf(below, sizeof below, "%s.%s", path, key);
        const json_t *got = json_object_get(value, key);
        if (!got) {
            if (json_is_string(wanted) && !strcmp(json_string_value(wanted), "{{absent}}"))
                continue;
            return differ(where, size, below, wanted, NULL);
        }
        if (!match(names, wanted, got, below, where, size)) return false;
    }
    return true;
}

static bool match_array(lia_names *names, json_t *pattern, const json_t *value, const char *path,
                        char *where, size_t size)
{
    size_t count = json_array_size(pattern);
    const char *last = count ? json_string_value(json_array_get(pattern, count - 1)) : NULL;
    bool open = last && !strcmp(last, "...");
    if (open) count--;
    if (open ? json_array_size(value) < count : json_array_size(value) != count)
        return differ(where, size, path, pattern, value);
    for (size_t i = 0; i < count; i++) {
        char below[512];
        snprintf(below, sizeof below, "%s[%zu]", path, i);
        if (!match(names, json_array_get(pattern, i), json_array_get(value, i), below, where, size))
            return false;
    }
    return true;
}

static bool match(lia_names *names, json_t *pattern, const json_t *value, const char *path,
                  char *where, size_t size)
{
    const char *text = json_string_value(pattern);
    if (text && !strcmp(text, "{{*}}")) return true;
    if (json_typeof(pattern) != json_typeof(value))
        return differ(where, size, path, pattern, value);
    if (json_is_object(pattern)) return match_object(names, pattern, value, path, where, size);
    if (json_is_array(pattern)) return match_array(names, pattern, value, path, where, size);
    bool same =
        text ? lia_match_text(names, text, json_string_value(value)) : json_equal(pattern, value);
    return same || differ(where, size, path, pattern, value);
}

bool lia_match_json(lia_names *names, json_t *pattern, const json_t *value, char *where,
                    size_t size)
{
    return match(names, pattern, value, "", where, size);
}

char *lia_names_fill(const lia_names *names, const char *text)
{
    char *out = NULL;
    size_t size;
    FILE *stream = open_memstream(&out, &size);
    const char *open, *close;
    while ((open = strstr(text, "{{")) && (close = strstr(open, "}}"))) {
        const char *value = find(names, open + 2, (size_t)(close - open - 2));
        if (!value) {
            fclose(stream);
            free(out);
            return NULL;
        }
        fprintf(stream, "%.*s%s", (int)(open - text), text, value);
        text = close + 2;
    }
    fputs(text, stream);
    fclose(stream);
    return out;
}
