/* SPDX-License-Identifier: Apache-2.0 */
/* api_gate - who asks: the one place where a request gets its principal.
 *
 * A request shows a pass: as bearer, or in a cookie. What a pass stands for is kept for two
 * seconds, as long as no user, team, role, credential or pass has changed, so that a request pays
 * for a hash and a look at a number. Until somebody is administrator, whoever sits at the machine
 * itself may everything, and nobody else anything. */
#ifndef LIA_HTTP_API_GATE_H
#define LIA_HTTP_API_GATE_H

#include "common/access/access.h"
#include "common/access/principal.h"
#include "common/access/secrets.h"
#include "common/access/standing.h"
#include "common/http/api_inner.h"
#include "common/http/page_token.h"

/* A pass in force. Held by whoever keeps it longer than the loop's present call. */
typedef struct lia_login {
    lia_id pass, user;
    Access__PassType type;
    lia_time expires;
    const lia_principal *who;
    char name[LIA_ID_TEXT_SIZE]; /* the user's id */
    lia_id provider;             /* who said who it is; none: nobody else did */
    lia_hash seal;               /* the same at all nodes, and known to nobody outside */
    /* The administrator who looks with this user's rights (api_view.c); NULL: nobody does. Held.
     * Then `name` is theirs: it is they who looked. */
    struct lia_login *viewer;
    bool begins; /* nothing was looked at that way before: the trail is to be told */

    /* the gate's */
    lia_gate *gate;
    const lia_catalog *catalog; /* that its rights are made of; held */
    lia_arena arena;
    lia_access_version version;
    lia_standing standing;      /* does not change: the writer reads it */
    uint64_t checked, loaded_ns; /* up to which change of anybody's it is known to be current */
    size_t holds;
    bool dropped;
    struct lia_login *next;
} lia_login;

/* api_view.c: an administrator's reads with the rights of somebody else. */
typedef struct lia_view_ask {
    lia_login *viewer;
    lia_id target; /* a user, or a role as if somebody had it alone */
} lia_view_ask;
/* Fills in the login's user, rights and so on.   LIA_EDENIED  there is no such user or role */
LIA_MUST_USE lia_err lia_view_read(lia_login *login, const lia_view_ask *ask, const lia_rows *rows);
/* Where the request asks for it, with Liaison-View-As, call->login and call->who become theirs.
 * Why it is turned away, or NULL. */
const char *lia_call_view(lia_gate *gate, lia_call *call);

/* The login of a pass, or of a view under a name of its own. NULL with LIA_OK: good for nothing. */
LIA_MUST_USE lia_err lia_gate_find(lia_gate *gate, lia_id pass, const lia_view_ask *view,
                                   lia_login **out);

LIA_MUST_USE lia_err lia_gate_open(lia_gate **out, lia_node *node);
void lia_gate_close(lia_gate *gate);

/* Fills in call->login and call->who; both NULL: nobody has signed in. Nothing is answered yet. */
LIA_MUST_USE lia_err lia_gate_ask(lia_gate *gate, lia_call *call);
/* api_door.c: whether it came by TLS, here or at the proxy in front. */
bool lia_call_came_secure(const lia_call *call);
/* Whether it comes from this machine itself, and not through a proxy on it. */
bool lia_call_is_local(const lia_call *call);
/* Why the request is turned away, NULL when it is not; the latter once lia_gate_ask has
 * been called. */
const char *lia_call_denied(const lia_call *call);
const char *lia_call_forged(const lia_call *call);
/* Answers 401: sign in first, or be set up first. */
void lia_gate_refuse(lia_gate *gate, lia_call *call);

/* The number of whoever asks, for event headers; 0: nobody has one. */
uint32_t lia_call_actor_number(const lia_call *call);
/* The command is theirs: it bears their number and their trace, and is refused when their pass has ended or their
 * rights have changed before the writer takes it. `call` must live until it is done. */
void lia_call_claim(const lia_call *call, lia_command *command);
/* The client's address. */
lia_span lia_call_peer(const lia_call *call);

/* The cookie that holds a session, and Set-Cookie for it; an empty secret takes it away. */
#define LIA_COOKIE_SIZE 160
const char *lia_call_cookie_name(const lia_call *call);
/* What the browser keeps under that name; false when it keeps nothing. */
bool lia_call_cookie(const lia_call *call, const char *name, lia_span *value);
void lia_call_print_cookie(const lia_call *call, const char *secret, int64_t age_ms,
                           char text[LIA_COOKIE_SIZE]);

/* A page token for whoever asks (page_token.h). It names the last row that was looked at, which
 * they may not be allowed to know of: to who does not see everything it is sealed. */
void lia_call_put_token(const lia_call *call, lia_buf *out, lia_page_mark mark, uint8_t phase,
                        lia_span key);
LIA_MUST_USE lia_err lia_call_read_token(const lia_call *call, lia_span token, lia_page_mark mark,
                                         uint8_t *phase, lia_span *key);

/* For what goes on when its request is answered. `login` may be NULL. */
lia_login *lia_login_hold(lia_login *login);
void lia_login_release(lia_login *login);
/* For what lasts longer than a request: whether the pass is in force still, and with the same
 * rights. */
bool lia_login_lasts(lia_login *login);
/* Whether somebody is administrator, so that who has not signed in may nothing. */
bool lia_gate_is_set_up(lia_gate *gate);

/* The secret that lets somebody become the first administrator; empty when there is one. */
const char *lia_gate_setup_secret(lia_gate *gate);
/* Whether that is it. The secret goes on counting until somebody is administrator. */
bool lia_gate_is_setup_secret(lia_gate *gate, lia_span text);

#endif
