/* SPDX-License-Identifier: Apache-2.0 */
/* peer - members come, go, move and get other keys while the cluster runs. Each command signs the
 * next member list and waits until every node lets others in by it. */
#include <stdlib.h>

#include "common/wire/schema.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/roll.h"

/* ---- words ----------------------------------------------------------------------------------- */

static int fail(lia_roll *roll, const char *text)
{
    int status = lia_args_fail(roll->args, "%s", text);
    lia_roll_fini(roll);
    return status;
}

/* The last words: whether everybody knows. */
static int done(lia_roll *roll, const char *what, const char *missing)
{
    bool all = !*missing;
    if (lia_out_is_json(roll->args)) {
        json_t *all_json =
            json_pack("{s:b,s:I,s:s,s:s}", "ok", all, "epoch", (json_int_t)roll->list.epoch, "done",
                      what, "missing", missing);
        lia_out_json(all_json);
        json_decref(all_json);
    } else {
        printf("%s: member list %llu\n", what, (unsigned long long)roll->list.epoch);
        if (!all)
            printf("not yet known at %s: they learn of it as soon as they are reached\n", missing);
    }
    lia_roll_fini(roll);
    return all ? 0 : 1;
}

/* The operand as a member. NULL with the sentence said. */
static lia_member *named(lia_roll *roll)
{
    const char *name = roll->args->operands[0];
    const lia_member *found = lia_members_by_name(&roll->list, name);
    if (!found)
        fprintf(stderr, "liaison: '%s' is no member; 'liaison peer list' shows them\n", name);
    return (lia_member *)found;
}

static bool set_text(char *to, size_t size, const lia_args *args, const char *option)
{
    const char *given = lia_args_text(args, option);
    if (given && snprintf(to, size, "%s", given) >= (int)size) return false;
    return true;
}

static lia_err set_addresses(lia_member *member, const lia_args *args, lia_why *why)
{
    if (set_text(member->http, sizeof member->http, args, "http") &&
        set_text(member->bus, sizeof member->bus, args, "bus") &&
        set_text(member->pub, sizeof member->pub, args, "pub"))
        return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "an address is longer than 63 characters");
}

/* ---- list ------------------------------------------------------------------------------------ */

static json_t *answer_of(const lia_roll *roll, const lia_member *member)
{
    lia_why why;
    return lia_roll_get(roll, member, "/members", &why);
}

static json_t *list_json(const lia_roll *roll)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < roll->list.count; i++) {
        const lia_member *member = &roll->list.list[i];
        json_t *answer = answer_of(roll, member);
        json_t *node = json_pack(
            "{s:i,s:s,s:s,s:s,s:s,s:s,s:b}", "number", member->number, "name", member->name,
            "department", lia_department_name((lia_department)member->department), "http",
            member->http, "bus", member->bus, "pub", member->pub, "reachable", answer != NULL);
        if (answer)
            json_object_set_new(node, "epoch", json_integer(lia_json_int_in(answer, "in_force")));
        json_decref(answer);
        json_array_append_new(nodes, node);
    }
    json_t *removed = json_array();
    for (size_t i = 0; i < roll->list.removed_count; i++)
        json_array_append_new(removed,
                              json_pack("{s:i,s:s}", "number", roll->list.removed[i].number, "name",
                                        roll->list.removed[i].name));
    return json_pack("{s:I,s:o,s:o}", "epoch", (json_int_t)roll->list.epoch, "members", nodes,
                     "removed", removed);
}

static void add_row(lia_grid *grid, const lia_roll *roll, const lia_member *member)
{
    json_t *answer = answer_of(roll, member);
    int64_t epoch = lia_json_int_in(answer, "in_force");
    bool has = answer && (uint64_t)epoch >= roll->list.epoch;
    lia_grid_add(grid, LIA_PLAIN, "%u", member->number);
    lia_grid_add(grid, LIA_BOLD, "%s", member->name);
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_department_name((lia_department)member->department));
    if (answer)
        lia_grid_add(grid, has ? LIA_GREEN : LIA_YELLOW, "%lld", (long long)epoch);
    else
        lia_grid_add(grid, LIA_RED, "%s", "unreachable");
    lia_grid_add(grid, LIA_PLAIN, "%s", member->http);
    lia_grid_add(grid, LIA_PLAIN, "%s", member->bus);
    lia_grid_add(grid, LIA_PLAIN, "%s",
                 lia_members_is_open(&roll->list, member->number) ? "a former key is open" : "");
    json_decref(answer);
}

static void show_table(const lia_roll *roll)
{
    static const char *const heads[] = {"no", "name", "department", "list", "http", "bus", ""};
    lia_grid grid;
    printf("member list %llu\n\n", (unsigned long long)roll->list.epoch);
    lia_grid_init(&grid, LIA_COUNT(heads));
    grid.to_right[0] = true;
    for (size_t i = 0; i < LIA_COUNT(heads); i++) lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
    for (size_t i = 0; i < roll->list.count; i++) add_row(&grid, roll, &roll->list.list[i]);
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
    for (size_t i = 0; i < roll->list.removed_count; i++)
        printf("%sremoved: %s (%u)%s\n", i ? "" : "\n", roll->list.removed[i].name,
               roll->list.removed[i].number,
               lia_members_is_open(&roll->list, roll->list.removed[i].number)
                   ? ", its key is open: liaison peer close"
                   : "");
}

static int run_list(const lia_args *args)
{
    lia_roll roll;
    lia_why why = {{0}};
    if (lia_roll_open(&roll, args, false, &why)) return lia_args_fail(args, "%s", why.text);
    if (lia_out_is_json(args)) {
        json_t *all = list_json(&roll);
        lia_out_json(all);
        json_decref(all);
    } else {
        show_table(&roll);
    }
    lia_roll_fini(&roll);
    return 0;
}

/* ---- add ------------------------------------------------------------------------------------- */

static lia_err fill_new(lia_roll *roll, lia_member *out, lia_why *why)
{
    const lia_args *args = roll->args;
    const char *department = lia_args_text(args, "department"), *keys = lia_args_text(args, "keys");
    *out =
        (lia_member){.number = (uint16_t)lia_args_number(args, "number", lia_roll_free_number(&roll->list))};
    if (snprintf(out->name, sizeof out->name, "%s", args->operands[0]) >= (int)sizeof out->name)
        return lia_why_set(why, LIA_EINVAL, "the name is longer than 31 characters");
    for (lia_department d = LIA_SALES; d < LIA_DEPARTMENTS; d++)
        if (department && strcmp(department, lia_department_name(d)) == 0)
            out->department = (uint8_t)d;
    if (!out->department)
        return lia_why_set(why, LIA_EINVAL,
                           "--department: sales, marketing, service or analytics is wanted");
    if (!keys || !lia_args_has(args, "bus") || !lia_args_has(args, "http"))
        return lia_why_set(why, LIA_EINVAL, "--keys, --bus and --http are needed");
    lia_err err = set_addresses(out, args, why);
    return err ? err : lia_node_public_read(out->curve_key, &out->verify_key, keys, why);
}

/* What the nodes of one department share is not yet dealt out among them. */
static void warn_of_double(const lia_roll *roll, const lia_member *added)
{
    for (size_t i = 0; i < roll->list.count; i++) {
        const lia_member *other = &roll->list.list[i];
        if (other->department != added->department || other->number == added->number) continue;
        fprintf(stderr,
                "liaison: note: %s is of %s, too. What a department answers by itself, hand-overs "
                "to it "
                "above all, both nodes answer\n",
                other->name, lia_department_name((lia_department)added->department));
        return;
    }
}

static int run_add(const lia_args *args)
{
    lia_roll roll;
    lia_member member;
    lia_why why = {{0}};
    char missing[LIA_ROLL_TEXT];
    if (lia_roll_open(&roll, args, true, &why)) return lia_args_fail(args, "%s", why.text);
    if (fill_new(&roll, &member, &why)) return fail(&roll, why.text);
    if (roll.list.count == LIA_MEMBERS_MAX) return fail(&roll, "the member list is full");
    roll.list.list[roll.list.count++] = member;
    if (lia_roll_publish(&roll, &roll.admin, 0, missing, &why)) return fail(&roll, why.text);
    warn_of_double(&roll, &member);
    if (!lia_out_is_json(args))
        printf("%s is number %u. To start it, copy members and admin.pub of the cluster's folder "
               "into\n"
               "the folder that holds %s/node.keys, and there run\n\n"
               "    liaison-%s --dir DIR --name %s\n\n",
               member.name, member.number, member.name,
               lia_department_name((lia_department)member.department), member.name);
    return done(&roll, "added", missing);
}

/* ---- remove, close ----------------------------------------------------------------------------
 */

static int run_remove(const lia_args *args)
{
    lia_roll roll;
    lia_why why = {{0}};
    char missing[LIA_ROLL_TEXT];
    if (lia_roll_open(&roll, args, true, &why)) return lia_args_fail(args, "%s", why.text);
    const lia_member *member = named(&roll);
    if (!member) return fail(&roll, "nobody was removed");
    uint16_t number = member->number;
    if (lia_members_remove(&roll.list, number, &why) ||
        lia_roll_publish(&roll, &roll.admin, number, missing, &why))
        return fail(&roll, why.text);
    if (!*missing && !lia_roll_close(&roll, number, 0, &why))
        fprintf(stderr, "liaison: its key still counts (%s); run 'liaison peer close' later\n",
                why.text);
    return done(&roll, "removed", missing);
}

static int run_close(const lia_args *args)
{
    lia_roll roll;
    lia_why why = {{0}};
    if (lia_roll_open(&roll, args, true, &why)) return lia_args_fail(args, "%s", why.text);
    for (size_t i = 0; i < roll.list.former_count; i++) {
        uint16_t number = roll.list.former[i].number;
        if (roll.list.former[i].incarnation) continue;
        if (!lia_roll_close(&roll, number, lia_roll_incarnation(&roll, number), &why))
            return fail(&roll, why.text);
        i = (size_t)-1; /* the list is another one */
    }
    return done(&roll, "former keys are settled", "");
}

/* ---- set --------------------------------------------------------------------------------------
 */

int lia_peer_rekey(lia_roll *roll, uint16_t number, const char *path)
{
    uint8_t curve[LIA_CURVE_KEY_SIZE];
    lia_verify_key verify;
    lia_why why = {{0}};
    char missing[LIA_ROLL_TEXT];
    uint64_t before = lia_roll_incarnation(roll, number), after = before;
    if (lia_node_public_read(curve, &verify, path, &why) ||
        lia_members_rekey(&roll->list, number, curve, &verify, &why) ||
        lia_roll_publish(roll, &roll->admin, 0, missing, &why))
        return fail(roll, why.text);
    if (!*missing && lia_members_is_open(&roll->list, number)) {
        for (int i = 0; i < 100 && (after == before || !after); i++) {
            after = lia_roll_incarnation(roll, number);
            lia_roll_pause();
        }
        if (after == before || !after || !lia_roll_close(roll, number, after, &why))
            fprintf(stderr,
                    "liaison: its former key still counts (%s); run 'liaison peer close' later\n",
                    why.text[0] ? why.text : "it does not sign with the new one yet");
    }
    return done(roll, "has new keys", missing);
}

static int run_set(const lia_args *args)
{
    lia_roll roll;
    lia_why why = {{0}};
    char missing[LIA_ROLL_TEXT];
    const char *keys = lia_args_text(args, "keys");
    if (lia_roll_open(&roll, args, true, &why)) return lia_args_fail(args, "%s", why.text);
    lia_member *member = named(&roll);
    if (!member) return fail(&roll, "nothing was changed");
    if (!keys && !lia_args_has(args, "bus") && !lia_args_has(args, "http") &&
        !lia_args_has(args, "pub"))
        return fail(&roll, "--bus, --http, --pub or --keys: what shall be another?");
    if (set_addresses(member, args, &why)) return fail(&roll, why.text);
    if (keys) return lia_peer_rekey(&roll, member->number, keys);
    if (lia_roll_publish(&roll, &roll.admin, 0, missing, &why)) return fail(&roll, why.text);
    return done(&roll, "changed", missing);
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define COMMON LIA_OPTION_DIR, LIA_OPTION_NODES, LIA_OPTION_BASE, LIA_OPTIONS_ENTRY, LIA_OPTION_JSON
#define SIGNS  COMMON, LIA_OPTION_ADMIN, LIA_OPTION_WAIT
#define ADDRESSES                                                                                  \
    {.name = "http", .value = "ADDRESS", .help = "of its HTTP server, 127.0.0.1:27100"},           \
        {.name = "bus", .value = "ADDRESS", .help = "numeric, of its bus, 10.0.0.5:27104"},        \
    {                                                                                              \
        .name = "pub", .value = "ADDRESS", .help = "numeric, of its public stream; may be absent"  \
    }
#define KEYS                                                                                       \
    {                                                                                              \
        .name = "keys", .value = "FILE",                                                           \
        .help = "its public keys: node.pub, made there by 'liaison keys make'\n"                   \
                "or 'liaison keys rotate'"                                                         \
    }

static const lia_option list_options[] = {COMMON};
static const lia_option add_options[] = {
    SIGNS,
    ADDRESSES,
    KEYS,
    {.name = "department", .value = "NAME", .help = "sales, marketing, service or analytics"},
    {.name = "number",
     .value = "N",
     .is_number = true,
     .min = 1,
     .max = 65535,
     .help = "of the member (default: the next that nobody ever had)"},
};
static const lia_option remove_options[] = {
    SIGNS, {.name = "force", .help = "also when it has events that nobody else has"}};
static const lia_option set_options[] = {SIGNS, ADDRESSES, KEYS};
static const lia_option close_options[] = {SIGNS};

const lia_subcommand lia_peer_list = {
    .name = "peer list",
    .purpose = "show the members, and which member list each node has in force",
    .example = "liaison peer list --dir /var/lib/liaison",
    .options = list_options,
    .option_count = LIA_COUNT(list_options),
    .run = run_list,
};
const lia_subcommand lia_peer_add = {
    .name = "peer add",
    .purpose = "take a new node into the running cluster",
    .operands = "NAME",
    .details = "The node's keys are made where it will run (liaison keys make); only node.pub "
               "leaves that\n"
               "place. Needs admin.key. Prints what to do at the new node.",
    .example = "liaison peer add sales2 --department sales --http 127.0.0.1:27112 \\\n"
               "    --bus 10.0.0.5:27113 --keys node.pub --dir /var/lib/liaison",
    .options = add_options,
    .option_count = LIA_COUNT(add_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_add,
};
const lia_subcommand lia_peer_remove = {
    .name = "peer remove",
    .purpose = "cut a node off; what it wrote stays",
    .operands = "NAME",
    .details =
        "The node stops taking commands first, and is removed when the others have all that it\n"
        "has. When all nodes have the new list, and hold the same of what the removed one wrote, "
        "its key\n"
        "counts for exactly that: whoever steals it later can add nothing. Its number and "
        "name are\n"
        "not given again.",
    .example = "liaison peer remove sales2 --dir /var/lib/liaison",
    .options = remove_options,
    .option_count = LIA_COUNT(remove_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_remove,
};
const lia_subcommand lia_peer_set = {
    .name = "peer set",
    .purpose = "give a node other addresses or other keys",
    .operands = "NAME",
    .details =
        "A new bus or public address is taken at once, a new HTTP address when the node is "
        "started\n"
        "again. With --keys the node switches to the keys that 'liaison keys rotate' has laid\n"
        "down there.",
    .example = "liaison peer set service --bus 10.0.0.9:27106 --dir /var/lib/liaison",
    .options = set_options,
    .option_count = LIA_COUNT(set_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_set,
};
const lia_subcommand lia_peer_close = {
    .name = "peer close",
    .purpose = "settle what former keys count for, when all nodes are there",
    .details =
        "Removing a node or changing keys does this by itself when every node answers. Otherwise\n"
        "the former key goes on counting for all that bears the member's number, until this.",
    .example = "liaison peer close --dir /var/lib/liaison",
    .options = close_options,
    .option_count = LIA_COUNT(close_options),
    .run = run_close,
};
