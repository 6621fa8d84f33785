/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/match.h"

#include "common/base/time.h"
#include "common/identity/match_inner.h"
#include "common/identity/similar.h"

#define RARE_STEP 1 /* up to three holders: one customer in several departments */
#define LOCAL_MIN 6 /* letters that make a local part worth comparing */

const lia_model LIA_MODEL_DEFAULT = {
    .version = 2,
    .link = 28 * LIA_BIT,
    .ask = 8 * LIA_BIT,
    .weights =
        {
#define X(outcome, name, field, text, bits) [outcome] = (bits)*LIA_BIT,
            LIA_OUTCOMES(X)
#undef X
        },
    .common = -LIA_BIT,
    .common_name = -21,
    .close = 900,
    .alike = 850,
    .close_local = 920,
};

static const struct {
    const char *name, *field, *text;
} outcomes[] = {
#define X(outcome, name, field, text, bits) [outcome] = {name, field, text},
    LIA_OUTCOMES(X)
#undef X
};

const char *lia_outcome_name(lia_outcome outcome)
{
    return outcomes[outcome].name;
}
const char *lia_outcome_field(lia_outcome outcome)
{
    return outcomes[outcome].field;
}
const char *lia_outcome_text(lia_outcome outcome)
{
    return outcomes[outcome].text;
}

lia_outcome lia_outcome_find(const char *name)
{
    size_t at = 0;
    while (at < LIA_OUTCOME_COUNT && strcmp(outcomes[at].name, name) != 0) at++;
    return (lia_outcome)at;
}

void lia_match_add(lia_comparison *pair, lia_outcome outcome, int more, lia_span a, lia_span b)
{
    lia_match *match = pair->match;
    int weight = pair->model->weights[outcome] + more;
    match->score += weight;
    if (match->reason_count < LIA_REASONS_MAX)
        match->reasons[match->reason_count++] =
            (lia_reason){.outcome = outcome, .weight = (int16_t)weight, .a = a, .b = b};
}

/* ---- traits --------------------------------------------------------------------------------- */

/* Equal keys that are certain on both sides hold a certain rule, unless they are a hub's. */
static void note_rule(lia_comparison *pair, const lia_match_key *a, const lia_match_key *b)
{
    uint32_t holders = a->holders > b->holders ? a->holders : b->holders;
    if (!a->certain || !b->certain || holders > LIA_MATCH_HOLDERS_MAX) return;
    pair->match->certain = true;
    pair->rare |= lia_holders_step(holders) <= RARE_STEP;
}

/* The value that both have, with the rarest key where there are several: by steps, since the score
 * must not depend on more. */
static bool find_shared(lia_comparison *pair, const lia_traits *a, const lia_traits *b,
                        size_t *at_a, size_t *at_b)
{
    unsigned fewest = LIA_HOLDER_STEPS;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            if (!lia_span_equal(a->at[i].normal, b->at[j].normal)) continue;
            const lia_match_key *key = &pair->a->keys[a->at[i].key];
            note_rule(pair, key, &pair->b->keys[b->at[j].key]);
            unsigned step = lia_holders_step(key->holders);
            if (step >= fewest) continue;
            fewest = step;
            *at_a = i;
            *at_b = j;
        }
    return fewest < LIA_HOLDER_STEPS;
}

/* Adds the weight of a shared value, less for each step of its holders. */
static void add_shared(lia_comparison *pair, lia_outcome outcome, const lia_trait *a,
                       const lia_trait *b)
{
    unsigned step = lia_holders_step(pair->a->keys[a->key].holders);
    lia_match_add(pair, outcome, pair->model->common * (int)step, a->normal, b->normal);
}

static lia_span local_of(const lia_trait *email)
{
    return lia_span_make(email->normal.data, lia_email_local(email->normal));
}

/* The next digit, or 0 at the end. */
static uint8_t next_digit(lia_span *text)
{
    while (text->size) {
        uint8_t byte = text->data[0];
        *text = lia_span_skip(*text, 1);
        if (byte >= '0' && byte <= '9') return byte;
    }
    return 0;
}

/* Numbers in names of mailboxes tell people of one name apart. */
static bool same_digits(lia_span a, lia_span b)
{
    uint8_t left, right;
    do {
        left = next_digit(&a);
        right = next_digit(&b);
    } while (left && left == right);
    return left == right;
}

static bool same_domain(const lia_trait *a, const lia_trait *b)
{
    size_t left = lia_email_local(a->normal), right = lia_email_local(b->normal);
    return lia_span_equal(lia_span_skip(a->normal, left), lia_span_skip(b->normal, right));
}

/* Compares the parts in front of the @, where they are of persons and long enough. */
static lia_outcome compare_locals(const lia_comparison *pair, const lia_trait *a,
                                  const lia_trait *b)
{
    lia_span left = local_of(a), right = local_of(b);
    if (a->role || b->role) return LIA_EMAIL_OTHER;
    lia_outcome other = same_domain(a, b) ? LIA_EMAIL_NEIGHBOUR : LIA_EMAIL_OTHER;
    if (left.size < LOCAL_MIN || right.size < LOCAL_MIN) return other;
    if (lia_span_equal(left, right)) return LIA_EMAIL_LOCAL;
    size_t longer = left.size > right.size ? left.size - right.size : right.size - left.size;
    if (other == LIA_EMAIL_NEIGHBOUR && longer > 1) return other; /* more than a slip */
    bool close =
        same_digits(left, right) && lia_similar_bytes(left, right) >= pair->model->close_local;
    return close ? LIA_EMAIL_CLOSE : other;
}

static void compare_emails(lia_comparison *pair)
{
    const lia_traits *a = &pair->a->emails, *b = &pair->b->emails;
    size_t i = 0, j = 0;
    if (!a->count || !b->count) return;
    if (find_shared(pair, a, b, &i, &j)) {
        add_shared(pair, a->at[i].role ? LIA_EMAIL_ROLE : LIA_EMAIL_SAME, &a->at[i], &b->at[j]);
        return;
    }
    lia_outcome best = LIA_OUTCOME_COUNT;
    for (size_t l = 0; l < a->count; l++)
        for (size_t r = 0; r < b->count; r++) {
            lia_outcome is = compare_locals(pair, &a->at[l], &b->at[r]);
            if (is >= best) continue;
            best = is;
            i = l;
            j = r;
        }
    lia_match_add(pair, best, 0, a->at[i].normal, b->at[j].normal);
}

/* Do they end alike (a lost or wrong area code)? */
static bool same_tail(lia_span a, lia_span b)
{
    return a.size > 7 && b.size > 7 && memcmp(a.data + a.size - 7, b.data + b.size - 7, 7) == 0;
}

static void note_crowd(lia_comparison *pair, const lia_trait *phone)
{
    unsigned step = lia_holders_step(pair->a->keys[phone->key].holders);
    const lia_match *match = pair->match;
    if (step > RARE_STEP) pair->crowd = match->reasons[match->reason_count - 1].weight;
}

static void compare_phones(lia_comparison *pair)
{
    const lia_traits *a = &pair->a->phones, *b = &pair->b->phones;
    size_t i = 0, j = 0;
    if (!a->count || !b->count) return;
    if (find_shared(pair, a, b, &i, &j)) {
        add_shared(pair, LIA_PHONE_SAME, &a->at[i], &b->at[j]);
        note_crowd(pair, &a->at[i]);
        return;
    }
    for (i = 0; i < a->count; i++)
        for (j = 0; j < b->count; j++)
            if (same_tail(a->at[i].normal, b->at[j].normal)) {
                lia_match_add(pair, LIA_PHONE_TAIL, 0, a->at[i].normal, b->at[j].normal);
                return;
            }
    lia_match_add(pair, LIA_PHONE_OTHER, 0, a->at[0].normal, b->at[0].normal);
}

static void compare_own(lia_comparison *pair, const lia_traits *a, const lia_traits *b,
                        lia_outcome outcome)
{
    size_t i = 0, j = 0;
    if (!find_shared(pair, a, b, &i, &j)) return;
    add_shared(pair, outcome, &a->at[i], &b->at[j]);
    const lia_match_key *key = &pair->a->keys[a->at[i].key];
    pair->own |= key->holders <= LIA_MATCH_HOLDERS_MAX;
}

/* ---- places, birthdays, the rest --------------------------------------------------------------
 */

static bool both_equal(lia_span a, lia_span b)
{
    return a.size && lia_span_equal(a, b);
}

static lia_span digits_from(lia_span text)
{
    while (text.size && (text.data[0] < '0' || text.data[0] > '9')) text = lia_span_skip(text, 1);
    return text;
}

/* A misspelt street with the same house number counts. */
static bool same_house(const lia_model *model, lia_span a, lia_span b)
{
    lia_span number_a = digits_from(a), number_b = digits_from(b);
    if (!a.size || !b.size || !lia_span_equal(number_a, number_b)) return false;
    a.size -= number_a.size;
    b.size -= number_b.size;
    return lia_span_equal(a, b) || lia_similar_bytes(a, b) >= model->close;
}

static bool same_street(lia_span a, lia_span b)
{
    a.size -= digits_from(a).size;
    b.size -= digits_from(b).size;
    return both_equal(a, b);
}

static lia_outcome compare_place(const lia_model *model, const lia_place *a, const lia_place *b)
{
    bool postcode = both_equal(a->postcode, b->postcode), city = both_equal(a->city, b->city);
    if (postcode || city) {
        if (same_house(model, a->street, b->street)) return LIA_ADDRESS_HOUSE;
        if (same_street(a->street, b->street)) return LIA_ADDRESS_STREET;
    }
    if (postcode) return LIA_ADDRESS_POSTCODE;
    return city ? LIA_ADDRESS_CITY : LIA_ADDRESS_OTHER;
}

static lia_span shown(const lia_place *place)
{
    if (place->street.size) return place->street;
    return place->postcode.size ? place->postcode : place->city;
}

/* How many live or work there. */
static unsigned house_step(const lia_profile *profile, const lia_place *place)
{
    return place->key < LIA_MATCH_KEYS_MAX ? lia_holders_step(profile->keys[place->key].holders)
                                           : 0;
}

static void compare_places(lia_comparison *pair)
{
    lia_outcome best = LIA_OUTCOME_COUNT;
    const lia_place *a = NULL, *b = NULL;
    for (size_t i = 0; i < pair->a->place_count; i++)
        for (size_t j = 0; j < pair->b->place_count; j++) {
            lia_outcome is = compare_place(pair->model, &pair->a->places[i], &pair->b->places[j]);
            if (is >= best) continue;
            best = is;
            a = &pair->a->places[i];
            b = &pair->b->places[j];
        }
    if (!a) return;
    unsigned left = house_step(pair->a, a), right = house_step(pair->b, b);
    int less =
        best == LIA_ADDRESS_HOUSE ? pair->model->common * (int)(left > right ? left : right) : 0;
    int weight = pair->model->weights[best] + less;
    if (weight > 0 && pair->crowd > 0) less -= weight < pair->crowd ? weight : pair->crowd;
    lia_match_add(pair, best, less, shown(a), shown(b));
}

/* Day and month swapped, or one of day, month and year wrong. */
static bool close_days(int32_t a, int32_t b)
{
    int64_t year_a, year_b;
    unsigned month_a, month_b, day_a, day_b;
    lia_date_from_days(a, &year_a, &month_a, &day_a);
    lia_date_from_days(b, &year_b, &month_b, &day_b);
    if (year_a == year_b && day_a == month_b && month_a == day_b) return true;
    return (year_a == year_b) + (month_a == month_b) + (day_a == day_b) == 2;
}

static void compare_birthdays(lia_comparison *pair)
{
    const lia_profile *a = pair->a, *b = pair->b;
    if (!a->has_birthday || !b->has_birthday) return;
    lia_outcome outcome = a->birthday == b->birthday             ? LIA_BIRTHDAY_SAME
                          : close_days(a->birthday, b->birthday) ? LIA_BIRTHDAY_CLOSE
                                                                 : LIA_BIRTHDAY_OTHER;
    pair->own |= outcome == LIA_BIRTHDAY_SAME;
    pair->conflict |= outcome != LIA_BIRTHDAY_SAME;
    lia_match_add(pair, outcome, 0, LIA_SPAN_NONE, LIA_SPAN_NONE);
}

static void compare_rest(lia_comparison *pair)
{
    const lia_profile *a = pair->a, *b = pair->b;
    if (lia_country_known(a->country) && lia_country_known(b->country) &&
        !lia_country_equal(a->country, b->country))
        lia_match_add(pair, LIA_COUNTRY_OTHER, 0, lia_span_make(a->country.code, 2),
                      lia_span_make(b->country.code, 2));
    if (!lia_id_is_none(a->organization) && lia_id_equal(a->organization, b->organization))
        lia_match_add(pair, LIA_ORGANIZATION_SAME, 0, LIA_SPAN_NONE, LIA_SPAN_NONE);
    if (both_equal(a->host, b->host)) lia_match_add(pair, LIA_HOST_SAME, 0, a->host, b->host);
    if (a->type && b->type && a->type != b->type) {
        pair->conflict = true;
        lia_match_add(pair, LIA_TYPE_OTHER, 0, LIA_SPAN_NONE, LIA_SPAN_NONE);
    }
}

/* ---- verdict -------------------------------------------------------------------------------- */

static lia_verdict decide(const lia_comparison *pair)
{
    const lia_match *match = pair->match;
    bool enough = match->score >= pair->model->link;
    bool worth = match->score >= pair->model->ask;
    bool link = false;
    switch (pair->names) {
    case LIA_NAMES_ABSENT:
        link = match->certain;
        break;
    case LIA_NAMES_AGREE:
        link = pair->rare || enough;
        break;
    case LIA_NAMES_MISSPELT:
        link = pair->rare || (pair->own && enough);
        break;
    case LIA_NAMES_DOUBT:
        link = pair->own && enough;
        break;
    case LIA_NAMES_MOVED:
        break;
    case LIA_NAMES_DIFFER:
        return pair->own && worth ? LIA_MATCH_ASK : LIA_MATCH_APART;
    }
    if (link && !pair->conflict) return LIA_MATCH_LINK;
    return worth || link ? LIA_MATCH_ASK : LIA_MATCH_NOTHING;
}

/* A fixed one of the two goes first, so that no tie depends on who asked. */
static bool goes_first(const lia_profile *a, const lia_profile *b)
{
    int order = memcmp(&a->id, &b->id, sizeof a->id);
    return order ? order < 0 : memcmp(&a->name, &b->name, sizeof a->name) <= 0;
}

static void turn_around(lia_match *match)
{
    for (size_t i = 0; i < match->reason_count; i++) {
        lia_span keep = match->reasons[i].a;
        match->reasons[i].a = match->reasons[i].b;
        match->reasons[i].b = keep;
    }
}

void lia_match_make(lia_match *match, const lia_profile *a, const lia_profile *b,
                    const lia_model *model)
{
    bool straight = goes_first(a, b);
    lia_comparison pair = {
        .a = straight ? a : b, .b = straight ? b : a, .model = model, .match = match};
    match->certain = false;
    match->score = 0;
    match->reason_count = 0;
    compare_own(&pair, &pair.a->numbers, &pair.b->numbers, LIA_NUMBER_SAME);
    compare_own(&pair, &pair.a->handles, &pair.b->handles, LIA_HANDLE_SAME);
    compare_emails(&pair);
    compare_phones(&pair);
    lia_match_names(&pair);
    compare_birthdays(&pair);
    compare_places(&pair);
    compare_rest(&pair);
    match->verdict = decide(&pair);
    if (!straight) turn_around(match);
}

bool lia_match_asks_holders(const lia_profile *profile, size_t key)
{
    bool asks = key == profile->name_key;
    for (size_t i = 0; i < profile->place_count; i++) asks |= key == profile->places[i].key;
    return asks;
}

bool lia_match_candidates(const lia_profile *a, const lia_profile *b)
{
    for (size_t i = 0; i < a->key_count; i++) {
        if (a->keys[i].holders > LIA_MATCH_HOLDERS_MAX) continue;
        for (size_t j = 0; j < b->key_count; j++)
            if (lia_span_equal(a->keys[i].bytes, b->keys[j].bytes)) return true;
    }
    return false;
}
