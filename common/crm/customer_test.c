/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/customer.h"
#include "common/crm/interaction.h"
#include "common/crm/task.h"
#include "common/node/fields.h"
#include "tests/support/test.h"

static lia_arena arena;

static lia_arena *scratch(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

TEST(a_customer_is_somebody)
{
    static const struct {
        const char *name, *given, *family;
        size_t emails, phones, numbers;
        lia_refusal want;
        const char *called;
    } cases[] = {
        {"Mei Chen", NULL, NULL, 0, 0, 0, LIA_ALLOWED, "Mei Chen"},
        {NULL, "Mei", "Chen", 0, 0, 0, LIA_ALLOWED, "Mei Chen"},
        {NULL, "Mei", NULL, 0, 0, 0, LIA_ALLOWED, "Mei"},
        {NULL, "", "Chen", 0, 0, 0, LIA_ALLOWED, "Chen"},
        {"M.", "Mei", "Chen", 0, 0, 0, LIA_ALLOWED, "M."},
        {NULL, NULL, NULL, 1, 0, 0, LIA_ALLOWED, NULL},
        {NULL, NULL, NULL, 0, 1, 0, LIA_ALLOWED, NULL},
        {NULL, NULL, NULL, 0, 0, 1, LIA_ALLOWED, NULL},
        {NULL, NULL, NULL, 0, 0, 0, LIA_CUSTOMER_IS_NOBODY, NULL},
        {"", "", "", 0, 0, 0, LIA_CUSTOMER_IS_NOBODY, ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Customer customer = CRM__CUSTOMER__INIT;
        customer.name = cases[i].name;
        customer.given_name = cases[i].given;
        customer.family_name = cases[i].family;
        customer.n_emails = cases[i].emails;
        customer.n_phones = cases[i].phones;
        customer.n_external_ids = cases[i].numbers;
        CHECK_EQ(lia_customer_complete(NULL, &customer, scratch()), cases[i].want);
        if (cases[i].called)
            CHECK_TEXT(customer.name, cases[i].called);
        else
            CHECK(customer.name == NULL);
    }
}

TEST(a_name_follows_its_parts_until_it_is_given)
{
    static const struct {
        const char *before, *after, *family, *want;
    } cases[] = {
        {"Mei Chen", "Mei Chen", "Lang", "Mei Lang"}, /* married */
        {"Dr. Chen", "Dr. Chen", "Lang", "Dr. Chen"},
        {"Mei Chen", "Dr. Lang", "Lang", "Dr. Lang"},
        {"Mei Chen", NULL, "Lang", "Mei Lang"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Customer before = CRM__CUSTOMER__INIT;
        before.name = cases[i].before;
        before.given_name = "Mei";
        before.family_name = "Chen";
        Crm__Customer after = before;
        after.name = cases[i].after;
        after.family_name = cases[i].family;
        CHECK_EQ(lia_customer_complete(&before, &after, scratch()), LIA_ALLOWED);
        CHECK_TEXT(after.name, cases[i].want);
    }
}

#define TYPE(name)    CRM__INTERACTION_TYPE__INTERACTION_TYPE_##name
#define CHANNEL(name) CRM__CHANNEL__CHANNEL_##name

TEST(an_interaction_happened_now_on_the_channel_of_its_type)
{
    static const lia_time noon = {INT64_C(1795262400000)};
    static const struct {
        Crm__InteractionType type;
        bool has_channel;
        Crm__Channel channel, want;
    } cases[] = {
        {TYPE(CALL), false, 0, CHANNEL(PHONE)},
        {TYPE(CALL), true, CHANNEL(CHAT), CHANNEL(CHAT)},
        {TYPE(LETTER), true, CHANNEL(FAX), CHANNEL(FAX)},
        {TYPE(VISIT), false, 0, CHANNEL(IN_PERSON)},
        {TYPE(PURCHASE), false, 0, CHANNEL(UNKNOWN)},
        {(Crm__InteractionType)99, false, 0, CHANNEL(UNKNOWN)},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Interaction interaction = CRM__INTERACTION__INIT;
        LIA_SET(&interaction, type, cases[i].type);
        if (cases[i].has_channel) LIA_SET(&interaction, channel, cases[i].channel);
        CHECK_EQ(lia_interaction_complete(&interaction, noon), LIA_ALLOWED);
        CHECK_EQ(interaction.channel, cases[i].want);
        CHECK_EQ(interaction.occurred_at, noon.ms);
    }
}

TEST(an_interaction_lies_in_the_past_give_or_take_a_day)
{
    static const lia_time noon = {INT64_C(1795262400000)};
    static const struct {
        int64_t after_ms;
        lia_refusal want;
    } cases[] = {
        {-1000 * LIA_DAY_MS, LIA_ALLOWED},
        {0, LIA_ALLOWED},
        {LIA_DAY_MS, LIA_ALLOWED},
        {LIA_DAY_MS + 1, LIA_INTERACTION_IS_AHEAD},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Interaction interaction = CRM__INTERACTION__INIT;
        LIA_SET(&interaction, occurred_at, noon.ms + cases[i].after_ms);
        CHECK_EQ(lia_interaction_complete(&interaction, noon), cases[i].want);
    }
}

TEST(a_task_is_done_once)
{
    Crm__Task task = CRM__TASK__INIT;
    CHECK_EQ(lia_task_complete(&task), LIA_ALLOWED);
    CHECK_EQ(task.state, LIA_TASK_DONE);
    CHECK_EQ(lia_task_complete(&task), LIA_TASK_IS_DONE);
}
