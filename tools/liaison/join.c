/* SPDX-License-Identifier: Apache-2.0 */
/* join, peer invite - a new node comes into the cluster by a code that is given from one person to
 * another (common/bus/join.h). No file is carried, and nobody in between is believed. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/bus/file.h"
#include "common/bus/join.h"
#include "common/wire/schema.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/roll.h"

#define VALID_DEFAULT (15 * LIA_MINUTE_MS)

/* One word with the box: {"box":"...", and what `more` says (which begins with a comma, or is
 * empty). */
static json_t *talk(lia_client *client, const char *path, const lia_join_code *code,
                    const char *more, const char *name, lia_span bytes, lia_err *err, lia_why *why)
{
    uint8_t box[LIA_JOIN_BOX_SIZE];
    lia_bytes body = {0};
    json_t *json = NULL;
    char *text = malloc(2 * bytes.size + 256);
    *err = text ? LIA_OK : LIA_EFULL;
    if (!text) return NULL;
    lia_join_box(code, box);
    size_t at = (size_t)sprintf(text, "{\"box\":\"");
    lia_hex_print(LIA_SPAN_OF(box), text + at);
    at += 2 * sizeof box;
    at += (size_t)sprintf(text + at, "\"%s", more);
    if (name) {
        at += (size_t)sprintf(text + at, ",\"%s\":\"", name);
        lia_hex_print(bytes, text + at);
        at += 2 * bytes.size;
        text[at++] = '"';
    }
    text[at++] = '}';
    text[at] = 0;
    *err = lia_client_post(client, path, text, NULL, &body, why);
    if (!*err) json = json_loadb(body.data ? body.data : "", body.size, 0, NULL);
    if (!*err && !json)
        *err = lia_why_set(why, LIA_EIO, "%s answered with something else than JSON",
                           client->target->name);
    lia_bytes_fini(&body);
    free(text);
    return json;
}

/* The bytes under a name, in memory of malloc; false when there are none. */
static bool bytes_in(const json_t *json, const char *name, uint8_t **out, size_t *size)
{
    const char *text = json_string_value(json_object_get(json, name));
    *out = NULL;
    if (!text) return false;
    *size = strlen(text) / 2;
    *out = malloc(*size + 1);
    if (*out && lia_hex_parse(lia_span_text(text), *out, *size) == LIA_OK) return true;
    free(*out);
    *out = NULL;
    return false;
}

/* ---- invite -----------------------------------------------------------------------------------
 */

typedef struct inviting {
    const lia_args *args;
    lia_target target;
    lia_client client;
    lia_join_code code;
    lia_member member; /* name and department; then all of it */
    lia_verify_key admin;
    int64_t until_ms;
    uint8_t ask[LIA_JOIN_ASK_SIZE];
} inviting;

static lia_err fill_invited(inviting *v, lia_why *why)
{
    const char *department = lia_args_text(v->args, "department");
    if (snprintf(v->member.name, sizeof v->member.name, "%s", v->args->operands[0]) >=
        (int)sizeof v->member.name)
        return lia_why_set(why, LIA_EINVAL, "the name is longer than 31 characters");
    for (lia_department d = LIA_SALES; d < LIA_DEPARTMENTS; d++)
        if (department && strcmp(department, lia_department_name(d)) == 0)
            v->member.department = (uint8_t)d;
    if (v->member.department) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "--department: sales, marketing, service or analytics is wanted");
}

/* The list as it will be, without keys and addresses: what is wrong with a name shows before
 * anybody waits. */
static lia_err check_name(const lia_roll *roll, const inviting *v, lia_why *why)
{
    if (roll->list.count == LIA_MEMBERS_MAX)
        return lia_why_set(why, LIA_EFULL, "the member list is full");
    bool taken = lia_members_by_name(&roll->list, v->member.name) != NULL;
    for (size_t i = 0; i < roll->list.removed_count; i++)
        taken |= strcmp(roll->list.removed[i].name, v->member.name) == 0;
    if (!taken) return LIA_OK;
    return lia_why_set(why, LIA_EEXIST, "'%s' belongs, or belonged, to another member",
                       v->member.name);
}

static lia_err open_box(inviting *v, int64_t valid_ms, lia_why *why)
{
    char more[64];
    lia_err err;
    snprintf(more, sizeof more, ",\"seconds\":%lld", (long long)(valid_ms / 1000));
    json_decref(talk(&v->client, "/joins", &v->code, more, NULL, LIA_SPAN_NONE, &err, why));
    return err;
}

/* Waits for a question that was made with the code; others are thrown out, and said. */
static lia_err wait_for_ask(inviting *v, lia_why *why)
{
    lia_err err = LIA_OK;
    while (!err && lia_time_ticks_ms() < v->until_ms) {
        size_t size;
        uint8_t *bytes;
        lia_member asks;
        json_t *said =
            talk(&v->client, "/joins:look", &v->code, "", NULL, LIA_SPAN_NONE, &err, why);
        bool asked = !err && bytes_in(said, "ask", &bytes, &size);
        json_decref(said);
        if (!asked) {
            lia_roll_pause();
            continue;
        }
        lia_err bad = lia_join_ask_read(&asks, &v->code, lia_span_make(bytes, size));
        if (!bad) memcpy(v->ask, bytes, sizeof v->ask);
        free(bytes);
        if (!bad) {
            snprintf(asks.name, sizeof asks.name, "%s", v->member.name);
            asks.department = v->member.department;
            v->member = asks;
            return LIA_OK;
        }
        fprintf(stderr, "liaison: somebody asked without having the code, or was changed on the "
                        "way: refused\n");
        json_decref(talk(&v->client, "/joins:look", &v->code, ",\"refused\":true", NULL,
                         LIA_SPAN_NONE, &err, why));
    }
    return err ? err
               : lia_why_set(why, LIA_EABSENT, "nobody used the code in time; it counts no more");
}

/* With the list as it is now: others may have signed meanwhile. */
static lia_err take_in(inviting *v, char missing[LIA_ROLL_TEXT], lia_why *why)
{
    lia_roll roll;
    uint8_t list[LIA_SIGNED_BYTES_MAX];
    size_t size;
    lia_err err = lia_roll_open(&roll, v->args, true, why);
    if (err) return err;
    err = check_name(&roll, v, why);
    v->member.number = lia_roll_free_number(&roll.list);
    if (!err) {
        roll.list.list[roll.list.count++] = v->member;
        roll.newcomer = v->member.number;
        err = lia_roll_publish(&roll, &roll.admin, 0, missing, why);
    }
    if (!err) err = lia_members_sign(&roll.list, &roll.admin, list, &size, why);
    if (!err) {
        static uint8_t answer[LIA_JOIN_ANSWER_MAX];
        size_t all = lia_join_answer_write(answer, &v->code, LIA_SPAN_OF(v->ask), v->member.number,
                                           &v->admin, lia_span_make(list, size));
        json_decref(talk(&v->client, "/joins:look", &v->code, "", "answer",
                         lia_span_make(answer, all), &err, why));
    }
    lia_roll_fini(&roll);
    return err;
}

static lia_err invite(inviting *v, int64_t valid_ms, char missing[LIA_ROLL_TEXT], lia_why *why)
{
    char text[LIA_JOIN_CODE_TEXT_SIZE];
    lia_roll roll;
    lia_err err = fill_invited(v, why);
    if (!err) err = lia_target_find(&v->target, v->args, why);
    if (!err) err = lia_roll_open(&roll, v->args, true, why);
    if (err) return err;
    v->admin = lia_sign_public(&roll.admin);
    lia_join_code_make(&v->code, roll.list.cluster, &v->admin);
    err = check_name(&roll, v, why);
    lia_roll_fini(&roll);
    if (!err) err = lia_client_open(&v->client, &v->target, why);
    if (!err) err = open_box(v, valid_ms, why);
    if (err) return err;
    v->until_ms = lia_time_ticks_ms() + valid_ms;
    lia_join_code_print(&v->code, text);
    printf("%s\n", text);
    fflush(stdout);
    fprintf(stderr,
            "At the new host:\n\n    liaison join %s \\\n        --at %.*s --dir DIR --http "
            "ADDRESS --bus ADDRESS\n\n"
            "It counts once, for %s in %s, while this command waits (%s).\n",
            text, (int)(strlen(v->target.url) - strlen("/api/v1")), v->target.url, v->member.name,
            lia_department_name((lia_department)v->member.department), lia_out_span_ms(valid_ms));
    err = wait_for_ask(v, why);
    return err ? err : take_in(v, missing, why);
}

static int run_invite(const lia_args *args)
{
    lia_why why = {{0}};
    char missing[LIA_ROLL_TEXT] = "";
    inviting v = {.args = args};
    int64_t valid_ms = VALID_DEFAULT;
    const char *valid = lia_args_text(args, "valid");
    if (valid && (lia_period_parse(lia_span_text(valid), &valid_ms) || valid_ms < 1000 ||
                  valid_ms > LIA_DAY_MS))
        return lia_args_fail(args, "--valid: '%s': " LIA_PERIOD_WANTED "; a day at most", valid);
    lia_err err = invite(&v, valid_ms, missing, &why);
    lia_client_close(&v.client);
    lia_wipe(&v.code, sizeof v.code);
    if (err) return lia_args_fail(args, "%s", why.text[0] ? why.text : lia_err_text(err));
    fprintf(stderr, "%s is number %u\n", v.member.name, v.member.number);
    if (*missing)
        fprintf(stderr, "not yet known at %s: they learn of it as soon as they are reached\n",
                missing);
    return *missing ? 1 : 0;
}

/* ---- join -------------------------------------------------------------------------------------
 */

typedef struct joining {
    const lia_args *args;
    const char *dir;
    char folder[PATH_MAX - 64]; /* DIR/joining: where the keys are until there is a name */
    lia_join_code code;
    lia_target target;
    lia_client client;
    lia_node_keys keys;
    uint8_t ask[LIA_JOIN_ASK_SIZE];
    lia_members members;
    const lia_member *self;
} joining;

static lia_err path_of(char path[PATH_MAX], const char *dir, const char *name, lia_why *why)
{
    if (snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", dir);
}

static lia_err make_folder(const char *path, lia_why *why)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return LIA_OK;
    return lia_why_set(why, LIA_EIO, "cannot make the folder %.300s: %s", path, strerror(errno));
}

/* Keys of a try that broke off are used again, so that its question is the same one. */
static lia_err make_keys(joining *j, lia_why *why)
{
    char path[PATH_MAX], list[PATH_MAX];
    lia_err err = path_of(list, j->dir, "members", why);
    if (!err && access(list, F_OK) == 0)
        err = lia_why_set(why, LIA_EEXIST, "%s holds a cluster already and is left alone", j->dir);
    snprintf(j->folder, sizeof j->folder, "%.3000s/joining", j->dir);
    if (!err) err = make_folder(j->dir, why);
    if (!err) err = make_folder(j->folder, why);
    if (!err) err = path_of(path, j->folder, "node.keys", why);
    if (err) return err;
    if (access(path, F_OK) == 0) return lia_node_keys_read(&j->keys, path, why);
    lia_node_keys_make(&j->keys);
    return lia_node_keys_write(&j->keys, path, why);
}

static lia_err write_ask(joining *j, lia_why *why)
{
    lia_member self = {.number = 0};
    const struct {
        const char *option;
        char *to;
        size_t size;
    } addresses[] = {{"http", self.http, sizeof self.http},
                     {"bus", self.bus, sizeof self.bus},
                     {"pub", self.pub, sizeof self.pub}};
    for (size_t i = 0; i < LIA_COUNT(addresses); i++) {
        const char *given = lia_args_text(j->args, addresses[i].option);
        if (!given && i < 2)
            return lia_why_set(why, LIA_EINVAL, "--http and --bus are needed: its own addresses");
        if (given &&
            snprintf(addresses[i].to, addresses[i].size, "%s", given) >= (int)addresses[i].size)
            return lia_why_set(why, LIA_EINVAL, "--%s: the address is too long",
                               addresses[i].option);
    }
    memcpy(self.curve_key, j->keys.curve_public, sizeof self.curve_key);
    self.verify_key = j->keys.verify;
    lia_join_ask_write(j->ask, &j->code, &self);
    return LIA_OK;
}

static lia_err keep(joining *j, const lia_verify_key *admin, lia_span list, lia_why *why)
{
    char path[PATH_MAX], folder[PATH_MAX];
    lia_err err = path_of(folder, j->dir, j->self->name, why);
    if (!err && rename(j->folder, folder))
        err = lia_why_set(why, LIA_EIO, "cannot rename %s to %s: %s", j->folder, folder,
                          strerror(errno));
    if (!err) err = lia_admin_public_write(admin, j->dir, why);
    if (!err) err = path_of(path, j->dir, "members", why);
    return err ? err
               : lia_file_replace(path, list, 0644,
                                  why); /* last: a folder that has it is complete */
}

static lia_err take_answer(joining *j, lia_span answer, lia_why *why)
{
    lia_verify_key admin;
    lia_span list;
    lia_err err = lia_join_answer_read(&j->members, &j->self, &admin, &list, &j->code,
                                       LIA_SPAN_OF(j->ask), answer, why);
    return err ? err : keep(j, &admin, list, why);
}

static lia_err ask(joining *j, lia_why *why)
{
    int64_t until_ms = lia_time_ticks_ms() + 1000 * (int64_t)lia_args_number(j->args, "wait", 120);
    lia_err err = LIA_OK;
    while (!err && lia_time_ticks_ms() < until_ms) {
        size_t size;
        uint8_t *bytes;
        json_t *said =
            talk(&j->client, "/joins:ask", &j->code, "", "ask", LIA_SPAN_OF(j->ask), &err, why);
        bool answered = !err && bytes_in(said, "answer", &bytes, &size);
        json_decref(said);
        if (answered) {
            err = take_answer(j, lia_span_make(bytes, size), why);
            free(bytes);
            return err;
        }
        lia_roll_pause();
    }
    return err ? err
               : lia_why_set(why, LIA_EBUSY,
                             "no answer yet: does 'liaison peer invite' still wait? Try again");
}

static lia_err join(joining *j, lia_why *why)
{
    const char *at = lia_args_text(j->args, "at");
    lia_err err = lia_join_code_parse(&j->code, lia_span_text(j->args->operands[0]), why);
    j->dir = lia_args_text(j->args, "dir");
    if (!err && (!at || !j->dir))
        err = lia_why_set(why, LIA_EINVAL,
                          "--at and --dir are needed: a node of the cluster, and a folder here");
    if (!err) err = lia_target_parse(&j->target, at, 27100, why);
    if (!err) err = make_keys(j, why);
    if (!err) err = write_ask(j, why);
    if (!err) err = lia_client_open(&j->client, &j->target, why);
    if (!err) err = ask(j, why);
    lia_client_close(&j->client);
    lia_wipe(&j->keys, sizeof j->keys);
    lia_wipe(&j->code, sizeof j->code);
    return err;
}

/* Beside this program, or wherever programs are. */
static int start(const joining *j)
{
    char program[64];
    snprintf(program, sizeof program, "liaison-%s",
             lia_department_name((lia_department)j->self->department));
    execlp(program, program, "--dir", j->dir, "--name", j->self->name, (char *)NULL);
    return lia_args_fail(j->args, "%s cannot be started: %s", program, strerror(errno));
}

static int run_join(const lia_args *args)
{
    static joining j;
    lia_why why = {{0}};
    j = (joining){.args = args};
    lia_err err = join(&j, &why);
    if (err) return lia_args_fail(args, "%s", why.text[0] ? why.text : lia_err_text(err));
    const char *department = lia_department_name((lia_department)j.self->department);
    printf("this is %s, number %u\n", j.self->name, j.self->number);
    fflush(stdout);
    if (lia_args_has(args, "start")) return start(&j);
    fprintf(stderr, "Start it:\n\n    liaison-%s --dir %s --name %s\n\n", department, j.dir,
            j.self->name);
    return 0;
}

/* ---- tables -----------------------------------------------------------------------------------
 */

static const lia_option invite_options[] = {
    {.name = "department", .value = "NAME", .help = "sales, marketing, service or analytics"},
    {.name = "valid",
     .value = "T",
     .help = "how long the code counts (default: 15min; a day at most)"},
    LIA_OPTION_DIR,
    LIA_OPTION_NODES,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_ADMIN,
    LIA_OPTION_WAIT,
};
const lia_subcommand lia_peer_invite = {
    .name = "peer invite",
    .purpose = "make a code with which one new node comes into the cluster, and let it in",
    .operands = "NAME",
    .details = "Prints the code and waits for whoever uses it; then signs the member list with the "
               "new node's\n"
               "keys. The code counts once, for this name and department, and only while the "
               "command waits.\n"
               "Give it to nobody but whoever sets up the host. The node that carries the words "
               "between the two\n"
               "(the first of the list, or --node) is not trusted, nor is the network.",
    .example = "liaison peer invite sales2 --department sales --dir /var/lib/liaison",
    .options = invite_options,
    .option_count = LIA_COUNT(invite_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_invite,
};

static const lia_option join_options[] = {
    {.name = "at",
     .value = "URL",
     .help = "the node that 'peer invite' named, http://10.0.0.1:27100"},
    {.name = "dir", .value = "DIR", .help = "the folder to make here; must hold no cluster yet"},
    {.name = "http", .value = "ADDRESS", .help = "of its own HTTP server, 127.0.0.1:27100"},
    {.name = "bus", .value = "ADDRESS", .help = "numeric, of its own bus, 10.0.0.5:27104"},
    {.name = "pub", .value = "ADDRESS", .help = "numeric, of its public stream; may be absent"},
    {.name = "start", .help = "become the node when it is in"},
    {.name = "wait",
     .value = "SECONDS",
     .is_number = true,
     .min = 1,
     .max = 86400,
     .help = "how long to wait for the answer (default: 120)"},
    {.name = "ca",
     .value = "FILE",
     .help = "certificates to trust for an --at with https:// (default: the\n"
             "environment's LIA_CA)"},
};
const lia_subcommand lia_join_command = {
    .name = "join",
    .purpose = "make this host a node of a cluster, with a code from its administrators",
    .operands = "CODE",
    .details = "Keys are made here and stay here. The answer is believed only if it was made with "
               "the same code,\n"
               "by the key whose fingerprint is in the code. A try that broke off may be repeated.",
    .example = "liaison join join-... --at http://10.0.0.1:27100 --dir /var/lib/liaison \\\n"
               "    --http 127.0.0.1:27100 --bus 10.0.0.5:27104",
    .options = join_options,
    .option_count = LIA_COUNT(join_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_join,
};
