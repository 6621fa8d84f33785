/* SPDX-License-Identifier: Apache-2.0 */
/* match - are two customer records one customer? A certain rule (the same number elsewhere, phone
 * or verified e-mail) or the score of Fellegi and Sunter, "A Theory for Record Linkage", J. Am.
 * Stat. Assoc. 64 (1969): every comparison adds log2(m/u), m being how often it turns out so for
 * one customer, u for two. Weights are sixteenths of a bit; sums are exact, so all nodes agree.
 *
 * That theory takes comparisons for independent. In a household or a company they are not: people
 * share phone, address and mailbox and differ in their given names. So sums alone never join
 * records whose names disagree (see lia_verdict), and phone and house of a crowd, which say the
 * same thing twice, count once.
 *
 * Pure: a function of two profiles (with the holders of their keys) and the model. */
#ifndef LIA_IDENTITY_MATCH_H
#define LIA_IDENTITY_MATCH_H

#include "common/base/buf.h"
#include "common/identity/profile.h"

#define LIA_BIT 16 /* weights are sixteenths of a bit */

/* outcome, its name, field, what turned out, weight in the default model (in bits) */
#define LIA_OUTCOMES(X)                                                                            \
    X(LIA_NUMBER_SAME, "number_same", "external_ids", "same number elsewhere", 22)                 \
    X(LIA_EMAIL_SAME, "email_same", "emails", "same e-mail", 18)                                   \
    X(LIA_EMAIL_ROLE, "email_role", "emails", "same mailbox of a role", 10)                        \
    X(LIA_EMAIL_LOCAL, "email_local", "emails", "same name in front of the @", 9)                  \
    X(LIA_EMAIL_CLOSE, "email_close", "emails", "similar e-mail", 6)                               \
    X(LIA_EMAIL_OTHER, "email_other", "emails", "different e-mails", -2)                           \
    X(LIA_EMAIL_NEIGHBOUR, "email_neighbour", "emails", "two mailboxes of one domain", -2)         \
    X(LIA_PHONE_SAME, "phone_same", "phones", "same phone", 15)                                    \
    X(LIA_PHONE_TAIL, "phone_tail", "phones", "phones end alike", 9)                               \
    X(LIA_PHONE_OTHER, "phone_other", "phones", "different phones", -2)                            \
    X(LIA_HANDLE_SAME, "handle_same", "handles", "same handle", 16)                                \
    X(LIA_NAME_SAME, "name_same", "name", "same word", 6)                                          \
    X(LIA_NAME_NICKNAME, "name_nickname", "name", "nickname", 4)                                   \
    X(LIA_NAME_CLOSE, "name_close", "name", "similar word", 3)                                     \
    X(LIA_NAME_ALIKE, "name_alike", "name", "somewhat similar word", 2)                            \
    X(LIA_NAME_INITIAL, "name_initial", "name", "initial", 2)                                      \
    X(LIA_NAME_ENDING, "name_ending", "name", "another ending", 0)                                 \
    X(LIA_NAME_EXTRA, "name_extra", "name", "a word more", -1)                                     \
    X(LIA_GIVEN_OTHER, "given_other", "name", "different given names", -10)                        \
    X(LIA_FAMILY_OTHER, "family_other", "name", "different family names", -6)                      \
    X(LIA_BIRTHDAY_SAME, "birthday_same", "birthday", "same birthday", 14)                         \
    X(LIA_BIRTHDAY_CLOSE, "birthday_close", "birthday", "one part of the birthday differs", 5)     \
    X(LIA_BIRTHDAY_OTHER, "birthday_other", "birthday", "different birthdays", -8)                 \
    X(LIA_ADDRESS_HOUSE, "address_house", "addresses", "same house", 13)                           \
    X(LIA_ADDRESS_STREET, "address_street", "addresses", "same street", 9)                         \
    X(LIA_ADDRESS_POSTCODE, "address_postcode", "addresses", "same postcode", 8)                   \
    X(LIA_ADDRESS_CITY, "address_city", "addresses", "same city", 3)                               \
    X(LIA_ADDRESS_OTHER, "address_other", "addresses", "different addresses", -2)                  \
    X(LIA_COUNTRY_OTHER, "country_other", "country", "different countries", -4)                    \
    X(LIA_ORGANIZATION_SAME, "organization_same", "organization", "same organization", 6)          \
    X(LIA_HOST_SAME, "host_same", "website", "same web site", 12)                                  \
    X(LIA_TYPE_OTHER, "type_other", "type", "a person and an organization", -20)

typedef enum lia_outcome {
#define X(outcome, name, field, text, bits) outcome,
    LIA_OUTCOMES(X)
#undef X
        LIA_OUTCOME_COUNT
} lia_outcome;

/* Numbers that a model consists of. A node computes edges with the model that the newest model
 * event carries; its version goes with every stored score. */
typedef struct lia_model {
    uint32_t version;
    int16_t link, ask; /* scores from which to link, and to ask a person */
    int16_t weights[LIA_OUTCOME_COUNT];
    int16_t common;        /* added to equal values for every step of holders */
    int16_t common_name;   /* the same for names */
    uint16_t close, alike; /* similarities of words, in thousandths */
    uint16_t close_local;  /* the same for the local parts of e-mails */
} lia_model;

extern const lia_model LIA_MODEL_DEFAULT;

/* What to do about a pair.
 *   LINK   one customer: a certain rule holds or the score suffices, and nothing speaks against it
 *   ASK    a person should look
 *   APART  names of two people: belongs to the cluster's edges, so that a third record (without a
 *          name, with the mailbox of both) does not join them. Not shown to anybody.
 * Names must agree to LINK: two words equal or nicknames of each other, or a misspelt family name
 * beside an equal given name. A key of four or more holders (a household, an office) is no certain
 * rule between two names: there the score must suffice, too. A record without a name is linked by
 * certain rules only. Doubtful
 * names (an initial, a misspelt given name) need a sign of one's own: birthday, handle or number.
 * Different birthdays, or a person and an organization, are never linked without asking. */
typedef enum lia_verdict {
    LIA_MATCH_NOTHING,
    LIA_MATCH_ASK,
    LIA_MATCH_LINK,
    LIA_MATCH_APART
} lia_verdict;

/* One summand, with what was compared: normal forms, borrowed from the profiles. */
typedef struct lia_reason {
    lia_outcome outcome;
    int16_t weight;
    lia_span a, b;
} lia_reason;

#define LIA_REASONS_MAX 20

typedef struct lia_match {
    lia_verdict verdict;
    bool certain; /* a certain rule holds */
    int32_t score;
    lia_reason reasons[LIA_REASONS_MAX];
    size_t reason_count;
} lia_match;

/* Compares two profiles whose keys know their holders. Symmetric but for the order of a and b in
 * the reasons. Takes about a microsecond and no memory. */
void lia_match_make(lia_match *match, const lia_profile *a, const lia_profile *b,
                    const lia_model *model);

/* "email_same", "emails", "same e-mail": static strings. */
const char *lia_outcome_name(lia_outcome outcome);
const char *lia_outcome_field(lia_outcome outcome);
const char *lia_outcome_text(lia_outcome outcome);
/* LIA_OUTCOME_COUNT: there is none of that name. */
lia_outcome lia_outcome_find(const char *name);

/* Whether the score may depend on the holders of this key of the profile although the other profile
 * does not hold it: how common the name is, how many live in the house. All other keys count only
 * where both hold them. */
bool lia_match_asks_holders(const lia_profile *profile, size_t key);

/* True when the profiles share a key that proposes pairs (at most LIA_MATCH_HOLDERS_MAX hold it).
 */
bool lia_match_candidates(const lia_profile *a, const lia_profile *b);

#endif
