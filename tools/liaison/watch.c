/* SPDX-License-Identifier: Apache-2.0 */
/* watch - the live stream. The position is written after the event was printed: between two runs an
 * event may be seen twice, but none is missed. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/base/time.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/events.h"

#define SAVE_EVERY_NS  500000000u
#define AGAIN_FIRST_MS 250
#define AGAIN_MAX_MS   5000

typedef struct watch {
    lia_events events;
    bool as_json;
    uint64_t limit, seen;
    const char *state_path; /* NULL: none */
    char saved[128];
    uint64_t saved_ns;
} watch;

static volatile bool stopped;

static void stop(int number)
{
    (void)number;
    stopped = true;
}

/* ---- the position between runs --------------------------------------------------------------- */

static lia_err load_state(watch *w, lia_why *why)
{
    FILE *file = fopen(w->state_path, "r");
    if (!file && errno == ENOENT) return LIA_OK;
    if (!file)
        return lia_why_set(why, LIA_EIO, "--state: cannot read %s: %s", w->state_path,
                           strerror(errno));
    char text[128] = "";
    bool ok = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    text[strcspn(text, "\r\n")] = 0;
    if (!ok || text[strspn(text, "0123456789abcdef.")])
        return lia_why_set(why, LIA_EINVAL, "--state: %s holds no position", w->state_path);
    snprintf(w->events.sse.id, sizeof w->events.sse.id, "%s", text);
    snprintf(w->saved, sizeof w->saved, "%s", text);
    return LIA_OK;
}

/* Beside it, then renamed: a crash leaves the old position or the new one. */
static bool save_state(watch *w)
{
    char path[PATH_MAX];
    const char *id = w->events.sse.id;
    w->saved_ns = lia_time_ticks_ns();
    if (!w->state_path || strcmp(id, w->saved) == 0) return true;
    if (snprintf(path, sizeof path, "%s.new", w->state_path) >= PATH_MAX) return false;
    fflush(stdout);
    FILE *file = fopen(path, "w");
    if (!file) return false;
    bool ok = fprintf(file, "%s\n", id) > 0;
    ok = fclose(file) == 0 && ok;
    if (!ok || rename(path, w->state_path)) return false;
    snprintf(w->saved, sizeof w->saved, "%s", id);
    return true;
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool on_event(void *context, const lia_sse_event *event)
{
    watch *w = context;
    lia_event_show(event, w->as_json);
    fflush(stdout);
    w->seen++;
    if (lia_time_ticks_ns() - w->saved_ns > SAVE_EVERY_NS && !save_state(w))
        fprintf(stderr, "liaison watch: cannot write %s\n", w->state_path);
    return !stopped && !ferror(stdout) && w->seen != w->limit;
}

static void pause_ms(int64_t ms)
{
    const struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&span, NULL);
}

/* Reads, and begins again where it was when the node goes away. */
static lia_err follow(watch *w, lia_why *why)
{
    int64_t again_ms = AGAIN_FIRST_MS;
    bool told = false;
    for (;;) {
        uint64_t before = w->seen;
        lia_err err = lia_events_read(&w->events, why);
        save_state(w);
        if (err == LIA_ECLOSED || stopped) return LIA_OK;
        if (err && err != LIA_EIO && err != LIA_EBUSY) return err;
        if (w->seen > before) {
            again_ms = AGAIN_FIRST_MS;
            told = false;
        }
        if (err && !told) fprintf(stderr, "liaison watch: %s; trying again\n", why->text);
        told |= err != LIA_OK;
        pause_ms(again_ms);
        again_ms = again_ms * 2 < AGAIN_MAX_MS ? again_ms * 2 : AGAIN_MAX_MS;
        if (stopped) return LIA_OK;
    }
}

/* ---- the command ----------------------------------------------------------------------------- */

static lia_err make_query(watch *w, const lia_args *args, char *query, size_t size, lia_why *why)
{
    const char *from = lia_args_text(args, "from"), *topic = lia_args_text(args, "topic");
    bool is_id = from && strchr(from, '.');
    if (w->events.sse.id[0]) from = NULL; /* the state knows better */
    if (from && is_id) {
        snprintf(w->events.sse.id, sizeof w->events.sse.id, "%s", from);
        from = NULL;
    }
    char *escaped_from = from ? curl_easy_escape(NULL, from, 0) : NULL;
    char *escaped_topic = topic ? curl_easy_escape(NULL, topic, 0) : NULL;
    int used = snprintf(query, size, "%s%s%s%s", escaped_from ? "from=" : "",
                        escaped_from ? escaped_from : "", escaped_topic ? "&topic=" : "",
                        escaped_topic ? escaped_topic : "");
    curl_free(escaped_from);
    curl_free(escaped_topic);
    if (used < 0 || (size_t)used >= size)
        return lia_why_set(why, LIA_EINVAL, "--from or --topic is too long");
    return LIA_OK;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int run(const lia_args *args)
{
    char query[700];
    lia_target target;
    lia_why why = {{0}};
    watch w = {.as_json = lia_out_is_json(args),
               .limit = lia_args_number(args, "limit", 0),
               .state_path = lia_args_text(args, "state")};
    lia_sse_init(&w.events.sse, on_event, &w);
    w.events.target = &target;
    w.events.query = query;
    w.events.stop = &stopped;
    lia_err err = lia_target_find(&target, args, &why);
    if (!err && w.state_path) err = load_state(&w, &why);
    if (!err) err = make_query(&w, args, query, sizeof query, &why);
    catch_signals();
    if (!err) err = follow(&w, &why);
    lia_sse_fini(&w.events.sse);
    return err ? lia_args_fail(args, "%s", why.text) : 0;
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    {.name = "from",
     .value = "POSITION",
     .help = "'start', an event's id in this stream, or a position like\n"
             "1/8f3a12cd00112233/42 (default: what comes from now on)"},
    {.name = "topic",
     .value = "TOPIC",
     .help = "only these: sales.deal.won, or the beginning of it (sales.);\n"
             "several with commas between"},
    {.name = "limit",
     .value = "N",
     .is_number = true,
     .min = 1,
     .max = UINT64_MAX,
     .help = "end after that many events"},
    {.name = "state",
     .value = "FILE",
     .help = "keeps the position between runs; goes before --from"},
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_watch = {
    .name = "watch",
    .purpose = "print what happens, as it happens",
    .details = "One line per event, of all departments, as the node learns of them. When the node\n"
               "goes away it waits and goes on behind the last event. With --state it also goes\n"
               "on there when it is started again; an event may then be seen twice, none is\n"
               "missed.",
    .example = "liaison watch --node sales --topic sales.deal\n"
               "liaison watch --node analytics --from start --state /tmp/position --json",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
