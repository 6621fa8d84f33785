/* SPDX-License-Identifier: Apache-2.0 */
/* restore, backup verify - nodes' folders made anew. Nothing is where a node would look for it
 * before it is whole and everybody whom any of the backups knows to be erased was left out. */
#include "tools/liaison/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/backup/check.h"
#include "common/bus/file.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

/* One node that is restored. */
typedef struct restoring {
    lia_pieces pieces;
    lia_beside beside;
    lia_restored done;
    bool opened;
} restoring;

typedef struct restoring_all {
    const lia_args *args;
    lia_shelf shelf;
    lia_backup_key key;
    lia_ledger ledger; /* of all of them together */
    restoring *nodes;
    size_t count;
    lia_time until;
} restoring_all;

/* ---- reading --------------------------------------------------------------------------------- */

/* The names given, else all members of the folder's list. */
static lia_err find_names(restoring_all *all, lia_why *why)
{
    const char *dir = lia_args_text(all->args, "dir");
    static lia_members members;
    size_t given = lia_args_count(all->args, "name");
    members.count = 0;
    if (!given && (!dir || lia_members_latest(&members, dir, NULL, NULL, NULL, why)))
        return lia_why_set(why, LIA_EINVAL,
                           "--name is needed, once for each node, where no member list tells them");
    all->count = given ? given : members.count;
    all->nodes = calloc(all->count + 1, sizeof *all->nodes);
    if (!all->nodes) return lia_why_set(why, LIA_EFULL, "no memory");
    for (size_t i = 0; i < all->count; i++) {
        const char *name = given ? lia_args_nth(all->args, "name", i) : members.list[i].name;
        if (!*name || strlen(name) > 31 || strchr(name, '/') || *name == '.')
            return lia_why_set(why, LIA_EINVAL, "'%.60s' is no member's name", name);
        lia_err err = lia_pieces_read(&all->nodes[i].pieces, &all->shelf, name, why);
        if (err) return err;
        if (!all->nodes[i].pieces.count)
            return lia_why_set(why, LIA_EABSENT, "%s has no backup of %s", all->shelf.place, name);
    }
    return LIA_OK;
}

static lia_err read_until(restoring_all *all, lia_why *why)
{
    const char *text = lia_args_text(all->args, "until");
    all->until.ms = INT64_MAX;
    if (!text || lia_time_parse(lia_span_text(text), &all->until) == LIA_OK) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "--until: '%.60s' is no moment; 2026-11-22T14:30:00Z is one", text);
}

/* Also what a list says that was kept elsewhere: DIR/<name>/erasures of a node that goes on. */
static lia_err read_erasures(restoring_all *all, lia_why *why)
{
    lia_bytes text = {0};
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < lia_args_count(all->args, "erasures"); i++) {
        lia_why inner = {{0}};
        const char *path = lia_args_nth(all->args, "erasures", i);
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s", path);
        char *slash = strrchr(folder, '/');
        if (slash) *slash = 0;
        lia_shelf here;
        err = lia_shelf_open(&here, slash ? folder : ".", why);
        if (!err) err = lia_shelf_get(&here, slash ? slash + 1 : path, &text, why);
        if (!err)
            err = lia_ledger_parse(&all->ledger, all->key.cluster,
                                   lia_span_make(text.data, text.size), &inner);
        if (err && inner.text[0]) lia_why_set(why, err, "%s: %s", path, inner.text);
    }
    lia_bytes_fini(&text);
    return err;
}

static lia_err open_all(restoring_all *all, const lia_args *args, lia_why *why)
{
    const char *from = lia_args_text(args, "from"), *key = lia_args_text(args, "key");
    *all = (restoring_all){.args = args};
    if (!from || !key)
        return lia_why_set(why, LIA_EINVAL,
                           "--from and --key are needed: the shelf, and the backup's key");
    lia_err err = lia_backup_key_read(&all->key, key, why);
    if (!err) err = read_until(all, why);
    if (!err) err = lia_shelf_open(&all->shelf, from, why);
    if (!err) err = find_names(all, why);
    if (!err) err = read_erasures(all, why);
    for (size_t i = 0; !err && i < all->count; i++) {
        restoring *node = &all->nodes[i];
        node->opened = true;
        err = lia_beside_read(&node->beside, &all->ledger, &node->pieces, &all->shelf, &all->key,
                              why);
    }
    return err;
}

static void close_all(restoring_all *all)
{
    for (size_t i = 0; all->nodes && i < all->count; i++) {
        if (all->nodes[i].opened) lia_beside_fini(&all->nodes[i].beside);
        lia_pieces_fini(&all->nodes[i].pieces);
    }
    free(all->nodes);
    lia_ledger_fini(&all->ledger);
    lia_shelf_close(&all->shelf);
    lia_wipe(&all->key, sizeof all->key);
}

static lia_err fill_log(restoring_all *all, restoring *node, const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/log", dir);
    return lia_restore_log(&node->done, path, &node->pieces, &all->shelf, &all->key,
                           &node->beside.members, &all->ledger, all->until, why);
}

/* ---- folders --------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static lia_err fail(const char *what, const char *path, lia_why *why)
{
    return lia_why_set(why, LIA_EIO, "cannot %s %.600s: %s", what, path, strerror(errno));
}

/* A node that runs holds this lock. */
static lia_err check_stopped(const char *folder, lia_why *why)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/log/lock", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return LIA_OK;
    bool runs = flock(fd, LOCK_EX | LOCK_NB) != 0;
    close(fd);
    return runs ? lia_why_set(why, LIA_EBUSY, "%s is in use: stop the node first", folder) : LIA_OK;
}

/* What is there is moved aside, never removed. */
static lia_err make_way(const lia_args *args, const char *folder, char aside[PATH_MAX],
                        lia_why *why)
{
    char log[PATH_MAX];
    *aside = 0;
    snprintf(log, sizeof log, "%s/log", folder);
    if (access(folder, F_OK)) return LIA_OK;
    lia_err err = check_stopped(folder, why);
    if (err) return err;
    if (access(log, F_OK) == 0 && !lia_args_has(args, "replace"))
        return lia_why_set(why, LIA_EEXIST, "%s holds a store; --replace moves it aside", folder);
    snprintf(aside, PATH_MAX, "%s.before-%lld", folder, (long long)lia_time_now().ms);
    return rename(folder, aside) ? fail("move aside", folder, why) : LIA_OK;
}

static lia_err put_file(const char *dir, const char *name, const lia_bytes *bytes, bool anew,
                        lia_why *why)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (!bytes->size || (!anew && access(path, F_OK) == 0)) return LIA_OK;
    return lia_file_replace(path, lia_span_make(bytes->data, bytes->size), 0600, why);
}

static lia_err put_ledger(const restoring_all *all, const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    lia_arena arena;
    if (lia_arena_init(&arena, 2 * LIA_LEDGER_FILE_MAX))
        return lia_why_set(why, LIA_EFULL, "no memory");
    lia_buf text = lia_buf_make(&arena);
    lia_ledger_print(&all->ledger, all->key.cluster, &text);
    snprintf(path, sizeof path, "%s/erasures", dir);
    lia_err err = text.failed ? lia_why_set(why, LIA_EFULL, "no memory")
                              : lia_file_replace(path, lia_buf_get(&text), 0600, why);
    lia_arena_fini(&arena);
    return err;
}

/* The keys that were here are later than those in the backup, or the same. */
static lia_err put_keys(const restoring *node, const char *aside, const char *dir, lia_why *why)
{
    char from[PATH_MAX], to[PATH_MAX];
    lia_node_keys keys;
    lia_why ignored;
    snprintf(from, sizeof from, "%s/node.keys", aside);
    if (!*aside || lia_node_keys_read(&keys, from, &ignored))
        return put_file(dir, "node.keys", &node->beside.keys_file, true, why);
    snprintf(to, sizeof to, "%s/node.keys", dir);
    lia_err err = lia_node_keys_write(&keys, to, why);
    lia_wipe(&keys, sizeof keys);
    return err;
}

static lia_err put_beside(const restoring_all *all, const restoring *node, const char *folder,
                          lia_why *why)
{
    lia_err err = put_ledger(all, folder, why);
    if (!err) err = put_file(folder, "members", &node->beside.members_file, true, why);
    const char *dir = lia_args_text(all->args, "dir");
    if (!err) err = put_file(dir, "members", &node->beside.members_file, false, why);
    return err ? err : put_file(dir, "admin.pub", &node->beside.admin_file, false, why);
}

/* ---- restore --------------------------------------------------------------------------------- */

static lia_err restore_node(restoring_all *all, restoring *node, lia_why *why)
{
    char folder[PATH_MAX - 64], work[PATH_MAX], aside[PATH_MAX];
    snprintf(folder, sizeof folder, "%.3000s/%s", lia_args_text(all->args, "dir"),
             node->pieces.node);
    snprintf(work, sizeof work, "%s.restoring", folder);
    remove_tree(work);
    if (mkdir(work, 0700)) return fail("make", work, why);
    lia_err err = check_stopped(folder, why);
    if (!err) err = fill_log(all, node, work, why);
    if (!err) err = put_beside(all, node, work, why);
    if (!err) err = make_way(all->args, folder, aside, why);
    if (!err) err = put_keys(node, aside, work, why);
    if (!err && rename(work, folder)) err = fail("rename", work, why);
    if (err) remove_tree(work);
    return err;
}

static void tell(const restoring_all *all, const restoring *node, const char *what)
{
    char until[LIA_TIME_TEXT_SIZE];
    lia_time_print(node->done.until, until);
    if (lia_out_is_json(all->args)) {
        json_t *json = json_pack("{s:s,s:s,s:I,s:I,s:s}", "node", node->pieces.node, "done", what,
                                 "events", (json_int_t)node->done.events, "erased",
                                 (json_int_t)node->done.erased, "until", until);
        lia_out_json(json);
        json_decref(json);
        return;
    }
    printf("%s: %s, %s events from %zu pieces, up to %s", node->pieces.node, what,
           lia_out_count(node->done.events), node->done.pieces, until);
    if (node->done.erased)
        printf("; %s of them blank, since who they speak of was erased",
               lia_out_count(node->done.erased));
    putchar('\n');
}

static int run_restore(const lia_args *args)
{
    restoring_all all;
    lia_why why = {{0}};
    const char *dir = lia_args_text(args, "dir");
    if (!dir) return lia_args_fail(args, "--dir is missing: the cluster's folder here");
    lia_err err = open_all(&all, args, &why);
    if (!err && mkdir(dir, 0700) && errno != EEXIST) err = fail("make", dir, &why);
    for (size_t i = 0; !err && i < all.count; i++) {
        err = restore_node(&all, &all.nodes[i], &why);
        if (!err) tell(&all, &all.nodes[i], "restored");
    }
    close_all(&all);
    return err ? lia_args_fail(args, "%s", why.text[0] ? why.text : lia_err_text(err)) : 0;
}

/* ---- verify ---------------------------------------------------------------------------------- */

static void show_checked(void *context, uint64_t done)
{
    lia_progress *progress = context;
    if (lia_progress_due(progress))
        lia_progress_show(progress, "%s events checked", lia_out_count(done));
}

static lia_err verify_node(restoring_all *all, restoring *node, const char *work, lia_why *why)
{
    char folder[PATH_MAX - 64], log[PATH_MAX];
    lia_progress progress = {0};
    snprintf(folder, sizeof folder, "%.3000s/%s", work, node->pieces.node);
    snprintf(log, sizeof log, "%s/log", folder);
    if (mkdir(folder, 0700)) return fail("make", folder, why);
    lia_err err = fill_log(all, node, folder, why);
    if (!err) err = lia_backup_check(log, &node->beside.members, show_checked, &progress, why);
    lia_progress_end(&progress);
    remove_tree(folder);
    return err;
}

static int run_verify(const lia_args *args)
{
    restoring_all all;
    lia_why why = {{0}};
    char work[PATH_MAX];
    const char *place = lia_args_text(args, "work"), *temporary = getenv("TMPDIR");
    snprintf(work, sizeof work, "%s/liaison-verify-XXXXXX",
             place       ? place
             : temporary ? temporary
                         : "/tmp");
    lia_err err = open_all(&all, args, &why);
    if (!err && !mkdtemp(work)) err = fail("make", work, &why);
    if (err) *work = 0;
    int status = err ? 2 : 0;
    for (size_t i = 0; !err && i < all.count; i++) {
        lia_err bad = verify_node(&all, &all.nodes[i], work, &why);
        if (!bad) tell(&all, &all.nodes[i], "good");
        if (!bad) continue;
        lia_args_fail(args, "%s: %s", all.nodes[i].pieces.node,
                      why.text[0] ? why.text : lia_err_text(bad));
        status = 1;
    }
    if (*work) remove_tree(work);
    close_all(&all);
    return err ? lia_args_fail(args, "%s", why.text[0] ? why.text : lia_err_text(err)) : status;
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define READS                                                                                      \
    {.name = "from", .value = "SHELF", .help = "a folder, or s3://bucket/prefix"},                 \
        {.name = "key", .value = "FILE", .help = "what 'liaison backup key' made"},                \
        {.name = "name",                                                                           \
         .value = "NAME",                                                                          \
         .many = true,                                                                             \
         .help = "which member; may be given several times (default: all of\n"                     \
                 "DIR's list)"},                                                                   \
        {.name = "until",                                                                          \
         .value = "TIME",                                                                          \
         .help = "as of this moment: 2026-11-22T14:30:00Z (default:\n"                             \
                 "all there is)"},                                                                 \
    {                                                                                              \
        .name = "erasures", .value = "FILE", .many = true,                                         \
        .help = "also who is in this list of erased customers:\n"                                  \
                "DIR/NAME/erasures of a node that goes on"                                         \
    }

static const lia_option restore_options[] = {
    READS,
    LIA_OPTION_DIR,
    {.name = "replace", .help = "move a store that is there aside"},
    LIA_OPTION_JSON,
};
const lia_subcommand lia_restore_command = {
    .name = "restore",
    .purpose = "make nodes' folders anew from their backups",
    .details =
        "One node, while the others go on: it comes back under a new incarnation and fetches from\n"
        "them what its backup lacks. All of them: give them in one call, so that whoever any of "
        "them\n"
        "knows to be erased comes back in none. With --until the whole cluster stands as it did "
        "then:\n"
        "restore all, and start none before that; a single node would fetch the rest from the "
        "others.\n"
        "Bodies of events about erased customers never reach the disk. The nodes must be stopped.",
    .example = "liaison restore --from /backup/liaison --key backup.key --dir /var/lib/liaison \\\n"
               "    --name sales --replace",
    .options = restore_options,
    .option_count = LIA_COUNT(restore_options),
    .run = run_restore,
};

static const lia_option verify_options[] = {
    READS,
    LIA_OPTION_DIR,
    {.name = "work",
     .value = "DIR",
     .help = "where there is room for a log (default: TMPDIR, /tmp)"},
    LIA_OPTION_JSON,
};
const lia_subcommand lia_backup_verify = {
    .name = "backup verify",
    .purpose = "prove that a backup can be restored: restores it elsewhere and checks every event",
    .details =
        "Checksums, the chain of pieces and their signatures, then every event of the restored "
        "log\n"
        "against what its origin signed. Exit status 1: a node's backup is not good, and why.",
    .example = "liaison backup verify --from /backup/liaison --key backup.key --name sales",
    .options = verify_options,
    .option_count = LIA_COUNT(verify_options),
    .run = run_verify,
};
