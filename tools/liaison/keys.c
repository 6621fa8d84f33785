/* SPDX-License-Identifier: Apache-2.0 */
/* keys - makes a cluster's folder. The member list is written last: a folder that holds one is
 * complete, and a run that broke off is seen as such by the next. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/bus/members.h"
#include "common/wire/schema.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

#define BASE_DEFAULT 27100

/* ---- paths ----------------------------------------------------------------------------------- */

static lia_err join(char path[PATH_MAX], const char *dir, const char *name, lia_why *why)
{
    int size = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    if (size > 0 && size < PATH_MAX) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", dir);
}

static lia_err make_dir(const char *path, lia_why *why)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST) return LIA_OK;
    return lia_why_set(why, LIA_EIO, "cannot create the folder %.200s: %s", path, strerror(errno));
}

/* Makes the folders above it, too. */
static lia_err make_dirs(const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s", dir) >= PATH_MAX)
        return lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", dir);
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        lia_err err = make_dir(path, why);
        if (err) return err;
        *slash = '/';
    }
    return make_dir(path, why);
}

/* ---- init ------------------------------------------------------------------------------------ */

static lia_err refuse_existing(const char *dir, lia_why *why)
{
    static const char *const names[] = {"members", "admin.key", "admin.pub"};
    char path[PATH_MAX];
    for (size_t i = 0; i < LIA_COUNT(names); i++) {
        lia_err err = join(path, dir, names[i], why);
        if (err) return err;
        if (access(path, F_OK) == 0)
            return lia_why_set(why, LIA_EEXIST,
                               "%.200s is there already: this folder holds a cluster, which is "
                               "left alone. Choose another folder, or remove this one",
                               path);
    }
    return LIA_OK;
}

/* Where the members will be. */
typedef struct places {
    unsigned base;
    const char *hosts[LIA_DEPARTMENTS]; /* numeric, of bus and public stream, by department */
} places;

static void fill_member(lia_member *member, lia_department department, const places *where,
                        const lia_node_keys *keys)
{
    const char *host = where->hosts[department];
    unsigned base = where->base;
    unsigned i = (unsigned)department - 1;
    *member = (lia_member){.number = (uint16_t)department, .department = (uint8_t)department};
    snprintf(member->name, sizeof member->name, "%s", lia_department_name(department));
    snprintf(member->http, sizeof member->http, "127.0.0.1:%u", base + i);
    snprintf(member->bus, sizeof member->bus, "%s:%u", host, base + 4 + i);
    snprintf(member->pub, sizeof member->pub, "%s:%u", host, base + 8 + i);
    memcpy(member->curve_key, keys->curve_public, sizeof member->curve_key);
    member->verify_key = keys->verify;
}

static lia_err add_member(lia_members *members, const char *dir, lia_department department,
                          const places *where, lia_why *why)
{
    char folder[PATH_MAX], path[PATH_MAX];
    lia_node_keys keys;
    lia_err err = join(folder, dir, lia_department_name(department), why);
    if (!err) err = make_dir(folder, why);
    if (!err) err = join(path, folder, "node.keys", why);
    if (!err && access(path, F_OK) == 0)
        err = lia_why_set(why, LIA_EEXIST, "%.200s is there already and is left alone", path);
    if (err) return err;
    lia_node_keys_make(&keys);
    err = lia_node_keys_write(&keys, path, why);
    fill_member(&members->list[members->count++], department, where, &keys);
    lia_wipe(&keys, sizeof keys);
    return err;
}

static lia_err make_cluster(const char *dir, const places *where, lia_members *members,
                            lia_why *why)
{
    char path[PATH_MAX];
    lia_sign_key admin;
    lia_verify_key admin_public;
    *members = (lia_members){.cluster = lia_id_make(lia_time_now().ms), .epoch = 1};
    lia_err err = make_dirs(dir, why);
    if (!err) err = refuse_existing(dir, why);
    if (err) return err;
    lia_sign_keys(&admin_public, &admin);
    err = lia_admin_key_write(&admin, dir, why);
    for (lia_department d = LIA_SALES; !err && d < LIA_DEPARTMENTS; d++)
        err = add_member(members, dir, d, where, why);
    if (!err) err = join(path, dir, "members", why);
    if (!err) err = lia_members_write(members, &admin, path, why);
    lia_wipe(&admin, sizeof admin);
    return err;
}

/* ---- showing --------------------------------------------------------------------------------- */

/* The first half of a hash over both public keys: enough to compare by eye. */
static void print_fingerprint(const lia_member *member, char text[LIA_DIGEST_SIZE * 2 + 1])
{
    uint8_t digest[LIA_DIGEST_SIZE];
    const lia_span parts[] = {lia_span_make(member->curve_key, sizeof member->curve_key),
                              LIA_SPAN_OF(member->verify_key)};
    lia_digest_of("liaison member", parts, LIA_COUNT(parts), digest);
    lia_hex_print(lia_span_make(digest, sizeof digest), text);
}

static json_t *member_json(const lia_member *member)
{
    char fingerprint[LIA_DIGEST_SIZE * 2 + 1];
    print_fingerprint(member, fingerprint);
    return json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "number", member->number, "name",
                     member->name, "department", lia_department_name(member->department), "http",
                     member->http, "bus", member->bus, "pub", member->pub, "fingerprint",
                     fingerprint);
}

static void show_json(const lia_members *members)
{
    char cluster[LIA_ID_TEXT_SIZE];
    lia_id_print(members->cluster, cluster);
    json_t *list = json_array();
    for (size_t i = 0; i < members->count; i++)
        json_array_append_new(list, member_json(&members->list[i]));
    json_t *all = json_pack("{s:s,s:I,s:o}", "cluster", cluster, "epoch",
                            (json_int_t)members->epoch, "members", list);
    lia_out_json(all);
    json_decref(all);
}

static void show_table(const lia_members *members)
{
    static const char *const heads[] = {"no", "name", "http", "bus", "pub", "key fingerprint"};
    char cluster[LIA_ID_TEXT_SIZE], fingerprint[LIA_DIGEST_SIZE * 2 + 1];
    lia_grid grid;
    lia_id_print(members->cluster, cluster);
    printf("cluster %s, list %llu\n\n", cluster, (unsigned long long)members->epoch);
    lia_grid_init(&grid, LIA_COUNT(heads));
    grid.to_right[0] = true;
    for (size_t i = 0; i < LIA_COUNT(heads); i++) lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
    for (size_t i = 0; i < members->count; i++) {
        const lia_member *member = &members->list[i];
        print_fingerprint(member, fingerprint);
        lia_grid_add(&grid, LIA_PLAIN, "%u", member->number);
        lia_grid_add(&grid, LIA_BOLD, "%s", member->name);
        lia_grid_add(&grid, LIA_PLAIN, "%s", member->http);
        lia_grid_add(&grid, LIA_PLAIN, "%s", member->bus);
        lia_grid_add(&grid, LIA_PLAIN, "%s", member->pub);
        lia_grid_add(&grid, LIA_PLAIN, "%s", fingerprint);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static void show(const lia_args *args, const lia_members *members)
{
    if (lia_out_is_json(args))
        show_json(members);
    else
        show_table(members);
}

/* ---- commands -------------------------------------------------------------------------------- */

static int run_init(const lia_args *args)
{
    lia_members members;
    lia_why why = {{0}};
    const char *dir = lia_args_text(args, "dir");
    if (!dir) return lia_args_fail(args, "--dir is missing: where shall the cluster live?");
    places where = {.base = (unsigned)lia_args_number(args, "base", BASE_DEFAULT)};
    size_t hosts = lia_args_count(args, "host");
    if (hosts > 1 && hosts != LIA_DEPARTMENTS - 1)
        return lia_args_fail(args, "--host is given once, or once for each of the %d departments",
                             LIA_DEPARTMENTS - 1);
    for (size_t d = LIA_SALES; d < LIA_DEPARTMENTS; d++)
        where.hosts[d] = !hosts ? "127.0.0.1" : lia_args_nth(args, "host", hosts == 1 ? 0 : d - 1);
    if (make_cluster(dir, &where, &members, &why)) return lia_args_fail(args, "%s", why.text);
    show(args, &members);
    if (!lia_out_is_json(args))
        printf("\nKeep %s/admin.key safe: it signs the member list, and no node needs it.\n", dir);
    return 0;
}

static int run_list(const lia_args *args)
{
    lia_members members;
    lia_why why = {{0}};
    const char *dir = lia_args_text(args, "dir");
    if (!dir) return lia_args_fail(args, "--dir is missing: the cluster's folder");
    if (lia_members_latest(&members, dir, NULL, NULL, NULL, &why))
        return lia_args_fail(args, "%s", why.text);
    show(args, &members);
    return 0;
}

static const lia_option init_options[] = {
    {.name = "dir", .value = "DIR", .help = "the folder to make; must hold no cluster yet"},
    {.name = "base",
     .value = "PORT",
     .is_number = true,
     .min = 1,
     .max = 65524,
     .help = "first of twelve ports on this machine (default: 27100): four\n"
             "for HTTP, four for the bus, four for the public stream"},
    {.name = "host",
     .value = "ADDRESS",
     .many = true,
     .help = "numeric address of the bus and the public stream: once for all,\n"
             "or four times, for sales, marketing, service and analytics\n"
             "(default: 127.0.0.1). HTTP stays on loopback"},
    LIA_OPTION_JSON,
};

const lia_subcommand lia_keys_init = {
    .name = "keys init",
    .purpose = "make a new cluster's folder: keys and the signed member list",
    .details = "Makes DIR/members, signed by DIR/admin.key, and for each of the four departments\n"
               "DIR/<name>/node.keys. Secrets are readable by their owner only. A folder that\n"
               "holds a cluster already is left as it is.",
    .example = "liaison keys init --dir /var/lib/liaison --base 27100",
    .options = init_options,
    .option_count = LIA_COUNT(init_options),
    .run = run_init,
};

static const lia_option list_options[] = {
    {.name = "dir", .value = "DIR", .help = "the cluster's folder"},
    LIA_OPTION_JSON,
};

const lia_subcommand lia_keys_list = {
    .name = "keys list",
    .purpose = "show the members of a cluster and the fingerprints of their keys",
    .details = "Checks the member list's signature against DIR/admin.pub first.",
    .example = "liaison keys list --dir /var/lib/liaison",
    .options = list_options,
    .option_count = LIA_COUNT(list_options),
    .run = run_list,
};
