/* SPDX-License-Identifier: Apache-2.0 */
/* comment - the rules of what people write about records and keep for themselves, and who follows
 * what. Internal to common/collab. */
#ifndef LIA_COLLAB_COMMENT_H
#define LIA_COLLAB_COMMENT_H

#include "common/node/turn.h"
#include "proto/collab.pb-c.h"

/* A record that people talk about. */
typedef struct lia_topic {
    const lia_kind *kind;
    lia_id record, customer, owner; /* customer and owner: or none */
    const char *title;              /* "" when it has none */
} lia_topic;

/*   LIA_EINVAL  no such kind, or nobody talks about it; the turn's sentence says so
 *   LIA_EABSENT there is no such record */
LIA_MUST_USE lia_err lia_topic_load(lia_turn *turn, const char *plural, lia_id record,
                                    lia_topic *out);

/* Everybody who follows it: at most `max` ids; more are left out. */
LIA_MUST_USE lia_err lia_followers(lia_turn *turn, lia_id record, lia_id *users, size_t max,
                                   size_t *count);

lia_err lia_comment_prepare(lia_turn *turn, lia_id id, const void *before, void *after);
lia_err lia_view_prepare(lia_turn *turn, lia_id id, const void *before, void *after);
lia_err lia_favourite_prepare(lia_turn *turn, lia_id id, const void *before, void *after);
lia_err lia_follow_set(lia_turn *turn, const void *request);

#endif
