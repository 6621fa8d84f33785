/* SPDX-License-Identifier: Apache-2.0 */
/* Why a file of our own making around LMDB's: LMDB creates its file in several unflushed steps,
 * takes an empty file for a new one, lets one process open a file twice (and then drops the locks
 * of both), and maps a file that was cut short without looking, which ends in SIGBUS. So we create
 * under another name and rename, hold a lock of the kernel's, and compare sizes before the first
 * page is touched. */
#include "common/store/env.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/log.h"

/* Snapshots and readers that may be open at once. A slot is 64 bytes of the lock file. */
#define READERS_MAX 1024

static const uint8_t format_name[] = "\0format"; /* u32 format, u32 version */
static const uint8_t opened_name[] = "\0opened"; /* u64 times opened */

lia_err lia_env_err(int rc)
{
    switch (rc) {
    case MDB_SUCCESS:
        return LIA_OK;
    case MDB_NOTFOUND:
        return LIA_EABSENT;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_READERS_FULL:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
        return LIA_EFULL;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE:
    case MDB_INVALID:
        return LIA_ECORRUPT;
    case MDB_VERSION_MISMATCH:
        return LIA_EVERSION;
    case MDB_BAD_VALSIZE:
        return LIA_EINVAL;
    default:
        return LIA_EIO;
    }
}

static lia_err fail(int rc, const char *what, const char *path, lia_why *why)
{
    return lia_why_set(why, lia_env_err(rc), "cannot %s %s: %s", what, path, mdb_strerror(rc));
}

/* ---- folder and lock ------------------------------------------------------------------------ */

static int sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    int rc = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return rc;
}

static int sync_parent(const char *path)
{
    char parent[512];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (!slash) return sync_path(".");
    slash[slash == parent] = 0;
    return sync_path(parent);
}

/* Makes the folder and those above it, each entry flushed. */
static int make_dir(const char *dir)
{
    struct stat info;
    if (stat(dir, &info) == 0) return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
    char above[512];
    snprintf(above, sizeof above, "%s", dir);
    char *slash = strrchr(above, '/');
    if (slash && slash != above) {
        *slash = 0;
        int rc = make_dir(above);
        if (rc) return rc;
    }
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) return errno;
    return sync_parent(dir);
}

/* flock belongs to the open file, not to the process: a second open in this process is refused
 * too, and a killed process has let go before anybody can ask. */
static lia_err take_lock(lia_env *env, const char *dir, lia_why *why)
{
    char path[512];
    snprintf(path, sizeof path, "%s/lock", dir);
    env->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (env->lock < 0) return fail(errno, "open", path, why);
    if (flock(env->lock, LOCK_EX | LOCK_NB) == 0) return LIA_OK;
    if (errno != EWOULDBLOCK) return fail(errno, "lock", path, why);
    return lia_why_set(why, LIA_EBUSY, "%s is open in another process: stop that one first", dir);
}

/* ---- creation ------------------------------------------------------------------------------- */

static int open_mdb(MDB_env **out, const char *path, size_t map_bytes, unsigned flags,
                    size_t tables)
{
    MDB_env *mdb;
    int rc = mdb_env_create(&mdb);
    if (rc) return rc;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    rc = mdb_env_set_mapsize(mdb, (map_bytes + page - 1) / page * page);
    if (!rc) rc = mdb_env_set_maxdbs(mdb, (MDB_dbi)tables + 1);
    if (!rc) rc = mdb_env_set_maxreaders(mdb, READERS_MAX);
    if (!rc) rc = mdb_env_open(mdb, path, MDB_NOSUBDIR | MDB_NOTLS | flags, 0600);
    if (rc) {
        mdb_env_close(mdb);
        return rc;
    }
    *out = mdb;
    return 0;
}

static int put_format(MDB_env *mdb, const lia_env_spec *spec)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(mdb, NULL, 0, &txn);
    if (rc) return rc;
    uint8_t bytes[8];
    lia_put_u32(bytes, spec->format);
    lia_put_u32(bytes + 4, spec->version);
    MDB_val key = {sizeof format_name, (void *)(uintptr_t)format_name};
    MDB_val value = {sizeof bytes, bytes};
    MDB_dbi meta;
    rc = mdb_dbi_open(txn, "meta", MDB_CREATE, &meta);
    if (!rc) rc = mdb_put(txn, meta, &key, &value, 0);
    if (rc) {
        mdb_txn_abort(txn);
        return rc;
    }
    return mdb_txn_commit(txn);
}

/* A file that exists is complete: it gets its name when its first commit is on the disk. */
static lia_err create(const lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    char path[sizeof env->path + 8];
    snprintf(path, sizeof path, "%s.new", env->path);
    if (unlink(path) != 0 && errno != ENOENT) return fail(errno, "remove", path, why);
    MDB_env *mdb;
    int rc = open_mdb(&mdb, path, spec->map_bytes, MDB_NOLOCK, spec->table_count);
    if (rc) return fail(rc, "create", path, why);
    rc = put_format(mdb, spec);
    mdb_env_close(mdb);
    if (!rc) rc = sync_path(path);
    if (!rc && rename(path, env->path) != 0) rc = errno;
    if (!rc) rc = sync_parent(env->path);
    if (rc) {
        unlink(path);
        return fail(rc, "create", env->path, why);
    }
    return LIA_OK;
}

/* ---- looking over --------------------------------------------------------------------------- */

/* The header says how many pages there are; fewer in the file would be SIGBUS later. */
lia_err lia_env_check_size(const lia_env *env, lia_why *why)
{
    MDB_envinfo info;
    MDB_stat shape;
    struct stat file;
    mdb_env_info(env->mdb, &info);
    mdb_env_stat(env->mdb, &shape);
    if (stat(env->path, &file) != 0) return fail(errno, "look at", env->path, why);
    uint64_t want = ((uint64_t)info.me_last_pgno + 1) * shape.ms_psize;
    if ((uint64_t)file.st_size >= want) return LIA_OK;
    return lia_why_set(why, LIA_ECORRUPT,
                       "%s was cut short: it has %lld of at least %llu bytes; restore it from a "
                       "backup or fetch it anew from the other nodes",
                       env->path, (long long)file.st_size, (unsigned long long)want);
}

lia_err lia_env_check_format(lia_env *env, MDB_txn *txn, const lia_env_spec *spec, lia_why *why)
{
    MDB_val key = {sizeof format_name, (void *)(uintptr_t)format_name};
    MDB_val value;
    int rc = mdb_get(txn, env->meta, &key, &value);
    if (rc == MDB_NOTFOUND || (!rc && value.mv_size != 8))
        return lia_why_set(why, LIA_ECORRUPT, "%s is not a %s of Liaison", env->path, spec->name);
    if (rc) return fail(rc, "read", env->path, why);
    uint32_t format = lia_get_u32(value.mv_data);
    env->version = lia_get_u32((const uint8_t *)value.mv_data + 4);
    if (format <= spec->format) return LIA_OK;
    return lia_why_set(why, LIA_EVERSION,
                       "%s has format %u, this release reads up to %u: install the newer release",
                       env->path, format, spec->format);
}

/* A commit that was under way when the machine or we died may be seen but not be on the disk yet.
 * Writing one more on top puts both there. */
static int note_opening(const lia_env *env, MDB_txn *txn)
{
    MDB_val key = {sizeof opened_name, (void *)(uintptr_t)opened_name};
    MDB_val value;
    uint64_t times = 0;
    int rc = mdb_get(txn, env->meta, &key, &value);
    if (!rc && value.mv_size == 8) times = lia_get_u64(value.mv_data);
    if (rc && rc != MDB_NOTFOUND) return rc;
    uint8_t bytes[8];
    lia_put_u64(bytes, times + 1);
    value = (MDB_val){sizeof bytes, bytes};
    return mdb_put(txn, env->meta, &key, &value, 0);
}

static lia_err open_tables(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(env->mdb, NULL, 0, &txn);
    if (rc) return fail(rc, "write to", env->path, why);
    lia_err err = LIA_OK;
    rc = mdb_dbi_open(txn, "meta", 0, &env->meta);
    if (rc == MDB_NOTFOUND)
        err = lia_why_set(why, LIA_ECORRUPT, "%s is not a %s of Liaison", env->path, spec->name);
    else if (!rc)
        err = lia_env_check_format(env, txn, spec, why);
    for (size_t i = 0; !rc && !err && i < spec->table_count; i++)
        rc = mdb_dbi_open(txn, spec->tables[i], MDB_CREATE, &spec->handles[i]);
    if (!rc && !err && spec->settle) rc = note_opening(env, txn);
    if (rc || err) {
        mdb_txn_abort(txn);
        return err ? err : fail(rc, "read", env->path, why);
    }
    rc = mdb_txn_commit(txn);
    return rc ? fail(rc, "write to", env->path, why) : LIA_OK;
}

/* ---- opening -------------------------------------------------------------------------------- */

static lia_err open_existing(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    int rc = open_mdb(&env->mdb, env->path, spec->map_bytes, 0, spec->table_count);
    if (rc) return fail(rc, "open", env->path, why);
    lia_err err = lia_env_check_size(env, why);
    if (err) return err;
    mdb_reader_check(env->mdb, NULL);
    return open_tables(env, spec, why);
}

static lia_err open_data(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    struct stat file;
    if (stat(env->path, &file) != 0) {
        if (errno != ENOENT) return fail(errno, "look at", env->path, why);
        lia_err err = create(env, spec, why);
        if (err) return err;
    } else if (file.st_size == 0) {
        return lia_why_set(why, LIA_ECORRUPT, "%s is empty: restore it from a backup", env->path);
    }
    return open_existing(env, spec, why);
}

/* The lock stays ours meanwhile, so nobody can have begun to use what we remove. */
static lia_err start_anew(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    LIA_LOG(WARN, "store.discarded", LIA_TEXT("file", env->path), LIA_TEXT("why", why->text));
    if (env->mdb) mdb_env_close(env->mdb);
    env->mdb = NULL;
    static const char *const endings[] = {"", "-lock"};
    for (size_t i = 0; i < LIA_COUNT(endings); i++) {
        char path[sizeof env->path + 8];
        snprintf(path, sizeof path, "%s%s", env->path, endings[i]);
        if (unlink(path) != 0 && errno != ENOENT) return fail(errno, "remove", path, why);
    }
    return open_data(env, spec, why);
}

/* What a crash left of a file under construction. */
static int remove_next(const lia_env *env)
{
    static const char *const endings[] = {".next", ".next-lock"};
    for (size_t i = 0; i < LIA_COUNT(endings); i++) {
        char path[sizeof env->path + 16];
        snprintf(path, sizeof path, "%s%s", env->path, endings[i]);
        if (unlink(path) != 0 && errno != ENOENT) return errno;
    }
    return 0;
}

static lia_err open_or_replace(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    lia_err err = open_data(env, spec, why);
    if (!spec->disposable) return err;
    if (!err && env->version != spec->version)
        err = lia_why_set(why, LIA_EVERSION, "its rows have version %u, wanted %u", env->version,
                          spec->version);
    if (err != LIA_ECORRUPT && err != LIA_EVERSION) return err;
    return start_anew(env, spec, why);
}

lia_err lia_env_open(lia_env *env, const char *dir, const lia_env_spec *spec, lia_why *why)
{
    lia_why unasked = {0};
    if (!why) why = &unasked;
    *env = (lia_env){.lock = -1};
    if (strlen(dir) + strlen(spec->name) + 16 > sizeof env->path)
        return lia_why_set(why, LIA_EINVAL, "the folder name %.200s... is too long", dir);
    snprintf(env->path, sizeof env->path, "%s/%s.mdb", dir, spec->name);
    int rc = make_dir(dir);
    if (rc) return fail(rc, "create", dir, why);
    lia_err err = take_lock(env, dir, why);
    if (!err && (rc = remove_next(env)) != 0) err = fail(rc, "clean up", dir, why);
    if (!err) err = open_or_replace(env, spec, why);
    if (err) lia_env_close(env);
    return err;
}

lia_err lia_env_reopen(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    lia_why unasked = {0};
    mdb_env_close(env->mdb);
    env->mdb = NULL;
    lia_err err = open_existing(env, spec, why ? why : &unasked);
    if (!err) return LIA_OK;
    if (env->mdb) mdb_env_close(env->mdb);
    env->mdb = NULL;
    return err;
}

/* ---- replacing ------------------------------------------------------------------------------ */

lia_err lia_env_make_next(lia_env *next, const lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    *next = (lia_env){.lock = -1, .version = spec->version};
    int size = snprintf(next->path, sizeof next->path, "%s.next", env->path);
    if ((size_t)size >= sizeof next->path)
        return lia_why_set(why, LIA_EINVAL, "the name %.200s... is too long", env->path);
    int rc = remove_next(env);
    if (!rc) rc = open_mdb(&next->mdb, next->path, spec->map_bytes, MDB_NOSYNC, spec->table_count);
    if (!rc) rc = put_format(next->mdb, spec);
    lia_err err = rc ? fail(rc, "create", next->path, why) : open_tables(next, spec, why);
    if (err) lia_env_drop_next(next);
    return err;
}

lia_err lia_env_replace(const lia_env *env, lia_env *next, bool *renamed, lia_why *why)
{
    *renamed = false;
    int rc = mdb_env_sync(next->mdb, 1);
    if (!rc) rc = sync_path(next->path);
    if (!rc) rc = mdb_env_set_flags(next->mdb, MDB_NOSYNC, 0);
    if (!rc && rename(next->path, env->path) != 0) rc = errno;
    if (rc) {
        lia_err err = lia_env_failure(next, rc, why);
        lia_env_drop_next(next);
        return err;
    }
    *renamed = true;
    memcpy(next->path, env->path, sizeof next->path);
    rc = sync_parent(env->path);
    return rc ? lia_env_failure(env, rc, why) : LIA_OK;
}

void lia_env_drop_next(lia_env *next)
{
    if (!next->mdb) return;
    char path[sizeof next->path + 8];
    snprintf(path, sizeof path, "%s-lock", next->path);
    mdb_env_close(next->mdb);
    next->mdb = NULL;
    unlink(next->path);
    unlink(path);
}

void lia_env_close(lia_env *env)
{
    if (env->mdb) mdb_env_close(env->mdb);
    if (env->lock >= 0) close(env->lock);
    *env = (lia_env){.lock = -1};
}

lia_err lia_env_failure(const lia_env *env, int rc, lia_why *why)
{
    struct statvfs disk;
    if (rc == MDB_MAP_FULL)
        return lia_why_set(why, LIA_EFULL,
                           "%s has reached its largest allowed size: allow more and start again",
                           env->path);
    if (rc == EIO && statvfs(env->path, &disk) == 0 && disk.f_bavail == 0) rc = ENOSPC;
    if (rc == ENOSPC)
        return lia_why_set(why, LIA_EFULL, "the disk of %s is full: make room", env->path);
    return fail(rc, "write to", env->path, why);
}

void lia_env_size(const lia_env *env, size_t *used, size_t *cap)
{
    MDB_envinfo info;
    MDB_stat shape;
    *used = *cap = 0;
    if (!env->mdb) return;
    mdb_env_info(env->mdb, &info);
    mdb_env_stat(env->mdb, &shape);
    *used = (info.me_last_pgno + 1) * shape.ms_psize;
    *cap = info.me_mapsize;
}
