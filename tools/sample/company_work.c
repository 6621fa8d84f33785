/* SPDX-License-Identifier: Apache-2.0 */
/* What departments own: segments and campaigns, deals, tickets, and everybody's tasks. */
#include <stdio.h>

#include "tools/sample/company.h"
#include "tools/sample/dice.h"
#include "tools/sample/words.h"

static const struct {
    const char *name, *filter, *text;
} segments[] = {
    {"Regular buyers", "class.purchases >= 3", "Three purchases or more."},
    {"Newsletter readers", "tags:\"newsletter\"", "Asked for the newsletter."},
    {"Organizations", "type = organization", "Companies, schools, authorities."},
    {"Germany", "country = \"DE\"", "Everybody who lives in Germany."},
    {"Champions", "class.name = \"champion\"", "Bought lately, often and much."},
    {"At risk", "class.name = \"at risk\"", "Bought much, but not lately."},
};

bool lia_sample_put_segment(lia_buf *out, uint64_t number)
{
    lia_buf_byte(out, '{');
    lia_sample_put_text(out, "name", segments[number].name);
    lia_sample_put_text(out, "filter", segments[number].filter);
    lia_sample_put_text(out, "text", segments[number].text);
    lia_buf_byte(out, '}');
    return true;
}

static void put_time(lia_buf *out, const lia_company *company, const char *field, int64_t days)
{
    char text[LIA_TIME_TEXT_SIZE];
    lia_time_print((lia_time){company->until.ms + days * LIA_DAY_MS + 9 * LIA_HOUR_MS}, text);
    lia_sample_put_text(out, field, text);
}

bool lia_sample_put_campaign(lia_buf *out, const lia_company *company, uint64_t number)
{
    static const char *const themes[] = {"Spring light", "Back to the office",
                                         "Quiet weeks",  "Green desks",
                                         "Summer sale",  "New year, new chair"};
    static const char *const channels[] = {"email", "post", "social", "web"};
    char name[80];
    lia_cast cast = lia_cast_make(company->seed, LIA_SAMPLE_CAMPAIGNS, number);
    int64_t begins = -700 + (int64_t)number * 60;
    snprintf(name, sizeof name, "%s %llu", themes[number % LIA_COUNT(themes)],
             (unsigned long long)number / LIA_COUNT(themes) + 1);
    lia_buf_byte(out, '{');
    lia_sample_put_text(out, "name", name);
    lia_sample_put_text(out, "channel", channels[lia_cast_below(&cast, LIA_COUNT(channels))]);
    lia_sample_put_reference(out, company, "segment", LIA_SAMPLE_SEGMENTS,
                             lia_cast_below(&cast, LIA_COUNT(segments)));
    lia_buf_format(out, ",\"budget\":{\"amount_minor\":%llu,\"currency\":\"EUR\"}",
                   (unsigned long long)(5 + lia_cast_below(&cast, 40)) * 50000);
    put_time(out, company, "starts_at", begins);
    put_time(out, company, "ends_at", begins + 45);
    lia_buf_byte(out, '}');
    return true;
}

/* ---- deals ----------------------------------------------------------------------------------- */

static lia_cast deal_cast(const lia_company *company, uint64_t number)
{
    return lia_cast_make(company->seed, LIA_SAMPLE_DEALS, number);
}

bool lia_sample_put_deal(lia_buf *out, const lia_company *company, uint64_t number)
{
    char name[120];
    lia_cast cast = deal_cast(company, number);
    bool is_organization = lia_sample_is_organization(company, number);
    if (!lia_cast_is(&cast, is_organization ? 60 : 12)) return false;
    lia_cast_next(&cast); /* the outcome */
    const lia_article *article = &lia_articles[lia_cast_below(&cast, lia_article_count)];
    unsigned long long pieces = 1 + lia_cast_below(&cast, is_organization ? 60 : 5);
    snprintf(name, sizeof name, "%llu x %s", pieces, article->name);
    lia_buf_byte(out, '{');
    lia_sample_put_text(out, "name", name);
    lia_sample_put_reference(out, company, "customer", LIA_SAMPLE_CUSTOMERS, number);
    lia_buf_format(out, ",\"amount\":{\"amount_minor\":%llu,\"currency\":\"EUR\"}",
                   pieces * article->price_minor);
    put_time(out, company, "close_at", -30 + (int64_t)lia_cast_below(&cast, 120));
    lia_sample_put_reference(out, company, "owner", LIA_SAMPLE_USERS, lia_cast_below(&cast, 6));
    lia_buf_byte(out, '}');
    return true;
}

static size_t deal_verbs(lia_cast *cast, lia_sample_verb *verbs)
{
    static const char *const stages[] = {"{\"stage\":\"Propose\"}", "{\"stage\":\"Negotiate\"}",
                                         "{\"stage\":\"Commit\"}"};
    static const char *const reasons[] = {
        "{\"reason\":\"price\"}", "{\"reason\":\"competitor\"}", "{\"reason\":\"no_budget\"}",
        "{\"reason\":\"no_decision\"}", "{\"reason\":\"no_answer\"}"};
    size_t count = 0, steps = lia_cast_below(cast, 4);
    for (; count < steps; count++) verbs[count] = (lia_sample_verb){"advance", stages[count]};
    uint64_t end = lia_cast_below(cast, 100);
    if (end < 30)
        verbs[count++] = (lia_sample_verb){"win", "{}"};
    else if (end < 60)
        verbs[count++] =
            (lia_sample_verb){"lose", reasons[lia_cast_below(cast, LIA_COUNT(reasons))]};
    return count;
}

/* ---- tickets --------------------------------------------------------------------------------- */

static void put_saying(lia_buf *out, const char *type, const char *subject_field, lia_cast *cast)
{
    size_t count;
    char subject[160], text[400];
    const lia_saying *list = lia_sayings(type, &count);
    const lia_saying *saying = &list[lia_cast_below(cast, count)];
    const char *article = lia_articles[lia_cast_below(cast, lia_article_count)].name;
    snprintf(subject, sizeof subject, saying->subject, article);
    snprintf(text, sizeof text, saying->text, article);
    lia_sample_put_text(out, subject_field, subject);
    lia_sample_put_text(out, "text", text);
}

bool lia_sample_put_ticket(lia_buf *out, const lia_company *company, uint64_t number)
{
    static const char *const priorities[] = {"normal", "normal", "normal", "low", "high", "urgent"};
    static const char *const channels[] = {"email", "phone", "chat", "web"};
    lia_cast cast = lia_cast_make(company->seed, LIA_SAMPLE_TICKETS, number);
    if (!lia_cast_is(&cast, 18)) return false;
    lia_buf_byte(out, '{');
    put_saying(out, "ticket", "subject", &cast);
    lia_sample_put_reference(out, company, "customer", LIA_SAMPLE_CUSTOMERS, number);
    lia_sample_put_text(out, "priority", priorities[lia_cast_below(&cast, LIA_COUNT(priorities))]);
    lia_sample_put_text(out, "channel", channels[lia_cast_below(&cast, LIA_COUNT(channels))]);
    lia_sample_put_reference(out, company, "owner", LIA_SAMPLE_USERS,
                             12 + lia_cast_below(&cast, 6));
    lia_buf_byte(out, '}');
    return true;
}

static size_t ticket_verbs(lia_cast *cast, lia_sample_verb *verbs)
{
    static const char answer[] = "{\"text\":\"Thank you for telling us. We look into it and come "
                                 "back to you today.\",\"channel\":\"email\"}";
    uint64_t end = lia_cast_below(cast, 100);
    size_t count = 0;
    if (end < 15) return 0;
    verbs[count++] = (lia_sample_verb){"respond", answer};
    if (end < 35) return count;
    if (end < 45) {
        verbs[count++] = (lia_sample_verb){"wait", "{}"};
        return count;
    }
    verbs[count++] = (lia_sample_verb){"resolve", "{}"};
    if (end < 75) verbs[count++] = (lia_sample_verb){"close", "{}"};
    return count;
}

size_t lia_sample_verbs(const lia_company *company, lia_sample_kind kind, uint64_t number,
                        lia_sample_verb verbs[LIA_SAMPLE_VERBS_MAX])
{
    lia_cast cast = lia_cast_make(company->seed, 300 + kind, number);
    if (kind == LIA_SAMPLE_DEALS) return deal_verbs(&cast, verbs);
    return kind == LIA_SAMPLE_TICKETS ? ticket_verbs(&cast, verbs) : 0;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

bool lia_sample_put_task(lia_buf *out, const lia_company *company, uint64_t number)
{
    lia_cast cast = lia_cast_make(company->seed, LIA_SAMPLE_TASKS, number);
    if (!lia_cast_is(&cast, 12)) return false;
    lia_buf_byte(out, '{');
    put_saying(out, "task", "title", &cast);
    lia_sample_put_reference(out, company, "customer", LIA_SAMPLE_CUSTOMERS, number);
    lia_sample_put_reference(out, company, "owner", LIA_SAMPLE_USERS,
                             (number % 2 ? 0 : 12) + lia_cast_below(&cast, 6));
    put_time(out, company, "due_at", -5 + (int64_t)lia_cast_below(&cast, 40));
    lia_buf_byte(out, '}');
    return true;
}
