/* SPDX-License-Identifier: Apache-2.0 */
/* POST /backups, GET /backups/{id}/{n}: a copy of the log in sealed parts, one request each. A part
 * is read on a worker thread from the newest commit, so the node goes on and no old pages are held;
 * how far the copy is stays here. What leaves the node only the owner of the backup's key can open,
 * so an administrator's pass alone gives nobody the data, nor the node's keys in it. */
#include <stdio.h>
#include <stdlib.h>

#include "common/backup/dump.h"
#include "common/backup/part.h"
#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/bus/file.h"
#include "common/http/api_inner.h"
#include "common/sync/ledger.h"

#define PART_BYTES   ((size_t)2 << 20) /* of rows, but for the first part */
#define ARENA_BYTES  ((size_t)192 << 20)
#define SPARE_MS     (2 * LIA_MINUTE_MS) /* between two parts; then the log may be shortened again */
#define KEY_FILE_MAX 256

typedef struct lia_backup_run {
    lia_part next;         /* the part that comes next */
    lia_part before;       /* the one that was fetched last, should it be asked for again */
    lia_dump dump, dumped; /* behind each of them */
    bool begun, working;
} lia_backup_run;

typedef struct making {
    lia_call *call;
    lia_backup_run *run;
    lia_part part;
    lia_dump dump;
    bool first;
    lia_rows rows;
    lia_arena arena;
    lia_buf out;
    lia_hash hash;
    lia_sign_key signer;
    lia_span members; /* the list in force, as it was signed */
    lia_why why;
    lia_err err;
    uv_work_t job;
} making;

void lia_backup_forget(lia_api *api)
{
    free(api->backup);
    api->backup = NULL;
}

/* ---- the last one that was given whole ------------------------------------------------------- */

/* Beside the log, so that whoever starts the node anew need not wait for the next backup to know. A
 * restored node has none: what it writes is in no backup yet. */
static void given_path(const lia_api *api, char path[1300])
{
    snprintf(path, 1300, "%s/%s/backup.given", lia_node_dir(api->node), api->member->name);
}

void lia_backup_remember(lia_api *api)
{
    char path[1300];
    uint8_t text[24];
    size_t size;
    uint64_t ms;
    lia_why why;
    given_path(api, path);
    if (lia_file_read(path, false, text, sizeof text, &size, &why)) return;
    while (size && text[size - 1] == '\n') size--;
    if (lia_api_number(lia_span_make(text, size), &ms) && ms <= INT64_MAX)
        api->backup_given_ms = (int64_t)ms;
}

/* On a worker thread. That it cannot be noted is no reason to refuse the backup. */
static void note_given(const lia_api *api, int64_t ms)
{
    char path[1300], text[24];
    lia_why why = {{0}};
    given_path(api, path);
    int size = snprintf(text, sizeof text, "%lld\n", (long long)ms);
    if (lia_file_replace(path, lia_span_make(text, (size_t)size), 0600, &why))
        LIA_LOG(WARN, "backup.not_noted", LIA_TEXT("why", why.text));
}

/* ---- beginning ------------------------------------------------------------------------------- */

static lia_err read_recipient(const lia_api *api, lia_letter_public *out, lia_why *why)
{
    char path[1200];
    uint8_t text[KEY_FILE_MAX];
    size_t size;
    snprintf(path, sizeof path, "%s/backup.pub", lia_node_dir(api->node));
    lia_err err = lia_file_read(path, false, text, sizeof text, &size, why);
    if (err == LIA_EABSENT)
        return lia_why_set(
            why, LIA_ECONFLICT,
            "there is no backup.pub in this node's folder: 'liaison backup key' makes the pair; "
            "lay its public half down there");
    if (err) return err;
    while (size && (text[size - 1] == '\n' || text[size - 1] == ' ')) size--;
    if (lia_hex_parse(lia_span_make(text, size), out->bytes, sizeof out->bytes))
        return lia_why_set(why, LIA_ECONFLICT, "backup.pub is not 64 hexadecimal digits");
    return LIA_OK;
}

static bool read_hex(lia_call *call, const char *name, uint8_t *out, size_t size, bool *given)
{
    lia_span text;
    if (!lia_call_param(call, name, &text)) return false;
    *given = text.size > 0;
    if (!*given || lia_hex_parse(text, out, size) == LIA_OK) return true;
    lia_call_invalid(call, "%s: %zu hexadecimal digits are wanted", name, 2 * size);
    return false;
}

/* What to go on from; all or nothing. A lane that has ended since is no beginning for an increment.
 */
static bool read_parent(lia_call *call, lia_origin self, lia_part *part)
{
    uint8_t incarnation[8] = {0};
    bool has_incarnation, has_parent;
    uint64_t from = 0;
    if (!lia_call_number(call, "from", 0, INT64_MAX, &from) ||
        !read_hex(call, "incarnation", incarnation, sizeof incarnation, &has_incarnation) ||
        !read_hex(call, "parent", part->parent.bytes, sizeof part->parent.bytes, &has_parent))
        return false;
    bool all = from && has_incarnation && has_parent;
    if (!all && (from || has_incarnation || has_parent)) {
        lia_call_invalid(call, "from, incarnation and parent go together");
        return false;
    }
    part->from = all && lia_get_u64(incarnation) == self.incarnation ? from : 1;
    return true;
}

static lia_err check_whole(const lia_api *api, lia_why *why)
{
    lia_sync_import_status import;
    if (!lia_node_import(api->node, &import)) return LIA_OK;
    return lia_why_set(
        why, LIA_ECONFLICT,
        "this node is still fetching what the others hold; back it up when it is ready");
}

void lia_api_backup(lia_call *call)
{
    lia_why why = {{0}};
    lia_api *api = call->api;
    char id[LIA_ID_TEXT_SIZE];
    lia_part part = {.cluster = lia_node_members(api->node)->cluster,
                     .origin = lia_node_origin(api->node),
                     .piece = lia_id_make(lia_time_now().ms),
                     .number = 1};
    if (!read_parent(call, part.origin, &part)) return;
    lia_err err = check_whole(api, &why);
    if (!err) err = read_recipient(api, &part.recipient, &why);
    if (!err && api->backup && api->backup->working)
        err = lia_why_set(&why, LIA_EBUSY, "a part of another backup is being made");
    if (!err && !api->backup) api->backup = malloc(sizeof *api->backup);
    if (!err && !api->backup) err = LIA_EFULL;
    if (err) {
        lia_call_fail(call, err, &why);
        return;
    }
    *api->backup = (lia_backup_run){.next = part};
    lia_node_spare(api->node, SPARE_MS);
    lia_id_print(part.piece, id);
    LIA_LOG(INFO, "backup.begun", LIA_TEXT("piece", id), LIA_INT("from", part.from));
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_format(&out, "{\"id\":\"%s\"}", id);
    lia_call_answer(call, 201, NULL, 0, &out);
}

/* ---- a part ---------------------------------------------------------------------------------- */

/* What stands beside the log, in the last part: whoever was erased by then is in the list. */
static lia_err put_file(making *m, lia_buf *rows, const char *folder, const char *name, size_t max)
{
    char path[1300];
    size_t size;
    uint8_t *bytes = lia_arena_take(&m->arena, max);
    if (!bytes) return LIA_EFULL;
    snprintf(path, sizeof path, "%s%s%s/%s", lia_node_dir(m->call->api->node), *folder ? "/" : "",
             folder, name);
    lia_err err = lia_file_read(path, false, bytes, max, &size, &m->why);
    if (!err) lia_part_put(rows, LIA_PART_FILE, lia_span_text(name), lia_span_make(bytes, size));
    lia_wipe(bytes, err ? 0 : size);
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err put_files(making *m, lia_buf *rows)
{
    const char *own = m->call->api->member->name;
    lia_part_put(rows, LIA_PART_FILE, LIA_SPAN("name"), lia_span_text(own));
    lia_part_put(rows, LIA_PART_FILE, LIA_SPAN("members"), m->members);
    lia_err err = put_file(m, rows, "", "admin.pub", 4096);
    if (!err) err = put_file(m, rows, own, "node.keys", 4096);
    return err ? err : put_file(m, rows, own, "erasures", LIA_LEDGER_FILE_MAX + 1);
}

static lia_err make_rows(making *m, lia_buf *rows)
{
    lia_err err = LIA_OK;
    if (m->first) {
        err = lia_dump_begin(&m->dump, m->rows.log, m->part.from, rows, &m->why);
        m->part.from = m->dump.from;
        m->part.to = m->dump.to;
        if (m->dump.full) m->part.parent = (lia_hash){{0}};
    }
    size_t bytes = rows->size < PART_BYTES ? PART_BYTES - rows->size : 1;
    if (!err) err = lia_dump_step(&m->dump, m->rows.log, bytes, rows, &m->why);
    if (!err && m->dump.done) err = put_files(m, rows);
    return err ? err : rows->failed ? LIA_EFULL : LIA_OK;
}

static void make(uv_work_t *job)
{
    making *m = job->data;
    lia_buf rows = lia_buf_make(&m->arena);
    m->out = lia_buf_make(&m->arena);
    m->err = make_rows(m, &rows);
    lia_node_scan_end(&m->rows);
    m->part.last = m->dump.done;
    if (!m->err)
        m->err = lia_part_write(&m->out, &m->part, lia_buf_get(&rows), &m->signer, &m->hash);
    if (!m->err && m->part.last) note_given(m->call->api, m->part.time.ms);
    lia_wipe(rows.data, rows.size); /* the node's keys were in it */
    lia_wipe(&m->signer, sizeof m->signer);
}

static void keep(lia_backup_run *run, const making *m)
{
    run->before = m->part;
    run->next = m->part;
    run->next.number++;
    run->next.before = m->hash;
    run->dumped = run->dump;
    run->dump = m->dump;
    run->begun = true;
}

static void made(uv_work_t *job, int status)
{
    making *m = job->data;
    lia_api *api = m->call->api;
    static const lia_http_header headers[] = {{"Cache-Control", "no-store"}};
    (void)status;
    m->run->working = false;
    if (m->err == LIA_ECONFLICT) lia_backup_forget(api);
    if (m->err) {
        lia_call_fail(m->call, m->err, &m->why);
    } else {
        keep(m->run, m);
        if (m->part.last) api->backup_given_ms = m->part.time.ms;
        lia_http_reply(m->call->request, 200, "application/octet-stream", headers,
                       LIA_COUNT(headers), lia_buf_get(&m->out));
    }
    lia_arena_fini(&m->arena);
    lia_api_worked(api);
}

/* The next part, or the one before it again, should its answer have been lost. */
static lia_err choose(lia_backup_run *run, uint64_t number, making *m, lia_why *why)
{
    bool again = run->begun && number == run->before.number;
    if (run->working) return lia_why_set(why, LIA_EBUSY, "a part is being made");
    if (!again && (number != run->next.number || (run->begun && run->before.last)))
        return lia_why_set(why, LIA_ECONFLICT, "part %u is the next one%s", run->next.number,
                           run->begun && run->before.last ? ", if there was one" : "");
    m->run = run;
    m->part = again ? run->before : run->next;
    m->dump = again ? run->dumped : run->dump;
    m->part.last = false;
    m->first = m->part.number == 1;
    return LIA_OK;
}

static bool read_path(lia_call *call, lia_id *id, uint64_t *number)
{
    lia_span rest = call->rest;
    lia_span text = lia_api_take(&rest, '/');
    return lia_id_parse(text, id) == LIA_OK && lia_api_number(rest, number);
}

static lia_err prepare(lia_call *call, making *m, uint64_t number, lia_why *why)
{
    lia_api *api = call->api;
    lia_err err = choose(api->backup, number, m, why);
    if (err) return err;
    if (!lia_origin_equal(m->part.origin, lia_node_origin(api->node)))
        return lia_why_set(why, LIA_ECONFLICT, "this node goes on in another lane: begin anew");
    lia_span list = lia_node_signed_members(api->node);
    m->members = lia_arena_copy(call->arena, list);
    m->signer = *lia_node_signer(api->node);
    m->call = call;
    err = m->members.data ? lia_arena_init(&m->arena, ARENA_BYTES) : LIA_EFULL;
    if (m->first) m->part.time = lia_time_now(); /* what was acknowledged before is in the piece */
    if (!err) err = lia_node_scan(api->node, &m->rows);
    if (err) lia_arena_fini(&m->arena);
    return err;
}

void lia_api_backup_part(lia_call *call)
{
    lia_id id;
    uint64_t number;
    lia_why why = {{0}};
    lia_api *api = call->api;
    if (!read_path(call, &id, &number) || !api->backup ||
        memcmp(&api->backup->next.piece, &id, sizeof id)) {
        lia_why_set(
            &why, LIA_EABSENT,
            "no such backup is under way: another one was begun, or the node was started anew");
        lia_call_fail(call, LIA_EABSENT, &why);
        return;
    }
    making *m = lia_arena_zero(call->arena, sizeof *m);
    lia_err err = m ? prepare(call, m, number, &why) : LIA_EFULL;
    if (err) {
        if (m) lia_wipe(&m->signer, sizeof m->signer);
        lia_call_fail(call, err, &why);
        return;
    }
    lia_node_spare(api->node, SPARE_MS);
    m->run->working = true;
    m->job.data = m;
    api->at_work++;
    int queued = uv_queue_work(api->loop, &m->job, make, made);
    lia_assert(queued == 0);
}
