/* SPDX-License-Identifier: Apache-2.0 */
/* Real nodes: what is recorded is found, as it is now. */
#include "common/search/search_rig.h"

static lia_id customer(search_rig *s, const char *name, const char *email, const char *phone)
{
    Crm__Customer message = CRM__CUSTOMER__INIT;
    Crm__Email mail = CRM__EMAIL__INIT, *mails[] = {&mail};
    Crm__Phone number = CRM__PHONE__INIT, *numbers[] = {&number};
    message.name = name;
    mail.value = email;
    number.value = phone;
    message.emails = mails;
    message.n_emails = email != NULL;
    message.phones = numbers;
    message.n_phones = phone != NULL;
    return rig_create(&s->r, SALES, LIA_CUSTOMER, &message);
}

TEST(every_searchable_field_of_every_kind_finds_its_record)
{
    static search_rig s;
    search_make(&s, 1);
    Crm__Customer mei = CRM__CUSTOMER__INIT;
    Crm__Handle handle = CRM__HANDLE__INIT, *handles[] = {&handle};
    Crm__ExternalId number = CRM__EXTERNAL_ID__INIT, *numbers[] = {&number};
    const char *tags[] = {"wholesale"};
    mei.name = "Mei Chen";
    mei.given_name = "Meiling";
    mei.note = "prefers deliveries before noon, by the harbour gate";
    handle.network = "instagram";
    handle.value = "mei.sails";
    number.value = "shop:C-10023";
    mei.handles = handles;
    mei.external_ids = numbers;
    mei.tags = tags;
    mei.n_handles = mei.n_external_ids = mei.n_tags = 1;
    lia_id id = rig_create(&s.r, SALES, LIA_CUSTOMER, &mei);
    lia_id call = log_call(&s.r, SALES, id, "asked about the invoice of the compressor");
    Crm__Task task = CRM__TASK__INIT;
    task.title = "Send her the catalogue";
    LIA_SET_ID(&task, customer, &id);
    lia_id task_id = rig_create(&s.r, SALES, LIA_TASK, &task);

    const char *const questions[] = {"mei",   "chen",       "meiling",   "harbour gate", "sails",
                                     "10023", "shop 10023", "wholesale", "Chen Harbour", "MEI c"};
    for (size_t i = 0; i < LIA_COUNT(questions); i++)
        if (!finds_only(&s, questions[i], id)) fail_msg("%s: %zu", questions[i], s.count);
    CHECK(finds_only(&s, "compressor invoice", call));
    CHECK(lia_id_equal(s.hits[0].customer, id));
    CHECK(finds_only(&s, "catalog", task_id));
    CHECK_EQ(ask(&s, "mei compressor"), 0); /* of two records */
    CHECK_EQ(ask(&s, "zebra"), 0);

    s.kind = lia_kind_find(LIA_TASK);
    CHECK_EQ(ask(&s, "compressor"), 0);
    CHECK(finds_only(&s, "catalogue", task_id));
    search_end(&s);
}

TEST(accents_and_their_spellings_find_one_another)
{
    static search_rig s;
    search_make(&s, 1);
    const char *const names[] = {"Jörg Müller", "Joerg Mueller", "Jorg Muller"};
    lia_id ids[3];
    for (size_t i = 0; i < 3; i++) ids[i] = customer(&s, names[i], NULL, NULL);
    customer(&s, "Jan Molinari", NULL, NULL);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(ask(&s, names[i]), 3);
        CHECK(lia_id_equal(s.hits[0].id, ids[i]) || i == 0); /* its own spelling first ... */
        CHECK(s.hits[0].reasons[0].how == LIA_SEARCH_EXACT);
    }
    CHECK(finds(&s, "JÖRG MÜLLER", ids[0]) && finds(&s, "mu\xcc\x88ller", ids[1]));
    search_end(&s);
}

TEST(one_typing_error_in_a_word_is_forgiven_and_ranked_below)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id id = customer(&s, "Katharina Schneider", NULL, NULL);
    static const char *const right[] = {
        "Katharina Schneider", "Katarina",  "Kathariina", "Kahtarina",
        "Xatharina",           "Katharnia", "schneidre",  "scheider",
        "Schneifer kat",       "atharina",  "ktharin",    "Ktharina Scneider"};
    static const char *const wrong[] = {"Kathrna", "Schnader", "Shcneidre", "Kxthxrina",
                                        "Sneider Karl"};
    for (size_t i = 0; i < LIA_COUNT(right); i++)
        if (!finds_only(&s, right[i], id)) fail_msg("%s: %zu", right[i], s.count);
    for (size_t i = 0; i < LIA_COUNT(wrong); i++)
        if (ask(&s, wrong[i])) fail_msg("%s is found", wrong[i]);
    lia_id other = customer(&s, "Katharine Schneider", NULL, NULL);
    CHECK_EQ(ask(&s, "Katharina"), 2);
    CHECK(lia_id_equal(s.hits[0].id, id) && lia_id_equal(s.hits[1].id, other));
    CHECK_EQ(s.hits[1].reasons[0].how, LIA_SEARCH_NEAR);
    CHECK(s.hits[0].score > s.hits[1].score);
    search_end(&s);
}

TEST(a_telephone_number_is_found_in_any_form)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id id = customer(&s, "Mei Chen", NULL, "+49 (0)30 / 1234-567");
    lia_id other = customer(&s, "Lin Wu", NULL, "030 7654321");
    static const char *const forms[] = {
        "+49301234567",  "0049 30 1234567", "030 1234567", "(030) 123 45 67", "1234567",
        "49 30 1234567", "34567",           "+49 30 12",   "030/1234-567",    "mei 0301234567"};
    for (size_t i = 0; i < LIA_COUNT(forms); i++)
        if (!finds_only(&s, forms[i], id)) fail_msg("%s: %zu", forms[i], s.count);
    CHECK_EQ(s.hits[0].reasons[1].how, LIA_SEARCH_PHONE);
    CHECK(finds_only(&s, "7654321", other));
    CHECK_EQ(ask(&s, "+49301234568"), 0);
    CHECK_EQ(ask(&s, "lin 0301234567"), 0);
    /* The same with a home country, where numbers without calling code are its own. */
    Crm__MatchModel model = CRM__MATCH_MODEL__INIT;
    model.home = "DE";
    LIA_SET(&model, revision, 7);
    rig_create(&s.r, SALES, LIA_MATCH_MODEL, &model);
    for (size_t i = 0; i < LIA_COUNT(forms); i++)
        if (!finds_only(&s, forms[i], id)) fail_msg("at home, %s: %zu", forms[i], s.count);
    CHECK(finds_only(&s, "+49 30 7654321", other)); /* which its record does not say */
    search_end(&s);
}

TEST(better_matches_come_first)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id whole = customer(&s, "Anna", NULL, NULL);
    lia_id word = customer(&s, "Anna Berg", NULL, NULL);
    lia_id mail = customer(&s, "Lin Wu", "anna@example.com", NULL);
    lia_id start = customer(&s, "Annabell Wu", NULL, NULL);
    lia_id newer = customer(&s, "Anna Chen", NULL, NULL);
    lia_id text = log_call(&s.r, SALES, mail, "said that anna would call");
    lia_id near = customer(&s, "Anja Roth", NULL, NULL);
    const lia_id want[] = {whole, newer, word, mail, start, near, text};
    CHECK_EQ(ask(&s, "anna"), LIA_COUNT(want));
    for (size_t i = 0; i < LIA_COUNT(want); i++)
        if (!lia_id_equal(s.hits[i].id, want[i])) fail_msg("place %zu", i);
    CHECK_EQ(s.hits[0].title.range_count, 1);
    lia_why why;
    CHECK_OK(search_try(&s, "anna", 2, &why));
    CHECK_EQ(s.count, 2);
    CHECK(lia_id_equal(s.hits[0].id, whole));
    search_end(&s);
}

TEST(a_snippet_is_cut_around_what_was_looked_for)
{
    static search_rig s;
    search_make(&s, 1);
    char text[2048] = "";
    for (int i = 0; i < 30; i++) strcat(text, "für später gemerkt ");
    strcat(text, "Die Kühlanlage läuft wieder. ");
    for (int i = 0; i < 30; i++) strcat(text, "für später gemerkt ");
    lia_id id = customer(&s, "Mei Chen", NULL, NULL);
    lia_id call = log_call(&s.r, SALES, id, text);
    CHECK(finds_only(&s, "kuhlanlage lauft", call));
    const lia_search_shown *shown = &s.hits[0].snippet;
    CHECK(shown->cut_before && shown->cut_after);
    CHECK_TEXT(shown->field->name, "text");
    CHECK(shown->text.size < 300);
    CHECK_EQ(shown->range_count, 2);
    /* Ranges count characters. */
    size_t at = 0, letters = 0;
    while (letters < shown->ranges[0].start) letters += (shown->text.data[++at] & 0xc0) != 0x80;
    CHECK(lia_span_starts(lia_span_skip(shown->text, at), LIA_SPAN("Kühlanlage")));
    CHECK_EQ(shown->ranges[0].end - shown->ranges[0].start, 10);
    CHECK_EQ(shown->ranges[1].start - shown->ranges[0].end, 1);
    search_end(&s);
}

TEST(what_changes_is_found_as_it_is_and_not_as_it_was)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id id = customer(&s, "Mei Chen", "mei@example.com", NULL);
    CHECK(finds_only(&s, "mei chen", id));
    Crm__Customer change = CRM__CUSTOMER__INIT;
    const uint32_t mask[] = {2};
    change.name = "Lin Wu";
    crm_change(&s.r, SALES, LIA_CUSTOMER, id, &change, mask, 1);
    CHECK(finds_only(&s, "lin wu", id));
    CHECK_EQ(ask(&s, "chen"), 0);
    CHECK(finds_only(&s, "mei", id)); /* the e-mail */
    crm_archive(&s.r, SALES, LIA_CUSTOMER, id);
    CHECK_EQ(ask(&s, "lin"), 0);
    lia_command restore = {.type = LIA_COMMAND_ARCHIVE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = id,
                           .restore = true};
    CHECK_OK(rig_do(&s.r, SALES, &restore));
    CHECK(finds_only(&s, "lin", id));
    search_end(&s);
}

/* ---- rights ------------------------------------------------------------------------------------
 */

static struct {
    lia_field fields[64];
    lia_message message;
    lia_kind kind;
    lia_id hidden;
    size_t asked;
} look;

static const lia_kind *kind_without_note(void *context, uint32_t number)
{
    (void)context;
    if (number == LIA_INTERACTION) return NULL;
    return number == LIA_CUSTOMER ? &look.kind : lia_kind_find(number);
}

static lia_err all_but_one(void *context, const lia_kind *kind, lia_id id, lia_span message,
                           bool *allowed)
{
    (void)context, (void)kind;
    CHECK(message.size > 0);
    look.asked++;
    *allowed = !lia_id_equal(id, look.hidden);
    return LIA_OK;
}

static void hide_field(uint32_t number)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    look.kind = *kind;
    look.message = *kind->message;
    look.message.fields = look.fields;
    look.message.count = 0;
    for (size_t i = 0; i < kind->message->count; i++)
        if (kind->message->fields[i].number != number)
            look.fields[look.message.count++] = kind->message->fields[i];
    look.kind.message = &look.message;
}

TEST(nobody_finds_what_is_hidden_from_them)
{
    static search_rig s;
    search_make(&s, 1);
    Crm__Customer mei = CRM__CUSTOMER__INIT;
    mei.name = "Mei Chen";
    mei.note = "insolvency filed";
    lia_id id = rig_create(&s.r, SALES, LIA_CUSTOMER, &mei);
    lia_id other = customer(&s, "Lin Chen", NULL, NULL);
    lia_id call = log_call(&s.r, SALES, id, "insolvency again, by telephone");
    CHECK_EQ(ask(&s, "insolvency"), 2);

    hide_field(18);
    look.hidden = other;
    s.eyes = (lia_search_eyes){kind_without_note, all_but_one, NULL, NULL};
    look.asked = 0;
    CHECK_EQ(ask(&s, "insolvency"), 0);
    CHECK_EQ(look.asked, 0); /* not even proposed: no time tells of it */
    CHECK_EQ(ask(&s, "insolvensy"), 0);
    CHECK_EQ(ask(&s, "mei insolvency"), 0);
    CHECK(!finds(&s, "telephone", call));
    CHECK(finds_only(&s, "chen", id)); /* one record, the other is somebody else's */
    CHECK_EQ(s.hits[0].snippet.text.size, 0);
    CHECK_EQ(ask(&s, "lin"), 0);
    CHECK_EQ(ask(&s, "lni"), 0);
    search_end(&s);
}

/* ---- few --------------------------------------------------------------------------------------
 */

enum { CROWD = 36 };
static struct {
    lia_id me, other, mine[CROWD], theirs[CROWD];
    size_t mine_count, asked, asked_of_others;
} crowd;

static bool is_mine(lia_id customer)
{
    for (size_t i = 0; i < crowd.mine_count; i++)
        if (lia_id_equal(crowd.mine[i], customer)) return true;
    return false;
}

static const lia_kind *all_kinds(void *context, uint32_t number)
{
    (void)context;
    return lia_kind_find(number);
}

/* Customers of their owner, and whatever is about such a one. */
static lia_err owners_may(void *context, const lia_kind *kind, lia_id id, lia_span message,
                          bool *allowed)
{
    (void)context;
    lia_pb_field found;
    if (kind->number != LIA_CUSTOMER)
        id = kind->customer && lia_pb_find(message, kind->customer->number, &found)
                 ? lia_id_from(found.bytes)
                 : LIA_ID_NONE;
    *allowed = is_mine(id);
    crowd.asked++;
    crowd.asked_of_others += !*allowed;
    return LIA_OK;
}

static lia_err crowd_owners(void *context, const lia_kind *kind, lia_search_owners *out)
{
    (void)context;
    const lia_kind *customers = lia_kind_find(LIA_CUSTOMER);
    const lia_field *owner = lia_field_by_name(customers->message, LIA_SPAN("owner"));
    if (kind->number != LIA_CUSTOMER && kind->number != LIA_INTERACTION) return LIA_OK;
    *out = (lia_search_owners){.limited = true, .users = &crowd.me, .count = 1};
    if (kind->number == LIA_CUSTOMER)
        out->field = owner;
    else
        out->customers_field = owner;
    return LIA_OK;
}

static lia_id owned_customer(search_rig *s, size_t number, lia_id owner)
{
    char name[64];
    Crm__Customer message = CRM__CUSTOMER__INIT;
    snprintf(name, sizeof name, "%s %s", number % 2 ? "Mei" : "Lin", number % 3 ? "Chen" : "Chan");
    message.name = name;
    LIA_SET_ID(&message, owner, &owner);
    return rig_create(&s->r, SALES, LIA_CUSTOMER, &message);
}

static size_t found_ids(search_rig *s, const char *text, lia_id *out)
{
    size_t count = ask(s, text);
    for (size_t i = 0; i < count; i++) out[i] = s->hits[i].id;
    return count;
}

/* An asker whose records are known before finds what they found when each was looked at, in the
 * same order, and nobody else's record is looked at. */
static void check_same(search_rig *s, const char *text, bool any)
{
    static lia_id slow[LIA_SEARCH_LIMIT_MAX], quick[LIA_SEARCH_LIMIT_MAX];
    s->eyes = (lia_search_eyes){all_kinds, owners_may, NULL, NULL};
    size_t count = found_ids(s, text, slow);
    CHECK_EQ(count > 0, any);
    CHECK(crowd.asked_of_others > 0);
    crowd.asked_of_others = 0;
    s->eyes.owners = crowd_owners;
    CHECK_EQ(found_ids(s, text, quick), count);
    CHECK_EQ(memcmp(slow, quick, count * sizeof *slow), 0);
    CHECK_EQ(crowd.asked_of_others, 0);
}

TEST(who_may_read_few_finds_them_among_many)
{
    static search_rig s;
    search_make(&s, 1);
    crowd.me = lia_id_make(1);
    crowd.other = lia_id_make(2);
    crowd.mine_count = 0;
    for (size_t i = 0; i < CROWD; i++) {
        bool mine = i % 5 == 0;
        lia_id id = owned_customer(&s, i, mine ? crowd.me : crowd.other);
        if (mine) crowd.mine[crowd.mine_count++] = id;
        crowd.theirs[i] = id;
        log_call(&s.r, SALES, id, i % 4 ? "asked about the delivery" : "invoice and delivery");
    }
    crowd.asked_of_others = 0;
    check_same(&s, "chen", true);
    check_same(&s, "lin cahn", true);
    check_same(&s, "delivery", true);
    check_same(&s, "invoice deliv", true);
    check_same(&s, "l", true);

    /* Somebody else's becomes mine; one of mine another's. */
    Crm__Customer change = CRM__CUSTOMER__INIT;
    const uint32_t owner[] = {17};
    LIA_SET_ID(&change, owner, &crowd.me);
    crm_change(&s.r, SALES, LIA_CUSTOMER, crowd.theirs[1], &change, owner, 1);
    LIA_SET_ID(&change, owner, &crowd.other);
    crm_change(&s.r, SALES, LIA_CUSTOMER, crowd.mine[1], &change, owner, 1);
    crowd.mine[1] = crowd.theirs[1];
    crowd.asked_of_others = 0;
    check_same(&s, "chen", true);
    check_same(&s, "delivery", true);
    CHECK(finds(&s, "mei chen", crowd.theirs[1]));
    search_end(&s);
}

/* ---- erasure -----------------------------------------------------------------------------------
 */

#define WORD "zwitscherlingen"

static size_t left_of(const search_rig *s)
{
    size_t count = 0;
    static const char *const parts[] = {WORD, "zwitsche", "herlingen"};
    for (size_t i = 0; i < LIA_COUNT(parts); i++)
        count += canary_count(s->r.dir, lia_span_text(parts[i]));
    return count + canary_count(s->dir, LIA_SPAN("3012345678"));
}

TEST(no_byte_of_the_erased_is_left_in_the_index)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id id = customer(&s, "Mei " WORD, WORD "@example.com", "030 12345678");
    lia_id stays = customer(&s, "Mei Chen", NULL, NULL);
    log_call(&s.r, SALES, id, "she said " WORD " twice");
    CHECK_EQ(ask(&s, WORD), 2);
    /* Older states of her, on the disk and in memory, are in dead documents. */
    Crm__Customer change = CRM__CUSTOMER__INIT;
    const uint32_t mask[] = {2};
    lia_why why;
    for (int i = 0; i < 5; i++) {
        change.name = i % 2 ? "Mei " WORD "e" : "Mei " WORD "s";
        crm_change(&s.r, SALES, LIA_CUSTOMER, id, &change, mask, 1);
        search_settle(&s);
    }
    search_stop(&s, false); /* written out */
    CHECK(left_of(&s) > 0);
    search_start(&s);
    search_settle(&s);
    CHECK_OK(erase(&s.r, SALES, id));
    RIG_UNTIL(&s.r, receipts(&s.r, SALES, id) == 1);
    CHECK_EQ(left_of(&s), 0);
    CHECK_EQ(ask(&s, WORD), 0);
    CHECK(finds_only(&s, "mei", stays));
    CHECK_OK(search_try(&s, "12345678", 10, &why));
    CHECK_EQ(s.count, 0);
    for (int i = 0; i < 300; i++) customer(&s, "Lin Wu", NULL, NULL);
    search_settle(&s);
    search_stop(&s, false);
    CHECK_EQ(left_of(&s), 0); /* nor does it come back with later writes */
    search_start(&s);
    search_end(&s);
}

TEST(an_erasure_that_a_crash_interrupts_is_done_after_it)
{
    static search_rig s;
    search_make(&s, 1);
    lia_id id = customer(&s, "Mei " WORD, NULL, "030 12345678");
    search_settle(&s);
    search_stop(&s, false);
    CHECK(canary_count(s.dir, LIA_SPAN(WORD)) > 0);
    search_start(&s);
    CHECK_OK(erase(&s.r, SALES, id));
    search_stop(&s, true); /* at whatever step it is */
    search_start(&s);
    RIG_UNTIL(&s.r, receipts(&s.r, SALES, id) == 1);
    CHECK_EQ(left_of(&s), 0);
    search_end(&s);
}

/* ---- starts ------------------------------------------------------------------------------------
 */

static void all_are_found(search_rig *s, const lia_id *ids, size_t count)
{
    char text[64];
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "stern%zuq", i);
        if (!finds_only(s, text, ids[i])) fail_msg("%s is missing or double: %zu", text, s->count);
    }
}

static lia_id star(search_rig *s, size_t number)
{
    char text[64];
    snprintf(text, sizeof text, "Stern%zuq Anna", number);
    return customer(s, text, NULL, NULL);
}

TEST(after_any_crash_nothing_is_missing_and_nothing_double)
{
    static search_rig s;
    lia_id ids[200];
    size_t count = 0;
    search_make(&s, 1);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 20; i++, count++) ids[count] = star(&s, count);
        if (round % 3 == 1) search_settle(&s);
        if (round % 3 == 2) lia_search_stop(s.search); /* on the disk or not, as it comes */
        search_stop(&s, true);
        search_start(&s);
        all_are_found(&s, ids, count);
    }
    lia_search_status status;
    lia_search_get_status(s.search, &status);
    CHECK_EQ(status.documents, count);
    search_end(&s);
}

static void damage(const char *dir, const char *name)
{
    char path[700], junk[8192];
    memset(junk, 0xa5, sizeof junk);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r+");
    CHECK(file);
    CHECK_EQ(fwrite(junk, 1, sizeof junk, file), sizeof junk);
    fclose(file);
}

static void remove_all(const char *dir)
{
    char path[700];
    DIR *open = opendir(dir);
    CHECK(open);
    for (struct dirent *entry; (entry = readdir(open));) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.') unlink(path);
    }
    closedir(open);
    CHECK_EQ(rmdir(dir), 0);
}

TEST(a_lost_or_damaged_index_is_made_anew)
{
    static search_rig s;
    lia_id ids[40];
    search_make(&s, 1);
    for (size_t i = 0; i < LIA_COUNT(ids); i++) ids[i] = star(&s, i);
    lia_id call = log_call(&s.r, SALES, ids[3], "about the compressor");
    search_settle(&s);
    search_stop(&s, false);
    damage(s.dir, "views.mdb");
    search_start(&s);
    all_are_found(&s, ids, LIA_COUNT(ids));
    search_stop(&s, false);
    remove_all(s.dir);
    search_start(&s);
    all_are_found(&s, ids, LIA_COUNT(ids));
    CHECK(finds_only(&s, "compressor", call));
    lia_search_status status;
    lia_search_get_status(s.search, &status);
    CHECK_EQ(status.documents, LIA_COUNT(ids) + 1);
    CHECK(status.scanned >= LIA_COUNT(ids) + 1);
    search_end(&s);
}

/* The index stands beside another log than the one it was made from: a copy that was put back. */
TEST(an_index_of_another_log_is_not_believed)
{
    static search_rig s;
    char kept[700], store[700];
    search_make(&s, 1);
    star(&s, 1);
    search_settle(&s);
    search_stop(&s, false);
    snprintf(kept, sizeof kept, "%s/kept", s.r.dir);
    CHECK_EQ(rename(s.dir, kept), 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(store, sizeof store, "%s/sales/%s", s.r.dir, i ? "log" : "views");
        remove_all(store);
    }
    search_start(&s);
    lia_id mei = customer(&s, "Mei Chen", NULL, NULL), lin = customer(&s, "Lin Wu", NULL, NULL);
    search_settle(&s);
    search_stop(&s, false);
    remove_all(s.dir);
    CHECK_EQ(rename(kept, s.dir), 0);
    search_start(&s);
    CHECK(finds_only(&s, "mei chen", mei) && finds_only(&s, "lin wu", lin));
    CHECK_EQ(ask(&s, "stern1q"), 0);
    lia_search_status status;
    lia_search_get_status(s.search, &status);
    CHECK_EQ(status.documents, 2); /* what is nowhere else went out of it */
    search_end(&s);
}

TEST(records_of_other_departments_are_found_too)
{
    static search_rig s;
    search_make(&s, 2);
    start(&s.r, MARKETING);
    lia_id id = rig_customer(&s.r, MARKETING, "Mei Chen");
    RIG_UNTIL(&s.r, knows(&s.r, SALES, LIA_CUSTOMER, id));
    CHECK(finds_only(&s, "chen", id));
    search_end(&s);
}

TEST(terms_that_many_share_lose_nothing)
{
    static search_rig s;
    search_make(&s, 1);
    enum { MANY = 1500 }; /* several rows of postings */
    static lia_id ids[MANY];
    for (size_t i = 0; i < MANY; i++) ids[i] = star(&s, i);
    all_are_found(&s, ids, 20);
    CHECK_EQ(ask(&s, "anna"), LIA_SEARCH_LIMIT_MAX);
    CHECK(lia_id_equal(s.hits[0].id, ids[MANY - 1])); /* newest first */
    char text[64];
    for (size_t i = 0; i < MANY; i += 97) {
        snprintf(text, sizeof text, "anna stern%zuq", i);
        CHECK(finds(&s, text, ids[i]));
        CHECK(lia_id_equal(s.hits[0].id, ids[i]));
    }
    search_end(&s);
}
