/* SPDX-License-Identifier: Apache-2.0 */
/* Interactions: which, when, and what was said. */
#include <math.h>
#include <stdio.h>

#include "common/wire/json.h"
#include "tools/sample/company.h"
#include "tools/sample/dice.h"
#include "tools/sample/words.h"

#define DAYS 730

/* A table of all types with their share in a thousand; trade is what carries money. */
static const struct {
    const char *type, *channel;
    unsigned share;
    lia_department department;
    bool office_hours, trade;
} kinds[] = {
    {"page_view", "web", 300, LIA_MARKETING, false, false},
    {"email", "email", 170, LIA_SALES, true, false},
    {"call", "phone", 130, LIA_SALES, true, false},
    {"purchase", "web", 110, LIA_SALES, false, true},
    {"payment", "web", 60, LIA_SALES, true, true},
    {"chat", "chat", 60, LIA_SERVICE, true, false},
    {"message", "sms", 30, LIA_SERVICE, true, false},
    {"note", NULL, 35, LIA_SALES, true, false},
    {"visit", "in_person", 25, LIA_SALES, true, false},
    {"form", "web", 20, LIA_MARKETING, false, false},
    {"post", "social", 20, LIA_MARKETING, false, false},
    {"meeting", "in_person", 15, LIA_SALES, true, false},
    {"return", "post", 15, LIA_SERVICE, true, true},
    {"letter", "post", 10, LIA_SERVICE, true, false},
};

uint64_t lia_sample_interactions(const lia_company *company, uint64_t customer)
{
    lia_cast cast = lia_cast_make(company->seed, 200, customer);
    double u = ((double)lia_cast_below(&cast, 1000000) + 1) / 1000001;
    uint64_t count = (uint64_t)(3 * pow(u, -0.6)); /* a power law: 7 on average, hundreds for few */
    return count < LIA_SAMPLE_INTERACTIONS_MAX ? count : LIA_SAMPLE_INTERACTIONS_MAX;
}

static size_t pick_kind(lia_cast *cast)
{
    uint64_t pick = lia_cast_below(cast, 1000);
    size_t i = 0;
    while (i + 1 < LIA_COUNT(kinds) && pick >= kinds[i].share) pick -= kinds[i++].share;
    return i;
}

/* More often lately than long ago. Offices are open on weekdays from 8 to 18. */
static lia_time pick_time(const lia_company *company, lia_cast *cast, bool office_hours)
{
    double u = (double)lia_cast_below(cast, 1000000) / 1000000;
    int64_t ago = 1 + (int64_t)(DAYS * pow(u, 1.3));
    int64_t day = company->until.ms / LIA_DAY_MS - ago;
    int64_t weekday = (day + 3) % 7; /* 0: Monday; 1970-01-01 was a Thursday */
    if (office_hours && weekday > 4) day -= weekday - 4;
    int64_t minute =
        office_hours ? 8 * 60 + (int64_t)lia_cast_below(cast, 600)
                     : 6 * 60 + (int64_t)(lia_cast_below(cast, 540) + lia_cast_below(cast, 540));
    int64_t second = (int64_t)lia_cast_below(cast, 60);
    return (lia_time){day * LIA_DAY_MS + minute * LIA_MINUTE_MS + second * LIA_SECOND_MS};
}

static void put_saying(lia_buf *out, const char *type, const char *article,
                       const lia_culture *culture, lia_cast *cast)
{
    size_t count;
    char subject[160], text[400];
    const lia_saying *list = lia_sayings(type, &count);
    if (!list) return;
    const lia_saying *saying = &list[lia_cast_below(cast, count)];
    int size = snprintf(text, sizeof text, "%s", "");
    bool greets = strcmp(type, "email") == 0 || strcmp(type, "chat") == 0;
    if (greets) size = snprintf(text, sizeof text, "%s! ", culture->hello);
    size += snprintf(text + size, sizeof text - (size_t)size, saying->text, article);
    if (greets && lia_cast_is(cast, 50))
        snprintf(text + size, sizeof text - (size_t)size, " %s.", culture->thanks);
    snprintf(subject, sizeof subject, saying->subject, article);
    lia_sample_put_text(out, "subject", subject);
    lia_sample_put_text(out, "text", text);
}

static void put_trade(lia_buf *out, uint64_t product, uint64_t number, lia_cast *cast)
{
    unsigned quantity = 1 + (unsigned)(lia_cast_is(cast, 30) ? lia_cast_below(cast, 11) : 0);
    unsigned long long price = lia_articles[product].price_minor;
    char reference[40];
    snprintf(reference, sizeof reference, "EX-%llu", (unsigned long long)number);
    lia_buf_format(out, ",\"quantity\":%u,\"amount\":{\"amount_minor\":%llu,\"currency\":\"EUR\"}",
                   quantity, price * quantity);
    lia_sample_put_text(out, "reference", reference);
}

static void put_items(lia_buf *out, const lia_company *company, uint64_t product)
{
    lia_buf_text(out, ",\"items\":[{");
    lia_buf_format(out, "\"sku\":\"EX-%04llu\"", (unsigned long long)product + 1000);
    lia_sample_put_text(out, "name", lia_articles[product].name);
    lia_sample_put_reference(out, company, "product", LIA_SAMPLE_PRODUCTS, product);
    lia_buf_text(out, "}]");
}

bool lia_sample_put_interaction(lia_buf *out, const lia_company *company, uint64_t number,
                                lia_department *department)
{
    char when[LIA_TIME_TEXT_SIZE], url[80];
    uint64_t customer = number / LIA_SAMPLE_INTERACTIONS_MAX;
    lia_cast cast = lia_cast_make(company->seed, LIA_SAMPLE_INTERACTIONS, number);
    size_t kind = pick_kind(&cast);
    const char *type = kinds[kind].type;
    uint64_t product = lia_cast_below(&cast, lia_article_count);
    const lia_culture *culture = &lia_cultures[lia_sample_culture(company, customer)];
    lia_time_print(pick_time(company, &cast, kinds[kind].office_hours), when);
    *department = kinds[kind].department;

    lia_buf_byte(out, '{');
    lia_sample_put_reference(out, company, "customer", LIA_SAMPLE_CUSTOMERS, customer);
    lia_sample_put_text(out, "type", type);
    if (kinds[kind].channel) lia_sample_put_text(out, "channel", kinds[kind].channel);
    lia_sample_put_text(out, "direction", lia_cast_is(&cast, 65) ? "inbound" : "outbound");
    lia_sample_put_text(out, "occurred_at", when);
    put_saying(out, type, lia_articles[product].name, culture, &cast);
    if (kinds[kind].trade) put_trade(out, product, number, &cast);
    if (strcmp(type, "purchase") == 0) put_items(out, company, product);
    if (strcmp(type, "call") == 0)
        lia_buf_format(out, ",\"duration_ms\":%llu",
                       (unsigned long long)(20 + lia_cast_below(&cast, 1200)) * 1000);
    if (strcmp(type, "page_view") == 0) {
        snprintf(url, sizeof url, "https://shop.example.com/p/EX-%04llu",
                 (unsigned long long)product + 1000);
        lia_sample_put_text(out, "url", url);
    }
    lia_buf_byte(out, '}');
    return true;
}
