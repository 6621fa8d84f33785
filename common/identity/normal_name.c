/* SPDX-License-Identifier: Apache-2.0 */
/* Names become words without order; what is compared is the words (match_name.c). The word lists
 * are small on purpose: a missing entry asks a person, a wrong one would join two. */
#include <assert.h>

#include "common/identity/fold.h"
#include "common/identity/normal.h"

/* All lists are in folded form, with "ae", "oe", "ue" as one vowel. */
static const char *const titles[] = {
    "dr",   "prof", "mr",   "mrs",  "ms",   "miss", "herr",     "frau",   "mag", "ing",
    "dipl", "sir",  "dame", "lady", "mme",  "mlle", "monsieur", "madame", "sra", "sig",
    "dott", "phd",  "msc",  "bsc",  "mba",  "jr",   "pan",      "pani",   "bay", "med",
    "jur",  "rer",  "nat",  "hc",   "univ", "doc",  "mudr",     "bc",
};
static const char *const particles[] = {
    "von", "van", "de", "der", "den", "del", "della", "di",  "da", "do",  "dos", "du",
    "la",  "le",  "el", "al",  "bin", "ibn", "ten",   "ter", "zu", "zum", "zur",
};
static const char *const legal_forms[] = {
    "gmbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "ev",
    "eg",
    "mbh",
    "co",
    "ltd",
    "limited",
    "llc",
    "llp",
    "inc",
    "plc",
    "corp",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "snc",
    "bv",
    "nv",
    "oy",
    "oyj",
    "ab",
    "as",
    "aps",
    "sp",
    "zoo",
    "doo",
    "kft",
    "sro",
    "the",
    "und",
    "and",
    "et",
    "company",
    "corporation",
    "se",
    "kgaa",
    "haftungsbeschrankt",
};
/* Given names that stand for one another, a group in each line. */
static const char *const nicknames[] = {
    "alexander alex sascha sasha xander alejandro aleksander alessandro alexandr",
    "alexandra alex sascha sasha sandra alejandra aleksandra alessandra",
    "andreas andy andi andre andrew andrzej andrea drew",
    "anna anne annie anja anni ann hannah ania",
    "antonio toni tony anton anthony antoine",
    "barbara babsi barb basia",
    "benjamin ben benny",
    "catherine cathy kate katie kathrin katharina kathy cate katarzyna kasia",
    "charles charlie chuck karl carl carlos",
    "christian chris krzysztof",
    "christina chris tina christine kristina krystyna",
    "christopher chris kit christoph",
    "daniel dan danny dani",
    "david dave davide dawid",
    "dorothea doro dorothy dorothe",
    "edward ed eddie ted edvard eduardo edoardo",
    "elisabeth liz lisa beth elizabeth betty sissi elzbieta ela elise",
    "franz francis frank francesco francisco paco franciszek",
    "frederick fred friedrich fritz freddy federico",
    "gabriele gabi gaby gabriela",
    "george georg jorge giorgio jerzy",
    "gerhard gerd gert",
    "giuseppe pino beppe",
    "gregory greg gregor grzegorz",
    "heinrich heinz henry harry heiner enrico enrique henri",
    "ignacio nacho",
    "jakob jacob jake kuba jakub",
    "james jim jimmy jamie",
    "jennifer jenny jen",
    "johannes hans johann john jan jack juan giovanni jean hannes ivan",
    "joseph joe josef sepp jose pepe jozef josep",
    "katrin kathrin karin",
    "klaus claus nikolaus niklas nick nicholas nicolas nico nikolai",
    "lawrence larry lorenz lorenzo laurent",
    "leonard leo leonhard leon leonardo",
    "margaret maggie meg peggy gretel margarete margarita margit malgorzata gosia",
    "maria marie mary mia mariya marysia",
    "matthias mathias matt matthew matthieu matteo mateusz",
    "maximilian max maxim",
    "mehmet mohammed muhammad mohamed mehmed",
    "michal mike mick michele miguel mikhail mischa misha michel",
    "natalia natasha natalie natalya",
    "patricia pat patty trish",
    "patrick pat paddy patrizio",
    "peter pete pedro pietro pierre piotr petr pyotr",
    "philipp phil philip filip philippe felipe",
    "rebecca becky bec",
    "richard rick dick rich ricardo riccardo ryszard",
    "robert bob bobby rob robbie roberto bert",
    "rudolf rudi rolf",
    "samul sam sammy",
    "sebastian basti bastian seb",
    "stefan stephan steve steven stephen stefano esteban stephane",
    "stefanie steffi stephanie",
    "susanne susi susan sue suzanne zuzanna",
    "theresa resi tess therese teresa",
    "thomas tom tommy tomas tomasz tommaso",
    "tatiana tanja tanya tatjana",
    "timothy tim timo",
    "ursula uschi ulla",
    "veronika vroni vera veronica",
    "vladimir vova volodya",
    "walter walt wally",
    "wilhelm willi willy william bill will billy guillaume guglielmo",
    "wolfgang wolf",
    "zoe zoi",
};

/* ---- words ---------------------------------------------------------------------------------- */

static bool token_is(const lia_name_token *token, const char *word, size_t size)
{
    if (token->count != size) return false;
    for (size_t i = 0; i < size; i++)
        if (token->letters[i] != (uint8_t)word[i]) return false;
    return true;
}

static bool listed(const lia_name_token *token, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (token_is(token, words[i], strlen(words[i]))) return true;
    return false;
}

/* Looked up for every word of every name, so it does not measure words that begin otherwise. */
static bool in_group(const lia_name_token *token, const char *group)
{
    while (*group) {
        size_t same = 0;
        while (same < token->count && (uint8_t)group[same] == token->letters[same]) same++;
        if (same == token->count && (!group[same] || group[same] == ' ')) return true;
        group += same;
        while (*group && *group != ' ') group++;
        group += *group == ' ';
    }
    return false;
}

static void find_nicknames(lia_name_token *token)
{
    static_assert(LIA_COUNT(nicknames) < UINT8_MAX, "a group is numbered by a byte");
    size_t found = 0;
    for (size_t i = 0; i < LIA_COUNT(nicknames) && found < LIA_COUNT(token->nicknames); i++)
        if (in_group(token, nicknames[i])) token->nicknames[found++] = (uint8_t)(i + 1);
}

/* ---- splitting ------------------------------------------------------------------------------ */

static uint16_t squeeze(int32_t letter)
{
    return letter < 0x10000 ? (uint16_t)letter : (uint16_t)(0xe000 | (letter & 0xfff));
}

/* "ae", "oe" and "ue" are how a, o and u with two dots are written without them. */
static bool is_umlaut_tail(const lia_name_token *token, uint16_t letter)
{
    if (letter != 'e' || !token->count) return false;
    uint16_t last = token->letters[token->count - 1];
    return last == 'a' || last == 'o' || last == 'u';
}

static void add_letter(lia_name_token *token, int32_t letter)
{
    uint16_t squeezed = squeeze(letter);
    if (token->count < LIA_NAME_LETTERS_MAX && !is_umlaut_tail(token, squeezed))
        token->letters[token->count++] = squeezed;
}

/* Ends a word that has letters. */
static void end_token(lia_name *name)
{
    if (name->count < LIA_NAME_TOKENS_MAX && name->tokens[name->count].count) name->count++;
}

/* Appends the words of `text`. Unused tokens are zero. */
static void add_words(lia_name *name, lia_span text)
{
    if (text.size > LIA_NORMAL_TEXT_MAX) text.size = LIA_NORMAL_TEXT_MAX;
    while (text.size && name->count < LIA_NAME_TOKENS_MAX) {
        int32_t letters[LIA_FOLD_MAX];
        size_t count = lia_fold_next(&text, letters);
        for (size_t i = 0; i < count && name->count < LIA_NAME_TOKENS_MAX; i++) {
            lia_fold_class class = lia_fold_classify(letters[i]);
            if (class == LIA_FOLD_LETTER) add_letter(&name->tokens[name->count], letters[i]);
            if (class == LIA_FOLD_SPLITS) end_token(name);
        }
    }
    end_token(name);
}

/* Drops listed words while at least `keep` are left. */
static void drop_listed(lia_name *name, const char *const *words, size_t count, size_t keep)
{
    for (size_t i = name->count; i-- > 0 && name->count > keep;) {
        if (!listed(&name->tokens[i], words, count)) continue;
        name->count--;
        memmove(&name->tokens[i], &name->tokens[i + 1], (name->count - i) * sizeof name->tokens[0]);
        memset(&name->tokens[name->count], 0, sizeof name->tokens[0]);
    }
}

static void mark_family(lia_name *name, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) name->tokens[i].family = true;
}

/* "Chen, Mei" has its family name first, "Mei Chen" last. */
static void split_full(lia_name *name, lia_span full)
{
    const uint8_t *comma = full.size ? memchr(full.data, ',', full.size) : NULL;
    size_t head = comma ? (size_t)(comma - full.data) : 0;
    if (!head) {
        add_words(name, full);
        return;
    }
    add_words(name, lia_span_make(full.data, head));
    mark_family(name, 0, name->count);
    add_words(name, lia_span_skip(full, head + 1));
}

void lia_name_of_person(lia_name *name, lia_span given, lia_span family, lia_span full)
{
    memset(name, 0, sizeof *name);
    if (given.size && family.size) {
        add_words(name, given);
        size_t first = name->count;
        add_words(name, family);
        mark_family(name, first, name->count);
        name->parted = first > 0 && name->count > first;
    } else if (full.size) {
        split_full(name, full);
    } else {
        add_words(name, given.size ? given : family);
        if (!given.size) mark_family(name, 0, name->count);
    }
    drop_listed(name, titles, LIA_COUNT(titles), 1);
    drop_listed(name, particles, LIA_COUNT(particles), 2);
    bool placed = false;
    for (size_t i = 0; i < name->count; i++) placed |= name->tokens[i].family;
    if (!placed && name->count > 1) name->tokens[name->count - 1].family = true;
    for (size_t i = 0; i < name->count; i++) find_nicknames(&name->tokens[i]);
}

void lia_name_of_organization(lia_name *name, lia_span full)
{
    memset(name, 0, sizeof *name);
    add_words(name, full);
    drop_listed(name, legal_forms, LIA_COUNT(legal_forms), 1);
}

size_t lia_name_token_print(const lia_name_token *token, uint8_t *out)
{
    size_t size = 0;
    for (size_t i = 0; i < token->count; i++)
        size += lia_fold_letter(token->letters[i], out + size);
    return size;
}
