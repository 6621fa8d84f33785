/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere while the command line works with a real node. Each try is a child: it ends
 * with one of the three statuses that scripts know, and when it is not the usual one it says why.
 * What it could not do can be done by the same command afterwards. */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "common/base/log.h"
#include "tests/api/talk.h"
#include "tests/support/failing.h"
#include "tools/liaison/commands.h"

#define WORDS_MAX 12

static lia_process node;
static char url[64], file[600], made[4096], said[600];

static const lia_subcommand *find(const char *name)
{
    for (size_t i = 0; i < lia_subcommand_count; i++)
        if (!strcmp(lia_subcommands[i]->name, name)) return lia_subcommands[i];
    fail_msg("there is no command %s", name);
    return NULL;
}

static int do_it(const char *name, const char *const *words)
{
    lia_args args;
    lia_why why = {{0}};
    int count = 0;
    const lia_subcommand *command = find(name);
    while (words[count]) count++;
    if (lia_args_parse(&args, command, count, (char **)(uintptr_t)words, &why))
        return lia_args_fail(&args, "%s", why.text);
    return command->run(&args);
}

/* The n-th allocation of the child fails; 0: none. *fired is whether it came so far, *words whether
 * the child said something. Returns its exit status, -1 when it did not exit. */
static int try(const char *name, const char *const *words, uint64_t n, bool *fired, bool *spoke)
{
    int status, out;
    struct stat info;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        out = open("/dev/null", O_WRONLY);
        int errors = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(out, 1);
        dup2(errors, 2);
        curl_global_init(CURL_GLOBAL_DEFAULT);
        lia_failing_arm(LIA_FAIL_HEAP | LIA_FAIL_ARENA, n);
        status = do_it(name, words);
        bool came = lia_failing_disarm();
        fflush(NULL);
        _exit(came ? status | 64 : status);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    *spoke = stat(said, &info) == 0 && info.st_size > 0;
    if (!WIFEXITED(status)) return -1;
    *fired = WEXITSTATUS(status) & 64;
    return WEXITSTATUS(status) & ~64;
}

/* All allocations of a command, or every few of them. Returns how many tries ended otherwise than
 * usual. */
static size_t each(const char *name, const char *const *words, int usual)
{
    uint64_t step = getenv("LIA_FAIL_ALL") ? 1 : 3;
    bool fired = true, spoke;
    size_t others = 0;
    for (uint64_t n = 1; fired; n += step) {
        int status = try(name, words, n, &fired, &spoke);
        if (status < 0 || status > 2) {
            print_error("%s, allocation %d: status %d\n", name, (int)n, status);
            if (spoke) print_error("see %s\n", said);
        }
        CHECK(status >= 0 && status <= 2);
        if (status == usual) continue;
        others++;
        if (status == 1) continue; /* done in part: the summary on stdout says how far */
        if (!spoke)
            print_error("%s, allocation %d: status %d without a word\n", name, (int)n, status);
        CHECK(spoke);
    }
    int status = try(name, words, 0, &fired, &spoke);
    if (status != usual) print_error("%s: status %d undisturbed\n", name, status);
    CHECK_EQ(status, usual);
    return others;
}

static void start(void)
{
    if (node.pid) return;
    CHECK_OK(lia_crypto_init());
    lia_log_set_level(LIA_ERROR + 1);
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    snprintf(url, sizeof url, "http://127.0.0.1:%u", node.port);
    snprintf(said, sizeof said, "%s/said", lia_test_dir());
    snprintf(file, sizeof file, "%s/people.jsonl", lia_test_dir());
    snprintf(made, sizeof made, "%s/exported", lia_test_dir());
    CHECK_EQ(lia_status_of(&node, "POST", "/api/v1/customers", NULL, "{\"name\":\"Somebody\"}"),
             201);
    CHECK_EQ(lia_status_of(&node, "GET", "/api/v1/search?q=somebody&wait_ms=5000", NULL, ""), 200);
    FILE *to = fopen(file, "w");
    CHECK(to != NULL);
    for (int i = 0; i < 20; i++)
        fprintf(to, "{\"name\":\"Person %d\",\"tags\":[\"a\",\"b\"]}\n", i);
    fclose(to);
}

#define LINE(...) ((const char *const[WORDS_MAX]){__VA_ARGS__, NULL})

TEST(commands_that_ask_say_why_when_memory_ends)
{
    start();
    CHECK(each("status", LINE("--node", url, "--json"), 0) > 0);
    CHECK(each("get", LINE("--node", url, "customers?page_size=3"), 0) > 0);
    CHECK(each("export", LINE("--node", url, "--kind", "customers", "-o", made), 0) > 0);
    CHECK(each("search", LINE("--node", url, "somebody"), 0) > 0);
    CHECK(each("duplicates", LINE("--node", url), 0) > 0);
    CHECK(each("retention list", LINE("--node", url), 0) > 0);
}

static size_t customers(void)
{
    size_t count = 0;
    lia_reply reply = lia_say(&node, "GET", "/api/v1/customers?page_size=500", NULL, "");
    CHECK_EQ(reply.status, 200);
    for (const char *at = reply.body; (at = strstr(at, "\"Person ")); at++) count++;
    lia_reply_fini(&reply);
    return count;
}

/* Under the keys of its lines a file is loaded once, however often and however far it was tried. */
TEST(an_import_that_finds_no_memory_is_completed_by_the_next)
{
    start();
    CHECK(each("import", LINE("--node", url, "--kind", "customers", file), 0) > 0);
    CHECK_EQ(customers(), 20);
}

TEST(keys_are_made_whole_or_not_at_all)
{
    start();
    bool fired = true, spoke;
    for (uint64_t n = 1; fired; n++) {
        char dir[700], members[720];
        snprintf(dir, sizeof dir, "%s/keys-%d", lia_test_dir(), (int)n);
        snprintf(members, sizeof members, "%s/members", dir);
        int status = try("keys init", LINE("--dir", dir, "--base", "23000"), n, &fired, &spoke);
        CHECK(status >= 0 && status <= 2);
        CHECK(status == 0 || spoke);
        bool is_there = access(members, F_OK) == 0;
        CHECK(is_there || status != 0);
        if (is_there) CHECK_EQ(try("keys list", LINE("--dir", dir), 0, &(bool){false}, &spoke), 0);
    }
}
