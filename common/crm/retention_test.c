/* SPDX-License-Identifier: Apache-2.0 */
/* Old interactions are blanked by whole departments: no byte of theirs is left in any file, all
 * else stays, and all agree, whoever was away, whoever changed one meanwhile, whoever was stopped
 * in the middle, and after views are built anew. */
#include "common/crm/retention_rig.h"

/* ---- rules, pure ----------------------------------------------------------------------------- */

#define TYPE(name) CRM__INTERACTION_TYPE__INTERACTION_TYPE_##name

TEST(a_rule_names_types_that_may_go_and_an_age)
{
    Crm__InteractionType one[] = {TYPE(PAGE_VIEW)}, books[] = {TYPE(PAGE_VIEW), TYPE(PAYMENT)},
                         none[] = {TYPE(NOTE), TYPE(RETURN)}, bought[] = {TYPE(PURCHASE)};
    const struct {
        Crm__InteractionType *types;
        size_t count;
        uint32_t days;
        lia_refusal want;
    } cases[] = {
        {one, 1, 1, LIA_ALLOWED},
        {one, 1, 36500, LIA_ALLOWED},
        {NULL, 0, 400, LIA_RETENTION_HAS_NO_TYPES},
        {books, 2, 400, LIA_RETENTION_KEEPS_TYPE},
        {none, 2, 400, LIA_RETENTION_KEEPS_TYPE},
        {bought, 1, 0, LIA_RETENTION_KEEPS_TYPE},
        {one, 1, 0, LIA_RETENTION_IS_TOO_YOUNG},
        {one, 1, 36501, LIA_RETENTION_IS_TOO_YOUNG},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__RetentionRule rule = CRM__RETENTION_RULE__INIT;
        rule.types = cases[i].types;
        rule.n_types = cases[i].count;
        LIA_SET(&rule, older_than_days, cases[i].days);
        CHECK(lia_retention_complete(NULL, &rule, (lia_time){1}) == cases[i].want);
    }
}

TEST(since_when_a_rule_runs_each_day_is_noted_once)
{
    Crm__InteractionType types[] = {TYPE(PAGE_VIEW)};
    Crm__RetentionRule before = CRM__RETENTION_RULE__INIT, after;
    before.types = types;
    before.n_types = 1;
    LIA_SET(&before, older_than_days, 30);
    after = before;
    LIA_SET(&after, enabled, true);
    CHECK(!lia_retention_complete(&before, &after, (lia_time){7}));
    CHECK_EQ(after.enabled_at, 7);
    before = after;
    CHECK(!lia_retention_complete(&before, &after, (lia_time){9}));
    CHECK_EQ(after.enabled_at, 7);
    LIA_SET(&after, enabled, false);
    CHECK(!lia_retention_complete(&before, &after, (lia_time){11}));
    CHECK(!after.has_enabled_at);
}

/* The table is the specification: days since the rule was enabled or the origin ran last. */
TEST(what_a_node_recorded_that_stays_away_is_blanked_by_one_after_the_other)
{
    Crm__RetentionProgress of = CRM__RETENTION_PROGRESS__INIT, *nodes[] = {&of};
    Crm__RetentionRule rule = CRM__RETENTION_RULE__INIT;
    const struct {
        bool enabled;
        int64_t enabled_day, ran_day;
        uint16_t self, origin;
        bool want;
    } cases[] = {
        {false, 0, 0, 3, 3, true},   {true, 99, 99, 3, 3, true},  {false, 0, 0, 1, 3, false},
        {true, 95, 0, 1, 3, false},  {true, 91, 0, 1, 3, true},   {true, 91, 0, 2, 3, false},
        {true, 50, 95, 1, 3, false}, {true, 50, 91, 1, 3, true},  {true, 50, 91, 2, 3, false},
        {true, 50, 90, 2, 3, true},  {true, 95, 50, 1, 3, false},
    };
    rule.nodes = nodes;
    rule.n_nodes = 1;
    LIA_SET(&of, number, 3);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        LIA_SET(&rule, enabled, cases[i].enabled);
        LIA_SET(&rule, enabled_at, cases[i].enabled_day * (int64_t)LIA_DAY_MS);
        LIA_SET(&of, began_at, cases[i].ran_day * (int64_t)LIA_DAY_MS);
        lia_time now = {100 * (int64_t)LIA_DAY_MS - 1};
        CHECK_EQ(lia_retention_is_ours(&rule, cases[i].self, cases[i].origin, now), cases[i].want);
    }
}

TEST(a_rule_with_a_filter_that_asks_beyond_the_interaction_is_not_taken)
{
    rig r;
    make(&r, 1);
    static const char *const filters[] = {"customer.country = DE", "count(any, 90d) > 3",
                                          "colour = red", "text ="};
    for (size_t i = 0; i < LIA_COUNT(filters); i++) {
        Crm__InteractionType types[] = {VIEW};
        Crm__RetentionRule rule = CRM__RETENTION_RULE__INIT;
        rule.name = "no";
        rule.types = types;
        rule.n_types = 1;
        rule.filter = (char *)(uintptr_t)filters[i];
        LIA_SET(&rule, older_than_days, 1);
        uint8_t bytes[256];
        lia_command command = {.type = LIA_COMMAND_CREATE,
                               .kind = lia_kind_find(LIA_RETENTION_RULE),
                               .request = rig_pack(&rule, bytes, sizeof bytes)};
        CHECK_ERR(rig_do(&r, 1, &command), LIA_EINVAL);
        CHECK(strncmp(command.why.text, "filter: ", 8) == 0);
    }
    rig_end(&r);
}

/* ---- one node -------------------------------------------------------------------------------- */

TEST(what_a_rule_blanks_is_gone_and_absorbs_what_comes_and_all_else_stays)
{
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), ben = rig_customer(&r, 1, "Ben");
    lia_id plain = log_old(&r, 1, mei), changed = log_old(&r, 1, mei), moved = log_old(&r, 1, mei),
           archived = log_old(&r, 1, mei), retyped = log_at(&r, 1, mei, CALL, 500, CANARY_TEXT);
    lia_id young = log_at(&r, 1, mei, VIEW, 300, "young"),
           call = log_at(&r, 1, mei, CALL, 500, "old");
    Crm__Interaction to = CRM__INTERACTION__INIT;
    to.text = "more " CANARY_TEXT;
    LIA_SET_ID(&to, customer, &ben);
    LIA_SET(&to, type, VIEW);
    static const uint32_t text[] = {7}, both[] = {1, 7}, type[] = {2};
    crm_change(&r, 1, LIA_INTERACTION, changed, &to, text, 1);
    crm_change(&r, 1, LIA_INTERACTION, moved, &to, both, 2);
    crm_change(&r, 1, LIA_INTERACTION, retyped, &to, type, 1);
    crm_archive(&r, 1, LIA_INTERACTION, archived);
    write_out(&r, 1);
    lia_id rule = make_rule(&r, 1, NULL, false);
    apply_rule(&r, 1, rule);
    UNTIL_WIPED(&r, rule, 1);
    const lia_id gone[] = {plain, changed, moved, archived, retyped};
    for (size_t i = 0; i < LIA_COUNT(gone); i++)
        CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, gone[i]), LIA_EGONE);
    CHECK_EQ(progress_of(&r, 1, rule, 1)->blanked, 5);
    CHECK_EQ(progress_of(&r, 1, rule, 1)->blanked_ever, 5);
    CHECK_EQ(canaries(&r, 1), 0);
    CHECK_TEXT(((Crm__Interaction *)crm_read(&r, 1, LIA_INTERACTION, young))->text, "young");
    CHECK_TEXT(((Crm__Interaction *)crm_read(&r, 1, LIA_INTERACTION, call))->text, "old");
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, 1, mei, entries, 8), 2);
    CHECK_EQ(rig_timeline(&r, 1, ben, entries, 8), 0);
    uint8_t bytes[256];
    lia_command late = {.type = LIA_COMMAND_CHANGE,
                        .kind = lia_kind_find(LIA_INTERACTION),
                        .id = plain,
                        .mask = text,
                        .mask_count = 1,
                        .request = rig_pack(&to, bytes, sizeof bytes)};
    CHECK_ERR(rig_do(&r, 1, &late), LIA_EGONE);
    apply_rule(&r, 1, rule); /* nothing is left for it */
    RIG_UNTIL(&r, is_done(&r, 1, rule, 1) && progress_of(&r, 1, rule, 1)->blanked == 0);
    CHECK_EQ(progress_of(&r, 1, rule, 1)->blanked_ever, 5);
    rig_end(&r);
    CHECK_EQ(canaries(&r, 1), 0);
}

TEST(a_filter_narrows_what_a_rule_blanks)
{
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), odd = log_at(&r, 1, mei, VIEW, 500, "the odd one"),
           even = log_at(&r, 1, mei, VIEW, 500, "the even one");
    lia_id rule = make_rule(&r, 1, "text:odd AND occurred_at < now - 450d", false);
    apply_rule(&r, 1, rule);
    RIG_UNTIL(&r, is_done(&r, 1, rule, 1));
    CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, odd), LIA_EGONE);
    CHECK(knows(&r, 1, LIA_INTERACTION, even));
    rig_end(&r);
}

/* More than a slice looks at or an announcement names. */
TEST(a_run_goes_through_many_and_on_after_it_was_stopped)
{
    enum { MANY = 700 };
    static lia_id ids[MANY];
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), rule = make_rule(&r, 1, NULL, false);
    for (size_t i = 0; i < MANY; i++) ids[i] = log_old(&r, 1, mei);
    write_out(&r, 1);
    apply_rule(&r, 1, rule);
    rig_stop(&r, 1); /* the command was answered, the work has hardly begun */
    start(&r, 1);
    RIG_UNTIL(&r, progress_of(&r, 1, rule, 1));
    rig_stop(&r, 1); /* something was announced, nothing is overwritten */
    start(&r, 1);
    UNTIL_WIPED(&r, rule, 1);
    CHECK_EQ(progress_of(&r, 1, rule, 1)->blanked, MANY);
    for (size_t i = 0; i < MANY; i++)
        CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, ids[i]), LIA_EGONE);
    CHECK_EQ(canaries(&r, 1), 0);
    rig_end(&r);
    CHECK_EQ(canaries(&r, 1), 0);
}

/* More than a slice looks at, and of the first ones nothing is meant. */
TEST(a_slice_that_finds_nothing_is_not_the_end)
{
    enum { MANY = 2100 };
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), rule = make_rule(&r, 1, NULL, false);
    for (size_t i = 0; i < MANY; i++) log_call(&r, 1, mei, "hello");
    lia_id view = log_old(&r, 1, mei);
    apply_rule(&r, 1, rule);
    RIG_UNTIL(&r, is_done(&r, 1, rule, 1));
    CHECK_EQ(progress_of(&r, 1, rule, 1)->blanked, 1);
    CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, view), LIA_EGONE);
    rig_end(&r);
}

/* The department sets the clock of the day, which its start has set ten minutes ahead. */
static lia_err make_it_day(lia_turn *turn)
{
    return lia_job_set(turn, "retention.day", LIA_ID_NONE, turn->now, LIA_SPAN_NONE);
}

TEST(each_day_enabled_rules_run_and_others_do_not)
{
    static const lia_service early = {
        .name = "sales", .department = LIA_SALES, .ready = make_it_day};
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), view = log_old(&r, 1, mei);
    lia_id off = make_rule(&r, 1, NULL, false), gone = make_rule(&r, 1, NULL, true);
    crm_archive(&r, 1, LIA_RETENTION_RULE, gone);
    lia_id on = make_rule(&r, 1, "text:\"not this\"", true);
    rig_stop(&r, 1);
    crm_start(&r, 1, &early, false);
    RIG_UNTIL(&r, is_done(&r, 1, on, 1));
    CHECK(!progress_of(&r, 1, off, 1) && !progress_of(&r, 1, gone, 1));
    CHECK(knows(&r, 1, LIA_INTERACTION, view));
    Crm__RetentionRule change = CRM__RETENTION_RULE__INIT;
    static const uint32_t enabled = 5;
    LIA_SET(&change, enabled, true);
    crm_change(&r, 1, LIA_RETENTION_RULE, off, &change, &enabled, 1);
    rig_stop(&r, 1);
    crm_start(&r, 1, &early, false);
    UNTIL_WIPED(&r, off, 1);
    CHECK_ERR(read_state(&r, 1, LIA_INTERACTION, view), LIA_EGONE);
    CHECK_EQ(canaries(&r, 1), 0);
    rig_end(&r);
}

/* ---- several --------------------------------------------------------------------------------- */

TEST(all_nodes_blank_also_the_one_that_was_away_and_agree)
{
    rig r;
    make(&r, 3);
    lia_id mei = rig_customer(&r, 1, "Mei"), views[3], calls[3];
    for (size_t n = 1; n <= 3; n++) {
        RIG_UNTIL(&r, knows(&r, n, LIA_CUSTOMER, mei));
        views[n - 1] = log_old(&r, n, mei);
        calls[n - 1] = log_call(&r, n, mei, "hello");
    }
    for (size_t n = 1; n <= 3; n++)
        for (size_t i = 0; i < 3; i++)
            RIG_UNTIL(&r, knows(&r, n, LIA_INTERACTION, views[i]) &&
                              knows(&r, n, LIA_INTERACTION, calls[i]));
    for (size_t n = 1; n <= 3; n++) write_out(&r, n);
    lia_id rule = make_rule(&r, 1, NULL, false);
    rig_stop(&r, 3);
    apply_rule(&r, 1, rule);
    UNTIL_WIPED(&r, rule, 2);
    for (size_t n = 1; n <= 2; n++) {
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, views[0]), LIA_EGONE);
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, views[1]), LIA_EGONE);
        CHECK(knows(&r, n, LIA_INTERACTION, views[2])); /* its node has not been asked yet */
        CHECK(canaries(&r, n) > 0);
    }
    start(&r, 3);
    UNTIL_WIPED(&r, rule, 3);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3));
    for (size_t n = 1; n <= 3; n++) {
        CHECK_EQ(canaries(&r, n), 0);
        for (size_t i = 0; i < 3; i++) {
            CHECK_ERR(read_state(&r, n, LIA_INTERACTION, views[i]), LIA_EGONE);
            CHECK(knows(&r, n, LIA_INTERACTION, calls[i]));
        }
    }
    /* Built anew from what is left the views are the same, and nothing is to be wiped again. */
    const int64_t wiped = progress_of(&r, 2, rule, 2)->wiped_at;
    rig_stop(&r, 2);
    crm_start(&r, 2, &departments[2], true);
    CHECK(rig_same_digests(&r, 1, 2));
    CHECK_EQ(progress_of(&r, 2, rule, 2)->wiped_at, wiped);
    rig_end(&r);
    for (size_t n = 1; n <= 3; n++) CHECK_EQ(canaries(&r, n), 0);
}

/* The second node changes it while it is alone; the first one blanks it without knowing that. */
TEST(a_change_that_comes_after_the_blanking_is_absorbed_and_overwritten)
{
    rig r;
    make(&r, 3);
    lia_id mei = rig_customer(&r, 1, "Mei"), view = log_old(&r, 1, mei);
    RIG_UNTIL(&r, knows(&r, 2, LIA_INTERACTION, view) && knows(&r, 3, LIA_INTERACTION, view));
    lia_id rule = make_rule(&r, 1, NULL, false);
    rig_stop(&r, 1);
    rig_stop(&r, 3);
    Crm__Interaction change = CRM__INTERACTION__INIT;
    change.text = "changed " CANARY_TEXT;
    static const uint32_t text = 7;
    crm_change(&r, 2, LIA_INTERACTION, view, &change, &text, 1);
    rig_stop(&r, 2);
    start(&r, 1);
    start(&r, 3);
    apply_rule(&r, 1, rule);
    RIG_UNTIL(&r, progress_of(&r, 1, rule, 1) && progress_of(&r, 1, rule, 1)->has_wiped_at);
    RIG_UNTIL(&r, progress_of(&r, 3, rule, 3) && progress_of(&r, 3, rule, 3)->has_wiped_at);
    CHECK_EQ(canaries(&r, 1), 0);
    CHECK(canaries(&r, 2) > 0);
    start(&r, 2);
    UNTIL_WIPED(&r, rule, 3);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3));
    for (size_t n = 1; n <= 3; n++) {
        CHECK_EQ(canaries(&r, n), 0);
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, view), LIA_EGONE);
    }
    rig_stop(&r, 3);
    crm_start(&r, 3, &departments[3], true);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3));
    rig_end(&r);
}

/* The fourth node hears of them only after everybody else has overwritten them. */
TEST(a_node_that_gets_blanked_events_only_agrees_with_those_that_had_the_bodies)
{
    rig r;
    make(&r, 4);
    rig_stop(&r, 4);
    lia_id mei = rig_customer(&r, 1, "Mei"), view = log_old(&r, 1, mei);
    RIG_UNTIL(&r, knows(&r, 2, LIA_INTERACTION, view) && knows(&r, 3, LIA_INTERACTION, view));
    lia_id rule = make_rule(&r, 1, NULL, false);
    apply_rule(&r, 1, rule);
    UNTIL_WIPED(&r, rule, 3);
    start(&r, 4);
    UNTIL_WIPED(&r, rule, 4);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3) &&
                      rig_same_digests(&r, 1, 4));
    CHECK_ERR(read_state(&r, 4, LIA_INTERACTION, view), LIA_EGONE);
    CHECK_EQ(canaries(&r, 4), 0);
    rig_end(&r);
}

/* Rules and erasures meet in both orders, also at records of two customers. */
TEST(an_erasure_before_or_after_a_blanking_ends_alike_everywhere)
{
    rig r;
    make(&r, 2);
    lia_id mei = make_customer(&r, 1), ben = make_customer(&r, 1);
    static const uint32_t both[] = {1, 7};
    for (int i = 0; i < 2; i++) {
        Crm__Interaction to = CRM__INTERACTION__INIT;
        to.text = "moved " CANARY_TEXT;
        LIA_SET_ID(&to, customer, &ben);
        crm_change(&r, 1, LIA_INTERACTION, log_old(&r, 1, mei), &to, both, 2);
        LIA_SET_ID(&to, customer, &mei);
        crm_change(&r, 1, LIA_INTERACTION, log_old(&r, 1, ben), &to, both, 2);
        log_old(&r, 1, i ? mei : ben);
    }
    lia_id rule = make_rule(&r, 1, NULL, false);
    RIG_UNTIL(&r, knows(&r, 2, LIA_RETENTION_RULE, rule));
    CHECK_OK(erase(&r, 1, mei));
    apply_rule(&r, 1, rule);
    CHECK_OK(erase(&r, 2, ben));
    UNTIL_WIPED(&r, rule, 2);
    for (size_t n = 1; n <= 2; n++)
        RIG_UNTIL(&r, receipts(&r, n, mei) == 2 && receipts(&r, n, ben) == 2);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    for (size_t n = 1; n <= 2; n++) {
        CHECK_EQ(canaries(&r, n), 0);
        rig_stop(&r, n);
        crm_start(&r, n, &departments[n], true);
        RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    }
    rig_end(&r);
}

static void shell(const rig *r, const char *format)
{
    char command[2400];
    snprintf(command, sizeof command, format, r->dir, r->dir);
    CHECK_EQ(system(command), 0);
}

TEST(an_old_disk_that_comes_back_brings_nothing_back)
{
    rig r;
    make(&r, 3);
    lia_id mei = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, knows(&r, 2, LIA_CUSTOMER, mei));
    lia_id own = log_old(&r, 2, mei), theirs = log_old(&r, 1, mei);
    RIG_UNTIL(&r, knows(&r, 2, LIA_INTERACTION, theirs) && knows(&r, 1, LIA_INTERACTION, own) &&
                      knows(&r, 3, LIA_INTERACTION, own) && knows(&r, 3, LIA_INTERACTION, theirs));
    lia_id rule = make_rule(&r, 1, NULL, false);
    write_out(&r, 2);
    rig_stop(&r, 2);
    shell(&r, "cp -r %s/marketing %s/backup");
    start(&r, 2);
    apply_rule(&r, 1, rule);
    UNTIL_WIPED(&r, rule, 3);
    rig_stop(&r, 2);
    shell(&r, "cd %s && rm -r marketing && cp -r backup marketing #%s");
    CHECK(canaries(&r, 2) > 0);
    start(&r, 2);
    RIG_UNTIL(&r, canaries(&r, 2) == 0);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3));
    for (size_t n = 1; n <= 3; n++) {
        CHECK_EQ(canaries(&r, n), 0);
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, own), LIA_EGONE);
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, theirs), LIA_EGONE);
    }
    rig_end(&r);
}

/* ---- old blocks and newcomers ---------------------------------------------------------------- */

static void make_keeping(rig *r, size_t count)
{
    *r = (rig){.log_keep_ms = 1, .check_ms = 20};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n);
}

/* The views are judged by what is left of the log, and never found to be wrong. */
static void check_audit(rig *r, size_t number)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[number], &stats);
    uint64_t seen = stats.audit.refolds;
    RIG_UNTIL(r, (lia_node_get_stats(r->nodes[number], &stats), stats.audit.refolds >= seen + 2));
    CHECK_EQ(stats.audit.rows_repaired, 0);
    CHECK_EQ(stats.audit.sums_repaired, 0);
}

/* What was changed stands in base by then, what was made is kept outside of blocks. */
TEST(what_has_left_the_log_is_blanked_too_and_a_newcomer_gets_none_of_it)
{
    rig r;
    make_keeping(&r, 2);
    lia_id mei = rig_customer(&r, 1, "Mei"), plain = log_old(&r, 1, mei),
           changed = log_old(&r, 1, mei), call = log_call(&r, 1, mei, "hello");
    Crm__Interaction change = CRM__INTERACTION__INIT;
    change.text = "changed " CANARY_TEXT;
    static const uint32_t text = 7;
    RIG_UNTIL(&r, knows(&r, 2, LIA_INTERACTION, changed));
    crm_change(&r, 2, LIA_INTERACTION, changed, &change, &text, 1);
    for (size_t i = 0; i < 10; i++) rig_customer(&r, 1 + i % 2, "another");
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1) && crm_has_dropped(&r, 1, 2) &&
                      crm_has_dropped(&r, 2, 1) && crm_has_dropped(&r, 2, 2));
    write_out(&r, 1);
    write_out(&r, 2);
    lia_id rule = make_rule(&r, 1, NULL, false);
    apply_rule(&r, 1, rule);
    UNTIL_WIPED(&r, rule, 2);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    for (size_t n = 1; n <= 2; n++) {
        CHECK_EQ(canaries(&r, n), 0);
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, plain), LIA_EGONE);
        CHECK_ERR(read_state(&r, n, LIA_INTERACTION, changed), LIA_EGONE);
        check_audit(&r, n);
    }
    /* The announcement itself leaves its block. */
    for (size_t i = 0; i < 10; i++) rig_customer(&r, 1 + i % 2, "another");
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1) && crm_has_dropped(&r, 2, 1));
    rig_stop(&r, 1);
    rig_stop(&r, 2);
    rig_members(&r, 3);
    for (size_t n = 1; n <= 3; n++) start(&r, n);
    lia_sync_import_status status;
    RIG_UNTIL(&r, !lia_node_import(r.nodes[3], &status) && knows(&r, 3, LIA_INTERACTION, call) &&
                      rig_same_digests(&r, 1, 3));
    CHECK_ERR(read_state(&r, 3, LIA_INTERACTION, plain), LIA_EGONE);
    CHECK_ERR(read_state(&r, 3, LIA_INTERACTION, changed), LIA_EGONE);
    check_audit(&r, 3);
    rig_stop(&r, 3);
    crm_start(&r, 3, &departments[3], true);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3));
    rig_end(&r);
    for (size_t n = 1; n <= 3; n++) CHECK_EQ(canaries(&r, n), 0);
}

/* It takes the state of one that has announced and not yet overwritten, and overwrites for itself.
 */
TEST(a_newcomer_that_gets_bodies_which_are_blanked_overwrites_them)
{
    rig r;
    make_keeping(&r, 2);
    lia_id mei = rig_customer(&r, 1, "Mei"), views[40];
    for (size_t i = 0; i < LIA_COUNT(views); i++) views[i] = log_old(&r, 1, mei);
    for (size_t i = 0; i < 10; i++) rig_customer(&r, 1 + i % 2, "another");
    RIG_UNTIL(&r, crm_has_dropped(&r, 1, 1) && crm_has_dropped(&r, 2, 1));
    lia_id rule = make_rule(&r, 1, NULL, false);
    rig_stop(&r, 1);
    rig_stop(&r, 2);
    rig_members(&r, 3);
    for (size_t n = 1; n <= 3; n++) start(&r, n);
    apply_rule(&r, 1, rule);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 3) && rig_same_digests(&r, 2, 3));
    for (size_t i = 0; i < LIA_COUNT(views); i++)
        RIG_UNTIL(&r, read_state(&r, 3, LIA_INTERACTION, views[i]) == LIA_EGONE);
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, canaries(&r, n) == 0);
    rig_end(&r);
    for (size_t n = 1; n <= 3; n++) CHECK_EQ(canaries(&r, n), 0);
}
