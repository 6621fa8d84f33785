/* SPDX-License-Identifier: Apache-2.0 */
/* run_inner - a department's process between the files that make it: run.c begins and ends it,
 * run_parts.c opens and closes what it is made of. */
#ifndef LIA_HTTP_RUN_INNER_H
#define LIA_HTTP_RUN_INNER_H

#include "common/hooks/tool.h"
#include "common/http/api.h"
#include "common/http/reload.h"
#include "common/http/room.h"
#include "common/http/web.h"
#include "common/oidc/party.h"
#include "common/search/search.h"

typedef struct lia_process {
    lia_reload reload; /* the settings, and the mailer */
    lia_wish wish;
    const lia_service *service;
    uv_loop_t loop;
    uv_timer_t care, beat; /* of the latter the supervisor is told */
    lia_room room;
    bool closing;
    uint64_t care_ms, began_ns; /* as above; when it was opened */
    uv_signal_t signals[3];     /* the last one: SIGHUP */
    lia_tls *tls;               /* NULL: plain HTTP */
    lia_node *node;
    lia_api *api;
    lia_hooks *hooks;
    lia_tools *tools;
    lia_trail *trail;
    lia_search *search;
    lia_party *party;
    lia_http_server *server;
    lia_web *web; /* NULL: none was built; read once, however often the rest begins anew */
    bool ending;
} lia_process;

/* ---- run_parts.c ----------------------------------------------------------------------------- */

/* Opens all parts, as the settings say. After an error those that are open are to be closed. */
LIA_MUST_USE lia_err lia_process_open(lia_process *d, lia_why *why);
/* Closes those that are open, one after the other; lia_process_closed is called in the end. */
void lia_process_close(lia_process *d);
/* The address that it serves HTTP at. There is a node. */
const char *lia_process_http(const lia_process *d);

/* ---- run.c ----------------------------------------------------------------------------------- */

/* All parts are closed: the process ends, or begins anew. */
void lia_process_closed(lia_process *d);

#endif
