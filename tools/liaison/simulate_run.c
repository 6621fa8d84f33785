/* SPDX-License-Identifier: Apache-2.0 */
/* One thread sends, with as many connections as the profile has clients. */
#include <stdlib.h>
#include <time.h>

#include "common/base/time.h"
#include "tools/liaison/client.h"
#include "tools/liaison/out.h"
#include "tools/liaison/simulate.h"
#include "tools/liaison/simulate_ask.h"
#include "tools/liaison/simulate_watch.h"

#define TIMEOUT_MS      30000L

enum { OP_MAKE = -1 };

typedef struct client {
    CURL *curl;
    struct curl_slist *headers;
    bool busy;
    int op; /* OP_MAKE: a customer is made */
    uint64_t number;
    double due; /* seconds since the beginning */
    lia_bytes reply;
} client;

typedef struct run {
    const lia_profile *profile;
    const lia_targets *targets;
    lia_department departments[LIA_MEMBERS_MAX];
    lia_simulated *out;
    CURLM *multi;
    client *clients;
    lia_asks asks;
    size_t id_room;
    uint64_t begun_ns, token;
    lia_progress progress;

    lia_watch watch;
} run;

static double seconds_since(uint64_t ns)
{
    return (double)(lia_time_ticks_ns() - ns) / 1e9;
}

/* ---- requests -------------------------------------------------------------------------------- */

static size_t take_reply(char *data, size_t one, size_t count, void *context)
{
    return lia_bytes_add(context, data, one * count) ? one * count : 0;
}

static const lia_target *node_for(run *r, lia_department at)
{
    size_t fit[LIA_MEMBERS_MAX], count = 0;
    for (size_t i = 0; i < r->targets->count; i++)
        if (at == LIA_DEPARTMENT_ANY || r->departments[i] == at) fit[count++] = i;
    return count ? &r->targets->list[fit[lia_ask_roll(&r->asks, count)]] : NULL;
}

static void add_headers(run *r, client *c, const lia_target *target, const lia_ask *a)
{
    char line[96];
    curl_slist_free_all(c->headers);
    c->headers = curl_slist_append(lia_client_headers(target), "Expect:");
    if (!a->type) return;
    snprintf(line, sizeof line, "Content-Type: %s", a->type);
    c->headers = curl_slist_append(c->headers, line);
    snprintf(line, sizeof line, "Idempotency-Key: sim-%llx-%llu", (unsigned long long)r->token,
             (unsigned long long)c->number);
    c->headers = curl_slist_append(c->headers, line);
}

static void launch(run *r, client *c, int op, double due)
{
    static uint64_t number;
    lia_ask a;
    char url[512];
    lia_department at = op == OP_MAKE ? LIA_DEPARTMENT_ANY : lia_simulate_ops[op].at;
    const lia_target *target = node_for(r, at);
    c->op = op;
    c->due = due;
    c->number = ++number;
    lia_ask_make(&r->asks, &a, op, c->number);
    snprintf(url, sizeof url, "%s%s", target->url, a.path);
    add_headers(r, c, target, &a);
    lia_client_prepare(target, c->curl);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    if (a.type) curl_easy_setopt(c->curl, CURLOPT_COPYPOSTFIELDS, a.json);
    curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, a.method);
    c->reply.size = 0;
    c->busy = true;
    r->out->sent += op != OP_MAKE;
    curl_multi_add_handle(r->multi, c->curl);
}

static void keep_id(run *r, const client *c)
{
    json_t *made = json_loadb(c->reply.data ? c->reply.data : "", c->reply.size, 0, NULL);
    const char *id = lia_json_text_in(made, "id");
    if (*id && r->asks.id_count < r->id_room)
        snprintf(r->asks.ids[r->asks.id_count++], LIA_ASK_ID_SIZE, "%s", id);
    json_decref(made);
}

static void note_failure(run *r, const client *c, CURLcode code, long status)
{
    lia_simulated *out = r->out;
    if (c->op != OP_MAKE) out->ops[c->op].failed++;
    if (code)
        out->broken++;
    else if (status == 429 || status >= 500)
        out->busy++;
    else
        out->refused++;
    if (out->first_failure.text[0]) return;
    lia_why_set(&out->first_failure, LIA_EIO, "%s: %s %ld %.200s",
                c->op == OP_MAKE ? "new customer" : lia_simulate_ops[c->op].name,
                code ? curl_easy_strerror(code) : "answered", status,
                c->reply.size && c->reply.data ? c->reply.data : "");
}

static void land(run *r, client *c, CURLcode code)
{
    long status = 0;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(r->multi, c->curl);
    c->busy = false;
    if (code || status < 200 || status > 299) {
        note_failure(r, c, code, status);
        return;
    }
    if (c->op == OP_MAKE) {
        keep_id(r, c);
        return;
    }
    double took = seconds_since(r->begun_ns) - c->due;
    lia_spread_add(&r->out->ops[c->op].took, took > 0 ? (uint64_t)(took * 1e6) : 0);
}

/* Lets what is under way go on for at most so long; returns how many are under way. */
static size_t turn(run *r, int wait_ms)
{
    int running, left;
    CURLMsg *message;
    size_t busy = 0;
    curl_multi_perform(r->multi, &running);
    if (running && wait_ms > 0) curl_multi_poll(r->multi, NULL, 0, wait_ms, NULL);
    if (!running && wait_ms > 0)
        nanosleep(&(struct timespec){.tv_nsec = (long)wait_ms * 1000000}, NULL);
    curl_multi_perform(r->multi, &running);
    while ((message = curl_multi_info_read(r->multi, &left))) {
        client *c;
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        land(r, c, code);
    }
    for (size_t i = 0; i < r->profile->clients; i++) busy += r->clients[i].busy;
    return busy;
}

static client *free_client(run *r)
{
    for (size_t i = 0; i < r->profile->clients; i++)
        if (!r->clients[i].busy) return &r->clients[i];
    return NULL;
}

/* ---- parts of a run -------------------------------------------------------------------------- */

static lia_err make_customers(run *r, lia_why *why)
{
    uint64_t begun_ns = lia_time_ticks_ns(), asked = 0;
    const uint64_t wanted = r->profile->customers;
    size_t busy = 0;
    while (asked < wanted || busy) {
        client *c;
        while (asked < wanted && (c = free_client(r))) {
            launch(r, c, OP_MAKE, 0);
            asked++;
        }
        busy = turn(r, 10);
        if (lia_progress_due(&r->progress))
            lia_progress_show(&r->progress, "%s of %s customers are made",
                              lia_out_count(r->asks.id_count), lia_out_count(wanted));
    }
    r->out->prepare_seconds = seconds_since(begun_ns);
    lia_progress_end(&r->progress);
    if (r->asks.id_count == wanted) return LIA_OK;
    return lia_why_set(why, LIA_EIO, "only %zu of %llu customers could be made: %s",
                       r->asks.id_count, (unsigned long long)wanted, r->out->first_failure.text);
}

/* All know them before anybody is asked for one. */
static void wait_until_known(run *r)
{
    for (int i = 0; i < 600 && (i < 5 || lia_watch_behind(&r->watch)); i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

static int choose(run *r)
{
    double all = 0, at;
    for (size_t i = 0; i < LIA_SIMULATE_OPS; i++) all += r->profile->shares[i];
    at = (double)lia_ask_roll(&r->asks, 1u << 30) / (1u << 30) * all;
    for (int i = 0; i < LIA_SIMULATE_OPS; i++) {
        at -= r->profile->shares[i];
        if (at < 0) return i;
    }
    return 0;
}

static void show_progress(run *r, double now, size_t busy)
{
    uint64_t answered = 0;
    if (!lia_progress_due(&r->progress)) return;
    for (size_t i = 0; i < LIA_SIMULATE_OPS; i++) answered += r->out->ops[i].took.count;
    lia_progress_show(&r->progress,
                      "%.0f of %.0f s: %s answered, %zu under way, %llu failed, %lld behind", now,
                      r->profile->seconds, lia_out_count(answered), busy,
                      (unsigned long long)(r->out->refused + r->out->busy + r->out->broken),
                      (long long)lia_watch_behind(&r->watch));
}

/* When the next one that is not begun yet is due, in the time in which so many are: by halves. */
static double due_at(const lia_profile *profile, uint64_t number)
{
    double low = 0, high = profile->seconds;
    for (int i = 0; i < 48; i++) {
        double middle = (low + high) / 2;
        if (lia_profile_due(profile, middle) < (double)number)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void run_phases(run *r)
{
    uint64_t begun = 0;
    size_t busy = 0;
    const lia_profile *profile = r->profile;
    r->begun_ns = lia_time_ticks_ns();
    for (;;) {
        client *c;
        double now = seconds_since(r->begun_ns);
        uint64_t due = (uint64_t)lia_profile_due(profile, now);
        while (begun < due && (c = free_client(r)))
            launch(r, c, choose(r), due_at(profile, ++begun));
        if (due - begun > LIA_BACKLOG_MAX) { /* oldest first: who has waited longest goes away */
            r->out->given_up += due - begun - LIA_BACKLOG_MAX;
            begun = due - LIA_BACKLOG_MAX;
        }
        busy = turn(r, begun < due ? 1 : 2);
        show_progress(r, now, busy);
        if (now >= profile->seconds && begun >= due && !busy) break;
    }
    r->out->seconds = seconds_since(r->begun_ns);
    r->out->wanted = (uint64_t)lia_profile_due(profile, profile->seconds);
    lia_progress_end(&r->progress);
}

/* ---- open and close -------------------------------------------------------------------------- */

static lia_department department_of(const json_t *status)
{
    const char *name = lia_json_text_in(status, "department");
    for (lia_department d = LIA_SALES; d < LIA_DEPARTMENTS; d++)
        if (!strcmp(name, lia_department_name(d))) return d;
    return LIA_DEPARTMENT_ANY;
}

/* One that no simulation has made is enough; asked for by name, since there may be millions that
 * one has. */
#define REAL_ONES "/customers?page_size=1&filter=NOT%20name%3A%22" LIA_ASK_MADE_UP "%20Person%22"

static lia_err look_at_node(run *r, size_t number, bool beside, lia_why *why)
{
    lia_client one;
    lia_err err = lia_client_open(&one, &r->targets->list[number], why);
    if (err) return err;
    json_t *status = lia_client_json(&one, "/status", 5000, why);
    json_t *real = status && !beside ? lia_client_json(&one, REAL_ONES, 20000, why) : NULL;
    r->departments[number] = department_of(status);
    err = status && (real || beside) ? LIA_OK : LIA_EIO;
    if (json_array_size(json_object_get(real, "customers")))
        err =
            lia_why_set(why, LIA_EREFUSED,
                        "%s has customers that are not made up; made-up ones would stay among them "
                        "(--beside says that this is wanted)",
                        lia_json_text_in(status, "node"));
    json_decref(status);
    json_decref(real);
    lia_client_close(&one);
    return err;
}

static lia_err look_at_nodes(run *r, bool beside, lia_why *why)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < r->targets->count; i++) err = look_at_node(r, i, beside, why);
    return err;
}

static lia_err check_departments(const run *r, lia_why *why)
{
    for (size_t op = 0; op < LIA_SIMULATE_OPS; op++) {
        lia_department at = lia_simulate_ops[op].at;
        bool found = at == LIA_DEPARTMENT_ANY || r->profile->shares[op] <= 0;
        for (size_t i = 0; i < r->targets->count; i++) found |= r->departments[i] == at;
        if (!found)
            return lia_why_set(why, LIA_EINVAL, "mix: '%s' wants a node of %s, and none was named",
                               lia_simulate_ops[op].name, lia_department_name(at));
    }
    return LIA_OK;
}

static lia_err open_clients(run *r, lia_why *why)
{
    r->multi = curl_multi_init();
    r->id_room = r->profile->customers;
    r->clients = calloc(r->profile->clients, sizeof *r->clients);
    r->asks.ids = calloc(r->id_room, sizeof *r->asks.ids);
    bool ok = r->multi && r->clients && r->asks.ids;
    for (size_t i = 0; ok && i < r->profile->clients; i++) {
        client *c = &r->clients[i];
        c->curl = curl_easy_init();
        if (!c->curl) ok = false;
        if (!ok) break;
        curl_easy_setopt(c->curl, CURLOPT_PRIVATE, c);
        curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_reply);
        curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &c->reply);
        curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    }
    return ok ? LIA_OK : lia_why_set(why, LIA_EFULL, "no memory for so many clients");
}

static void close_run(run *r)
{
    lia_watch_close(&r->watch);
    for (size_t i = 0; r->clients && i < r->profile->clients; i++) {
        client *c = &r->clients[i];
        if (c->busy) curl_multi_remove_handle(r->multi, c->curl);
        if (c->curl) curl_easy_cleanup(c->curl);
        curl_slist_free_all(c->headers);
        lia_bytes_fini(&c->reply);
    }
    if (r->multi) curl_multi_cleanup(r->multi);
    free(r->clients);
    free(r->asks.ids);
}

lia_err lia_simulate(lia_simulated *out, const lia_profile *profile, const lia_targets *targets,
                     bool beside, lia_why *why)
{
    run r = {.profile = profile,
             .targets = targets,
             .out = out,
             .asks = {.dice = profile->seed, .customers = profile->customers}};
    *out = (lia_simulated){0};
    r.token = (uint64_t)lia_time_now().ms;
    lia_err err = look_at_nodes(&r, beside, why);
    if (!err) err = check_departments(&r, why);
    if (!err) err = open_clients(&r, why);
    if (!err) err = lia_watch_start(&r.watch, targets, out, why);
    if (!err) err = make_customers(&r, why);
    if (!err) {
        wait_until_known(&r);
        run_phases(&r);
        lia_watch_settle(&r.watch);
    }
    close_run(&r);
    return err;
}
