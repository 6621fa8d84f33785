/* SPDX-License-Identifier: Apache-2.0 */
/* api_inner - what the files of the API share; nobody else includes it.
 *
 *     request --api.c--> route --> api_record, api_list, api_customer, api_batch, api_events ...
 *                                     |
 *                                  api_answer (problem documents), api_shown (a record as JSON) */
#ifndef LIA_HTTP_API_INNER_H
#define LIA_HTTP_API_INNER_H

#include "common/access/principal.h"
#include "common/access/throttle.h"
#include "common/audit/trail.h"
#include "common/automation/automation.h"
#include "common/base/buf.h"
#include "common/base/hlc.h"
#include "common/http/api.h"
#include "common/wire/json.h"

typedef struct lia_hub lia_hub;
typedef struct lia_gate lia_gate;
typedef struct lia_login lia_login;
typedef struct lia_lookout lia_lookout;
struct lia_waiter;
struct lia_hashing;

struct lia_api {
    uv_loop_t *loop;
    lia_node *node;
    const lia_service *service;
    const lia_member *member;
    const lia_members *members; /* in force; see lia_api_list_of */
    lia_http_server *server; /* may be NULL */
    lia_hub *hub;            /* live events */
    lia_lookout *lookout;    /* who looks at what */
    lia_gate *gate;          /* who asks */
    lia_api_door door;
    lia_throttle throttle;   /* of signing in */
    lia_throttle forgotten;  /* of asking for another password */
    struct {
        int64_t since_ms;
        uint32_t noted, skipped;
    } failures;              /* of signing in, in the present minute of the trail */
    struct lia_api_oidc *oidc; /* signing in by providers; NULL: nobody does */
    struct lia_directory *directory; /* signing in by one; NULL: nobody does */
    struct lia_hashing *hashings; /* passwords that wait to be hashed */
    size_t hashings_running, hashings_waiting;
    lia_exporter *exporter;  /* of spans; NULL: they go nowhere */
    lia_hooks *hooks;        /* webhooks; NULL: none are delivered */
    lia_search *search;      /* NULL: nothing is looked for */
    lia_trail *trail;        /* who looked at whose data; NULL: nobody asks */
    size_t dry_runs;         /* of rules and flows, see api_dry.c */
    const lia_mailer *mailer; /* NULL: nobody asks */
    struct lia_backup_run *backup; /* the one under way */
    int64_t backup_given_ms;       /* as of when this node was last backed up whole; 0: never */
    struct lia_boxes *boxes;       /* of nodes that are to join */
    const lia_web *web; /* the app; NULL: none was built */
    const char *imports;      /* the folder that keeps them; NULL: nowhere */
    struct lia_import_work *importing; /* pieces under way */
    size_t at_work;          /* requests on worker threads or with the writer */
    struct lia_waiter *waiting;
    bool closing;
    void (*closed)(void *);
    void *closed_context;
    uv_async_t end; /* its close callback frees the api and calls `closed` */
};

/* One request while it is answered. Lives in the request's arena: it may be read after the answer, until whoever
 * answered has returned to the loop. */
typedef struct lia_call {
    lia_api *api;
    lia_http_request *request;
    lia_arena *arena;
    const lia_catalog *catalog; /* kinds and fields as they were when it came; held */
    lia_http_method method;
    lia_login *login;         /* the pass that was shown; NULL: none that is in force */
    const lia_principal *who; /* who asks; NULL only on paths that are open to everybody */
    bool by_cookie;           /* a browser showed the pass by itself */
    const lia_kind *kind; /* of the path, or NULL */
    lia_id id;            /* of the path, or none */
    lia_span rest;        /* what of the path a route reads itself */
    const lia_command_row *command;
    const lia_query_row *query;
    bool shows; /* something of customers */
    lia_trace trace;            /* what it is part of */
    lia_traced *traced;         /* its span; NULL: nobody wants it */
    bool routed;                /* a route was found; */
    bool of_app;                /* it is a page or a file of the app's */
    const lia_kind *route_kind; /* its kind, whoever may see it */
} lia_call;

typedef void lia_route_fn(lia_call *call);

/* ---- api_answer.c: every answer leaves through here ------------------------------------------ */

/* RFC 9457. */
typedef struct lia_problem {
    unsigned status;
    const char *type; /* "/problems/<type>" */
    const char *title;
    const char *detail; /* may be NULL */
    const char *code;   /* of a refusal; may be NULL */
    lia_span current;   /* JSON of the record as it stands; may be empty */
    const char *first;  /* id of a stream that can be gone on from; may be NULL */
    unsigned retry_s;   /* Retry-After; 0: a second with 503, else none */
} lia_problem;

/* What an error means to a client. `why` (may be NULL) becomes the detail; both borrow. */
lia_problem lia_problem_of(lia_err err, lia_refusal refusal, const lia_why *why);
void lia_problem_put(lia_buf *out, const lia_problem *problem);

void lia_call_problem(lia_call *call, const lia_problem *problem);
/* A problem of fixed words, where no memory is left for others. */
void lia_api_say_least(lia_http_request *request, unsigned status, const char *type,
                       const lia_http_header *headers, size_t count);
void lia_call_fail(lia_call *call, lia_err err, const lia_why *why);
/* 200 with an ETag, or 304 when the client has that very version. */
void lia_call_shown(lia_call *call, const char *etag, const lia_buf *out);
/* Reading the record of the path failed: says which one is not there. */
void lia_call_fail_read(lia_call *call, lia_err err);
/* Whether there is nothing to wait for after failed attempts; answers 429 with `title` when there is. */
bool lia_call_waited(lia_call *call, int64_t wait_ms, const char *title);
/* LIA_EINVAL with a sentence. */
void lia_call_invalid(lia_call *call, const char *format, ...) LIA_PRINTF(2, 3);

/* 200 with what `out` holds, or 503 when it found no room. */
void lia_call_json(lia_call *call, const lia_buf *out);
/* The same of what changes seldom: with an ETag made of it, or 304. */
void lia_call_document(lia_call *call, const lia_buf *out);
/* The same with a status and headers. */
void lia_call_answer(lia_call *call, unsigned status, const lia_http_header *headers, size_t count,
                     const lia_buf *out);

/* A whole number among the query's parameters, `*value` when absent. Answers 400 itself and
 * returns false when it is none or outside the bounds. */
bool lia_call_number(lia_call *call, const char *name, uint64_t min, uint64_t max, uint64_t *value);
/* true or false among the query's parameters (1 and 0 too), `*value` when absent. Answers 400 itself
 * and returns false when it is neither. */
bool lia_call_flag(lia_call *call, const char *name, bool *value);
/* An instant or a date in a parameter's text; `*time` when that is empty. Answers 400 itself and returns
 * false when it is neither. */
bool lia_call_instant(lia_call *call, const char *name, lia_span text, lia_time *time);
/* A decoded parameter, empty when absent. Answers 400 itself and returns false when malformed. */
bool lia_call_param(lia_call *call, const char *name, lia_span *value);
/* How many other nodes must have it before a write is answered, and until when: ?replicated= or
 * the header Liaison-Replicated, and ?deadline_ms=. wanted 0: none. Answers 400 itself. */
bool lia_call_level(lia_call *call, lia_hold *hold);
/* The headers that tell what became of it: two at most. `text` holds the number. */
#define LIA_LEVEL_TEXT_SIZE 24
size_t lia_level_headers(const lia_hold *hold, lia_http_header headers[2],
                         char text[LIA_LEVEL_TEXT_SIZE]);
/* Whether fewer have it than was asked for. */
static inline bool lia_level_missed(const lia_hold *hold) { return hold->holders < hold->wanted; }
#define LIA_LEVEL_NOTICE "durable here, and not yet at as many other nodes as were asked for"
/* Whether the body's Content-Type is `type`; its parameters are ignored. */
bool lia_call_body_is(lia_call *call, const char *type);
/* 415 that names what is wanted. */
void lia_call_wants(lia_call *call, const char *types);

/* Takes the bytes before the first `byte`, and that byte, from *rest. */
static inline lia_span lia_api_take(lia_span *rest, uint8_t byte)
{
    const uint8_t *at = rest->size ? (const uint8_t *)memchr(rest->data, byte, rest->size) : NULL;
    lia_span taken = lia_span_make(rest->data, at ? (size_t)(at - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, taken.size + (at != NULL));
    return taken;
}
/* A decimal number and nothing else. */
bool lia_api_number(lia_span text, uint64_t *value);
/* The Idempotency-Key of a text: a UUID is taken as it is, other text is hashed. */
lia_id lia_api_key(lia_span text);
/* The member list in force. Any thread. */
static inline const lia_members *lia_api_list_of(const lia_api *api)
{
    return __atomic_load_n(&api->members, __ATOMIC_ACQUIRE);
}
/* "" for a number that nobody ever had. */
const char *lia_api_node_name(const lia_api *api, uint16_t node);
/* "1/8f3a.../42" */
#define LIA_POSITION_TEXT_SIZE 48
void lia_position_print(lia_position position, char text[LIA_POSITION_TEXT_SIZE]);
LIA_MUST_USE lia_err lia_position_parse(lia_span text, lia_position *out);
/* The id of an event in a node's stream, "1.8f3a....1234": node and incarnation are the ones of whoever
 * streams, and the number is the event's arrival there, here as `seq`. */
void lia_stream_id_print(lia_position id, char text[LIA_POSITION_TEXT_SIZE]);
LIA_MUST_USE lia_err lia_stream_id_parse(lia_span text, lia_position *out);

/* ---- api_right.c: what whoever asks may do -------------------------------------------------------
 * These answer themselves and return false when it is not to be: 404 when the record may not be seen, as
 * if there was none, else 403. */

/* The action on any record of the path's kind. */
bool lia_call_may_any(lia_call *call, lia_action action);
/* The action on the record of the path. */
bool lia_call_may(lia_call *call, lia_action action);
/* A new record as in `request`, of the path's kind: its own owner must be within reach. Whoever may make
 * only their own makes their own, unless the request says whose. */
bool lia_call_may_create(lia_call *call, lia_span *request);
/* Records that a request refers to must be there and in sight. */
bool lia_call_refers(lia_call *call, const lia_message *schema, lia_span request);
/* The same without an answer, for one of many: LIA_EDENIED or LIA_EINVAL with `why`.  */
LIA_MUST_USE lia_err lia_right_create(const lia_call *call, const lia_rows *rows, lia_arena *arena,
                                      lia_span *request, lia_why *why);
LIA_MUST_USE lia_err lia_right_refer(const lia_call *call, const lia_rows *rows, lia_arena *arena,
                                     const lia_message *schema, lia_span request, lia_why *why);
/* 403 unless whoever asks is administrator. */
bool lia_call_administrates(lia_call *call);

/* ---- api_work.c: answering on a worker thread ------------------------------------------------ */

/* Runs `work` on the pool with a snapshot of its own and an arena; what it wrote to `out` is then
 * answered as JSON, or its error with `why`. `context` lives in the call's arena. */
typedef struct lia_work {
    lia_call *call;
    lia_err (*run)(struct lia_work *work);
    void *context;
    lia_rows rows;
    lia_arena arena;
    lia_buf out;
    lia_why why;
    lia_err err;
    uv_work_t job;
} lia_work;
void lia_call_work(lia_call *call, lia_err (*run)(lia_work *work), void *context);
/* A request that counted in at_work has come back; the last one lets a closing api go. */
void lia_api_worked(lia_api *api);
/* Frees a closing api once nothing is left to wait for. */
void lia_api_rest(lia_api *api);

/* Something that found the writer's queue full and goes on after the next commit. */
typedef struct lia_waiter {
    void (*go_on)(void *context);
    void *context;
    struct lia_waiter *next;
} lia_waiter;
void lia_api_wait(lia_api *api, lia_waiter *waiter);
/* A commit was made: the queue has room. */
void lia_api_committed(lia_api *api);

/* ---- api_settle.c: reading what was just decided ---------------------------------------------- */

/* Calls `go_on` once `waits(of)` says no, or after `ms`; at once when that is 0 or it says so now. */
typedef struct lia_patience {
    uint64_t ms;
    bool (*waits)(void *of);
    void *of;
    void (*go_on)(void *context);
    void *context;
} lia_patience;
void lia_api_be_patient(lia_api *api, const lia_patience *patience);

/* How many records wait until it is worked out again whose customer they are. */
uint64_t lia_api_unsettled(const lia_api *api);
/* Calls `go_on` when none does, or after `wait_ms`; at once when that is 0 or none waits now. */
void lia_api_settle(lia_api *api, uint64_t wait_ms, void (*go_on)(void *context), void *context);

/* ---- api_shown.c: a record as JSON ----------------------------------------------------------- */

#define LIA_VERSION_TEXT_SIZE 64

typedef struct lia_shown {
    const lia_kind *kind;
    lia_id id;
    lia_record record;
    lia_span message;
    lia_stamp top;
    lia_time created, updated;
    lia_record *also; /* of an erasure: those of the person's other records that are asked for */
    size_t also_count;
} lia_shown;

/* Loads what `who` may see of it into the arena: the kind is as it looks to them, and the message has no
 * hidden field. A record that they may not read is one that is not there.
 *   LIA_EABSENT  LIA_EGONE  and as lia_rows_record */
LIA_MUST_USE lia_err lia_shown_load(lia_shown *out, const lia_principal *who, const lia_rows *rows,
                                    const lia_kind *kind, lia_id id, lia_arena *arena);
/* Makes it show another state of the record, cut to what may be seen of the present one. LIA_EFULL */
LIA_MUST_USE lia_err lia_shown_become(lia_shown *shown, const lia_record *record, lia_arena *arena);
bool lia_shown_is_archived(const lia_shown *shown);

enum { LIA_SHOW_CONFLICTS = 1, LIA_SHOW_HISTORY = 2 };
/* The members of the record's object, without its braces. */
void lia_shown_put(lia_buf *out, const lia_api *api, const lia_shown *shown, unsigned parts);
/* {...} */
void lia_shown_put_object(lia_buf *out, const lia_api *api, const lia_shown *shown, unsigned parts);

/* How far a pass is, as members of an object; one must be under way. */
void lia_erasing_put(lia_buf *out, const lia_erasing *erasing);

/* A version's text, as in the member "version" and, quoted, in ETag and If-Match. */
void lia_version_print(const lia_stamp *version, char text[LIA_VERSION_TEXT_SIZE]);
LIA_MUST_USE lia_err lia_version_parse(lia_span text, lia_stamp *out);

/* ---- the routes ------------------------------------------------------------------------------ */

lia_route_fn lia_api_list;     /* api_list.c: GET /{plural} */
lia_route_fn lia_api_aggregate; /* api_aggregate.c: GET /{plural}:aggregate */
lia_route_fn lia_api_read;     /* api_record.c: GET /{plural}/{id} */
lia_route_fn lia_api_create;   /* POST /{plural} */
lia_route_fn lia_api_change;   /* PATCH /{plural}/{id} */
lia_route_fn lia_api_archive;  /* DELETE /{plural}/{id} */
lia_route_fn lia_api_restore;  /* POST /{plural}/{id}:restore */
lia_route_fn lia_api_command;  /* POST /{plural}/{id}:verb, /{plural}:verb */
lia_route_fn lia_api_customer; /* api_customer.c: GET /customers/{id}, with ?timeline= the page */
lia_route_fn lia_api_timeline; /* GET /customers/{id}/timeline */
lia_route_fn lia_api_history;  /* api_history.c: GET /{plural}/{id}/history */
lia_route_fn lia_api_who_looks, lia_api_look, lia_api_look_away; /* api_lookout.c: /presence */
lia_route_fn lia_api_undo;     /* api_undo.c: POST /{plural}/{id}:undo */
lia_route_fn lia_api_consents; /* api_consent.c: GET /customers/{id}/consents */
lia_route_fn lia_api_duplicates; /* api_duplicates.c: GET /duplicates */
lia_route_fn lia_api_dry_run;    /* api_dry.c: POST /rules/{id}:dryRun, /flows/{id}:dryRun */
lia_route_fn lia_api_search;     /* api_search.c: GET /search */
lia_route_fn lia_api_check;      /* POST /customers:check */
lia_route_fn lia_api_export;   /* api_person.c: GET /customers/{id}/export */
lia_route_fn lia_api_audit;    /* api_audit.c: GET /audit */
lia_route_fn lia_api_changes;  /* api_changes.c: GET /changes */
lia_route_fn lia_api_batch;    /* api_batch.c: POST /{plural}:batchCreate */
lia_route_fn lia_api_batch_change; /* POST /{plural}:batchChange */
lia_route_fn lia_api_events;   /* api_events.c: GET /events */
lia_route_fn lia_api_network;  /* api_network.c */
lia_route_fn lia_api_status;   /* api_status.c */
/* Runs of rules and flows as of now; nothing is held afterwards. api_status.c */
/* What is switched on, what waits, and for whom: members of a status object; figures. */
void lia_api_put_features(lia_buf *out, const lia_api *api);
void lia_api_put_feature_figures(lia_buf *out, const lia_api *api);
size_t lia_api_features_waiting(const lia_api *api);
LIA_MUST_USE lia_err lia_api_run_figures(const lia_api *api, lia_run_figures *out);
lia_route_fn lia_api_members, lia_api_take_members; /* api_members.c: GET, POST /members */
lia_route_fn lia_api_backup, lia_api_backup_part; /* api_backup.c: POST /backups, GET /backups/{id}/{n} */
lia_route_fn lia_api_join, lia_api_join_look, lia_api_join_ask; /* api_join.c: POST /joins, :look, :ask */
lia_route_fn lia_api_healthz, lia_api_readyz; /* api_health.c */
lia_route_fn lia_api_metrics;       /* api_metrics.c */
lia_route_fn lia_api_digest;        /* api_digest.c: GET /digest */
lia_route_fn lia_api_digest_bucket; /* GET /digest/{bucket} */
lia_route_fn lia_api_openapi;       /* api_openapi.c */
lia_route_fn lia_api_asyncapi;      /* api_asyncapi.c */
lia_route_fn lia_api_kinds;         /* api_kinds.c */
lia_route_fn lia_api_query;         /* api_query.c: the service's own */
lia_route_fn lia_api_sign_in, lia_api_session, lia_api_sign_out; /* api_session.c: /session */
lia_route_fn lia_api_providers, lia_api_provider; /* api_oidc.c: GET /session/providers, and below */
lia_route_fn lia_api_confirm;                     /* api_oidc_back.c: POST /session:confirm */
lia_route_fn lia_api_identities, lia_api_forget_identity; /* api_identities.c: /session/identities */
lia_route_fn lia_api_setup;                                      /* api_setup.c: POST /setup */
lia_route_fn lia_api_set_password;                               /* api_password.c: /session:verb */
lia_route_fn lia_api_begin_factor, lia_api_confirm_factor, lia_api_remove_factor;
lia_route_fn lia_api_tokens, lia_api_new_token; /* api_passes.c: GET, POST /tokens */
/* A record as it is now, in the call's arena; *out is NULL when there is none. api_passes.c */
LIA_MUST_USE lia_err lia_call_record(const lia_call *call, uint32_t kind, lia_id id,
                                     ProtobufCMessage **out);
lia_route_fn lia_api_sessions;                  /* GET /sessions */
lia_route_fn lia_api_revoke;                    /* DELETE /tokens/{id}, /sessions/{id} */
lia_route_fn lia_api_invite, lia_api_forgot_password; /* api_letters.c */
lia_route_fn lia_api_hook_secret; /* api_hooks.c: GET /webhooks/{id}/secret */
lia_route_fn lia_api_deliveries;  /* GET /webhooks/{id}/deliveries */
lia_route_fn lia_api_hook_test, lia_api_hook_replay; /* POST /webhooks/{id}:test, :replay */
lia_route_fn lia_api_export_list; /* api_export.c: GET /{plural}:export */
lia_route_fn lia_api_imports, lia_api_make_import;             /* api_import.c: GET, POST /imports */
lia_route_fn lia_api_import, lia_api_change_import, lia_api_forget_import; /* GET, PATCH, DELETE below it */
lia_route_fn lia_api_command_import;                           /* POST /imports/{id}:verb */
lia_route_fn lia_api_home;          /* api_web.c: GET /, and pages of the app */
lia_route_fn lia_api_web_file;      /* GET what is a file of the app */
/* Which of the two a path is for that is none of the API's; NULL: neither. */
lia_route_fn *lia_api_web_at(const lia_call *call);

/* ---- api_backup.c ---------------------------------------------------------------------------- */

/* Forgets the one under way; no request may be at work. */
void lia_backup_forget(lia_api *api);
/* Reads api->backup_given_ms; a file that cannot be read, or says something else, counts as never. */
void lia_backup_remember(lia_api *api);

/* ---- api_join.c ------------------------------------------------------------------------------ */

/* Forgets all boxes. */
void lia_boxes_close(lia_api *api);

/* ---- api_events.c ---------------------------------------------------------------------------- */

LIA_MUST_USE lia_err lia_hub_open(lia_hub **out, lia_api *api);
/* Ends all streams, frees, and calls `closed` from the loop. */
void lia_hub_close(lia_hub *hub, void (*closed)(void *), void *context);

#endif
