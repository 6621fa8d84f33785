/* SPDX-License-Identifier: Apache-2.0 */
/* env - one LMDB environment in a folder of its own: created whole or not at all, locked against
 * a second owner, looked over before use. Private to common/store.
 *
 *     <dir>/lock             held by flock while open; the kernel lets go of it when we die
 *     <dir>/<name>.mdb       the data; only ever appears complete (made as .new, renamed)
 *     <dir>/<name>.mdb-lock  LMDB's reader table */
#ifndef LIA_STORE_ENV_H
#define LIA_STORE_ENV_H

#include <lmdb.h>

#include "common/base/err.h"

typedef struct lia_env {
    MDB_env *mdb;
    MDB_dbi meta; /* name -> bytes; names that begin with a NUL are the env's own */
    int lock;     /* descriptor, -1 when closed */
    uint32_t version;
    char path[512];
} lia_env;

typedef struct lia_env_spec {
    const char *name;          /* of the file, and of the thing in sentences: "log" */
    const char *const *tables; /* opened in this order into `handles`; made when absent */
    MDB_dbi *handles;
    size_t table_count;
    size_t map_bytes;
    uint32_t format; /* of the rows that this folder lays out */
    uint32_t
        version;     /* of the caller's layout, written at creation; env->version is the kept one */
    bool settle;     /* end the opening with a commit, so that all that is read is on the disk */
    bool disposable; /* a damaged file, or one of another version, is replaced by a new one */
} lia_env_spec;

/* Opens or creates. On an error nothing is held and `why` is filled.
 *   LIA_EBUSY     somebody has the folder open, this process included
 *   LIA_EIO       the folder cannot be read or written     LIA_EFULL  no room
 *   LIA_ECORRUPT  not such a file, cut short or damaged    LIA_EVERSION  from a newer release */
LIA_MUST_USE lia_err lia_env_open(lia_env *env, const char *dir, const lia_env_spec *spec,
                                  lia_why *why);

/* Closes the file and opens it again under the lock that is held: LMDB's recycled page buffers are
 * gone, and with `settle` so is the doubt about the last commit. No transaction may be open. After
 * an error env->mdb is NULL, and all that is left to do is lia_env_close. Errors as above. */
LIA_MUST_USE lia_err lia_env_reopen(lia_env *env, const lia_env_spec *spec, lia_why *why);

/* Makes `next`, an empty file of the same kind beside env's, unflushed until lia_env_replace and
 * without a lock of its own; handles go to `spec`. Errors as above. */
LIA_MUST_USE lia_err lia_env_make_next(lia_env *next, const lia_env *env, const lia_env_spec *spec,
                                       lia_why *why);
/* Flushes `next` and gives it env's name. `env` itself stays open, as a file without a name. On an
 * error `next` is gone, unless *renamed says that it has the name, but not yet for sure. */
LIA_MUST_USE lia_err lia_env_replace(const lia_env *env, lia_env *next, bool *renamed,
                                     lia_why *why);
/* Closes and removes `next`; fine when not open. */
void lia_env_drop_next(lia_env *next);

/* Opens the file of `spec` to look at it, beside its owner or without one: nothing is written, the
 * folder's lock is not taken, and env->version is the kept one. The map is as large as the file says.
 *   LIA_EABSENT  there is none     LIA_EVERSION  from a newer release, or one that lacks a table
 *   LIA_ECORRUPT, LIA_EIO, LIA_EFULL  as above */
LIA_MUST_USE lia_err lia_env_look(lia_env *env, const char *dir, const lia_env_spec *spec,
                                  lia_why *why);

/* For whoever has opened env->mdb: is the file as long as its header says; was it written in a format
 * that is understood. */
lia_err lia_env_check_size(const lia_env *env, lia_why *why);
lia_err lia_env_check_format(lia_env *env, MDB_txn *txn, const lia_env_spec *spec, lia_why *why);

/* Closes; fine when not open. No transaction may be open. */
void lia_env_close(lia_env *env);

/* LMDB's and the system's error numbers in ours; 0 is LIA_OK, MDB_NOTFOUND is LIA_EABSENT. */
lia_err lia_env_err(int rc);

/* What a failed write to this environment means, with a sentence. LMDB reports a short write, which
 * is how a full disk often begins, as EIO; this tells the two apart. */
lia_err lia_env_failure(const lia_env *env, int rc, lia_why *why);

/* Bytes up to the last used page, and the most the file may hold; 0 when not open. */
void lia_env_size(const lia_env *env, size_t *used, size_t *cap);

/* Between our spans and LMDB's. LMDB reads through the pointer only. */
static inline MDB_val lia_val(lia_span span)
{
    static uint8_t empty;
    return (MDB_val){span.size, span.size ? (void *)(uintptr_t)span.data : &empty};
}
static inline lia_span lia_val_span(MDB_val val)
{
    return lia_span_make(val.mv_data, val.mv_size);
}

#endif
