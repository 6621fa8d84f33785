/* SPDX-License-Identifier: Apache-2.0 */
/* The disk below a node: LMDB maps its files and trusts flock and fdatasync, which not every file
 * system keeps; and a commit takes as long as a flush. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/time.h"
#include "tools/liaison/doctor.h"
#include "tools/liaison/out.h"

#define GIB ((uint64_t)1 << 30)
/* So many flushes of a page tell the disk's pace in about a tenth of a second. */
#define FLUSHES 48
/* Slower than that people notice: a command waits for two flushes. */
#define FLUSH_NS_SLOW UINT64_C(20000000)
/* Faster is no disk: something says yes before the bytes are safe. */
#define FLUSH_NS_FEIGNED UINT64_C(15000)

/* Not in linux/magic.h. */
enum {
    ZFS_MAGIC = 0x2fc12fc1,
    CIFS_MAGIC = (int)0xff534d42,
    CEPH_MAGIC = 0x00c36400,
    VIRTIOFS_OR_FUSE = 0x65735546,
    GFS2_MAGIC = 0x01161970
};

/* ---- file system ----------------------------------------------------------------------------- */

typedef struct kind {
    long magic;
    const char *name;
    lia_verdict verdict;
    const char *says;
} kind;

static const char shared[] =
    "files are mapped and locked, which file systems shared over a network do "
    "not keep: the store can be damaged";
static const char passing[] = "it is memory: everything is gone with the next start of the machine";

static const kind kinds[] = {
    {EXT4_SUPER_MAGIC, "ext4", LIA_FINE, NULL},
    {XFS_SUPER_MAGIC, "xfs", LIA_FINE, NULL},
    {BTRFS_SUPER_MAGIC, "btrfs", LIA_FINE, NULL},
    {F2FS_SUPER_MAGIC, "f2fs", LIA_FINE, NULL},
    {ZFS_MAGIC, "zfs", LIA_FINE, NULL},
    {NFS_SUPER_MAGIC, "NFS", LIA_WRONG, shared},
    {SMB_SUPER_MAGIC, "SMB", LIA_WRONG, shared},
    {SMB2_SUPER_MAGIC, "SMB", LIA_WRONG, shared},
    {CIFS_MAGIC, "CIFS", LIA_WRONG, shared},
    {CEPH_MAGIC, "CephFS", LIA_WRONG, shared},
    {AFS_SUPER_MAGIC, "AFS", LIA_WRONG, shared},
    {GFS2_MAGIC, "GFS2", LIA_WRONG, shared},
    {V9FS_MAGIC, "9p", LIA_WRONG, shared},
    {TMPFS_MAGIC, "tmpfs", LIA_WRONG, passing},
    {RAMFS_MAGIC, "ramfs", LIA_WRONG, passing},
    {OVERLAYFS_SUPER_MAGIC, "overlay", LIA_WARNING,
     "it is a container's own layer: everything is gone with the container"},
    {VIRTIOFS_OR_FUSE, "fuse", LIA_WARNING,
     "whether it keeps locks, maps and flushes depends on the program behind it"},
};

static void look_at_kind(lia_doctor *doctor, const char *at, const char *path)
{
    struct statfs disk;
    if (statfs(path, &disk) != 0) return;
    for (size_t i = 0; i < LIA_COUNT(kinds); i++) {
        const kind *k = &kinds[i];
        if ((uint32_t)k->magic != (uint32_t)disk.f_type) continue;
        lia_doctor_say(
            doctor, k->verdict, "disk.file_system", at,
            k->says ? "put the folder on a disk of this machine, with ext4 or xfs" : NULL,
            k->says ? "the file system is %s: %s" : "the file system is %s", k->name, k->says);
        return;
    }
    lia_doctor_say(doctor, LIA_WARNING, "disk.file_system", at,
                   "ext4 and xfs are what Liaison is tested on",
                   "the file system is of an unknown kind (0x%lx)", (unsigned long)disk.f_type);
}

/* The options of the mount that a file is on; false: it is not found. */
static bool find_mount(const char *path, char options[1024])
{
    struct stat info;
    char line[4096], wanted[64];
    bool found = false;
    FILE *mounts = stat(path, &info) == 0 ? fopen("/proc/self/mountinfo", "r") : NULL;
    if (!mounts) return false;
    snprintf(wanted, sizeof wanted, " %u:%u ", major(info.st_dev), minor(info.st_dev));
    while (!found && fgets(line, sizeof line, mounts)) {
        const char *rest = strstr(line, " - ");
        if (!rest || !strstr(line, wanted)) continue;
        snprintf(options, 1024, "%s", strrchr(rest + 3, ' ') ? strrchr(rest + 3, ' ') + 1 : "");
        found = true;
    }
    fclose(mounts);
    return found;
}

static void look_at_mount(lia_doctor *doctor, const char *at, const char *path)
{
    static const char *const unsafe[] = {"nobarrier", "barrier=0", "data=writeback"};
    char options[1024];
    if (!find_mount(path, options)) return;
    for (size_t i = 0; i < LIA_COUNT(unsafe); i++)
        if (strstr(options, unsafe[i]))
            lia_doctor_say(doctor, LIA_WRONG, "disk.mount", at,
                           "take the option out of /etc/fstab and mount again",
                           "the disk is mounted with %s: a power cut loses what was acknowledged",
                           unsafe[i]);
}

/* ---- room ------------------------------------------------------------------------------------ */

static void look_at_room(lia_doctor *doctor, const char *at, const char *path, uint64_t used)
{
    struct statvfs disk;
    if (statvfs(path, &disk) != 0) return;
    uint64_t all = (uint64_t)disk.f_blocks * disk.f_frsize,
             left = (uint64_t)disk.f_bavail * disk.f_frsize;
    unsigned percent = all ? (unsigned)(left * 100 / all) : 0;
    lia_verdict verdict = LIA_FINE;
    const char *remedy = NULL;
    if (left < used || percent < 15) {
        verdict = LIA_WARNING;
        remedy = "make the disk larger soon, or let events leave the log (log-keep)";
    }
    if (percent < 3 || left < GIB / 4) {
        verdict = LIA_WRONG;
        remedy = "make room now: a full disk stops commands until there is room again";
    }
    lia_doctor_say(
        doctor, verdict, "disk.room", at, remedy,
        "%.1f GiB of %.1f are free (%u %%); the store has %.1f, and erasing customers needs "
        "room for its views once more",
        (double)left / GIB, (double)all / GIB, percent, (double)used / GIB);
}

/* ---- flushes --------------------------------------------------------------------------------- */

static int open_nameless(const char *path)
{
    int fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    char name[1200];
    snprintf(name, sizeof name, "%s/.doctor-XXXXXX", path);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) unlink(name);
    return fd;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* As a commit does: a page more at the end, and its flush. */
static bool measure(int fd, uint64_t took[FLUSHES])
{
    static const uint8_t page[4096];
    for (size_t i = 0; i < FLUSHES; i++) {
        uint64_t began = lia_time_ticks_ns();
        if (write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) != 0)
            return false;
        took[i] = lia_time_ticks_ns() - began;
    }
    qsort(took, FLUSHES, sizeof *took, compare);
    return true;
}

static void look_at_flushes(lia_doctor *doctor, const char *at, const char *path)
{
    uint64_t took[FLUSHES];
    int fd = open_nameless(path);
    if (fd < 0 || !measure(fd, took)) {
        lia_doctor_say(doctor, LIA_WARNING, "disk.flush", at,
                       "run this as the user that runs the node, or as root",
                       "how long a flush takes cannot be measured: %s", strerror(errno));
    } else {
        uint64_t half = took[FLUSHES / 2], most = took[FLUSHES - 1];
        bool slow = took[FLUSHES * 9 / 10] > FLUSH_NS_SLOW, feigned = half < FLUSH_NS_FEIGNED;
        lia_doctor_say(
            doctor, slow || feigned ? LIA_WARNING : LIA_FINE, "disk.flush", at,
            slow      ? "a disk with power-loss protection (or a controller's cache with a "
                        "battery) flushes in a tenth of a millisecond"
            : feigned ? "see that neither the disk's write cache nor the virtual machine "
                        "(cache=unsafe) says yes too early"
                      : NULL,
            slow      ? "flushes are slow: half of them within %.2f ms, the slowest %.2f "
                        "ms; every command waits for one"
            : feigned ? "flushes take no time (%.3f ms, the slowest %.3f ms): a power cut "
                        "may lose what was acknowledged"
                      : "half of the flushes within %.2f ms, the slowest %.2f ms",
            (double)half / 1e6, (double)most / 1e6);
    }
    if (fd >= 0) close(fd);
}

void lia_doctor_disk(lia_doctor *doctor, const char *at, const char *path, uint64_t used)
{
    look_at_kind(doctor, at, path);
    look_at_mount(doctor, at, path);
    look_at_room(doctor, at, path, used);
    look_at_flushes(doctor, at, path);
}
