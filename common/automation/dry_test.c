/* SPDX-License-Identifier: Apache-2.0 */
/* What a dry run says is what the rule did. */
#include "common/automation/automation_rig.h"
#include "common/automation/dry.h"

enum { CUSTOMERS = 12, CHANGES = 250 };

#define RULE(name, rest)                                                                           \
    "{\"name\":\"" name "\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\"," rest \
    ",\"plan\":{\"steps\":[{\"name\":\"note\",\"action\":\"create\",\"kind\":\"task\",\"values\":" \
    "["                                                                                            \
    "{\"field\":\"title\",\"value\":\"{{name}}\"}]}]}}"

/* Rules of every shape, in different words for the same few values, so that each is set off often.
 */
static const char *const rules[] = {
    RULE("a", "\"trigger\":\"change\""),
    RULE("b", "\"trigger\":\"change\",\"change\":\"created\""),
    RULE("c", "\"trigger\":\"change\",\"change\":\"changed\",\"fields\":[\"country\"]"),
    RULE("d", "\"trigger\":\"change\",\"change\":\"archived\""),
    RULE("e", "\"trigger\":\"change\",\"before\":\"country = DE\",\"condition\":\"country = FR\""),
    RULE("f", "\"trigger\":\"change\",\"condition\":\"tags:x AND NOT country = DE\""),
    RULE("g", "\"trigger\":\"change\",\"before\":\"tags:x\",\"condition\":\"NOT tags:x\""),
    RULE("h", "\"trigger\":\"fact\",\"fact\":\"record.changed\",\"condition\":\"note:*\""),
    RULE("i", "\"trigger\":\"fact\",\"fact\":\"record.created\",\"condition\":\"country = DE\""),
};

static void change_something(rig *r, lia_dice *dice, lia_id *ids, size_t *count)
{
    static const char *const values[] = {
        "{\"country\":\"DE\"}",
        "{\"country\":\"FR\"}",
        "{\"country\":null}",
        "{\"tags\":[\"x\"]}",
        "{\"tags\":[]}",
        "{\"tags\":[\"x\",\"y\"],\"country\":\"DE\"}",
        "{\"note\":\"something\"}",
        "{\"note\":null}",
    };
    if (*count < CUSTOMERS && lia_dice_below(dice, 4) == 0) {
        ids[(*count)++] = auto_create(
            r, 1, LIA_CUSTOMER, LIA_ID_NONE,
            lia_dice_below(dice, 2) ? "{\"name\":\"m\"}" : "{\"name\":\"m\",\"country\":\"DE\"}");
        return;
    }
    lia_id id = ids[lia_dice_below(dice, *count)];
    size_t what = lia_dice_below(dice, LIA_COUNT(values) + 1);
    if (what < LIA_COUNT(values)) {
        auto_change(r, 1, LIA_CUSTOMER, id, values[what]);
        return;
    }
    lia_command archive = {.type = LIA_COMMAND_ARCHIVE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = id,
                           .restore = lia_dice_below(dice, 2)};
    CHECK_OK(rig_do(r, 1, &archive));
}

static uint64_t dry_run(rig *r, lia_id rule)
{
    static lia_arena arena;
    lia_dry *dry;
    lia_rows rows;
    lia_span message;
    lia_why why = {0};
    bool more = true;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_rows_message(&rows, lia_kind_find(LIA_RULE), rule, &arena, &message, NULL));
    lia_node_read_end(r->nodes[1], &rows);
    CHECK_OK(lia_dry_open(&dry, message, lia_node_visible(r->nodes[1]), lia_time_now(), 1, &why));
    while (more) {
        CHECK_OK(lia_node_scan(r->nodes[1], &rows));
        CHECK_OK(lia_dry_slice(dry, &rows, &more));
        lia_node_scan_end(&rows);
    }
    CHECK(!dry->stopped && !dry->as_of_now);
    uint64_t runs = dry->runs;
    CHECK_EQ(dry->days[0], runs);
    lia_dry_close(dry);
    return runs;
}

/* Random changes with all rules in force; then each rule is asked what it would have done. */
TEST(a_dry_run_says_what_the_rule_did)
{
    rig r = {0};
    lia_dice dice = {7};
    lia_id definitions[LIA_COUNT(rules)], ids[CUSTOMERS];
    size_t count = 0;
    auto_make(&r, 1);
    auto_open(&r, 1, 0);
    for (size_t i = 0; i < LIA_COUNT(rules); i++)
        definitions[i] = auto_create(&r, 1, LIA_RULE, LIA_ID_NONE, rules[i]);
    ids[count++] = auto_create(&r, 1, LIA_CUSTOMER, LIA_ID_NONE, "{\"name\":\"m\"}");
    for (size_t i = 0; i < CHANGES; i++) change_something(&r, &dice, ids, &count);

    static lia_id runs[CHANGES * LIA_COUNT(rules)];
    size_t all = auto_list(&r, 1, LIA_RUN, runs, LIA_COUNT(runs)), did[LIA_COUNT(rules)] = {0};
    CHECK_EQ(auto_count(&r, 1, LIA_TASK), all);
    for (size_t i = 0; i < all; i++) {
        const Automation__Run *run = auto_read(&r, 1, LIA_RUN, runs[i]);
        CHECK_EQ(run->state, RUN(DONE));
        for (size_t d = 0; d < LIA_COUNT(rules); d++)
            did[d] += lia_id_equal(lia_id_in(run->rule), definitions[d]);
    }
    for (size_t i = 0; i < LIA_COUNT(rules); i++) {
        CHECK(did[i] > 0);
        CHECK_EQ(dry_run(&r, definitions[i]), did[i]);
    }
    CHECK_EQ(auto_count(&r, 1, LIA_RUN), all); /* and did nothing */
    rig_end(&r);
}
