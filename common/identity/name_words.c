/* SPDX-License-Identifier: Apache-2.0 */
/* The word lists are small on purpose: a missing entry asks a person, a wrong one would join two.
 * They are written to be read and looked up for every word of every name that is compared, so the
 * first look makes one hash table of all of them. */
#include "common/identity/name_words.h"

#include <assert.h>
#include <pthread.h>

#include "common/base/assert.h"

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

/* ---- the table ------------------------------------------------------------------------------ */

#define SLOTS 2048 /* a power of two; a quarter of them is used */

typedef struct slot {
    const char *text; /* NULL: empty; `size` bytes count */
    size_t size;
    lia_name_word word;
} slot;

static slot table[SLOTS];
static pthread_once_t made = PTHREAD_ONCE_INIT;

/* FNV-1a */
static uint32_t mix(uint32_t hash, uint16_t letter)
{
    return (hash ^ letter) * 16777619u;
}

static bool is_text(const slot *s, const char *text, size_t size)
{
    return s->size == size && memcmp(s->text, text, size) == 0;
}

/* The word's slot, made when it is new. */
static lia_name_word *enter(const char *text, size_t size)
{
    uint32_t at = 2166136261u;
    for (size_t i = 0; i < size; i++) at = mix(at, (uint8_t)text[i]);
    at &= SLOTS - 1;
    for (size_t looked = 0; table[at].text && !is_text(&table[at], text, size); looked++) {
        lia_assert(looked < SLOTS);
        at = (at + 1) & (SLOTS - 1);
    }
    table[at].text = text;
    table[at].size = size;
    return &table[at].word;
}

static void enter_list(const char *const *words, size_t count, lia_name_word_is is)
{
    for (size_t i = 0; i < count; i++) enter(words[i], strlen(words[i]))->is |= is;
}

/* A word keeps the first groups that it is in. */
static void enter_group(const char *words, uint8_t group)
{
    while (*words) {
        size_t size = strcspn(words, " ");
        lia_name_word *word = enter(words, size);
        for (size_t i = 0; i < LIA_COUNT(word->nicknames); i++) {
            if (word->nicknames[i]) continue;
            word->nicknames[i] = group;
            break;
        }
        words += size;
        words += *words == ' ';
    }
}

static void make_table(void)
{
    static_assert(LIA_COUNT(nicknames) < UINT8_MAX, "a group is numbered by a byte");
    enter_list(titles, LIA_COUNT(titles), LIA_WORD_IS_TITLE);
    enter_list(particles, LIA_COUNT(particles), LIA_WORD_IS_PARTICLE);
    enter_list(legal_forms, LIA_COUNT(legal_forms), LIA_WORD_IS_LEGAL_FORM);
    for (size_t i = 0; i < LIA_COUNT(nicknames); i++) enter_group(nicknames[i], (uint8_t)(i + 1));
}

static bool is_token(const slot *s, const lia_name_token *token)
{
    if (s->size != token->count) return false;
    for (size_t i = 0; i < s->size; i++)
        if (token->letters[i] != (uint8_t)s->text[i]) return false;
    return true;
}

const lia_name_word *lia_name_word_find(const lia_name_token *token)
{
    static const lia_name_word none;
    pthread_once(&made, make_table);
    uint32_t at = 2166136261u;
    for (size_t i = 0; i < token->count; i++) at = mix(at, token->letters[i]);
    for (at &= SLOTS - 1; table[at].text; at = (at + 1) & (SLOTS - 1))
        if (is_token(&table[at], token)) return &table[at].word;
    return &none;
}
