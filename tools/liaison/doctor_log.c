/* SPDX-License-Identifier: Apache-2.0 */
/* The log is read in a process of its own: LMDB believes what its pages say, so a damaged file can
 * end whoever reads it, and that is a finding like any other. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/backup/check.h"
#include "tools/liaison/doctor.h"
#include "tools/liaison/out.h"

/* Of each lane, without --deep: what a crash or a bad block at the end would show in. */
#define LAST_BLOCKS 32

typedef struct result {
    lia_err err;
    uint64_t events;
    lia_why why;
} result;

typedef struct reading {
    result *out;
    lia_progress progress;
    const char *at;
} reading;

static void read_on(void *context, uint64_t events)
{
    reading *r = context;
    r->out->events = events;
    if (lia_progress_due(&r->progress))
        lia_progress_show(&r->progress, "%s: %s events looked at", r->at, lia_out_count(events));
}

static void look(result *out, const char *at, const char *dir, const lia_members *members,
                 bool deep)
{
    lia_log *log;
    reading r = {.out = out, .at = at};
    out->err = lia_log_look(&log, dir, &out->why);
    if (out->err) return;
    out->err = lia_backup_check_open(log, members, deep ? 0 : LAST_BLOCKS, read_on, &r, &out->why);
    if (out->err && !out->why.text[0])
        lia_why_set(&out->why, out->err, "it cannot be read: %s", lia_err_text(out->err));
    lia_progress_end(&r.progress);
    lia_log_close(log);
}

static bool take(int from, result *out)
{
    size_t size = 0;
    while (size < sizeof *out) {
        ssize_t more = read(from, (uint8_t *)out + size, sizeof *out - size);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) return false;
        size += (size_t)more;
    }
    return true;
}

/* False: the process that was to read did not come to its end; *status is as of waitpid. */
static bool look_apart(result *out, const char *at, const char *dir, const lia_members *members,
                       bool deep, int *status)
{
    int ends[2];
    *status = 0;
    if (pipe(ends)) return false;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        *out = (result){0};
        look(out, at, dir, members, deep);
        _exit(write(ends[1], out, sizeof *out) == (ssize_t)sizeof *out ? 0 : 1);
    }
    close(ends[1]);
    bool whole = pid > 0 && take(ends[0], out);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, status, 0) < 0 && errno == EINTR) {
    }
    return whole;
}

void lia_doctor_log(lia_doctor *doctor, const char *at, const char *dir)
{
    static const char mend[] =
        "start the node: it asks the others for what is damaged; if it cannot, "
        "restore it from a backup (liaison restore)";
    result r = {0};
    int status;
    if (!doctor->members) return; /* which was said */
    if (!look_apart(&r, at, dir, doctor->members, doctor->deep, &status))
        lia_doctor_say(doctor, LIA_WRONG, "log.whole", at, mend,
                       "the log is damaged: whoever reads it is ended by the system (signal %d)",
                       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    else if (r.err == LIA_EABSENT)
        lia_doctor_say(doctor, LIA_FINE, "log.whole", at, NULL, "there is no log yet");
    else if (r.err == LIA_EVERSION)
        lia_doctor_say(doctor, LIA_WRONG, "log.format", at,
                       "run the release that wrote it, or a later one", "%s", r.why.text);
    else if (r.err == LIA_EIO)
        lia_doctor_say(doctor, LIA_WARNING, "log.whole", at,
                       "run this as the user that runs the node, or as root", "%s", r.why.text);
    else if (r.err)
        lia_doctor_say(doctor, LIA_WRONG, "log.whole", at, mend, "%s", r.why.text);
    else
        lia_doctor_say(doctor, LIA_FINE, "log.whole", at, NULL,
                       "%s %s events are what their origins have signed",
                       doctor->deep ? "all" : "the last", lia_out_count(r.events));
}
