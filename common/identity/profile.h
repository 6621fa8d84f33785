/* SPDX-License-Identifier: Apache-2.0 */
/* profile - a customer record in normal form, ready to be compared, with its blocking keys: two
 * records are compared only when they share one. Pure: the same record gives the same profile and
 * the same keys on every node. */
#ifndef LIA_IDENTITY_PROFILE_H
#define LIA_IDENTITY_PROFILE_H

#include "common/base/id.h"
#include "common/identity/normal.h"
#include "proto/crm.pb-c.h"

/* The first of each are looked at, in the order of the record (that of its element keys). */
#define LIA_TRAITS_MAX    8
#define LIA_ADDRESSES_MAX 2

#define LIA_MATCH_KEYS_MAX  64
#define LIA_MATCH_KEY_BYTES 64

/* A key with more holders is a switchboard, a shared mailbox or a common name: it never links by
 * itself and proposes no pairs. */
#define LIA_MATCH_HOLDERS_MAX 50

/* First byte of a key. */
typedef enum lia_match_tag {
    LIA_KEY_EMAIL = 'e',      /* normal form */
    LIA_KEY_LOCAL = 'l',      /* of an e-mail, whatever its domain */
    LIA_KEY_PHONE = 'p',      /* normal form */
    LIA_KEY_PHONE_TAIL = 't', /* last seven digits */
    LIA_KEY_NUMBER = 'n',     /* external id, exact */
    LIA_KEY_HANDLE = 'h',
    LIA_KEY_HOST = 'd',     /* an organization's web site */
    LIA_KEY_NAME = 'w',     /* two words of the name, in either order, nicknames as one */
    LIA_KEY_SOUNDS = 'z',   /* the sounds of two words, in either order */
    LIA_KEY_HOUSE = 'a',    /* street and number with postcode or city */
    LIA_KEY_SOUND = 's',    /* sound of one word, first letter of another, first of the place */
    LIA_KEY_INITIAL = 'i',  /* one word, and the first letter of another */
    LIA_KEY_BIRTHDAY = 'b', /* with the first letter of a word of the name */
} lia_match_tag;

/* For index rows: a tag and text without NUL, at most LIA_MATCH_KEY_BYTES; longer ones end in a
 * hash. `holders` is how many records hold the key, this one included; whoever knows fills it in
 * (counting may stop above LIA_MATCH_HOLDERS_MAX), 0 counts as nobody else. */
typedef struct lia_match_key {
    lia_span bytes;
    uint32_t holders;
    bool certain; /* equal: one customer, unless something speaks against it */
} lia_match_key;

/* An e-mail, phone, handle or number elsewhere. */
typedef struct lia_trait {
    lia_span normal;
    uint8_t key; /* its place in `keys` */
    bool verified;
    bool role; /* of e-mails: nobody's own */
} lia_trait;

typedef struct lia_traits {
    lia_trait at[LIA_TRAITS_MAX];
    size_t count;
} lia_traits;

typedef struct lia_place {
    lia_span street, postcode, city; /* normal forms, empty when absent */
    uint8_t key;                     /* of the house; LIA_MATCH_KEYS_MAX: none */
} lia_place;

typedef enum lia_profile_type {
    LIA_TYPE_UNKNOWN,
    LIA_TYPE_PERSON,
    LIA_TYPE_ORGANIZATION
} lia_profile_type;

typedef struct lia_profile {
    lia_id id;
    lia_profile_type type;
    lia_name name;
    lia_span name_text; /* words of the name for people; empty: nameless */
    uint8_t name_key;   /* the key that tells how common the name is; LIA_MATCH_KEYS_MAX: none */
    lia_traits emails, phones, handles, numbers;
    lia_place places[LIA_ADDRESSES_MAX];
    size_t place_count;
    lia_country country;
    bool has_birthday;
    int32_t birthday; /* days since 1970 */
    lia_id organization;
    lia_span host;
    lia_match_key keys[LIA_MATCH_KEYS_MAX];
    size_t key_count;
} lia_profile;

/* Fills in the profile of a record. `home` is the country whose phone numbers are written without
 * calling code where neither the record nor its address names one. Spans live in the arena, which
 * must outlive the profile; a few kilobytes are taken.
 *   LIA_EFULL   the arena; the profile is not to be used */
LIA_MUST_USE lia_err lia_profile_make(lia_profile *profile, lia_id id,
                                      const Crm__Customer *customer, lia_country home,
                                      lia_arena *arena);

/* The key's step: 0 for up to 2 holders, then one more for each doubling, LIA_HOLDER_STEPS - 1 for
 * a hub. Scores depend on holders through this alone, so that a score changes only when a key's
 * step does. */
#define LIA_HOLDER_STEPS 7
unsigned lia_holders_step(uint32_t holders);

#endif
