/* SPDX-License-Identifier: Apache-2.0 */
/* A log's file as every release left it, kept as text: it opens, says what it said, and goes on.
 *
 *     size 98304            of the file
 *     4096 0123ab...        bytes from there on; what is not named is zero
 *
 * LIA_WRITE_LOG=tests/data/log-2.txt build/dev/bin/data_log_test    writes this release's */
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store/test_fold.h"
#include "tests/support/test.h"

enum { EVENTS = 12, LINE_BYTES = 64 };

static const lia_span job = LIA_SPAN("call.back 0123456789abcdef"), payload = LIA_SPAN("why");

static void path_in(const char *dir, const char *name, char path[700])
{
    snprintf(path, 700, "%s/%s", dir, name);
}

static void fill(const char *dir)
{
    lia_log *log;
    lia_why why;
    CHECK_OK(fold_open_log(&log, dir, &why));
    CHECK_OK(fold_append(log, 1, 5, &why));
    CHECK_OK(fold_append(log, 6, EVENTS - 5, &why));
    CHECK_OK(lia_log_begin(log, &why));
    CHECK_OK(lia_log_set_meta(log, "incarnation", LIA_SPAN("12345678")));
    CHECK_OK(lia_log_set_job(log, job, (lia_time){INT64_C(1795000000000)}, payload));
    CHECK_OK(lia_log_commit(log, &why));
    lia_log_close(log);
}

static void check(const char *dir)
{
    lia_log *log;
    lia_log_reader *reader;
    lia_why why = {0};
    uint64_t held, arrival;
    lia_time due;
    lia_span value, key;
    lia_err err = fold_open_log(&log, dir, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    CHECK(!fold_look_at_log(log, &held));
    CHECK_EQ(held, EVENTS);
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_OK(lia_log_meta(reader, "incarnation", &value));
    CHECK_BYTES(value, LIA_SPAN("12345678"));
    CHECK_OK(lia_log_reactor(reader, "fold", &arrival));
    CHECK_EQ(arrival, 6);
    CHECK_OK(lia_log_next_job(reader, &due, &key, &value));
    CHECK_BYTES(key, job);
    CHECK_BYTES(value, payload);
    CHECK_EQ(due.ms, INT64_C(1795000000000));
    lia_log_reader_close(reader);

    CHECK_OK(fold_append(log, EVENTS + 1, 3, &why));
    lia_log_close(log);
    CHECK_OK(fold_open_log(&log, dir, &why));
    CHECK(!fold_look_at_log(log, &held));
    CHECK_EQ(held, EVENTS + 3);
    lia_log_close(log);
}

/* ---- files as text ------------------------------------------------------------------------- */

static void write_text(const char *from, const char *to)
{
    uint8_t bytes[LINE_BYTES];
    char hex[2 * LINE_BYTES + 1];
    size_t size;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "w");
    struct stat info;
    CHECK(in && out && fstat(fileno(in), &info) == 0);
    fprintf(out, "# A log as this release leaves it: tests/data/log_test.c.\nsize %lld\n",
            (long long)info.st_size);
    for (long at = 0; (size = fread(bytes, 1, sizeof bytes, in)) > 0; at += (long)size) {
        bool is_zero = true;
        for (size_t i = 0; i < size; i++) is_zero &= bytes[i] == 0;
        lia_hex_print(lia_span_make(bytes, size), hex);
        if (!is_zero) fprintf(out, "%ld %s\n", at, hex);
    }
    fclose(in);
    CHECK_EQ(fclose(out), 0);
}

static void read_text(const char *from, const char *to)
{
    char line[256], hex[2 * LINE_BYTES + 1];
    uint8_t bytes[LINE_BYTES];
    long at;
    FILE *in = fopen(from, "r"), *out = fopen(to, "wb");
    CHECK(in && out);
    while (fgets(line, sizeof line, in)) {
        if (line[0] == '#') continue;
        if (sscanf(line, "size %ld", &at) == 1) {
            CHECK_EQ(ftruncate(fileno(out), at), 0);
            continue;
        }
        CHECK_EQ(sscanf(line, "%ld %128s", &at, hex), 2);
        size_t size = strlen(hex) / 2;
        CHECK_OK(lia_hex_parse(lia_span_text(hex), bytes, size));
        CHECK(fseek(out, at, SEEK_SET) == 0 && fwrite(bytes, 1, size, out) == size);
    }
    fclose(in);
    CHECK_EQ(fclose(out), 0);
}

TEST(a_log_of_every_release_opens_says_what_it_said_and_goes_on)
{
    const char *wanted = getenv("LIA_WRITE_LOG");
    char path[700];
    glob_t files;
    if (wanted) {
        const char *dir = lia_test_dir();
        fill(dir);
        path_in(dir, "log/log.mdb", path);
        write_text(path, wanted);
    }
    CHECK_EQ(glob(LIA_SOURCE_DIR "/tests/data/log-*.txt", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *dir = lia_test_dir();
        path_in(dir, "log", path);
        CHECK_EQ(mkdir(path, 0700), 0);
        path_in(dir, "log/log.mdb", path);
        read_text(files.gl_pathv[i], path);
        check(dir);
    }
    globfree(&files);
}
