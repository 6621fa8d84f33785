/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sample/company.h"

#include <jansson.h>
#include <stdio.h>

#include "common/wire/json.h"
#include "tests/support/test.h"

static void refer(void *context, lia_sample_kind kind, uint64_t number,
                  char text[LIA_SAMPLE_REFERENCE_SIZE])
{
    (void)context;
    snprintf(text, LIA_SAMPLE_REFERENCE_SIZE, "01900000-0000-7000-80%02x-%012llx", kind,
             (unsigned long long)number);
}

static lia_company company_of(uint64_t seed)
{
    return (lia_company){.seed = seed, .until = {INT64_C(1767225600000)}, .refer = refer};
}

static lia_arena arena;

static lia_span record_of(const lia_company *company, lia_sample_kind kind, uint64_t number)
{
    lia_department department;
    lia_buf out = lia_buf_make(&arena);
    if (!lia_sample_put(&out, company, kind, number, &department)) return LIA_SPAN_NONE;
    CHECK(!out.failed);
    return lia_buf_get(&out);
}

static uint64_t last_of(lia_sample_kind kind)
{
    uint64_t fixed = lia_sample_fixed_count(kind);
    if (kind == LIA_SAMPLE_INTERACTIONS) return 60000;
    return fixed ? fixed : 500;
}

TEST(every_record_is_what_the_schema_takes)
{
    lia_company company = company_of(7);
    CHECK_OK(lia_arena_init(&arena, (size_t)16 << 20));
    for (lia_sample_kind kind = 0; kind < LIA_SAMPLE_KINDS; kind++) {
        const lia_kind *schema = lia_kind_by_plural(lia_span_text(lia_sample_plural(kind)));
        for (uint64_t i = 0; i < last_of(kind); i += kind == LIA_SAMPLE_INTERACTIONS ? 7 : 1) {
            lia_json_object object;
            lia_why why = {{0}};
            lia_arena_reset(&arena);
            lia_span json = record_of(&company, kind, i);
            if (!json.size) continue;
            lia_err err =
                lia_json_read(&object, schema->message, LIA_JSON_CREATE, json, &arena, &why);
            if (err) fprintf(stderr, "%s: %.*s\n", why.text, (int)json.size, json.data);
            CHECK_OK(err);
        }
    }
    lia_arena_fini(&arena);
}

TEST(the_same_seed_makes_the_same_records_and_another_seed_others)
{
    lia_company one = company_of(1), again = company_of(1), other = company_of(2);
    CHECK_OK(lia_arena_init(&arena, (size_t)16 << 20));
    size_t differences = 0;
    for (uint64_t i = 0; i < 100; i++) {
        lia_span a = record_of(&one, LIA_SAMPLE_CUSTOMERS, i);
        CHECK_BYTES(record_of(&again, LIA_SAMPLE_CUSTOMERS, i), a);
        differences += !lia_span_equal(record_of(&other, LIA_SAMPLE_CUSTOMERS, i), a);
        CHECK_EQ(lia_sample_interactions(&one, i), lia_sample_interactions(&again, i));
    }
    CHECK(differences > 95);
    lia_arena_fini(&arena);
}

TEST(activity_is_skewed)
{
    lia_company company = company_of(3);
    uint64_t sum = 0, most = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t count = lia_sample_interactions(&company, i);
        sum += count;
        if (count > most) most = count;
        CHECK(count >= 3 && count <= LIA_SAMPLE_INTERACTIONS_MAX);
    }
    CHECK(sum > 50000 && sum < 90000);
    CHECK(most > 150);
}

TEST(addresses_are_made_up)
{
    lia_company company = company_of(4);
    CHECK_OK(lia_arena_init(&arena, (size_t)16 << 20));
    for (uint64_t i = 0; i < 500; i++) {
        lia_arena_reset(&arena);
        lia_span json = record_of(&company, LIA_SAMPLE_CUSTOMERS, i);
        json_t *record = json_loadb((const char *)json.data, json.size, 0, NULL);
        json_t *mail = json_array_get(json_object_get(record, "emails"), 0);
        CHECK(strstr(json_string_value(json_object_get(mail, "value")), "example."));
        json_decref(record);
    }
    lia_arena_fini(&arena);
}
