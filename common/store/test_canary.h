/* SPDX-License-Identifier: Apache-2.0 */
/* test_canary - for tests of erasure: is a string of bytes anywhere in a folder's files? */
#ifndef LIA_STORE_TEST_CANARY_H
#define LIA_STORE_TEST_CANARY_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

/* Short, so that a piece of a value is found too when values repeat it. */
#define CANARY LIA_SPAN("tweet-tweet-2026")

/* In windows, since the address sanitizer looks at all that memmem may read, at each call. */
static inline size_t canary_count_bytes(const uint8_t *bytes, size_t size, lia_span canary)
{
    size_t count = 0;
    for (size_t from = 0; from < size; from += 4096) {
        size_t left = size - from, window = 4096 + canary.size - 1;
        const uint8_t *at = bytes + from, *end = at + (left < window ? left : window);
        while ((at = memmem(at, (size_t)(end - at), canary.data, canary.size))) {
            at++;
            count++;
        }
    }
    return count;
}

/* A file may vanish between listing and opening. */
static inline size_t canary_count_file(const char *path, lia_span canary)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    struct stat info;
    CHECK_EQ(fstat(fd, &info), 0);
    size_t count = 0, size = (size_t)info.st_size;
    if (size > 0) {
        uint8_t *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        CHECK(bytes != MAP_FAILED);
        count = canary_count_bytes(bytes, size, canary);
        munmap(bytes, size);
    }
    close(fd);
    return count;
}

/* How often `canary` stands in the files of `dir` and the folders below: in all their bytes, those
 * included that no library would give out. */
static inline size_t canary_count(const char *dir, lia_span canary)
{
    DIR *open_dir = opendir(dir);
    CHECK(open_dir);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(open_dir));) {
        char path[1024];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(path, &info) != 0) continue;
        if (S_ISDIR(info.st_mode))
            count += canary_count(path, canary);
        else if (S_ISREG(info.st_mode))
            count += canary_count_file(path, canary);
    }
    closedir(open_dir);
    return count;
}

/* Fills `size` bytes with the canary, again and again. */
static inline void canary_fill(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) bytes[i] = CANARY.data[i % CANARY.size];
}

#endif
