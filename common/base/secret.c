/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/crypto.h"

static lia_err read_whole(FILE *file, const char *path, const char *what, char *text, size_t size,
                          lia_why *why)
{
    size_t count = fread(text, 1, size, file);
    if (ferror(file)) return lia_why_set(why, LIA_EIO, "%s, %s: %s", path, what, strerror(errno));
    if (count == size)
        return lia_why_set(why, LIA_EINVAL, "%s, %s: more than %zu bytes", path, what, size - 1);
    if (memchr(text, 0, count))
        return lia_why_set(why, LIA_EINVAL, "%s, %s: it holds a NUL byte", path, what);
    text[count] = 0;
    return LIA_OK;
}

lia_err lia_secret_read(const char *path, const char *what, char *text, size_t size, lia_why *why)
{
    struct stat info;
    FILE *file = fopen(path, "re");
    if (!file || fstat(fileno(file), &info)) {
        if (file) fclose(file);
        return lia_why_set(why, LIA_EIO, "%s, %s: %s", path, what, strerror(errno));
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy is left in a buffer */
    /* What another user owns and our group may read was given to us so: by systemd, by Kubernetes.
     */
    bool own = info.st_uid == geteuid();
    lia_err err;
    if (info.st_mode & (S_IRWXO | S_IWGRP) || (own && info.st_mode & S_IRWXG))
        err = lia_why_set(why, LIA_EINVAL, "%s, %s: others can read it; chmod 600 it", path, what);
    else
        err = read_whole(file, path, what, text, size, why);
    fclose(file);
    if (err) lia_wipe(text, size);
    return err;
}
