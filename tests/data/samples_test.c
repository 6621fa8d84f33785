/* SPDX-License-Identifier: Apache-2.0 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/wire/json.h"
#include "tests/data/sample.h"
#include "tests/support/test.h"

typedef struct samples {
    const char *path;
    lia_arena arena;
    lia_sample_type types[512];
    bool seen[512];
    size_t type_count, count;
    const lia_sample_type *type; /* of the sample under way */
    lia_span bytes;
} samples;

static void read_bytes(samples *all, lia_span hex)
{
    uint8_t *bytes = lia_arena_take(&all->arena, hex.size / 2 + 1);
    CHECK(bytes && all->type);
    CHECK_OK(lia_hex_parse(hex, bytes, hex.size / 2));
    all->bytes = lia_span_make(bytes, hex.size / 2);
    all->seen[all->type - all->types] = true;
    all->count++;
}

static void check_text(const samples *all, lia_span got, lia_span want)
{
    if (lia_span_equal(got, want)) return;
    fail_msg("%s: %s is read as\n%.*s\nand was\n%.*s", all->path, all->type->type->name,
             (int)got.size, (const char *)got.data, (int)want.size, (const char *)want.data);
}

static void read_line(samples *all, lia_span line)
{
    lia_buf text = lia_buf_make(&all->arena);
    size_t word = 0;
    while (word < line.size && line.data[word] != ' ') word++;
    lia_span name = lia_span_make(line.data, word), rest = lia_span_skip(line, word + 1);
    if (lia_span_is(name, "message")) {
        lia_arena_reset(&all->arena);
        all->type = lia_sample_find(all->types, all->type_count, rest);
        if (!all->type) fail_msg("%s: %.*s is known no more", all->path, (int)rest.size, rest.data);
    } else if (lia_span_is(name, "bytes")) {
        read_bytes(all, rest);
    } else if (lia_span_is(name, "means")) {
        if (!lia_sample_explain(&text, all->type->type, all->bytes))
            fail_msg("%s: %s is not understood", all->path, all->type->type->name);
        check_text(all, lia_buf_get(&text), rest);
    } else {
        CHECK(lia_span_is(name, "json") && all->type->schema);
        lia_json_put_message(&text, all->type->schema, all->bytes);
        check_text(all, lia_buf_get(&text), rest);
    }
}

static void read_file(samples *all, const char *path)
{
    static char line[1 << 16];
    FILE *file = fopen(path, "r");
    CHECK(file);
    *all = (samples){.path = path};
    CHECK_OK(lia_arena_init(&all->arena, 1 << 20));
    all->type_count = lia_sample_types(all->types, LIA_COUNT(all->types));
    while (fgets(line, sizeof line, file)) {
        CHECK(strchr(line, '\n'));
        lia_span text = lia_span_make(line, strcspn(line, "\n"));
        if (text.size && line[0] != '#') read_line(all, text);
    }
    fclose(file);
    lia_arena_fini(&all->arena);
}

TEST(what_every_release_wrote_is_read_as_it_was_meant)
{
    static samples all;
    glob_t files;
    CHECK_EQ(glob(LIA_SOURCE_DIR "/tests/data/samples-*.txt", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        read_file(&all, files.gl_pathv[i]);
        CHECK(all.count > 50);
    }
    globfree(&files);
}

/* Every field of every message: a sample that leaves one out would show nothing. */
TEST(a_sample_says_something_in_every_field)
{
    static samples all;
    all.type_count = lia_sample_types(all.types, LIA_COUNT(all.types));
    CHECK_OK(lia_arena_init(&all.arena, 1 << 20));
    for (size_t i = 0; i < all.type_count; i++) {
        lia_arena_reset(&all.arena);
        lia_buf bytes = lia_buf_make(&all.arena), text = lia_buf_make(&all.arena);
        CHECK(lia_sample_make(&bytes, all.types[i].type, 0));
        CHECK(lia_sample_explain(&text, all.types[i].type, lia_buf_get(&bytes)));
        CHECK_EQ(*(char *)lia_buf_room(&text, 1) = 0, 0);
        for (unsigned k = 0; all.types[i].schema && k < all.types[i].type->n_fields; k++)
            if (!strstr((char *)text.data, all.types[i].type->fields[k].name))
                fail_msg("%s: no %s", all.types[i].type->name, all.types[i].type->fields[k].name);
    }
    lia_arena_fini(&all.arena);
}
