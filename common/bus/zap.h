/* SPDX-License-Identifier: Apache-2.0 */
/* zap - the doorkeeper: answers libzmq's question whether a key may come in (RFC 27, ZAP).
 *
 *     liaison.bus   members                        the ROUTER
 *     liaison.pub   members and further readers    the PUB socket
 *
 * It runs on a thread of its own, so that a busy loop never holds up a handshake, and must be
 * there before any server socket binds. Its answer names the key: the User-Id of every message
 * is the hex text of the key that its sender proved to hold. */
#ifndef LIA_BUS_ZAP_H
#define LIA_BUS_ZAP_H

#include "common/bus/members.h"

#define LIA_ZAP_BUS "liaison.bus"
#define LIA_ZAP_PUB "liaison.pub"

#define LIA_USER_ID_SIZE (2 * LIA_CURVE_KEY_SIZE + 1)

typedef struct lia_zap lia_zap;

typedef struct lia_zap_readers {
    const uint8_t (*keys)[LIA_CURVE_KEY_SIZE];
    size_t count;
} lia_zap_readers;

/* Starts the doorkeeper of a context. The lists are copied; of readers LIA_READERS_MAX count.
 *   LIA_EFULL   no memory, thread or socket is left */
LIA_MUST_USE lia_err lia_zap_open(lia_zap **out, void *zmq, const lia_members *members,
                                  lia_zap_readers readers);
/* Joins the thread, which ends when its context is shut down: call zmq_ctx_shutdown first. */
void lia_zap_close(lia_zap *zap);

/* From the next handshake on only these members are let in; readers stay. */
void lia_zap_set_members(lia_zap *zap, const lia_members *members);

/* The same for readers. */
void lia_zap_set_readers(lia_zap *zap, lia_zap_readers readers);

/* This member is not let in to the bus for so long. A new list forgives. */
void lia_zap_shut_out(lia_zap *zap, const uint8_t key[LIA_CURVE_KEY_SIZE], uint32_t ms);

void lia_user_id_print(const uint8_t key[LIA_CURVE_KEY_SIZE], char text[LIA_USER_ID_SIZE]);

#endif
