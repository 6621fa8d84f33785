/* SPDX-License-Identifier: Apache-2.0 */
/* Users, roles and teams at a node, and what they may do. */
#include "common/access/access.h"

#include "common/access/access_rig.h"
#include "common/access/local.h"
#include "common/access/principal.h"

static const lia_service *const parts[] = {&lia_access};
static const lia_service service = {
    .name = "sales", .department = LIA_SALES, .parts = parts, .part_count = 1};

static void start(rig *r)
{
    *r = (rig){.services = {NULL, &service}};
    rig_make(r, 1);
    rig_start(r, 1);
}

static lia_err try_create(rig *r, uint16_t kind, const void *message, lia_command *command)
{
    static uint8_t bytes[4096];
    *command = (lia_command){.type = LIA_COMMAND_CREATE,
                             .kind = lia_kind_find(kind),
                             .request = rig_pack(message, bytes, sizeof bytes)};
    return rig_do(r, 1, command);
}

static lia_id new_team(rig *r, const char *name, lia_id *parent)
{
    Access__Team team = ACCESS__TEAM__INIT;
    team.name = name;
    if (parent) LIA_SET_ID(&team, parent, parent);
    return rig_create(r, 1, LIA_TEAM, &team);
}

static lia_id new_user(rig *r, const char *email, lia_id *team, lia_id *role)
{
    ProtobufCBinaryData roles[1];
    Crm__User user = CRM__USER__INIT;
    user.name = email;
    user.email = email;
    if (team) LIA_SET_ID(&user, team, team);
    if (role) {
        roles[0] = lia_id_bytes(role);
        user.roles = roles;
        user.n_roles = 1;
    }
    return rig_create(r, 1, LIA_USER, &user);
}

/* A role that reads with `scope`, and otherwise may nothing. */
static lia_id new_reader(rig *r, Access__Scope scope)
{
    Access__Grant grant = ACCESS__GRANT__INIT, *grants[] = {&grant};
    Access__Role role = ACCESS__ROLE__INIT;
    role.name = "Reader";
    grant.kind = "*";
    LIA_SET(&grant, read, scope);
    role.grants = grants;
    role.n_grants = 1;
    return rig_create(r, 1, LIA_ROLE, &role);
}

static lia_id customer_of(rig *r, lia_id *owner)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Somebody";
    if (owner) LIA_SET_ID(&customer, owner, owner);
    return rig_create(r, 1, LIA_CUSTOMER, &customer);
}

static lia_arena *fresh(void)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)16 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

static bool may(rig *r, lia_id user, lia_action action, uint16_t number, lia_id id)
{
    lia_arena *arena = fresh();
    lia_rows rows;
    lia_principal *who;
    lia_span message;
    bool allowed = false;
    const lia_kind *kind = lia_kind_find(number);
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_principal_load(&who, &rows, user, arena));
    CHECK_OK(lia_rows_message(&rows, kind, id, arena, &message, NULL));
    CHECK_OK(lia_principal_may(who, &rows, action, kind, id, message, arena, &allowed));
    lia_node_read_end(r->nodes[1], &rows);
    return allowed;
}

TEST(scopes_reach_own_team_subtree_and_all)
{
    rig r;
    start(&r);
    lia_id north = new_team(&r, "North", NULL), oslo = new_team(&r, "Oslo", &north),
           harbour = new_team(&r, "Harbour", &oslo), south = new_team(&r, "South", NULL);
    const Access__Scope scopes[] = {ACCESS__SCOPE__SCOPE_OWN, ACCESS__SCOPE__SCOPE_TEAM,
                                    ACCESS__SCOPE__SCOPE_SUBTREE, ACCESS__SCOPE__SCOPE_ALL};
    lia_id teams[] = {north, oslo, harbour, south};
    lia_id others[4], theirs[4], nobodys = customer_of(&r, NULL);
    for (size_t i = 0; i < 4; i++) {
        char email[16];
        snprintf(email, sizeof email, "o%zu@x.test", i);
        others[i] = new_user(&r, email, &teams[i], NULL);
        theirs[i] = customer_of(&r, &others[i]);
    }
    for (size_t s = 0; s < 4; s++) {
        char email[16];
        snprintf(email, sizeof email, "s%zu@x.test", s);
        lia_id role = new_reader(&r, scopes[s]);
        lia_id user = new_user(&r, email, &oslo, &role), own = customer_of(&r, &user);
        bool want[] = {s == 3, s >= 1, s >= 2, s == 3}; /* north, oslo, harbour, south */
        CHECK(may(&r, user, LIA_ACTION_READ, LIA_CUSTOMER, own));
        CHECK_EQ(may(&r, user, LIA_ACTION_READ, LIA_CUSTOMER, nobodys), s == 3);
        for (size_t i = 0; i < 4; i++)
            CHECK_EQ(may(&r, user, LIA_ACTION_READ, LIA_CUSTOMER, theirs[i]), want[i]);
        CHECK(!may(&r, user, LIA_ACTION_CHANGE, LIA_CUSTOMER, own));
    }
    rig_end(&r);
}

TEST(a_kind_without_an_owner_belongs_to_its_customers_owner)
{
    rig r;
    start(&r);
    lia_id role = new_reader(&r, ACCESS__SCOPE__SCOPE_OWN);
    lia_id mei = new_user(&r, "mei@x.test", NULL, &role),
           abel = new_user(&r, "a@x.test", NULL, &role);
    lia_id customer = customer_of(&r, &mei);
    lia_id purchase = rig_purchase(&r, 1, customer, 1000, 5);
    CHECK(may(&r, mei, LIA_ACTION_READ, LIA_INTERACTION, purchase));
    CHECK(!may(&r, abel, LIA_ACTION_READ, LIA_INTERACTION, purchase));
    CHECK(may(&r, mei, LIA_ACTION_READ, LIA_USER, mei));
    CHECK(!may(&r, mei, LIA_ACTION_READ, LIA_USER, abel));
    rig_end(&r);
}

TEST(who_was_archived_or_never_was_is_nobody)
{
    rig r;
    start(&r);
    lia_rows rows;
    lia_principal *who;
    lia_id mei = new_user(&r, "mei@x.test", NULL, NULL);
    lia_command archive = {.type = LIA_COMMAND_ARCHIVE, .kind = lia_kind_find(LIA_USER), .id = mei};
    CHECK_OK(rig_do(&r, 1, &archive));
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_ERR(lia_principal_load(&who, &rows, mei, fresh()), LIA_EDENIED);
    CHECK_ERR(lia_principal_load(&who, &rows, lia_id_make(1), fresh()), LIA_EDENIED);
    lia_node_read_end(r.nodes[1], &rows);
    rig_end(&r);
}

TEST(a_cluster_is_set_up_once)
{
    rig r;
    start(&r);
    lia_command command;
    lia_rows rows;
    lia_id id = lia_id_make(lia_time_now().ms), found;
    Access__SetUp ask = ACCESS__SET_UP__INIT;
    LIA_SET_ID(&ask, user, &id);
    ask.name = "Ada";
    ask.email = "Ada@example.com";
    ask.password = "$argon2id$";
    bool is_set_up;
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_OK(lia_has_administrator(&rows, fresh(), &is_set_up));
    CHECK(!is_set_up);
    lia_node_read_end(r.nodes[1], &rows);

    CHECK_OK(access_try(&r, 1, lia_set_up, &ask, &command));
    CHECK_ERR(access_try(&r, 1, lia_set_up, &ask, &command), LIA_EREFUSED);
    CHECK_TEXT(command.refusal->code, "is-set-up");

    const Access__Credential *credential;
    lia_principal *who;
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_OK(lia_has_administrator(&rows, fresh(), &is_set_up));
    CHECK(is_set_up);
    CHECK_OK(lia_user_by_email(&rows, LIA_SPAN("ada@EXAMPLE.com"), fresh(), &found));
    CHECK(lia_id_equal(found, id));
    CHECK_OK(lia_credential_read(&rows, id, fresh(), &credential));
    CHECK_TEXT(credential->password, "$argon2id$");
    CHECK_OK(lia_principal_load(&who, &rows, id, fresh()));
    CHECK(lia_principal_rights(who)->administrator);
    CHECK_EQ(lia_principal_actor(who), 1);
    lia_node_read_end(r.nodes[1], &rows);
    rig_end(&r);
}

TEST(a_pass_is_good_until_it_is_revoked_or_expires)
{
    rig r;
    start(&r);
    lia_command command;
    char text[LIA_PASS_TEXT_SIZE];
    lia_pass_make(text);
    lia_id user = new_user(&r, "mei@x.test", NULL, NULL), pass = lia_pass_id(lia_span_text(text));
    Access__GivePass give = ACCESS__GIVE_PASS__INIT;
    LIA_SET_ID(&give, pass, &pass);
    LIA_SET_ID(&give, user, &user);
    LIA_SET(&give, expires_at, 5000);
    CHECK_OK(access_try(&r, 1, lia_give_pass, &give, &command));

    const Access__Pass *got;
    lia_rows rows;
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_OK(lia_pass_read(&rows, pass, (lia_time){4999}, fresh(), &got));
    CHECK(lia_id_equal(lia_id_in(got->user), user));
    CHECK_ERR(lia_pass_read(&rows, pass, (lia_time){5000}, fresh(), &got), LIA_EDENIED);
    CHECK_ERR(lia_pass_read(&rows, user, (lia_time){0}, fresh(), &got), LIA_EDENIED);
    lia_node_read_end(r.nodes[1], &rows);

    Access__RevokePass revoke = ACCESS__REVOKE_PASS__INIT;
    LIA_SET_ID(&revoke, pass, &pass);
    CHECK_OK(access_try(&r, 1, lia_revoke_pass, &revoke, &command));
    CHECK_OK(access_try(&r, 1, lia_revoke_pass, &revoke, &command)); /* again: no matter */
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_ERR(lia_pass_read(&rows, pass, (lia_time){4999}, fresh(), &got), LIA_EDENIED);
    lia_node_read_end(r.nodes[1], &rows);
    rig_end(&r);
}

TEST(secrets_of_passes_are_recognised_by_their_form)
{
    char text[LIA_PASS_TEXT_SIZE], other[LIA_PASS_TEXT_SIZE];
    lia_pass_make(text);
    lia_pass_make(other);
    CHECK_EQ(strlen(text), LIA_PASS_TEXT_SIZE - 1);
    CHECK(strcmp(text, other) != 0);
    CHECK(!lia_id_is_none(lia_pass_id(lia_span_text(text))));
    text[10] = '+';
    CHECK(lia_id_is_none(lia_pass_id(lia_span_text(text))));
    CHECK(lia_id_is_none(lia_pass_id(LIA_SPAN("lia_short"))));
    CHECK(lia_id_is_none(lia_pass_id(LIA_SPAN(""))));
}

TEST(a_credential_changes_only_in_what_was_asked)
{
    rig r;
    start(&r);
    lia_command command;
    lia_rows rows;
    const Access__Credential *got;
    lia_id user = new_user(&r, "mei@x.test", NULL, NULL), nobody = lia_id_make(1);
    uint8_t key[20] = {7};
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    LIA_SET_ID(&ask, user, &user);
    ask.password = "first";
    CHECK_OK(access_try(&r, 1, lia_change_credential, &ask, &command));
    ask.password = NULL;
    LIA_SET(&ask, second_factor, ((ProtobufCBinaryData){sizeof key, key}));
    CHECK_OK(access_try(&r, 1, lia_change_credential, &ask, &command));
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_OK(lia_credential_read(&rows, user, fresh(), &got));
    CHECK_TEXT(got->password, "first");
    CHECK_EQ(got->second_factor.len, sizeof key);
    CHECK(!got->second_factor_on);
    lia_node_read_end(r.nodes[1], &rows);
    LIA_SET_ID(&ask, user, &nobody);
    CHECK_ERR(access_try(&r, 1, lia_change_credential, &ask, &command), LIA_EINVAL);
    rig_end(&r);
}

static lia_err choose_password(rig *r, lia_id user, int64_t said_ms, lia_command *command)
{
    Access__ChangeCredential ask = ACCESS__CHANGE_CREDENTIAL__INIT;
    LIA_SET_ID(&ask, user, &user);
    ask.password = "chosen here";
    LIA_SET(&ask, said_at, said_ms);
    return access_try(r, 1, lia_change_credential, &ask, command);
}

static void read_local(rig *r, lia_id user, lia_local *local, const Access__Credential **credential)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_local_read(&rows, user, fresh(), local));
    CHECK_OK(lia_credential_read(&rows, user, fresh(), credential));
    lia_node_read_end(r->nodes[1], &rows);
}

/* From the moment a directory vouches for somebody, only what an administrator said later counts.
 */
TEST(whoever_is_vouched_for_chooses_no_password_unless_an_administrator_says_so)
{
    rig r;
    start(&r);
    lia_local local;
    lia_command command;
    const Access__Credential *credential;
    lia_id mei = new_user(&r, "mei@x.test", NULL, NULL);
    CHECK_OK(choose_password(&r, mei, 0, &command));
    read_local(&r, mei, &local, &credential);
    CHECK_EQ(local.linked_ms, 0);
    CHECK(lia_local_may_choose(&local, 0));

    Access__EnterByDirectory enter = ACCESS__ENTER_BY_DIRECTORY__INIT;
    enter.issuer = "ldap:dc=x";
    enter.subject = "mei";
    enter.email = "mei@x.test";
    CHECK_OK(access_try(&r, 1, lia_enter_by_directory, &enter, &command));
    read_local(&r, mei, &local, &credential);
    CHECK(local.linked_ms > 0);
    CHECK(lia_text_is_empty(credential->password));
    CHECK_EQ(lia_local_said_ms(credential), 0);
    CHECK(!lia_local_may_choose(&local, lia_local_said_ms(credential)));

    CHECK_ERR(choose_password(&r, mei, local.linked_ms - 1, &command), LIA_EREFUSED);
    CHECK_TEXT(command.refusal->code, "vouched-for");
    read_local(&r, mei, &local, &credential);
    CHECK(lia_text_is_empty(credential->password));

    CHECK_OK(choose_password(&r, mei, local.linked_ms, &command)); /* by a link of after */
    read_local(&r, mei, &local, &credential);
    CHECK(lia_local_may_choose(&local, lia_local_said_ms(credential))); /* and changes it later */
    rig_end(&r);
}

TEST(administrators_keep_a_password_of_their_own_beside_what_vouches_for_them)
{
    const lia_local administrator = {.linked_ms = 5, .administrator = true},
                    other = {.linked_ms = 5};
    CHECK(lia_local_may_choose(&administrator, 0));
    CHECK(!lia_local_may_choose(&other, 4));
    rig r;
    start(&r);
    lia_local local;
    const Access__Credential *credential;
    lia_command command;
    Access__Role role = ACCESS__ROLE__INIT;
    role.name = "Administrator";
    LIA_SET(&role, administrator, true);
    lia_id chief = rig_create(&r, 1, LIA_ROLE, &role);
    lia_id ada = new_user(&r, "ada@x.test", NULL, &chief);
    CHECK_OK(choose_password(&r, ada, 0, &command));
    read_local(&r, ada, &local, &credential);
    CHECK(local.administrator);
    rig_end(&r);
}

TEST(teams_form_no_ring_and_users_share_no_e_mail)
{
    rig r;
    start(&r);
    lia_command command;
    lia_id north = new_team(&r, "North", NULL), oslo = new_team(&r, "Oslo", &north);
    Access__Team team = ACCESS__TEAM__INIT;
    uint8_t bytes[256];
    static const uint32_t parent_only[] = {2};
    LIA_SET_ID(&team, parent, &oslo);
    command = (lia_command){.type = LIA_COMMAND_CHANGE,
                            .kind = lia_kind_find(LIA_TEAM),
                            .id = north,
                            .request = rig_pack(&team, bytes, sizeof bytes),
                            .mask = parent_only,
                            .mask_count = 1};
    CHECK_ERR(rig_do(&r, 1, &command), LIA_EREFUSED);
    CHECK_TEXT(command.refusal->code, "team-ring");

    new_user(&r, "mei@x.test", NULL, NULL);
    Crm__User user = CRM__USER__INIT;
    user.name = "Another";
    user.email = "MEI@x.test";
    CHECK_ERR(try_create(&r, LIA_USER, &user, &command), LIA_EREFUSED);
    CHECK_TEXT(command.refusal->code, "email-is-taken");
    user.email = "another@x.test";
    lia_id nowhere = lia_id_make(1);
    LIA_SET_ID(&user, team, &nowhere);
    CHECK_ERR(try_create(&r, LIA_USER, &user, &command), LIA_EINVAL);
    CHECK_TEXT(command.why.text, "team: there is no such team");
    rig_end(&r);
}
