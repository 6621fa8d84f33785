/* SPDX-License-Identifier: Apache-2.0 */
/* Marketing as a node: membership follows what any department does. */
#include "services/marketing/marketing.h"

#include "common/crm/crm_rig.h"
#include "services/marketing/segment.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};

static lia_id new_segment(rig *r, const char *filter)
{
    Marketing__Segment segment = MARKETING__SEGMENT__INIT;
    segment.name = "a segment";
    segment.filter = filter;
    return rig_create(r, MARKETING, LIA_SEGMENT, &segment);
}

static lia_id customer_in(rig *r, size_t number, const char *country)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei Chen";
    customer.country = country;
    return rig_create(r, number, LIA_CUSTOMER, &customer);
}

static void move(rig *r, size_t number, lia_id id, const char *country)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.country = country;
    static const uint32_t mask[] = {13};
    crm_change(r, number, LIA_CUSTOMER, id, &customer, mask, 1);
}

static bool belongs(rig *r, lia_id segment, lia_id customer)
{
    const Marketing__Membership *got =
        crm_read(r, MARKETING, LIA_MEMBERSHIP, lia_membership_id(segment, customer));
    return got && got->member;
}

static size_t own_events(rig *r)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[MARKETING], &stats);
    return stats.events_own;
}

TEST(membership_follows_a_customer_changed_at_another_department)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &lia_marketing, false);
    crm_start(&r, SALES, &sales, false);
    lia_id germans = new_segment(&r, "country = \"DE\"");
    lia_id french = new_segment(&r, "country = \"FR\"");
    lia_id mei = customer_in(&r, SALES, "DE");
    RIG_UNTIL(&r, belongs(&r, germans, mei));
    CHECK(!belongs(&r, french, mei));

    move(&r, SALES, mei, "FR");
    RIG_UNTIL(&r, belongs(&r, french, mei));
    CHECK(!belongs(&r, germans, mei));
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, MARKETING, mei, entries, 8), 3); /* entered, left, entered */

    /* What changes nothing writes nothing. */
    size_t before = own_events(&r);
    rig_purchase(&r, SALES, mei, 1000, 500);
    crm_archive(&r, SALES, LIA_CUSTOMER, mei);
    RIG_UNTIL(&r, !belongs(&r, french, mei));
    CHECK_EQ(own_events(&r), before + 1);
    rig_end(&r);
}

TEST(a_filter_that_does_not_parse_is_refused_with_the_place)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &lia_marketing, false);
    Marketing__Segment segment = MARKETING__SEGMENT__INIT;
    segment.name = "a segment";
    segment.filter = "contry = \"DE\"";
    uint8_t bytes[256];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_SEGMENT),
                           .request = rig_pack(&segment, bytes, sizeof bytes)};
    CHECK_ERR(rig_do(&r, MARKETING, &command), LIA_EINVAL);
    CHECK(strstr(command.why.text, "contry") != NULL);
    rig_end(&r);
}

/* Such a membership would be right when it was written and not kept so. */
TEST(a_filter_that_changes_its_mind_by_itself_is_refused)
{
    static const char *const filters[] = {"created_at > now - 30d", "organization.country = DE",
                                          "country = DE AND count(purchase) > 3"};
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &lia_marketing, false);
    for (size_t i = 0; i < LIA_COUNT(filters); i++) {
        Marketing__Segment segment = MARKETING__SEGMENT__INIT;
        segment.name = "a segment";
        segment.filter = filters[i];
        uint8_t bytes[256];
        lia_command command = {.type = LIA_COMMAND_CREATE,
                               .kind = lia_kind_find(LIA_SEGMENT),
                               .request = rig_pack(&segment, bytes, sizeof bytes)};
        CHECK_ERR(rig_do(&r, MARKETING, &command), LIA_EINVAL);
        CHECK(strstr(command.why.text, "follows changes of the customer alone") != NULL);
    }
    rig_end(&r);
}

/* More customers than one run of the walk looks at, more members than it writes. */
TEST(a_new_segment_walks_all_customers_and_an_archived_one_has_no_members)
{
    enum { COUNT = 1300 };
    static lia_id ids[COUNT];
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &lia_marketing, false);
    for (size_t i = 0; i < COUNT; i++) ids[i] = customer_in(&r, MARKETING, i % 2 ? "DE" : "FR");
    lia_id germans = new_segment(&r, "country = \"DE\"");
    size_t before = own_events(&r);
    RIG_UNTIL(&r, belongs(&r, germans, ids[COUNT - 1]));
    for (size_t i = 0; i < COUNT; i++) CHECK_EQ(belongs(&r, germans, ids[i]), i % 2 == 1);
    CHECK(own_events(&r) <= before + COUNT / 2);

    crm_archive(&r, MARKETING, LIA_SEGMENT, germans);
    RIG_UNTIL(&r, !belongs(&r, germans, ids[COUNT - 1]));
    for (size_t i = 0; i < COUNT; i++) CHECK(!belongs(&r, germans, ids[i]));
    rig_end(&r);
}

TEST(a_changed_filter_is_what_counts_from_then_on)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, MARKETING, &lia_marketing, false);
    lia_id mei = customer_in(&r, MARKETING, "DE"), jo = customer_in(&r, MARKETING, "FR");
    lia_id segment = new_segment(&r, "country = \"DE\"");
    RIG_UNTIL(&r, belongs(&r, segment, mei));
    Marketing__Segment change = MARKETING__SEGMENT__INIT;
    change.filter = "country = \"FR\"";
    static const uint32_t mask[] = {2};
    crm_change(&r, MARKETING, LIA_SEGMENT, segment, &change, mask, 1);
    RIG_UNTIL(&r, belongs(&r, segment, jo) && !belongs(&r, segment, mei));

    rig_stop(&r, MARKETING); /* and after a restart */
    crm_start(&r, MARKETING, &lia_marketing, false);
    move(&r, MARKETING, mei, "FR");
    RIG_UNTIL(&r, belongs(&r, segment, mei));
    rig_end(&r);
}
