/* SPDX-License-Identifier: Apache-2.0 */
/* Deals and tickets move in rounds: the first verb of all of them, then the second ... so that each
 * one's verbs stay in order while many are under way. */
#include <stdio.h>

#include "tools/liaison/sample.h"

static lia_err verb_done(lia_post *post, lia_why *why)
{
    lia_sample_run *run = post->context;
    run->verbs++;
    if (post->status < 300) return LIA_OK;
    run->verbs_failed++;
    if (!run->first_failure.text[0])
        lia_client_refused(run->any->target, post->status, post->reply.data, post->reply.size,
                           &run->first_failure);
    (void)why;
    return LIA_OK;
}

static lia_err send_verb(lia_sample_run *run, lia_station *station, lia_sample_kind kind,
                         uint64_t number, size_t round, const lia_sample_verb *verb, lia_why *why)
{
    char id[LIA_ID_TEXT_SIZE];
    lia_post *post = lia_flight_take(station->moves, why);
    if (!post) return LIA_EIO;
    lia_id_print(run->ids[kind][number], id);
    snprintf(post->path, sizeof post->path, "/%s/%s:%s", lia_sample_plural(kind), id, verb->verb);
    snprintf(post->key, sizeof post->key, "sample:%llu:%s:%llu:%zu",
             (unsigned long long)run->company.seed, lia_sample_plural(kind),
             (unsigned long long)number, round);
    post->type = "application/json";
    post->done = verb_done;
    post->context = run;
    if (!lia_bytes_add(&post->body, verb->body, strlen(verb->body)))
        return lia_why_set(why, LIA_EFULL, "no memory");
    lia_sample_show_progress(run, NULL);
    return lia_flight_send(station->moves, post, why);
}

static lia_err send_round(lia_sample_run *run, lia_department department, lia_sample_kind kind,
                          uint64_t from, uint64_t to, size_t round, lia_why *why)
{
    lia_err err = LIA_OK;
    lia_station *station = &run->stations[department];
    if (!station->target) return LIA_OK;
    for (uint64_t i = from; !err && i < to; i++) {
        lia_sample_verb verbs[LIA_SAMPLE_VERBS_MAX];
        if (lia_id_is_none(run->ids[kind][i])) continue;
        size_t count = lia_sample_verbs(&run->company, kind, i, verbs);
        if (round < count) err = send_verb(run, station, kind, i, round, &verbs[round], why);
    }
    return err;
}

static lia_err drain(lia_sample_run *run, lia_why *why)
{
    lia_err err = LIA_OK;
    for (size_t d = 0; !err && d < LIA_DEPARTMENTS; d++)
        if (run->stations[d].target) err = lia_flight_drain(run->stations[d].moves, why);
    return err;
}

lia_err lia_sample_send_work(lia_sample_run *run, uint64_t from, uint64_t to, lia_why *why)
{
    lia_err err = LIA_OK;
    for (uint64_t i = from; !err && i < to; i++) {
        err = lia_sample_add(run, LIA_SAMPLE_DEALS, i, why);
        if (!err) err = lia_sample_add(run, LIA_SAMPLE_TICKETS, i, why);
    }
    if (!err) err = lia_sample_flush(run, why);
    for (size_t round = 0; !err && round < LIA_SAMPLE_VERBS_MAX; round++) {
        err = send_round(run, LIA_SALES, LIA_SAMPLE_DEALS, from, to, round, why);
        if (!err) err = send_round(run, LIA_SERVICE, LIA_SAMPLE_TICKETS, from, to, round, why);
        if (!err) err = drain(run, why);
    }
    return err;
}
