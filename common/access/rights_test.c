/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/rights.h"

#include "common/wire/filter.h"
#include "tests/support/test.h"

#define ALL ACCESS__SCOPE__SCOPE_ALL
#define OWN ACCESS__SCOPE__SCOPE_OWN

static lia_arena *fresh(void)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)16 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

/* A role with one or two grants, each for reading and changing. */
typedef struct made {
    Access__Role role;
    Access__Grant grants[2], *list[2];
} made;

static const Access__Role *make(made *m, const char *kind, Access__Scope scope, const char *second,
                                Access__Scope second_scope)
{
    *m = (made){.role = ACCESS__ROLE__INIT,
                .grants = {ACCESS__GRANT__INIT, ACCESS__GRANT__INIT},
                .list = {&m->grants[0], &m->grants[1]}};
    m->grants[0].kind = kind;
    m->grants[0].has_read = m->grants[0].has_change = true;
    m->grants[0].read = m->grants[0].change = scope;
    m->grants[1].kind = second;
    m->grants[1].has_read = m->grants[1].has_change = true;
    m->grants[1].read = m->grants[1].change = second_scope;
    m->role.grants = m->list;
    m->role.n_grants = second ? 2 : 1;
    return &m->role;
}

static Access__Scope scope_of(const lia_rights *rights, lia_action action, uint16_t kind)
{
    return lia_rights_scope(rights, action, lia_kind_find(kind));
}

TEST(nobody_may_anything_without_a_role)
{
    lia_rights rights;
    CHECK_OK(lia_rights_make(&rights, NULL, 0, fresh()));
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        CHECK(!lia_rights_kind(&rights, kinds[i].number));
        for (int a = 0; a < LIA_ACTIONS; a++)
            CHECK_EQ(lia_rights_scope(&rights, (lia_action)a, &kinds[i]), 0);
    }
}

TEST(a_grant_for_the_kind_beats_the_one_for_all)
{
    made m;
    lia_rights rights;
    const Access__Role *roles[] = {make(&m, "*", ALL, "deal", OWN)};
    CHECK_OK(lia_rights_make(&rights, roles, 1, fresh()));
    CHECK_EQ(scope_of(&rights, LIA_ACTION_READ, LIA_CUSTOMER), ALL);
    CHECK_EQ(scope_of(&rights, LIA_ACTION_READ, LIA_DEAL), OWN);
    CHECK_EQ(scope_of(&rights, LIA_ACTION_ARCHIVE, LIA_DEAL), 0);
    make(&m, "*", ALL, "deal", ACCESS__SCOPE__SCOPE_NONE);
    CHECK_OK(lia_rights_make(&rights, roles, 1, fresh()));
    CHECK(!lia_rights_kind(&rights, LIA_DEAL));
}

TEST(of_several_roles_the_widest_counts_and_an_archived_one_does_not)
{
    made a, b;
    lia_rights rights;
    const Access__Role *roles[] = {make(&a, "deal", OWN, NULL, 0), make(&b, "deal", ALL, NULL, 0)};
    CHECK_OK(lia_rights_make(&rights, roles, 2, fresh()));
    CHECK_EQ(scope_of(&rights, LIA_ACTION_CHANGE, LIA_DEAL), ALL);
    b.role.archived = true;
    CHECK_OK(lia_rights_make(&rights, roles, 2, fresh()));
    CHECK_EQ(scope_of(&rights, LIA_ACTION_CHANGE, LIA_DEAL), OWN);
}

TEST(nothing_can_be_done_with_what_cannot_be_read)
{
    made m;
    lia_rights rights;
    const Access__Role *roles[] = {make(&m, "deal", ALL, NULL, 0)};
    m.grants[0].read = 0;
    CHECK_OK(lia_rights_make(&rights, roles, 1, fresh()));
    CHECK_EQ(scope_of(&rights, LIA_ACTION_CHANGE, LIA_DEAL), 0);
}

/* Whoever could write these could have done with all rights what they may not do themself. */
TEST(what_gives_rights_or_acts_with_all_of_them_is_for_administrators)
{
    static const uint16_t kinds[] = {LIA_USER, LIA_TEAM, LIA_ROLE, LIA_RULE, LIA_FLOW};
    made m;
    lia_rights rights;
    for (size_t i = 0; i < LIA_COUNT(kinds); i++) {
        const Access__Role *roles[] = {make(&m, "*", ALL, lia_kind_find(kinds[i])->name, ALL)};
        CHECK_OK(lia_rights_make(&rights, roles, 1, fresh()));
        CHECK_EQ(scope_of(&rights, LIA_ACTION_CHANGE, kinds[i]), 0);
        CHECK_EQ(scope_of(&rights, LIA_ACTION_CREATE, kinds[i]), 0);
        CHECK_EQ(scope_of(&rights, LIA_ACTION_CHANGE, LIA_RUN), ALL);
    }
}

TEST(a_hidden_field_is_not_in_the_kind)
{
    made m;
    lia_rights rights;
    const char *hidden[] = {"customer.note", "customer.name"}, *locked[] = {"customer.country"};
    const Access__Role *roles[] = {make(&m, "customer", ALL, NULL, 0)};
    m.role.hidden = hidden;
    m.role.n_hidden = 2;
    m.role.locked = locked;
    m.role.n_locked = 1;
    lia_arena *arena = fresh();
    CHECK_OK(lia_rights_make(&rights, roles, 1, arena));
    const lia_kind *seen = lia_rights_kind(&rights, LIA_CUSTOMER),
                   *all = lia_kind_find(LIA_CUSTOMER);
    CHECK_EQ(seen->message->count, all->message->count - 2);
    CHECK(!lia_field_by_name(seen->message, LIA_SPAN("note")));
    CHECK(!seen->title); /* the name */
    CHECK(lia_field_by_name(seen->message, LIA_SPAN("country"))->read_only);
    CHECK(!lia_field_by_name(all->message, LIA_SPAN("country"))->read_only);
    CHECK(seen->archived && seen->archived->number == all->archived->number);
    /* Asked for, it is as if it were not there. */
    lia_filter *filter;
    lia_why why, absent;
    CHECK_ERR(lia_filter_parse(&filter, seen, LIA_SPAN("note = x"), arena, &why), LIA_EINVAL);
    CHECK_ERR(lia_filter_parse(&filter, seen, LIA_SPAN("nope = x"), arena, &absent), LIA_EINVAL);
    CHECK_TEXT(why.text, "column 1: no field 'note' in customer");
    CHECK_TEXT(absent.text, "column 1: no field 'nope' in customer");
}

TEST(a_field_is_hidden_only_when_every_role_hides_it)
{
    made a, b;
    lia_rights rights;
    const char *hidden[] = {"customer.note"};
    const Access__Role *roles[] = {make(&a, "customer", ALL, NULL, 0),
                                   make(&b, "customer", OWN, NULL, 0)};
    a.role.hidden = hidden;
    a.role.n_hidden = 1;
    CHECK_OK(lia_rights_make(&rights, roles, 2, fresh()));
    CHECK(lia_field_by_name(lia_rights_kind(&rights, LIA_CUSTOMER)->message, LIA_SPAN("note")));
    b.role.locked = hidden;
    b.role.n_locked = 1;
    CHECK_OK(lia_rights_make(&rights, roles, 2, fresh()));
    CHECK(lia_field_by_name(lia_rights_kind(&rights, LIA_CUSTOMER)->message, LIA_SPAN("note"))
              ->read_only);
    b.grants[0].read = 0; /* it no longer lets the kind be read, so it has no say */
    CHECK_OK(lia_rights_make(&rights, roles, 2, fresh()));
    CHECK(!lia_field_by_name(lia_rights_kind(&rights, LIA_CUSTOMER)->message, LIA_SPAN("note")));
}

TEST(an_administrator_may_everything_but_see_secrets)
{
    lia_rights rights;
    Access__Role role = ACCESS__ROLE__INIT;
    const Access__Role *roles[] = {&role};
    role.administrator = true;
    CHECK_OK(lia_rights_make(&rights, roles, 1, fresh()));
    CHECK_EQ(scope_of(&rights, LIA_ACTION_EXPORT, LIA_DEAL), ALL);
    CHECK_EQ(scope_of(&rights, LIA_ACTION_READ, LIA_CREDENTIAL), 0);
    CHECK(!lia_rights_kind(&rights, LIA_PASS));
}

TEST(a_role_that_names_what_is_not_there_is_refused)
{
    static const struct {
        const char *kind, *hidden, *want;
    } cases[] = {
        {"dael", NULL, "grants[0].kind: no kind 'dael'"},
        {"credential", NULL, "grants[0].kind: no kind 'credential'"},
        {"deal", "customer.nose",
         "hidden[0]: no field 'customer.nose'; customer.note, for example"},
        {"deal", "note", "hidden[0]: no field 'note'; customer.note, for example"},
        {"deal", "deal.customer", "hidden[0]: deal.customer cannot be hidden"},
        {"deal", "customer.archived", "hidden[0]: customer.archived cannot be hidden"},
        {"*", "deal.amount", NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        made m;
        lia_why why = {{0}};
        const char *hidden[] = {cases[i].hidden};
        make(&m, cases[i].kind, ALL, NULL, 0);
        m.role.hidden = hidden;
        m.role.n_hidden = cases[i].hidden != NULL;
        CHECK_EQ(lia_role_check(&m.role, &why), cases[i].want ? LIA_EINVAL : LIA_OK);
        if (cases[i].want) CHECK_TEXT(why.text, cases[i].want);
    }
}
