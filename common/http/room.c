/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/room.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)

static bool fill(int fd)
{
    static const uint8_t piece[PIECE] = {1}; /* not all zeros: no hole */
    for (size_t at = 0; at < LIA_ROOM_BYTES; at += PIECE)
        if (pwrite(fd, piece, PIECE, (off_t)at) != (ssize_t)PIECE) return false;
    return fdatasync(fd) == 0;
}

static void look(uv_work_t *work)
{
    lia_room *room = work->data;
    int fd = open(room->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    room->found = fd >= 0 && fill(fd);
    if (fd < 0) return;
    close(fd);
    unlink(room->path);
}

static void looked(uv_work_t *work, int status)
{
    lia_room *room = work->data;
    room->looking = false;
    room->done(room->context, room->found && !status);
}

bool lia_room_look(lia_room *room, uv_loop_t *loop, const char *path,
                   void (*done)(void *context, bool found), void *context)
{
    if (room->looking) return false;
    snprintf(room->path, sizeof room->path, "%s", path);
    room->work.data = room;
    room->done = done;
    room->context = context;
    room->found = false;
    room->looking = uv_queue_work(loop, &room->work, look, looked) == 0;
    return room->looking;
}
