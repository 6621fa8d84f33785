/* SPDX-License-Identifier: Apache-2.0 */
/* disk_replay RECORD          prints how many moments there are: before each operation, and at the
 * end disk_replay RECORD MOMENT SEED FOLDER Writes into FOLDER/log/log.mdb and
 * FOLDER/views/views.mdb, which are as they were when the recording began, what a disk would hold
 * whose power failed at that moment: all that had been flushed, and of the rest what chance left,
 * in sectors of 512 bytes. Prints when the moment was (monotonic, in us): whatever was answered
 * before it must be there. */
#include <inttypes.h>

#include "common/store/test_disk.h"
#include "tests/cluster/shaky.h"

static uint64_t begun_us[DISK_OPS_MAX];

static void note(const shaky_op *op, uint8_t *bytes)
{
    bool lies = getenv("DISK_LIES") != NULL;
    if (op->kind == SHAKY_FLUSH_LAST) {
        if (!lies) disk.ops[disk.op_count - 1].durable = disk.op_count - 1;
        return;
    }
    begun_us[disk.op_count] = op->begun_us;
    if (op->kind == SHAKY_FLUSH) {
        if (lies)
            disk_note(DISK_FLUSH, op->file);
        else
            disk_note_flush(op->file);
        return;
    }
    disk_op *to = disk_note(DISK_WRITE, op->file);
    to->at = (off_t)op->at;
    to->size = op->size;
    to->bytes = bytes;
}

static bool read_record(const char *path)
{
    shaky_op op;
    FILE *file = fopen(path, "rb");
    disk_record(true);
    while (file && fread(&op, sizeof op, 1, file) == 1 && disk.op_count < DISK_OPS_MAX) {
        uint8_t *bytes = op.size ? malloc(op.size) : NULL;
        if (op.size && (!bytes || fread(bytes, op.size, 1, file) != 1)) {
            free(bytes);
            break; /* the process was killed here */
        }
        op.file[sizeof op.file - 1] = 0;
        note(&op, bytes);
    }
    disk_record(false);
    if (file) fclose(file);
    return file && disk.op_count > 0 && disk.op_count < DISK_OPS_MAX;
}

static bool rebuild(const char *folder, const char *name, size_t cut, lia_dice *dice)
{
    char path[1024];
    int length = (int)strcspn(name, ".");
    snprintf(path, sizeof path, "%s/%.*s/%s", folder, length, name, name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return false;
    disk_rebuild(fd, name, cut, dice);
    return close(fd) == 0;
}

int main(int argc, char **argv)
{
    if ((argc != 2 && argc != 5) || !read_record(argv[1])) {
        fprintf(stderr, "disk_replay: a record is wanted, and then MOMENT SEED FOLDER\n");
        return 2;
    }
    if (argc == 2) {
        printf("%zu\n", disk.op_count);
        disk_forget();
        return 0;
    }
    size_t cut = strtoull(argv[2], NULL, 10);
    lia_dice dice = {strtoull(argv[3], NULL, 10)};
    if (cut >= disk.op_count) return 2;
    bool fine =
        rebuild(argv[4], "log.mdb", cut, &dice) && rebuild(argv[4], "views.mdb", cut, &dice);
    printf("%" PRIu64 "\n", begun_us[cut]);
    disk_forget();
    return fine ? 0 : 2;
}
