/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes say of themselves and of one another. */
#include <stdlib.h>
#include <time.h>

#include "common/base/time.h"
#include "common/http/tls.h"
#include "tools/liaison/client.h"
#include "tools/liaison/doctor.h"
#include "tools/liaison/figures.h"
#include "tools/liaison/out.h"

#define TIMEOUT_MS 5000L
/* A second apart is enough for SLA times to look odd; a minute stops commands. */
#define SKEW_WARN_MS  1000
#define SKEW_WRONG_MS 30000
/* Longer than any catching up after a restart. */
#define BEHIND_WARN_MS  (2 * LIA_MINUTE_MS)
#define LATE_WARN_S     60.0
#define LATE_WRONG_S    600.0
#define BACKUP_WARN_S   (2 * INT64_C(86400))
#define EXPIRES_WARN_S  (21 * INT64_C(86400))
#define EXPIRES_WRONG_S (3 * INT64_C(86400))

typedef struct look {
    const lia_doctor_node *node;
    json_t *status, *members; /* NULL: it did not say */
    lia_bytes metrics;
    lia_err err;
    lia_why why;
} look;

/* ---- asking ---------------------------------------------------------------------------------- */

static void ask(look *l)
{
    lia_client client;
    lia_why unasked;
    l->err = lia_client_open(&client, l->node->target, &l->why);
    if (l->err) return;
    lia_bytes body = {0};
    l->err = lia_client_get(&client, "/status", &body, TIMEOUT_MS, &l->why);
    if (!l->err) l->status = json_loadb(body.data ? body.data : "", body.size, 0, NULL);
    lia_bytes_fini(&body);
    if (l->status) {
        l->members = lia_client_json(&client, "/members", TIMEOUT_MS, &unasked);
        if (lia_client_page(&client, "/metrics", &l->metrics, TIMEOUT_MS, &unasked))
            l->metrics.size = 0;
    } else if (!l->err) {
        l->err = lia_why_set(&l->why, LIA_EIO, "it answers, but is no node of Liaison");
    }
    lia_client_close(&client);
}

static double figure(const look *l, const char *name)
{
    bool found;
    return lia_figure(lia_span_make(l->metrics.data, l->metrics.size), name, NULL, NULL, &found);
}

static const char *name_of(const look *l)
{
    const char *said = lia_json_text_in(l->status, "node");
    return *said ? said : l->node->target->name;
}

/* ---- one node -------------------------------------------------------------------------------- */

static void judge_answer(lia_doctor *doctor, const look *l)
{
    const char *at = name_of(l);
    const json_t *health = json_object_get(l->status, "health");
    if (l->err == LIA_EDENIED)
        lia_doctor_say(doctor, LIA_WARNING, "node.answers", at,
                       "--token, LIA_TOKEN, or admin.token in the cluster's folder",
                       "it answers, but does not tell whoever is not signed in: %s", l->why.text);
    else if (l->err && l->node->is_here && !l->node->runs)
        lia_doctor_say(doctor, LIA_WARNING, "node.answers", at,
                       "start it, if it should run (systemctl start liaison-DEPARTMENT@NAME)",
                       "it does not run");
    else if (l->err)
        lia_doctor_say(
            doctor, LIA_WRONG, "node.answers", at,
            "see whether it runs, and what its last lines of log say; see that this address "
            "is the one of the member list or of its setting http",
            "it does not answer: %s", l->why.text);
    else if (!json_is_true(json_object_get(health, "ok")))
        lia_doctor_say(doctor, LIA_WRONG, "node.answers", at, "do as the sentence says",
                       "it takes no commands: %s", lia_json_text_in(health, "reason"));
    else
        lia_doctor_say(doctor, LIA_FINE, "node.answers", at, NULL, "it takes commands (version %s)",
                       lia_json_text_in(l->status, "version"));
}

static void judge_lag(lia_doctor *doctor, const look *l)
{
    size_t i;
    json_t *lane;
    bool any = false;
    json_array_foreach(json_object_get(l->status, "lanes"), i, lane)
    {
        int64_t behind = lia_json_int_in(lane, "behind"), ms = lia_json_int_in(lane, "behind_ms");
        if (!behind || ms < BEHIND_WARN_MS) continue;
        any = true;
        lia_doctor_say(doctor, LIA_WARNING, "node.behind", name_of(l),
                       "see how the nodes named here are, and the network between them",
                       "it lacks %s events of %s for %s: %s", lia_out_count((uint64_t)behind),
                       lia_json_text_in(lane, "name"), lia_out_span_ms(ms),
                       lia_json_text_in(lane, "cause"));
    }
    if (figure(l, "liaison_lane_quarantined") > 0)
        lia_doctor_say(
            doctor, LIA_WRONG, "node.quarantine", name_of(l),
            "that node's disk was put back by hand, or its key is in two places: restore it "
            "as a new incarnation (liaison restore) or give it other keys",
            "a node's log is shut out, because it has said two things under one number");
    else if (!any)
        lia_doctor_say(doctor, LIA_FINE, "node.behind", name_of(l), NULL,
                       "it holds what the others have told");
}

static void judge_peers(lia_doctor *doctor, const look *l)
{
    size_t i, away = 0, differ = 0, count = 0;
    int64_t apart = 0;
    json_t *peer;
    char names[256] = "", furthest[64] = "";
    json_array_foreach(json_object_get(l->status, "peers"), i, peer)
    {
        const char *name = lia_json_text_in(peer, "name");
        int64_t skew = llabs(lia_json_int_in(peer, "skew_ms"));
        count++;
        differ += json_is_true(json_object_get(peer, "differs"));
        if (!json_is_true(json_object_get(peer, "connected"))) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%s", away++ ? ", " : "", name);
            continue;
        }
        if (skew > apart) {
            apart = skew;
            snprintf(furthest, sizeof furthest, "%s", name);
        }
    }
    if (away)
        lia_doctor_say(
            doctor, LIA_WARNING, "node.peers", name_of(l),
            "see that they run, that their bus address of the member list is right, and that "
            "nothing between filters its port",
            "it does not hear %s", names);
    else
        lia_doctor_say(doctor, LIA_FINE, "node.peers", name_of(l), NULL,
                       "it hears all others (%zu)", count);
    if (differ)
        lia_doctor_say(doctor, LIA_WRONG, "node.agrees", name_of(l),
                       "it mends itself within minutes; if it does not, liaison rebuild",
                       "it makes another state of the same events than %zu of the others", differ);
    bool off = apart >= SKEW_WARN_MS;
    lia_doctor_say(
        doctor,
        apart >= SKEW_WRONG_MS ? LIA_WRONG
        : off                  ? LIA_WARNING
                               : LIA_FINE,
        "node.clock", name_of(l),
        off ? "synchronise the clocks of both machines; from a minute on a node takes no "
              "commands"
            : NULL,
        off ? "its clock is %s off that of %s" : "its clock is at most %s off the others'%s",
        lia_out_span_ms(apart), off ? furthest : "");
}

static void judge_members(lia_doctor *doctor, const look *l)
{
    uint64_t epoch = (uint64_t)lia_json_int_in(l->members, "epoch");
    if (!l->members || !doctor->members) return;
    bool same = epoch == doctor->members->epoch;
    lia_doctor_say(
        doctor, same ? LIA_FINE : LIA_WARNING, "node.members", name_of(l),
        same                             ? NULL
        : epoch < doctor->members->epoch ? "see why it does not hear the others; they give it the "
                                           "later list as soon as they meet"
                                         : "liaison peer list --dir here, to take the later list",
        same ? "it has member list %llu" : "it has member list %llu, the latest here is %llu",
        (unsigned long long)epoch, (unsigned long long)doctor->members->epoch);
}

static void judge_state(lia_doctor *doctor, const look *l)
{
    const json_t *seen = json_object_get(l->status, "log_inspection");
    int64_t damaged = lia_json_int_in(seen, "damaged");
    int64_t wrong = lia_json_int_in(l->status, "state_differences");
    if (damaged)
        lia_doctor_say(doctor, LIA_WRONG, "node.log", name_of(l),
                       "the others mend it while they are reached; renew the disk, it forgets",
                       "%lld blocks of its log are damaged", (long long)damaged);
    else
        lia_doctor_say(doctor, LIA_FINE, "node.log", name_of(l), NULL,
                       "it has looked through its log %lld times since its start and found nothing "
                       "damaged",
                       (long long)lia_json_int_in(seen, "passes"));
    if (wrong)
        lia_doctor_say(doctor, LIA_WARNING, "node.state", name_of(l),
                       "it mends itself; look at the disk and the memory of this machine",
                       "%lld parts of its views are not what they should be", (long long)wrong);
}

static void judge_work(lia_doctor *doctor, const look *l)
{
    double late = figure(l, "liaison_jobs_late_seconds"),
           mail = figure(l, "liaison_mail_failing_seconds");
    int64_t failed = lia_json_int_in(json_object_get(l->status, "automation"), "failed");
    double skipped = figure(l, "liaison_webhook_skipped_total");
    lia_doctor_say(
        doctor,
        late > LATE_WRONG_S  ? LIA_WRONG
        : late > LATE_WARN_S ? LIA_WARNING
                             : LIA_FINE,
        "node.jobs", name_of(l),
        late > LATE_WARN_S ? "see its log for the job that fails, and whether the machine is "
                             "overloaded"
                           : NULL,
        late > LATE_WARN_S ? "work that was due %s ago is not done"
                           : "no work is overdue by more than %s",
        lia_out_span_ms((int64_t)(late > LATE_WARN_S ? late * 1000 : LATE_WARN_S * 1000)));
    if (failed)
        lia_doctor_say(
            doctor, LIA_WARNING, "node.dead_letters", name_of(l),
            "look at them in the app (Automation, Dead letters), then repeat or dismiss them",
            "%lld runs of rules and flows have failed and wait for somebody", (long long)failed);
    if (mail > 0)
        lia_doctor_say(
            doctor, LIA_WARNING, "node.mail", name_of(l),
            "see the mail server's answer in liaison status --json, and the settings smtp*",
            "its mail server has taken nothing for %s", lia_out_span_ms((int64_t)(mail * 1000)));
    if (skipped > 0)
        lia_doctor_say(doctor, LIA_WARNING, "node.webhooks", name_of(l),
                       "see the webhooks' deliveries, and replay from a position",
                       "%.0f events were given up, which receivers refused for days", skipped);
}

/* Only of a node that tells it: earlier releases do not. */
static void judge_backup(lia_doctor *doctor, const look *l)
{
    bool found;
    int64_t given = (int64_t)lia_figure(lia_span_make(l->metrics.data, l->metrics.size),
                                        "liaison_backup_timestamp_seconds", NULL, NULL, &found);
    int64_t age = lia_time_now().ms / 1000 - given;
    if (!found) return;
    if (!given)
        lia_doctor_say(doctor, LIA_WARNING, "node.backup", name_of(l),
                       "liaison backup key, then liaison backup by a timer",
                       "no whole backup of it was ever made");
    else if (age > BACKUP_WARN_S)
        lia_doctor_say(doctor, LIA_WARNING, "node.backup", name_of(l),
                       "see whether the timer of liaison backup runs, and what it said last",
                       "its last whole backup is %s old", lia_out_span_ms(age * 1000));
    else
        lia_doctor_say(doctor, LIA_FINE, "node.backup", name_of(l), NULL,
                       "its last whole backup is %s old", lia_out_span_ms(age * 1000));
}

/* ---- certificates ---------------------------------------------------------------------------- */

void lia_doctor_expiry(lia_doctor *doctor, const char *at, int64_t expires_s)
{
    int64_t left = expires_s - lia_time_now().ms / 1000;
    lia_verdict verdict = left < EXPIRES_WRONG_S  ? LIA_WRONG
                          : left < EXPIRES_WARN_S ? LIA_WARNING
                                                  : LIA_FINE;
    const char *remedy =
        verdict ? "renew it, put the files in place and send SIGHUP (systemctl reload)" : NULL;
    if (left < 0)
        lia_doctor_say(doctor, LIA_WRONG, "tls.certificate", at, remedy,
                       "the certificate has ended %lld days ago", (long long)(-left / 86400));
    else
        lia_doctor_say(doctor, verdict, "tls.certificate", at, remedy,
                       "the certificate counts for %lld days", (long long)(left / 86400));
}

void lia_doctor_certificate(lia_doctor *doctor, const char *at, const lia_settings *settings)
{
    lia_tls *tls;
    lia_why why = {{0}};
    if (!settings->tls_key) return;
    lia_err err = lia_tls_open(&tls, settings->tls_certificate, settings->tls_key, &why);
    if (err) {
        lia_doctor_say(doctor, LIA_WRONG, "tls.certificate", at,
                       "see tls-cert and tls-key of its settings", "%s", why.text);
        return;
    }
    lia_doctor_expiry(doctor, at, lia_tls_expires(tls));
    lia_tls_close(tls);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void judge(lia_doctor *doctor, const look *l)
{
    judge_answer(doctor, l);
    if (!l->status) return;
    judge_peers(doctor, l);
    judge_lag(doctor, l);
    judge_members(doctor, l);
    judge_state(doctor, l);
    judge_work(doctor, l);
    judge_backup(doctor, l);
    int64_t expires = (int64_t)figure(l, "liaison_certificate_expires_seconds");
    if (expires) lia_doctor_expiry(doctor, name_of(l), expires);
}

static void judge_versions(lia_doctor *doctor, const look *looks, size_t count)
{
    const look *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!looks[i].status) continue;
        if (!first) first = &looks[i];
        const char *a = lia_json_text_in(first->status, "version"),
                   *b = lia_json_text_in(looks[i].status, "version");
        if (strcmp(a, b) == 0) continue;
        lia_doctor_say(doctor, LIA_WARNING, "node.version", name_of(&looks[i]),
                       "end the upgrade: what is new is switched on when all members can",
                       "it runs version %s, %s runs %s", b, name_of(first), a);
    }
}

void lia_doctor_nodes(lia_doctor *doctor, const lia_doctor_node *nodes, size_t count,
                      bool may_be_none)
{
    size_t answering = 0;
    look *looks = calloc(count + 1, sizeof *looks);
    if (!looks) return;
    for (size_t i = 0; i < count; i++) {
        looks[i].node = &nodes[i];
        ask(&looks[i]);
        answering += looks[i].status != NULL || looks[i].err == LIA_EDENIED;
    }
    if (may_be_none && !answering)
        lia_doctor_say(doctor, LIA_FINE, "node.answers", "", NULL,
                       "no node answers at the usual ports of this machine");
    else
        for (size_t i = 0; i < count; i++) judge(doctor, &looks[i]);
    judge_versions(doctor, looks, count);
    for (size_t i = 0; i < count; i++) {
        json_decref(looks[i].status);
        json_decref(looks[i].members);
        lia_bytes_fini(&looks[i].metrics);
    }
    free(looks);
}
