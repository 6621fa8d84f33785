/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static lia_err fail(const char *what, const char *path, lia_why *why)
{
    lia_err err = errno == ENOENT ? LIA_EABSENT : errno == EACCES ? LIA_EDENIED : LIA_EIO;
    return lia_why_set(why, err, "cannot %s %s: %s", what, path, strerror(errno));
}

static int write_all(int fd, lia_span bytes)
{
    while (bytes.size) {
        ssize_t put = write(fd, bytes.data, bytes.size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return -1;
        bytes = lia_span_skip(bytes, (size_t)put);
    }
    return 0;
}

/* mkostemp creates with 0600, so a secret is never readable by others, not even for a moment. */
static int write_beside(char *temporary, lia_span bytes, mode_t mode)
{
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) return -1;
    int rc = write_all(fd, bytes) || fchmod(fd, mode) || fsync(fd) ? -1 : 0;
    int error = errno;
    close(fd);
    if (rc) unlink(temporary);
    errno = error;
    return rc;
}

static int flush_folder(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash)
        snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    int rc = fsync(fd);
    int error = errno;
    close(fd);
    errno = error;
    return rc;
}

lia_err lia_file_replace(const char *path, lia_span bytes, mode_t mode, lia_why *why)
{
    char temporary[PATH_MAX];
    int size = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (size < 0 || (size_t)size >= sizeof temporary)
        return lia_why_set(why, LIA_EINVAL, "the path %.100s... is too long", path);
    if (write_beside(temporary, bytes, mode)) return fail("write", path, why);
    if (rename(temporary, path)) {
        lia_err err = fail("replace", path, why);
        unlink(temporary);
        return err;
    }
    if (flush_folder(path)) return fail("flush the folder of", path, why);
    return LIA_OK;
}

static lia_err read_all(int fd, const char *path, uint8_t *out, size_t capacity, size_t *size,
                        lia_why *why)
{
    for (;;) {
        ssize_t got = read(fd, out + *size, capacity - *size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("read", path, why);
        if (got == 0) return LIA_OK;
        *size += (size_t)got;
        if (*size == capacity)
            return lia_why_set(why, LIA_EINVAL, "%s is too large to be what it should be", path);
    }
}

static lia_err check_mode(int fd, const char *path, bool owner_only, lia_why *why)
{
    struct stat info;
    if (fstat(fd, &info)) return fail("look at", path, why);
    if (!S_ISREG(info.st_mode)) return lia_why_set(why, LIA_EINVAL, "%s is not a file", path);
    if (owner_only && (info.st_mode & (S_IRWXG | S_IRWXO)))
        return lia_why_set(why, LIA_EDENIED,
                           "%s holds secrets and its mode %03o lets others in: chmod 600 it", path,
                           (unsigned)(info.st_mode & 0777));
    return LIA_OK;
}

lia_err lia_file_read(const char *path, bool owner_only, uint8_t *out, size_t capacity,
                      size_t *size, lia_why *why)
{
    *size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fail("open", path, why);
    lia_err err = check_mode(fd, path, owner_only, why);
    if (!err) err = read_all(fd, path, out, capacity, size, why);
    close(fd);
    return err;
}
