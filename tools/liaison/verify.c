/* SPDX-License-Identifier: Apache-2.0 */
/* verify - whether nodes hold the same. State can be compared only at one cut, so it waits until
 * all nodes have applied the same events of every lane, then compares their digests; where these
 * differ, the buckets, and of those the records. Beside that it shows what the nodes found when
 * they compared themselves, as they do all the time (agreement). */
#include <stdlib.h>
#include <time.h>

#include "common/base/time.h"
#include "tools/liaison/client.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

#define WAIT_SECONDS  30
#define PAUSE_MS      150
#define TIMEOUT_MS    20000L
#define BUCKET_DIGITS 32
#define BUCKETS_SHOWN 8

typedef struct side {
    const lia_target *target;
    lia_client client;
    json_t *digest; /* NULL: unreachable, and why */
    json_t *status; /* NULL: it did not answer */
    lia_why why;
} side;

typedef struct check {
    side *sides;
    size_t count;
    char why[400]; /* what keeps them from being equal */
    json_t *differences;
    size_t record_count;
    lia_progress progress;
} check;

/* ---- cuts ------------------------------------------------------------------------------------ */

static void ask(side *s)
{
    json_decref(s->digest);
    s->digest = lia_client_json(&s->client, "/digest", TIMEOUT_MS, &s->why);
}

/* The lane of the same origin, or NULL. */
static const json_t *find_lane(const json_t *digest, const json_t *like)
{
    size_t i;
    json_t *lane;
    json_array_foreach(
        json_object_get(digest, "vector"), i,
        lane) if (json_equal(json_object_get(lane, "node"), json_object_get(like, "node")) &&
                  json_equal(json_object_get(lane, "incarnation"),
                             json_object_get(like, "incarnation"))) return lane;
    return NULL;
}

/* Whether `b` has all that `a` has; says what is missing. *forked: same number, other events. */
static bool covers(check *c, const side *a, const side *b, bool *forked)
{
    size_t i;
    json_t *lane;
    json_array_foreach(json_object_get(a->digest, "vector"), i, lane)
    {
        const json_t *other = find_lane(b->digest, lane);
        json_int_t seq = lia_json_int_in(lane, "seq"),
                   has = other ? lia_json_int_in(other, "seq") : 0;
        bool same = seq == has && (seq == 0 || json_equal(json_object_get(lane, "hash"),
                                                          json_object_get(other, "hash")));
        if (same) continue;
        *forked = seq == has;
        if (*forked)
            snprintf(c->why, sizeof c->why,
                     "event %lld of node %lld is another one on %s than on %s", (long long)seq,
                     (long long)lia_json_int_in(lane, "node"), a->target->name, b->target->name);
        else
            snprintf(c->why, sizeof c->why, "node %lld's log: %s has %s events, %s %s",
                     (long long)lia_json_int_in(lane, "node"), a->target->name,
                     lia_out_count((uint64_t)seq), b->target->name, lia_out_count((uint64_t)has));
        return false;
    }
    return true;
}

static bool at_one_cut(check *c, bool *forked)
{
    *forked = false;
    for (size_t i = 0; i < c->count; i++) {
        if (c->sides[i].digest) continue;
        snprintf(c->why, sizeof c->why, "%s", c->sides[i].why.text);
        return false;
    }
    for (size_t i = 1; i < c->count; i++)
        if (!covers(c, &c->sides[0], &c->sides[i], forked) || *forked ||
            !covers(c, &c->sides[i], &c->sides[0], forked))
            return false;
    return true;
}

static bool wait_for_cut(check *c, uint64_t wait_ms)
{
    uint64_t begun = lia_time_ticks_ns();
    const struct timespec pause = {0, PAUSE_MS * 1000000};
    for (;;) {
        bool forked;
        for (size_t i = 0; i < c->count; i++) ask(&c->sides[i]);
        if (at_one_cut(c, &forked)) return true;
        uint64_t waited = (lia_time_ticks_ns() - begun) / 1000000;
        if (forked || waited >= wait_ms) return false;
        lia_progress_show(&c->progress, "waiting, %llu s: %s", (unsigned long long)waited / 1000,
                          c->why);
        nanosleep(&pause, NULL);
    }
}

static bool is_unreachable(const check *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!c->sides[i].digest) return true;
    return false;
}

/* ---- differences ----------------------------------------------------------------------------- */

static const char *buckets_of(const side *s)
{
    return lia_json_text_in(s->digest, "buckets");
}

/* Puts the bucket's records of one node into {"kind id": {"sales": hash, ...}}. */
static void gather(side *s, size_t bucket, json_t *all)
{
    char path[32], key[80];
    size_t i;
    json_t *record;
    snprintf(path, sizeof path, "/digest/%zu", bucket);
    json_t *answer = lia_client_json(&s->client, path, TIMEOUT_MS, &s->why);
    json_array_foreach(json_object_get(answer, "records"), i, record)
    {
        snprintf(key, sizeof key, "%s %s", lia_json_text_in(record, "kind"),
                 lia_json_text_in(record, "id"));
        json_t *hashes = json_object_get(all, key);
        if (!hashes) {
            hashes = json_object();
            json_object_set_new(all, key, hashes);
        }
        json_object_set(hashes, s->target->name, json_object_get(record, "hash"));
    }
    json_decref(answer);
}

static bool all_same(const json_t *hashes, size_t count)
{
    const char *name, *first = NULL;
    json_t *hash;
    json_object_foreach((json_t *)(uintptr_t)hashes, name, hash)
    {
        if (!first) first = json_string_value(hash);
        if (strcmp(first, json_string_value(hash))) return false;
    }
    return json_object_size(hashes) == count;
}

static void compare_bucket(check *c, size_t bucket)
{
    json_t *all = json_object(), *records = json_object(), *hashes;
    const char *key;
    for (size_t i = 0; i < c->count; i++) gather(&c->sides[i], bucket, all);
    json_object_foreach(all, key, hashes)
    {
        if (all_same(hashes, c->count)) continue;
        json_object_set(records, key, hashes);
        c->record_count++;
    }
    json_array_append_new(c->differences,
                          json_pack("{s:I,s:o}", "bucket", (json_int_t)bucket, "records", records));
    json_decref(all);
}

/* True when all digests are the same. Otherwise looks into the first buckets that differ. */
static bool compare(check *c)
{
    bool same = true;
    const char *first = buckets_of(&c->sides[0]);
    for (size_t i = 1; i < c->count; i++)
        same &= strcmp(first, buckets_of(&c->sides[i])) == 0 &&
                json_equal(json_object_get(c->sides[0].digest, "digest"),
                           json_object_get(c->sides[i].digest, "digest"));
    size_t count = strlen(first) / BUCKET_DIGITS;
    for (size_t b = 0; b < count && !same && json_array_size(c->differences) < BUCKETS_SHOWN; b++) {
        bool differs = false;
        for (size_t i = 1; i < c->count; i++)
            differs |= strncmp(first + b * BUCKET_DIGITS,
                               buckets_of(&c->sides[i]) + b * BUCKET_DIGITS, BUCKET_DIGITS) != 0;
        if (!differs) continue;
        lia_progress_show(&c->progress, "bucket %zu differs, reading its records", b);
        compare_bucket(c, b);
    }
    return same;
}

/* ---- agreement ------------------------------------------------------------------------------- */

/* What each node says of its last comparison with each peer that is looked at. */
static json_t *agreement_of(check *c)
{
    json_t *all = json_array(), *peer;
    size_t n;
    for (size_t i = 0; i < c->count; i++) {
        side *s = &c->sides[i];
        s->status = lia_client_json(&s->client, "/status", TIMEOUT_MS, &s->why);
        json_array_foreach(json_object_get(s->status, "peers"), n, peer)
        {
            json_t *one =
                json_pack("{s:O,s:O,s:b,s:O,s:O}", "node", json_object_get(s->status, "node"),
                          "with", json_object_get(peer, "name"), "agrees",
                          !json_is_true(json_object_get(peer, "differs")), "comparisons",
                          json_object_get(peer, "comparisons"), "buckets_differing",
                          json_object_get(peer, "buckets_differing"));
            json_t *ago = json_object_get(peer, "compared_ms_ago");
            if (one && ago) json_object_set(one, "compared_ms_ago", ago);
            if (one) json_array_append_new(all, one);
        }
    }
    return all;
}

/* Never compared is neither. */
static const char *verdict_of(const json_t *one, lia_color *color)
{
    bool agrees = json_is_true(json_object_get(one, "agrees"));
    *color = agrees ? LIA_PLAIN : LIA_RED;
    if (!agrees) return "differs";
    return lia_json_int_in(one, "comparisons") ? "equal" : "not compared yet";
}

static void show_agreement(const json_t *agreement)
{
    static const char *const heads[] = {"node", "with", "at their last cut", "ago", "cuts"};
    size_t i;
    json_t *one;
    lia_grid grid;
    lia_grid_init(&grid, LIA_COUNT(heads));
    grid.to_right[3] = grid.to_right[4] = true;
    for (i = 0; i < LIA_COUNT(heads); i++) lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
    json_array_foreach(agreement, i, one)
    {
        lia_color color;
        const char *verdict = verdict_of(one, &color);
        const json_t *ago = json_object_get(one, "compared_ms_ago");
        int64_t buckets = lia_json_int_in(one, "buckets_differing");
        lia_grid_add(&grid, LIA_BOLD, "%s", lia_json_text_in(one, "node"));
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(one, "with"));
        if (buckets && color == LIA_RED)
            lia_grid_add(&grid, color, "%s, in %lld buckets", verdict, (long long)buckets);
        else
            lia_grid_add(&grid, color, "%s", verdict);
        lia_grid_add(&grid, LIA_PLAIN, "%s", ago ? lia_out_span_ms(json_integer_value(ago)) : "");
        lia_grid_add(&grid, LIA_PLAIN, "%s",
                     lia_out_count((uint64_t)lia_json_int_in(one, "comparisons")));
    }
    if (grid.count > grid.columns) {
        putchar('\n');
        lia_grid_print(&grid);
    }
    lia_grid_fini(&grid);
}

/* Rows that were wrong at a node, and which records they were of. */
static void show_repairs(const check *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const json_t *audit = json_object_get(c->sides[i].status, "audit");
        size_t n;
        json_t *record;
        if (!lia_json_int_in(audit, "rows_repaired")) continue;
        printf("%s has put right %s rows of its views, the last time at %s:",
               lia_json_text_in(c->sides[i].status, "node"),
               lia_out_count((uint64_t)lia_json_int_in(audit, "rows_repaired")),
               lia_json_text_in(audit, "repaired_at"));
        json_array_foreach(json_object_get(audit, "repaired"), n, record)
            printf(" %s %s", lia_json_text_in(record, "kind"), lia_json_text_in(record, "id"));
        putchar('\n');
    }
}

/* ---- showing --------------------------------------------------------------------------------- */

static json_t *names_of(const check *c)
{
    json_t *names = json_array();
    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(names, json_string(c->sides[i].target->name));
    return names;
}

static void show_json(const check *c, bool cut, bool equal, json_t *agreement)
{
    json_t *all = json_pack("{s:b,s:o}", "equal", equal, "nodes", names_of(c));
    if (cut) {
        json_object_set(all, "digest", json_object_get(c->sides[0].digest, "digest"));
        json_object_set(all, "vector", json_object_get(c->sides[0].digest, "vector"));
    } else {
        json_object_set_new(all, "reason", json_string(c->why));
    }
    if (cut && !equal) json_object_set(all, "differences", c->differences);
    json_object_set(all, "agreement", agreement);
    lia_out_json(all);
    json_decref(all);
}

static void show_differences(const check *c)
{
    size_t i;
    json_t *difference, *hashes, *hash;
    const char *key, *name;
    json_array_foreach(c->differences, i, difference)
    {
        printf("bucket %lld\n", (long long)lia_json_int_in(difference, "bucket"));
        json_object_foreach(json_object_get(difference, "records"), key, hashes)
        {
            printf("  %s\n", key);
            json_object_foreach(hashes, name, hash)
                printf("    %-12s %s\n", name, json_string_value(hash));
        }
    }
}

static void show_text(const check *c, bool cut, bool equal)
{
    if (!cut) {
        printf("%s%s%s: %s\n", lia_out_color(LIA_RED),
               is_unreachable(c) ? "unreachable" : "not at one point", lia_out_color(LIA_PLAIN),
               c->why);
        return;
    }
    if (!equal) {
        printf("%sdifferent%s: %zu records in the first %zu buckets\n", lia_out_color(LIA_RED),
               lia_out_color(LIA_PLAIN), c->record_count, json_array_size(c->differences));
        show_differences(c);
        return;
    }
    size_t i;
    json_t *lane;
    uint64_t events = 0;
    json_array_foreach(json_object_get(c->sides[0].digest, "vector"), i, lane) events +=
        (uint64_t)lia_json_int_in(lane, "seq");
    printf("%sequal%s: %zu nodes after %s events, digest %.16s\n", lia_out_color(LIA_GREEN),
           lia_out_color(LIA_PLAIN), c->count, lia_out_count(events),
           lia_json_text_in(c->sides[0].digest, "digest"));
}

/* ---- the command ----------------------------------------------------------------------------- */

static lia_err open_sides(check *c, const lia_targets *targets, lia_why *why)
{
    c->sides = calloc(targets->count, sizeof *c->sides);
    c->differences = json_array();
    if (!c->sides) return lia_why_set(why, LIA_EFULL, "no memory");
    for (; c->count < targets->count; c->count++) {
        side *s = &c->sides[c->count];
        s->target = &targets->list[c->count];
        lia_err err = lia_client_open(&s->client, s->target, why);
        if (err) return err;
    }
    return LIA_OK;
}

static void close_sides(check *c)
{
    for (size_t i = 0; i < c->count; i++) {
        lia_client_close(&c->sides[i].client);
        json_decref(c->sides[i].digest);
        json_decref(c->sides[i].status);
    }
    free(c->sides);
    json_decref(c->differences);
}

static int run(const lia_args *args)
{
    lia_targets targets;
    lia_why why = {{0}};
    check c = {0};
    if (lia_targets_find(&targets, args, &why)) return lia_args_fail(args, "%s", why.text);
    if (targets.count < 2) return lia_args_fail(args, "two nodes or more are wanted");
    lia_err err = open_sides(&c, &targets, &why);
    if (!err) {
        bool cut = wait_for_cut(&c, lia_args_number(args, "wait", WAIT_SECONDS) * 1000);
        bool equal = cut && compare(&c);
        lia_progress_end(&c.progress);
        json_t *agreement = agreement_of(&c);
        if (lia_out_is_json(args)) {
            show_json(&c, cut, equal, agreement);
        } else {
            show_text(&c, cut, equal);
            show_agreement(agreement);
            show_repairs(&c);
        }
        json_decref(agreement);
        int status = is_unreachable(&c) ? 2 : equal ? 0 : 1;
        close_sides(&c);
        return status;
    }
    close_sides(&c);
    return lia_args_fail(args, "%s", why.text);
}

static const lia_option options[] = {
    LIA_OPTION_NODES,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    {.name = "wait",
     .value = "SECONDS",
     .is_number = true,
     .max = 86400,
     .help = "how long nodes may take to reach one point (default: 30)"},
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_verify = {
    .name = "verify",
    .purpose = "prove that nodes hold the same records",
    .details = "Waits until all nodes have the same events, then compares the digests of their\n"
               "records. A difference names the records and who has them how. Then shows what the\n"
               "nodes found when they compared themselves, which they do all the time, and which\n"
               "records they have put right. Exit status: 0 equal, 1 different or never at one\n"
               "point, 2 a node is unreachable.",
    .example = "liaison verify --base 27100\n"
               "liaison verify --node http://10.0.0.1:27100 --node http://10.0.0.2:27100",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
