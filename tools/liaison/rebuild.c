/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild - runs a department's own executable, the one beside this one, with --rebuild. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/bus/members.h"
#include "common/wire/schema.h"
#include "tools/liaison/client.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

#define PROBE_MS 1000L

static lia_err find_member(lia_member *out, const char *dir, const char *name, lia_why *why)
{
    char path[PATH_MAX];
    lia_members members;
    lia_verify_key admin;
    snprintf(path, sizeof path, "%s/members", dir);
    lia_err err = lia_admin_public_read(&admin, dir, why);
    if (!err) err = lia_members_read(&members, &admin, path, why);
    if (err) return err;
    const lia_member *member = lia_members_by_name(&members, name);
    if (!member)
        return lia_why_set(why, LIA_EABSENT,
                           "--name: '%s' is no member; 'liaison keys list' shows "
                           "them",
                           name);
    *out = *member;
    return LIA_OK;
}

static lia_err refuse_running(const lia_member *member, lia_why *why)
{
    lia_target target;
    lia_client client;
    lia_bytes body = {0};
    lia_why unused = {{0}};
    if (!*member->http) return LIA_OK;
    lia_err err = lia_target_parse(&target, member->http, 1, why);
    if (!err) err = lia_client_open(&client, &target, why);
    if (err) return err;
    lia_err answer = lia_client_get(&client, "/status", &body, PROBE_MS, &unused);
    lia_client_close(&client);
    lia_bytes_fini(&body);
    if (answer == LIA_EIO) return LIA_OK;
    return lia_why_set(why, LIA_EBUSY, "%s is running (on %s): stop it first", member->name,
                       member->http);
}

/* "liaison-sales" in the folder of this executable. */
static lia_err find_program(char path[PATH_MAX], const lia_member *member, lia_why *why)
{
    char self[PATH_MAX - 64];
    const char *department = lia_department_name((lia_department)member->department);
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    self[size > 0 ? size : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash) *slash = 0;
    int used = snprintf(path, PATH_MAX, "%s/liaison-%s", self, department ? department : "");
    if (slash && used > 0 && used < PATH_MAX && access(path, X_OK) == 0) return LIA_OK;
    return lia_why_set(why, LIA_EABSENT, "there is no %.300s to run", path);
}

/* The program logs to a pipe. -1 when it cannot be started. */
static pid_t start(const char *program, const char *dir, const char *name, int *log)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        execl(program, program, "--dir", dir, "--name", name, "--rebuild", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0) close(ends[0]);
    *log = ends[0];
    return pid;
}

/* What a person wants to know of the program's log: how far it is, and what went wrong. */
static void tell(const char *line, const char *name, lia_progress *progress)
{
    json_t *entry = json_loads(line, 0, NULL);
    const char *event = lia_json_text_in(entry, "event");
    if (strcmp(event, "views.replayed") == 0) {
        lia_progress_show(progress, "%s: %s of %s events", name,
                          lia_out_count((uint64_t)lia_json_int_in(entry, "events")),
                          lia_out_count((uint64_t)lia_json_int_in(entry, "of")));
    } else if (!entry || strcmp(lia_json_text_in(entry, "level"), "error") == 0) {
        const char *why = lia_json_text_in(entry, "why");
        lia_progress_end(progress);
        fprintf(stderr, "%s", *why ? why : line);
        if (*why) fputc('\n', stderr);
    }
    json_decref(entry);
}

static int wait_for(pid_t pid, int log, const char *name, lia_progress *progress)
{
    int status = 0;
    char *line = NULL;
    size_t capacity = 0;
    FILE *lines = fdopen(log, "r");
    while (lines && getline(&line, &capacity, lines) > 0) tell(line, name, progress);
    free(line);
    if (lines)
        fclose(lines);
    else
        close(log);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    lia_progress_end(progress);
    return status;
}

static int run(const lia_args *args)
{
    char program[PATH_MAX];
    lia_member member;
    lia_progress progress = {0};
    lia_why why = {{0}};
    const char *dir = lia_args_text(args, "dir"), *name = lia_args_text(args, "name");
    if (!dir || !name) return lia_args_fail(args, "--dir and --name are both wanted");
    uint64_t begun = lia_time_ticks_ns();
    lia_err err = find_member(&member, dir, name, &why);
    if (!err) err = refuse_running(&member, &why);
    if (!err) err = find_program(program, &member, &why);
    if (err) return lia_args_fail(args, "%s", why.text);
    int log;
    pid_t pid = start(program, dir, name, &log);
    if (pid < 0) return lia_args_fail(args, "cannot start %s: %s", program, strerror(errno));
    int status = wait_for(pid, log, name, &progress);
    double seconds = (double)(lia_time_ticks_ns() - begun) / 1e9;
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ok)
        return lia_args_fail(args, "%s did not finish (status %d)", program,
                             WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    if (lia_out_is_json(args))
        printf("{\"rebuilt\":true,\"seconds\":%.3f}\n", seconds);
    else
        printf("the views of %s are computed anew, in %.1f s\n", name, seconds);
    return 0;
}

static const lia_option options[] = {
    {.name = "dir", .value = "DIR", .help = "the cluster's folder"},
    {.name = "name", .value = "NAME", .help = "the member: sales, marketing ..."},
    LIA_OPTION_JSON,
};

const lia_subcommand lia_rebuild = {
    .name = "rebuild",
    .purpose = "compute a stopped node's views anew from its log",
    .details = "Views are derived from the log and can be thrown away at any time. The node must\n"
               "not run; start it again afterwards.",
    .example = "liaison rebuild --dir /var/lib/liaison --name sales",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
