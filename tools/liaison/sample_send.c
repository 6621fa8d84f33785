/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>

#include "common/base/time.h"
#include "tools/liaison/sample.h"

#define BATCHES         4
#define MOVES           32
#define PATIENCE_MS     60000
#define SCRATCH_BYTES   ((size_t)4 << 20)
#define CHUNK_CUSTOMERS 2000
#define WAIT_MS         120000

/* ---- open and close -------------------------------------------------------------------------- */

static void on_tick(void *context, const char *note)
{
    lia_sample_show_progress(context, note);
}

static void on_result(void *context, const lia_load_result *result)
{
    lia_sample_sink *sink = context;
    lia_sample_run *run = sink->run;
    if (run->ids[sink->kind]) run->ids[sink->kind][result->ref] = result->id;
    if (result->error && !run->first_failure.text[0])
        lia_why_set(&run->first_failure, LIA_EINVAL, "%s %llu: %.250s",
                    lia_sample_plural(sink->kind), (unsigned long long)result->ref, result->error);
}

static lia_err open_station(lia_sample_run *run, lia_station *station, const lia_target *target,
                            lia_why *why)
{
    station->target = target;
    lia_err err = lia_flight_open(&station->flight, target, BATCHES, PATIENCE_MS, why);
    if (!err) err = lia_flight_open(&station->moves, target, MOVES, PATIENCE_MS, why);
    if (err) return err;
    lia_flight_on_tick(station->flight, on_tick, run);
    lia_flight_on_tick(station->moves, on_tick, run);
    for (lia_sample_kind k = 0; !err && k < LIA_SAMPLE_KINDS; k++)
        err = lia_load_open(&station->loads[k], station->flight, lia_sample_plural(k),
                            &run->totals[k], on_result, &run->sinks[k], why);
    return err;
}

/* Asks the node which department it is. */
static lia_err find_department(const lia_target *target, lia_department *out, lia_why *why)
{
    lia_client client;
    lia_err err = lia_client_open(&client, target, why);
    if (err) return err;
    json_t *status = lia_client_json(&client, "/status", 10000, why);
    lia_client_close(&client);
    if (!status) return LIA_EIO;
    const char *name = lia_json_text_in(status, "department");
    *out = LIA_SALES;
    while (*out < LIA_DEPARTMENTS && strcmp(name, lia_department_name(*out))) ++*out;
    json_decref(status);
    if (*out < LIA_DEPARTMENTS) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "%s is of no known department", target->name);
}

static lia_err make_ids(lia_sample_run *run, lia_why *why)
{
    for (lia_sample_kind k = 0; k < LIA_SAMPLE_KINDS; k++) {
        run->sinks[k] = (lia_sample_sink){run, k};
        uint64_t count = k == LIA_SAMPLE_INTERACTIONS ? 0 : lia_sample_fixed_count(k);
        bool grows = k == LIA_SAMPLE_CUSTOMERS || k == LIA_SAMPLE_DEALS || k == LIA_SAMPLE_TICKETS;
        if (grows) count = run->customers;
        if (!count) continue;
        run->ids[k] = calloc(count, sizeof(lia_id));
        if (!run->ids[k]) return lia_why_set(why, LIA_EFULL, "no memory for so many");
    }
    return LIA_OK;
}

lia_err lia_sample_open(lia_sample_run *run, const lia_targets *targets, lia_why *why)
{
    run->begun_ns = lia_time_ticks_ns();
    lia_err err = lia_arena_init(&run->scratch, SCRATCH_BYTES);
    if (!err) err = make_ids(run, why);
    for (size_t i = 0; !err && i < targets->count; i++) {
        lia_department department;
        err = find_department(&targets->list[i], &department, why);
        if (err) break;
        lia_station *station = &run->stations[department];
        if (station->target) continue; /* a second node of the same department need not be told */
        err = open_station(run, station, &targets->list[i], why);
        if (!run->any) run->any = station;
    }
    return err;
}

void lia_sample_close(lia_sample_run *run)
{
    for (size_t d = 0; d < LIA_DEPARTMENTS; d++) {
        for (size_t k = 0; k < LIA_SAMPLE_KINDS; k++) lia_load_close(run->stations[d].loads[k]);
        lia_flight_close(run->stations[d].flight);
        lia_flight_close(run->stations[d].moves);
    }
    for (size_t k = 0; k < LIA_SAMPLE_KINDS; k++) free(run->ids[k]);
    lia_arena_fini(&run->scratch);
}

/* ---- progress -------------------------------------------------------------------------------- */

void lia_sample_show_progress(lia_sample_run *run, const char *note)
{
    if (!note && !lia_progress_due(&run->progress)) return;
    uint64_t done = run->verbs;
    double seconds = (double)(lia_time_ticks_ns() - run->begun_ns) / 1e9;
    for (size_t k = 0; k < LIA_SAMPLE_KINDS; k++)
        done += run->totals[k].created + run->totals[k].repeated;
    lia_progress_show(&run->progress, "%s: %s records, %s a second%s%s", run->doing,
                      lia_out_count(done), lia_out_count((uint64_t)((double)done / seconds)),
                      note ? "; waiting: " : "", note ? note : "");
}

/* ---- records --------------------------------------------------------------------------------- */

static bool is_owned(lia_sample_kind kind)
{
    return kind == LIA_SAMPLE_SEGMENTS || kind == LIA_SAMPLE_CAMPAIGNS ||
           kind == LIA_SAMPLE_DEALS || kind == LIA_SAMPLE_TICKETS;
}

lia_err lia_sample_add(lia_sample_run *run, lia_sample_kind kind, uint64_t number, lia_why *why)
{
    lia_department department = LIA_SALES;
    lia_arena_reset(&run->scratch);
    lia_buf json = lia_buf_make(&run->scratch), key = json;
    if (!lia_sample_put(&json, &run->company, kind, number, &department)) return LIA_OK;
    lia_sample_put_key(&key, &run->company, kind, number);
    lia_station *station = &run->stations[department];
    if (!station->target && is_owned(kind)) return LIA_OK;
    if (!station->target) station = run->any;
    const lia_load_row row = {
        .line = number, .ref = number, .key = lia_buf_get(&key), .json = lia_buf_get(&json)};
    lia_sample_show_progress(run, NULL);
    return lia_load_add(station->loads[kind], &row, why);
}

/* First everything is sent, then everything is waited for: the nodes work side by side. */
lia_err lia_sample_flush(lia_sample_run *run, lia_why *why)
{
    lia_err err = LIA_OK;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t d = 0; d < LIA_DEPARTMENTS; d++)
            for (size_t k = 0; !err && k < LIA_SAMPLE_KINDS && run->stations[d].target; k++)
                err = pass == 0 ? lia_load_send(run->stations[d].loads[k], why)
                                : lia_load_flush(run->stations[d].loads[k], why);
    return err;
}

static lia_err send_fixed(lia_sample_run *run, lia_sample_kind kind, lia_why *why)
{
    lia_err err = LIA_OK;
    run->doing = lia_sample_plural(kind);
    for (uint64_t i = 0; !err && i < lia_sample_fixed_count(kind); i++)
        err = lia_sample_add(run, kind, i, why);
    return err ? err : lia_sample_flush(run, why);
}

static lia_err send_customers(lia_sample_run *run, lia_why *why)
{
    lia_err err = LIA_OK;
    run->doing = "customers";
    for (uint64_t i = 0; !err && i < run->customers; i++)
        err = lia_sample_add(run, LIA_SAMPLE_CUSTOMERS, i, why);
    return err ? err : lia_sample_flush(run, why);
}

/* ---- the day --------------------------------------------------------------------------------- */

/* Everything else is dated from the day on which the first user was made. */
static lia_err find_day(lia_sample_run *run, lia_why *why)
{
    char path[64], id[LIA_ID_TEXT_SIZE];
    lia_client client;
    lia_time made;
    if (run->company.until.ms) return LIA_OK;
    lia_station *station = run->stations[LIA_SALES].target ? &run->stations[LIA_SALES] : run->any;
    lia_id_print(run->ids[LIA_SAMPLE_USERS][0], id);
    snprintf(path, sizeof path, "/users/%s", id);
    lia_err err = lia_client_open(&client, station->target, why);
    if (err) return err;
    json_t *user = lia_client_json(&client, path, 10000, why);
    lia_client_close(&client);
    if (!user) return LIA_EIO;
    err = lia_time_parse(lia_span_text(lia_json_text_in(user, "created_at")), &made);
    json_decref(user);
    if (err) return lia_why_set(why, err, "a user tells no time of its creation");
    run->company.until.ms = made.ms / LIA_DAY_MS * LIA_DAY_MS;
    return LIA_OK;
}

/* ---- everywhere ------------------------------------------------------------------------------ */

static int64_t head_of(const json_t *status, const char *lane_name)
{
    size_t i;
    json_t *lane;
    json_array_foreach(json_object_get(status, "lanes"), i,
                       lane) if (strcmp(lia_json_text_in(lane, "name"), lane_name) ==
                                 0) return lia_json_int_in(lane, "head");
    return 0;
}

/* Whether every node has what the others had written when this was asked. */
static bool all_have_all(json_t *const *statuses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = lia_json_text_in(statuses[i], "node");
        for (size_t j = 0; j < count; j++)
            if (head_of(statuses[j], name) < head_of(statuses[i], name)) return false;
    }
    return true;
}

static lia_err ask_all(lia_sample_run *run, bool *together, lia_why *why)
{
    json_t *statuses[LIA_DEPARTMENTS] = {0};
    size_t count = 0;
    lia_err err = LIA_OK;
    for (size_t d = 0; !err && d < LIA_DEPARTMENTS; d++) {
        lia_client client;
        if (!run->stations[d].target) continue;
        err = lia_client_open(&client, run->stations[d].target, why);
        if (err) break;
        statuses[count] = lia_client_json(&client, "/status", 10000, why);
        err = statuses[count++] ? LIA_OK : LIA_EIO;
        lia_client_close(&client);
    }
    *together = !err && all_have_all(statuses, count);
    for (size_t i = 0; i < count; i++) json_decref(statuses[i]);
    return err;
}

/* What happened with a customer is written by several departments, so all must know him first. */
static lia_err wait_everywhere(lia_sample_run *run, lia_why *why)
{
    uint64_t begun = lia_time_ticks_ns();
    const struct timespec pause = {0, 50000000};
    run->doing = "customers, on their way to all departments";
    for (;;) {
        bool together;
        lia_err err = ask_all(run, &together, why);
        if (err || together) return err;
        if (lia_time_ticks_ns() - begun > WAIT_MS * UINT64_C(1000000))
            return lia_why_set(why, LIA_EIO,
                               "customers do not reach all departments; 'liaison "
                               "status' tells why");
        lia_sample_show_progress(run, NULL);
        nanosleep(&pause, NULL);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static lia_err send_life(lia_sample_run *run, uint64_t customer, lia_why *why)
{
    lia_err err = LIA_OK;
    uint64_t count = lia_sample_interactions(&run->company, customer);
    for (uint64_t i = 0; !err && i < count; i++)
        err = lia_sample_add(run, LIA_SAMPLE_INTERACTIONS,
                             customer * LIA_SAMPLE_INTERACTIONS_MAX + i, why);
    return err ? err : lia_sample_add(run, LIA_SAMPLE_TASKS, customer, why);
}

lia_err lia_sample_send(lia_sample_run *run, lia_why *why)
{
    lia_err err = send_fixed(run, LIA_SAMPLE_USERS, why);
    if (!err) err = find_day(run, why);
    if (!err) err = send_fixed(run, LIA_SAMPLE_PRODUCTS, why);
    if (!err) err = send_fixed(run, LIA_SAMPLE_SEGMENTS, why);
    if (!err) err = send_fixed(run, LIA_SAMPLE_CAMPAIGNS, why);
    if (!err) err = send_customers(run, why);
    if (!err) err = wait_everywhere(run, why);
    for (uint64_t from = 0; !err && from < run->customers; from += CHUNK_CUSTOMERS) {
        uint64_t to = from + CHUNK_CUSTOMERS;
        if (to > run->customers) to = run->customers;
        run->doing = "interactions and tasks";
        for (uint64_t c = from; !err && c < to; c++) err = send_life(run, c, why);
        run->doing = "deals and tickets";
        if (!err) err = lia_sample_send_work(run, from, to, why);
    }
    return err ? err : lia_sample_flush(run, why);
}
