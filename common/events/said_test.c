/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody gets of an event, by their rights and by what they asked for. */
#include "common/events/interest.h"

#include "common/access/access_rig.h"

static const lia_service *const parts[] = {&lia_access};
static const lia_service service = {
    .name = "sales", .department = LIA_SALES, .parts = parts, .part_count = 1};

static void start(rig *r)
{
    *r = (rig){.services = {NULL, &service}};
    rig_make(r, 1);
    rig_start(r, 1);
}

/* Of one thread, one at a time. */
static struct {
    rig *r;
    lia_rows rows;
    lia_arena arena;
    lia_beyond beyond;
} look;

static void look_begin(rig *r)
{
    look.r = r;
    CHECK_OK(lia_arena_init(&look.arena, (size_t)16 << 20));
    CHECK_OK(lia_node_read(r->nodes[1], &look.rows));
    CHECK_OK(lia_beyond_open(&look.beyond, &look.rows, lia_time_now()));
}

static void look_end(void)
{
    lia_beyond_close(&look.beyond);
    lia_node_read_end(look.r->nodes[1], &look.rows);
    lia_arena_fini(&look.arena);
}

static bool read_said(uint64_t arrival, lia_said *out)
{
    return lia_said_read(out, &look.rows, arrival, &look.arena, &look.beyond);
}

static const lia_principal *principal(lia_id user)
{
    lia_principal *who;
    CHECK_OK(lia_principal_load(&who, &look.rows, user, &look.arena));
    return who;
}

static bool may(const lia_said *said, const lia_principal *who)
{
    bool allowed = false;
    CHECK_OK(lia_said_may(said, who, &allowed));
    return allowed;
}

static const char *json(const lia_said *said, const lia_principal *who)
{
    lia_buf out = lia_buf_make(&look.arena);
    lia_said_put(said, who, "sales", &out);
    lia_buf_byte(&out, 0);
    CHECK(!out.failed);
    return (const char *)lia_buf_get(&out).data;
}

/* Somebody whose only role reads customers with `scope` and does not see that field. */
static lia_id new_reader(rig *r, const char *email, Access__Scope scope, const char *hidden)
{
    Access__Grant grant = ACCESS__GRANT__INIT, *grants[] = {&grant};
    Access__Role role = ACCESS__ROLE__INIT;
    role.name = "Reader";
    grant.kind = "customer";
    LIA_SET(&grant, read, scope);
    role.grants = grants;
    role.n_grants = 1;
    role.hidden = &hidden;
    role.n_hidden = hidden != NULL;
    lia_id id = rig_create(r, 1, LIA_ROLE, &role);
    ProtobufCBinaryData roles[1] = {lia_id_bytes(&id)};
    Crm__User user = CRM__USER__INIT;
    user.name = user.email = email;
    user.roles = roles;
    user.n_roles = 1;
    return rig_create(r, 1, LIA_USER, &user);
}

static uint64_t customer(rig *r, lia_id *owner)
{
    Crm__Customer made = CRM__CUSTOMER__INIT;
    made.name = "Mei";
    made.note = "likes tea";
    if (owner) LIA_SET_ID(&made, owner, owner);
    rig_create(r, 1, LIA_CUSTOMER, &made);
    return lia_node_visible(r->nodes[1]);
}

TEST(an_event_is_seen_by_those_who_may_read_all_that_it_changed)
{
    rig r;
    start(&r);
    lia_id ada = new_reader(&r, "ada@x.test", ACCESS__SCOPE__SCOPE_OWN, NULL);
    lia_id bob = new_reader(&r, "bob@x.test", ACCESS__SCOPE__SCOPE_ALL, NULL);
    uint64_t hers = customer(&r, &ada), nobodys = customer(&r, NULL);
    Access__Team team = ACCESS__TEAM__INIT;
    team.name = "North";
    rig_create(&r, 1, LIA_TEAM, &team);
    uint64_t of_team = lia_node_visible(r.nodes[1]);
    const struct {
        uint64_t arrival;
        bool ada, bob;
    } table[] = {{hers, true, true}, {nobodys, false, true}, {of_team, false, false}};
    look_begin(&r);
    for (size_t i = 0; i < LIA_COUNT(table); i++) {
        lia_said said;
        CHECK(read_said(table[i].arrival, &said));
        CHECK(may(&said, NULL));
        CHECK_EQ(may(&said, principal(ada)), table[i].ada);
        CHECK_EQ(may(&said, principal(bob)), table[i].bob);
    }
    look_end();
    rig_end(&r);
}

TEST(a_hidden_field_is_in_no_event_and_neither_is_what_repeats_it)
{
    rig r;
    lia_said said;
    start(&r);
    lia_id ada = new_reader(&r, "ada@x.test", ACCESS__SCOPE__SCOPE_ALL, "customer.note");
    lia_id bob = new_reader(&r, "bob@x.test", ACCESS__SCOPE__SCOPE_ALL, NULL);
    uint64_t arrival = customer(&r, NULL);
    look_begin(&r);
    CHECK(read_said(arrival, &said));
    CHECK(strstr(json(&said, NULL), "likes tea") && strstr(json(&said, NULL), "\"fact\":{"));
    CHECK_TEXT(json(&said, principal(bob)), json(&said, NULL));
    const char *hers = json(&said, principal(ada));
    CHECK(!strstr(hers, "note") && !strstr(hers, "tea") && !strstr(hers, "\"fact\""));
    CHECK(strstr(hers, "\"name\":\"Mei\"") != NULL);
    look_end();
    rig_end(&r);
}

/* What is for members only is told to nobody, administrators included. */
TEST(secrets_are_in_no_stream)
{
    rig r;
    lia_said said;
    start(&r);
    lia_id user = new_reader(&r, "ada@x.test", ACCESS__SCOPE__SCOPE_OWN, NULL);
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    LIA_SET_ID(&ask, user, &user);
    ask.password = "$argon2id$v=19$hash";
    CHECK_OK(access_do(&r, 1, lia_change_credential, &ask));
    look_begin(&r);
    CHECK(!read_said(lia_node_visible(r.nodes[1]), &said));
    CHECK(read_said(lia_node_visible(r.nodes[1]) - 1, &said));
    look_end();
    rig_end(&r);
}

/* ---- interests ------------------------------------------------------------------------------- */

static lia_err make(const char *kind, const char *fact, const char *filter, lia_id user,
                    lia_interest **out, lia_why *why)
{
    const lia_interest_ask ask = {
        .kind = lia_span_text(kind), .fact = lia_span_text(fact), .filter = lia_span_text(filter)};
    *why = (lia_why){{0}};
    return lia_interest_make(out, &ask, lia_id_is_none(user) ? NULL : principal(user), &look.arena,
                             why);
}

TEST(a_filter_is_over_the_record_as_it_is_or_over_the_fact_as_it_was)
{
    rig r;
    lia_said said;
    lia_why why;
    lia_interest *interest;
    start(&r);
    uint64_t arrival = customer(&r, NULL);
    const struct {
        const char *kind, *fact, *filter;
        bool want;
    } table[] = {
        {"customers", "", "name = \"Mei\"", true},
        {"customers", "", "name = \"Tom\"", false},
        {"customers", "", "created_at > now - 1h", true},
        {"customers", "", "count(any, 90d) >= 1", false},
        {"customers", "", "count(any, 90d) = 0", true},
        {"customers", "record.created", "name:\"me\"", true},
        {"customers", "record.changed", "name:\"me\"", false},
        {"customers,tasks", "", "", true},
        {"tasks", "", "", false},
        {"", "record.created", "kind = 1", true},
        {"", "record.created", "kind = 2", false},
        {"", "record.changed", "kind = 1", false},
    };
    look_begin(&r);
    CHECK(read_said(arrival, &said));
    for (size_t i = 0; i < LIA_COUNT(table); i++) {
        lia_err err =
            make(table[i].kind, table[i].fact, table[i].filter, LIA_ID_NONE, &interest, &why);
        if (err) print_error("%s: %s\n", table[i].filter, why.text);
        CHECK_OK(err);
        CHECK_EQ(lia_interest_holds(interest, &said), table[i].want);
    }
    look_end();
    rig_end(&r);
}

TEST(what_cannot_be_asked_is_refused_and_the_word_is_named)
{
    rig r;
    lia_why why;
    lia_interest *interest;
    start(&r);
    lia_id ada = new_reader(&r, "ada@x.test", ACCESS__SCOPE__SCOPE_ALL, "customer.note");
    const struct {
        const char *kind, *fact, *filter;
        bool hers;
        const char *why;
    } table[] = {
        {"deal", "", "", false, "kind: the plural"},
        {"credentials", "", "", false, "kind: the plural"},
        {"tasks", "", "", true, "kind: the plural"},
        {"", "deal.wonn", "", false, "fact: the name"},
        {"", "access.secrets_changed", "", false, "fact: the name"},
        {"", "", "name = a", false, "filter: say with kind="},
        {"customers,tasks", "", "name = a", false, "filter: say with kind="},
        {"customers", "", "nome = a", false, "filter: column 1: no field 'nome'"},
        {"customers", "", "note = a", true, "filter: column 1: no field 'note'"},
        {"", "deal.won", "customer = a", false, "filter: column 1: no field 'customer'"},
        {"", "deal.won", "amount > 1", true, "filter: facts repeat"},
    };
    look_begin(&r);
    for (size_t i = 0; i < LIA_COUNT(table); i++) {
        lia_id who = table[i].hers ? ada : LIA_ID_NONE;
        CHECK_ERR(make(table[i].kind, table[i].fact, table[i].filter, who, &interest, &why),
                  LIA_EINVAL);
        if (strncmp(why.text, table[i].why, strlen(table[i].why)))
            CHECK_TEXT(why.text, table[i].why);
    }
    look_end();
    rig_end(&r);
}
