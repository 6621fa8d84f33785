/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/box.h"

#include <stdio.h>

#include "tests/support/test.h"

static const char *dir; /* of the test */

static lia_box *open_box(uint32_t version)
{
    char path[600];
    lia_box *box;
    lia_why why = {{0}};
    snprintf(path, sizeof path, "%s/box", dir);
    lia_err err = lia_box_open(&box, path, (size_t)16 << 20, version, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return box;
}

static void put(lia_box *box, const char *key, const char *value)
{
    CHECK_OK(lia_box_put(box, lia_span_text(key), lia_span_text(value)));
}

/* The values that a walk finds, one behind the other. */
typedef struct found {
    char text[128];
    size_t left;
} found;

static bool add(void *context, lia_span key, lia_span value)
{
    found *f = context;
    (void)key;
    strncat(f->text, (const char *)value.data, value.size);
    return --f->left > 0;
}

static const char *walk(lia_box *box, const char *prefix, const char *before, size_t most)
{
    static found f;
    f = (found){.left = most};
    CHECK_OK(lia_box_walk(box, lia_span_text(prefix), lia_span_text(before), add, &f));
    return f.text;
}

TEST(a_walk_goes_down_from_the_end_or_from_a_key_within_its_prefix)
{
    dir = lia_test_dir();
    lia_box *box = open_box(1);
    CHECK_TEXT(walk(box, "b", "", 9), "");
    put(box, "a1", "A");
    put(box, "b1", "x");
    put(box, "b2", "y");
    put(box, "b3", "z");
    CHECK_TEXT(walk(box, "b", "", 9), ""); /* not before the commit */
    CHECK_OK(lia_box_commit(box, NULL));
    CHECK_TEXT(walk(box, "b", "", 9), "zyx");
    CHECK_TEXT(walk(box, "b", "", 2), "zy");
    CHECK_TEXT(walk(box, "b", "b3", 9), "yx");
    CHECK_TEXT(walk(box, "b", "b1", 9), "");
    CHECK_TEXT(walk(box, "b", "b9", 9), "zyx");
    CHECK_TEXT(walk(box, "a", "", 9), "A");
    CHECK_TEXT(walk(box, "c", "", 9), "");
    put(box, "c1", "C");
    CHECK_OK(lia_box_commit(box, NULL));
    CHECK_TEXT(walk(box, "b", "", 9), "zyx");
    lia_box_close(box);
}

TEST(what_was_committed_is_there_again_and_nothing_else)
{
    lia_arena arena;
    lia_span value;
    dir = lia_test_dir();
    lia_box *box = open_box(1);
    CHECK_OK(lia_arena_init(&arena, 1 << 16));
    put(box, "kept", "1");
    put(box, "gone", "2");
    CHECK_OK(lia_box_commit(box, NULL));
    CHECK_OK(lia_box_delete(box, LIA_SPAN("gone")));
    CHECK_OK(lia_box_delete(box, LIA_SPAN("never")));
    CHECK_OK(lia_box_commit(box, NULL));
    put(box, "kept", "3");
    CHECK_OK(lia_box_get(box, LIA_SPAN("kept"), &arena, &value));
    CHECK(lia_span_is(value, "3"));
    lia_box_close(box);
    box = open_box(1);
    CHECK_OK(lia_box_get(box, LIA_SPAN("kept"), &arena, &value));
    CHECK(lia_span_is(value, "1"));
    CHECK_ERR(lia_box_get(box, LIA_SPAN("gone"), &arena, &value), LIA_EABSENT);
    lia_box_close(box);
    box = open_box(2); /* of another version: empty */
    CHECK_ERR(lia_box_get(box, LIA_SPAN("kept"), &arena, &value), LIA_EABSENT);
    lia_box_close(box);
    lia_arena_fini(&arena);
}

TEST(keys_that_are_too_long_are_refused)
{
    static const char long_key[300] = "k";
    dir = lia_test_dir();
    lia_box *box = open_box(1);
    CHECK_ERR(lia_box_put(box, lia_span_make(long_key, 201), LIA_SPAN("x")), LIA_EINVAL);
    CHECK_ERR(lia_box_put(box, LIA_SPAN_NONE, LIA_SPAN("x")), LIA_EINVAL);
    lia_box_close(box);
}
