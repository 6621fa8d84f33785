/* SPDX-License-Identifier: Apache-2.0 */
/* normal - the forms in which e-mails, phones, names and handles are compared: two spellings of
 * one thing become the same bytes. What people wrote stays as it is in their records; normal forms
 * are computed. Pure; all text is UTF-8, and what is not is read as far as it is.
 *
 * A form that a text does not have (no e-mail, no digits) is an empty span. */
#ifndef LIA_IDENTITY_NORMAL_H
#define LIA_IDENTITY_NORMAL_H

#include "common/base/arena.h"

/* Longer texts are cut: no name, street or address that means something is longer. */
#define LIA_NORMAL_TEXT_MAX 256

/* Case and accents off, letters such as o-slash spelled out, apostrophes dropped, everything that
 * is neither letter nor digit one space: "O'Brien-Żółty" is "obrien zolty". */
lia_span lia_text_normal(lia_span text, lia_arena *arena);

/* "Mei <Mei.Chen+crm@GMail.com>" is "meichen@gmail.com". Letter case goes everywhere; dots and tags
 * go only for providers known to ignore them. */
lia_span lia_email_normal(lia_span text, lia_arena *arena);

/* Where the local part of a normal form ends: the position of its '@'. */
size_t lia_email_local(lia_span normal);

/* A mailbox of a role or a family, not of a person: info@, office@, familie.chen@ ... */
bool lia_email_is_role(lia_span normal);

/* Two letters of ISO 3166, or all zero when unknown. */
typedef struct lia_country {
    char code[2];
} lia_country;

/* Reads "de" or "DE"; unknown for everything else. */
lia_country lia_country_read(lia_span text);
static inline bool lia_country_equal(lia_country a, lia_country b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}
static inline bool lia_country_known(lia_country country)
{
    return country.code[0] != 0;
}

/* E.164 with an extension as in RFC 3966: "(030) 1234-5 ext. 6" in DE is "+493012345;ext=6". A
 * number without a calling code is read as one of `country`; where that is
 * unknown, and for numbers too short to be dialled from abroad, only the digits remain. */
lia_span lia_phone_normal(lia_span text, lia_country country, lia_arena *arena);

/* "network:name": "https://www.instagram.com/Mei.Chen/" and ("Instagram", "@mei.chen") are both
 * "instagram:mei.chen". Letter case stays on networks that are not known to ignore it. */
lia_span lia_handle_normal(lia_span network, lia_span value, lia_arena *arena);

/* "https://www.Example.com/about" is "example.com". */
lia_span lia_host_normal(lia_span url, lia_arena *arena);

/* ---- names ---------------------------------------------------------------------------------- */

#define LIA_NAME_TOKENS_MAX  8
#define LIA_NAME_LETTERS_MAX 24

/* One word of a name. Letters are code points of the basic plane; others are squeezed into its
 * private area, where they still equal themselves. */
typedef struct lia_name_token {
    uint16_t letters[LIA_NAME_LETTERS_MAX];
    uint8_t count;
    bool family;          /* stands where family names stand */
    uint8_t nicknames[2]; /* groups of given names that are used for one another; 0: none */
} lia_name_token;

typedef struct lia_name {
    lia_name_token tokens[LIA_NAME_TOKENS_MAX];
    uint8_t count;
    bool parted; /* given and family name came apart, so `family` is known and not guessed */
} lia_name;

/* A person's name. Titles and particles ("Dr.", "von") are dropped while something is left, "ae",
 * "oe", "ue" become the plain vowel, since that is how umlauts are written where they are missing.
 * Given and family name are used when both are there; else `full`, whose last word (before a comma:
 * whose first words) is taken for the family name. */
void lia_name_of_person(lia_name *name, lia_span given, lia_span family, lia_span full);

/* An organization's name; legal forms ("GmbH", "Ltd") are dropped while something is left. */
void lia_name_of_organization(lia_name *name, lia_span full);

static inline bool lia_name_token_equal(const lia_name_token *a, const lia_name_token *b)
{
    return a->count == b->count && memcmp(a->letters, b->letters, 2 * (size_t)a->count) == 0;
}

/* Appends the token as UTF-8; at most 3 * LIA_NAME_LETTERS_MAX bytes. Returns their number. */
size_t lia_name_token_print(const lia_name_token *token, uint8_t *out);

#endif
