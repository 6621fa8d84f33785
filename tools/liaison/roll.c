/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/roll.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/time.h"
#include "common/bus/file.h"
#include "tools/liaison/out.h"

#define WAIT_SECONDS 30
#define TIMEOUT_MS   5000L
#define PAUSE_MS     200
/* Nodes hear of a list from one another; those that do not by then are told directly. */
#define HEARSAY_MS 2000

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

void lia_roll_pause(void)
{
    pause_ms(PAUSE_MS);
}

static int64_t deadline(const lia_roll *roll)
{
    return lia_time_ticks_ms() + 1000 * (int64_t)lia_args_number(roll->args, "wait", WAIT_SECONDS);
}

/* ---- talking to one node --------------------------------------------------------------------- */

static lia_err target_of(const lia_roll *roll, const lia_member *member, lia_target *out,
                         lia_why *why)
{
    if (!*member->http)
        return lia_why_set(why, LIA_EABSENT, "%s has no HTTP address", member->name);
    lia_err err = lia_target_parse(out, member->http, 1, why);
    snprintf(out->name, sizeof out->name, "%s", member->name);
    snprintf(out->token, sizeof out->token, "%s", roll->token);
    return err;
}

static json_t *get(const lia_target *target, const char *path, lia_why *why)
{
    lia_client client;
    if (lia_client_open(&client, target, why)) return NULL;
    json_t *json = lia_client_json(&client, path, TIMEOUT_MS, why);
    lia_client_close(&client);
    return json;
}

json_t *lia_roll_get(const lia_roll *roll, const lia_member *member, const char *path, lia_why *why)
{
    lia_target target;
    return target_of(roll, member, &target, why) ? NULL : get(&target, path, why);
}

static lia_err give_to(const lia_target *target, const char *path, lia_span list, lia_why *why)
{
    lia_client client;
    lia_bytes body = {0};
    char *json = malloc(2 * list.size + 32);
    if (!json) return lia_why_set(why, LIA_EFULL, "no memory");
    size_t at = (size_t)sprintf(json, "{\"list\":\"");
    lia_hex_print(list, json + at);
    strcat(json + at, "\"}");
    lia_err err = lia_client_open(&client, target, why);
    if (!err) {
        err = lia_client_post(&client, path, json, NULL, &body, why);
        lia_client_close(&client);
    }
    lia_bytes_fini(&body);
    free(json);
    return err;
}

static lia_err give(const lia_target *target, lia_span list, lia_why *why)
{
    return give_to(target, "/members", list, why);
}

/* Numbers are never given again. */
uint16_t lia_roll_free_number(const lia_members *list)
{
    uint16_t number = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].number > number) number = list->list[i].number;
    for (size_t i = 0; i < list->removed_count; i++)
        if (list->removed[i].number > number) number = list->removed[i].number;
    return (uint16_t)(number + 1);
}

/* ---- the latest list ------------------------------------------------------------------------- */

static lia_err take_if_later(lia_roll *roll, const json_t *answer, const lia_verify_key *known,
                             lia_why *why)
{
    const char *hex = lia_json_text_in(answer, "list");
    size_t size = strlen(hex) / 2;
    uint8_t *bytes = malloc(size + 1);
    lia_members *found = malloc(sizeof *found);
    lia_err err = bytes && found ? LIA_OK : LIA_EFULL;
    if (!err) err = lia_hex_parse(lia_span_make(hex, 2 * size), bytes, size);
    if (!err) err = lia_members_parse(found, known, lia_span_make(bytes, size), why);
    if (!err && (!roll->list.epoch || lia_members_later(found, &roll->list))) roll->list = *found;
    free(found);
    free(bytes);
    return err;
}

static lia_err fetch(lia_roll *roll, const lia_targets *targets, const lia_verify_key *known,
                     lia_why *why)
{
    lia_err first = LIA_OK;
    for (size_t i = 0; i < targets->count; i++) {
        lia_why one = {{0}};
        json_t *answer = get(&targets->list[i], "/members", &one);
        lia_err err = answer ? take_if_later(roll, answer, known, &one) : LIA_EIO;
        json_decref(answer);
        if (err && !first) {
            first = err;
            *why = one;
        }
    }
    return roll->list.epoch ? LIA_OK : first;
}

/* The key that lists are checked against: the administrators' own, or what the folder pins. */
static lia_err known_key(lia_roll *roll, bool needs_key, lia_verify_key *known, lia_why *why)
{
    const char *admin = lia_args_text(roll->args, "admin");
    if (!admin) admin = roll->dir;
    if (!admin)
        return lia_why_set(why, LIA_EINVAL,
                           needs_key ? "--dir or --admin is missing: the folder with admin.key"
                                     : "--dir is missing: the cluster's folder, with admin.pub");
    if (!needs_key) return lia_admin_public_read(known, admin, why);
    lia_err err = lia_admin_key_read(&roll->admin, admin, why);
    if (!err) *known = lia_sign_public(&roll->admin);
    return err;
}

lia_err lia_roll_open(lia_roll *out, const lia_args *args, bool needs_key, lia_why *why)
{
    lia_targets targets;
    lia_verify_key known;
    *out = (lia_roll){.args = args, .dir = lia_args_text(args, "dir")};
    lia_err err = known_key(out, needs_key, &known, why);
    if (!err) err = lia_targets_find(&targets, args, why);
    if (err) return err;
    if (targets.count) snprintf(out->token, sizeof out->token, "%s", targets.list[0].token);
    err = fetch(out, &targets, &known, why);
    out->before = out->list;
    return err;
}

void lia_roll_fini(lia_roll *roll)
{
    lia_wipe(&roll->admin, sizeof roll->admin);
}

/* ---- publishing ------------------------------------------------------------------------------ */

/* Anybody may be the first to know; those of the list before can be reached. */
static lia_err give_first(const lia_roll *roll, lia_span list, lia_why *why)
{
    lia_err err = lia_why_set(why, LIA_EIO, "no node has an HTTP address");
    for (size_t i = 0; i < roll->before.count; i++) {
        lia_target target;
        lia_why one = {{0}};
        if (target_of(roll, &roll->before.list[i], &target, &one)) continue;
        err = give(&target, list, &one);
        if (!err) return LIA_OK;
        *why = one;
        if (err != LIA_EIO) return err;
    }
    return err;
}

static bool has_it(const lia_roll *roll, const lia_member *member)
{
    lia_why why;
    json_t *answer = lia_roll_get(roll, member, "/members", &why);
    bool has = lia_json_int_in(answer, "in_force") >= (int64_t)roll->list.epoch;
    json_decref(answer);
    return has;
}

static void tell(const lia_roll *roll, const lia_member *member, lia_span list)
{
    lia_target target;
    lia_why why;
    if (target_of(roll, member, &target, &why) == LIA_OK) (void)!give(&target, list, &why);
}

static size_t count_missing(const lia_roll *roll, bool *has, char missing[LIA_ROLL_TEXT])
{
    size_t count = 0, at = 0;
    missing[0] = 0;
    for (size_t i = 0; i < roll->list.count; i++) {
        has[i] = has[i] || roll->list.list[i].number == roll->newcomer ||
                 has_it(roll, &roll->list.list[i]);
        if (has[i]) continue;
        if (at < LIA_ROLL_TEXT - 40)
            at += (size_t)snprintf(missing + at, LIA_ROLL_TEXT - at, "%s%s", count ? ", " : "",
                                   roll->list.list[i].name);
        count++;
    }
    return count;
}

static void wait_for_all(const lia_roll *roll, lia_span list, char missing[LIA_ROLL_TEXT])
{
    bool has[LIA_MEMBERS_MAX] = {false};
    lia_progress progress = {0};
    int64_t until = deadline(roll), told = lia_time_ticks_ms() + HEARSAY_MS;
    size_t left;
    while ((left = count_missing(roll, has, missing)) && lia_time_ticks_ms() < until) {
        lia_progress_show(&progress, "list %llu: %zu of %zu nodes have it, waiting for %s",
                          (unsigned long long)roll->list.epoch, roll->list.count - left,
                          roll->list.count, missing);
        if (lia_time_ticks_ms() >= told) {
            for (size_t i = 0; i < roll->list.count; i++)
                if (!has[i]) tell(roll, &roll->list.list[i], list);
            told = lia_time_ticks_ms() + HEARSAY_MS;
        }
        pause_ms(PAUSE_MS);
    }
    lia_progress_end(&progress);
}

/* Who leaves takes no commands from here on, and is left alone until the others have all it has.
 * One that does not answer has nothing more to say. */
static lia_err drain(const lia_roll *roll, const lia_member *gone, lia_span list, lia_why *why)
{
    lia_target target;
    lia_progress progress = {0};
    int64_t left;
    int64_t until = deadline(roll);
    if (target_of(roll, gone, &target, why)) return LIA_OK;
    lia_err err = give_to(&target, "/members?drain=true", list, why);
    if (err) return err == LIA_EIO ? LIA_OK : err;
    while ((left = lia_roll_unshared(roll, gone->number)) > 0 && lia_time_ticks_ms() < until) {
        lia_progress_show(&progress, "%s: %lld events that no other node has yet", gone->name,
                          (long long)left);
        lia_roll_pause();
    }
    lia_progress_end(&progress);
    if (left <= 0) return LIA_OK;
    return lia_why_set(
        why, LIA_EBUSY,
        "%s has %lld events that no other node has. It takes no commands now, until it "
        "is started again; --force removes it and loses them",
        gone->name, (long long)left);
}

static lia_err write_beside(const lia_roll *roll, lia_span list, lia_why *why)
{
    char path[PATH_MAX];
    if (!roll->dir) return LIA_OK;
    if (snprintf(path, sizeof path, "%s/members", roll->dir) >= (int)sizeof path) return LIA_EINVAL;
    return lia_file_replace(path, list, 0644, why);
}

lia_err lia_roll_publish(lia_roll *roll, const lia_sign_key *signer, uint16_t also,
                         char missing[LIA_ROLL_TEXT], lia_why *why)
{
    uint8_t *bytes = malloc(LIA_SIGNED_BYTES_MAX);
    size_t size;
    if (!bytes) return lia_why_set(why, LIA_EFULL, "no memory");
    roll->list.epoch = roll->before.epoch + 1;
    lia_err err = lia_members_check_next(&roll->before, &roll->list, why);
    if (!err) err = lia_members_sign(&roll->list, signer, bytes, &size, why);
    lia_span list = lia_span_make(bytes, err ? 0 : size);
    const lia_member *gone = also ? lia_members_find(&roll->before, also) : NULL;
    if (!err && gone && !lia_args_has(roll->args, "force")) err = drain(roll, gone, list, why);
    if (!err) err = give_first(roll, list, why);
    if (!err && gone) tell(roll, gone, list);
    if (!err) {
        lia_why beside = {{0}};
        wait_for_all(roll, list, missing);
        if (write_beside(roll, list, &beside)) fprintf(stderr, "liaison: %s\n", beside.text);
        roll->before = roll->list;
    }
    free(bytes);
    return err;
}

/* ---- lanes ----------------------------------------------------------------------------------- */

#define LANES_MAX 64

typedef struct lanes {
    uint64_t incarnations[LANES_MAX], heads[LANES_MAX];
    size_t count;
} lanes;

static uint64_t hex_in(const json_t *object, const char *name)
{
    return strtoull(lia_json_text_in(object, name), NULL, 16);
}

/* What one node holds of the lanes of `number`. */
static bool read_lanes(const lia_roll *roll, const lia_member *from, uint16_t number, lanes *out,
                       lia_why *why)
{
    size_t i;
    json_t *lane, *status = lia_roll_get(roll, from, "/status", why);
    *out = (lanes){.count = 0};
    json_array_foreach(json_object_get(status, "lanes"), i, lane)
    {
        if (lia_json_int_in(lane, "node") != number || out->count == LANES_MAX) continue;
        if (!lia_json_int_in(lane, "head")) continue;
        out->incarnations[out->count] = hex_in(lane, "incarnation");
        out->heads[out->count++] = (uint64_t)lia_json_int_in(lane, "head");
    }
    json_decref(status);
    return status != NULL;
}

static uint64_t head_in(const lanes *of, uint64_t incarnation)
{
    for (size_t i = 0; i < of->count; i++)
        if (of->incarnations[i] == incarnation) return of->heads[i];
    return 0;
}

static bool same_lanes(const lanes *a, const lanes *b, uint64_t present)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->incarnations[i] != present && head_in(b, a->incarnations[i]) != a->heads[i])
            return false;
    return true;
}

/* Whether all members hold the same, the lane that is written now aside. */
static bool all_hold(const lia_roll *roll, uint16_t number, uint64_t present, lanes *out,
                     lia_why *why)
{
    for (size_t i = 0; i < roll->list.count; i++) {
        const lia_member *member = &roll->list.list[i];
        lanes here;
        if (!read_lanes(roll, member, number, &here, why)) return false;
        if (i == 0) *out = here;
        if (same_lanes(out, &here, present) && same_lanes(&here, out, present)) continue;
        lia_why_set(why, LIA_EBUSY, "%s and %s do not hold the same of it yet",
                    roll->list.list[0].name, member->name);
        return false;
    }
    return true;
}

/* The same at two looks with a pause between: nothing was on its way to a disk. */
static bool is_settled(const lia_roll *roll, uint16_t number, uint64_t present, lanes *out,
                       lia_why *why)
{
    lanes again;
    if (!all_hold(roll, number, present, out, why)) return false;
    pause_ms(1000);
    if (!all_hold(roll, number, present, &again, why)) return false;
    if (same_lanes(out, &again, present) && same_lanes(&again, out, present)) return true;
    lia_why_set(why, LIA_EBUSY, "its lanes still grow");
    return false;
}

bool lia_roll_close(lia_roll *roll, uint16_t number, uint64_t present, lia_why *why)
{
    lanes found;
    char missing[LIA_ROLL_TEXT];
    lia_progress progress = {0};
    int64_t until = deadline(roll);
    bool settled;
    while (!(settled = is_settled(roll, number, present, &found, why)) &&
           lia_time_ticks_ms() < until) {
        lia_progress_show(&progress, "former keys of %s: %s", lia_members_name(&roll->list, number),
                          why->text);
        pause_ms(PAUSE_MS);
    }
    lia_progress_end(&progress);
    if (!settled) return false;
    for (size_t i = 0; i < found.count; i++)
        if (found.incarnations[i] == present) found.heads[i] = 0;
    lia_err err =
        lia_members_close(&roll->list, number, found.incarnations, found.heads, found.count, why);
    if (!err) err = lia_roll_publish(roll, &roll->admin, 0, missing, why);
    return err == LIA_OK;
}

uint64_t lia_roll_incarnation(const lia_roll *roll, uint16_t number)
{
    lia_why why;
    const lia_member *member = lia_members_find(&roll->list, number);
    json_t *status = member ? lia_roll_get(roll, member, "/status", &why) : NULL;
    uint64_t incarnation = hex_in(status, "incarnation");
    json_decref(status);
    return incarnation;
}

int64_t lia_roll_unshared(const lia_roll *roll, uint16_t number)
{
    lanes own, here;
    lia_why why;
    int64_t unshared = 0;
    const lia_member *member = lia_members_find(&roll->before, number);
    if (!member || !read_lanes(roll, member, number, &own, &why)) return -1;
    for (size_t lane = 0; lane < own.count; lane++) {
        uint64_t most = 0;
        for (size_t i = 0; i < roll->before.count; i++) {
            if (roll->before.list[i].number == number ||
                !read_lanes(roll, &roll->before.list[i], number, &here, &why))
                continue;
            uint64_t head = head_in(&here, own.incarnations[lane]);
            if (head > most) most = head;
        }
        if (own.heads[lane] > most) unshared += (int64_t)(own.heads[lane] - most);
    }
    return unshared;
}
