/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/propose.h"

#include <stdio.h>

#define WORD_SIZE 48

/* Of customers; a path with '#' takes the next element of its list. */
static const struct {
    const char *word, *path;
} words[] = {
    {"firstname", "given_name"},
    {"givenname", "given_name"},
    {"vorname", "given_name"},
    {"prenom", "given_name"},
    {"nombre", "given_name"},
    {"forename", "given_name"},
    {"lastname", "family_name"},
    {"surname", "family_name"},
    {"familyname", "family_name"},
    {"nachname", "family_name"},
    {"nom", "family_name"},
    {"apellido", "family_name"},
    {"fullname", "name"},
    {"contactname", "name"},
    {"displayname", "name"},
    {"customername", "name"},
    {"email", "emails#.value"},
    {"mail", "emails#.value"},
    {"emailaddress", "emails#.value"},
    {"workemail", "emails#.value"},
    {"email1", "emails#.value"},
    {"email2", "emails#.value"},
    {"secondaryemail", "emails#.value"},
    {"homeemail", "emails#.value"},
    {"otheremail", "emails#.value"},
    {"correo", "emails#.value"},
    {"phone", "phones#.value"},
    {"phonenumber", "phones#.value"},
    {"mobile", "phones#.value"},
    {"mobilephone", "phones#.value"},
    {"mobilephonenumber", "phones#.value"},
    {"homephone", "phones#.value"},
    {"workphone", "phones#.value"},
    {"otherphone", "phones#.value"},
    {"businessphone", "phones#.value"},
    {"telephone", "phones#.value"},
    {"tel", "phones#.value"},
    {"cell", "phones#.value"},
    {"telefon", "phones#.value"},
    {"asstphone", ""},
    {"title", "job_title"},
    {"jobtitle", "job_title"},
    {"position", "job_title"},
    {"street", "addresses.street"},
    {"streetaddress", "addresses.street"},
    {"address", "addresses.street"},
    {"mailingstreet", "addresses.street"},
    {"strasse", "addresses.street"},
    {"city", "addresses.city"},
    {"mailingcity", "addresses.city"},
    {"town", "addresses.city"},
    {"ort", "addresses.city"},
    {"ville", "addresses.city"},
    {"state", "addresses.region"},
    {"region", "addresses.region"},
    {"stateregion", "addresses.region"},
    {"mailingstate", "addresses.region"},
    {"mailingstateprovince", "addresses.region"},
    {"province", "addresses.region"},
    {"zip", "addresses.postcode"},
    {"zipcode", "addresses.postcode"},
    {"plz", "addresses.postcode"},
    {"postalcode", "addresses.postcode"},
    {"postcode", "addresses.postcode"},
    {"mailingzip", "addresses.postcode"},
    {"mailingpostalcode", "addresses.postcode"},
    {"mailingzippostalcode", "addresses.postcode"},
    {"countryregion", "addresses.country"},
    {"mailingcountry", "addresses.country"},
    {"land", "addresses.country"},
    {"otherstreet", "addresses[2].street"},
    {"othercity", "addresses[2].city"},
    {"otherstate", "addresses[2].region"},
    {"otherzip", "addresses[2].postcode"},
    {"otherpostalcode", "addresses[2].postcode"},
    {"othercountry", "addresses[2].country"},
    {"websiteurl", "website"},
    {"url", "website"},
    {"web", "website"},
    {"homepage", "website"},
    {"birthdate", "birthday"},
    {"dateofbirth", "birthday"},
    {"birthday", "birthday"},
    {"description", "note"},
    {"notes", "note"},
    {"comments", "note"},
    {"tag", "tags"},
    {"preferredlanguage", "language"},
    {"recordid", "external_ids#.value"},
    {"contactid", "external_ids#.value"},
    {"externalid", "external_ids#.value"},
    {"customernumber", "external_ids#.value"},
    {"customerid", "external_ids#.value"},
};

/* What only the export of that system has: one of the first and one of the others. */
static const struct {
    const char *name, *has, *or_has;
    const char *with[5];
} sources[] = {
    {"zoho",
     "recordid",
     "contactid",
     {"contactownerid", "mailingzip", "salutation", "createdbyid", "modifiedbyid"}},
    {"hubspot",
     "recordid",
     "recordid",
     {"lifecyclestage", "contactowner", "leadstatus", "createdate", "associatedcompany"}},
    {"salesforce",
     "id",
     "contactid",
     {"accountid", "mailingpostalcode", "ownerid", "systemmodstamp", "mailingzippostalcode"}},
};

/* Letters and digits, in lower case. */
static void reduce(lia_span name, char out[WORD_SIZE])
{
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < WORD_SIZE - 1; i++) {
        uint8_t c = name.data[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80) out[size++] = (char)c;
    }
    out[size] = 0;
}

static bool has_column(const char *word, const lia_span *names, size_t count)
{
    char reduced[WORD_SIZE];
    for (size_t i = 0; i < count; i++) {
        reduce(names[i], reduced);
        if (strcmp(reduced, word) == 0) return true;
    }
    return false;
}

static const char *source_of(const lia_span *names, size_t count)
{
    for (size_t i = 0; i < LIA_COUNT(sources); i++) {
        if (!has_column(sources[i].has, names, count) &&
            !has_column(sources[i].or_has, names, count))
            continue;
        for (size_t j = 0; j < LIA_COUNT(sources[i].with); j++)
            if (has_column(sources[i].with[j], names, count)) return sources[i].name;
    }
    return NULL;
}

/* ---- one column ------------------------------------------------------------------------------ */

static const char *word_path(const lia_kind *kind, const char *word, const char *source)
{
    if (kind->number != LIA_CUSTOMER) return NULL;
    if (source && strcmp(word, "id") == 0) return "external_ids#.value";
    for (size_t i = 0; i < LIA_COUNT(words); i++)
        if (strcmp(word, words[i].word) == 0) return words[i].path;
    return NULL;
}

static bool fits_alone(const lia_field *field)
{
    bool is_money = field->message && strcmp(field->message->name, "liaison.crm.Money") == 0;
    return !field->read_only && (field->type != LIA_T_MESSAGE || field->key || is_money);
}

/* A field by its own name or label. */
static const char *field_path(const lia_kind *kind, const char *word)
{
    char reduced[WORD_SIZE];
    for (size_t i = 0; i < kind->message->count; i++) {
        const lia_field *field = &kind->message->fields[i];
        if (!fits_alone(field)) continue;
        reduce(lia_span_text(field->name), reduced);
        if (strcmp(reduced, word) == 0) return field->name;
        reduce(lia_span_text(field->label), reduced);
        if (*word && strcmp(reduced, word) == 0) return field->name;
    }
    return NULL;
}

/* By what stands in it: only e-mails cannot be anything else. */
static const char *sample_path(const lia_kind *kind, lia_span sample)
{
    const uint8_t *at = sample.size ? memchr(sample.data, '@', sample.size) : NULL;
    if (kind->number != LIA_CUSTOMER || !at || at == sample.data) return NULL;
    lia_span host = lia_span_skip(sample, (size_t)(at - sample.data) + 1);
    bool dotted = host.size && memchr(host.data, '.', host.size);
    if (!dotted || memchr(sample.data, ' ', sample.size) || memchr(host.data, '@', host.size))
        return NULL;
    return "emails#.value";
}

static bool is_taken(const lia_proposal *out, size_t index, const char *path)
{
    size_t size = strcspn(path, ".");
    for (size_t i = 0; i < index; i++) {
        const char *other = out->fields[i];
        bool whole = !strchr(path, '.') || !strchr(other, '.');
        size_t length = strcspn(other, ".");
        if (strcmp(other, path) == 0) return true;
        if (*other && whole && length == size && strncmp(other, path, size) == 0) return true;
    }
    return false;
}

/* "emails#.value" becomes the first of emails.value, emails[2].value ... that is free. */
static void place(lia_proposal *out, size_t index, const char *path)
{
    const char *mark = strchr(path, '#');
    int size = mark ? (int)(mark - path) : 0;
    snprintf(out->fields[index], LIA_PROPOSED_SIZE, "%.*s%s", mark ? size : LIA_PROPOSED_SIZE - 1,
             path, mark ? mark + 1 : "");
    for (unsigned n = 2; mark && n <= 8 && is_taken(out, index, out->fields[index]); n++)
        snprintf(out->fields[index], LIA_PROPOSED_SIZE, "%.*s[%u]%s", size, path, n, mark + 1);
    if (is_taken(out, index, out->fields[index])) *out->fields[index] = 0;
}

void lia_propose(lia_proposal *out, const lia_kind *kind, const lia_span *names,
                 const lia_span *samples, size_t count)
{
    char word[WORD_SIZE];
    out->source = kind->number == LIA_CUSTOMER ? source_of(names, count) : NULL;
    for (size_t i = 0; i < count; i++) {
        reduce(names[i], word);
        *out->fields[i] = 0;
        const char *path = word_path(kind, word, out->source);
        if (!path) path = field_path(kind, word);
        if (!path && samples) path = sample_path(kind, samples[i]);
        if (path && *path) place(out, i, path);
    }
}
