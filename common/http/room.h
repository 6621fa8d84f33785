/* SPDX-License-Identifier: Apache-2.0 */
/* room - whether a disk that was full takes bytes again: by writing and flushing some, off the
 * loop. What statvfs says is no proof, where quotas or other writers are. */
#ifndef LIA_HTTP_ROOM_H
#define LIA_HTTP_ROOM_H

#include <uv.h>

#include "common/base/err.h"

/* So much must fit: some groups of commands, and the views' memory table. */
#define LIA_ROOM_BYTES ((size_t)4 << 20)

typedef struct lia_room {
    uv_work_t work;
    char path[1200]; /* of a file that is made and removed again */
    bool looking, found;
    void (*done)(void *context, bool found); /* on the loop */
    void *context;
} lia_room;

/* Looks once; one at a time. `room` stays until `done`. False when it could not be begun. */
bool lia_room_look(lia_room *room, uv_loop_t *loop, const char *path,
                   void (*done)(void *context, bool found), void *context);

#endif
