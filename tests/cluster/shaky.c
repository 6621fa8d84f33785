/* SPDX-License-Identifier: Apache-2.0 */
/* shaky - preloaded into a real node, it stands between LMDB and the disk, and before the clock. Of
 * files only *.mdb are touched.
 *
 * SHAKY_ORDERS names a file that may be replaced at any time: "EIO flush 5" lets the fifth flush
 * from then on and all later ones fail, "ENOSPC write 1" the writes; empty or absent: all is well.
 *
 * SHAKY_RECORD names a file to which every write and flush is noted (shaky.h), from which
 * disk_replay builds what a disk would hold whose power had failed at some moment.
 *
 * SHAKY_CLOCK names a file, read again when it changes, with the milliseconds by which the wall
 * clock is wrong. */
#include "tests/cluster/shaky.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at);
int open64(const char *path, int flags, ...);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct timespec orders_changed;
static struct {
    int error; /* 0: none */
    bool flushes;
    unsigned long first, calls;
} order;
static bool is_synced[4096]; /* descriptors opened with O_DSYNC */

static bool is_ours(int fd, char name[16])
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

/* ---- orders ---------------------------------------------------------------------------------- */

static void read_orders(void)
{
    const char *path = getenv("SHAKY_ORDERS");
    struct stat info;
    char what[16] = "", call[16] = "";
    if (!path || stat(path, &info) != 0) {
        order.error = 0;
        return;
    }
    if (!memcmp(&info.st_mtim, &orders_changed, sizeof orders_changed)) return;
    orders_changed = info.st_mtim;
    FILE *file = fopen(path, "r");
    if (!file) return;
    bool any = fscanf(file, "%15s %15s %lu", what, call, &order.first) == 3;
    fclose(file);
    order.calls = 0;
    order.error = !any ? 0 : !strcmp(what, "ENOSPC") ? ENOSPC : EIO;
    order.flushes = !strcmp(call, "flush");
}

/* The lock is held. */
static bool fails(bool is_flush)
{
    read_orders();
    if (!order.error || order.flushes != is_flush || ++order.calls < order.first) return false;
    errno = order.error;
    return true;
}

/* ---- recording ------------------------------------------------------------------------------- */

static void put(int fd, const void *bytes, size_t size)
{
    for (const char *at = bytes; size;) {
        long wrote = syscall(SYS_write, fd, at, size);
        if (wrote <= 0) abort();
        at += wrote;
        size -= (size_t)wrote;
    }
}

static uint64_t now_us(void)
{
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void note(shaky_kind kind, const char *name, uint64_t begun_us, const void *bytes,
                 size_t size, off_t at)
{
    static int fd = -1;
    const char *path = getenv("SHAKY_RECORD");
    if (!path) return;
    if (fd < 0) {
        long rc =
            syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (rc < 0) abort();
        fd = (int)rc;
    }
    shaky_op op = {.kind = kind, .begun_us = begun_us, .at = (uint64_t)at, .size = size};
    snprintf(op.file, sizeof op.file, "%s", name);
    put(fd, &op, sizeof op);
    put(fd, bytes, size);
}

/* ---- the calls ------------------------------------------------------------------------------- */

static ssize_t write_at(int fd, const char *name, const void *bytes, size_t size, off_t at)
{
    pthread_mutex_lock(&lock);
    uint64_t begun_us = now_us();
    ssize_t rc = fails(false) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
    if (rc > 0) note(SHAKY_WRITE, name, begun_us, bytes, (size_t)rc, at);
    bool synced = fd < (int)(sizeof is_synced / sizeof *is_synced) && is_synced[fd];
    if (rc > 0 && synced) note(SHAKY_FLUSH_LAST, name, now_us(), NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    return rc;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    char name[16];
    if (!is_ours(fd, name)) return syscall(SYS_pwrite64, fd, bytes, size, at);
    return write_at(fd, name, bytes, size, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite64(fd, bytes, size, at);
}

/* LMDB seeks and writes runs of pages with this. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    char name[16];
    if (!is_ours(fd, name)) return syscall(SYS_writev, fd, parts, count);
    size_t size = 0;
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    char *bytes = malloc(size), *to = bytes;
    if (!bytes) abort();
    for (int i = 0; i < count; to += parts[i++].iov_len)
        memcpy(to, parts[i].iov_base, parts[i].iov_len);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t rc = write_at(fd, name, bytes, size, at);
    free(bytes);
    if (rc > 0) lseek(fd, at + rc, SEEK_SET);
    return rc;
}

static int flush(int fd, long call)
{
    char name[16];
    if (!is_ours(fd, name)) return (int)syscall(call, fd);
    pthread_mutex_lock(&lock);
    uint64_t begun_us = now_us();
    int rc = fails(true) ? -1 : (int)syscall(call, fd);
    if (rc == 0) note(SHAKY_FLUSH, name, begun_us, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    return rc;
}

int fdatasync(int fd)
{
    return flush(fd, SYS_fdatasync);
}
int fsync(int fd)
{
    return flush(fd, SYS_fsync);
}

static int open_noted(const char *path, int flags, int mode)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && fd < (int)(sizeof is_synced / sizeof *is_synced))
        is_synced[fd] = strstr(path, ".mdb") && (flags & O_DSYNC);
    return fd;
}

#define OPEN_LIKE(name)                                                                            \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        int mode = flags & O_CREAT ? va_arg(args, int) : 0;                                        \
        va_end(args);                                                                              \
        return open_noted(path, flags, mode);                                                      \
    }
OPEN_LIKE(open)
OPEN_LIKE(open64)

/* ---- the clock ------------------------------------------------------------------------------- */

static long long wrong_ms(void)
{
    static pthread_mutex_t clock_lock = PTHREAD_MUTEX_INITIALIZER;
    static struct timespec changed;
    static long long ms;
    const char *path = getenv("SHAKY_CLOCK");
    struct stat info;
    if (!path) return 0;
    pthread_mutex_lock(&clock_lock);
    if (stat(path, &info) == 0 && memcmp(&info.st_mtim, &changed, sizeof changed)) {
        FILE *file = fopen(path, "r");
        changed = info.st_mtim;
        if (file && fscanf(file, "%lld", &ms) != 1) ms = 0;
        if (file) fclose(file);
    }
    long long now = ms;
    pthread_mutex_unlock(&clock_lock);
    return now;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc || clock != CLOCK_REALTIME) return rc;
    long long ns = out->tv_nsec + wrong_ms() % 1000 * 1000000;
    out->tv_sec += wrong_ms() / 1000 + (ns < 0 ? -1 : ns / 1000000000);
    out->tv_nsec = (ns + 1000000000) % 1000000000;
    return 0;
}
