/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict is the handshake's end as the knocking side sees it, not the absence of some frame:
 * both doors answer with an event, so nothing is concluded from silence, and it takes no longer
 * than two handshakes. A refusal must be the doorkeeper's own (FAILED_AUTH, its 400); a connection
 * that just breaks proves nothing. */
#include "common/bus/proof.h"

#include <zmq.h>

#include "common/base/time.h"
#include "common/bus/curve.h"

#define PROOF_MS_MAX 2000

typedef enum verdict { UNDECIDED, ADMITTED, REFUSED, BROKEN } verdict;

typedef struct knock {
    void *socket, *monitor;
    verdict verdict;
} knock;

static lia_err knock_open(knock *at, void *zmq, const lia_proof *proof, const lia_node_keys *as)
{
    lia_curve_client spec = {.type = proof->type,
                             .address = proof->address,
                             .server = proof->keys->curve_public,
                             .public = as->curve_public,
                             .secret = as->curve_secret};
    at->socket = lia_curve_connect(zmq, &spec, &at->monitor);
    return at->socket ? LIA_OK : LIA_EFULL;
}

static void knock_close(knock *at)
{
    if (!at->socket) return;
    lia_curve_forget(at->socket);
    zmq_close(at->socket);
    zmq_close(at->monitor);
}

static verdict verdict_of(unsigned event)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return ADMITTED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return REFUSED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_DISCONNECTED:
        return BROKEN;
    default:
        return UNDECIDED;
    }
}

/* The first verdict counts; what follows is the connection being torn down or tried again. */
static void knock_listen(knock *at)
{
    unsigned event;
    while ((event = lia_curve_event(at->monitor, NULL)))
        if (at->verdict == UNDECIDED) at->verdict = verdict_of(event);
}

static void wait_for(knock *stranger, knock *member)
{
    uint64_t until = lia_time_ticks_ns() + (uint64_t)PROOF_MS_MAX * 1000 * 1000;
    zmq_pollitem_t items[] = {{.socket = stranger->monitor, .events = ZMQ_POLLIN},
                              {.socket = member->monitor, .events = ZMQ_POLLIN}};
    while (stranger->verdict == UNDECIDED || member->verdict == UNDECIDED) {
        uint64_t now = lia_time_ticks_ns();
        if (now >= until) return;
        zmq_poll(items, LIA_COUNT(items), (long)((until - now) / (1000 * 1000) + 1));
        knock_listen(stranger);
        knock_listen(member);
    }
}

static lia_err judge(const lia_proof *proof, const knock *stranger, const knock *member,
                     lia_why *why)
{
    if (stranger->verdict == ADMITTED)
        return lia_why_set(why, LIA_EDENIED,
                           "%s let an unknown key in: the key check is not working, so it stays "
                           "closed",
                           proof->address);
    if (stranger->verdict != REFUSED)
        return lia_why_set(why, LIA_EDENIED,
                           "%s did not refuse an unknown key in time: whether keys are checked "
                           "cannot be told, so it stays closed",
                           proof->address);
    if (member->verdict != ADMITTED)
        return lia_why_set(why, LIA_EDENIED, "%s did not let the own key in: nobody could connect",
                           proof->address);
    return LIA_OK;
}

lia_err lia_proof_check(void *zmq, const lia_proof *proof, lia_why *why)
{
    knock stranger = {0}, member = {0};
    lia_node_keys random;
    lia_node_keys_make(&random);
    lia_err err = knock_open(&stranger, zmq, proof, &random);
    if (!err) err = knock_open(&member, zmq, proof, proof->keys);
    if (err) {
        lia_why_set(why, err, "no more sockets can be opened: raise the limit of open files");
    } else {
        wait_for(&stranger, &member);
        err = judge(proof, &stranger, &member, why);
    }
    knock_close(&stranger);
    knock_close(&member);
    lia_wipe(&random, sizeof random);
    return err;
}
