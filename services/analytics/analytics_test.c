/* SPDX-License-Identifier: Apache-2.0 */
/* Analytics as a node: classes in everybody's records, whatever the order of purchases, and the
 * same after a restart and a rebuild. */
#include "services/analytics/analytics.h"

#include "common/crm/crm_rig.h"
#include "services/analytics/class.h"
#include "services/analytics/figures.h"
#include "services/analytics/spending.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};

enum { CUSTOMERS = 60, PURCHASES = 300 };

typedef struct world {
    lia_id ids[CUSTOMERS];
    lia_tally tallies[CUSTOMERS];
} world;

static void buy(rig *r, world *w, lia_dice *dice, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t who = (size_t)lia_dice_below(dice, CUSTOMERS);
        who = (size_t)lia_dice_below(dice, who + 1); /* some buy more than others */
        lia_deed deed = {.type = LIA_DEED_TYPE(PURCHASE),
                         .time = {(int64_t)lia_dice_below(dice, 700) * LIA_DAY_MS},
                         .has_amount = true,
                         .amount_minor = (int64_t)lia_dice_below(dice, 20000),
                         .currency = "USD"};
        rig_purchase(r, SALES, w->ids[who], deed.time.ms, deed.amount_minor);
        lia_tally_add(&w->tallies[who], &deed);
    }
}

static lia_thresholds thresholds_of(const world *w)
{
    lia_population *population = calloc(1, sizeof *population);
    for (size_t i = 0; i < CUSTOMERS; i++)
        if (w->tallies[i].purchases) lia_population_add(population, &w->tallies[i]);
    lia_thresholds thresholds;
    lia_thresholds_of(&thresholds, population);
    free(population);
    return thresholds;
}

/* Whether a customer's record at sales says what it should. */
static bool is_right(rig *r, lia_id id, const lia_tally *tally, const lia_thresholds *thresholds)
{
    const Crm__Customer *customer = crm_read(r, SALES, LIA_CUSTOMER, id);
    const Crm__CustomerClass *class = customer ? customer->class_ : NULL;
    if (!tally->purchases || !class) return !class == !tally->purchases;
    lia_scores want = lia_score(thresholds, tally);
    return class->purchases == tally->purchases && class->last_purchase == tally->last_ms &&
           class->spent->amount_minor == tally->spent && class->recency == want.recency &&
           class->frequency == want.frequency && class->money == want.money &&
           strcmp(class->name, lia_class_name(lia_class_of(want))) == 0;
}

static bool all_right(rig *r, const world *w)
{
    lia_thresholds thresholds = thresholds_of(w);
    for (size_t i = 0; i < CUSTOMERS; i++)
        if (!is_right(r, w->ids[i], &w->tallies[i], &thresholds)) return false;
    return true;
}

static size_t own_events(rig *r)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[ANALYTICS], &stats);
    return stats.events_own;
}

/* ---- asking ------------------------------------------------------------------------------------
 */

static bool param(const lia_query *query, const char *name, lia_span *value)
{
    const char *const *pairs = query->params;
    for (; *pairs; pairs += 2)
        if (strcmp(pairs[0], name) == 0) {
            *value = lia_span_text(pairs[1]);
            return true;
        }
    return false;
}

/* The answer to a question as text, good until the next. */
static const char *ask(rig *r, const char *path, const char *const *params)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 16 << 20));
    lia_arena_reset(&arena);
    lia_rows rows;
    lia_why why = {0};
    lia_buf out = lia_buf_make(&arena);
    CHECK_OK(lia_node_read(r->nodes[ANALYTICS], &rows));
    lia_query query = {
        .rows = &rows, .arena = &arena, .param = param, .params = params, .out = &out, .why = &why};
    for (size_t i = 0; i < lia_analytics.query_count; i++)
        if (strcmp(lia_analytics.queries[i].path, path) == 0)
            CHECK_OK(lia_analytics.queries[i].answer(&query));
    lia_node_read_end(r->nodes[ANALYTICS], &rows);
    lia_buf_byte(&out, 0);
    return (const char *)out.data;
}

static const char *const nothing[] = {NULL};

/* ---- tests --------------------------------------------------------------------------------------
 */

TEST(classes_end_as_the_final_figures_say)
{
    rig r = {0};
    world w = {0};
    lia_dice dice = {1997};
    rig_make(&r, 4);
    crm_start(&r, SALES, &sales, false);
    crm_start(&r, ANALYTICS, &lia_analytics, false);
    for (size_t i = 0; i < CUSTOMERS; i++) w.ids[i] = rig_customer(&r, SALES, "Mei Chen");
    buy(&r, &w, &dice, PURCHASES / 2);
    RIG_UNTIL(&r, all_right(&r, &w));
    buy(&r, &w, &dice, PURCHASES / 2); /* thresholds move for those who buy no more, too */
    RIG_UNTIL(&r, all_right(&r, &w));
    RIG_UNTIL(&r, rig_same_digests(&r, SALES, ANALYTICS));
    static char figures[4096], classes[4096];
    snprintf(figures, sizeof figures, "%s", ask(&r, "figures", nothing));
    snprintf(classes, sizeof classes, "%s", ask(&r, "classes", nothing));
    CHECK(strstr(figures, "\"count\":300") != NULL);

    /* Neither a restart nor a rebuild writes anything or answers otherwise. */
    size_t before = (size_t)lia_node_visible(r.nodes[ANALYTICS]);
    for (int rebuild = 0; rebuild < 2; rebuild++) {
        rig_stop(&r, ANALYTICS);
        crm_start(&r, ANALYTICS, &lia_analytics, rebuild);
        CHECK_TEXT(ask(&r, "figures", nothing), figures);
        CHECK_TEXT(ask(&r, "classes", nothing), classes);
        buy(&r, &w, &dice, 1);
        RIG_UNTIL(&r, all_right(&r, &w));
        snprintf(figures, sizeof figures, "%s", ask(&r, "figures", nothing));
        snprintf(classes, sizeof classes, "%s", ask(&r, "classes", nothing));
    }
    CHECK(lia_node_visible(r.nodes[ANALYTICS]) >= before + 4); /* two purchases, two classes */
    rig_end(&r);
}

TEST(what_changes_no_class_writes_nothing)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, SALES, &sales, false);
    crm_start(&r, ANALYTICS, &lia_analytics, false);
    lia_id mei = rig_customer(&r, SALES, "Mei Chen");
    rig_purchase(&r, SALES, mei, 1000, 500);
    RIG_UNTIL(&r, ((const Crm__Customer *)crm_read(&r, SALES, LIA_CUSTOMER, mei))->class_);
    CHECK_EQ(own_events(&r), 1);
    rig_purchase(&r, SALES, mei, 2000, 500);
    RIG_UNTIL(&r,
              ((const Crm__Customer *)crm_read(&r, SALES, LIA_CUSTOMER, mei))->class_->purchases ==
                  2);
    CHECK_EQ(own_events(&r), 2); /* counted, not classified anew */
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, SALES, mei, entries, 8), 3); /* two purchases, one class */
    rig_end(&r);
}

static void change_customer(rig *r, lia_id interaction, lia_id to)
{
    static const uint32_t mask[] = {1};
    Crm__Interaction change = CRM__INTERACTION__INIT;
    LIA_SET_ID(&change, customer, &to);
    crm_change(r, ANALYTICS, LIA_INTERACTION, interaction, &change, mask, 1);
}

static bool has_spending(rig *r, lia_id customer)
{
    uint8_t name[17] = {'c'};
    memcpy(name + 1, customer.bytes, 16);
    lia_key key = lia_key_fold(LIA_SPAN_OF(name));
    lia_rows rows;
    lia_span row;
    CHECK_OK(lia_node_read(r->nodes[ANALYTICS], &rows));
    lia_err err = lia_rows_get(&rows, lia_key_span(&key), &row);
    lia_node_read_end(r->nodes[ANALYTICS], &rows);
    return err == LIA_OK;
}

/* Archived, moved away or moved here: what counts is whom the event was about. */
TEST(figures_lose_an_erased_customer_now_and_not_at_the_next_rebuild)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, ANALYTICS, &lia_analytics, false);
    lia_id mei = rig_customer(&r, ANALYTICS, "Mei Chen"), ben = rig_customer(&r, ANALYTICS, "Ben");
    rig_purchase(&r, ANALYTICS, ben, LIA_DAY_MS, 200);
    lia_id to_mei = rig_purchase(&r, ANALYTICS, ben, LIA_DAY_MS, 30);
    change_customer(&r, to_mei, mei);
    char figures[4096];
    static const char *const by[] = {"by", "day,type", NULL};
    snprintf(figures, sizeof figures, "%s", ask(&r, "figures", by));
    rig_purchase(&r, ANALYTICS, mei, 0, 500);
    crm_archive(&r, ANALYTICS, LIA_INTERACTION, rig_purchase(&r, ANALYTICS, mei, LIA_DAY_MS, 300));
    change_customer(&r, rig_purchase(&r, ANALYTICS, mei, LIA_DAY_MS, 7), ben);
    CHECK(strcmp(ask(&r, "figures", by), figures) != 0);
    CHECK(has_spending(&r, mei) && has_spending(&r, ben));

    Crm__EraseCustomer erase = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&erase, customer, &mei);
    crm_do(&r, ANALYTICS, LIA_CUSTOMER, "erase", mei, &erase);
    CHECK_TEXT(ask(&r, "figures", by), figures);
    CHECK(!has_spending(&r, mei) && has_spending(&r, ben));
    rig_stop(&r, ANALYTICS);
    crm_start(&r, ANALYTICS, &lia_analytics, true);
    CHECK_TEXT(ask(&r, "figures", by), figures);
    CHECK(!has_spending(&r, mei));
    rig_end(&r);
}

TEST(figures_are_told_by_day_and_type)
{
    rig r = {0};
    rig_make(&r, 4);
    crm_start(&r, ANALYTICS, &lia_analytics, false);
    lia_id mei = rig_customer(&r, ANALYTICS, "Mei Chen");
    rig_purchase(&r, ANALYTICS, mei, 0, 500);
    rig_purchase(&r, ANALYTICS, mei, LIA_DAY_MS - 1, 300);
    rig_purchase(&r, ANALYTICS, mei, LIA_DAY_MS, 200);
    static const struct {
        const char *params[7];
        const char *want;
    } cases[] = {
        {{NULL},
         "{\"rows\":[{\"count\":3,\"amounts\":[{\"amount_minor\":1000,\"currency\":\"USD\"}]}]}"},
        {{"by", "day,department", "from", "1970-01-02", NULL},
         "{\"rows\":[{\"day\":\"1970-01-02\",\"department\":\"analytics\",\"count\":1,"
         "\"amounts\":[{\"amount_minor\":200,\"currency\":\"USD\"}]}]}"},
        {{"by", "type", "to", "1970-01-01", NULL},
         "{\"rows\":[{\"type\":\"purchase\",\"count\":2,"
         "\"amounts\":[{\"amount_minor\":800,\"currency\":\"USD\"}]}]}"},
        {{"from", "1971-01-01", NULL}, "{\"rows\":[]}"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(ask(&r, "figures", cases[i].params), cases[i].want);
    rig_end(&r);
}
