/* SPDX-License-Identifier: Apache-2.0 */
/* The machine: its clock, its memory, and what it allows a process. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/timex.h>

#include "common/base/limits.h"
#include "tools/liaison/doctor.h"
#include "tools/liaison/out.h"

/* Connections, and what a node has open beside them. */
#define FILES_WANTED (LIA_HTTP_CONNECTIONS_MAX + 512)
/* An error of the clock that no longer is one of ordering alone: SLA times and logs suffer. */
#define CLOCK_ERROR_US_MAX 1000000
/* A node of a million customers with its tables, and the kernel's. */
#define MEMORY_WANTED_KB (256L << 10)

/* ---- clock ----------------------------------------------------------------------------------- */

static void look_at_clock(lia_doctor *doctor)
{
    struct timex clock = {0};
    int state = adjtimex(&clock);
    const char *remedy = "switch on systemd-timesyncd or chrony (timedatectl set-ntp true); in a "
                         "virtual machine or a container the host's clock counts";
    if (state < 0) {
        lia_doctor_say(doctor, LIA_WARNING, "clock.synchronised", "", remedy,
                       "the kernel does not say whether the clock is synchronised");
    } else if (state == TIME_ERROR || clock.status & STA_UNSYNC) {
        lia_doctor_say(doctor, LIA_WARNING, "clock.synchronised", "", remedy,
                       "nothing keeps this clock right; a node whose clock is a minute off the "
                       "others' takes no commands");
    } else {
        lia_doctor_say(doctor, clock.maxerror > CLOCK_ERROR_US_MAX ? LIA_WARNING : LIA_FINE,
                       "clock.synchronised", "",
                       clock.maxerror > CLOCK_ERROR_US_MAX ? remedy : NULL,
                       "the clock is synchronised, and off by %s at most",
                       lia_out_span_ms(clock.maxerror / 1000));
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* A line of /proc/meminfo in kB; -1: not there. */
static long memory_kb(const char *name)
{
    char line[128];
    long kb = -1;
    size_t size = strlen(name);
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && kb < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, size) == 0 && line[size] == ':') kb = atol(line + size + 1);
    if (file) fclose(file);
    return kb;
}

static void look_at_memory(lia_doctor *doctor)
{
    long left = memory_kb("MemAvailable"), swap = memory_kb("SwapTotal");
    if (left >= 0)
        lia_doctor_say(
            doctor, left < MEMORY_WANTED_KB ? LIA_WARNING : LIA_FINE, "memory.free", "",
            left < MEMORY_WANTED_KB
                ? "give the machine more memory, or fewer nodes (deploy/README.md, Capacity)"
                : NULL,
            "%ld MiB of memory are free", left >> 10);
    if (swap > 0)
        lia_doctor_say(doctor, LIA_WARNING, "memory.swap", "",
                       "swapoff -a and take it out of /etc/fstab, or encrypt it with a key that is "
                       "made at each start",
                       "%ld MiB of swap: what people erased may outlive them there, and pages that "
                       "come back from it slow commits",
                       swap >> 10);
    else if (swap == 0)
        lia_doctor_say(doctor, LIA_FINE, "memory.swap", "", NULL, "there is no swap");
}

static void look_at_pages(lia_doctor *doctor)
{
    char line[128] = "";
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (!file) return;
    if (!fgets(line, sizeof line, file)) line[0] = 0;
    fclose(file);
    bool always = strstr(line, "[always]"), never = strstr(line, "[never]");
    if (always)
        lia_doctor_say(doctor, LIA_WARNING, "memory.large_pages", "",
                       "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                       "large pages are given to everybody who did not ask: nodes use more memory "
                       "than they need");
    else
        lia_doctor_say(doctor, LIA_FINE, "memory.large_pages", "", NULL, "large pages are given %s",
                       never ? "to nobody, which costs a little speed" : "to those who ask");
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void look_at_limits(lia_doctor *doctor)
{
    struct rlimit files, core;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        lia_doctor_say(doctor, files.rlim_max < FILES_WANTED ? LIA_WARNING : LIA_FINE,
                       "limits.files", "",
                       files.rlim_max < FILES_WANTED
                           ? "LimitNOFILE=65536 in the unit, or ulimit -Hn 65536 before the start"
                           : NULL,
                       "%llu files may be open in what is started from here; a node uses up to %d",
                       (unsigned long long)files.rlim_max, FILES_WANTED);
    if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur)
        lia_doctor_say(
            doctor, LIA_WARNING, "limits.core", "",
            "LimitCORE=0 in the unit, or ulimit -c 0 before the start",
            "a process that is started from here and crashes leaves its memory in a file, "
            "with customers in it");
    else
        lia_doctor_say(doctor, LIA_FINE, "limits.core", "", NULL,
                       "crashes leave no memory on disks");
}

void lia_doctor_host(lia_doctor *doctor)
{
    look_at_clock(doctor);
    look_at_memory(doctor);
    look_at_pages(doctor);
    look_at_limits(doctor);
}
