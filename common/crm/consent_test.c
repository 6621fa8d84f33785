/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/consent.h"

#include "common/crm/consent_read.h"
#include "common/crm/crm_rig.h"
#include "common/identity/identity.h"

static const lia_time noon = {INT64_C(1795262400000)};

#define PURPOSE(name) LIA_PURPOSE(name)
#define ON(name)      CRM__CHANNEL__CHANNEL_##name
#define CONSENT       CRM__LAWFUL_BASIS__LAWFUL_BASIS_CONSENT

static Crm__ConsentStatement said(const char *id, const char *source, int64_t after_ms)
{
    Crm__ConsentStatement statement = CRM__CONSENT_STATEMENT__INIT;
    statement.id = id;
    statement.source = source;
    LIA_SET(&statement, stated_at, noon.ms + after_ms);
    return statement;
}

static Crm__Consent about(Crm__Purpose purpose, Crm__Channel channel)
{
    Crm__Consent consent = CRM__CONSENT__INIT;
    LIA_SET(&consent, purpose, purpose);
    LIA_SET(&consent, channel, channel);
    return consent;
}

/* ---- the rules ------------------------------------------------------------------------------- */

TEST(a_permission_names_purpose_basis_and_source_and_comes_last)
{
    static const struct {
        Crm__Purpose purpose;
        Crm__LawfulBasis basis;
        const char *source;
        int64_t after_ms, until_ms, objected_ms; /* 0: none */
        lia_refusal want;
    } cases[] = {
        {PURPOSE(MARKETING), CONSENT, "form", 0, 0, 0, LIA_ALLOWED},
        {PURPOSE(MARKETING), CONSENT, "form", LIA_DAY_MS, 0, 0, LIA_ALLOWED},
        {PURPOSE(MARKETING), CONSENT, "form", 0, 1, -5, LIA_ALLOWED},
        {PURPOSE(ANY), CONSENT, "form", 0, 0, 0, LIA_CONSENT_HAS_NO_PURPOSE},
        {PURPOSE(MARKETING), 0, "form", 0, 0, 0, LIA_CONSENT_HAS_NO_BASIS},
        {PURPOSE(MARKETING), CONSENT, "", 0, 0, 0, LIA_CONSENT_HAS_NO_SOURCE},
        {PURPOSE(MARKETING), CONSENT, NULL, 0, 0, 0, LIA_CONSENT_HAS_NO_SOURCE},
        {PURPOSE(MARKETING), CONSENT, "form", LIA_DAY_MS + 1, 0, 0, LIA_CONSENT_IS_AHEAD},
        {PURPOSE(MARKETING), CONSENT, "form", 5, 5, 0, LIA_CONSENT_ENDS_EARLY},
        {PURPOSE(MARKETING), CONSENT, "form", -5, 0, -4, LIA_CONSENT_IS_OVERTAKEN},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Consent consent = about(cases[i].purpose, ON(EMAIL));
        Crm__ConsentStatement objection = said("a", "call", cases[i].objected_ms), *room[1];
        if (cases[i].objected_ms)
            CHECK_EQ(lia_consent_object(&consent, &objection, noon, room), LIA_ALLOWED);
        Crm__ConsentStatement permission = said("b", cases[i].source, cases[i].after_ms);
        LIA_SET(&permission, basis, cases[i].basis);
        if (cases[i].until_ms) LIA_SET(&permission, until, noon.ms + cases[i].until_ms);
        CHECK_EQ(lia_consent_permit(&consent, &permission, noon), cases[i].want);
        CHECK_EQ(consent.permission == &permission, !cases[i].want);
        CHECK_EQ(consent.n_objections, cases[i].want && cases[i].objected_ms);
    }
}

TEST(only_what_is_there_is_taken_back_and_a_lift_permits_nothing)
{
    Crm__Consent consent = about(PURPOSE(SALES), ON(PHONE));
    Crm__ConsentStatement first = said("1", "call", 0), second = said("2", "call", 1);
    Crm__ConsentStatement third = said("3", "call", 2), yes = said("4", "form", 0), *room[4];
    CHECK_EQ(lia_consent_withdraw(&consent, &first, noon, room), LIA_CONSENT_IS_ABSENT);
    CHECK_EQ(lia_consent_lift(&consent, &first, noon), LIA_CONSENT_IS_ABSENT);
    LIA_SET(&yes, basis, CONSENT);
    CHECK_EQ(lia_consent_permit(&consent, &yes, noon), LIA_ALLOWED);
    CHECK_EQ(lia_consent_withdraw(&consent, &first, noon, room), LIA_ALLOWED);
    Crm__ConsentStatement *more[4];
    CHECK_EQ(lia_consent_object(&consent, &second, noon, more), LIA_ALLOWED);
    CHECK_EQ(consent.n_objections, 2); /* a withdrawal and an objection */
    Crm__ConsentStatement *again[4];
    CHECK_EQ(lia_consent_object(&consent, &third, noon, again), LIA_ALLOWED);
    CHECK_EQ(consent.n_objections, 2); /* the later objection stands for the earlier */
    Crm__ConsentStatement early = said("5", "call", 1), late = said("6", "call", 2);
    CHECK_EQ(lia_consent_lift(&consent, &early, noon), LIA_CONSENT_IS_OVERTAKEN);
    CHECK_EQ(lia_consent_lift(&consent, &late, noon), LIA_ALLOWED);
    CHECK(!consent.permission && consent.n_objections == 0);
}

/* One letter per entry: p permitted, e expired, w permitted and withdrawn, o objected; the answer
 * is to marketing by e-mail. */
static Crm__Consent entry_of(char what, Crm__Purpose purpose, Crm__Channel channel,
                             Crm__ConsentStatement room[2], Crm__ConsentStatement *list[2])
{
    Crm__Consent consent = about(purpose, channel);
    room[0] = said("yes", "form", -10 * LIA_DAY_MS);
    room[1] = said("no", "call", -5 * LIA_DAY_MS);
    LIA_SET(&room[0], basis, CONSENT);
    LIA_SET(&room[0], until, noon.ms + (what == 'e' ? 0 : 1));
    if (what != 'o') CHECK_EQ(lia_consent_permit(&consent, &room[0], noon), LIA_ALLOWED);
    if (what == 'o') CHECK_EQ(lia_consent_object(&consent, &room[1], noon, list), LIA_ALLOWED);
    if (what == 'w') CHECK_EQ(lia_consent_withdraw(&consent, &room[1], noon, list), LIA_ALLOWED);
    return consent;
}

TEST(any_objection_wins_whatever_its_scope_and_whoever_has_it)
{
    static const struct {
        const char *what; /* about marketing by e-mail, by any channel, by phone; anything at all */
        lia_consent_ground marketing, service;
    } cases[] = {
        {"    ", LIA_CONSENT_NEEDED, LIA_CONSENT_NOT_NEEDED},
        {"p   ", LIA_CONSENT_PERMITTED, LIA_CONSENT_NOT_NEEDED},
        {" p  ", LIA_CONSENT_PERMITTED, LIA_CONSENT_NOT_NEEDED},
        {"  p ", LIA_CONSENT_NEEDED, LIA_CONSENT_NOT_NEEDED},
        {"e   ", LIA_CONSENT_EXPIRED, LIA_CONSENT_NOT_NEEDED},
        {"ep  ", LIA_CONSENT_PERMITTED, LIA_CONSENT_NOT_NEEDED},
        {"pe  ", LIA_CONSENT_PERMITTED, LIA_CONSENT_NOT_NEEDED},
        {"w   ", LIA_CONSENT_WITHDRAWN, LIA_CONSENT_NOT_NEEDED},
        {"wp  ", LIA_CONSENT_WITHDRAWN, LIA_CONSENT_NOT_NEEDED},
        {"pw  ", LIA_CONSENT_WITHDRAWN, LIA_CONSENT_NOT_NEEDED},
        {"po  ", LIA_CONSENT_OBJECTED, LIA_CONSENT_NOT_NEEDED},
        {"op  ", LIA_CONSENT_OBJECTED, LIA_CONSENT_NOT_NEEDED},
        {"wo  ", LIA_CONSENT_OBJECTED, LIA_CONSENT_NOT_NEEDED},
        {"p o ", LIA_CONSENT_PERMITTED, LIA_CONSENT_NOT_NEEDED},
        {"pp o", LIA_CONSENT_OBJECTED, LIA_CONSENT_OBJECTED},
    };
    static const lia_use scopes[] = {{PURPOSE(MARKETING), ON(EMAIL)},
                                     {PURPOSE(MARKETING), ON(UNKNOWN)},
                                     {PURPOSE(MARKETING), ON(PHONE)},
                                     {PURPOSE(ANY), ON(UNKNOWN)}};
    const lia_use marketing = scopes[0], service = {PURPOSE(SERVICE), ON(EMAIL)};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        Crm__Consent consents[4];
        Crm__ConsentStatement room[4][2], *lists[4][2];
        lia_consent_entry entries[4];
        size_t count = 0;
        for (size_t j = 0; j < 4; j++) {
            if (cases[i].what[j] == ' ') continue;
            consents[count] = entry_of(cases[i].what[j], scopes[j].purpose, scopes[j].channel,
                                       room[count], lists[count]);
            entries[count] = (lia_consent_entry){.consent = &consents[count]};
            count++;
        }
        for (size_t turn = 0; turn <= count; turn++) { /* in every rotation */
            lia_consent_answer answer = lia_consent_decide(entries, count, marketing, noon);
            CHECK_EQ(answer.ground, cases[i].marketing);
            CHECK_EQ(answer.allowed, answer.ground == LIA_CONSENT_PERMITTED);
            CHECK_EQ(answer.entry != NULL, answer.ground != LIA_CONSENT_NEEDED);
            answer = lia_consent_decide(entries, count, service, noon);
            CHECK_EQ(answer.ground, cases[i].service);
            CHECK_EQ(answer.allowed, answer.ground == LIA_CONSENT_NOT_NEEDED);
            lia_consent_entry first = entries[0];
            for (size_t j = 1; j < count; j++) entries[j - 1] = entries[j];
            if (count) entries[count - 1] = first;
        }
        CHECK_EQ(lia_consent_forbids_all(entries, count), cases[i].what[3] == 'o');
    }
}

TEST(the_reason_says_what_was_said_when_and_to_whom)
{
    Crm__Consent consent = about(PURPOSE(MARKETING), ON(UNKNOWN));
    Crm__ConsentStatement objection = said("1", "Mei called", 0), *room[1];
    LIA_SET(&objection, department, LIAISON__DEPARTMENT__DEPARTMENT_SERVICE);
    CHECK_EQ(lia_consent_object(&consent, &objection, noon, room), LIA_ALLOWED);
    lia_consent_entry entry = {.consent = &consent};
    lia_use use = {PURPOSE(MARKETING), ON(SMS)};
    lia_consent_answer answer = lia_consent_decide(&entry, 1, use, noon);
    char text[LIA_CONSENT_REASON_SIZE];
    lia_consent_reason(&answer, text);
    CHECK_TEXT(text, "objected to marketing on any channel on 2026-11-21 (recorded by service)");
    use.purpose = PURPOSE(SURVEY);
    answer = lia_consent_decide(&entry, 1, use, noon);
    lia_consent_reason(&answer, text);
    CHECK_TEXT(text, "nobody has permitted it");
}

/* ---- the merge ------------------------------------------------------------------------------- */

enum { WRITERS = 7, WRITES = 14 };

typedef struct history {
    lia_op ops[WRITES];
    lia_stamp stamps[WRITES];
    char ids[WRITES][4];    /* of the objection; empty: a permission */
    uint32_t known[WRITES]; /* the writes that its writer had joined */
    size_t count;
    lia_arena arena;
} history;

/* The record as a message again. */
static Crm__Consent *shown(const lia_record *record, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    lia_turn turn = {.arena = arena};
    lia_record_message(record, lia_kind_find(LIA_CONSENT)->message, &out);
    return (Crm__Consent *)lia_turn_unpack(&turn, &crm__consent__descriptor, lia_buf_get(&out));
}

static void say(history *h, lia_record *replica, uint32_t *known, size_t writer, bool permits)
{
    size_t i = h->count++;
    Crm__Consent *consent = shown(replica, &h->arena);
    Crm__ConsentStatement statement = said(h->ids[i], "form", 0), *room[WRITES + 1];
    LIA_SET(consent, purpose, PURPOSE(MARKETING));
    LIA_SET(&statement, basis, CONSENT);
    snprintf(h->ids[i], sizeof h->ids[i], "%zu", i);
    lia_refusal no = permits ? lia_consent_permit(consent, &statement, noon)
                             : lia_consent_object(consent, &statement, noon, room);
    CHECK_EQ(no, LIA_ALLOWED);
    size_t size = crm__consent__get_packed_size(consent);
    uint8_t *bytes = lia_arena_take(&h->arena, size);
    crm__consent__pack(consent, bytes);
    /* Clocks differ by more than the history takes. */
    h->stamps[i] = (lia_stamp){lia_hlc_at((int64_t)(1000 * (WRITERS - writer) + i)), 7, i + 1,
                               (uint16_t)(writer + 1)};
    h->ops[i] = (lia_op){.kind = LIA_CONSENT};
    CHECK_OK(lia_record_diff(replica, lia_kind_find(LIA_CONSENT)->message,
                             lia_span_make(bytes, size), NULL, 0, h->stamps[i].hlc, &h->arena,
                             &h->ops[i]));
    h->ops[i].kind = LIA_CONSENT;
    CHECK_OK(lia_record_join_op(replica, &h->ops[i], h->stamps[i], &h->arena));
    h->known[i] = *known;
    *known |= 1u << i;
    if (permits) h->ids[i][0] = 0;
}

/* An objection lives unless a permission has seen it, or an objection that has stands for it. */
static bool lives(const history *h, size_t objection)
{
    for (size_t i = 0; i < h->count; i++)
        if (h->known[i] >> objection & 1) return false;
    return true;
}

static bool has(const Crm__Consent *consent, const char *id)
{
    for (size_t i = 0; i < consent->n_objections; i++)
        if (strcmp(consent->objections[i]->id, id) == 0) return true;
    return false;
}

/* Seven writers, of which each knows some of what the others wrote: more than a register keeps. */
TEST(an_objection_stays_until_somebody_who_saw_it_permits_in_any_order)
{
    lia_dice dice = {77};
    static history h;
    CHECK_OK(lia_arena_init(&h.arena, 8 << 20));
    size_t objected = 0, permitted = 0;
    for (size_t round = 0; round < 400; round++) {
        lia_record replicas[WRITERS] = {0};
        uint32_t known[WRITERS] = {0};
        lia_arena_reset(&h.arena);
        h.count = 0;
        while (h.count < WRITES) {
            size_t writer = (size_t)lia_dice_below(&dice, WRITERS);
            for (size_t i = 0; i < h.count; i++) {
                if (known[writer] >> i & 1 || lia_dice_below(&dice, 3)) continue;
                CHECK_OK(lia_record_join_op(&replicas[writer], &h.ops[i], h.stamps[i], &h.arena));
                known[writer] |= 1u << i;
            }
            say(&h, &replicas[writer], &known[writer], writer, lia_dice_below(&dice, 3) > 0);
        }
        lia_record all = {0};
        uint32_t left = (1u << WRITES) - 1;
        while (left) {
            size_t next = (size_t)lia_dice_below(&dice, WRITES);
            if (!(left >> next & 1)) continue;
            left &= ~(1u << next);
            CHECK_OK(lia_record_join_op(&all, &h.ops[next], h.stamps[next], &h.arena));
        }
        const Crm__Consent *end = shown(&all, &h.arena);
        size_t alive = 0;
        for (size_t i = 0; i < h.count; i++) {
            if (!h.ids[i][0]) continue;
            CHECK_EQ(has(end, h.ids[i]), lives(&h, i));
            alive += lives(&h, i);
        }
        CHECK_EQ(end->n_objections, alive);
        lia_consent_entry entry = {.consent = end};
        lia_use use = {PURPOSE(MARKETING), ON(EMAIL)};
        lia_consent_answer answer = lia_consent_decide(&entry, 1, use, noon);
        CHECK_EQ(answer.allowed, alive == 0);
        objected += alive > 0;
        permitted += alive == 0;
    }
    CHECK(objected > 20 && permitted > 20); /* both were tried */
    lia_arena_fini(&h.arena);
}

/* ---- departments ----------------------------------------------------------------------------- */

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
};

static void make(rig *r, size_t count)
{
    *r = (rig){0};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) crm_start(r, n, &departments[n], false);
}

static void permit(rig *r, size_t number, lia_id customer)
{
    Crm__PermitUse ask = CRM__PERMIT_USE__INIT;
    LIA_SET_ID(&ask, customer, &customer);
    LIA_SET(&ask, purpose, PURPOSE(MARKETING));
    LIA_SET(&ask, channel, ON(EMAIL));
    LIA_SET(&ask, basis, CONSENT);
    ask.source = "web form";
    crm_do(r, number, LIA_CUSTOMER, "permit", customer, &ask);
}

static lia_id object(rig *r, size_t number, lia_id customer, lia_use use)
{
    Crm__ObjectToUse ask = CRM__OBJECT_TO_USE__INIT;
    LIA_SET_ID(&ask, customer, &customer);
    if (use.purpose) LIA_SET(&ask, purpose, use.purpose);
    if (use.channel) LIA_SET(&ask, channel, use.channel);
    ask.source = "a call";
    return crm_do(r, number, LIA_CUSTOMER, "object", customer, &ask);
}

static const lia_use newsletter = {PURPOSE(MARKETING), ON(EMAIL)};

static lia_consent_ground ground(rig *r, size_t number, const lia_id *members, size_t count)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 4 << 20));
    lia_arena_reset(&arena);
    lia_rows rows;
    lia_consent_answer answer;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_consent_ask(&rows, members, count, newsletter, lia_time_now(), &arena, &answer));
    lia_consent_entry *entries;
    size_t found;
    CHECK_OK(lia_consent_list(&rows, members, count, &arena, &entries, &found));
    lia_consent_answer all = lia_consent_decide(entries, found, newsletter, lia_time_now());
    CHECK_EQ(all.ground, answer.ground); /* four look-ups say what the whole list says */
    lia_node_read_end(r->nodes[number], &rows);
    return answer.ground;
}

/* Cut off from one another, one permits and the other objects; whoever was first, whoever's clock
 * is ahead, both end with the objection. What has seen it replaces it. */
TEST(a_permission_and_an_objection_at_two_nodes_end_in_the_objection)
{
    for (int objector = SALES; objector <= MARKETING; objector++) {
        rig r;
        make(&r, 2);
        lia_id mei = rig_customer(&r, 1, "Mei");
        RIG_UNTIL(&r, crm_read(&r, 2, LIA_CUSTOMER, mei));
        rig_stop(&r, 2);
        if (objector == SALES)
            object(&r, 1, mei, newsletter);
        else
            permit(&r, 1, mei);
        rig_stop(&r, 1);
        crm_start(&r, 2, &departments[2], false);
        if (objector == SALES)
            permit(&r, 2, mei);
        else
            object(&r, 2, mei, newsletter);
        crm_start(&r, 1, &departments[1], false);
        RIG_UNTIL(&r, ground(&r, 1, &mei, 1) == LIA_CONSENT_OBJECTED &&
                          ground(&r, 2, &mei, 1) == LIA_CONSENT_OBJECTED);
        const Crm__Consent *both = crm_read(&r, 1, LIA_CONSENT, lia_consent_id(mei, newsletter));
        CHECK(both->permission && both->n_objections == 1);
        permit(&r, 1, mei);
        RIG_UNTIL(&r, ground(&r, 2, &mei, 1) == LIA_CONSENT_PERMITTED);
        rig_end(&r);
    }
}

TEST(an_objection_to_more_is_lifted_first_and_any_members_counts)
{
    rig r;
    make(&r, 1);
    static const lia_use all = {0};
    lia_id mei = rig_customer(&r, 1, "Mei"), tan = rig_customer(&r, 1, "Mei Tan");
    const lia_id both[] = {mei, tan};
    permit(&r, 1, mei);
    CHECK_EQ(ground(&r, 1, both, 2), LIA_CONSENT_PERMITTED);
    lia_id objection = object(&r, 1, tan, all);
    CHECK_EQ(ground(&r, 1, both, 2), LIA_CONSENT_OBJECTED);
    CHECK_EQ(ground(&r, 1, &mei, 1), LIA_CONSENT_PERMITTED);

    Crm__PermitUse ask = CRM__PERMIT_USE__INIT;
    LIA_SET_ID(&ask, customer, &tan);
    LIA_SET(&ask, purpose, PURPOSE(MARKETING));
    LIA_SET(&ask, basis, CONSENT);
    ask.source = "web form";
    CHECK_EQ(crm_refused(&r, 1, LIA_CUSTOMER, "permit", tan, &ask), LIA_CONSENT_IS_OBJECTED);
    Crm__LiftObjection lift = CRM__LIFT_OBJECTION__INIT;
    lift.source = "a letter";
    LIA_SET_ID(&lift, consent, &objection);
    crm_do(&r, 1, LIA_CONSENT, "lift", objection, &lift);
    CHECK_EQ(crm_refused(&r, 1, LIA_CONSENT, "lift", objection, &lift), LIA_CONSENT_IS_ABSENT);
    CHECK_EQ(ground(&r, 1, both, 2), LIA_CONSENT_PERMITTED);
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, 1, tan, entries, 8), 2); /* the objection, and that it was lifted */
    rig_end(&r);
}

static size_t members_of(rig *r, lia_id customer)
{
    lia_rows rows;
    lia_id members[4];
    size_t count;
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_identity_members(&rows, customer, members, LIA_COUNT(members), &count));
    lia_node_read_end(r->nodes[1], &rows);
    return count;
}

/* The same use, objected to at another record of the same person: nothing has seen that. */
TEST(a_permission_does_not_take_back_what_was_objected_to_at_another_record)
{
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), tan = rig_customer(&r, 1, "Mei Tan");
    lia_id objection = object(&r, 1, tan, newsletter);
    Crm__LinkCustomer link = CRM__LINK_CUSTOMER__INIT;
    LIA_SET_ID(&link, customer, &mei);
    LIA_SET_ID(&link, other, &tan);
    crm_do(&r, 1, LIA_CUSTOMER, "link", mei, &link);
    RIG_UNTIL(&r, members_of(&r, mei) == 2);

    Crm__PermitUse ask = CRM__PERMIT_USE__INIT;
    LIA_SET_ID(&ask, customer, &mei);
    LIA_SET(&ask, purpose, PURPOSE(MARKETING));
    LIA_SET(&ask, channel, ON(EMAIL));
    LIA_SET(&ask, basis, CONSENT);
    ask.source = "web form";
    CHECK_EQ(crm_refused(&r, 1, LIA_CUSTOMER, "permit", mei, &ask), LIA_CONSENT_IS_OBJECTED);
    Crm__LiftObjection lift = CRM__LIFT_OBJECTION__INIT;
    lift.source = "a letter";
    LIA_SET_ID(&lift, consent, &objection);
    crm_do(&r, 1, LIA_CONSENT, "lift", objection, &lift);
    permit(&r, 1, mei);
    const lia_id both[] = {mei, tan};
    CHECK_EQ(ground(&r, 1, both, 2), LIA_CONSENT_PERMITTED);
    rig_end(&r);
}

TEST(what_an_erased_customer_said_is_gone)
{
    rig r;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei"), ben = rig_customer(&r, 1, "Ben");
    permit(&r, 1, ben);
    lia_id consent = object(&r, 1, mei, newsletter);
    CHECK(crm_read(&r, 1, LIA_CONSENT, consent) != NULL);
    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &mei);
    crm_do(&r, 1, LIA_CUSTOMER, "erase", mei, &ask);
    CHECK(crm_read(&r, 1, LIA_CONSENT, consent) == NULL);
    CHECK_EQ(ground(&r, 1, &mei, 1), LIA_CONSENT_NEEDED);
    CHECK_EQ(ground(&r, 1, &ben, 1), LIA_CONSENT_PERMITTED);
    rig_end(&r);
}
