/* SPDX-License-Identifier: Apache-2.0 */
/* What retention rules take away is found no more, and its bytes leave the index with the node's.
 */
#include "common/crm/retention_rig.h"
#include "common/search/search_rig.h"

#define WORD "zwitscherlingen"

static size_t left_of(const search_rig *s)
{
    size_t count = 0;
    static const char *const parts[] = {WORD, "zwitsche", "herlingen"};
    for (size_t i = 0; i < LIA_COUNT(parts); i++)
        count += canary_count(s->dir, lia_span_text(parts[i]));
    return count;
}

TEST(what_a_retention_rule_takes_away_leaves_the_index)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id mei = rig_customer(&s.r, SALES, "Mei");
    lia_id view = log_at(&s.r, SALES, mei, VIEW, 500, "looked at " WORD);
    lia_id stays = log_at(&s.r, SALES, mei, CALL, 500, "spoke of the harbour");
    log_at(&s.r, SALES, mei, VIEW, 600, "looked at " WORD " again");
    CHECK_EQ(ask(&s, WORD), 2);
    /* One of them is archived, and so in the index only as something dead. */
    crm_archive(&s.r, SALES, LIA_INTERACTION, view);
    CHECK_EQ(ask(&s, WORD), 1);
    search_stop(&s, false);
    CHECK(left_of(&s) > 0);
    search_start(&s);
    lia_id rule = make_rule(&s.r, SALES, NULL, true);
    apply_rule(&s.r, SALES, rule);
    UNTIL_WIPED(&s.r, rule, SALES);
    CHECK_EQ(left_of(&s), 0);
    CHECK_EQ(ask(&s, WORD), 0);
    CHECK(finds_only(&s, "harbour", stays));
    search_stop(&s, false);
    CHECK_EQ(left_of(&s), 0);
    search_start(&s);
    search_end(&s);
}
