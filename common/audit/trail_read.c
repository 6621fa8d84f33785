/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are of many sizes and can only be walked forwards, so a file (4 MiB and a block at most)
 * is read whole, the places of its entries are noted, and they are given out from the last one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/audit/trail_inner.h"

#define FILE_BYTES_MAX (LIA_TRAIL_FILE_BYTES + LIA_AUDIT_BLOCK_MAX + LIA_AUDIT_BLOCK_HEAD)

/* ---- which files ----------------------------------------------------------------------------- */

static bool segment_of(const char *name, uint64_t *segment)
{
    static const char tail[] = ".trail";
    char *end;
    if (*name < '0' || *name > '9') return false;
    errno = 0;
    *segment = strtoull(name, &end, 10);
    return !errno && *segment && strcmp(end, tail) == 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static lia_err gather(DIR *folder, uint64_t **out, size_t *count)
{
    size_t room = 0;
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        uint64_t segment;
        if (!segment_of(entry->d_name, &segment)) continue;
        if (*count == room) {
            room = room ? room * 2 : 64;
            uint64_t *larger = realloc(*out, room * sizeof **out);
            if (!larger) return LIA_EFULL;
            *out = larger;
        }
        (*out)[(*count)++] = segment;
    }
    return LIA_OK;
}

lia_err lia_trail_segments(const lia_trail *trail, uint64_t **out, size_t *count)
{
    *out = NULL;
    *count = 0;
    DIR *folder = opendir(lia_trail_dir(trail));
    if (!folder) return LIA_EIO;
    lia_err err = gather(folder, out, count);
    closedir(folder);
    if (err) {
        free(*out);
        *out = NULL;
        return err;
    }
    if (*count) qsort(*out, *count, sizeof **out, compare);
    return LIA_OK;
}

/* ---- one file -------------------------------------------------------------------------------- */

typedef struct opened {
    uint8_t *bytes;
    size_t size;
    uint32_t *entries; /* their places */
    size_t count;
} opened;

static lia_err read_file(const lia_trail *trail, uint64_t segment, opened *file)
{
    char path[LIA_TRAIL_PATH_SIZE];
    struct stat info;
    lia_trail_path(trail, segment, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? LIA_OK : LIA_EIO; /* its time was over */
    lia_err err = fstat(fd, &info) ? LIA_EIO : LIA_OK;
    size_t size =
        !err && (uint64_t)info.st_size < FILE_BYTES_MAX ? (size_t)info.st_size : FILE_BYTES_MAX;
    if (!err) file->bytes = malloc(size + 1);
    if (!err && !file->bytes) err = LIA_EFULL;
    while (!err && file->size < size) {
        ssize_t got = read(fd, file->bytes + file->size, size - file->size);
        if (got < 0 && errno != EINTR) err = LIA_EIO;
        if (got == 0) break;
        if (got > 0) file->size += (size_t)got;
    }
    close(fd);
    return err;
}

/* An entry is LIA_AUDIT_SAME_AT bytes at least, which bounds how many there are. */
static lia_err find_entries(opened *file, uint64_t segment)
{
    const lia_span bytes = lia_span_make(file->bytes, file->size);
    const lia_span head = LIA_SPAN(LIA_AUDIT_HEAD);
    lia_span entries;
    lia_audit_entry entry;
    if (!lia_span_starts(bytes, head)) return LIA_OK;
    file->entries = malloc((file->size / LIA_AUDIT_SAME_AT + 1) * sizeof *file->entries);
    if (!file->entries) return LIA_EFULL;
    for (size_t place = head.size;
         lia_audit_block_take(bytes, segment, place, &entries) == LIA_OK;) {
        place += LIA_AUDIT_BLOCK_HEAD + entries.size;
        lia_span rest = entries;
        for (;;) {
            uint32_t at = (uint32_t)(rest.data - file->bytes);
            if (lia_audit_take(&rest, &entry)) break;
            file->entries[file->count++] = at;
        }
    }
    return LIA_OK;
}

/* False when `take` has enough. */
static bool give_out(const opened *file, lia_trail_place *place,
                     bool (*take)(void *context, const lia_audit_entry *entry), void *context)
{
    lia_audit_entry entry;
    for (size_t i = file->count; i-- > 0;) {
        if (file->entries[i] >= place->offset) continue;
        lia_span rest =
            lia_span_make(file->bytes + file->entries[i], file->size - file->entries[i]);
        if (lia_audit_take(&rest, &entry)) continue;
        if (!take(context, &entry)) return false;
        place->offset = file->entries[i];
    }
    return true;
}

static lia_err look_through(const lia_trail *trail, lia_trail_place *place, bool *enough,
                            bool (*take)(void *context, const lia_audit_entry *entry),
                            void *context)
{
    opened file = {0};
    lia_err err = read_file(trail, place->segment, &file);
    if (!err) err = find_entries(&file, place->segment);
    if (!err) *enough = !give_out(&file, place, take, context);
    free(file.entries);
    free(file.bytes);
    return err;
}

/* ---- the trail ------------------------------------------------------------------------------- */

lia_err lia_trail_read(const lia_trail *trail, lia_trail_place *place, bool *more,
                       bool (*take)(void *context, const lia_audit_entry *entry), void *context)
{
    uint64_t *segments;
    size_t count, looked = 0;
    bool enough = false;
    *more = false;
    lia_err err = lia_trail_segments(trail, &segments, &count);
    for (size_t i = count; !err && !enough && i-- > 0;) {
        if (segments[i] > place->segment) continue;
        if (looked++ == LIA_TRAIL_FILES_MAX) {
            *more = true;
            break;
        }
        if (segments[i] < place->segment) *place = (lia_trail_place){segments[i], UINT64_MAX};
        err = look_through(trail, place, &enough, take, context);
    }
    *more |= enough;
    free(segments);
    return err;
}
