/* SPDX-License-Identifier: Apache-2.0 */
/* talk - a command that asks one node, from the options that name it to its exit status. */
#ifndef LIA_LIAISON_TALK_H
#define LIA_LIAISON_TALK_H

#include "tools/liaison/client.h"

typedef struct lia_talk {
    const lia_args *args;
    lia_target target;
    lia_client client;
    lia_bytes body; /* of the last answer to what was not asked for as JSON */
    lia_why why;    /* of the first error; for lia_talk_end */
} lia_talk;

/* Finds the node and makes ready to ask it; nothing is connected yet. `args` is borrowed. To be
 * ended whatever it returns. */
LIA_MUST_USE lia_err lia_talk_begin(lia_talk *talk, const lia_args *args);

/* Frees all and says why it failed. Returns the exit status: 0; 1 when there was no such record
 * (LIA_EABSENT, LIA_EGONE); 2 for every other error. */
int lia_talk_end(lia_talk *talk, lia_err err);

/* All entries of the list `name` in the pages of `path`, at most `limit`, asked for `page_size` at
 * a time; the caller's to json_decref. *more (may be NULL): there are further ones. NULL with a
 * sentence in talk->why. */
json_t *lia_talk_pages(lia_talk *talk, const char *path, const char *name, size_t page_size,
                       size_t limit, long timeout_ms, bool *more);

/* Prints an answer: as JSON where that is wanted, else by `print`. */
void lia_talk_tell(const lia_talk *talk, const json_t *answer, void (*print)(const json_t *answer));
/* Prints talk->body, JSON. */
void lia_talk_tell_body(const lia_talk *talk);

#endif
