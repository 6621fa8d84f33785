/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/plan.h"

#include "common/automation/template.h"
#include "common/automation/values.h"
#include "common/node/fields.h"
#include "common/wire/json.h"
#include "common/wire/pb.h"
#include "common/wire/unpack.h"
#include "tests/support/test.h"

static lia_arena arena;

static void begin(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 32 << 20));
    lia_arena_reset(&arena);
}

static Automation__Plan *plan_of(const char *steps)
{
    lia_json_object object;
    lia_why why = {0};
    const char *json = lia_arena_text(&arena, "{\"steps\":[%s]}", steps);
    lia_err err = lia_json_read(&object, lia_message_find("liaison.automation.Plan"),
                                LIA_JSON_COMMAND, lia_span_text(json), &arena, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return (void *)lia_unpack(&automation__plan__descriptor, object.message, &arena);
}

static const lia_message *verb(void *context, const lia_kind *kind, const char *name, bool *refuse)
{
    (void)context, (void)kind;
    *refuse = strcmp(name, "win") != 0;
    return *refuse ? NULL : lia_message_find("liaison.sales.LoseDeal");
}

#define HTTP(url, rest) "{\"name\":\"a\",\"action\":\"http\",\"url\":\"" url "\"" rest "}"

/* Each sentence names the step and what is wrong with it. */
TEST(a_plan_that_makes_no_sense_is_refused_by_step)
{
    static const struct {
        const char *steps, *why;
    } cases[] = {
        {"{\"name\":\"a\",\"action\":\"none\"}",
         "plan.steps[0] (a): action: there is no such action"},
        {"{\"name\":\"a\",\"action\":\"set\"}", "plan.steps[0] (a): values: is required"},
        {HTTP("", ""),
         "plan.steps[0] (a): url: https:// or http:// and a host are wanted in front"},
        {HTTP("ftp://x/", ""),
         "plan.steps[0] (a): url: https:// or http:// and a host are wanted in front"},
        {HTTP("https://{{name}}/", ""), "plan.steps[0] (a): url: the host is plain text; values, a "
                                        "name or a password cannot stand "
                                        "in front of the path"},
        {HTTP("https://me@x/", ""), "plan.steps[0] (a): url: the host is plain text; values, a "
                                    "name or a password cannot stand "
                                    "in front of the path"},
        {HTTP("https://x/{{nam}}", ""),
         "plan.steps[0] (a): url: column 11: no field 'nam' in Deal"},
        {HTTP("https://x/", ",\"text\":\"x\""), "plan.steps[0] (a): text: a GET has no body"},
        {HTTP("https://x/", ",\"period\":\"8d\""), "plan.steps[0] (a): period: at most 7d"},
        {HTTP("https://x/", ",\"headers\":[{\"name\":\"a b\",\"value\":\"x\"}]"),
         "plan.steps[0] (a): headers[0].name: it is none of a header"},
        {HTTP("https://x/", ",\"headers\":[{\"name\":\"Host\",\"value\":\"x\"}]"),
         "plan.steps[0] (a): headers[0].name: Host is said by the node itself"},
        {HTTP("https://x/", ",\"headers\":[{\"name\":\"A\",\"value\":\"x\\ny\"}]"),
         "plan.steps[0] (a): headers[0].value: one line of at most 1000 bytes is wanted"},
        {HTTP("https://x/", ",\"takes\":[{\"name\":\"1a\"}]"),
         "plan.steps[0] (a): takes[0].name: letters, digits and _ are wanted, at most 40"},
        {HTTP("https://x/", ",\"takes\":[{\"name\":\"status\"}]"),
         "plan.steps[0] (a): takes[0].name: http.status is the answer's status"},
        {HTTP("https://x/", ",\"takes\":[{\"name\":\"a\",\"pointer\":\"a\"}]"),
         "plan.steps[0] (a): takes[0].pointer: column 1: it begins with /, as in /result/score"},
        {HTTP("https://x/{{http.status}}", ""),
         "plan.steps[0] (a): url: column 11: no field 'http' in Deal"},
        {HTTP("https://x/",
              ",\"takes\":[{\"name\":\"n\",\"type\":\"whole\"}]") ",{\"name\":\"b\",\"action\":"
                                                                  "\"branch\",\"condition\":\"http."
                                                                  "n = x\",\"then\":\"c\"},"
                                                                  "{\"name\":\"c\",\"action\":"
                                                                  "\"end\"}",
         "plan.steps[1] (b): condition: column 10: n: a whole number is wanted"},
        {HTTP("https://x/",
              ",\"takes\":[{\"name\":\"n\",\"type\":\"whole\"}]") ",{\"name\":\"b\",\"action\":"
                                                                  "\"http\",\"url\":\"https://y/"
                                                                  "{{http.n}}/{{http.m}}\"}",
         "plan.steps[1] (b): url: column 22: no single part 'm' in http"},
        {HTTP(
             "https://x/",
             ",\"takes\":[{\"name\":\"n\",\"type\":\"whole\"}]") ",{\"name\":\"b\",\"action\":"
                                                                 "\"http\",\"url\":\"https://y/"
                                                                 "\",\"takes\":[{\"name\":\"n\"}]}",
         "plan.steps[1] (b): takes[0].type: 'a' takes a 'n' of another type"},
        {"{\"name\":\"a\",\"action\":\"set\",\"values\":[{\"field\":\"stage\",\"value\":\"x\"}]}",
         "plan.steps[0] (a): values: stage: is set by the node and cannot be written"},
        {"{\"name\":\"a\",\"action\":\"set\",\"values\":[{\"field\":\"probability\",\"value\":"
         "\"x\"}]}",
         "plan.steps[0] (a): values: probability: a whole number is wanted"},
        {"{\"name\":\"a\",\"action\":\"set\",\"values\":[{\"field\":\"name\",\"value\":\"{{nam}}\"}"
         "]}",
         "plan.steps[0] (a): values: name: column 1: no field 'nam' in Deal"},
        {"{\"name\":\"a\",\"action\":\"create\"}", "plan.steps[0] (a): kind: is required"},
        {"{\"name\":\"a\",\"action\":\"create\",\"kind\":\"pass\"}",
         "plan.steps[0] (a): kind: there is no kind 'pass'"},
        {"{\"name\":\"a\",\"action\":\"create\",\"kind\":\"run\"}",
         "plan.steps[0] (a): kind: runs are written by commands only"},
        {"{\"name\":\"a\",\"action\":\"create\",\"kind\":\"task\"}",
         "plan.steps[0] (a): values: title: is required"},
        {"{\"name\":\"a\",\"action\":\"assign\",\"field\":\"campaign\"}",
         "plan.steps[0] (a): field: 'campaign' is no field of deal for one user"},
        {"{\"name\":\"a\",\"action\":\"assign\",\"field\":\"owner\"}",
         "plan.steps[0] (a): users or team: one of the two is required"},
        {"{\"name\":\"a\",\"action\":\"assign\",\"field\":\"owner\",\"method\":\"territory\"}",
         "plan.steps[0] (a): territories: is required"},
        {"{\"name\":\"a\",\"action\":\"verb\",\"verb\":\"eat\"}",
         "plan.steps[0] (a): verb: deals have no ':eat'"},
        {"{\"name\":\"a\",\"action\":\"hand_over\",\"text\":\"x\"}",
         "plan.steps[0] (a): department: is required"},
        {"{\"name\":\"a\",\"action\":\"mail\",\"to\":\"x\",\"text\":\"x\"}",
         "plan.steps[0] (a): subject: is required"},
        {"{\"name\":\"a\",\"action\":\"notify\",\"to\":\"{{owner\",\"text\":\"x\"}",
         "plan.steps[0] (a): to: column 1: }} is missing"},
        {"{\"name\":\"a\",\"action\":\"start\"}", "plan.steps[0] (a): flow: is required"},
        {"{\"name\":\"a\",\"action\":\"wait\"}", "plan.steps[0] (a): period, at, or until: a wait "
                                                 "has one of them, until may have a period"},
        {"{\"name\":\"a\",\"action\":\"wait\",\"period\":\"soon\"}",
         "plan.steps[0] (a): period: a period such as 90d is wanted: s, min, h, d or w, up to 100 "
         "years"},
        {"{\"name\":\"a\",\"action\":\"wait\",\"until\":\"state = won\"}",
         "plan.steps[0] (a): period: a wait until a condition says for how long at most"},
        {"{\"name\":\"a\",\"action\":\"wait\",\"until\":\"staat = won\",\"period\":\"1d\"}",
         "plan.steps[0] (a): until: column 1: no field 'staat' in deal"},
        {"{\"name\":\"a\",\"action\":\"end\"},{\"name\":\"b\",\"action\":\"branch\",\"condition\":"
         "\"state = won\",\"then\":\"a\"}",
         "plan.steps[1] (b): then: 'a' is not below; only a loop goes back"},
        {"{\"name\":\"a\",\"action\":\"branch\",\"condition\":\"state = won\",\"then\":\"z\"}",
         "plan.steps[0] (a): then: there is no step 'z'"},
        {"{\"name\":\"a\",\"action\":\"loop\",\"back\":\"a\",\"times\":3}",
         "plan.steps[0] (a): back: 'a' is not above"},
        {"{\"name\":\"a\",\"action\":\"wait\",\"period\":\"1d\"},{\"name\":\"b\",\"action\":"
         "\"loop\",\"back\":\"a\"}",
         "plan.steps[1] (b): times: 1 to 100 are wanted"},
        {"{\"name\":\"a\",\"action\":\"wait\",\"period\":\"1d\",\"next\":\"a\"}",
         "plan.steps[0] (a): next: 'a' is not below; only a loop goes back"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        lia_why why = {0};
        const lia_plan_place place = {
            .kind = lia_kind_find(LIA_DEAL), .verb = verb, .arena = &arena};
        CHECK_ERR(lia_plan_check(plan_of(cases[i].steps), &place, &why), LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].why);
    }
}

TEST(a_plan_with_every_action_is_taken)
{
    begin();
    lia_why why = {0};
    const lia_plan_place place = {.kind = lia_kind_find(LIA_DEAL), .verb = verb, .arena = &arena};
    Automation__Plan *plan =
        plan_of("{\"name\":\"set\",\"action\":\"set\",\"values\":[{\"field\":\"close_at\","
                "\"value\":\"{{now + 3d}}\"},"
                "{\"field\":\"amount\",\"value\":\"{\\\"amount_minor\\\":1,\\\"currency\\\":"
                "\\\"EUR\\\"}\"}]},"
                "{\"name\":\"create\",\"action\":\"create\",\"kind\":\"task\",\"values\":[{"
                "\"field\":\"title\",\"value\":\"x\"}]},"
                "{\"name\":\"assign\",\"action\":\"assign\",\"field\":\"owner\",\"method\":\"least_"
                "loaded\",\"load\":\"state = open\","
                "\"users\":[\"0198f7a0-0000-7000-8000-000000000001\"]},"
                "{\"name\":\"verb\",\"action\":\"verb\",\"verb\":\"win\",\"values\":[{\"field\":"
                "\"reason\",\"value\":\"price\"}]},"
                "{\"name\":\"hand\",\"action\":\"hand_over\",\"department\":\"service\",\"text\":"
                "\"{{name}}\"},"
                "{\"name\":\"notify\",\"action\":\"notify\",\"to\":\"{{owner}}\",\"text\":\"x\"},"
                "{\"name\":\"mail\",\"action\":\"mail\",\"to\":\"{{customer.name}}\",\"subject\":"
                "\"s\",\"text\":\"x\"},"
                "{\"name\":\"hook\",\"action\":\"webhook\",\"to\":\"x\"},"
                "{\"name\":\"start\",\"action\":\"start\",\"flow\":\"0198f7a0-0000-7000-8000-"
                "000000000001\"},"
                "{\"name\":\"wait\",\"action\":\"wait\",\"at\":\"{{close_at - 3d}}\"},"
                "{\"name\":\"until\",\"action\":\"wait\",\"until\":\"state = "
                "won\",\"period\":\"3d\",\"otherwise\":\"end\"},"
                "{\"name\":\"branch\",\"action\":\"branch\",\"condition\":\"amount > "
                "10\",\"otherwise\":\"end\"},"
                "{\"name\":\"loop\",\"action\":\"loop\",\"back\":\"wait\",\"times\":3},"
                "{\"name\":\"end\",\"action\":\"end\"}");
    lia_err err = lia_plan_check(plan, &place, &why);
    CHECK_TEXT(why.text, "");
    CHECK_OK(err);
    CHECK_EQ(lia_plan_branch(plan, lia_plan_find(plan, "branch"), true),
             lia_plan_find(plan, "loop"));
    CHECK_EQ(lia_plan_branch(plan, lia_plan_find(plan, "branch"), false),
             lia_plan_find(plan, "end"));
    CHECK_EQ(lia_plan_after(plan, lia_plan_find(plan, "end")), plan->n_steps);
}

/* Walks a plan of nothing but decisions; conditions hold by dice. */
static size_t walk(Automation__Plan *plan, lia_dice *dice)
{
    Automation__LoopCount counts[9];
    Automation__LoopCount *list[9];
    Automation__Run run = AUTOMATION__RUN__INIT;
    run.plan = plan;
    run.loops = list;
    size_t steps = 0;
    for (size_t at = 0; at < plan->n_steps; steps++) {
        bool holds = lia_dice_below(dice, 4) > 0;
        CHECK(steps < 100000);
        CHECK(run.n_loops <= 8);
        switch (plan->steps[at]->action) {
        case AUTOMATION__ACTION__ACTION_LOOP:
            automation__loop_count__init(&counts[run.n_loops]);
            at = lia_plan_loop(&run, at, holds, &counts[run.n_loops]);
            break;
        case AUTOMATION__ACTION__ACTION_BRANCH:
            at = lia_plan_branch(plan, at, holds);
            break;
        default:
            at = lia_plan_after(plan, at);
        }
    }
    return steps;
}

/* An inner loop begins anew each time the outer one goes back: 3 x 4 times, and then it is over. */
TEST(loops_within_loops_end)
{
    begin();
    Automation__Plan *plan =
        plan_of("{\"name\":\"a\",\"action\":\"wait\",\"period\":\"1d\"},"
                "{\"name\":\"inner\",\"action\":\"loop\",\"back\":\"a\",\"times\":3},"
                "{\"name\":\"outer\",\"action\":\"loop\",\"back\":\"a\",\"times\":2}");
    Automation__LoopCount counts[3];
    Automation__LoopCount *list[3];
    Automation__Run run = AUTOMATION__RUN__INIT;
    run.plan = plan;
    run.loops = list;
    size_t waits = 0;
    for (size_t at = 0; at < plan->n_steps;) {
        waits += at == 0;
        automation__loop_count__init(&counts[run.n_loops]);
        at = at ? lia_plan_loop(&run, at, true, &counts[run.n_loops]) : lia_plan_after(plan, at);
    }
    CHECK_EQ(waits, 12);
}

/* Plans of up to eight random decisions, all of them taken: none goes on for ever. */
TEST(every_plan_that_is_taken_ends)
{
    lia_dice dice = {42};
    size_t taken = 0;
    for (int i = 0; i < 2000; i++) {
        begin();
        lia_buf text = lia_buf_make(&arena);
        size_t count = 1 + lia_dice_below(&dice, 7);
        for (size_t s = 0; s < count; s++) {
            size_t to = lia_dice_below(&dice, count);
            lia_buf_format(&text, "%s{\"name\":\"s%zu\",", s ? "," : "", s);
            switch (lia_dice_below(&dice, 3)) {
            case 0:
                lia_buf_format(&text, "\"action\":\"loop\",\"back\":\"s%zu\",\"times\":%zu}", to,
                               1 + (size_t)lia_dice_below(&dice, 3));
                break;
            case 1:
                lia_buf_format(
                    &text, "\"action\":\"branch\",\"condition\":\"state = won\",\"then\":\"s%zu\"}",
                    to);
                break;
            default:
                lia_buf_format(&text, "\"action\":\"wait\",\"period\":\"1d\",\"next\":\"%s%.0zu\"}",
                               to ? "s" : "", to);
            }
        }
        lia_buf_byte(&text, 0);
        Automation__Plan *plan = plan_of((const char *)text.data);
        const lia_plan_place place = {.kind = lia_kind_find(LIA_DEAL), .arena = &arena};
        if (lia_plan_check(plan, &place, NULL)) continue;
        taken++;
        (void)walk(plan, &dice);
    }
    CHECK(taken > 100);
}

/* ---- templates --------------------------------------------------------------------------------
 */

static const lia_id other = {{7}};

static bool load(void *context, uint16_t kind, lia_id id, lia_span *message)
{
    (void)context;
    if (kind != LIA_CUSTOMER || !lia_id_equal(id, other)) return false;
    *message = LIA_SPAN("\x12\x07Mei \"T\"");
    return true;
}

TEST(a_template_takes_values_of_the_record_and_of_others)
{
    static const struct {
        const char *text, *want, *in_json;
    } cases[] = {
        {"plain { } }} text", "plain { } }} text", "plain { } }} text"},
        {"{{name}} for {{ customer.name }}", "A \"loom\" for Mei \"T\"",
         "A \\\"loom\\\" for Mei \\\"T\\\""},
        {"{{amount.amount_minor}} {{amount.currency}}", "1200 EUR", "1200 EUR"},
        {"{{state}}", "won", "won"},
        {"{{close_at + 1d}}", "1970-01-02T00:00:01.000Z", "1970-01-02T00:00:01.000Z"},
        {"{{now - 1h}}|{{today}}", "1970-01-02T09:00:00.000Z|1970-01-02T00:00:00.000Z",
         "1970-01-02T09:00:00.000Z|1970-01-02T00:00:00.000Z"},
        {"[{{lost_note}}{{owner.name}}]", "[]", "[]"},
        {"{{customer}}", "07000000-0000-0000-0000-000000000000",
         "07000000-0000-0000-0000-000000000000"},
    };
    begin();
    lia_buf deal = lia_buf_make(&arena);
    lia_pb_put_bytes(&deal, 1, LIA_SPAN("A \"loom\""));
    lia_pb_put_bytes(&deal, 2, lia_id_span(&other));
    lia_pb_put_varint(&deal, 5, 1);
    lia_pb_put_bytes(&deal, 6,
                     LIA_SPAN("\x08\xb0\x09\x12\x03"
                              "EUR"));
    lia_pb_put_varint(&deal, 8, 1000);
    const lia_filter_world world = {.now = {LIA_DAY_MS + 10 * LIA_HOUR_MS}, .load = load};
    const lia_filter_subject subject = {.message = lia_buf_get(&deal), .world = &world};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span text = lia_span_text(cases[i].text);
        CHECK_OK(lia_template_check(text, lia_kind_find(LIA_DEAL), NULL));
        for (int in_json = 0; in_json < 2; in_json++) {
            lia_buf out = lia_buf_make(&arena);
            CHECK_OK(lia_template_fill(&out, text, lia_kind_find(LIA_DEAL), &subject,
                                       in_json ? LIA_AS_JSON : LIA_AS_TEXT));
            CHECK_BYTES(lia_buf_get(&out),
                        lia_span_text(in_json ? cases[i].in_json : cases[i].want));
        }
    }
}

TEST(a_template_that_cannot_be_filled_is_refused_with_its_column)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"a {{", "column 3: }} is missing"},
        {"{{}}", "column 1: no field '' in Deal"},
        {"x{{customer.nam}}", "column 2: no field 'nam' in Customer"},
        {"{{history}}", "column 1: several values have 'history' in Deal"},
        {"{{name + 3d}}", "column 1: only an instant can be moved, not 'name'"},
        {"{{now + 3}}", "column 1: a period such as 90d is wanted: s, min, h, d or w, up to 100 "
                        "years instead of '3'"},
        {"{{amount.x}}", "column 1: no single part 'x' in amount"},
        {"{{name.x}}", "column 1: there are no parts in 'name' in Deal"},
        {"{{customer.emails}}", "column 1: several values have 'emails' in Customer"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_why why = {0};
        CHECK_ERR(lia_template_check(lia_span_text(cases[i].text), lia_kind_find(LIA_DEAL), &why),
                  LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].why);
    }
}

/* ---- values -----------------------------------------------------------------------------------
 */

/* What comes from a record never becomes part of the object's own text. */
TEST(values_from_records_stay_values)
{
    static const char *const hostile[] = {"1,\"owner\":\"x\"", "\"", "\\", "1}", "nul", "]"};
    static const char *const fields[] = {"probability", "name", "amount", "close_at"};
    for (size_t h = 0; h < LIA_COUNT(hostile); h++)
        for (size_t f = 0; f < LIA_COUNT(fields); f++) {
            begin();
            lia_buf customer = lia_buf_make(&arena), json = lia_buf_make(&arena);
            lia_pb_put_bytes(&customer, 2, lia_span_text(hostile[h]));
            Automation__StepValue value = AUTOMATION__STEP_VALUE__INIT, *list[] = {&value};
            value.field = fields[f];
            value.value = f == 2 ? "{\"amount_minor\":1,\"currency\":\"{{name}}\"}" : "{{name}}";
            const lia_values values = {list, 1, lia_kind_find(LIA_DEAL)->message, LIA_JSON_PATCH,
                                       lia_kind_find(LIA_CUSTOMER)};
            const lia_filter_subject subject = {.message = lia_buf_get(&customer)};
            CHECK_OK(lia_values_put(&json, &values, &subject, LIA_SPAN_NONE));
            lia_json_object object;
            lia_why why = {0};
            lia_err err = lia_json_read(&object, values.target, LIA_JSON_PATCH, lia_buf_get(&json),
                                        &arena, &why);
            CHECK(err == LIA_OK ? object.mentioned_count == 1
                                : strstr(why.text, fields[f]) != NULL);
            CHECK(f != 1 || !err);
        }
}

TEST(a_set_takes_and_loses_single_elements)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"+new", "{\"tags\":[\"a\",\"b\",\"new\"]}"},
        {"+a", "{\"tags\":[\"b\",\"a\"]}"},
        {"-a", "{\"tags\":[\"b\"]}"},
        {"-x", "{\"tags\":[\"a\",\"b\"]}"},
        {"[\"x\"]", "{\"tags\":[\"x\"]}"},
        {"", "{\"tags\":null}"},
    };
    const lia_kind *customer = lia_kind_find(LIA_CUSTOMER);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        lia_buf record = lia_buf_make(&arena), json = lia_buf_make(&arena);
        lia_pb_put_bytes(&record, 12, LIA_SPAN("a"));
        lia_pb_put_bytes(&record, 12, LIA_SPAN("b"));
        Automation__StepValue value = AUTOMATION__STEP_VALUE__INIT, *list[] = {&value};
        value.field = "tags";
        value.value = cases[i].value;
        const lia_values values = {list, 1, customer->message, LIA_JSON_PATCH, customer};
        CHECK_OK(lia_values_check(&values, &arena, NULL));
        const lia_filter_subject subject = {.message = lia_buf_get(&record)};
        CHECK_OK(lia_values_put(&json, &values, &subject, LIA_SPAN_NONE));
        CHECK_BYTES(lia_buf_get(&json), lia_span_text(cases[i].want));
    }
}
