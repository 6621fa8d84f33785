/* SPDX-License-Identifier: Apache-2.0 */
/* curve - makes ZeroMQ sockets with every option set before they bind or connect (later ones do
 * not apply): keys, the doorkeeper's domain, limits, heartbeats, reconnection. The side that binds
 * is the CURVE server. */
#ifndef LIA_BUS_CURVE_H
#define LIA_BUS_CURVE_H

#include "common/bus/members.h"

typedef struct lia_curve_server {
    int type;            /* ZMQ_ROUTER or ZMQ_PUB */
    const char *domain;  /* LIA_ZAP_BUS or LIA_ZAP_PUB */
    const char *address; /* "127.0.0.1:27104" */
    int listener;        /* listening there; a duplicate of it is used */
    const lia_node_keys *keys;
    bool open_door; /* tests only: does not insist on a doorkeeper */
} lia_curve_server;

typedef struct lia_curve_client {
    int type; /* ZMQ_DEALER or ZMQ_SUB */
    const char *address;
    const uint8_t *server; /* its public key */
    const uint8_t *public, *secret;
} lia_curve_client;

/* A bound socket and, where `monitor` is not NULL, the PAIR on which its connections' events come;
 * NULL with the reason in errno. Call lia_curve_forget before closing one with a monitor. */
void *lia_curve_bind(void *zmq, const lia_curve_server *spec, void **monitor);

/* A connecting socket and, in *monitor, the PAIR on which its connection events come (see
 * lia_curve_event); NULL with the reason in errno. Call lia_curve_forget before closing it. */
void *lia_curve_connect(void *zmq, const lia_curve_client *spec, void **monitor);
void lia_curve_forget(void *socket);

/* Reads one event (ZMQ_EVENT_...) without waiting; 0 when there is none. *value is what comes with
 * it, for most the descriptor of the connection; it may be NULL. */
unsigned lia_curve_event(void *monitor, int *value);

#endif
