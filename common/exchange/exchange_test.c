/* SPDX-License-Identifier: Apache-2.0 */
/* What files of strangers look like, and what an import keeps. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/exchange/propose.h"
#include "common/exchange/records.h"
#include "common/exchange/sniff.h"
#include "common/exchange/vcard.h"
#include "common/wire/json.h"
#include "tests/support/test.h"

static lia_arena arena;

static void open_arena(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)256 << 20));
    lia_arena_reset(&arena);
}

TEST(the_encoding_of_a_file_is_found_out)
{
    static const struct {
        lia_span bytes;
        lia_encoding encoding;
        size_t mark;
        const char *text;
    } cases[] = {
        {LIA_SPAN("name\nJos\xc3\xa9"), LIA_UTF_8, 0, "name\nJos\xc3\xa9"},
        {LIA_SPAN("\xef\xbb\xbfname"), LIA_UTF_8, 3, "name"},
        {LIA_SPAN("name\nJos\xe9, \x80 5"), LIA_WINDOWS_1252, 0,
         "name\nJos\xc3\xa9, \xe2\x82\xac 5"},
        {LIA_SPAN("\xff\xfen\0a\0\x3d\xd8\x00\xde"), LIA_UTF_16LE, 2, "na\xf0\x9f\x98\x80"},
        {LIA_SPAN("\xfe\xff\0n\0\xe9"), LIA_UTF_16BE, 2, "n\xc3\xa9"},
        {LIA_SPAN("n\0a\0m\0e\0"), LIA_UTF_16LE, 0, "name"},
        {LIA_SPAN("\0n\0a\0m\0e"), LIA_UTF_16BE, 0, "name"},
        {LIA_SPAN("\xff\xfe\x00\xdc"
                  "a\0"),
         LIA_UTF_16LE, 2,
         "\xef\xbf\xbd"
         "a"},
    };
    open_arena();
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        size_t mark;
        lia_buf out = lia_buf_make(&arena);
        CHECK_EQ(lia_text_detect(cases[i].bytes, &mark), cases[i].encoding);
        CHECK_EQ(mark, cases[i].mark);
        lia_span rest = lia_span_skip(cases[i].bytes, mark);
        CHECK_EQ(lia_text_decode(cases[i].encoding, rest, &out), rest.size);
        CHECK_BYTES(lia_buf_get(&out), lia_span_text(cases[i].text));
        CHECK_EQ(lia_text_raw_size(cases[i].encoding, lia_buf_get(&out)), rest.size);
    }
}

TEST(a_character_that_is_cut_is_left_for_the_next_piece)
{
    open_arena();
    lia_buf out = lia_buf_make(&arena);
    CHECK_EQ(lia_text_decode(LIA_UTF_8, LIA_SPAN("a\xe2\x82"), &out), 1);
    CHECK_EQ(lia_text_decode(LIA_UTF_8, LIA_SPAN("a\xf0\x9f\x98"), &out), 1);
    CHECK_EQ(lia_text_decode(LIA_UTF_16LE, LIA_SPAN("a\0b"), &out), 2);
    CHECK_EQ(lia_text_decode(LIA_UTF_16LE, LIA_SPAN("a\0\x3d\xd8"), &out), 2);
    size_t mark;
    CHECK_EQ(lia_text_detect(LIA_SPAN("Jos\xc3\xa9 \xe2\x82"), &mark), LIA_UTF_8);
}

TEST(the_delimiter_of_a_file_is_found_out)
{
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("a,b\n1,2\n")), ',');
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("a;b;c\n1,5;2,5;3\n1;2;\"x,y,z\"\n")), ';');
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("a\tb\n1, 2\t3\n")), '\t');
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("a|b|c\n1|2|3")), '|');
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("name\nAda\n")), ',');
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("")), ',');
    CHECK_EQ(lia_csv_sniff(LIA_SPAN("a;b,c\n\"1\n2;3\";4\n5;6")), ';');
}

/* ---- maps ------------------------------------------------------------------------------------ */

static size_t split(const char *text, lia_span cells[64])
{
    size_t count = 0;
    for (const char *end; (end = strchr(text, '|')); text = end + 1)
        cells[count++] = lia_span_make(text, (size_t)(end - text));
    cells[count++] = lia_span_text(text);
    return count;
}

/* The header rows of what those systems export, a row each, and the record that it is. */
TEST(exports_of_other_systems_have_ready_maps)
{
    static const struct {
        const char *source, *header, *row, *json;
    } cases[] = {
        {"hubspot",
         "Record ID|First Name|Last Name|Email|Phone Number|Mobile Phone Number|Contact owner|"
         "Lead Status|Create Date|Job Title|Street Address|City|State/Region|Postal Code|"
         "Country/Region|Website URL|Company Name",
         "101|Mei|Tan|mei@example.com|+65 1|+65 2|Sam|New|2026-01-01|Buyer|1 Road|Singapore|||"
         "Singapore|https://example.com|Acme",
         "{\"external_ids\":[{\"value\":\"hubspot:101\"}],\"given_name\":\"Mei\",\"family_name\":"
         "\"Tan\",\"emails\":[{\"value\":\"mei@example.com\"}],\"phones\":[{\"value\":\"+65 1\"},{"
         "\"value\":\"+65 2\"}],\"job_title\":\"Buyer\",\"addresses\":[{\"street\":\"1 Road\","
         "\"city\":\"Singapore\",\"country\":\"SG\"}],\"website\":\"https://"
         "example.com\"}"},
        {"salesforce",
         "Id|AccountId|LastName|FirstName|MailingStreet|MailingCity|MailingPostalCode|"
         "MailingCountry|Phone|MobilePhone|HomePhone|Email|Title|Birthdate|Description|OwnerId",
         "003A|001B|King|Ada|2 Lane|London|N1|United Kingdom|+44 1||+44 3|a@example.com|CTO|"
         "1980-05-17|Likes tea|005",
         "{\"external_ids\":[{\"value\":\"salesforce:003A\"}],\"family_name\":\"King\",\"given_"
         "name\":\"Ada\",\"addresses\":[{\"street\":\"2 Lane\",\"city\":\"London\",\"postcode\":"
         "\"N1\",\"country\":\"GB\"}],\"phones\":[{\"value\":\"+44 1\"},{\"value\":\"+44 3\"}],"
         "\"emails\":[{\"value\":\"a@example.com\"}],\"job_title\":\"CTO\",\"birthday\":\"1980-05-"
         "17\",\"note\":\"Likes tea\"}"},
        {"zoho",
         "Record Id|Contact Owner.id|Contact Owner|Salutation|First Name|Last Name|Email|Secondary "
         "Email|Phone|Mobile|Mailing Street|Mailing City|Mailing Zip|Mailing Country|Other City",
         "zcrm_9|7|Sam|Ms|Eva|Berg|e@example.com|e2@example.com|+49 1||Weg "
         "1|Ulm|89073|Germany|Bonn",
         "{\"external_ids\":[{\"value\":\"zoho:zcrm_9\"}],\"given_name\":\"Eva\",\"family_name\":"
         "\"Berg\",\"emails\":[{\"value\":\"e@example.com\"},{\"value\":\"e2@example.com\"}],"
         "\"phones\":[{\"value\":\"+49 1\"}],\"addresses\":[{\"street\":\"Weg 1\",\"city\":\"Ulm\","
         "\"postcode\":\"89073\",\"country\":\"DE\"},{\"city\":\"Bonn\"}]}"},
    };
    static lia_proposal found;
    static lia_csv_map map;
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span names[64], cells[64], paths[64];
        lia_why why = {{0}};
        lia_json_object object;
        open_arena();
        size_t count = split(cases[i].header, names);
        CHECK_EQ(split(cases[i].row, cells), count);
        lia_propose(&found, kind, names, cells, count);
        CHECK_TEXT(found.source, cases[i].source);
        for (size_t j = 0; j < count; j++) paths[j] = lia_span_text(found.fields[j]);
        CHECK_OK(lia_csv_map_make(&map, kind, paths, count, NULL, 0, &why));
        map.source = found.source;
        lia_buf out = lia_buf_make(&arena);
        CHECK_OK(lia_csv_map_put(&map, cells, count, &out, &why));
        CHECK_BYTES(lia_buf_get(&out), lia_span_text(cases[i].json));
        CHECK_OK(lia_json_read(&object, kind->message, LIA_JSON_CREATE, lia_buf_get(&out), &arena,
                               &why));
    }
}

TEST(cards_become_customers)
{
    static const struct {
        const char *card, *json;
    } cases[] = {
        {"BEGIN:VCARD\r\nVERSION:3.0\r\nN:King;Ada;;;\r\nFN:Ada King\r\nEMAIL;TYPE=INTERNET,WORK:"
         "ada@example.com\r\nTEL;TYPE=CELL:+44 1\r\nADR;TYPE=HOME:;;2 Lane\\, "
         "top;London;;N1;United "
         "Kingdom\r\nNOTE:Likes\\ntea and\r\n  cake\r\nBDAY:19800517\r\nEND:VCARD\r\n",
         "{\"family_name\":\"King\",\"given_name\":\"Ada\",\"name\":\"Ada "
         "King\",\"note\":\"Likes\\ntea "
         "and "
         "cake\",\"birthday\":\"1980-05-17\",\"emails\":[{\"value\":\"ada@example.com\",\"label\":"
         "\"work\"}],\"phones\":[{\"value\":\"+44 "
         "1\",\"label\":\"cell\"}],\"addresses\":[{\"street\":\"2 "
         "Lane, "
         "top\",\"city\":\"London\",\"postcode\":\"N1\",\"country\":\"GB\",\"label\":\"home\"}]}"},
        {"BEGIN:VCARD\nVERSION:4.0\nKIND:org\nitem1.ORG:Acme;Sales\nitem1.TEL;VALUE=uri;TYPE="
         "\"voice,"
         "work\":tel:+1-2\nCATEGORIES:a\\,b,c\nX-OTHER:1\nEND:VCARD",
         "{\"name\":\"Acme\",\"type\":\"organization\",\"phones\":[{\"value\":\"+1-2\",\"label\":"
         "\"work\"}],"
         "\"tags\":[\"a,b\",\"c\"]}"},
    };
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span card, text = lia_span_text(cases[i].card);
        lia_why why = {{0}};
        lia_json_object object;
        size_t before;
        open_arena();
        CHECK(lia_vcard_cut(text, &card, &before));
        CHECK_EQ(before, 0);
        CHECK_EQ(card.size, text.size);
        lia_buf out = lia_buf_make(&arena);
        CHECK_OK(lia_vcard_put(card, &out, &why));
        CHECK_BYTES(lia_buf_get(&out), lia_span_text(cases[i].json));
        CHECK_OK(lia_json_read(&object, kind->message, LIA_JSON_CREATE, lia_buf_get(&out), &arena,
                               &why));
        CHECK(!lia_vcard_cut(lia_span_make(text.data, text.size / 2), &card, &before));
    }
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void put_items(const lia_records *records, lia_buf *out)
{
    for (size_t i = 0; i < records->count; i++) {
        const lia_records_item *item = &records->items[i];
        lia_buf_format(out, "%llu ", (unsigned long long)item->line);
        if (item->json.size)
            lia_buf_span(out, item->json);
        else
            lia_buf_text(out, item->reason);
        lia_buf_byte(out, '\n');
    }
}

/* Reads the file in pieces of at most `size` bytes, each from where the last one was done. */
static void read_in_pieces(lia_span file, size_t size, lia_intake_format format, lia_buf *out)
{
    static lia_records records;
    lia_intake intake = {.kind = lia_kind_find(LIA_CUSTOMER), .format = format, .line = 1};
    size_t wanted = size;
    while (!intake.complete) {
        lia_why why = {{0}};
        lia_span rest = lia_span_skip(file, (size_t)intake.offset);
        bool last = rest.size <= wanted;
        if (!last) rest.size = wanted;
        CHECK_OK(lia_records_read(&records, &intake, rest, last, &arena, &why));
        put_items(&records, out);
        wanted = records.taken ? size : wanted + 1; /* no whole row was in it */
        intake.offset += records.taken;
        intake.line = records.line;
        intake.complete = last;
    }
    CHECK_EQ(intake.offset, file.size);
}

TEST(a_file_is_the_same_in_pieces_of_any_size)
{
    static const struct {
        lia_intake_format format;
        lia_span file;
    } cases[] = {
        {LIA_INTAKE_CSV,
         LIA_SPAN("\xef\xbb\xbfName;E-mail;City\r\nJos\xc3\xa9;j@example.com;Bonn\r\n"
                  "\"two\nlines\";\"a;b\";x\r\nbro\"ken;;\r\nshort;\r\n\r\nEva;;Ulm")},
        {LIA_INTAKE_CSV, LIA_SPAN("Name;City\nJos\xe9;K\xf6ln\nEva;\x80\n")},
        {LIA_INTAKE_CSV,
         LIA_SPAN(
             "\xff\xfeN\0a\0m\0e\0,\0C\0i\0t\0y\0\n\0\x3d\xd8\x00\xde,\0U\0l\0m\0\n\0E\0,\0B\0")},
        {LIA_INTAKE_VCARD,
         LIA_SPAN("junk\nBEGIN:VCARD\nFN:A\nEND:VCARD\r\n\nBEGIN:VCARD\nnothing\nEND:"
                  "VCARD\nBEGIN:VCARD\nFN:B\n C\nEND:VCARD\nBEGIN:VCARD\nFN:")},
        {LIA_INTAKE_JSONL, LIA_SPAN("{\"name\":\"A\"}\n\n {\"name\":\"B\"} \r\n{\"name\":\"C\"}")},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        open_arena();
        lia_buf whole = lia_buf_make(&arena);
        read_in_pieces(cases[i].file, cases[i].file.size, cases[i].format, &whole);
        CHECK(whole.size > 0);
        /* What a file is written in is found out from its first piece, so that is a few rows. */
        for (size_t size = 20; size < cases[i].file.size; size++) {
            lia_buf cut = lia_buf_make(&arena);
            read_in_pieces(cases[i].file, size, cases[i].format, &cut);
            CHECK_BYTES(lia_buf_get(&cut), lia_buf_get(&whole));
        }
    }
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static char *temporary(char path[64])
{
    snprintf(path, 64, "intake_test_XXXXXX");
    return mkdtemp(path);
}

TEST(an_import_is_read_back_as_it_was_saved)
{
    char dir[64];
    lia_why why = {{0}};
    open_arena();
    CHECK(temporary(dir));
    lia_intake intake = {.id = lia_id_make(1000), .line = 7, .offset = 99}, again;
    CHECK_OK(lia_intake_ask(&intake,
                            LIA_SPAN("{\"kind\":\"customers\",\"mode\":\"both\",\"key\":\"emails."
                                     "value\",\"delimiter\":\"\\t\",\"mapping\":{\"A \\\"b\\\"\":"
                                     "\"name\",\"\":\"\"},\"automation\":true}"),
                            &arena, &why));
    lia_span columns[] = {LIA_SPAN("A \"b\""), LIA_SPAN("")};
    intake.columns = columns;
    intake.column_count = 2;
    CHECK_OK(lia_intake_save(&intake, dir));
    CHECK_OK(lia_intake_load(&again, dir, intake.id, &arena));
    lia_buf a = lia_buf_make(&arena), b = lia_buf_make(&arena);
    lia_intake_put(&intake, &a);
    lia_intake_put(&again, &b);
    CHECK_BYTES(lia_buf_get(&b), lia_buf_get(&a));
    CHECK_EQ(again.column_count, 2);
    CHECK_BYTES(again.columns[0], columns[0]);
    CHECK(lia_id_equal(lia_intake_command(&again, 3), lia_intake_command(&intake, 3)));
    CHECK(!lia_id_equal(lia_intake_command(&again, 3), lia_intake_command(&again, 4)));
    for (uint64_t line = 1; line < 2000000; line += 64) {
        lia_id one = lia_intake_command(&again, line),
               later = lia_intake_command(&again, line + 64);
        CHECK(memcmp(one.bytes, later.bytes, LIA_ID_SIZE) < 0);
    }
    lia_id ids[4];
    CHECK_EQ(lia_intake_ids(dir, ids, 4), 1);
    lia_intake_remove(dir, intake.id);
    CHECK_EQ(lia_intake_load(&again, dir, intake.id, &arena), LIA_EABSENT);
    CHECK_EQ(rmdir(dir), 0);
}

/* A run that broke off behind its last save leaves rows that nobody counts: the next run's stand in
 * their place. */
TEST(rows_behind_the_count_are_written_over)
{
    char dir[64];
    size_t count;
    open_arena();
    CHECK(temporary(dir));
    lia_intake intake = {.id = lia_id_make(1000), .kind = lia_kind_find(LIA_CUSTOMER), .line = 1};
    lia_intake_row rows[3] = {{.line = 1}, {.line = 2, .reason = "why"}, {.line = 3}}, read[4];
    CHECK_OK(lia_intake_add(&intake, dir, LIA_INTAKE_FAILED, rows, 1));
    lia_intake broken = intake;
    CHECK_OK(lia_intake_add(&broken, dir, LIA_INTAKE_FAILED, rows, 2));
    CHECK_OK(lia_intake_add(&intake, dir, LIA_INTAKE_FAILED, rows + 1, 2));
    CHECK_OK(lia_intake_rows(&intake, dir, LIA_INTAKE_FAILED, 1, read, 4, &count));
    CHECK_EQ(count, 2);
    CHECK_EQ(read[0].line, 2);
    CHECK_TEXT(read[0].reason, "why");
    CHECK_EQ(read[1].line, 3);
    lia_intake_remove(dir, intake.id);
    CHECK_EQ(rmdir(dir), 0);
}
