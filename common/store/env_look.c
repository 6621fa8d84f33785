/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a file that may have an owner at work. LMDB's reader table is shared with it, so pages
 * stay as they are while a transaction reads them. Where that table is not there, or may not be
 * written, nobody is at work: then it is left out, rather than made by somebody else's hand. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store/env.h"

static lia_err fail(int rc, const char *path, lia_why *why)
{
    return lia_why_set(why, lia_env_err(rc), "cannot read %s: %s", path, mdb_strerror(rc));
}

static lia_err find(const lia_env *env, lia_why *why)
{
    struct stat file;
    if (stat(env->path, &file) != 0) {
        if (errno == ENOENT) return lia_why_set(why, LIA_EABSENT, "there is no %s", env->path);
        return fail(errno, env->path, why);
    }
    if (file.st_size) return LIA_OK;
    return lia_why_set(why, LIA_ECORRUPT, "%s is empty: restore it from a backup", env->path);
}

static lia_err open_mdb(lia_env *env, size_t tables, lia_why *why)
{
    char table[sizeof env->path + 8];
    snprintf(table, sizeof table, "%s-lock", env->path);
    unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_RDONLY;
    if (access(table, R_OK | W_OK) != 0) flags |= MDB_NOLOCK;
    int rc = mdb_env_create(&env->mdb);
    if (rc) {
        env->mdb = NULL;
        return fail(rc, env->path, why);
    }
    rc = mdb_env_set_maxdbs(env->mdb, (MDB_dbi)tables + 1);
    if (!rc) rc = mdb_env_open(env->mdb, env->path, flags, 0600);
    return rc ? fail(rc, env->path, why) : LIA_OK;
}

static lia_err open_tables(lia_env *env, const lia_env_spec *spec, lia_why *why)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    if (rc) return fail(rc, env->path, why);
    lia_err err = LIA_OK;
    rc = mdb_dbi_open(txn, "meta", 0, &env->meta);
    if (rc == MDB_NOTFOUND)
        err = lia_why_set(why, LIA_ECORRUPT, "%s is not a %s of Liaison", env->path, spec->name);
    else if (!rc)
        err = lia_env_check_format(env, txn, spec, why);
    for (size_t i = 0; !rc && !err && i < spec->table_count; i++) {
        rc = mdb_dbi_open(txn, spec->tables[i], 0, &spec->handles[i]);
        if (rc == MDB_NOTFOUND)
            err =
                lia_why_set(why, LIA_EVERSION,
                            "%s was last open in an older release: start its node once", env->path);
    }
    if (rc && !err) err = fail(rc, env->path, why);
    if (err) {
        mdb_txn_abort(txn);
        return err;
    }
    rc = mdb_txn_commit(txn); /* which keeps the handles */
    return rc ? fail(rc, env->path, why) : LIA_OK;
}

lia_err lia_env_look(lia_env *env, const char *dir, const lia_env_spec *spec, lia_why *why)
{
    lia_why unasked = {0};
    if (!why) why = &unasked;
    *env = (lia_env){.lock = -1};
    if (strlen(dir) + strlen(spec->name) + 16 > sizeof env->path)
        return lia_why_set(why, LIA_EINVAL, "the folder name %.200s... is too long", dir);
    snprintf(env->path, sizeof env->path, "%s/%s.mdb", dir, spec->name);
    lia_err err = find(env, why);
    if (!err) err = open_mdb(env, spec->table_count, why);
    if (!err) err = lia_env_check_size(env, why);
    if (!err) err = open_tables(env, spec, why);
    if (err) lia_env_close(env);
    return err;
}
