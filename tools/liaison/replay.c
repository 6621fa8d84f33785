/* SPDX-License-Identifier: Apache-2.0 */
/* replay - past events in their order. Where it ends is asked before it begins; events are picked
 * here and not by the node, because only a stream of all of them says when the end is reached. */
#include <stdlib.h>

#include "common/base/id.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/events.h"

typedef struct replay {
    lia_events events;
    bool as_json;
    const char *customer; /* NULL: all */
    uint64_t end;         /* arrival number of the last event */
    uint64_t read, shown;
    char query[512];
    lia_progress progress;
} replay;

/* "1.9d63bc96b4335933.42" is the 42nd event of the stream. */
static uint64_t arrival_of(const char *id)
{
    const char *dot = strrchr(id, '.');
    return dot ? strtoull(dot + 1, NULL, 10) : 0;
}

static bool is_wanted(const replay *r, const lia_sse_event *event)
{
    return !r->customer || strstr(event->data, r->customer);
}

static bool on_event(void *context, const lia_sse_event *event)
{
    replay *r = context;
    uint64_t arrival = arrival_of(event->id);
    if (arrival > r->end) return false;
    r->read++;
    if (is_wanted(r, event)) {
        r->shown++;
        lia_event_show(event, r->as_json);
    }
    if (lia_progress_due(&r->progress) && !lia_out_is_terminal())
        lia_progress_show(&r->progress, "%s of %s events", lia_out_count(arrival),
                          lia_out_count(r->end));
    return arrival < r->end && !ferror(stdout);
}

static lia_err find_end(replay *r, lia_why *why)
{
    lia_client client;
    lia_err err = lia_client_open(&client, r->events.target, why);
    if (err) return err;
    json_t *status = lia_client_json(&client, "/status", 10000, why);
    if (status) r->end = (uint64_t)lia_json_int_in(status, "arrival");
    lia_client_close(&client);
    err = status ? LIA_OK : LIA_EIO;
    json_decref(status);
    return err;
}

static lia_err read_customer(replay *r, const lia_args *args, char text[LIA_ID_TEXT_SIZE],
                             lia_why *why)
{
    lia_id id;
    const char *given = lia_args_text(args, "customer");
    if (!given) return LIA_OK;
    if (lia_id_parse(lia_span_text(given), &id))
        return lia_why_set(why, LIA_EINVAL, "--customer: '%s' is no id (a UUID)", given);
    lia_id_print(id, text);
    r->customer = text;
    return LIA_OK;
}

static lia_err read_all(replay *r, const char *from, lia_why *why)
{
    char *escaped = curl_easy_escape(NULL, from, 0);
    snprintf(r->query, sizeof r->query, "from=%s", escaped ? escaped : "start");
    curl_free(escaped);
    if (strchr(from, '.')) {
        snprintf(r->events.sse.id, sizeof r->events.sse.id, "%s", from);
        r->query[0] = 0;
        if (arrival_of(from) >= r->end) return LIA_OK;
    }
    r->events.query = r->query;
    if (r->end == 0) return LIA_OK;
    lia_err err = lia_events_read(&r->events, why);
    return err == LIA_ECLOSED ? LIA_OK : err;
}

static int run(const lia_args *args)
{
    char customer[LIA_ID_TEXT_SIZE];
    lia_target target;
    lia_why why = {{0}};
    const char *from = lia_args_text(args, "from");
    replay r = {.as_json = lia_out_is_json(args)};
    lia_sse_init(&r.events.sse, on_event, &r);
    r.events.target = &target;
    lia_err err = lia_target_find(&target, args, &why);
    if (!err) err = read_customer(&r, args, customer, &why);
    if (!err) err = find_end(&r, &why);
    if (!err) err = read_all(&r, from ? from : "start", &why);
    lia_progress_end(&r.progress);
    if (!err && !r.as_json)
        printf("%s events, %s of them shown\n", lia_out_count(r.read), lia_out_count(r.shown));
    lia_sse_fini(&r.events.sse);
    return err ? lia_args_fail(args, "%s", why.text) : 0;
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    {.name = "from",
     .value = "POSITION",
     .help = "'start' (default), an event's id in this stream, or a\n"
             "position like 1/8f3a12cd00112233/42; begins behind it"},
    {.name = "customer", .value = "ID", .help = "only events that speak of this customer"},
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_replay = {
    .name = "replay",
    .purpose = "print past events in their order, then end",
    .details = "Ends at what was the last event when it began.",
    .example = "liaison replay --node sales --customer 01a20124-38de-73eb-8460-2a24abc47511",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
