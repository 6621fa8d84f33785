/* SPDX-License-Identifier: Apache-2.0 */
/* The checker must be able to fail: a true history of two nodes is doctored in every way that a
 * promise can be broken, and each is told by name. */
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/history.h"
#include "tests/support/test.h"

#define CUSTOMER "00000000-0000-7000-8000-000000000001"
#define HANDOVER "00000000-0000-7000-8000-000000000002"
#define CALL     "00000000-0000-7000-8000-000000000003"

#define REPLY(token, kind, field, try, status, position, record)                                   \
    "{\"node\":\"sales\",\"worker\":0,\"token\":\"" token "\",\"kind\":\"" kind                    \
    "\",\"field\":\"" field "\",\"try\":" try ",\"status\":" status ",\"position\":\"" position    \
    "\",\"record\":\"" record "\",\"error\":\"\"}"
#define EVENT(position, type, kind, record, set, fact)                                             \
    "{\"id\":\"" position "\",\"type\":\"liaison." type                                            \
    "\",\"data\":{\"changes\":[{\"kind\":\"" kind "\",\"record\":\"" record "\",\"set\":{" set     \
    "}}],\"fact\":{" fact "}}}"

static const char *const replies[] = {
    REPLY("a", "customer", "name", "1", "0", "", ""), /* unsure, then found */
    REPLY("a", "customer", "name", "2", "201", "1/i/1", CUSTOMER),
    REPLY("a", "customer", "name", "3", "201", "1/i/1", CUSTOMER), /* asked again */
    REPLY("b", "customer", "note", "1", "200", "1/i/2", CUSTOMER),
    REPLY("c", "interaction", "subject", "1", "0", "", ""), /* unknown to the end */
    REPLY("d", "handover", "reason", "1", "422", "", ""),
    REPLY("e", "handover", "reason", "1", "201", "1/i/4", HANDOVER),
};
static const char *const events[] = {
    EVENT("1/i/1", "sales.record.created", "customer", CUSTOMER, "\"name\":\"a\"", ""),
    EVENT("1/i/2", "sales.record.changed", "customer", CUSTOMER, "\"note\":\"b\"", ""),
    EVENT("1/i/3", "sales.interaction.logged", "interaction", CALL, "\"subject\":\"c\"", ""),
    EVENT("1/i/4", "sales.handover.offered", "handover", HANDOVER, "\"reason\":\"e\"", ""),
    EVENT("2/j/1", "service.deal.opened", "deal", "x", "\"handover\":\"" HANDOVER "\"", ""),
    EVENT("2/j/2", "service.handover.accepted", "handover", HANDOVER, "\"state\":\"accepted\"",
          "\"handover\":\"" HANDOVER "\""),
};
static const struct {
    const char *kind, *line;
} records[] = {
    {"customer", "{\"id\":\"" CUSTOMER "\",\"name\":\"a\",\"note\":\"b\"}"},
    {"interaction", "{\"id\":\"" CALL "\",\"subject\":\"c\"}"},
    {"handover", "{\"id\":\"" HANDOVER "\",\"reason\":\"e\"}"},
};
static const char *const nodes[] = {"sales", "service"};

/* What is changed about the truth. Lines are numbered as above; a line is left out, told twice or
 * told in other words. */
typedef struct doctored {
    const char *what;
    enum { REPLIES, EVENTS, RECORDS } of;
    int line, node; /* node: of events and records */
    const char *instead, *also;
    const char *told; /* part of the contradiction */
} doctored;

static void feed(lia_history *h, const doctored *d, int of, int line, int node, const char *text)
{
    bool here = d && (int)d->of == of && d->line == line && (of == REPLIES || d->node == node);
    const char *lines[] = {here ? d->instead : text, here ? d->also : NULL};
    for (size_t i = 0; i < 2; i++) {
        if (!lines[i]) continue;
        lia_span span = lia_span_text(lines[i]);
        if (of == REPLIES) CHECK_OK(lia_history_reply(h, span));
        if (of == EVENTS) CHECK_OK(lia_history_event(h, nodes[node], span));
        if (of == RECORDS) CHECK_OK(lia_history_record(h, nodes[node], records[line].kind, span));
    }
}

/* The contradictions as text; to be freed. */
static char *check(const doctored *d, size_t *count)
{
    char *told;
    size_t size;
    lia_history *h = lia_history_open();
    FILE *to = open_memstream(&told, &size);
    for (int i = 0; i < (int)LIA_COUNT(replies); i++) feed(h, d, REPLIES, i, 0, replies[i]);
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < (int)LIA_COUNT(events); i++) feed(h, d, EVENTS, i, n, events[i]);
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < (int)LIA_COUNT(records); i++)
            feed(h, d, RECORDS, i, n, records[i].line);
    *count = lia_history_check(h, 100, to);
    fclose(to);
    lia_history_close(h);
    return told;
}

TEST(a_true_history_has_no_contradictions)
{
    size_t count;
    char *told = check(NULL, &count);
    CHECK_TEXT(told, "");
    CHECK_EQ(count, 0);
    free(told);
}

TEST(every_broken_promise_is_found_and_named)
{
    static const doctored cases[] = {
        {"the last event of a node is missing", EVENTS, 5, 1, NULL, NULL,
         "service holds origin 2/j to 1, sales to 2"},
        {"an acknowledged event is missing at one node", EVENTS, 1, 1, NULL, NULL,
         "service lacks 'b', which sales acknowledged: {\"node\":\"sales\""},
        {"and leaves a gap", EVENTS, 1, 1, NULL, NULL,
         "service shows event 1/i/3 after number 1 of that origin"},
        {"an event comes twice", EVENTS, 0, 1, events[0], events[0],
         "service has 'a' 2 times, at 1/i/1 and 1/i/1"},
        {"a command had its effect twice", EVENTS, 1, 0, events[1],
         EVENT("1/i/3", "sales.record.changed", "customer", CUSTOMER, "\"note\":\"b\"", ""),
         "sales has 'b' 2 times, at 1/i/2 and 1/i/3"},
        {"an event is somewhere else than was told", REPLIES, 3, 0,
         REPLY("b", "customer", "note", "1", "200", "1/i/7", CUSTOMER), NULL,
         "sales has 'b' at 1/i/2, which sales acknowledged elsewhere"},
        {"an event says something else at one node", EVENTS, 1, 1,
         EVENT("1/i/2", "sales.record.changed", "customer", CUSTOMER, "\"note\":\"z\"", ""), NULL,
         "service shows another event 1/i/2"},
        {"nobody asked for it", REPLIES, 4, 0, NULL, NULL,
         "sales shows in event 1/i/3 what nobody asked for: interaction.subject = 'c'"},
        {"what was refused happened", REPLIES, 4, 0,
         REPLY("c", "interaction", "subject", "1", "422", "", ""), NULL,
         "sales has 'c' at 1/i/3, which was refused"},
        {"an unknown outcome differs by node", EVENTS, 2, 1,
         EVENT("1/i/3", "sales.interaction.logged", "interaction", CALL, "", ""), NULL,
         "sales has 'c' and service has not; no reply came"},
        {"a key is answered in two ways", REPLIES, 2, 0,
         REPLY("a", "customer", "name", "3", "201", "1/i/1", CALL), NULL,
         "a: asked again at sales it was answered with record " CALL},
        {"a later command has an earlier position", REPLIES, 3, 0,
         REPLY("b", "customer", "note", "1", "200", "1/i/1", CUSTOMER), NULL,
         "b: answered with position 1/i/1 after an earlier command"},
        {"a hand-over made two deals", EVENTS, 5, 1, events[5],
         EVENT("2/j/3", "service.deal.opened", "deal", "y", "\"handover\":\"" HANDOVER "\"", ""),
         "service shows 1 answers and 2 deals"},
        {"a hand-over was never answered", EVENTS, 5, 0,
         EVENT("2/j/2", "service.record.changed", "deal", "x", "", ""), NULL,
         "sales shows 0 answers and 1 deals"},
        {"an acknowledged record is in no list", RECORDS, 0, 1, NULL, NULL,
         "service does not list customer/a"},
        {"a record is listed twice", RECORDS, 0, 0, records[0].line,
         "{\"id\":\"" CALL "\",\"name\":\"a\"}", "sales lists customer/a 2 times"},
        {"a record has another id than was told", RECORDS, 0, 0,
         "{\"id\":\"" CALL "\",\"name\":\"a\"}", NULL, "sales lists customer/a as " CALL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        size_t count;
        char *told = check(&cases[i], &count);
        if (!count || !strstr(told, cases[i].told))
            fail_msg("%s: not found, but %s", cases[i].what, *told ? told : "nothing");
        free(told);
    }
}

TEST(a_line_that_is_none_is_refused)
{
    lia_history *h = lia_history_open();
    CHECK_ERR(lia_history_reply(h, LIA_SPAN("{\"node\":")), LIA_EINVAL);
    CHECK_ERR(lia_history_reply(h, LIA_SPAN("{}")), LIA_EINVAL);
    CHECK_ERR(lia_history_event(h, "sales", LIA_SPAN("[]")), LIA_EINVAL);
    CHECK_ERR(lia_history_record(h, "sales", "customer", LIA_SPAN("{}")), LIA_EINVAL);
    lia_history_close(h);
}
