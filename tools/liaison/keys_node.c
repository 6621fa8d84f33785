/* SPDX-License-Identifier: Apache-2.0 */
/* keys_node - keys made where they are used: a new node's, a node's next ones, and the
 * administrators' own. Secrets never leave their folder; node.pub does. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/roll.h"

static lia_err path_in(char path[PATH_MAX], const char *dir, const char *name, const char *file,
                       lia_why *why)
{
    int size = snprintf(path, PATH_MAX, "%s/%s%s%s", dir, name, *file ? "/" : "", file);
    if (size > 0 && size < PATH_MAX) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", dir);
}

static lia_err names(const lia_args *args, const char **dir, const char **name, lia_why *why)
{
    *dir = lia_args_text(args, "dir");
    *name = lia_args_text(args, "name");
    if (*dir && *name && **name && !strchr(*name, '/')) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "--dir and --name are needed: the cluster's folder here, and the member");
}

/* ---- make ------------------------------------------------------------------------------------ */

static lia_err make_folder(const char *path, lia_why *why)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return LIA_OK;
    return lia_why_set(why, LIA_EIO, "cannot create the folder %.200s: %s", path, strerror(errno));
}

static lia_err make(const char *dir, const char *name, char public[PATH_MAX], lia_why *why)
{
    char path[PATH_MAX];
    lia_node_keys keys;
    lia_err err = path_in(path, dir, name, "", why);
    if (!err) err = make_folder(dir, why);
    if (!err) err = make_folder(path, why);
    if (!err) err = path_in(path, dir, name, "node.keys", why);
    if (!err && access(path, F_OK) == 0)
        err =
            lia_why_set(why, LIA_EEXIST,
                        "%.200s is there already and is left alone; 'liaison keys rotate' gives a "
                        "member other keys",
                        path);
    if (err) return err;
    lia_node_keys_make(&keys);
    err = lia_node_keys_write(&keys, path, why);
    if (!err) err = path_in(public, dir, name, "node.pub", why);
    if (!err) err = lia_node_public_write(&keys, public, why);
    lia_wipe(&keys, sizeof keys);
    return err;
}

static int run_make(const lia_args *args)
{
    const char *dir, *name;
    char public[PATH_MAX];
    lia_why why = {{0}};
    if (names(args, &dir, &name, &why) || make(dir, name, public, &why))
        return lia_args_fail(args, "%s", why.text);
    printf("%s\n", public);
    fprintf(stderr,
            "Give this file to whoever signs the member list:\n"
            "    liaison peer add %s --keys node.pub ...\n",
            name);
    return 0;
}

/* ---- rotate ---------------------------------------------------------------------------------- */

static lia_err make_next(const lia_args *args, const char *dir, const char *name,
                         char public[PATH_MAX], lia_why *why)
{
    char path[PATH_MAX];
    lia_node_keys present, next;
    const char *only = lia_args_text(args, "only");
    if (only && strcmp(only, "curve") && strcmp(only, "signing"))
        return lia_why_set(why, LIA_EINVAL, "--only: curve or signing is wanted");
    lia_err err = path_in(path, dir, name, "node.keys", why);
    if (!err) err = lia_node_keys_read(&present, path, why);
    if (err) return err;
    lia_node_keys_make(&next);
    if (only && strcmp(only, "curve") == 0) {
        next.sign = present.sign;
        next.verify = present.verify;
    } else if (only) {
        memcpy(next.curve_secret, present.curve_secret, sizeof next.curve_secret);
        memcpy(next.curve_public, present.curve_public, sizeof next.curve_public);
    }
    err = path_in(path, dir, name, "node.keys.next", why);
    if (!err) err = lia_node_keys_write(&next, path, why);
    if (!err) err = path_in(public, dir, name, "node.pub", why);
    if (!err) err = lia_node_public_write(&next, public, why);
    lia_wipe(&present, sizeof present);
    lia_wipe(&next, sizeof next);
    return err;
}

static bool has_admin_key(const lia_args *args, const char *dir)
{
    char path[PATH_MAX];
    const char *admin = lia_args_text(args, "admin");
    lia_why why;
    return !path_in(path, admin ? admin : dir, "admin.key", "", &why) && access(path, F_OK) == 0;
}

static int run_rotate(const lia_args *args)
{
    const char *dir, *name;
    char public[PATH_MAX];
    lia_roll roll;
    lia_why why = {{0}};
    if (names(args, &dir, &name, &why) || make_next(args, dir, name, public, &why))
        return lia_args_fail(args, "%s", why.text);
    if (!has_admin_key(args, dir)) {
        printf("%s\n", public);
        fprintf(stderr,
                "New keys lie ready. %s takes them when the member list names them: give this\n"
                "file to whoever signs it, for 'liaison peer set %s --keys node.pub'.\n",
                name, name);
        return 0;
    }
    if (lia_roll_open(&roll, args, true, &why)) return lia_args_fail(args, "%s", why.text);
    const lia_member *member = lia_members_by_name(&roll.list, name);
    if (member) return lia_peer_rekey(&roll, member->number, public);
    lia_roll_fini(&roll);
    return lia_args_fail(args, "'%s' is no member; 'liaison peer list' shows them", name);
}

/* ---- the administrators' own ------------------------------------------------------------------
 */

/* The new key is on the disk before anybody is told of it, and takes its place when they know. */
static lia_err replace_admin(lia_roll *roll, const char *dir, char missing[LIA_ROLL_TEXT],
                             lia_why *why)
{
    char next[PATH_MAX];
    lia_sign_key fresh;
    lia_verify_key fresh_public;
    lia_err err = path_in(next, dir, "admin.next", "", why);
    if (!err) err = make_folder(next, why);
    lia_sign_keys(&fresh_public, &fresh);
    if (!err) err = lia_admin_key_write(&fresh, next, why);
    if (!err) {
        lia_members_hand_over(&roll->list, &roll->admin, &fresh_public);
        err = lia_roll_publish(roll, &fresh, 0, missing, why);
    }
    if (!err) err = lia_admin_key_write(&fresh, dir, why);
    lia_wipe(&fresh, sizeof fresh);
    if (err) return err;
    char path[PATH_MAX];
    if (!path_in(path, next, "admin.key", "", why)) unlink(path);
    if (!path_in(path, next, "admin.pub", "", why)) unlink(path);
    rmdir(next);
    return LIA_OK;
}

static int run_rotate_admin(const lia_args *args)
{
    lia_roll roll;
    lia_why why = {{0}};
    char missing[LIA_ROLL_TEXT];
    const char *dir = lia_args_text(args, "admin");
    if (!dir) dir = lia_args_text(args, "dir");
    if (lia_roll_open(&roll, args, true, &why)) return lia_args_fail(args, "%s", why.text);
    lia_err err = replace_admin(&roll, dir, missing, &why);
    lia_roll_fini(&roll);
    if (err) return lia_args_fail(args, "%s", why.text);
    printf("The administrators' key is another one: member list %llu\n",
           (unsigned long long)roll.list.epoch);
    if (*missing) printf("not yet known at %s\n", missing);
    return *missing ? 1 : 0;
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define NAME                                                                                       \
    {                                                                                              \
        .name = "name", .value = "NAME", .help = "the member"                                      \
    }

static const lia_option make_options[] = {
    {.name = "dir",
     .value = "DIR",
     .help = "the cluster's folder on the machine where it will run"},
    NAME};
static const lia_option rotate_options[] = {
    LIA_OPTION_DIR,
    NAME,
    LIA_OPTION_NODES,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
    LIA_OPTION_ADMIN,
    LIA_OPTION_WAIT,
    {.name = "only",
     .value = "WHICH",
     .help = "curve (the key at its doors) or signing (under what it\n"
             "writes); default: both"}};
static const lia_option admin_options[] = {LIA_OPTION_DIR, LIA_OPTION_NODES, LIA_OPTIONS_ENTRY,
                                           LIA_OPTION_ADMIN, LIA_OPTION_WAIT};

const lia_subcommand lia_keys_make = {
    .name = "keys make",
    .purpose = "make a new node's keys, where it will run",
    .details =
        "Writes DIR/NAME/node.keys, which never leaves this machine, and DIR/NAME/node.pub for\n"
        "'liaison peer add'.",
    .example = "liaison keys make --dir /var/lib/liaison --name sales2",
    .options = make_options,
    .option_count = LIA_COUNT(make_options),
    .run = run_make,
};
const lia_subcommand lia_keys_rotate = {
    .name = "keys rotate",
    .purpose = "give a running node other keys; it goes on without a stop",
    .details = "Makes the next keys beside the present ones. With admin.key at hand it signs the "
               "member list\n"
               "that names them and waits until all nodes have it; otherwise it says what to do.",
    .example = "liaison keys rotate --dir /var/lib/liaison --name sales",
    .options = rotate_options,
    .option_count = LIA_COUNT(rotate_options),
    .run = run_rotate,
};
const lia_subcommand lia_keys_rotate_admin = {
    .name = "keys rotate-admin",
    .purpose = "replace the administrators' key; the old one vouches for the new one",
    .example = "liaison keys rotate-admin --dir /var/lib/liaison",
    .options = admin_options,
    .option_count = LIA_COUNT(admin_options),
    .run = run_rotate_admin,
};
