/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/secret.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

static void put(char path[64], const char *data, size_t size, mode_t mode)
{
    snprintf(path, 64, "/tmp/liaison-secret-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && fchmod(fd, mode) == 0);
    close(fd);
}

TEST(a_secret_is_read_whole)
{
    char path[64], text[8];
    lia_why why = {{0}};
    put(path, "abc\nd\n", 6, 0600);
    CHECK_OK(lia_secret_read(path, "the key", text, sizeof text, &why));
    CHECK_TEXT(text, "abc\nd\n");
    unlink(path);
    CHECK_EQ(lia_secret_read(path, "the key", text, sizeof text, &why), LIA_EIO);
    CHECK(strstr(why.text, path) && strstr(why.text, "the key"));
}

TEST(what_others_can_read_is_no_secret)
{
    const mode_t modes[] = {0640, 0604, 0622, 0660};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char path[64], text[8] = "";
        lia_why why = {{0}};
        put(path, "abc", 3, modes[i]);
        CHECK_EQ(lia_secret_read(path, "the key", text, sizeof text, &why), LIA_EINVAL);
        CHECK(strstr(why.text, "chmod 600") && !*text);
        unlink(path);
    }
}

TEST(a_secret_that_does_not_fit_is_no_shorter_one)
{
    char path[64], text[8] = "";
    lia_why why = {{0}};
    put(path, "12345678", 8, 0600);
    CHECK_EQ(lia_secret_read(path, "the key", text, sizeof text, &why), LIA_EINVAL);
    CHECK(!*text);
    unlink(path);
    put(path, "1234567", 7, 0600);
    CHECK_OK(lia_secret_read(path, "the key", text, sizeof text, &why));
    unlink(path);
    put(path,
        "12\0"
        "45",
        5, 0600);
    CHECK_EQ(lia_secret_read(path, "the key", text, sizeof text, &why), LIA_EINVAL);
    unlink(path);
}
