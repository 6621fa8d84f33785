/* SPDX-License-Identifier: Apache-2.0 */
/* The search index of one node with many customers: how long it takes to make, how long questions
 * take, how far it is behind, how long it takes to forget somebody.
 *
 *     search_bench [CUSTOMERS [QUESTIONS]]       1,000,000 and 2,000 of each sort
 *
 * Names are made of syllables and are as uneven as people's: few that many have, many that few
 * have. Prints JSON lines. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/crm/crm.h"
#include "common/search/search.h"
#include "proto/crm.pb-c.h"
#include "tests/support/address.h"

enum { SLOTS = 4096, GIVEN = 2000, FAMILY = 60000, TEXT = 256, LIVE = 200 };

typedef struct slot {
    lia_command command;
    uint8_t bytes[1024];
    struct slot *next;
} slot;

static struct {
    char dir[64];
    uv_loop_t loop;
    lia_node *node;
    lia_search *search;
    slot slots[SLOTS], *free;
    uint64_t submitted, answered, dice;
    lia_id last;
    bool closed;
} b;

static uint64_t dice(uint64_t bound)
{
    uint64_t z = (b.dice += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % bound;
}

static void say(const char *name, double value, const char *unit)
{
    printf("{\"name\":\"search.%s\",\"value\":%.3f,\"unit\":\"%s\"}\n", name, value, unit);
    fflush(stdout);
}

static void must(lia_err err, const char *what, const lia_why *why)
{
    if (!err) return;
    fprintf(stderr, "search_bench: %s: %s %s\n", what, lia_err_text(err), why ? why->text : "");
    exit(1);
}

/* ---- people ---------------------------------------------------------------------------------- */

/* The n-th name that one can make of syllables; small numbers are short names. */
static const char *name_of(uint64_t n, char text[TEXT])
{
    static const char *const starts[] = {"Mü", "Schnei", "An",  "Ka",  "Lor", "Ber",
                                         "Ro", "Tho",    "Eli", "Wei", "Jo",  "Ga",
                                         "Fi", "Sø",     "Ha",  "Zel", "Pe",  "No"};
    static const char *const ends[] = {"ller", "der", "na",   "tha", "enz", "ger",
                                       "mann", "sen", "za",   "ner", "ris", "lia",
                                       "ke",   "ton", "bach", "vic", "ra",  "lt"};
    size_t size = (size_t)snprintf(text, TEXT, "%s", starts[n % LIA_COUNT(starts)]);
    n /= LIA_COUNT(starts);
    do {
        size += (size_t)snprintf(text + size, TEXT - size, "%s", ends[n % LIA_COUNT(ends)]);
        n /= LIA_COUNT(ends);
    } while (n);
    return text;
}

/* Below `bound`, low numbers far more often. */
static uint64_t uneven(uint64_t bound)
{
    uint64_t a = dice(bound) + 1;
    return dice(a);
}

/* Who owns one customer in a thousand, and who owns the others. */
static lia_id owners[2] = {{{1, 2, 3}}, {{4, 5, 6}}};
#define OWNED_ONE_IN 1000

static lia_span person(uint64_t number, slot *s)
{
    static const char *const words[] = {"prefers", "delivery", "invoice", "noon",  "contract",
                                        "machine", "north",    "asked",   "later", "spring"};
    char given[TEXT], family[TEXT], name[2 * TEXT], mail[3 * TEXT], phone[64], note[TEXT], id[64];
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    Crm__Email email = CRM__EMAIL__INIT, *emails[] = {&email};
    Crm__Phone line = CRM__PHONE__INIT, *lines[] = {&line};
    Crm__ExternalId external = CRM__EXTERNAL_ID__INIT, *externals[] = {&external};
    size_t size = 0;
    name_of(uneven(GIVEN), given);
    name_of(uneven(FAMILY), family);
    snprintf(name, sizeof name, "%s %s", given, family);
    snprintf(mail, sizeof mail, "user%llu@example%llu.com", (unsigned long long)number,
             (unsigned long long)dice(500));
    snprintf(phone, sizeof phone, "+49 %llu %llu", (unsigned long long)(100 + dice(800)),
             (unsigned long long)(1000000 + dice(8999999)));
    snprintf(id, sizeof id, "shop:K%llu", (unsigned long long)number);
    for (int i = 0; i < 6; i++)
        size += (size_t)snprintf(note + size, sizeof note - size, "%s ", words[dice(10)]);
    customer.name = name;
    customer.note = note;
    email.value = mail;
    line.value = phone;
    external.value = id;
    lia_id *owner = &owners[number % OWNED_ONE_IN != 0];
    customer.has_owner = 1;
    customer.owner = (ProtobufCBinaryData){LIA_ID_SIZE, owner->bytes};
    customer.emails = emails;
    customer.phones = lines;
    customer.external_ids = externals;
    customer.n_emails = customer.n_phones = customer.n_external_ids = 1;
    return lia_span_make(s->bytes, crm__customer__pack(&customer, s->bytes));
}

/* ---- the node -------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void make_cluster(void)
{
    static lia_members members;
    lia_why why = {{0}};
    lia_sign_key admin;
    lia_verify_key public;
    lia_node_keys keys;
    lia_member *m = &members.list[0];
    char path[128];
    snprintf(b.dir, sizeof b.dir, "search-bench-XXXXXX");
    if (lia_crypto_init() || !mkdtemp(b.dir)) exit(1);
    lia_random(&members.cluster, sizeof members.cluster);
    members.epoch = members.count = 1;
    lia_sign_keys(&public, &admin);
    must(lia_admin_key_write(&admin, b.dir, &why), "keys", &why);
    lia_node_keys_make(&keys);
    m->number = 1;
    m->department = LIA_SALES;
    snprintf(m->name, sizeof m->name, "sales");
    lia_test_address(m->bus, sizeof m->bus);
    lia_test_address(m->pub, sizeof m->pub);
    memcpy(m->curve_key, keys.curve_public, sizeof m->curve_key);
    m->verify_key = keys.verify;
    snprintf(path, sizeof path, "%s/sales", b.dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/sales/node.keys", b.dir);
    must(lia_node_keys_write(&keys, path, &why), "keys", &why);
    snprintf(path, sizeof path, "%s/members", b.dir);
    must(lia_members_write(&members, &admin, path, &why), "members", &why);
}

/* Without the tables that all departments share: comparing a million customers is another bench's.
 */
static void start(void)
{
    static const lia_service sales = {.name = "sales", .department = LIA_SALES};
    char path[128];
    lia_why why = {{0}};
    make_cluster();
    uv_loop_init(&b.loop);
    snprintf(path, sizeof path, "%s/sales/search", b.dir);
    must(lia_search_open(&b.search, path, &why), "search", &why);
    const lia_node_options options = {
        .loop = &b.loop, .dir = b.dir, .name = "sales", .service = &sales};
    must(lia_node_open(&b.node, &options, &why), "node", &why);
    while (lia_node_health(b.node, NULL) == LIA_EBUSY) uv_run(&b.loop, UV_RUN_ONCE);
}

static void answered(lia_command *command, void *context)
{
    slot *s = context;
    must(command->err, "a customer", &command->why);
    b.last = command->record;
    b.answered++;
    s->next = b.free;
    b.free = s;
}

static void create(uint64_t number)
{
    slot *s = b.free;
    b.free = s->next;
    s->command = (lia_command){.type = LIA_COMMAND_CREATE,
                               .kind = lia_kind_find(LIA_CUSTOMER),
                               .request = person(number, s),
                               .done = answered,
                               .context = s};
    must(lia_node_submit(b.node, &s->command), "submit", NULL);
    b.submitted++;
}

static void load(uint64_t customers)
{
    uint64_t began = lia_time_ticks_ns();
    for (size_t i = 0; i < SLOTS / 2; i++) {
        b.slots[i].next = b.free;
        b.free = &b.slots[i];
    }
    while (b.answered < customers) {
        while (b.free && b.submitted < customers) create(b.submitted);
        uv_run(&b.loop, UV_RUN_ONCE);
    }
    say("customers_loaded", (double)customers / ((double)(lia_time_ticks_ns() - began) / 1e9),
        "/s");
}

static void settle(void)
{
    lia_search_status status = {.scanning = true};
    while (!lia_search_has(b.search, lia_node_visible(b.node)) || status.scanning) {
        lia_search_get_status(b.search, &status);
        uv_run(&b.loop, UV_RUN_NOWAIT);
        usleep(100);
    }
}

/* ---- questions ------------------------------------------------------------------------------- */

static int by_number(const void *left, const void *right)
{
    const uint64_t *a = left, *c = right;
    return *a < *c ? -1 : *a > *c;
}

static void say_times(const char *name, uint64_t *took, size_t count)
{
    char text[64];
    qsort(took, count, sizeof *took, by_number);
    snprintf(text, sizeof text, "%s_p50", name);
    say(text, (double)took[count / 2] / 1e6, "ms");
    snprintf(text, sizeof text, "%s_p99", name);
    say(text, (double)took[count * 99 / 100] / 1e6, "ms");
}

typedef void question_of(char *text);

static void family(char *text)
{
    name_of(uneven(FAMILY), text);
}
static void both(char *text)
{
    char given[TEXT], name[TEXT];
    snprintf(text, TEXT, "%.100s %.100s", name_of(uneven(GIVEN), given),
             name_of(uneven(FAMILY), name));
}
static void common(char *text)
{
    name_of(uneven(20), text);
}
static void beginning(char *text)
{
    family(text);
    text[3 + dice(2)] = 0;
    while (*text && (text[strlen(text) - 1] & 0x80)) text[strlen(text) - 1] = 0;
}
static void letter(char *text)
{
    snprintf(text, TEXT, "%c", (char)('a' + dice(26)));
}
static void as_typed(char *text)
{
    char given[TEXT];
    name_of(uneven(GIVEN), given);
    snprintf(text, TEXT, "%.100s %c", given, (char)('a' + dice(26)));
}
static void typo(char *text)
{
    do family(text);
    while (strlen(text) < 6);
    size_t at = 3 + dice(strlen(text) - 4);
    if (!((text[at] | text[at + 1]) & 0x80)) {
        char kept = text[at];
        text[at] = text[at + 1];
        text[at + 1] = kept;
    }
}
static void phone(char *text)
{
    snprintf(text, TEXT, "0049 %llu/%llu", (unsigned long long)(100 + dice(800)),
             (unsigned long long)(1000000 + dice(8999999)));
}
static void number(char *text)
{
    snprintf(text, TEXT, "K%llu", (unsigned long long)dice(b.submitted));
}
static void note(char *text)
{
    snprintf(text, TEXT, "invoice machine");
}

/* ---- somebody who may read their own customers only -------------------------------------------
 */

static const lia_kind *owner_sees(void *context, uint32_t kind)
{
    (void)context;
    return kind == LIA_CUSTOMER ? lia_kind_find(kind) : NULL;
}

static const lia_field *owner_field(void)
{
    return lia_field_by_name(lia_kind_find(LIA_CUSTOMER)->message, LIA_SPAN("owner"));
}

static lia_err owner_may(void *context, const lia_kind *kind, lia_id id, lia_span message,
                         bool *allowed)
{
    lia_pb_field found;
    (void)context, (void)kind, (void)id;
    *allowed = lia_pb_find(message, owner_field()->number, &found) &&
               lia_id_equal(lia_id_from(found.bytes), owners[0]);
    return LIA_OK;
}

static lia_err owner_owns(void *context, const lia_kind *kind, lia_search_owners *out)
{
    (void)context, (void)kind;
    *out =
        (lia_search_owners){.limited = true, .users = owners, .count = 1, .field = owner_field()};
    return LIA_OK;
}

static lia_search_eyes eyes;

static void ask(const char *name, question_of *make, size_t count)
{
    uint64_t *took = calloc(count, sizeof *took);
    static lia_search_hit hits[20];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        char text[TEXT];
        lia_why why = {{0}};
        lia_rows rows;
        lia_arena arena;
        size_t got;
        make(text);
        const lia_search_question question = {
            .text = lia_span_text(text), .limit = LIA_COUNT(hits), .eyes = eyes};
        uint64_t began = lia_time_ticks_ns();
        must(lia_arena_init(&arena, (size_t)256 << 20), "memory", NULL);
        must(lia_node_scan(b.node, &rows), "snapshot", NULL);
        must(lia_search_ask(b.search, &rows, &question, &arena, hits, &got, &why), text, &why);
        lia_node_scan_end(&rows);
        lia_arena_fini(&arena);
        took[i] = lia_time_ticks_ns() - began;
        found += got > 0;
    }
    char text[64];
    snprintf(text, sizeof text, "ask_%s", name);
    say_times(text, took, count);
    snprintf(text, sizeof text, "ask_%s_found", name);
    say(text, 100.0 * (double)found / (double)count, "%");
    free(took);
}

/* ---- keeping up ------------------------------------------------------------------------------ */

/* From a command's answer until it is found. */
static void lag(void)
{
    static uint64_t took[LIVE];
    for (size_t i = 0; i < LIVE; i++) {
        uint64_t want = b.answered + 1;
        create(b.submitted);
        while (b.answered < want) uv_run(&b.loop, UV_RUN_ONCE);
        uint64_t began = lia_time_ticks_ns();
        while (!lia_search_has(b.search, lia_node_visible(b.node))) sched_yield();
        took[i] = lia_time_ticks_ns() - began;
    }
    say_times("lag", took, LIVE);
}

static void forget(void)
{
    lia_copies copies = lia_search_copies(b.search);
    uint64_t began = lia_time_ticks_ns();
    must(copies.forget(copies.state, &b.last, 1), "forget", NULL);
    while (!copies.forgotten(copies.state)) usleep(1000);
    say("forget", (double)(lia_time_ticks_ns() - began) / 1e9, "s");
}

static void memory(const char *name)
{
    char line[128];
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "RssAnon:", 8) == 0) say(name, atof(line + 8) / 1024, "MiB");
    if (file) fclose(file);
}

static void closed(void *context)
{
    (void)context;
    b.closed = true;
}

int main(int argc, char **argv)
{
    uint64_t customers = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    size_t questions = argc > 2 ? strtoull(argv[2], NULL, 10) : 2000;
    lia_search_status status;
    lia_log_set_level(LIA_WARN);
    start();
    load(customers);
    memory("anonymous_memory_before");
    uint64_t began = lia_time_ticks_ns();
    must(lia_search_start(b.search, b.node), "thread", NULL);
    settle();
    say("indexed", (double)customers / ((double)(lia_time_ticks_ns() - began) / 1e9), "/s");
    memory("anonymous_memory_after");
    eyes = lia_search_all;
    ask("family_name", family, questions);
    ask("both_names", both, questions);
    ask("common_name", common, questions);
    ask("typo", typo, questions);
    ask("phone", phone, questions);
    ask("number", number, questions);
    ask("beginning", beginning, questions);
    ask("letter", letter, questions / 10 + 1);
    ask("name_and_letter", as_typed, questions);
    ask("note", note, questions / 10 + 1);
    eyes = (lia_search_eyes){owner_sees, owner_may, NULL, owner_owns};
    ask("of_few_common_name", common, questions / 10 + 1);
    ask("of_few_name_and_letter", as_typed, questions / 10 + 1);
    ask("of_few_note", note, questions / 10 + 1);
    eyes.owners = NULL; /* as it would be if each candidate were looked at */
    ask("of_few_note_one_by_one", note, questions / 10 + 1);
    lag();
    forget();
    lia_search_get_status(b.search, &status);
    say("disk", (double)status.disk_used / (1 << 20), "MiB");
    lia_search_stop(b.search);
    lia_node_close(b.node, closed, NULL);
    while (!b.closed) uv_run(&b.loop, UV_RUN_ONCE);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    uv_loop_close(&b.loop);
    lia_search_close(b.search);
    nftw(b.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
