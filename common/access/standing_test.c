/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever was judged and lost the right before the writer took their command is refused; a change
 * of others' is none of theirs. */
#include "common/access/standing.h"

#include "common/access/access_rig.h"

static const lia_service *const parts[] = {&lia_access};
static const lia_service service = {
    .name = "sales", .department = LIA_SALES, .parts = parts, .part_count = 1};

typedef struct office {
    rig r;
    lia_arena arena;
    lia_id team, role, user, pass;
    lia_standing standing;
} office;

static lia_id new_user(office *o, const char *email)
{
    ProtobufCBinaryData roles[1] = {lia_id_bytes(&o->role)};
    Crm__User user = CRM__USER__INIT;
    user.name = user.email = (char *)(uintptr_t)email;
    LIA_SET_ID(&user, team, &o->team);
    user.roles = roles;
    user.n_roles = 1;
    return rig_create(&o->r, 1, LIA_USER, &user);
}

static void take(office *o)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(o->r.nodes[1], &rows));
    CHECK_OK(lia_standing_take(&o->standing, &rows, o->user, o->pass,
                               (lia_time){lia_time_now().ms + (int64_t)LIA_DAY_MS}, &o->arena));
    lia_node_read_end(o->r.nodes[1], &rows);
}

static bool holds_at(office *o, lia_time now)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(o->r.nodes[1], &rows));
    bool holds = lia_standing_holds(&o->standing, &rows, now, &o->arena);
    lia_node_read_end(o->r.nodes[1], &rows);
    return holds;
}

static bool holds(office *o)
{
    return holds_at(o, lia_time_now());
}

static void start(office *o)
{
    Access__Team team = ACCESS__TEAM__INIT;
    Access__Role role = ACCESS__ROLE__INIT;
    *o = (office){.r = {.services = {NULL, &service}}};
    CHECK_OK(lia_arena_init(&o->arena, (size_t)1 << 20));
    rig_make(&o->r, 1);
    rig_start(&o->r, 1);
    team.name = "North";
    role.name = "Seller";
    o->team = rig_create(&o->r, 1, LIA_TEAM, &team);
    o->role = rig_create(&o->r, 1, LIA_ROLE, &role);
    o->user = new_user(o, "mei@x.test");
    o->pass = access_give(&o->r, 1, o->user, (int64_t)LIA_DAY_MS);
    take(o);
    CHECK(holds(o));
}

static void end(office *o)
{
    lia_arena_fini(&o->arena);
    rig_end(&o->r);
}

/* Writes one field of a record. */
static void set_field(office *o, uint16_t kind, lia_id id, const char *field, const void *message)
{
    uint8_t bytes[4096];
    const lia_field *found = lia_field_by_name(lia_kind_find(kind)->message, lia_span_text(field));
    uint32_t mask = found->number;
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = lia_kind_find(kind),
                           .id = id,
                           .mask = &mask,
                           .mask_count = 1,
                           .request = rig_pack(message, bytes, sizeof bytes)};
    CHECK_OK(rig_do(&o->r, 1, &command));
}

static void rename_role(office *o, lia_id role, const char *name)
{
    Access__Role change = ACCESS__ROLE__INIT;
    change.name = (char *)(uintptr_t)name;
    set_field(o, LIA_ROLE, role, "name", &change);
}

TEST(what_changes_of_others_is_none_of_theirs)
{
    office o;
    start(&o);
    lia_id other = new_user(&o, "abel@x.test"),
           others = access_give(&o.r, 1, other, (int64_t)LIA_DAY_MS);
    Access__Role role = ACCESS__ROLE__INIT;
    role.name = "Another";
    lia_id another = rig_create(&o.r, 1, LIA_ROLE, &role);
    rename_role(&o, another, "Of nobody");
    Access__Team team = ACCESS__TEAM__INIT;
    team.name = "East";
    rig_create(&o.r, 1, LIA_TEAM, &team);
    Access__RevokePass end_other = ACCESS__REVOKE_PASS__INIT;
    LIA_SET_ID(&end_other, pass, &others);
    CHECK_OK(access_do(&o.r, 1, lia_revoke_pass, &end_other));
    access_give(&o.r, 1, o.user, (int64_t)LIA_DAY_MS); /* they sign in elsewhere */
    Crm__User change = CRM__USER__INIT;
    change.name = "Mei of the north";
    set_field(&o, LIA_USER, o.user, "name", &change);
    CHECK(holds(&o));
    end(&o);
}

TEST(what_changes_of_their_own_ends_it)
{
    office o;
    start(&o);
    CHECK(!holds_at(&o, o.standing.expires));

    rename_role(&o, o.role, "Seller of less");
    CHECK(!holds(&o));
    take(&o);
    CHECK(holds(&o));

    Access__Team team = ACCESS__TEAM__INIT; /* they reach one team more */
    team.name = "South";
    LIA_SET_ID(&team, parent, &o.team);
    rig_create(&o.r, 1, LIA_TEAM, &team);
    CHECK(!holds(&o));
    take(&o);

    Crm__User change = CRM__USER__INIT;
    set_field(&o, LIA_USER, o.user, "team", &change);
    CHECK(!holds(&o));
    take(&o);
    set_field(&o, LIA_USER, o.user, "roles", &change);
    CHECK(!holds(&o));

    take(&o);
    Access__ChangeCredential password = ACCESS__CHANGE_CREDENTIAL__INIT;
    LIA_SET_ID(&password, user, &o.user);
    password.password = "a hash";
    CHECK_OK(access_do(&o.r, 1, lia_change_credential, &password));
    CHECK(!holds(&o));

    o.pass = access_give(&o.r, 1, o.user, (int64_t)LIA_DAY_MS);
    take(&o);
    CHECK(holds(&o));
    Access__RevokePass revoke = ACCESS__REVOKE_PASS__INIT;
    LIA_SET_ID(&revoke, pass, &o.pass);
    CHECK_OK(access_do(&o.r, 1, lia_revoke_pass, &revoke));
    CHECK(!holds(&o));
    end(&o);
}

static bool admit(const lia_command *command, const lia_rows *rows, lia_time now, lia_arena *arena)
{
    return lia_standing_holds(command->admitted, rows, now, arena);
}

/* One group: their pass ends, and behind it stands what they sent before. */
TEST(a_command_behind_the_end_of_its_pass_is_refused_in_the_same_group)
{
    office o;
    start(&o);
    uint8_t end_bytes[200], bytes[200];
    bool ended = false, answered[2] = {false};
    Access__RevokePass revoke = ACCESS__REVOKE_PASS__INIT;
    LIA_SET_ID(&revoke, pass, &o.pass);
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Somebody";
    lia_command commands[3] = {
        {.type = LIA_COMMAND_CREATE, .kind = lia_kind_find(LIA_CUSTOMER)},
        {.type = LIA_COMMAND_VERB, .kind = lia_kind_find(LIA_PASS), .row = lia_revoke_pass},
        {.type = LIA_COMMAND_CREATE, .kind = lia_kind_find(LIA_CUSTOMER)}};
    commands[1].request = rig_pack(&revoke, end_bytes, sizeof end_bytes);
    commands[1].context = &ended;
    for (size_t i = 0; i < 2; i++) {
        commands[2 * i].request = rig_pack(&customer, bytes, sizeof bytes);
        commands[2 * i].admit = admit;
        commands[2 * i].admitted = &o.standing;
        commands[2 * i].context = &answered[i];
    }
    for (size_t i = 0; i < 3; i++) {
        commands[i].done = rig_done;
        commands[i].next = i < 2 ? &commands[i + 1] : NULL;
    }
    CHECK_OK(lia_node_submit_all(o.r.nodes[1], commands, 3));
    RIG_UNTIL(&o.r, answered[0] && ended && answered[1]);
    CHECK_OK(commands[0].err);
    CHECK_OK(commands[1].err);
    CHECK_EQ(commands[2].err, LIA_EDENIED);
    CHECK(lia_id_is_none(commands[2].record));
    end(&o);
}
