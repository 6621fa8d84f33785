/* SPDX-License-Identifier: Apache-2.0 */
/* Two buffers: one is noted into while the other is written. Repetitions are found through a small
 * table of hashes into the buffer that is noted into, so that a page which asks again and again
 * costs one entry a second. */
#include "common/audit/trail_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"

#define SLOTS 1024
/* Written before the second is over when so much waits. */
#define WAKE_BYTES   (LIA_AUDIT_BLOCK_MAX / 4)
#define BUFFER_BYTES LIA_AUDIT_BLOCK_MAX

typedef struct notes {
    lia_arena arena;
    lia_buf entries;
    uint32_t slots[SLOTS]; /* 1 + offset of an entry with that hash; 0: none */
} notes;

struct lia_trail {
    lia_trail_options options;
    char dir[1024];
    pthread_mutex_t lock;
    pthread_cond_t wake, written; /* for the thread; for those who wait for it */
    pthread_t thread;
    notes buffers[2];
    notes *open;              /* noted into */
    uint64_t rounds, started; /* of writing: ended, and begun */
    bool stopping, hurry;
    uint64_t noted, lost, lost_told;
    /* the thread's own */
    int file;
    uint64_t segment, size;
    bool failing, worth; /* the file has a whole block */
};

void lia_trail_path(const lia_trail *trail, uint64_t segment, char path[LIA_TRAIL_PATH_SIZE])
{
    snprintf(path, LIA_TRAIL_PATH_SIZE, "%s/%08llu.trail", trail->dir, (unsigned long long)segment);
}

const char *lia_trail_dir(const lia_trail *trail)
{
    return trail->dir;
}

/* ---- noting ---------------------------------------------------------------------------------- */

static uint32_t hash_of(lia_span bytes) /* FNV-1a */
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < bytes.size; i++) hash = (hash ^ bytes.data[i]) * 16777619u;
    return hash;
}

static lia_span same_part(const notes *to, size_t offset)
{
    const uint8_t *entry = to->entries.data + offset;
    return lia_span_make(entry + LIA_AUDIT_SAME_AT, lia_get_u16(entry) - LIA_AUDIT_SAME_AT);
}

/* Counts an earlier entry up when the last one repeats it. */
static bool repeats(notes *to, size_t offset)
{
    lia_span part = same_part(to, offset);
    uint32_t *slot = &to->slots[hash_of(part) % SLOTS];
    bool same = *slot && lia_span_equal(same_part(to, *slot - 1), part);
    if (same) {
        uint8_t *times = to->entries.data + *slot - 1 + LIA_AUDIT_TIMES_AT;
        lia_put_u32(times, lia_get_u32(times) + 1);
        to->entries.size = offset;
    } else {
        *slot = (uint32_t)offset + 1;
    }
    return same;
}

static void add(lia_trail *trail, const lia_audit_entry *entry)
{
    notes *to = trail->open;
    size_t offset = to->entries.size;
    trail->noted++;
    if (offset + LIA_AUDIT_ENTRY_MAX > BUFFER_BYTES) {
        trail->lost++;
        return;
    }
    lia_audit_put(&to->entries, entry);
    if (!repeats(to, offset) && to->entries.size > WAKE_BYTES && !trail->hurry) {
        trail->hurry = true;
        pthread_cond_signal(&trail->wake);
    }
}

void lia_trail_note(lia_trail *trail, const lia_audit_entry *entry)
{
    if (!trail) return;
    lia_audit_entry now = *entry;
    now.at = lia_time_now();
    now.times = 1;
    pthread_mutex_lock(&trail->lock);
    add(trail, &now);
    pthread_mutex_unlock(&trail->lock);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool write_all(int file, lia_span bytes)
{
    while (bytes.size) {
        ssize_t done = write(file, bytes.data, bytes.size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes = lia_span_skip(bytes, (size_t)done);
    }
    return true;
}

static void flush_folder(const lia_trail *trail)
{
    int folder = open(trail->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    (void)fsync(folder);
    close(folder);
}

/* Removes the oldest files until the rest is small and young enough; the newest stays. */
static void expire(lia_trail *trail)
{
    uint64_t *segments;
    size_t count;
    if (lia_trail_segments(trail, &segments, &count)) return;
    int64_t oldest = lia_time_now().ms - trail->options.age_ms_max;
    char path[LIA_TRAIL_PATH_SIZE];
    struct stat info;
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        lia_trail_path(trail, segments[i], path);
        if (!stat(path, &info)) total += (uint64_t)info.st_size;
    }
    for (size_t i = 0; i < count && segments[i] < trail->segment; i++) {
        lia_trail_path(trail, segments[i], path);
        if (stat(path, &info)) continue;
        bool old = (int64_t)info.st_mtime * LIA_SECOND_MS < oldest;
        if (!old && total <= trail->options.bytes_max) break;
        if (!unlink(path)) total -= (uint64_t)info.st_size;
    }
    free(segments);
}

static bool begin_file(lia_trail *trail)
{
    char path[LIA_TRAIL_PATH_SIZE];
    lia_trail_path(trail, trail->segment + 1, path);
    trail->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (trail->file < 0) return false;
    trail->segment++;
    trail->worth = false;
    trail->size = LIA_AUDIT_HEAD_SIZE;
    bool good = write_all(trail->file, LIA_SPAN(LIA_AUDIT_HEAD));
    flush_folder(trail);
    expire(trail);
    return good;
}

static void end_file(lia_trail *trail)
{
    if (trail->file >= 0) close(trail->file);
    trail->file = -1;
}

/* A disk that stays full must not leave a file of nothing every second. */
static void give_up_file(lia_trail *trail)
{
    char path[LIA_TRAIL_PATH_SIZE];
    if (trail->file >= 0 && !trail->worth) {
        lia_trail_path(trail, trail->segment, path);
        if (!unlink(path)) trail->segment--;
    }
    end_file(trail);
}

static bool write_block(lia_trail *trail, lia_span entries)
{
    uint8_t head[LIA_AUDIT_BLOCK_HEAD];
    if (trail->file >= 0 && trail->size + entries.size > LIA_TRAIL_FILE_BYTES) end_file(trail);
    if (trail->file < 0 && !begin_file(trail)) return false;
    lia_audit_block_head(trail->segment, trail->size, entries, head);
    bool good = write_all(trail->file, LIA_SPAN_OF(head)) && write_all(trail->file, entries) &&
                !fdatasync(trail->file);
    trail->size += sizeof head + entries.size;
    trail->worth |= good;
    return good;
}

/* After a failure the file is left as it is, and the next block begins a new one. */
static uint64_t keep(lia_trail *trail, const notes *from)
{
    if (write_block(trail, lia_buf_get(&from->entries))) {
        if (trail->failing) LIA_LOG(INFO, "audit.resumed");
        trail->failing = false;
        return 0;
    }
    if (!trail->failing) LIA_LOG(ERROR, "audit.failed", LIA_TEXT("why", strerror(errno)));
    trail->failing = true;
    give_up_file(trail);
    uint64_t lost = 0;
    lia_span rest = lia_buf_get(&from->entries);
    lia_audit_entry entry;
    while (lia_audit_take(&rest, &entry) == LIA_OK) lost += entry.times;
    return lost;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void wait_a_second(lia_trail *trail)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LIA_TRAIL_FLUSH_MS / 1000;
    int late = 0;
    while (!trail->stopping && !trail->hurry && !late)
        late = pthread_cond_timedwait(&trail->wake, &trail->lock, &until);
    trail->hurry = false;
}

/* What was lost is told in front of what comes: in the buffer that has room. */
static void tell_lost(lia_trail *trail)
{
    uint64_t lost = trail->lost - trail->lost_told;
    if (!lost || trail->failing) return;
    trail->lost_told = trail->lost;
    trail->noted--; /* it is no look */
    const lia_audit_entry entry = {.at = lia_time_now(),
                                   .times = 1,
                                   .action = LIA_AUDIT_LOST,
                                   .everybody = true,
                                   .count = lost > UINT32_MAX ? UINT32_MAX : (uint32_t)lost};
    add(trail, &entry);
}

static void forget(notes *buffer)
{
    lia_arena_reset(&buffer->arena);
    buffer->entries = lia_buf_make(&buffer->arena);
    (void)lia_buf_room(&buffer->entries, BUFFER_BYTES);
    memset(buffer->slots, 0, sizeof buffer->slots);
}

static void write_round(lia_trail *trail)
{
    notes *full = trail->open;
    trail->open = full == trail->buffers ? trail->buffers + 1 : trail->buffers;
    trail->started++;
    tell_lost(trail);
    pthread_mutex_unlock(&trail->lock);
    uint64_t lost = full->entries.size ? keep(trail, full) : 0;
    forget(full);
    pthread_mutex_lock(&trail->lock);
    trail->lost += lost;
    trail->rounds++;
    pthread_cond_broadcast(&trail->written);
}

static void *run(void *context)
{
    lia_trail *trail = context;
    pthread_mutex_lock(&trail->lock);
    for (bool last = false; !last;) {
        wait_a_second(trail);
        last = trail->stopping;
        write_round(trail);
    }
    pthread_mutex_unlock(&trail->lock);
    return NULL;
}

void lia_trail_flush(lia_trail *trail)
{
    if (!trail) return;
    pthread_mutex_lock(&trail->lock);
    uint64_t wanted = trail->started + 1; /* a round under way has its entries already */
    trail->hurry = true;
    pthread_cond_signal(&trail->wake);
    while (trail->rounds < wanted && !trail->stopping)
        pthread_cond_wait(&trail->written, &trail->lock);
    pthread_mutex_unlock(&trail->lock);
}

void lia_trail_get_stats(lia_trail *trail, lia_trail_stats *out)
{
    *out = (lia_trail_stats){0};
    if (!trail) return;
    pthread_mutex_lock(&trail->lock);
    *out = (lia_trail_stats){trail->noted, trail->lost};
    pthread_mutex_unlock(&trail->lock);
}

/* ---- open and close -------------------------------------------------------------------------- */

static lia_err open_buffers(lia_trail *trail)
{
    for (size_t i = 0; i < LIA_COUNT(trail->buffers); i++) {
        /* The same again for a block that grows in the arena once. */
        lia_err err = lia_arena_init(&trail->buffers[i].arena, BUFFER_BYTES + (64 << 10));
        if (err) return err;
        forget(&trail->buffers[i]);
    }
    trail->open = trail->buffers;
    return LIA_OK;
}

static lia_err open_folder(lia_trail *trail, lia_why *why)
{
    uint64_t *segments;
    size_t count;
    if (mkdir(trail->dir, 0700) && errno != EEXIST)
        return lia_why_set(why, LIA_EIO, "the folder %s cannot be made: %s", trail->dir,
                           strerror(errno));
    lia_err err = lia_trail_segments(trail, &segments, &count);
    if (err)
        return lia_why_set(why, err, "the folder %s cannot be read: %s", trail->dir,
                           strerror(errno));
    if (count) trail->segment = segments[count - 1];
    free(segments);
    return LIA_OK;
}

static void free_trail(lia_trail *trail)
{
    for (size_t i = 0; i < LIA_COUNT(trail->buffers); i++) lia_arena_fini(&trail->buffers[i].arena);
    pthread_cond_destroy(&trail->wake);
    pthread_cond_destroy(&trail->written);
    pthread_mutex_destroy(&trail->lock);
    free(trail);
}

static void open_lock(lia_trail *trail)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&trail->lock, NULL);
    pthread_cond_init(&trail->wake, &attributes);
    pthread_cond_init(&trail->written, &attributes);
    pthread_condattr_destroy(&attributes);
}

lia_err lia_trail_open(lia_trail **out, const lia_trail_options *options, lia_why *why)
{
    *out = NULL;
    lia_trail *trail = calloc(1, sizeof *trail);
    if (!trail) return LIA_EFULL;
    trail->options = *options;
    if (!trail->options.bytes_max) trail->options.bytes_max = LIA_TRAIL_BYTES_MAX;
    if (!trail->options.age_ms_max) trail->options.age_ms_max = LIA_TRAIL_AGE_MS_MAX;
    snprintf(trail->dir, sizeof trail->dir, "%s", options->dir);
    trail->file = -1;
    open_lock(trail);
    lia_err err = open_folder(trail, why);
    if (!err) err = open_buffers(trail);
    if (!err) expire(trail);
    if (!err && pthread_create(&trail->thread, NULL, run, trail)) err = LIA_EFULL;
    if (err) {
        free_trail(trail);
        return err;
    }
    *out = trail;
    return LIA_OK;
}

void lia_trail_close(lia_trail *trail)
{
    if (!trail) return;
    pthread_mutex_lock(&trail->lock);
    trail->stopping = true;
    pthread_cond_signal(&trail->wake);
    pthread_mutex_unlock(&trail->lock);
    pthread_join(trail->thread, NULL);
    end_file(trail);
    free_trail(trail);
}
