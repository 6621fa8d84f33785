/* SPDX-License-Identifier: Apache-2.0 */
/* A node's folder: who may read what stands in it, whether its keys are those of the list, how much
 * of what it may hold it holds, and whether log and views are what this release expects. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/node/state.h"
#include "common/store/log.h"
#include "common/store/views.h"
#include "tools/liaison/doctor.h"
#include "tools/liaison/out.h"

#define GIB ((uint64_t)1 << 30)

/* ---- who may read it ------------------------------------------------------------------------- */

static void check_secret(lia_doctor *doctor, const char *path, bool must_be_there, uid_t owner)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT || must_be_there)
            lia_doctor_say(doctor, errno == ENOENT ? LIA_WRONG : LIA_WARNING, "keys.file", path,
                           errno == ENOENT
                               ? "liaison keys make, or liaison join; a member whose keys "
                                 "are lost gets others by liaison keys rotate"
                               : "run this as the user that runs the node, or as root",
                           "%s", strerror(errno));
        return;
    }
    if (info.st_mode & 077)
        lia_doctor_say(
            doctor, LIA_WRONG, "keys.file", path,
            "chmod 600, and give it other keys if others have access here (liaison keys rotate)",
            "others than its owner may read or write it (mode %03o)", info.st_mode & 0777);
    else if (info.st_uid != owner)
        lia_doctor_say(doctor, LIA_WRONG, "keys.file", path, "chown it to whoever owns the folder",
                       "it belongs to user %u and its folder to user %u: the node cannot read it",
                       (unsigned)info.st_uid, (unsigned)owner);
    else
        lia_doctor_say(doctor, LIA_FINE, "keys.file", path, NULL, "only its owner may read it");
}

static void check_folder(lia_doctor *doctor, const char *path, const struct stat *info)
{
    if (info->st_mode & 077)
        lia_doctor_say(doctor, LIA_WARNING, "store.folder", path, "chmod 700",
                       "others than its owner may look into it (mode %03o)", info->st_mode & 0777);
    else
        lia_doctor_say(doctor, LIA_FINE, "store.folder", path, NULL,
                       "only its owner may look into it");
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void check_keys(lia_doctor *doctor, const lia_member *member, const char *path)
{
    lia_node_keys keys;
    lia_why why = {{0}};
    lia_err err = lia_node_keys_read(&keys, path, &why);
    if (err == LIA_EDENIED || access(path, R_OK) != 0) return; /* which was said */
    if (err)
        lia_doctor_say(doctor, LIA_WRONG, "keys.match", member->name,
                       "put the right file back; 'liaison keys rotate' gives a member other keys",
                       "%s", why.text);
    else if (!lia_node_keys_are_of(&keys, member))
        lia_doctor_say(
            doctor, LIA_WRONG, "keys.match", member->name,
            "put the keys of this member here, or have them signed: liaison peer set, "
            "liaison keys rotate",
            "node.keys are not the keys that the member list has for %s: nobody lets it in",
            member->name);
    else
        lia_doctor_say(doctor, LIA_FINE, "keys.match", member->name, NULL,
                       "its keys are those of the member list");
    lia_wipe(&keys, sizeof keys);
}

/* ---- its process ----------------------------------------------------------------------------- */

pid_t lia_doctor_owner(const char *lock)
{
    struct stat info;
    char line[256], wanted[64];
    pid_t owner = 0;
    FILE *locks = stat(lock, &info) == 0 ? fopen("/proc/locks", "r") : NULL;
    if (!locks) return 0;
    snprintf(wanted, sizeof wanted, " %02x:%02x:%llu ", major(info.st_dev), minor(info.st_dev),
             (unsigned long long)info.st_ino);
    while (!owner && fgets(line, sizeof line, locks)) {
        int pid;
        const char *what = strstr(line, "FLOCK");
        if (what && strstr(line, wanted) && sscanf(what, "FLOCK %*s %*s %d", &pid) == 1 && pid > 0)
            owner = (pid_t)pid;
    }
    fclose(locks);
    return owner;
}

static void check_process(lia_doctor *doctor, const char *at, pid_t pid)
{
    char path[64], line[256];
    unsigned long files = 0;
    snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
    FILE *limits = fopen(path, "r");
    while (limits && !files && fgets(line, sizeof line, limits))
        if (sscanf(line, "Max open files %lu", &files) != 1) files = 0;
    if (limits) fclose(limits);
    if (!files) return;
    bool few = files < LIA_HTTP_CONNECTIONS_MAX + 512;
    lia_doctor_say(doctor, few ? LIA_WARNING : LIA_FINE, "limits.files", at,
                   few ? "LimitNOFILE=65536 in its unit, or ulimit -Hn 65536 before its start"
                       : NULL,
                   "it runs (process %d) and may have %lu files open", (int)pid, files);
}

/* ---- how full -------------------------------------------------------------------------------- */

static void check_fill(lia_doctor *doctor, const char *at, const char *what, size_t used,
                       size_t cap)
{
    if (!cap) return;
    unsigned percent = (unsigned)(used * 100 / cap);
    lia_doctor_say(
        doctor,
        percent >= 95   ? LIA_WRONG
        : percent >= 80 ? LIA_WARNING
                        : LIA_FINE,
        "store.limit", at,
        percent >= 80 ? "raise map-gib (address space, not memory) and start the node again" : NULL,
        "the %s has %.2f GiB of %.0f that it may grow to (%u %%)", what, (double)used / (double)GIB,
        (double)cap / (double)GIB, percent);
}

static size_t check_log_size(lia_doctor *doctor, const char *at, const char *dir)
{
    lia_log *log;
    lia_log_reader *reader;
    size_t used = 0, cap = 0;
    if (lia_log_look(&log, dir, NULL)) return 0; /* said where it is read */
    if (lia_log_reader_open(&reader, log) == LIA_OK) {
        lia_log_size(reader, &used, &cap);
        lia_log_reader_close(reader);
    }
    lia_log_close(log);
    check_fill(doctor, at, "log", used, cap);
    return used;
}

static size_t check_views(lia_doctor *doctor, const char *at, const char *dir)
{
    lia_views_glance views;
    lia_why why = {{0}};
    lia_err err = lia_views_look(&views, dir, &why);
    if (err == LIA_EABSENT) {
        lia_doctor_say(doctor, LIA_FINE, "views.version", at, NULL,
                       "there are no views yet: the node makes them at its start");
        return 0;
    }
    if (err) {
        lia_doctor_say(doctor, err == LIA_EIO ? LIA_WARNING : LIA_WRONG, "views.version", at,
                       "start the node: it makes its views anew from the log", "%s", why.text);
        return 0;
    }
    uint32_t version = views.version >> 16; /* below are the department's own folds */
    bool same = version == LIA_VIEWS_VERSION;
    lia_doctor_say(
        doctor, same ? LIA_FINE : LIA_WARNING, "views.version", at,
        same ? NULL : "plan for a longer start: about a minute for each million events",
        same ? "the views have version %u, as this release makes them"
             : "the views have version %u, this release makes %u: its nodes compute them anew "
               "at their start",
        version, (unsigned)LIA_VIEWS_VERSION);
    check_fill(doctor, at, "views' file", views.used, views.cap);
    return views.used;
}

/* ---- all of it ------------------------------------------------------------------------------- */

bool lia_doctor_store(lia_doctor *doctor, const lia_member *member, const lia_settings *settings)
{
    char folder[PATH_MAX], path[PATH_MAX + 32];
    struct stat info;
    snprintf(folder, sizeof folder, "%s/%s", doctor->dir, member->name);
    if (stat(folder, &info) != 0) return false;
    check_folder(doctor, folder, &info);
    snprintf(path, sizeof path, "%s/node.keys", folder);
    check_secret(doctor, path, true, info.st_uid);
    check_keys(doctor, member, path);
    if (settings && settings->tls_certificate)
        lia_doctor_certificate(doctor, member->name, settings);

    snprintf(path, sizeof path, "%s/log/lock", folder);
    pid_t pid = lia_doctor_owner(path);
    if (pid) check_process(doctor, member->name, pid);
    snprintf(path, sizeof path, "%s/log", folder);
    size_t used = check_log_size(doctor, member->name, path);
    lia_doctor_log(doctor, member->name, path);
    snprintf(path, sizeof path, "%s/views", folder);
    used += check_views(doctor, member->name, path);
    lia_doctor_disk(doctor, member->name, folder, used);
    return pid != 0;
}
