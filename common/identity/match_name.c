/* SPDX-License-Identifier: Apache-2.0 */
/* Words are paired without regard to order: equal ones first, then nicknames, then the most alike.
 * What is left over on both sides differs, what is left on one side is "a word more". Whether a
 * pair stands for given or family names is known from the record or guessed from its place. */
#include "common/identity/match_inner.h"
#include "common/identity/similar.h"

#define CLOSE_LETTERS_MIN 4 /* "Tim" and "Tom" are two names, not one misspelt */
#define STEM_MIN          3
#define ENDING_MAX        3

typedef struct pairing {
    lia_comparison *pair;
    const lia_name *a, *b;
    uint8_t used_a, used_b;   /* bits of words that are paired */
    uint8_t given_a, given_b; /* those among them whose partner is a given name */
    unsigned same, given_same, nicknames, close_family, doubts;
    bool given_other, family_other;
} pairing;

static bool is_taken(uint8_t used, size_t i)
{
    return used >> i & 1;
}

static lia_span token_text(const lia_profile *profile)
{
    return profile->name_text;
}

static void add(pairing *names, lia_outcome outcome, int more)
{
    lia_match_add(names->pair, outcome, more, token_text(names->pair->a),
                  token_text(names->pair->b));
}

static bool share_nickname(const lia_name_token *a, const lia_name_token *b)
{
    for (size_t i = 0; i < LIA_COUNT(a->nicknames) && a->nicknames[i]; i++)
        for (size_t j = 0; j < LIA_COUNT(b->nicknames) && b->nicknames[j]; j++)
            if (a->nicknames[i] == b->nicknames[j]) return true;
    return false;
}

static bool is_initial(const lia_name_token *a, const lia_name_token *b)
{
    return (a->count == 1 || b->count == 1) && a->letters[0] == b->letters[0];
}

static bool is_ending_letter(uint16_t letter)
{
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 's';
}

static bool ends_softly(const lia_name_token *token)
{
    return token->count && is_ending_letter(token->letters[token->count - 1]);
}

/* "Daniel" and "Daniela", "Mario" and "Maria", "Ivanov" and "Ivanova": a stem with two endings is
 * more often two people than a slip of the pen. */
static bool differs_in_ending(const lia_name_token *a, const lia_name_token *b)
{
    size_t stem = 0;
    while (stem < a->count && stem < b->count && a->letters[stem] == b->letters[stem]) stem++;
    bool short_rests = a->count - stem <= ENDING_MAX && b->count - stem <= ENDING_MAX;
    return stem >= STEM_MIN && short_rests && (ends_softly(a) || ends_softly(b));
}

static lia_outcome likeness(const pairing *names, const lia_name_token *a, const lia_name_token *b)
{
    if (a->count < CLOSE_LETTERS_MIN && b->count < CLOSE_LETTERS_MIN) return LIA_GIVEN_OTHER;
    unsigned similar = lia_similar(a, b);
    bool close = similar >= names->pair->model->close;
    if (close) return LIA_NAME_CLOSE;
    return similar >= names->pair->model->alike ? LIA_NAME_ALIKE : LIA_GIVEN_OTHER;
}

/* What two different words are to each other. */
static lia_outcome relation(const pairing *names, const lia_name_token *a, const lia_name_token *b)
{
    if (share_nickname(a, b)) return LIA_NAME_NICKNAME;
    if (is_initial(a, b)) return LIA_NAME_INITIAL;
    if (differs_in_ending(a, b)) return LIA_NAME_ENDING;
    return likeness(names, a, b);
}

static void note(pairing *names, const lia_name_token *a, const lia_name_token *b,
                 lia_outcome outcome, int more)
{
    bool family = a->family && b->family;
    if (outcome == LIA_GIVEN_OTHER && family) outcome = LIA_FAMILY_OTHER;
    switch (outcome) {
    case LIA_NAME_SAME:
    case LIA_NAME_NICKNAME:
        names->same++;
        names->given_same += !family;
        names->nicknames += outcome == LIA_NAME_NICKNAME;
        break;
    case LIA_NAME_CLOSE:
        if (family)
            names->close_family++;
        else
            names->doubts++;
        break;
    case LIA_GIVEN_OTHER:
        names->given_other = true;
        break;
    case LIA_FAMILY_OTHER:
        names->family_other = true;
        break;
    default:
        names->doubts++;
    }
    add(names, outcome, more);
}

static void take(pairing *names, size_t i, size_t j, lia_outcome outcome, int more)
{
    names->used_a |= (uint8_t)(1u << i);
    names->used_b |= (uint8_t)(1u << j);
    names->given_a |= (uint8_t)(!names->b->tokens[j].family << i);
    names->given_b |= (uint8_t)(!names->a->tokens[i].family << j);
    note(names, &names->a->tokens[i], &names->b->tokens[j], outcome, more);
}

static unsigned name_step(const lia_profile *profile)
{
    if (profile->name_key == LIA_MATCH_KEYS_MAX) return 0;
    return lia_holders_step(profile->keys[profile->name_key].holders);
}

/* How common the name is, as far as both know: of three words of which all agree, the two that are
 * rarest together say most. */
static unsigned commonness(const lia_comparison *pair)
{
    const lia_profile *a = pair->a, *b = pair->b;
    unsigned of_a = name_step(a), of_b = name_step(b), fewest = of_a < of_b ? of_a : of_b;
    for (size_t i = 0; i < a->key_count; i++) {
        if (a->keys[i].bytes.data[0] != LIA_KEY_NAME) continue;
        unsigned step = lia_holders_step(a->keys[i].holders);
        for (size_t j = 0; j < b->key_count && step < fewest; j++)
            if (lia_span_equal(a->keys[i].bytes, b->keys[j].bytes)) fewest = step;
    }
    return fewest;
}

static void pair_equal(pairing *names)
{
    int common = names->pair->model->common_name * (int)commonness(names->pair);
    for (size_t i = 0; i < names->a->count; i++)
        for (size_t j = 0; j < names->b->count; j++) {
            if (is_taken(names->used_b, j)) continue;
            if (!lia_name_token_equal(&names->a->tokens[i], &names->b->tokens[j])) continue;
            bool initial = names->a->tokens[i].count == 1 && names->a->tokens[i].letters[0] <= 'z';
            if (initial)
                take(names, i, j, LIA_NAME_INITIAL, 0);
            else
                take(names, i, j, LIA_NAME_SAME, names->same ? 0 : common);
            break;
        }
}

/* The best free pair: by weight, given to given and family to family before crossed, then alike. */
static bool best_pair(const pairing *names, size_t *best_i, size_t *best_j, lia_outcome *outcome)
{
    int best = INT32_MIN;
    for (size_t i = 0; i < names->a->count; i++)
        for (size_t j = 0; j < names->b->count; j++) {
            if (is_taken(names->used_a, i) || is_taken(names->used_b, j)) continue;
            const lia_name_token *a = &names->a->tokens[i], *b = &names->b->tokens[j];
            lia_outcome is = relation(names, a, b);
            int value = 2 * names->pair->model->weights[is] + (a->family == b->family);
            if (value <= best) continue;
            best = value;
            *best_i = i;
            *best_j = j;
            *outcome = is;
        }
    return best > INT32_MIN;
}

/* People drop their second given names, not their first; and a second family name. So a word more
 * must follow one that stands for a given name on the other side, or both be family names. */
static bool has_odd_extra(const lia_name *name, uint8_t used, uint8_t given)
{
    for (size_t i = 0; i < name->count; i++) {
        if (is_taken(used, i)) continue;
        bool second = i && (is_taken(given, i - 1) || !is_taken(used, i - 1));
        bool family = i && name->parted && name->tokens[i].family && name->tokens[i - 1].family;
        if (!second && !family) return true;
    }
    return false;
}

static void count_extra(pairing *names)
{
    if (has_odd_extra(names->a, names->used_a, names->given_a) ||
        has_odd_extra(names->b, names->used_b, names->given_b))
        names->doubts++;
    bool left = __builtin_popcount(names->used_a) < names->a->count;
    bool right = __builtin_popcount(names->used_b) < names->b->count;
    if (left || right) add(names, LIA_NAME_EXTRA, 0);
    bool organization = names->pair->a->type == LIA_TYPE_ORGANIZATION;
    if (organization && (left || right)) names->doubts++; /* a branch, or another firm */
}

/* A second given name that differs is a doubt when another one agrees. */
static lia_accord accord(const pairing *names)
{
    bool organization = names->pair->a->type == LIA_TYPE_ORGANIZATION &&
                        names->pair->b->type == LIA_TYPE_ORGANIZATION;
    if (organization) {
        if (names->given_other || names->family_other) return LIA_NAMES_DIFFER;
        return names->same && !names->doubts && !names->close_family ? LIA_NAMES_AGREE
                                                                     : LIA_NAMES_DOUBT;
    }
    if (names->given_other && (names->family_other || names->same < 2)) return LIA_NAMES_DIFFER;
    if (names->family_other) return names->same ? LIA_NAMES_MOVED : LIA_NAMES_DIFFER;
    if (names->given_other || names->doubts) return LIA_NAMES_DOUBT;
    if (!names->given_same || names->same + names->close_family < 2) return LIA_NAMES_DOUBT;
    if (names->close_family && names->nicknames) return LIA_NAMES_DOUBT;
    return names->close_family ? LIA_NAMES_MISSPELT : LIA_NAMES_AGREE;
}

void lia_match_names(lia_comparison *pair)
{
    pairing names = {.pair = pair, .a = &pair->a->name, .b = &pair->b->name};
    if (!names.a->count || !names.b->count) return;
    pair_equal(&names);
    size_t i = 0, j = 0;
    lia_outcome outcome = LIA_NAME_SAME;
    while (best_pair(&names, &i, &j, &outcome)) take(&names, i, j, outcome, 0);
    count_extra(&names);
    pair->names = accord(&names);
}
