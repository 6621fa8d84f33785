/* SPDX-License-Identifier: Apache-2.0 */
/* backup - fetches what nodes have sealed and lays it on a shelf: all of it, or what came since the
 * last time. Neither this program nor the shelf can read it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bus/file.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/pieces.h"

#define VOLUME_BYTES ((size_t)16 << 20)
#define FULL_DEFAULT (7 * LIA_DAY_MS)
#define PART_WAIT_MS 120000
#define BEGIN_AGAIN  3 /* when the node's log was shortened meanwhile */

typedef struct backing {
    const lia_args *args;
    lia_client client;
    lia_shelf *shelf;
    lia_pieces pieces;
    int64_t full_after_ms;
    size_t keep;
    lia_piece piece; /* being made */
    lia_part_chain chain;
    lia_bytes volume, part;
    lia_progress progress;
} backing;

/* ---- one piece ------------------------------------------------------------------------------- */

static const lia_piece *parent_of(const backing *b)
{
    const lia_pieces *pieces = &b->pieces;
    int64_t full_ms = INT64_MIN;
    for (size_t i = 0; i < pieces->count; i++)
        if (pieces->list[i].full) full_ms = pieces->list[i].time.ms;
    bool due = lia_args_has(b->args, "full") || full_ms == INT64_MIN ||
               lia_time_now().ms - full_ms >= b->full_after_ms;
    return due ? NULL : &pieces->list[pieces->count - 1];
}

static lia_err begin(backing *b, lia_why *why)
{
    char path[256] = "/backups", end[2 * LIA_HASH_SIZE + 1];
    const lia_piece *parent = parent_of(b);
    if (parent) {
        lia_hex_print(LIA_SPAN_OF(parent->end), end);
        snprintf(path, sizeof path, "/backups?from=%llu&incarnation=%016llx&parent=%s",
                 (unsigned long long)parent->to, (unsigned long long)parent->incarnation, end);
    }
    lia_err err = lia_client_post(&b->client, path, "{}", NULL, &b->part, why);
    json_t *answer = err ? NULL : json_loadb(b->part.data, b->part.size, 0, NULL);
    const char *text = json_string_value(json_object_get(answer, "id"));
    lia_id id;
    if (!err && (!text || lia_id_parse(lia_span_text(text), &id)))
        err = lia_why_set(why, LIA_EIO, "%s does not say which backup it has begun",
                          b->client.target->name);
    if (!err) {
        b->piece = (lia_piece){.full = false};
        lia_id_print(id, b->piece.id);
        b->chain = (lia_part_chain){.at = {.part = {.number = 0}}};
        b->volume.size = 0;
    }
    json_decref(answer);
    return err;
}

static lia_err put_volume(backing *b, lia_why *why)
{
    char name[LIA_VOLUME_NAME_SIZE];
    lia_piece *piece = &b->piece;
    lia_span bytes = lia_span_make(b->volume.data, b->volume.size);
    lia_hash *grown = realloc(piece->volumes, (piece->volume_count + 1) * sizeof *grown);
    if (!grown) return lia_why_set(why, LIA_EFULL, "no memory");
    piece->volumes = grown;
    if (piece->volume_count == LIA_VOLUMES_MAX)
        return lia_why_set(why, LIA_EFULL, "this node is larger than a piece of %d volumes",
                           LIA_VOLUMES_MAX);
    piece->volumes[piece->volume_count++] = lia_volume_hash(bytes);
    piece->bytes += bytes.size;
    lia_volume_name(name, b->pieces.node, piece->id, piece->volume_count);
    b->volume.size = 0;
    return lia_shelf_put(b->shelf, name, bytes, why);
}

static void show(backing *b)
{
    if (!lia_progress_due(&b->progress)) return;
    lia_progress_show(&b->progress, "%s: %s MiB, %s events to be copied", b->pieces.node,
                      lia_out_count((b->piece.bytes + b->volume.size) >> 20),
                      lia_out_count(b->chain.at.part.to - b->chain.at.part.from));
}

/* Takes a part that came; its spans are forgotten with it. */
static lia_err take_part(backing *b, lia_why *why)
{
    lia_part_view view;
    lia_why inner = {{0}};
    lia_span rest = lia_span_make(b->part.data, b->part.size);
    lia_err err = lia_part_cut(&view, &rest, &inner);
    if (!err && rest.size) err = lia_why_set(&inner, LIA_ECORRUPT, "there is more behind it");
    if (!err) err = lia_part_follows(&b->chain, &view, &inner);
    if (err)
        return lia_why_set(why, err, "part %u from %s: %s", b->chain.at.part.number + 1,
                           b->client.target->name, inner.text);
    if (!lia_bytes_add(&b->volume, b->part.data, b->part.size))
        return lia_why_set(why, LIA_EFULL, "no memory");
    return LIA_OK;
}

static lia_err fetch_parts(backing *b, lia_why *why)
{
    char path[96];
    lia_err err = LIA_OK;
    while (!err && !b->chain.at.part.last) {
        snprintf(path, sizeof path, "/backups/%s/%u", b->piece.id, b->chain.at.part.number + 1);
        err = lia_client_get(&b->client, path, &b->part, PART_WAIT_MS, why);
        if (!err) err = take_part(b, why);
        if (!err && (b->volume.size >= VOLUME_BYTES || b->chain.at.part.last))
            err = put_volume(b, why);
        show(b);
    }
    lia_progress_end(&b->progress);
    return err;
}

/* The list on the shelf names the piece as one to be removed until it is whole. */
static lia_err make_piece(backing *b, lia_why *why)
{
    lia_err err = begin(b, why);
    if (!err && lia_pieces_doom(&b->pieces, b->piece.id)) err = LIA_EFULL;
    if (!err) err = lia_pieces_write(&b->pieces, b->shelf, why);
    if (!err) err = fetch_parts(b, why);
    if (err) {
        free(b->piece.volumes);
        b->piece.volumes = NULL;
        return err;
    }
    const lia_part *part = &b->chain.at.part;
    lia_piece *piece = &b->piece;
    piece->full = lia_part_is_full(part);
    piece->from = part->from;
    piece->to = part->to;
    piece->time = part->time;
    piece->incarnation = part->origin.incarnation;
    piece->end = b->chain.at.hash;
    b->pieces.cluster = part->cluster;
    lia_pieces_spare(&b->pieces, piece->id);
    if (lia_pieces_add(&b->pieces, piece) || (b->keep && lia_pieces_thin(&b->pieces, b->keep)))
        return lia_why_set(why, LIA_EFULL,
                           "no memory, or too many pieces: --keep removes old ones");
    return lia_pieces_write(&b->pieces, b->shelf, why);
}

static lia_err check_cluster(const backing *b, const json_t *members, lia_why *why)
{
    char text[LIA_ID_TEXT_SIZE];
    const char *cluster = json_string_value(json_object_get(members, "cluster"));
    lia_id_print(b->pieces.cluster, text);
    if (lia_id_is_none(b->pieces.cluster) || (cluster && strcmp(cluster, text) == 0)) return LIA_OK;
    return lia_why_set(why, LIA_EDENIED, "%s holds backups of another cluster", b->shelf->place);
}

static lia_err back_up(backing *b, lia_why *why)
{
    json_t *members = lia_client_json(&b->client, "/members", 30000, why);
    const char *node = json_string_value(json_object_get(members, "node"));
    lia_err err = members ? LIA_OK : LIA_EIO;
    if (!err && (!node || !*node || strchr(node, '/') || *node == '.'))
        err = lia_why_set(why, LIA_EIO, "%s does not say its name", b->client.target->name);
    if (!err) err = lia_pieces_read(&b->pieces, b->shelf, node, why);
    if (!err) err = check_cluster(b, members, why);
    json_decref(members);
    if (!err) err = lia_pieces_sweep(&b->pieces, b->shelf, why);
    for (int i = 0; !err && i < BEGIN_AGAIN; i++) {
        err = make_piece(b, why);
        if (err != LIA_EREFUSED || i + 1 == BEGIN_AGAIN || !b->chain.at.part.number) break;
        err = lia_pieces_sweep(&b->pieces, b->shelf, why);
    }
    return err ? err : lia_pieces_sweep(&b->pieces, b->shelf, why);
}

/* ---- the command ----------------------------------------------------------------------------- */

static void tell(const lia_args *args, const backing *b)
{
    const lia_piece *piece = &b->pieces.list[b->pieces.count - 1];
    if (lia_out_is_json(args)) {
        json_t *json =
            json_pack("{s:s,s:s,s:b,s:I,s:I,s:I}", "node", b->pieces.node, "piece", piece->id,
                      "full", piece->full, "events", (json_int_t)(piece->to - piece->from), "bytes",
                      (json_int_t)piece->bytes, "pieces", (json_int_t)b->pieces.count);
        lia_out_json(json);
        json_decref(json);
        return;
    }
    printf("%s: %s, %s events, %s bytes; %s on the shelf\n", b->pieces.node,
           piece->full ? "all of it" : "what came since", lia_out_count(piece->to - piece->from),
           lia_out_count(piece->bytes), lia_out_count(b->pieces.count));
}

static int one_node(const lia_args *args, const lia_target *target, lia_shelf *shelf,
                    int64_t full_after_ms)
{
    lia_why why = {{0}};
    backing b = {.args = args,
                 .shelf = shelf,
                 .full_after_ms = full_after_ms,
                 .keep = (size_t)lia_args_number(args, "keep", 0)};
    lia_err err = lia_client_open(&b.client, target, &why);
    if (!err) err = back_up(&b, &why);
    if (err)
        lia_args_fail(args, "%s: %s", target->name, why.text[0] ? why.text : lia_err_text(err));
    else
        tell(args, &b);
    lia_pieces_fini(&b.pieces);
    lia_bytes_fini(&b.volume);
    lia_bytes_fini(&b.part);
    lia_client_close(&b.client);
    return err ? 2 : 0;
}

static int run_backup(const lia_args *args)
{
    lia_shelf shelf;
    lia_why why = {{0}};
    static lia_targets targets;
    int64_t full_after_ms = FULL_DEFAULT;
    int status = 0;
    const char *to = lia_args_text(args, "to"), *after = lia_args_text(args, "full-after");
    if (!to) return lia_args_fail(args, "--to is missing: a folder, or s3://bucket/prefix");
    if (after && lia_period_parse(lia_span_text(after), &full_after_ms))
        return lia_args_fail(args, "--full-after: '%s': " LIA_PERIOD_WANTED, after);
    if (lia_targets_find(&targets, args, &why) || lia_shelf_open(&shelf, to, &why))
        return lia_args_fail(args, "%s", why.text);
    for (size_t i = 0; i < targets.count; i++)
        if (one_node(args, &targets.list[i], &shelf, full_after_ms))
            status = i + 1 < targets.count || i ? 1 : 2;
    lia_shelf_close(&shelf);
    return status;
}

/* ---- key ------------------------------------------------------------------------------------- */

static lia_err make_key(const char *dir, const char *out, char public_path[PATH_MAX], lia_why *why)
{
    char text[80];
    lia_members members;
    lia_letter_public public;
    lia_backup_key key = {.cluster = LIA_ID_NONE};
    snprintf(public_path, PATH_MAX, "%s/backup.pub", dir);
    if (access(out, F_OK) == 0 || access(public_path, F_OK) == 0)
        return lia_why_set(why, LIA_EEXIST,
                           "%s is there already and is left alone: what was sealed for it needs it",
                           access(out, F_OK) == 0 ? out : public_path);
    lia_err err = lia_admin_public_read(&key.admin, dir, why);
    if (!err) err = lia_members_latest(&members, dir, NULL, NULL, NULL, why);
    if (err) return err;
    key.cluster = members.cluster;
    lia_letter_keys(&public, &key.secret);
    err = lia_backup_key_write(&key, out, why);
    lia_wipe(&key, sizeof key);
    lia_hex_print(LIA_SPAN_OF(public), text);
    strcat(text, "\n");
    return err ? err : lia_file_replace(public_path, lia_span_text(text), 0644, why);
}

static int run_key(const lia_args *args)
{
    char public_path[PATH_MAX];
    lia_why why = {{0}};
    const char *dir = lia_args_text(args, "dir"), *out = lia_args_text(args, "out");
    if (!dir || !out)
        return lia_args_fail(args, "--dir and --out are needed: the cluster's folder, and a file");
    if (make_key(dir, out, public_path, &why)) return lia_args_fail(args, "%s", why.text);
    printf("%s\n", public_path);
    fprintf(stderr,
            "Copy this file into the cluster's folder at every node. Take %s away from here and "
            "keep it\n"
            "safe: without it no backup can be read, and whoever has it can read all of them.\n",
            out);
    return 0;
}

/* ---- list ------------------------------------------------------------------------------------ */

static int run_list(const lia_args *args)
{
    static const char *const heads[] = {"made", "", "events", "bytes", "piece"};
    char made[LIA_TIME_TEXT_SIZE];
    lia_shelf shelf;
    lia_pieces pieces;
    lia_grid grid;
    lia_why why = {{0}};
    const char *from = lia_args_text(args, "from"), *name = lia_args_text(args, "name");
    if (!from || !name)
        return lia_args_fail(args, "--from and --name are needed: the shelf, and a member");
    if (lia_shelf_open(&shelf, from, &why) || lia_pieces_read(&pieces, &shelf, name, &why))
        return lia_args_fail(args, "%s", why.text);
    lia_grid_init(&grid, LIA_COUNT(heads));
    grid.to_right[2] = grid.to_right[3] = true;
    for (size_t i = 0; i < LIA_COUNT(heads); i++) lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
    for (size_t i = 0; i < pieces.count; i++) {
        const lia_piece *piece = &pieces.list[i];
        lia_time_print(piece->time, made);
        lia_grid_add(&grid, LIA_PLAIN, "%s", made);
        lia_grid_add(&grid, piece->full ? LIA_BOLD : LIA_PLAIN, "%s",
                     piece->full ? "full" : "since");
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_out_count(piece->to - piece->from));
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_out_count(piece->bytes));
        lia_grid_add(&grid, LIA_DIM, "%s", piece->id);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
    int status = pieces.count ? 0 : 1;
    lia_pieces_fini(&pieces);
    lia_shelf_close(&shelf);
    return status;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const lia_option backup_options[] = {
    {.name = "to", .value = "SHELF", .help = "a folder, or s3://bucket/prefix"},
    {.name = "full", .help = "all of it, also when the last full piece is young"},
    {.name = "full-after",
     .value = "T",
     .help = "age of the last full piece at which the next is full\n"
             "(default: 7d)"},
    {.name = "keep",
     .value = "N",
     .is_number = true,
     .min = 1,
     .max = 1000,
     .help = "remove all but the last N full pieces and what goes on from\n"
             "them (default: nothing is removed)"},
    LIA_OPTION_DIR,
    LIA_OPTION_NODES,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};
const lia_subcommand lia_backup_command = {
    .name = "backup",
    .purpose = "copy nodes, sealed, to a folder or a bucket: all, or what came since",
    .details =
        "The node goes on working, and seals what it gives for the key in DIR/backup.pub (liaison\n"
        "backup key): neither this program nor the shelf can read it. A run that broke off leaves\n"
        "nothing that counts, and the next one cleans up. A bucket is told by the environment:\n"
        "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.\n"
        "Run it by a timer; 'liaison backup verify' proves what is there, 'liaison restore' brings "
        "it\n"
        "back.",
    .example = "liaison backup --dir /var/lib/liaison --to /backup/liaison --keep 4",
    .options = backup_options,
    .option_count = LIA_COUNT(backup_options),
    .run = run_backup,
};

static const lia_option key_options[] = {
    {.name = "dir", .value = "DIR", .help = "the cluster's folder"},
    {.name = "out", .value = "FILE", .help = "where the secret goes; must not be there yet"},
};
const lia_subcommand lia_backup_key_command = {
    .name = "backup key",
    .purpose = "make the pair of keys that backups are sealed for, and opened with",
    .details = "DIR/backup.pub goes to every node. FILE goes where nodes and backups are not; it "
               "also says\n"
               "whose signatures a restore believes.",
    .example = "liaison backup key --dir /var/lib/liaison --out backup.key",
    .options = key_options,
    .option_count = LIA_COUNT(key_options),
    .run = run_key,
};

static const lia_option list_options[] = {
    {.name = "from", .value = "SHELF", .help = "a folder, or s3://bucket/prefix"},
    {.name = "name", .value = "NAME", .help = "which member's"},
};
const lia_subcommand lia_backup_list = {
    .name = "backup list",
    .purpose = "show which pieces of a node's backup are on a shelf",
    .example = "liaison backup list --from /backup/liaison --name sales",
    .options = list_options,
    .option_count = LIA_COUNT(list_options),
    .run = run_list,
};
