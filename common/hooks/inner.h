/* SPDX-License-Identifier: Apache-2.0 */
/* inner - what the files of the deliverer share; nobody else includes it.
 *
 *     hooks.c   opening and closing, and all that passes between the two threads
 *     round.c   the thread: which webhooks there are, and one round over them
 *     place.c   where a webhook that is new here begins, and what its mark says
 *     run.c     one webhook: reading on, sending, what an answer means
 *     ask.c     requests of rules and flows, which wait for the answers */
#ifndef LIA_HOOKS_INNER_H
#define LIA_HOOKS_INNER_H

#include <pthread.h>

#include "common/hooks/hook.h"
#include "common/hooks/hooks.h"
#include "common/hooks/send.h"
#include "proto/automation.pb-c.h"

/* Webhooks that one node delivers to. */
#define LIA_HOOKS_MAX 1000

typedef struct lia_hook lia_hook;
typedef struct lia_asking lia_asking;

/* An event on its way to a receiver. */
typedef struct lia_delivery {
    lia_post post;
    lia_hook *hook;
    struct lia_run *run; /* NULL: a test */
    struct lia_delivery *after;
    uint64_t arrival;
    uint32_t try;
    bool waits; /* to be sent again */
    bool aside; /* it was refused for so long that what follows is tried */
    char type[96];
    lia_trace cause; /* of the event; none: nobody follows it */
    uint64_t began_ns;
    uint8_t *body; /* malloc'd */
} lia_delivery;

/* Arrivals that are being told, up to `until`. */
typedef struct lia_run {
    uint64_t next; /* the first that was not looked at */
    uint64_t until;
    lia_delivery *first; /* under way or waiting, by arrival */
    size_t count;
    bool replays;
} lia_run;

struct lia_hook {
    lia_id id;
    lia_hook *next;
    lia_hash read; /* of the record's row that the rest was made of */
    uint64_t epoch; /* of the catalog that it was made of */
    bool seen;     /* in this round */
    bool active;
    lia_arena arena; /* record, and the interest unless it has an owner */
    const Hooks__Webhook *record;
    lia_interest *interest;
    lia_principal *who;         /* of this round */
    lia_hook_state state, kept; /* as it is, and as the box has it */
    lia_run live, replay;
    lia_delivery *tests;
    lia_hook_mark behind; /* malloc'd: told already, by another node */
    size_t under_way;
    uint64_t marked; /* cursor of the last mark */
    int64_t marked_ms;
    bool ending;        /* to be stopped: `reason` says why */
    int64_t ordered_ms; /* when that was asked for */
    char reason[200];
};

typedef enum lia_ask_type { LIA_ASK_TEST, LIA_ASK_REPLAY } lia_ask_type;

typedef struct lia_hook_request {
    lia_ask_type type;
    lia_id webhook;
    uint64_t from, until;
} lia_hook_request;

enum { LIA_REQUESTS_MAX = 64 };

typedef struct lia_order lia_order;

struct lia_hooks {
    lia_hooks_options options;
    lia_box *box;
    lia_sender *sender;
    pthread_t thread;
    lia_node_watch *watch;
    uv_async_t ordered;
    uv_timer_t asking; /* until the node may be read */
    unsigned handles;
    void (*closed)(void *);
    void *closed_context;

    pthread_mutex_t lock; /* guards what follows */
    lia_hook_request requests[LIA_REQUESTS_MAX];
    size_t request_count;
    lia_order *orders;
    lia_hook_status *shown;
    size_t shown_count;
    lia_hooks_stats stats;
    bool may_read, stopping;

    /* The thread's own. */
    lia_hook *first;
    size_t count;
    lia_asking *calls;
    size_t call_count;
    lia_arena arena;   /* of one event */
    lia_arena scratch; /* of one webhook in a round */
    lia_hooks_stats counted;
    size_t offset;   /* which webhook begins the next round */
    int64_t kept_ms; /* when the box was committed last */
    bool dirty;      /* attempts wait for a commit */
    bool too_many;   /* was said */
};

/* One round: the state as it is now, and until when it may be looked at. */
typedef struct lia_round {
    lia_hooks *hooks;
    lia_rows rows;
    lia_beyond beyond;
    const lia_members *members;
    uint64_t visible, gap;
    int64_t now_ms;
    uint64_t until_ns;
    int64_t wake_ms; /* when the next one is due; INT64_MAX: when something happens */
} lia_round;

/* hooks.c: what the thread asks the loop for. */
void lia_hooks_order_stop(lia_hooks *hooks, lia_id webhook, const char *reason);
void lia_hooks_order_settle(lia_hooks *hooks, const Automation__SettleHttpCall *ask);
void lia_hooks_order_mark(lia_hooks *hooks, lia_id webhook, lia_span lanes);

/* round.c */
void *lia_hooks_work(void *hooks);

/* place.c */
LIA_MUST_USE lia_err lia_hook_begin(lia_round *round, lia_hook *hook);
/* Writes a mark when one is due, or at once. */
void lia_hook_mark_if_due(lia_round *round, lia_hook *hook, bool at_once);

/* run.c */
/* Reads on and sends, as far as time and receiver allow. */
void lia_hook_go_on(lia_round *round, lia_hook *hook);
void lia_hook_test(lia_hooks *hooks, lia_hook *hook);
/* What the answer means. */
void lia_hook_answered(lia_hooks *hooks, lia_post *post);
/* Gives up what is under way; the cursors in its state stay. */
void lia_hook_halt(lia_hooks *hooks, lia_hook *hook);
/* Asks for its end; nothing is sent meanwhile. */
void lia_hook_end(lia_hooks *hooks, lia_hook *hook, const char *format, ...) LIA_PRINTF(3, 4);
/* ask.c */
/* Sends what is due of the requests that this node is to ask. */
void lia_ask_go_on(lia_round *round);
void lia_ask_answered(lia_hooks *hooks, lia_post *post);
/* Gives up all; the records stay, so a later life asks again. */
void lia_ask_end(lia_hooks *hooks);

/* All up to here is done; what stands aside is not. */
static inline uint64_t lia_run_cursor(const lia_run *run)
{
    return (run->first ? run->first->arrival : run->next) - 1;
}

#endif
