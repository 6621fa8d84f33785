/* SPDX-License-Identifier: Apache-2.0 */
/* test_disk - a disk that tests can break. Included by one file of a test program, it defines the
 * calls through which LMDB writes, in front of the C library's: they count, fail or kill at the
 * n-th call, and record what was written and flushed. Only *.mdb files are touched.
 *
 * Flushes are noted, not done: a killed process loses nothing that the kernel has, a cut of the
 * power is computed from the notes, and so tests are quick on a slow disk. */
#ifndef LIA_STORE_TEST_DISK_H
#define LIA_STORE_TEST_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/test.h"

typedef enum disk_fault {
    DISK_EIO,
    DISK_ENOSPC,
    DISK_SHORT,       /* half is written; a flush fails with EIO */
    DISK_KILL_BEFORE, /* the process dies instead of the call */
    DISK_KILL_AFTER,
} disk_fault;

typedef struct disk_op {
    enum { DISK_WRITE, DISK_FLUSH, DISK_ACK, DISK_RENAME } kind;
    char file[16]; /* "log.mdb" */
    char from[16]; /* of a rename to `file` */
    off_t at;
    size_t size;
    uint8_t *bytes;
    size_t durable;  /* index of the operation that made it so; SIZE_MAX when none did */
    uint64_t number; /* of an acknowledgement */
} disk_op;

enum { DISK_OPS_MAX = 100000 };

static struct {
    pthread_mutex_t lock;
    uint64_t calls, fail_at; /* 0: never */
    disk_fault fault;
    bool lasting; /* every later call fails too */
    bool recording;
    disk_op *ops;
    size_t op_count;
    bool flushing[1024]; /* descriptors opened with O_DSYNC: each write is a flush of itself */
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The fault comes at the `n`-th call from now; `n` 0 ends all faults. */
static inline void disk_arm(disk_fault fault, uint64_t n, bool lasting)
{
    pthread_mutex_lock(&disk.lock);
    disk.calls = 0;
    disk.fail_at = n;
    disk.fault = fault;
    disk.lasting = lasting;
    pthread_mutex_unlock(&disk.lock);
}

static inline bool disk_fired(void)
{
    pthread_mutex_lock(&disk.lock);
    bool fired = disk.fail_at && disk.calls >= disk.fail_at;
    pthread_mutex_unlock(&disk.lock);
    return fired;
}

/* The last part of the name of a *.mdb file (or one under creation). */
static bool disk_is_ours(int fd, char name[16])
{
    char link[64], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return false;
    path[size] = 0;
    const char *slash = strrchr(path, '/');
    if (!slash || !strstr(slash, ".mdb") || strstr(slash, "-lock")) return false;
    snprintf(name, 16, "%s", slash + 1);
    return true;
}

/* Whether this call is the one to fail; kills when asked to. The lock is held. */
static bool disk_fails(void)
{
    disk.calls++;
    bool now =
        disk.fail_at && (disk.calls == disk.fail_at || (disk.lasting && disk.calls > disk.fail_at));
    if (now && disk.fault == DISK_KILL_BEFORE) kill(getpid(), SIGKILL);
    return now;
}

static disk_op *disk_note(int kind, const char *name)
{
    if (!disk.recording) return NULL;
    if (disk.op_count == DISK_OPS_MAX) abort();
    disk_op *op = &disk.ops[disk.op_count++];
    *op = (disk_op){.durable = SIZE_MAX};
    op->kind = kind;
    snprintf(op->file, sizeof op->file, "%s", name);
    return op;
}

static void disk_note_write(int fd, const char *name, const void *bytes, size_t size, off_t at)
{
    disk_op *op = disk_note(DISK_WRITE, name);
    if (!op) return;
    op->at = at;
    op->size = size;
    op->bytes = malloc(size);
    memcpy(op->bytes, bytes, size);
    if (disk.flushing[fd]) op->durable = disk.op_count - 1;
}

static void disk_note_flush(const char *name)
{
    if (!disk_note(DISK_FLUSH, name)) return;
    for (size_t i = 0; i < disk.op_count; i++) {
        disk_op *op = &disk.ops[i];
        if (op->kind == DISK_WRITE && op->durable == SIZE_MAX && strcmp(op->file, name) == 0)
            op->durable = disk.op_count - 1;
    }
}

static ssize_t disk_write(int fd, const void *bytes, size_t size, off_t at)
{
    char name[16];
    if (!disk_is_ours(fd, name)) return syscall(SYS_pwrite64, fd, bytes, size, at);
    pthread_mutex_lock(&disk.lock);
    bool fails = disk_fails();
    ssize_t rc = -1;
    if (!fails || disk.fault == DISK_SHORT || disk.fault == DISK_KILL_AFTER) {
        if (fails && disk.fault == DISK_SHORT) size /= 2;
        rc = syscall(SYS_pwrite64, fd, bytes, size, at);
        disk_note_write(fd, name, bytes, size, at);
        if (fails && disk.fault == DISK_KILL_AFTER) kill(getpid(), SIGKILL);
    } else {
        errno = disk.fault == DISK_ENOSPC ? ENOSPC : EIO;
    }
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

/* A folder's flush makes the renames before it last. */
static void disk_note_folder_flush(int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISDIR(info.st_mode)) return;
    pthread_mutex_lock(&disk.lock);
    if (disk_note(DISK_FLUSH, "."))
        for (size_t i = 0; i < disk.op_count; i++)
            if (disk.ops[i].kind == DISK_RENAME && disk.ops[i].durable == SIZE_MAX)
                disk.ops[i].durable = disk.op_count - 1;
    pthread_mutex_unlock(&disk.lock);
}

static int disk_flush(int fd)
{
    char name[16];
    if (!disk_is_ours(fd, name)) {
        disk_note_folder_flush(fd);
        return 0;
    }
    pthread_mutex_lock(&disk.lock);
    bool fails = disk_fails();
    int rc = 0;
    if (fails && disk.fault != DISK_KILL_AFTER) {
        errno = disk.fault == DISK_ENOSPC ? ENOSPC : EIO;
        rc = -1;
    } else {
        disk_note_flush(name);
        if (fails) kill(getpid(), SIGKILL);
    }
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    bool flushing = strstr(path, ".mdb") && (flags & O_DSYNC);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flushing ? flags & ~O_SYNC : flags, mode);
    if (fd >= 0 && fd < (int)LIA_COUNT(disk.flushing)) disk.flushing[fd] = flushing;
    return fd;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return disk_write(fd, bytes, size, at);
}

/* LMDB seeks and writes runs of pages with this. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    char name[16];
    if (!disk_is_ours(fd, name)) return syscall(SYS_writev, fd, parts, count);
    size_t size = 0;
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    uint8_t *bytes = malloc(size), *to = bytes;
    for (int i = 0; i < count; to += parts[i++].iov_len)
        memcpy(to, parts[i].iov_base, parts[i].iov_len);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t rc = disk_write(fd, bytes, size, at);
    free(bytes);
    if (rc > 0) lseek(fd, at + rc, SEEK_SET);
    return rc;
}

int rename(const char *from, const char *to)
{
    int rc = (int)syscall(SYS_rename, from, to);
    const char *old = strrchr(from, '/'), *name = strrchr(to, '/');
    if (rc || !old || !name || !strstr(name, ".mdb")) return rc;
    pthread_mutex_lock(&disk.lock);
    disk_op *op = disk_note(DISK_RENAME, name + 1);
    if (op) snprintf(op->from, sizeof op->from, "%s", old + 1);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

int fdatasync(int fd)
{
    return disk_flush(fd);
}
int fsync(int fd)
{
    return disk_flush(fd);
}

/* ---- recording ------------------------------------------------------------------------------ */

static inline void disk_record(bool on)
{
    pthread_mutex_lock(&disk.lock);
    if (on && !disk.ops) disk.ops = malloc(DISK_OPS_MAX * sizeof *disk.ops);
    disk.recording = on;
    pthread_mutex_unlock(&disk.lock);
}

static inline void disk_forget(void)
{
    for (size_t i = 0; i < disk.op_count; i++) free(disk.ops[i].bytes);
    free(disk.ops);
    disk.ops = NULL;
    disk.op_count = 0;
}

/* Notes that `number` of `what` was promised to somebody here. */
static inline void disk_ack(const char *what, uint64_t number)
{
    pthread_mutex_lock(&disk.lock);
    disk_op *op = disk_note(DISK_ACK, what);
    if (op) op->number = number;
    pthread_mutex_unlock(&disk.lock);
}

static inline uint64_t disk_acked(const char *what, size_t cut)
{
    uint64_t last = 0;
    for (size_t i = 0; i < cut; i++)
        if (disk.ops[i].kind == DISK_ACK && strcmp(disk.ops[i].file, what) == 0)
            last = disk.ops[i].number;
    return last;
}

static inline void disk_replay_write(int fd, const disk_op *op, size_t cut, lia_dice *dice)
{
    uint64_t luck = op->durable < cut ? 0 : lia_dice_below(dice, 3);
    for (size_t from = 0; from < op->size; from += 512) {
        size_t size = op->size - from < 512 ? op->size - from : 512;
        if (luck == 1 || (luck == 2 && lia_dice_below(dice, 2))) continue;
        if (syscall(SYS_pwrite64, fd, op->bytes + from, size, op->at + (off_t)from) < 0) abort();
    }
}

/* The writes to `name` among operations `first` .. `last` - 1. */
static inline void disk_replay(int fd, const char *name, size_t first, size_t last, size_t cut,
                               lia_dice *dice)
{
    for (size_t i = first; i < last; i++)
        if (disk.ops[i].kind == DISK_WRITE && strcmp(disk.ops[i].file, name) == 0)
            disk_replay_write(fd, &disk.ops[i], cut, dice);
}

/* Where the file that has the name `name` at `before` was begun: after it last lost that name. */
static inline size_t disk_born(const char *name, size_t before)
{
    while (before > 0 && !(disk.ops[before - 1].kind == DISK_RENAME &&
                           strcmp(disk.ops[before - 1].from, name) == 0))
        before--;
    return before;
}

/* Writes into `fd` what a disk would hold whose power failed before operation `cut`: all that was
 * flushed, and of the rest what chance left, in sectors of 512 bytes. A rename that was not flushed
 * has happened or not. */
static inline void disk_rebuild(int fd, const char *name, size_t cut, lia_dice *dice)
{
    size_t first = 0, last = cut;
    for (size_t i = 0; i < last; i++) {
        const disk_op *op = &disk.ops[i];
        if (op->kind != DISK_RENAME || strcmp(op->file, name) != 0) continue;
        if (op->durable >= cut && lia_dice_below(dice, 2)) {
            last = i; /* it is lost, and so is all that was written under the name since */
        } else {
            if (ftruncate(fd, 0) != 0) abort();
            disk_replay(fd, op->from, disk_born(op->from, i), i, cut, dice);
            first = i;
        }
    }
    disk_replay(fd, name, first, last, cut, dice);
}

#endif
