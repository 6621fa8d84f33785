/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP steps of flows: what goes out, what of the answer later steps know, what an answer that is
 * no good leads to, and who asks when a node has gone. */
#include <stdlib.h>

#include "common/automation/automation_rig.h"
#include "common/hooks/hooks.h"
#include "tests/api/door.h"

typedef struct world {
    rig r;
    lia_http_server *outside;
    lia_hooks *hooks[3];
    lia_id customer;
    size_t asked;
    unsigned busy; /* so many times it answers 503 first */
    char keys[8][64];
    char last[4096]; /* of the last request: line, some headers, body */
} world;

/* ---- the outside ----------------------------------------------------------------------------- */

static const char *header(lia_http_request *request, const char *name)
{
    lia_span value;
    if (!lia_http_get_header(request, name, &value)) return "";
    return lia_arena_text(lia_http_get_arena(request), "%.*s", (int)value.size,
                          (const char *)value.data);
}

static void note(world *w, lia_http_request *request)
{
    static const char *const methods[LIA_HTTP_METHODS] = {
        [LIA_HTTP_GET] = "GET", [LIA_HTTP_POST] = "POST", [LIA_HTTP_PUT] = "PUT"};
    lia_span path = lia_http_get_path(request), query = lia_http_get_query(request);
    lia_span body = lia_http_get_body(request);
    snprintf(w->keys[w->asked % 8], sizeof w->keys[0], "%s", header(request, "idempotency-key"));
    w->asked++;
    const char *method = methods[lia_http_get_method(request)];
    snprintf(w->last, sizeof w->last, "%s %.*s?%.*s\n%s\n%s\n%.*s", method ? method : "other",
             (int)path.size, (const char *)path.data, (int)query.size, (const char *)query.data,
             header(request, "content-type"), header(request, "authorization"), (int)body.size,
             (const char *)body.data);
}

static void answer(lia_http_request *request, unsigned status, const char *text)
{
    lia_http_reply(request, status, "application/json", NULL, 0, lia_span_text(text));
}

static void handle(lia_http_request *request, void *context)
{
    world *w = context;
    lia_span path = lia_http_get_path(request);
    note(w, request);
    if (w->busy) {
        w->busy--;
        answer(request, 503, "{}");
    } else if (lia_span_starts(path, LIA_SPAN("/status/"))) {
        answer(request, (unsigned)atoi((const char *)path.data + 8), "{\"score\":1}");
    } else if (lia_span_is(path, "/page")) {
        answer(request, 200, "<html>");
    } else if (lia_span_is(path, "/echo")) {
        answer(request, 200,
               lia_arena_text(lia_http_get_arena(request), "{\"score\":\"%s\"}",
                              header(request, "authorization")));
    } else if (lia_span_is(path, "/long")) {
        static char text[300000];
        memset(text, ' ', sizeof text - 1);
        answer(request, 200, text);
    } else {
        answer(request, 200, "{\"score\":7,\"who\":{\"name\":\"M\\\"i\"},\"good\":true}");
    }
}

static size_t limit(lia_http_method method, lia_span path, void *context)
{
    (void)method, (void)path, (void)context;
    return 1 << 20;
}

/* ---- the world ------------------------------------------------------------------------------- */

static void open_hooks(world *w, size_t number, bool to_private)
{
    static char dirs[3][600];
    lia_why why = {0};
    snprintf(dirs[number], sizeof dirs[0], "%s/hooks%zu", w->r.dir, number);
    const lia_hooks_options how = {.loop = &w->r.loop,
                                   .node = w->r.nodes[number],
                                   .dir = dirs[number],
                                   .to_private = to_private,
                                   .retry_base_ms = 20};
    CHECK_OK(lia_hooks_open(&w->hooks[number], &how, &why));
}

static void close_hooks(world *w, size_t number)
{
    bool closed = false;
    lia_hooks_close(w->hooks[number], rig_noted, &closed);
    RIG_UNTIL(&w->r, closed);
    w->hooks[number] = NULL;
}

static void begin(world *w, size_t nodes, bool to_private)
{
    lia_why why = {0};
    *w = (world){0};
    auto_make(&w->r, nodes);
    for (size_t n = 1; n <= nodes; n++) auto_open(&w->r, n, 0);
    const lia_http_options options = {.loop = &w->r.loop,
                                      .address = "127.0.0.1",
                                      .handler = handle,
                                      .body_limit = limit,
                                      .context = w};
    CHECK_OK(lia_http_open(&w->outside, &options, &why));
    for (size_t n = 1; n <= nodes; n++) open_hooks(w, n, to_private);
    w->customer =
        auto_create(&w->r, 1, LIA_CUSTOMER, LIA_ID_NONE, "{\"name\":\"Mei \\\"x\\\"/y\"}");
}

static void end(world *w)
{
    bool closed = false;
    for (size_t n = 1; n < LIA_COUNT(w->hooks); n++)
        if (w->hooks[n]) close_hooks(w, n);
    lia_http_close(w->outside, 0, rig_noted, &closed);
    RIG_UNTIL(&w->r, closed);
    rig_end(&w->r);
}

/* Starts a flow of these steps; %u in them is the outside's port. */
static lia_id start(world *w, const char *steps)
{
    char filled[4000], json[5000];
    unsigned port = lia_http_port(w->outside);
    snprintf(filled, sizeof filled, steps, port, port);
    snprintf(json, sizeof json,
             "{\"name\":\"Ask\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\","
             "\"plan\":{\"steps\":[%s]}}",
             filled);
    lia_id flow = auto_create(&w->r, 1, LIA_FLOW, LIA_ID_NONE, json);
    return auto_verb(&w->r, 1, LIA_RUN, "", flow, w->customer, LIA_ID_NONE);
}

static const Automation__Run *finish(world *w, lia_id run, Automation__RunState state)
{
    const Automation__Run *done;
    RIG_UNTIL(&w->r, (done = auto_read(&w->r, 1, LIA_RUN, run)) && done->state != RUN(RUNNING) &&
                         done->state != RUN(WAITING));
    if (done->state != state) print_error("%s\n", done->reason ? done->reason : "ended otherwise");
    CHECK_EQ(done->state, state);
    return done;
}

#define ASK(rest) "{\"name\":\"ask\",\"action\":\"http\",\"url\":\"http://127.0.0.1:%u" rest "}"
#define SCORE     ",\"takes\":[{\"name\":\"score\",\"pointer\":\"/score\",\"type\":\"whole\"}]"

TEST(later_steps_know_what_an_address_has_answered)
{
    world w;
    lia_id task;
    begin(&w, 1, true);
    lia_id run = start(
        &w,
        ASK("/v1?who={{name}}\",\"takes\":[{\"name\":\"score\",\"pointer\":\"/score\",\"type\":"
            "\"whole\"},{\"name\":\"who\",\"pointer\":\"/who/"
            "name\"},{\"name\":\"good\",\"pointer\":"
            "\"/good\",\"type\":\"truth\"}]") ",{\"name\":\"high\",\"action\":\"branch\","
                                              "\"condition\":\"http.score > 6 AND http.good = "
                                              "true AND http.status = 200 AND "
                                              "name:Mei\",\"then\":\"note\"},"
                                              "{\"name\":\"no\",\"action\":\"end\"},"
                                              "{\"name\":\"note\",\"action\":\"set\",\"values\":[{"
                                              "\"field\":\"note\",\"value\":"
                                              "\"{{http.who}} has {{http.score}}\"}]},"
                                              "{\"name\":\"say\",\"action\":\"create\",\"kind\":"
                                              "\"task\",\"values\":[{\"field\":\"title\","
                                              "\"value\":\"{{http.score}} of {{name}}\"}]}");
    const Automation__Run *done = finish(&w, run, RUN(DONE));
    CHECK_EQ(done->count, 4);
    CHECK_TEXT(done->steps[0]->detail, "200; good, score, who");
    CHECK(strncmp(w.last, "GET /v1?who=Mei%20%22x%22%2Fy\n", 30) == 0);
    CHECK_TEXT(((Crm__Customer *)auto_read(&w.r, 1, LIA_CUSTOMER, w.customer))->note, "M\"i has 7");
    CHECK_EQ(auto_list(&w.r, 1, LIA_TASK, &task, 1), 1);
    CHECK_TEXT(((Crm__Task *)auto_read(&w.r, 1, LIA_TASK, task))->title, "7 of Mei \"x\"/y");
    CHECK_EQ(w.asked, 1);
    end(&w);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static lia_id make_secret(world *w, const char *to, const char *value)
{
    char json[200];
    uint8_t bytes[300];
    snprintf(json, sizeof json, "{\"name\":\"key\",\"to\":\"%s\"}", to);
    lia_id id = auto_create(&w->r, 1, LIA_HTTP_SECRET, LIA_ID_NONE, json);
    Automation__SetHttpSecretValue ask = AUTOMATION__SET_HTTP_SECRET_VALUE__INIT;
    LIA_SET_ID(&ask, secret, &id);
    ask.value = value;
    lia_command command = {
        .type = LIA_COMMAND_VERB,
        .row = lia_node_command(w->r.nodes[1], LIA_HTTP_SECRET, LIA_SPAN("setValue"), false),
        .id = id,
        .request = lia_span_make(bytes, automation__set_http_secret_value__pack(&ask, bytes))};
    CHECK_OK(rig_do(&w->r, 1, &command));
    return id;
}

#define KEYED(path, rest)                                                                          \
    "{\"name\":\"ask\",\"action\":\"http\",\"request\":\"post\",\"url\":\"http://"                 \
    "127.0.0.1:%%u" path                                                                           \
    "\",\"headers\":[{\"name\":\"Authorization\",\"value\":\"Bearer {{secret}}\","                 \
    "\"secret\":\"%s\"}]" rest "}"

static const Automation__Run *ask_with(world *w, lia_id secret, const char *format,
                                       Automation__RunState state)
{
    char id[LIA_ID_TEXT_SIZE], steps[2000];
    lia_id_print(secret, id);
    snprintf(steps, sizeof steps, format, id);
    return finish(w, start(w, steps), state);
}

TEST(a_secret_goes_out_where_it_belongs_and_stands_in_no_run)
{
    world w;
    char origin[64], packed[4000];
    begin(&w, 1, true);
    snprintf(origin, sizeof origin, "http://127.0.0.1:%u/v1", lia_http_port(w.outside));
    lia_id secret = make_secret(&w, origin, "s3cr3t");
    const Automation__Run *done = ask_with(
        &w, secret, KEYED("/v1/x", ",\"text\":\"{\\\"n\\\":\\\"{{name}}\\\"}\""), RUN(DONE));
    CHECK_TEXT(w.last, "POST /v1/x?\napplication/json\nBearer s3cr3t\n{\"n\":\"Mei \\\"x\\\"/y\"}");
    size_t size = automation__run__pack(done, (uint8_t *)packed);
    CHECK(size < sizeof packed && !memmem(packed, size, "s3cr3t", 6));

    done = ask_with(&w, secret, KEYED("/v10", ""), RUN(FAILED));
    CHECK(strstr(done->reason, "Authorization: its secret goes to http://127.0.0.1:") != NULL);
    done = ask_with(&w, w.customer, KEYED("/v1/x", ""), RUN(FAILED));
    CHECK_TEXT(done->reason, "ask: Authorization: its secret is not there");
    CHECK_EQ(w.asked, 1);

    lia_id anywhere = make_secret(&w, origin, NULL);
    done = ask_with(&w, anywhere, KEYED("/v1/x", ""), RUN(FAILED));
    CHECK_TEXT(done->reason, "ask: Authorization: its secret has no value, or was archived");
    end(&w);
}

TEST(a_secret_that_comes_back_is_not_kept)
{
    world w;
    char origin[64];
    begin(&w, 1, true);
    snprintf(origin, sizeof origin, "http://127.0.0.1:%u", lia_http_port(w.outside));
    lia_id secret = make_secret(&w, origin, "s3cr3t");
    const Automation__Run *done = ask_with(
        &w, secret, KEYED("/echo", ",\"takes\":[{\"name\":\"back\",\"pointer\":\"/score\"}]"),
        RUN(FAILED));
    CHECK_TEXT(done->reason, "ask: the answer repeats a secret");
    CHECK_EQ(done->n_answers, 1);
    CHECK_TEXT(done->answers[0]->name, "status");

    lia_command command = {0};
    CHECK_EQ(
        auto_try(&w.r, 1, LIA_FLOW, LIA_ID_NONE,
                 "{\"name\":\"x\",\"department\":\"sales\",\"kind\":\"customer\",\"plan\":{"
                 "\"steps\":[{\"name\":\"a\",\"action\":\"http\",\"url\":\"https://x.example/\","
                 "\"headers\":[{\"name\":\"X-Api-Key\",\"value\":\"abc\"}]}]}}",
                 &command),
        LIA_EINVAL);
    CHECK(strstr(command.why.text, "keep it as a secret") != NULL);
    end(&w);
}

/* ---- answers that are no good ---------------------------------------------------------------- */

TEST(an_answer_that_is_no_good_fails_the_step_in_plain_words)
{
    static const struct {
        const char *steps, *why;
    } cases[] = {
        {ASK("/status/404\""), "ask: it answered 404"},
        {ASK("/status/302\""), "ask: it answered 302, which leads elsewhere: that is not followed"},
        {ASK("/page\"" SCORE),
         "ask: the answer is no JSON: line 1, column 1: '[' or '{' expected near '<'"},
        {ASK("/long\"" SCORE), "ask: the answer is longer than 256 KiB"},
        {ASK("/\",\"takes\":[{\"name\":\"x\",\"pointer\":\"/nowhere\"}]"),
         "ask: x: nothing is there at /nowhere"},
        {ASK("/\",\"takes\":[{\"name\":\"x\",\"pointer\":\"/good\",\"type\":\"whole\"}]"),
         "ask: x: a whole number is wanted at /good, true or false is there"},
        {ASK("/\",\"request\":\"post\",\"text\":\"{\\\"n\\\":{{name}}}\""),
         "ask: text: with this record's values it is no JSON: line 1, column 8: invalid token near "
         "'Mei'"},
    };
    world w;
    begin(&w, 1, true);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        const Automation__Run *done = finish(&w, start(&w, cases[i].steps), RUN(FAILED));
        CHECK_TEXT(done->reason, cases[i].why);
        CHECK_EQ(done->steps[0]->outcome, AUTOMATION__STEP_OUTCOME__STEP_OUTCOME_FAILED);
    }
    CHECK_EQ(w.asked, 6);
    end(&w);
}

TEST(a_step_can_say_where_it_goes_on_without_a_good_answer)
{
    world w;
    begin(&w, 1, true);
    lia_id run = start(
        &w, ASK("/status/410\",\"otherwise\":\"gone\"") ",{\"name\":\"no\",\"action\":\"end\"},{"
                                                        "\"name\":\"gone\",\"action\":\"set\","
                                                        "\"values\":[{\"field\":\"note\",\"value\":"
                                                        "\"said {{http.status}}\"}]}");
    const Automation__Run *done = finish(&w, run, RUN(DONE));
    CHECK_EQ(done->count, 2);
    CHECK_EQ(done->steps[0]->outcome, AUTOMATION__STEP_OUTCOME__STEP_OUTCOME_FAILED);
    CHECK_TEXT(((Crm__Customer *)auto_read(&w.r, 1, LIA_CUSTOMER, w.customer))->note, "said 410");
    end(&w);
}

TEST(who_is_busy_is_asked_again_under_the_same_key_until_the_time_is_up)
{
    world w;
    char first[64];
    begin(&w, 1, true);
    w.busy = 3;
    finish(&w, start(&w, ASK("/\"" SCORE)), RUN(DONE));
    CHECK_EQ(w.asked, 4);
    for (size_t i = 1; i < 4; i++) CHECK_TEXT(w.keys[i], w.keys[0]);
    CHECK(strlen(w.keys[0]) == LIA_ID_TEXT_SIZE - 1);
    snprintf(first, sizeof first, "%s", w.keys[0]);

    w.busy = 1000;
    const Automation__Run *done = finish(&w, start(&w, ASK("/\",\"period\":\"1s\"")), RUN(FAILED));
    CHECK_TEXT(done->reason, "ask: no good answer in time; last: it answered 503");
    CHECK(strcmp(first, w.keys[(w.asked - 1) % 8]) != 0);
    end(&w);
}

TEST(addresses_of_the_own_network_are_not_asked_unless_that_is_allowed)
{
    world w;
    begin(&w, 1, false);
    const Automation__Run *done = finish(&w, start(&w, ASK("/\"")), RUN(FAILED));
    CHECK_TEXT(done->reason,
               "ask: no answer: its name leads to an address that is not of the public internet");
    CHECK_EQ(w.asked, 0);
    end(&w);
}

/* ---- who goes on ----------------------------------------------------------------------------- */

TEST(a_run_that_is_cancelled_asks_no_more)
{
    world w;
    begin(&w, 1, true);
    w.busy = 1000000;
    lia_id run = start(&w, ASK("/\""));
    RIG_UNTIL(&w.r, w.asked > 0);
    auto_verb(&w.r, 1, LIA_RUN, "cancel", run, LIA_ID_NONE, LIA_ID_NONE);
    finish(&w, run, RUN(CANCELLED));
    lia_id call;
    CHECK_EQ(auto_list(&w.r, 1, LIA_HTTP_CALL, &call, 1), 1);
    const Automation__HttpCall *kept = auto_read(&w.r, 1, LIA_HTTP_CALL, call);
    CHECK(!kept->node && !kept->url && !kept->body);
    end(&w);
}

TEST(another_node_asks_when_the_one_that_began_has_gone)
{
    world w;
    begin(&w, 2, true);
    w.busy = 1000000;
    lia_id run = start(&w, ASK("/\"" SCORE));
    RIG_UNTIL(&w.r, w.asked > 0);
    RIG_UNTIL(&w.r, auto_read(&w.r, 2, LIA_RUN, run) != NULL);
    close_hooks(&w, 1);
    rig_stop(&w.r, 1);
    size_t asked = w.asked;
    const Automation__Run *state;
    RIG_UNTIL(&w.r, w.asked > asked);
    CHECK_TEXT(w.keys[(w.asked - 1) % 8], w.keys[0]);
    w.busy = 0;
    RIG_UNTIL(&w.r, (state = auto_read(&w.r, 2, LIA_RUN, run)) && state->state == RUN(DONE));
    CHECK_EQ(state->node, 2);
    end(&w);
}
