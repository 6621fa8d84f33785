/* SPDX-License-Identifier: Apache-2.0 */
/* turn - what a handler holds while it handles one message: an arena, the batch and one reading of
 * the clock. Handlers are four beats: load, decide (pure), record, tell. Nothing is kept unless
 * the handler returns LIA_OK. Writer thread only. */
#ifndef LIA_NODE_TURN_H
#define LIA_NODE_TURN_H

#include "common/node/service.h"

/* The parts of a turn that handlers may look at. */
struct lia_turn {
    lia_arena *arena;
    lia_time now;
    uint32_t actor;            /* user number; 0: the node itself */
    lia_department department; /* of this node */
    uint16_t node;             /* its number */
    const char *node_name;
    struct lia_turn_work *work; /* the node's own business */
};

/* An id in a message. None when the field is absent or not 16 bytes. */
static inline lia_id lia_id_in(ProtobufCBinaryData bytes)
{
    return lia_id_from(lia_span_make(bytes.data, bytes.len));
}
/* An id for a message: borrows `id`. */
static inline ProtobufCBinaryData lia_id_bytes(const lia_id *id)
{
    return (ProtobufCBinaryData){LIA_ID_SIZE, (uint8_t *)(uintptr_t)id->bytes};
}

/* Loads a record as a protobuf-c struct of the kind's message, e.g.
 *     Sales__Deal *deal;
 *     lia_err err = lia_load(turn, LIA_DEAL, id, &deal);
 * The struct and all it points to live until the turn ends and may be changed freely. Archived
 * records load too.
 *   LIA_EABSENT  there is no such record, or it was erased */
#define lia_load(turn, kind, id, out) lia_turn_load(turn, kind, id, (ProtobufCMessage **)(void *)(out))
LIA_MUST_USE lia_err lia_turn_load(lia_turn *turn, uint16_t kind, lia_id id, ProtobufCMessage **out);

/* Stages the difference between the record as it is and `message` as ops of the event under way. A
 * record that is not there is made. All its fields count: one that is absent in `message` is cleared.
 *   LIA_EEXIST   under a fresh id: the command was done before, and the note of its key is gone
 *   LIA_EOWNER  the kind belongs to another department     LIA_EGONE  it was erased */
#define lia_record(turn, kind, id, message) lia_turn_record(turn, kind, id, (const ProtobufCMessage *)(message))
LIA_MUST_USE lia_err lia_turn_record(lia_turn *turn, uint16_t kind, lia_id id, const ProtobufCMessage *message);

/* The same from protobuf bytes, for the fields in `mask` only (NULL: all). */
LIA_MUST_USE lia_err lia_turn_write(lia_turn *turn, const lia_kind *kind, lia_id id, lia_span message,
                                    const uint32_t *mask, size_t mask_count);

/* Ends the event under way with its meaning. Ops staged since the last tell are its effect. The
 * event speaks of the customer that its records name (or of `lia_about`); records of two customers
 * need two tells. */
#define lia_tell(turn, fact) lia_turn_tell(turn, (const ProtobufCMessage *)(fact))
LIA_MUST_USE lia_err lia_turn_tell(lia_turn *turn, const ProtobufCMessage *fact);

/* Says which customer the event under way is about, where its records do not. */
void lia_about(lia_turn *turn, lia_id customer);

/* Declines: returns LIA_EREFUSED and keeps the refusal for the answer. */
LIA_MUST_USE lia_err lia_refuse(lia_turn *turn, lia_refusal refusal);
/* Fails with a sentence for the caller ("stage: no stage 'x' in pipeline 'y'"). */
LIA_MUST_USE lia_err lia_turn_fail(lia_turn *turn, lia_err err, const char *format, ...) LIA_PRINTF(3, 4);

/* The record that the answer to the command shows. Set by create; commands that make a record
 * of their own call it. */
void lia_turn_answer(lia_turn *turn, uint16_t kind, lia_id record);

/* A fresh record id. In reactors and jobs it is derived from the cause, and in a command with a key
 * from key, actor, department and request, so a repetition gives the same one, also at another node of
 * the department. Nobody else's key, and no other request, leads to it. */
lia_id lia_turn_new_id(lia_turn *turn);

/* Durable timers, by job name and key. Setting again moves it. The payload (up to 1 kB) is copied. */
LIA_MUST_USE lia_err lia_job_set(lia_turn *turn, const char *job, lia_id key, lia_time due, lia_span payload);
LIA_MUST_USE lia_err lia_job_clear(lia_turn *turn, const char *job, lia_id key);

/* Rows of the service's own folds (keys up to 400 bytes). Writing is for folds only; reading is for
 * everybody. *value is valid until the next write of the turn. */
LIA_MUST_USE lia_err lia_fold_get(lia_turn *turn, lia_span key, lia_span *value);
LIA_MUST_USE lia_err lia_fold_put(lia_turn *turn, lia_span key, lia_span value);
LIA_MUST_USE lia_err lia_fold_del(lia_turn *turn, lia_span key);
LIA_MUST_USE lia_err lia_fold_scan(lia_turn *turn, lia_span prefix, lia_scan **out);

/* The views behind the turn, for reading more than lia_load does. Keys of fold scans begin with 'f'. */
const lia_rows *lia_turn_rows(lia_turn *turn);

/* Unpacks any message into the turn's arena. NULL when malformed. */
ProtobufCMessage *lia_turn_unpack(lia_turn *turn, const ProtobufCMessageDescriptor *type, lia_span bytes);

#endif
