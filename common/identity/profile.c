/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/profile.h"

#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/identity/profile_inner.h"

#define PHONE_TAIL   7
#define LOCAL_MIN    6 /* shorter local parts ("max", "mk") say little */
#define POSTCODE_MAX 12

static void add_trait(lia_traits *traits, lia_span normal, size_t key, bool verified, bool role)
{
    if (!normal.size || key == LIA_MATCH_KEYS_MAX || traits->count == LIA_TRAITS_MAX) return;
    for (size_t i = 0; i < traits->count; i++) {
        if (!lia_span_equal(traits->at[i].normal, normal)) continue;
        traits->at[i].verified |= verified;
        return;
    }
    traits->at[traits->count++] =
        (lia_trait){.normal = normal, .key = (uint8_t)key, .verified = verified, .role = role};
}

static void add_email(lia_profile *profile, const Crm__Email *email, lia_arena *arena)
{
    lia_span normal = lia_email_normal(lia_span_text(email->value), arena);
    if (!normal.size) return;
    bool verified = email->has_verified && email->verified;
    bool role = lia_email_is_role(normal);
    size_t key = lia_profile_key(profile, LIA_KEY_EMAIL, &normal, 1, verified && !role, arena);
    add_trait(&profile->emails, normal, key, verified, role);
    lia_span local = lia_span_make(normal.data, lia_email_local(normal));
    if (!role && local.size >= LOCAL_MIN)
        (void)lia_profile_key(profile, LIA_KEY_LOCAL, &local, 1, false, arena);
}

/* The last digits in front of an extension. */
static lia_span phone_tail(lia_span normal)
{
    const uint8_t *end = memchr(normal.data, ';', normal.size);
    size_t size = end ? (size_t)(end - normal.data) : normal.size;
    if (size <= PHONE_TAIL) return LIA_SPAN_NONE;
    return lia_span_make(normal.data + size - PHONE_TAIL, PHONE_TAIL);
}

static void add_phone(lia_profile *profile, const Crm__Phone *phone, lia_country home,
                      lia_arena *arena)
{
    lia_span normal = lia_phone_normal(lia_span_text(phone->value), home, arena);
    if (!normal.size) return;
    bool whole = normal.data[0] == '+';
    size_t key = lia_profile_key(profile, LIA_KEY_PHONE, &normal, 1, whole, arena);
    add_trait(&profile->phones, normal, key, phone->has_verified && phone->verified, false);
    lia_span tail = phone_tail(normal);
    if (tail.size) (void)lia_profile_key(profile, LIA_KEY_PHONE_TAIL, &tail, 1, false, arena);
}

static void add_handle(lia_profile *profile, const Crm__Handle *handle, lia_arena *arena)
{
    lia_span normal =
        lia_handle_normal(lia_span_text(handle->network), lia_span_text(handle->value), arena);
    if (!normal.size) return;
    size_t key = lia_profile_key(profile, LIA_KEY_HANDLE, &normal, 1, false, arena);
    add_trait(&profile->handles, normal, key, false, false);
}

static void add_number(lia_profile *profile, const Crm__ExternalId *number, lia_arena *arena)
{
    lia_span exact = lia_arena_copy(arena, lia_span_text(number->value));
    if (!exact.size) return;
    size_t key = lia_profile_key(profile, LIA_KEY_NUMBER, &exact, 1, true, arena);
    add_trait(&profile->numbers, exact, key, true, false);
}

/* ---- places --------------------------------------------------------------------------------- */

static const struct {
    const char *ending, *shorter;
} street_endings[] = {
    {"strasse", "str"}, {"street", "str"}, {"avenue", "ave"}, {"road", "rd"},
    {"straat", "str"},  {"platz", "pl"},   {"place", "pl"},   {"boulevard", "blvd"},
};

static bool ends_with(lia_span text, const char *ending)
{
    size_t size = strlen(ending);
    return text.size >= size && memcmp(text.data + text.size - size, ending, size) == 0;
}

static void add_street_word(lia_buf *out, lia_span word)
{
    for (size_t i = 0; i < LIA_COUNT(street_endings); i++) {
        if (!ends_with(word, street_endings[i].ending)) continue;
        word.size -= strlen(street_endings[i].ending);
        lia_buf_span(out, word);
        lia_buf_text(out, street_endings[i].shorter);
        return;
    }
    if (lia_span_is(word, "st")) word = LIA_SPAN("str");
    lia_buf_span(out, word);
}

/* Written together, so that "Hauptstraße 5", "Haupt-Str. 5" and "Haupt str 5" are one. */
static lia_span street_normal(const char *text, lia_arena *arena)
{
    lia_span rest = lia_text_normal(lia_span_text(text), arena);
    lia_buf out = lia_buf_make(arena);
    while (rest.size) {
        const uint8_t *blank = memchr(rest.data, ' ', rest.size);
        size_t size = blank ? (size_t)(blank - rest.data) : rest.size;
        add_street_word(&out, lia_span_make(rest.data, size));
        rest = lia_span_skip(rest, blank ? size + 1 : size);
    }
    return out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

static lia_span postcode_normal(const char *text, lia_arena *arena)
{
    lia_span folded = lia_text_normal(lia_span_text(text), arena);
    lia_buf out = lia_buf_make(arena);
    for (size_t i = 0; i < folded.size && out.size < POSTCODE_MAX; i++)
        if (folded.data[i] != ' ') lia_buf_byte(&out, folded.data[i]);
    return out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

static void add_place(lia_profile *profile, const Crm__Address *address, lia_arena *arena)
{
    if (profile->place_count == LIA_ADDRESSES_MAX) return;
    lia_place place = {
        .street = street_normal(address->street, arena),
        .postcode = postcode_normal(address->postcode, arena),
        .city = lia_text_normal(lia_span_text(address->city), arena),
    };
    lia_span house[2] = {place.street, place.postcode.size ? place.postcode : place.city};
    bool whole = house[0].size && house[1].size;
    place.key = (uint8_t)(whole ? lia_profile_key(profile, LIA_KEY_HOUSE, house, 2, false, arena)
                                : LIA_MATCH_KEYS_MAX);
    if (place.street.size || house[1].size) profile->places[profile->place_count++] = place;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static void add_name(lia_profile *profile, const Crm__Customer *customer, lia_arena *arena)
{
    lia_span full = lia_span_text(customer->name);
    if (profile->type == LIA_TYPE_ORGANIZATION)
        lia_name_of_organization(&profile->name, full);
    else
        lia_name_of_person(&profile->name, lia_span_text(customer->given_name),
                           lia_span_text(customer->family_name), full);
    lia_buf text = lia_buf_make(arena);
    for (size_t i = 0; i < profile->name.count; i++) {
        uint8_t word[3 * LIA_NAME_LETTERS_MAX];
        if (i) lia_buf_byte(&text, ' ');
        lia_buf_add(&text, word, lia_name_token_print(&profile->name.tokens[i], word));
    }
    profile->name_text = text.failed ? LIA_SPAN_NONE : lia_buf_get(&text);
}

/* Rounded down to days, also before 1970. */
static int32_t days_of(int64_t ms)
{
    int64_t days = ms / LIA_DAY_MS - (ms % LIA_DAY_MS < 0);
    return days > INT32_MAX ? INT32_MAX : days < INT32_MIN ? INT32_MIN : (int32_t)days;
}

static void add_facts(lia_profile *profile, const Crm__Customer *customer, lia_arena *arena)
{
    if (customer->has_type)
        profile->type = customer->type == CRM__CUSTOMER_TYPE__CUSTOMER_TYPE_ORGANIZATION
                            ? LIA_TYPE_ORGANIZATION
                            : LIA_TYPE_PERSON;
    profile->country = lia_country_read(lia_span_text(customer->country));
    for (size_t i = 0; i < customer->n_addresses && !lia_country_known(profile->country); i++)
        profile->country = lia_country_read(lia_span_text(customer->addresses[i]->country));
    profile->has_birthday = customer->has_birthday;
    if (customer->has_birthday) profile->birthday = days_of(customer->birthday);
    if (customer->has_organization)
        profile->organization =
            lia_id_from(lia_span_make(customer->organization.data, customer->organization.len));
    if (profile->type == LIA_TYPE_ORGANIZATION)
        profile->host = lia_host_normal(lia_span_text(customer->website), arena);
}

static size_t at_most(size_t count)
{
    return count < LIA_TRAITS_MAX ? count : LIA_TRAITS_MAX;
}

lia_err lia_profile_make(lia_profile *profile, lia_id id, const Crm__Customer *customer,
                         lia_country home, lia_arena *arena)
{
    *profile = (lia_profile){.id = id, .name_key = LIA_MATCH_KEYS_MAX};
    add_facts(profile, customer, arena);
    add_name(profile, customer, arena);
    for (size_t i = 0; i < customer->n_addresses; i++)
        add_place(profile, customer->addresses[i], arena);
    if (lia_country_known(profile->country)) home = profile->country;
    for (size_t i = 0; i < at_most(customer->n_external_ids); i++)
        add_number(profile, customer->external_ids[i], arena);
    for (size_t i = 0; i < at_most(customer->n_emails); i++)
        add_email(profile, customer->emails[i], arena);
    for (size_t i = 0; i < at_most(customer->n_phones); i++)
        add_phone(profile, customer->phones[i], home, arena);
    for (size_t i = 0; i < at_most(customer->n_handles); i++)
        add_handle(profile, customer->handles[i], arena);
    if (profile->host.size)
        (void)lia_profile_key(profile, LIA_KEY_HOST, &profile->host, 1, false, arena);
    lia_profile_name_keys(profile, arena);
    return arena->exhausted ? LIA_EFULL : LIA_OK;
}
