/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/access/access.h"
#include "common/base/assert.h"
#include "common/http/parser.h"

/* Passes that are remembered. Beyond it those that nobody is using are forgotten and read again. */
#define LOGINS_MAX 1024
/* A principal takes some kilobytes; this is address space. */
#define LOGIN_BYTES ((size_t)4 << 20)
/* What came as state of a peer has no event that tells of it: everything is read again after this.
 */
#define FRESH_NS (UINT64_C(2) * 1000000000)

struct lia_gate {
    lia_node *node;
    lia_login *logins[LOGINS_MAX]; /* by the first bytes of the pass */
    size_t count;
    /* as of the last look */
    bool looked, set_up;
    uint64_t visible, changed, looked_ns;
    char secret[LIA_PASS_TEXT_SIZE]; /* of the first administrator */
    lia_hash seal;                   /* for logins that have no secret to make one of */
};

/* ---- what holds for everybody ---------------------------------------------------------------- */

static lia_err look_at(lia_gate *gate, const lia_rows *rows)
{
    lia_err err = lia_access_changed(rows, &gate->changed);
    /* Somebody has signed in once: then it is not nobody's any more, whoever left since. */
    lia_key credentials = lia_key_kind(LIA_CREDENTIAL);
    if (!err && !gate->set_up) err = lia_rows_any(rows, lia_key_span(&credentials), &gate->set_up);
    return err;
}

static lia_err look(lia_gate *gate)
{
    lia_rows rows;
    uint64_t visible = lia_node_visible(gate->node), now = lia_time_ticks_ns();
    if (gate->looked && visible == gate->visible && now - gate->looked_ns < FRESH_NS) return LIA_OK;
    lia_err err = lia_node_read(gate->node, &rows);
    if (err) return err;
    err = look_at(gate, &rows);
    lia_node_read_end(gate->node, &rows);
    gate->looked = !err;
    gate->visible = visible;
    gate->looked_ns = now;
    return err;
}

/* ---- logins ---------------------------------------------------------------------------------- */

static void free_login(lia_login *login)
{
    lia_login_release(login->viewer);
    lia_catalog_release(login->catalog);
    lia_arena_fini(&login->arena);
    free(login);
}

lia_login *lia_login_hold(lia_login *login)
{
    if (login) login->holds++;
    return login;
}

void lia_login_release(lia_login *login)
{
    if (!login) return;
    lia_assert(login->holds > 0);
    if (--login->holds == 0 && login->dropped) free_login(login);
}

static lia_login **place_of(lia_gate *gate, lia_id pass)
{
    lia_login **at = &gate->logins[lia_get_u32(pass.bytes) % LOGINS_MAX];
    while (*at && !lia_id_equal((*at)->pass, pass)) at = &(*at)->next;
    return at;
}

static void drop(lia_gate *gate, lia_login **at)
{
    lia_login *login = *at;
    *at = login->next;
    login->dropped = true;
    gate->count--;
    if (!login->holds) free_login(login);
}

static void make_room(lia_gate *gate)
{
    for (size_t i = 0; i < LOGINS_MAX && gate->count >= LOGINS_MAX; i++)
        for (lia_login **at = &gate->logins[i]; *at;)
            if ((*at)->holds)
                at = &(*at)->next;
            else
                drop(gate, at);
}

/* Of the password's hash, which is replicated and never shown. */
static lia_hash seal_of(const lia_gate *gate, const Access__Credential *credential)
{
    const char *text = credential ? credential->password : NULL;
    if (!text || !*text) return gate->seal;
    const lia_span secret = lia_span_text(text);
    return lia_hash_of("access.seal", &secret, 1);
}

static lia_err read_login(lia_login *login, const lia_rows *rows)
{
    const Access__Pass *pass;
    const Access__Credential *credential;
    lia_principal *who;
    lia_err err = lia_pass_read(rows, login->pass, lia_time_now(), &login->arena, &pass);
    if (err) return err;
    login->user = lia_id_from(lia_span_make(pass->user.data, pass->user.len));
    login->type = pass->type;
    if (pass->has_provider)
        login->provider = lia_id_from(lia_span_make(pass->provider.data, pass->provider.len));
    login->expires.ms = pass->expires_at;
    err = lia_credential_read(rows, login->user, &login->arena, &credential);
    if (err) return err;
    bool is_door = pass->type == ACCESS__PASS_TYPE__PASS_TYPE_LINK; /* opens one path only */
    if (is_door || lia_pass_is_void(pass, credential)) return LIA_EDENIED;
    err = lia_standing_take(&login->standing, rows, login->user, login->pass, login->expires,
                            &login->arena);
    if (!err) err = lia_principal_load(&who, rows, login->user, &login->arena);
    if (err) return err;
    login->version = login->standing.version;
    lia_principal_narrow(who, (const char *const *)pass->scopes, pass->n_scopes);
    login->who = who;
    lia_id_print(login->user, login->name);
    login->seal = seal_of(login->gate, credential);
    return LIA_OK;
}

static lia_err load(lia_gate *gate, lia_id pass, const lia_view_ask *view, lia_login **out)
{
    lia_rows rows;
    lia_login *login = calloc(1, sizeof *login);
    lia_err err = login ? lia_arena_init(&login->arena, LOGIN_BYTES) : LIA_EFULL;
    if (!err) err = lia_node_read(gate->node, &rows);
    if (!err) {
        login->gate = gate;
        login->pass = pass;
        login->catalog = lia_catalog_hold(lia_node_catalog(gate->node));
        login->loaded_ns = lia_time_ticks_ns();
        login->checked = gate->changed;
        err = view ? lia_view_read(login, view, &rows) : read_login(login, &rows);
        lia_node_read_end(gate->node, &rows);
    }
    if (!err)
        *out = login;
    else if (login)
        free_login(login);
    return err;
}

/* Whether nothing of this user's changed since. */
static bool is_same(lia_login *login)
{
    lia_rows rows;
    lia_access_version now = {0};
    lia_gate *gate = login->gate;
    if (login->checked == gate->changed) return true;
    if (lia_node_read(gate->node, &rows)) return false;
    lia_err err = lia_access_version_of(&rows, login->user, &now);
    lia_node_read_end(gate->node, &rows);
    if (err || now.rights != login->version.rights || now.secrets != login->version.secrets)
        return false;
    login->checked = gate->changed;
    return true;
}

static bool is_fresh(lia_login *login)
{
    return login->catalog == lia_node_catalog(login->gate->node) && is_same(login) &&
           lia_time_now().ms < login->expires.ms &&
           lia_time_ticks_ns() - login->loaded_ns < FRESH_NS;
}

lia_err lia_gate_find(lia_gate *gate, lia_id pass, const lia_view_ask *view, lia_login **out)
{
    lia_login **at = place_of(gate, pass);
    *out = *at;
    if (*at && is_fresh(*at)) return LIA_OK;
    lia_login *fresh = NULL;
    lia_err err = load(gate, pass, view, &fresh);
    if (fresh) fresh->begins = !*at;
    if (*at) drop(gate, at);
    *out = fresh;
    if (err) return err == LIA_EDENIED ? LIA_OK : err;
    if (gate->count >= LOGINS_MAX) make_room(gate);
    at = place_of(gate, pass);
    fresh->next = *at;
    *at = fresh;
    gate->count++;
    return LIA_OK;
}

/* ---- cookies --------------------------------------------------------------------------------- */

/* With the prefix, browsers take it from this very host and by TLS only (RFC 6265bis
 * section 4.1.3). */
const char *lia_call_cookie_name(const lia_call *call)
{
    return lia_http_is_secure(call->request) ? "__Host-liaison" : "liaison";
}

void lia_call_print_cookie(const lia_call *call, const char *secret, int64_t age_ms,
                           char text[LIA_COOKIE_SIZE])
{
    snprintf(text, LIA_COOKIE_SIZE, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s",
             lia_call_cookie_name(call), secret, (long long)(age_ms / 1000),
             lia_http_is_secure(call->request) ? "; Secure" : "");
}

bool lia_login_lasts(lia_login *login)
{
    lia_login *now = NULL;
    if (lia_time_now().ms >= login->expires.ms) return false;
    if (login->viewer && !lia_login_lasts(login->viewer)) return false;
    if (look(login->gate)) return true; /* nothing can be read, so nothing is shown either */
    if (is_same(login)) return true;
    if (login->viewer) return false; /* whoever looks asks again */
    if (lia_gate_find(login->gate, login->pass, NULL, &now) || !now) return false;
    if (now->version.rights != login->version.rights) return false;
    login->version = now->version; /* another pass of theirs, or the like */
    login->checked = now->checked;
    return true;
}

bool lia_gate_is_set_up(lia_gate *gate)
{
    return look(gate) || gate->set_up;
}

/* ---- what a request shows -------------------------------------------------------------------- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static lia_span trim(lia_span text)
{
    while (text.size && is_blank(text.data[0])) text = lia_span_skip(text, 1);
    while (text.size && is_blank(text.data[text.size - 1])) text.size--;
    return text;
}

/* False when there is none of that name. */
static bool find_cookie(lia_span cookies, const char *name, lia_span *value)
{
    while (cookies.size) {
        lia_span pair = lia_api_take(&cookies, ';');
        *value = pair;
        lia_span key = lia_api_take(value, '=');
        if (lia_span_is(trim(key), name)) {
            *value = trim(*value);
            return true;
        }
    }
    return false;
}

bool lia_call_cookie(const lia_call *call, const char *name, lia_span *value)
{
    lia_span header;
    return lia_http_get_header(call->request, "cookie", &header) &&
           find_cookie(header, name, value);
}

/* The secret that is shown; empty when none is. A bearer is meant, whatever cookies come along. */
static lia_span shown_secret(const lia_call *call, bool *by_cookie)
{
    lia_span header, value;
    *by_cookie = false;
    if (lia_http_get_header(call->request, "authorization", &header)) {
        lia_span rest = header;
        lia_span scheme = lia_api_take(&rest, ' ');
        return lia_http_word_is(scheme, "bearer") ? trim(rest) : LIA_SPAN("?");
    }
    *by_cookie = lia_call_cookie(call, lia_call_cookie_name(call), &value);
    return *by_cookie ? value : LIA_SPAN_NONE;
}

uint32_t lia_call_actor_number(const lia_call *call)
{
    return call->login ? lia_principal_actor(call->login->who) : 0;
}

/* In the writer: what somebody was judged by on the loop may be gone by then. */
static bool may_still(const lia_command *command, const lia_rows *rows, lia_time now,
                      lia_arena *arena)
{
    return lia_standing_holds(command->admitted, rows, now, arena);
}

void lia_call_claim(const lia_call *call, lia_command *command)
{
    command->actor = lia_call_actor_number(call);
    command->trace = call->trace;
    command->admitted = call->login ? &call->login->standing : NULL;
    command->admit = call->login ? may_still : NULL;
}

lia_err lia_gate_ask(lia_gate *gate, lia_call *call)
{
    bool by_cookie;
    lia_login *login = NULL;
    lia_err err = look(gate);
    if (err) return err;
    lia_span secret = shown_secret(call, &by_cookie);
    lia_id pass = lia_pass_id(secret);
    if (!gate->set_up && lia_call_is_local(call)) {
        call->who = lia_principal_local();
        return LIA_OK;
    }
    if (!lia_id_is_none(pass)) err = lia_gate_find(gate, pass, NULL, &login);
    if (err || !login) return err;
    call->by_cookie = by_cookie;
    call->login = lia_login_hold(login);
    call->who = login->who;
    return LIA_OK;
}

void lia_gate_refuse(lia_gate *gate, lia_call *call)
{
    const lia_problem problem = {
        .status = 401,
        .type = "sign-in",
        .title = "who asks is not known",
        .detail = gate->set_up ? "sign in at /api/v1/session, or show a token that is in force: "
                                 "Authorization: Bearer lia_..."
                               : "nobody is administrator yet: set it up from the machine itself, "
                                 "or by the link that the node printed when it started"};
    lia_call_problem(call, &problem);
}

/* ---- the first administrator ----------------------------------------------------------------- */

const char *lia_gate_setup_secret(lia_gate *gate)
{
    lia_rows rows;
    lia_arena arena = {0};
    bool is_done = true;
    if (lia_node_read(gate->node, &rows)) return "";
    lia_err err = lia_arena_init(&arena, LOGIN_BYTES);
    if (!err) err = lia_has_administrator(&rows, &arena, &is_done);
    lia_arena_fini(&arena);
    lia_node_read_end(gate->node, &rows);
    if (err || is_done) return "";
    if (!*gate->secret) lia_pass_make(gate->secret);
    return gate->secret;
}

bool lia_gate_is_setup_secret(lia_gate *gate, lia_span text)
{
    return *gate->secret && text.size == sizeof gate->secret - 1 &&
           lia_secret_equal(gate->secret, text.data, text.size);
}

/* ---- open and close -------------------------------------------------------------------------- */

lia_err lia_gate_open(lia_gate **out, lia_node *node)
{
    lia_gate *gate = calloc(1, sizeof *gate);
    *out = gate;
    if (!gate) return LIA_EFULL;
    gate->node = node;
    lia_random(&gate->seal, sizeof gate->seal);
    return LIA_OK;
}

void lia_gate_close(lia_gate *gate)
{
    if (!gate) return;
    for (size_t i = 0; i < LOGINS_MAX; i++)
        while (gate->logins[i]) drop(gate, &gate->logins[i]);
    lia_wipe(gate->secret, sizeof gate->secret);
    free(gate);
}
