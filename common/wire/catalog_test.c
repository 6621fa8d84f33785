/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/catalog.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>

#include "common/wire/filter.h"
#include "common/wire/json.h"
#include "proto/custom.pb-c.h"
#include "tests/support/test.h"

static lia_arena arena;

static void begin(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)64 << 20));
    lia_arena_reset(&arena);
    lia_catalog_use(NULL);
}

static lia_id id_of(uint32_t number)
{
    lia_id id = {{1}};
    lia_put_u32(id.bytes + 12, number);
    return id;
}

/* A definition as JSON of its kind. */
static lia_custom_definition define(uint32_t number, uint16_t kind, const char *json)
{
    lia_json_object object;
    lia_why why = {{0}};
    lia_err err = lia_json_read(&object, lia_kind_find(kind)->message, LIA_JSON_COMMAND,
                                lia_span_text(json), &arena, &why);
    if (err) fprintf(stderr, "%s\n", why.text);
    CHECK_OK(err);
    return (lia_custom_definition){.id = id_of(number), .kind = kind, .message = object.message};
}

#define FIELD(number, json) define(number, LIA_CUSTOM_FIELD, json)
#define KIND(number, json)  define(number, LIA_CUSTOM_KIND, json)

/* Builds them and has the test's thread look into them. */
static void use(const lia_custom_definition *definitions, size_t count)
{
    lia_catalog *catalog;
    CHECK_OK(lia_catalog_build(&catalog, definitions, count));
    lia_catalog_use(catalog);
    lia_catalog_release(catalog);
}

static const lia_field *field_of(const char *kind, const char *name)
{
    return lia_field_by_name(lia_kind_by_name(lia_span_text(kind))->message, lia_span_text(name));
}

static const char *problem_of(uint32_t number)
{
    size_t count;
    const lia_catalog_problem *problems = lia_catalog_problems(&count);
    for (size_t i = 0; i < count; i++)
        if (lia_id_equal(problems[i].definition, id_of(number))) return problems[i].why;
    return NULL;
}

/* ---- types ----------------------------------------------------------------------------------- */

TEST(a_value_of_every_type_goes_in_and_comes_out)
{
    static const struct {
        const char *type, *more, *value, *filter;
    } cases[] = {
        {"text", "", "\"blue\"", "x = blue"},
        {"long_text", "", "\"a\\nb\"", "x:b"},
        {"number", "", "-9007199254740993", "x < -9007199254740992"},
        {"money", "", "{\"amount_minor\":1177,\"currency\":\"USD\"}", "x > 11.76"},
        {"date", "", "\"2026-11-22\"", "x >= 2026-11-22"},
        {"date_time", "", "\"2026-11-22T08:30:00.000Z\"", "x < 2026-11-22T08:30:01Z"},
        {"yes_no", "", "true", "x = true"},
        {"choice", ",\"options\":[{\"name\":\"red\"},{\"name\":\"blue\"}]", "\"red\"", "x = red"},
        {"multi_choice", ",\"options\":[{\"name\":\"red\"},{\"name\":\"blue\"}]", "[\"red\"]",
         "x:red AND NOT x:blue"},
        {"reference", ",\"reference\":\"product\"", "\"0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90\"",
         "x = 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90"},
        {"email", "", "\"mei@example.com\"", "x:example"},
        {"phone", "", "\"+491701234567\"", "x:4917"},
        {"url", "", "\"https://example.com/\"", "x:https"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        char text[400];
        snprintf(text, sizeof text,
                 "{\"of\":\"customer\",\"name\":\"x\",\"label\":\"X\",\"type\":\"%s\"%s}",
                 cases[i].type, cases[i].more);
        lia_custom_definition definition = FIELD(7, text);
        use(&definition, 1);
        const lia_kind *customer = lia_kind_find(LIA_CUSTOMER);
        lia_json_object object;
        lia_why why = {{0}};
        snprintf(text, sizeof text, "{\"x\":%s}", cases[i].value);
        CHECK_OK(lia_json_read(&object, customer->message, LIA_JSON_PATCH, lia_span_text(text),
                               &arena, &why));
        lia_buf out = lia_buf_make(&arena);
        lia_json_put_message(&out, customer->message, object.message);
        CHECK_BYTES(lia_buf_get(&out), lia_span_text(text));

        lia_filter *filter;
        CHECK_OK(lia_filter_parse(&filter, customer, lia_span_text(cases[i].filter), &arena, &why));
        const lia_filter_subject subject = {.message = object.message};
        CHECK(lia_filter_holds(filter, &subject));
        CHECK(!lia_filter_holds(filter, &(lia_filter_subject){.message = LIA_SPAN_NONE}));
    }
}

TEST(what_was_compiled_in_stays_as_it_is_beside_what_is_added)
{
    begin();
    const lia_kind *before = lia_kind_find(LIA_DEAL);
    size_t fields = before->message->count;
    lia_custom_definition definition =
        FIELD(1, "{\"of\":\"deal\",\"name\":\"reason\",\"label\":\"Reason\",\"type\":\"text\"}");
    use(&definition, 1);
    const lia_kind *now = lia_kind_find(LIA_DEAL);
    CHECK(now != before && now->message->count == fields + 1);
    for (size_t i = 0; i < fields; i++) {
        const lia_field *a = &before->message->fields[i], *b = &now->message->fields[i];
        CHECK_EQ(a->number, b->number);
        CHECK_TEXT(a->name, b->name);
        CHECK(b->added == NULL && lia_field_find(now->message, a->number) == b);
    }
    /* What a kind says of its fields points into its own message. */
    CHECK(now->title == lia_field_find(now->message, before->title->number));
    CHECK(now->customer == lia_field_find(now->message, before->customer->number));
    CHECK(lia_kind_find(LIA_TASK)->message == lia_kinds(&fields)[0].message ||
          lia_kind_find(LIA_TASK)->message->descriptor != NULL);
    lia_catalog_use(NULL);
    CHECK(lia_kind_find(LIA_DEAL) == before && !field_of("deal", "reason"));
}

/* ---- numbers and names ----------------------------------------------------------------------- */

TEST(a_number_follows_from_the_id_alone)
{
    CHECK_EQ(lia_custom_field_number(id_of(1)), lia_custom_field_number(id_of(1)));
    for (uint32_t i = 1; i < 5000; i++) {
        uint32_t number = lia_custom_field_number(id_of(i));
        CHECK(number >= LIA_CUSTOM_FIELD_FIRST && number < 1u << 29); /* protobuf's largest */
        CHECK(lia_custom_kind_number(id_of(i)) >= LIA_CUSTOM_KIND_FIRST);
        CHECK(number != lia_custom_field_number(id_of(i + 1)));
    }
}

/* Two definitions of one kind whose numbers are the same; kinds have few numbers, so there are
 * some. */
static void find_clash(uint32_t *a, uint32_t *b)
{
    static uint32_t seen[UINT16_MAX + 1];
    for (uint32_t i = 1; i < UINT16_MAX; i++) {
        uint16_t number = lia_custom_kind_number(id_of(i));
        *a = seen[number];
        *b = i;
        if (*a) return;
        seen[number] = i;
    }
    CHECK(false);
}

TEST(of_two_with_one_number_the_lower_id_has_it_and_the_other_is_said)
{
    uint32_t low, high;
    find_clash(&low, &high);
    for (int order = 0; order < 2; order++) {
        begin();
        lia_custom_definition list[2];
        list[order] = KIND(low, "{\"name\":\"boat\",\"plural\":\"boats\",\"label\":\"Boat\"}");
        list[!order] = KIND(high, "{\"name\":\"horse\",\"plural\":\"horses\",\"label\":\"Horse\"}");
        use(list, 2);
        CHECK_TEXT(lia_kind_find(lia_custom_kind_number(id_of(low)))->name, "boat");
        CHECK(!lia_kind_by_name(LIA_SPAN("horse")));
        CHECK(problem_of(high) && strstr(problem_of(high), "boat") && !problem_of(low));
    }
}

TEST(names_that_are_taken_get_a_number_whatever_came_first)
{
    for (int order = 0; order < 2; order++) {
        begin();
        lia_custom_definition list[4];
        list[order] =
            FIELD(5, "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"A\",\"type\":\"number\"}");
        list[!order] =
            FIELD(6, "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"B\",\"type\":\"text\"}");
        list[2 + order] =
            FIELD(7, "{\"of\":\"customer\",\"name\":\"name\",\"label\":\"C\",\"type\":\"text\"}");
        list[2 + !order] =
            FIELD(8, "{\"of\":\"task\",\"name\":\"size\",\"label\":\"D\",\"type\":\"text\"}");
        use(list, 4);
        CHECK_TEXT(field_of("customer", "size")->label, "A");
        CHECK_TEXT(field_of("customer", "size_2")->label, "B");
        CHECK_TEXT(field_of("customer", "size_2")->added->wanted, "size");
        CHECK(!field_of("customer", "name")->added);
        CHECK_TEXT(field_of("customer", "name_2")->label, "C");
        CHECK_TEXT(field_of("task", "size")->label, "D");
        CHECK(!problem_of(5) && !problem_of(8));
        CHECK(strstr(problem_of(6), "size_2") != NULL);
    }
}

/* An archived field keeps its name and number, so what is archived can come back. */
TEST(archiving_hides_a_field_and_keeps_its_name)
{
    begin();
    lia_custom_definition list[] = {
        FIELD(1, "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"A\",\"type\":\"number\","
                 "\"archived\":true}"),
        FIELD(2, "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"B\",\"type\":\"number\"}"),
        KIND(3, "{\"name\":\"boat\",\"plural\":\"boats\",\"label\":\"Boat\",\"archived\":true}"),
    };
    use(list, 3);
    CHECK(!field_of("customer", "size"));
    CHECK_TEXT(field_of("customer", "size_2")->label, "B");
    const lia_kind *boat = lia_kind_find(lia_custom_kind_number(id_of(3)));
    CHECK(boat && boat->secret && boat->internal && !lia_kind_by_plural(LIA_SPAN("boats")));
}

TEST(what_makes_no_sense_is_left_out_and_said)
{
    static const char *const fields[] = {
        "{\"of\":\"customer\",\"name\":\"Size\",\"label\":\"A\",\"type\":\"number\"}",
        "{\"of\":\"boat\",\"name\":\"size\",\"label\":\"A\",\"type\":\"number\"}",
        "{\"of\":\"role\",\"name\":\"size\",\"label\":\"A\",\"type\":\"number\"}",
        "{\"of\":\"credential\",\"name\":\"size\",\"label\":\"A\",\"type\":\"number\"}",
        "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"A\",\"type\":\"choice\"}",
        "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"A\",\"type\":\"reference\"}",
        "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"A\",\"type\":\"unset\"}",
    };
    for (size_t i = 0; i < LIA_COUNT(fields); i++) {
        begin();
        lia_custom_definition list[] = {
            FIELD(1, fields[i]),
            FIELD(2, "{\"of\":\"customer\",\"name\":\"fine\",\"label\":\"B\",\"type\":\"text\"}")};
        use(list, 2);
        CHECK(problem_of(1) != NULL && !problem_of(2));
        CHECK(field_of("customer", "fine") && !field_of("customer", "size"));
    }
}

/* ---- bounds ---------------------------------------------------------------------------------- */

TEST(beyond_the_bounds_the_highest_ids_are_left_out)
{
    enum { FIELDS = LIA_CUSTOM_FIELDS_MAX + 3, KINDS = LIA_CUSTOM_KINDS_MAX + 2 };
    static lia_custom_definition list[FIELDS + KINDS];
    char text[200];
    begin();
    for (uint32_t i = 0; i < FIELDS; i++) {
        snprintf(text, sizeof text,
                 "{\"of\":\"task\",\"name\":\"f%u\",\"label\":\"F\",\"type\":\"text\"}", i);
        list[i] = FIELD(FIELDS - i, text);
    }
    for (uint32_t i = 0; i < KINDS; i++) {
        snprintf(text, sizeof text, "{\"name\":\"k%u\",\"plural\":\"k%us\",\"label\":\"K\"}", i, i);
        list[FIELDS + i] = KIND(1000 + i, text);
    }
    use(list, FIELDS + KINDS);
    CHECK(!field_of("task", "f0") && !field_of("task", "f2") && field_of("task", "f3"));
    CHECK(problem_of(FIELDS) && !problem_of(LIA_CUSTOM_FIELDS_MAX));
    /* Beyond it a kind is hidden and not absent: its records are kept. */
    CHECK(!lia_kind_by_plural(LIA_SPAN("k100s")) && lia_kind_by_plural(LIA_SPAN("k99s")));
    CHECK(lia_kind_find(lia_custom_kind_number(id_of(1100)))->secret);
}

/* ---- custom kinds ---------------------------------------------------------------------------- */

TEST(a_custom_kind_is_a_kind)
{
    begin();
    lia_custom_definition list[] = {
        KIND(1, "{\"name\":\"boat\",\"plural\":\"boats\",\"label\":\"Boat\"}"),
        KIND(2, "{\"name\":\"pier\",\"plural\":\"piers\",\"label\":\"Pier\",\"without_customer\":"
                "true}"),
        FIELD(3, "{\"of\":\"boat\",\"name\":\"length\",\"label\":\"Length\",\"type\":\"number\","
                 "\"kind_id\":\"01000000-0000-0000-0000-000000000001\"}"),
        FIELD(4, "{\"of\":\"boat\",\"name\":\"pier\",\"label\":\"Pier\",\"type\":\"reference\","
                 "\"reference\":\"pier\",\"kind_id\":\"01000000-0000-0000-0000-000000000001\","
                 "\"reference_id\":\"01000000-0000-0000-0000-000000000002\"}"),
    };
    use(list, 4);
    const lia_kind *boat = lia_kind_by_plural(LIA_SPAN("boats"));
    CHECK(boat && boat == lia_kind_by_name(LIA_SPAN("boat")) &&
          boat == lia_kind_find(boat->number));
    CHECK(boat == lia_kind_by_definition(id_of(1)));
    CHECK_TEXT(boat->title->name, "name");
    CHECK_EQ(boat->customer->reference, LIA_CUSTOMER);
    CHECK(field_of("boat", "length") && field_of("boat", "owner")->reference == LIA_USER);
    CHECK_EQ(field_of("boat", "pier")->reference, lia_kind_by_name(LIA_SPAN("pier"))->number);
    const lia_kind *pier = lia_kind_by_name(LIA_SPAN("pier"));
    CHECK(!pier->customer && !field_of("pier", "customer"));
    lia_filter *filter;
    lia_why why;
    CHECK_OK(lia_filter_parse(&filter, boat, LIA_SPAN("pier.name = north AND length > 3"), &arena,
                              &why));
}

TEST(no_custom_kind_takes_the_name_of_another_or_of_a_path)
{
    begin();
    lia_custom_definition list[] = {
        KIND(1, "{\"name\":\"customer\",\"plural\":\"kinds\",\"label\":\"A\"}"),
        KIND(2, "{\"name\":\"deals\",\"plural\":\"deal\",\"label\":\"B\"}"),
    };
    use(list, 2);
    CHECK(!lia_kind_by_name(LIA_SPAN("customer"))->added);
    CHECK_TEXT(lia_kind_by_definition(id_of(1))->name, "customer_2");
    CHECK_TEXT(lia_kind_by_definition(id_of(1))->plural, "kinds_2");
    CHECK_TEXT(lia_kind_by_definition(id_of(2))->plural, "deal_2");
    CHECK_TEXT(lia_kind_by_definition(id_of(2))->added->wanted, "deals");
}

/* ---- the document ---------------------------------------------------------------------------- */

static json_t *document(void)
{
    lia_buf out = lia_buf_make(&arena);
    lia_buf_byte(&out, '{');
    lia_catalog_put_openapi(&out, NULL, NULL);
    lia_buf_byte(&out, '}');
    CHECK(!out.failed);
    json_error_t why;
    json_t *read = json_loadb((const char *)out.data, out.size, JSON_REJECT_DUPLICATES, &why);
    if (!read) fprintf(stderr, "%s\n", why.text);
    CHECK(read != NULL);
    return read;
}

static json_t *at(json_t *from, const char *a, const char *b, const char *c)
{
    json_t *found = json_object_get(from, a);
    if (b) found = json_object_get(found, b);
    return c ? json_object_get(found, c) : found;
}

TEST(without_definitions_the_document_is_the_compiled_one)
{
    begin();
    json_t *now = document();
    lia_span text = lia_schema_openapi();
    json_t *compiled = json_loadb((const char *)text.data, text.size, 0, NULL);
    CHECK(compiled && json_equal(now, compiled));
    json_decref(now);
    json_decref(compiled);
}

TEST(the_document_has_what_was_added_and_all_else_as_it_was)
{
    begin();
    json_t *before = document();
    lia_custom_definition list[] = {
        FIELD(1, "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"A "
                 "\\\"b\\\"\",\"type\":\"number\",\"required\":true}"),
        FIELD(2, "{\"of\":\"task\",\"name\":\"size\",\"label\":\"B\",\"type\":\"choice\","
                 "\"required\":true,"
                 "\"options\":[{\"name\":\"s\"},{\"name\":\"l\"}]}"),
        KIND(3, "{\"name\":\"boat\",\"plural\":\"boats\",\"label\":\"Boat\",\"help\":\"floats\"}"),
    };
    use(list, 3);
    json_t *now = document();
    CHECK_TEXT(
        json_string_value(json_object_get(at(now, "Customer", "properties", "size"), "title")),
        "A \"b\"");
    CHECK(at(now, "CustomerPatch", "properties", "size") != NULL);
    json_t *required = at(now, "CustomerCreate", "required", NULL);
    CHECK_EQ(json_array_size(required),
             1 + json_array_size(at(before, "CustomerCreate", "required", NULL)));
    CHECK_EQ(json_array_size(at(now, "TaskCreate", "required", NULL)), 2);
    CHECK_EQ(json_array_size(json_object_get(at(now, "Task", "properties", "size"), "enum")), 2);
    CHECK(at(now, "Custom_boat", "properties", "customer") != NULL);
    CHECK_EQ(json_array_size(at(now, "Custom_boatCreate", "required", NULL)), 1);
    CHECK(!at(now, "Custom_boatCreate", "properties", "archived"));
    /* Taken out again, it is what it was. */
    static const char *const forms[] = {"Customer", "CustomerCreate", "CustomerPatch",
                                        "Task",     "TaskCreate",     "TaskPatch"};
    for (size_t i = 0; i < LIA_COUNT(forms); i++)
        CHECK(json_object_del(at(now, forms[i], "properties", NULL), "size") == 0);
    json_object_set(json_object_get(now, "CustomerCreate"), "required",
                    at(before, "CustomerCreate", "required", NULL));
    json_object_set(json_object_get(now, "TaskCreate"), "required",
                    at(before, "TaskCreate", "required", NULL));
    if (!at(before, "CustomerCreate", "required", NULL))
        json_object_del(json_object_get(now, "CustomerCreate"), "required");
    static const char *const added[] = {"Custom_boat", "Custom_boatCreate", "Custom_boatPatch"};
    for (size_t i = 0; i < LIA_COUNT(added); i++) CHECK(json_object_del(now, added[i]) == 0);
    CHECK(json_equal(now, before));
    json_decref(before);
    json_decref(now);
}

static const lia_kind *look_without_boats(const void *context, uint32_t number)
{
    (void)context;
    const lia_kind *kind = lia_kind_find(number);
    return kind->added ? NULL : kind;
}

TEST(what_somebody_does_not_see_is_not_in_their_document)
{
    begin();
    lia_custom_definition boat =
        KIND(3, "{\"name\":\"boat\",\"plural\":\"boats\",\"label\":\"Boat\"}");
    use(&boat, 1);
    lia_buf out = lia_buf_make(&arena);
    lia_catalog_put_openapi(&out, look_without_boats, NULL);
    CHECK(!out.failed && !memmem(out.data, out.size, "boat", 4));
}

/* ---- threads --------------------------------------------------------------------------------- */

/* One thread makes catalogs, the others look into the one that is there; whoever holds one still
 * can. */
static const lia_catalog *shown;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool stop;

static void *look(void *context)
{
    uint64_t *looked = context;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE) || *looked < 100) {
        pthread_mutex_lock(&lock);
        const lia_catalog *held = lia_catalog_hold(shown);
        pthread_mutex_unlock(&lock);
        lia_catalog_use(held);
        lia_catalog_release(held);
        const lia_field *field = field_of("customer", "size");
        CHECK(field && field->number == lia_custom_field_number(id_of(1)) &&
              field->label[0] == 'L');
        ++*looked;
    }
    lia_catalog_use(NULL);
    return NULL;
}

TEST(a_catalog_lasts_as_long_as_somebody_looks_into_it)
{
    pthread_t threads[3];
    uint64_t looked[3] = {0};
    begin();
    lia_custom_definition size =
        FIELD(1, "{\"of\":\"customer\",\"name\":\"size\",\"label\":\"L\",\"type\":\"number\"}");
    lia_catalog *catalog;
    CHECK_OK(lia_catalog_build(&catalog, &size, 1));
    shown = catalog;
    for (size_t i = 0; i < LIA_COUNT(threads); i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, look, &looked[i]), 0);
    for (int i = 0; i < 50; i++) {
        CHECK_OK(lia_catalog_build(&catalog, &size, 1));
        pthread_mutex_lock(&lock);
        lia_catalog_release(shown);
        shown = catalog;
        pthread_mutex_unlock(&lock);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    for (size_t i = 0; i < LIA_COUNT(threads); i++) pthread_join(threads[i], NULL);
    lia_catalog_release(shown);
}
