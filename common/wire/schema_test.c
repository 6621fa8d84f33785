/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/schema.h"

#include <jansson.h>

#include "tests/support/test.h"

TEST(kinds_are_found_by_number_name_and_plural)
{
    static const struct {
        uint32_t number;
        const char *name, *plural;
        lia_department owner;
    } cases[] = {
        {LIA_CUSTOMER, "customer", "customers", LIA_DEPARTMENT_ANY},
        {LIA_INTERACTION, "interaction", "interactions", LIA_DEPARTMENT_ANY},
        {LIA_TASK, "task", "tasks", LIA_DEPARTMENT_ANY},
        {LIA_PRODUCT, "product", "products", LIA_DEPARTMENT_ANY},
        {LIA_USER, "user", "users", LIA_DEPARTMENT_ANY},
        {LIA_NODE, "node", "nodes", LIA_DEPARTMENT_ANY},
        {LIA_HANDOVER, "handover", "handovers", LIA_DEPARTMENT_ANY},
        {LIA_ERASURE, "erasure", "erasures", LIA_DEPARTMENT_ANY},
        {LIA_CONSENT, "consent", "consents", LIA_DEPARTMENT_ANY},
        {LIA_MEMBER_CHANGE, "member_change", "member_changes", LIA_DEPARTMENT_ANY},
        {LIA_DEAL, "deal", "deals", LIA_SALES},
        {LIA_PIPELINE, "pipeline", "pipelines", LIA_SALES},
        {LIA_CAMPAIGN, "campaign", "campaigns", LIA_MARKETING},
        {LIA_SEGMENT, "segment", "segments", LIA_MARKETING},
        {LIA_MEMBERSHIP, "membership", "memberships", LIA_MARKETING},
        {LIA_TICKET, "ticket", "tickets", LIA_SERVICE},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        const lia_kind *kind = lia_kind_find(cases[i].number);
        CHECK(kind != NULL);
        CHECK_TEXT(kind->name, cases[i].name);
        CHECK_EQ(kind->owner, cases[i].owner);
        CHECK(lia_kind_by_name(lia_span_text(cases[i].name)) == kind);
        CHECK(lia_kind_by_plural(lia_span_text(cases[i].plural)) == kind);
    }
}

TEST(what_is_no_kind_or_fact_is_not_found)
{
    static const uint32_t numbers[] = {0, 19, 29, 41, 255, 65535, UINT32_MAX};
    static const char *const names[] = {"", "c", "customerx", "customer ", "Customer", "deal.won."};
    for (size_t i = 0; i < LIA_COUNT(numbers); i++) CHECK(lia_kind_find(numbers[i]) == NULL);
    CHECK(lia_fact_find(0) == NULL);
    CHECK(lia_fact_find(UINT32_MAX) == NULL);
    for (size_t i = 0; i < LIA_COUNT(names); i++) {
        CHECK(lia_kind_by_name(lia_span_text(names[i])) == NULL);
        CHECK(lia_kind_by_plural(lia_span_text(names[i])) == NULL);
        CHECK(lia_fact_by_name(lia_span_text(names[i])) == NULL);
    }
    CHECK(lia_kind_by_plural(LIA_SPAN("customers\0")) == NULL);
}

TEST(kinds_and_facts_ascend_by_number)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t i = 1; i < count; i++) CHECK(kinds[i - 1].number < kinds[i].number);
    for (size_t i = 0; i < count; i++) CHECK(lia_kind_find(kinds[i].number) == &kinds[i]);
    const lia_fact *facts = lia_facts(&count);
    for (size_t i = 1; i < count; i++) CHECK(facts[i - 1].number < facts[i].number);
    for (size_t i = 0; i < count; i++)
        CHECK(lia_fact_by_name(lia_span_text(facts[i].name)) == &facts[i]);
}

TEST(a_fact_knows_its_name_department_and_message)
{
    const lia_fact *won = lia_fact_find(102);
    CHECK_TEXT(won->name, "deal.won");
    CHECK_TEXT(won->label, "Deal won");
    CHECK(won->timeline);
    CHECK_EQ(won->department, LIA_SALES);
    CHECK(won->message == lia_message_find("liaison.sales.DealWon"));
    CHECK_EQ(lia_fact_by_name(LIA_SPAN("record.created"))->department, LIA_DEPARTMENT_ANY);
    CHECK_EQ(lia_fact_by_name(LIA_SPAN("interaction.logged"))->message->count, 0);
}

TEST(every_field_is_found_by_number_and_name)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t k = 0; k < count; k++) {
        const lia_message *message = kinds[k].message;
        for (size_t i = 0; i < message->count; i++) {
            CHECK(lia_field_find(message, message->fields[i].number) == &message->fields[i]);
            CHECK(lia_field_by_name(message, lia_span_text(message->fields[i].name)) ==
                  &message->fields[i]);
        }
        CHECK(lia_field_find(message, 0) == NULL);
        CHECK(lia_field_find(message, 59) == NULL);
        CHECK(lia_field_find(message, UINT32_MAX) == NULL);
        CHECK(lia_field_by_name(message, LIA_SPAN("nothing")) == NULL);
    }
}

TEST(fields_carry_what_proto_says)
{
    const lia_kind *customer = lia_kind_find(LIA_CUSTOMER), *deal = lia_kind_find(LIA_DEAL);
    const lia_field *emails = lia_field_by_name(customer->message, LIA_SPAN("emails"));
    CHECK(emails->repeated && emails->indexed && emails->searchable && emails->personal);
    CHECK_EQ(emails->type, LIA_T_MESSAGE);
    CHECK_EQ(emails->key, 1);
    CHECK_TEXT(emails->message->name, "liaison.crm.Email");
    CHECK_EQ(emails->message->fields[0].meaning, LIA_M_EMAIL);
    CHECK_TEXT(emails->label, "E-mails");
    CHECK_TEXT(emails->message->fields[2].label, "Verified");

    const lia_field *organization = lia_field_by_name(customer->message, LIA_SPAN("organization"));
    CHECK_EQ(organization->reference, LIA_CUSTOMER);
    CHECK_EQ(organization->meaning, LIA_M_ID);
    CHECK_EQ(lia_field_by_name(customer->message, LIA_SPAN("birthday"))->bits, 64);
    CHECK_EQ(lia_field_by_name(deal->message, LIA_SPAN("probability"))->bits, 32);
    CHECK_EQ(lia_field_by_name(deal->message, LIA_SPAN("probability"))->meaning, LIA_M_PERCENT);
    CHECK_EQ(lia_field_by_name(lia_kind_find(LIA_HANDOVER)->message, LIA_SPAN("state"))->merge,
             LIA_MERGE_HIGHEST);

    CHECK(customer->title == lia_field_by_name(customer->message, LIA_SPAN("name")));
    CHECK(customer->customer == NULL);
    CHECK(deal->customer == lia_field_by_name(deal->message, LIA_SPAN("customer")));
    CHECK(deal->archived->read_only);
    CHECK(lia_kind_find(LIA_NODE)->archived == NULL);
    CHECK(lia_kind_find(LIA_NODE)->internal);
    CHECK(lia_kind_find(LIA_INTERACTION)->in_log);
}

TEST(messages_are_found_by_full_name)
{
    CHECK(lia_message_find("liaison.sales.WinDeal") != NULL);
    CHECK(lia_message_find("liaison.crm.Customer") == lia_kind_find(LIA_CUSTOMER)->message);
    CHECK(lia_message_find("liaison.analytics.Figure") != NULL);
    CHECK(lia_message_find("liaison.bus.Frame") == NULL);
    CHECK(lia_message_find("liaison.event.Event") == NULL);
    CHECK(lia_message_find("liaison.KindOptions") == NULL);
    CHECK(lia_message_find("WinDeal") == NULL);
    CHECK(lia_message_find("") == NULL);
}

TEST(enum_names_are_lower_case_without_the_types_prefix)
{
    const lia_enum *channel =
        lia_field_by_name(lia_kind_find(LIA_INTERACTION)->message, LIA_SPAN("channel"))
            ->enumeration;
    int32_t number = -1;
    CHECK_TEXT(lia_enum_name(channel, 7), "in_person");
    CHECK(lia_enum_name(channel, 10) == NULL);
    CHECK(lia_enum_name(channel, -1) == NULL);
    CHECK(lia_enum_name(channel, INT64_MAX) == NULL);
    CHECK(lia_enum_number(channel, LIA_SPAN("in_person"), &number));
    CHECK_EQ(number, 7);
    CHECK(!lia_enum_number(channel, LIA_SPAN("IN_PERSON"), &number));
    CHECK(!lia_enum_number(channel, LIA_SPAN(""), &number));
}

TEST(departments_have_names)
{
    CHECK_TEXT(lia_department_name(LIA_DEPARTMENT_ANY), "any");
    CHECK_TEXT(lia_department_name(LIA_ANALYTICS), "analytics");
    CHECK(lia_department_name(LIA_DEPARTMENTS) == NULL);
}

/* ---- the OpenAPI schemas --------------------------------------------------------------------- */

static json_t *schemas(void)
{
    lia_span text = lia_schema_openapi();
    json_t *all = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    CHECK(all != NULL);
    return all;
}

static const json_t *property(const json_t *all, const char *schema, const char *name)
{
    return json_object_get(json_object_get(json_object_get(all, schema), "properties"), name);
}

static const char *word(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* Every "$ref" in the tree names a schema that is there. */
static void check_references(const json_t *all, const json_t *node)
{
    static const char prefix[] = "#/components/schemas/";
    const char *name;
    json_t *child;
    size_t index;
    const char *reference = json_string_value(json_object_get(node, "$ref"));
    if (reference) {
        CHECK_EQ(strncmp(reference, prefix, strlen(prefix)), 0);
        CHECK(json_object_get(all, reference + strlen(prefix)) != NULL);
    }
    if (json_is_object(node))
        json_object_foreach((json_t *)node, name, child) check_references(all, child);
    json_array_foreach(node, index, child) check_references(all, child);
}

TEST(openapi_schemas_refer_only_to_one_another)
{
    json_t *all = schemas();
    check_references(all, all);
    json_decref(all);
}

TEST(openapi_tells_formats_titles_and_comments)
{
    json_t *all = schemas();
    CHECK_TEXT(word(property(all, "Customer", "organization"), "format"), "uuid");
    CHECK_TEXT(word(property(all, "Customer", "organization"), "x-liaison-reference"), "customers");
    CHECK_TEXT(word(property(all, "Customer", "birthday"), "format"), "date-time");
    CHECK_TEXT(word(property(all, "Customer", "website"), "x-liaison-meaning"), "url");
    CHECK_TEXT(word(property(all, "Customer", "emails"), "title"), "E-mails");
    CHECK_TEXT(word(property(all, "Email", "value"), "format"), "email");
    CHECK_TEXT(word(property(all, "Figure", "day"), "format"), "date");
    CHECK_TEXT(word(property(all, "Customer", "class"), "description"),
               "Written by analytics, as a record of its own department's work.");
    CHECK_TEXT(word(property(all, "LineItem", "price"), "description"), "of one");
    CHECK_TEXT(word(property(all, "Deal", "amount"), "$ref"), "#/components/schemas/Money");
    json_decref(all);
}

TEST(openapi_gives_a_kind_three_forms)
{
    json_t *all = schemas();
    CHECK(json_is_true(json_object_get(property(all, "Deal", "version"), "readOnly")));
    CHECK(json_is_true(json_object_get(property(all, "Deal", "stage"), "readOnly")));
    CHECK(property(all, "DealCreate", "stage") == NULL);
    CHECK(property(all, "DealCreate", "id") == NULL);
    CHECK_EQ(json_array_size(json_object_get(json_object_get(all, "DealCreate"), "required")), 2);
    CHECK(json_object_get(json_object_get(all, "DealPatch"), "required") == NULL);
    CHECK(json_is_array(json_object_get(property(all, "DealPatch", "name"), "type")));
    CHECK(json_object_get(all, "Handover") != NULL);
    CHECK(json_object_get(all, "HandoverCreate") == NULL);
    json_decref(all);
}
