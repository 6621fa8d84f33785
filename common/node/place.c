/* SPDX-License-Identifier: Apache-2.0 */
/* A file is known by inode number and time of birth: numbers are used again, and a copy may get
 * that of the file it replaces. What this does not see is a copy written into the old file, or a
 * disk that was rolled back as a whole; those show when a peer is heard. */
#include "common/node/place.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define PLACE_BYTES 21 /* closed (1), inode (8), seconds (8), nanoseconds (4) */

static lia_err describe(uint8_t out[PLACE_BYTES], const char *path, bool closed)
{
    struct statx info = {0};
    if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &info)) return LIA_EIO;
    bool has_birth = info.stx_mask & STATX_BTIME;
    out[0] = closed;
    lia_put_u64(out + 1, info.stx_ino);
    lia_put_u64(out + 9, has_birth ? (uint64_t)info.stx_btime.tv_sec : 0);
    lia_put_u32(out + 17, has_birth ? info.stx_btime.tv_nsec : 0);
    return LIA_OK;
}

lia_err lia_place_read(lia_place *out, lia_log_reader *reader, const char *path)
{
    lia_span mark;
    uint8_t now[PLACE_BYTES];
    *out = (lia_place){0};
    lia_err err = lia_log_meta(reader, "place", &mark);
    if (err == LIA_EABSENT) return LIA_OK;
    if (!err) err = describe(now, path, true);
    if (err) return err;
    out->known = mark.size == sizeof now;
    out->closed = out->known && mark.data[0];
    out->restored = out->known && memcmp(mark.data + 1, now + 1, sizeof now - 1) != 0;
    err = lia_log_meta(reader, "doubted", &mark);
    if (!err && lia_span_equal(mark, LIA_SPAN("1"))) out->restored = true;
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_place_set(lia_log *log, const char *path, bool closed)
{
    uint8_t mark[PLACE_BYTES];
    lia_err err = describe(mark, path, closed);
    return err ? err : lia_log_set_meta(log, "place", LIA_SPAN_OF(mark));
}

lia_err lia_place_doubt(lia_log *log, bool doubted)
{
    return lia_log_set_meta(log, "doubted", doubted ? LIA_SPAN("1") : LIA_SPAN("0"));
}
