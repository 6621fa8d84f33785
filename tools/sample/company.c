/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sample/company.h"

#include <stdio.h>

#include "common/wire/json.h"
#include "tools/sample/dice.h"
#include "tools/sample/words.h"

#define USERS_PER_DEPARTMENT 6

const char *lia_sample_plural(lia_sample_kind kind)
{
    static const char *const names[] = {"users",     "products",  "segments",
                                        "campaigns", "customers", "interactions",
                                        "deals",     "tickets",   "tasks"};
    return names[kind];
}

uint64_t lia_sample_fixed_count(lia_sample_kind kind)
{
    switch (kind) {
    case LIA_SAMPLE_USERS:
        return 4 * USERS_PER_DEPARTMENT;
    case LIA_SAMPLE_PRODUCTS:
        return lia_article_count;
    case LIA_SAMPLE_SEGMENTS:
        return 6;
    case LIA_SAMPLE_CAMPAIGNS:
        return 12;
    default:
        return 0;
    }
}

void lia_sample_put_key(lia_buf *out, const lia_company *company, lia_sample_kind kind,
                        uint64_t number)
{
    lia_buf_format(out, "sample:%llu:%s:%llu", (unsigned long long)company->seed,
                   lia_sample_plural(kind), (unsigned long long)number);
}

/* ---- members --------------------------------------------------------------------------------- */

void lia_sample_put_text(lia_buf *out, const char *field, const char *text)
{
    lia_buf_format(out, "%s\"%s\":", out->data[out->size - 1] == '{' ? "" : ",", field);
    lia_json_put_text(out, lia_span_text(text));
}

void lia_sample_put_reference(lia_buf *out, const lia_company *company, const char *field,
                              lia_sample_kind kind, uint64_t number)
{
    char text[LIA_SAMPLE_REFERENCE_SIZE] = "";
    company->refer(company->context, kind, number, text);
    if (*text) lia_sample_put_text(out, field, text);
}

/* ---- users and products ---------------------------------------------------------------------- */

static void put_user(lia_buf *out, const lia_company *company, uint64_t number,
                     lia_department *department)
{
    lia_cast cast = lia_cast_make(company->seed, LIA_SAMPLE_USERS, number);
    const lia_culture *culture = &lia_cultures[lia_cast_below(&cast, lia_culture_count)];
    const lia_spelling *given = &culture->given[lia_cast_below(&cast, 12)];
    const lia_spelling *family = &culture->family[lia_cast_below(&cast, 12)];
    char name[160], mail[160];
    *department = (lia_department)(LIA_SALES + number / USERS_PER_DEPARTMENT);
    snprintf(name, sizeof name, "%s %s", given->name, family->name);
    snprintf(mail, sizeof mail, "%s.%s@example.com", given->mail, family->mail);
    lia_buf_byte(out, '{');
    lia_sample_put_text(out, "name", name);
    lia_sample_put_text(out, "email", mail);
    lia_sample_put_text(out, "department", lia_department_name(*department));
    lia_buf_format(out, ",\"number\":%llu}", (unsigned long long)number + 100);
}

static void put_product(lia_buf *out, uint64_t number)
{
    char sku[16];
    const lia_article *article = &lia_articles[number];
    snprintf(sku, sizeof sku, "EX-%04llu", (unsigned long long)number + 1000);
    lia_buf_byte(out, '{');
    lia_sample_put_text(out, "name", article->name);
    lia_sample_put_text(out, "sku", sku);
    lia_sample_put_text(out, "category", article->category);
    lia_buf_format(out, ",\"price\":{\"amount_minor\":%u,\"currency\":\"EUR\"}}",
                   article->price_minor);
}

/* ---- customers ------------------------------------------------------------------------------- */

/* Every 37th customer is the one before it, recorded again by another department: the same person
 * and e-mail, less of the rest. */
static uint64_t person_of(uint64_t customer)
{
    return customer % 37 == 36 ? customer - 1 : customer;
}

static lia_cast cast_of(const lia_company *company, uint64_t customer)
{
    return lia_cast_make(company->seed, LIA_SAMPLE_CUSTOMERS, person_of(customer));
}

size_t lia_sample_culture(const lia_company *company, uint64_t customer)
{
    lia_cast cast = cast_of(company, customer);
    uint64_t pick = lia_cast_below(&cast, 100); /* most customers live near the company */
    if (pick < 40) return 0;
    if (pick < 70) return 1 + pick % 4;
    return pick % lia_culture_count;
}

bool lia_sample_is_organization(const lia_company *company, uint64_t customer)
{
    lia_cast cast = cast_of(company, customer);
    lia_cast_next(&cast);
    return lia_cast_is(&cast, 25);
}

static void put_addresses(lia_buf *out, const lia_culture *culture, lia_cast *cast)
{
    char street[128], postcode[16];
    uint64_t house = 1 + lia_cast_below(cast, 180), code = 10000 + lia_cast_below(cast, 89999);
    snprintf(street, sizeof street, "%s %llu", culture->street, (unsigned long long)house);
    snprintf(postcode, sizeof postcode, "%llu", (unsigned long long)code);
    lia_buf_text(out, ",\"addresses\":[{\"label\":\"main\"");
    lia_sample_put_text(out, "street", street);
    lia_sample_put_text(out, "postcode", postcode);
    lia_sample_put_text(out, "city", culture->cities[lia_cast_below(cast, 6)]);
    lia_sample_put_text(out, "country", culture->country);
    lia_buf_text(out, "}]");
}

static void put_tags(lia_buf *out, lia_cast *cast)
{
    size_t first = lia_cast_below(cast, lia_tag_count), step = 1 + lia_cast_below(cast, 3);
    lia_buf_format(out, ",\"tags\":[\"%s\"", lia_tags[first]);
    if (lia_cast_is(cast, 30))
        lia_buf_format(out, ",\"%s\"", lia_tags[(first + step) % lia_tag_count]);
    lia_buf_byte(out, ']');
}

/* Phone numbers are the customer's number: no two are the same. */
static void put_contact(lia_buf *out, const char *mail, uint64_t person, lia_cast *cast)
{
    static const char *const channels[] = {"phone", "email", "chat", "post", "sms"};
    lia_buf_text(out, ",\"emails\":[{");
    lia_sample_put_text(out, "value", mail);
    lia_sample_put_text(out, "label", "work");
    lia_buf_text(out, "}]");
    if (lia_cast_is(cast, 70))
        lia_buf_format(out, ",\"phones\":[{\"value\":\"+999 %02llu %03llu %04llu\"}]",
                       (unsigned long long)(person / 10000000 % 100),
                       (unsigned long long)(person / 10000 % 1000),
                       (unsigned long long)(person % 10000));
    if (lia_cast_is(cast, 40))
        lia_sample_put_text(out, "preferred_channel", channels[lia_cast_below(cast, 5)]);
}

static void put_names(lia_buf *out, const lia_culture *culture, bool is_organization,
                      lia_cast *cast, uint64_t person, char *mail, size_t mail_size)
{
    char name[160];
    const lia_spelling *given = &culture->given[lia_cast_below(cast, 12)];
    const lia_spelling *family = &culture->family[lia_cast_below(cast, 12)];
    size_t trade = lia_cast_below(cast, lia_trade_count);
    unsigned long long number = (unsigned long long)person;
    if (is_organization) {
        char short_name[100];
        snprintf(short_name, sizeof short_name, "%s %s", family->name, lia_trades[trade]);
        snprintf(name, sizeof name, culture->company, short_name);
        snprintf(mail, mail_size, "office@%s-%llu.example.com", family->mail, number);
        lia_sample_put_text(out, "type", "organization");
        lia_sample_put_text(out, "name", name);
        return;
    }
    snprintf(mail, mail_size, "%s.%s.%llu@example.%s", given->mail, family->mail, number,
             person % 3 == 0   ? "com"
             : person % 3 == 1 ? "org"
                               : "net");
    lia_sample_put_text(out, "type", "person");
    lia_sample_put_text(out, "given_name", given->name);
    lia_sample_put_text(out, "family_name", family->name);
    if (lia_cast_is(cast, 35))
        lia_sample_put_text(out, "job_title",
                            lia_job_titles[lia_cast_below(cast, lia_job_title_count)]);
}

static void put_customer(lia_buf *out, const lia_company *company, uint64_t number,
                         lia_department *department)
{
    char mail[160];
    uint64_t person = person_of(number);
    bool is_twin = person != number;
    const lia_culture *culture = &lia_cultures[lia_sample_culture(company, number)];
    lia_cast cast = lia_cast_make(company->seed, 100, person);
    uint64_t pick = lia_cast_below(&cast, 100);
    *department = is_twin     ? LIA_MARKETING
                  : pick < 60 ? LIA_SALES
                  : pick < 85 ? LIA_MARKETING
                              : LIA_SERVICE;
    lia_buf_byte(out, '{');
    put_names(out, culture, lia_sample_is_organization(company, number), &cast, person, mail,
              sizeof mail);
    put_contact(out, mail, person, &cast);
    lia_sample_put_text(out, "country", culture->country);
    lia_sample_put_text(out, "language", culture->language);
    if (!is_twin) {
        put_addresses(out, culture, &cast);
        if (lia_cast_is(&cast, 45)) put_tags(out, &cast);
        lia_sample_put_reference(out, company, "owner", LIA_SAMPLE_USERS,
                                 lia_cast_below(&cast, USERS_PER_DEPARTMENT));
    }
    lia_buf_byte(out, '}');
}

/* ---- any record ------------------------------------------------------------------------------ */

bool lia_sample_put(lia_buf *out, const lia_company *company, lia_sample_kind kind, uint64_t number,
                    lia_department *department)
{
    switch (kind) {
    case LIA_SAMPLE_USERS:
        put_user(out, company, number, department);
        return true;
    case LIA_SAMPLE_CUSTOMERS:
        put_customer(out, company, number, department);
        return true;
    case LIA_SAMPLE_PRODUCTS:
        *department = LIA_SALES;
        put_product(out, number);
        return true;
    case LIA_SAMPLE_SEGMENTS:
        *department = LIA_MARKETING;
        return lia_sample_put_segment(out, number);
    case LIA_SAMPLE_CAMPAIGNS:
        *department = LIA_MARKETING;
        return lia_sample_put_campaign(out, company, number);
    case LIA_SAMPLE_INTERACTIONS:
        return lia_sample_put_interaction(out, company, number, department);
    case LIA_SAMPLE_DEALS:
        *department = LIA_SALES;
        return lia_sample_put_deal(out, company, number);
    case LIA_SAMPLE_TICKETS:
        *department = LIA_SERVICE;
        return lia_sample_put_ticket(out, company, number);
    case LIA_SAMPLE_TASKS:
        *department = number % 2 ? LIA_SALES : LIA_SERVICE;
        return lia_sample_put_task(out, company, number);
    default:
        return false;
    }
}
