/* SPDX-License-Identifier: Apache-2.0 */
/* One table of looks under the hash of their record, and no other index: what is asked often is
 * asked of a record, and all else walks over some thousand rows a few times a second. The hash has
 * a key of the process, so that no peer can choose ids that fall into one place. */
#include "common/collab/presence.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/base/limits.h"
#include "common/base/time.h"
#include "common/wire/unpack.h"
#include "proto/bus.pb-c.h"

#define PLACES       4096 /* a power of two */
#define WORDS_BURST  64   /* of one peer, and half of it a second */
#define WORD_MS      32
#define SWEEP_MS     1000
#define UNPACK_BYTES ((size_t)256 << 10)

typedef struct look {
    lia_look is; /* until_ms, hidden as said here */
    int64_t since_ms;
    uint16_t peer; /* 0: this node */
    bool unsaid;   /* of this node, and the others do not know it */
    bool told;     /* they know that somebody is there */
    bool gone;     /* for people here */
    bool changed;  /* the record's lookers are others */
    struct look *next;
} look;

typedef struct source {
    uint16_t node;
    size_t count;
    unsigned words; /* heard of late, less what time forgave */
    int64_t forgiven_ms;
} source;

struct lia_presence {
    look *places[PLACES];
    uint64_t changed[PLACES / 64];
    size_t own, unsaid, count;
    source sources[LIA_MEMBERS_MAX];
    size_t source_count;
    int64_t swept_ms, beat_ms;
    uint64_t key[2];
    lia_arena arena; /* of the word that is read */
};

lia_err lia_presence_open(lia_presence **out)
{
    lia_presence *presence = *out = calloc(1, sizeof *presence);
    lia_err err = presence ? lia_arena_init(&presence->arena, UNPACK_BYTES) : LIA_EFULL;
    if (err) {
        free(presence);
        *out = NULL;
        return err;
    }
    lia_random(presence->key, sizeof presence->key);
    return LIA_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static bool is_place(const lia_spot *a, const lia_spot *b)
{
    return a->kind == b->kind && lia_id_equal(a->record, b->record);
}

static size_t slot_of(const lia_presence *presence, const lia_spot *place)
{
    uint64_t high, low;
    memcpy(&high, place->record.bytes, sizeof high);
    memcpy(&low, place->record.bytes + sizeof high, sizeof low);
    __uint128_t mixed = (__uint128_t)(high ^ presence->key[0]) * (low ^ presence->key[1]);
    return (size_t)((uint64_t)mixed ^ (uint64_t)(mixed >> 64) ^ place->kind) & (PLACES - 1);
}

static look *find(const lia_presence *presence, const lia_spot *place, lia_id user, uint16_t peer)
{
    for (look *at = presence->places[slot_of(presence, place)]; at; at = at->next)
        if (at->peer == peer && lia_id_equal(at->is.user, user) && is_place(&at->is.place, place))
            return at;
    return NULL;
}

/* All who look at the record have something to be told. */
static void mark_changed(lia_presence *presence, const lia_spot *place)
{
    size_t slot = slot_of(presence, place);
    presence->changed[slot / 64] |= UINT64_C(1) << slot % 64;
    for (look *at = presence->places[slot]; at; at = at->next)
        at->changed |= is_place(&at->is.place, place);
}

static source *source_of(lia_presence *presence, uint16_t peer)
{
    for (size_t i = 0; i < presence->source_count; i++)
        if (presence->sources[i].node == peer) return &presence->sources[i];
    return NULL;
}

/* One more peer, in the place of one that left. NULL: there are no so many members. */
static source *add_source(lia_presence *presence, uint16_t peer)
{
    source *free_one = NULL;
    if (presence->source_count < LIA_COUNT(presence->sources))
        free_one = &presence->sources[presence->source_count++];
    for (size_t i = 0; !free_one && i < presence->source_count; i++)
        if (!presence->sources[i].count) free_one = &presence->sources[i];
    if (free_one) *free_one = (source){.node = peer};
    return free_one;
}

static look *add(lia_presence *presence, const lia_look *is, uint16_t peer)
{
    look *at = malloc(sizeof *at);
    size_t slot = slot_of(presence, &is->place);
    if (!at) return NULL;
    *at = (look){.is = *is, .peer = peer, .next = presence->places[slot]};
    presence->places[slot] = at;
    presence->count++;
    if (peer)
        source_of(presence, peer)->count++;
    else
        presence->own++;
    return at;
}

static void drop(lia_presence *presence, look *at)
{
    look **link = &presence->places[slot_of(presence, &at->is.place)];
    while (*link != at) link = &(*link)->next;
    *link = at->next;
    presence->count--;
    presence->unsaid -= at->unsaid;
    if (at->peer)
        source_of(presence, at->peer)->count--;
    else
        presence->own--;
    free(at);
}

typedef void each_fn(lia_presence *presence, look *at, void *context);

/* The function may drop the look that it is given. */
static void each(lia_presence *presence, each_fn *function, void *context)
{
    look *next;
    for (size_t slot = 0; slot < PLACES; slot++)
        for (look *at = presence->places[slot]; at; at = next) {
            next = at->next;
            function(presence, at, context);
        }
}

static void drop_one(lia_presence *presence, look *at, void *context)
{
    (void)context;
    drop(presence, at);
}

void lia_presence_close(lia_presence *presence)
{
    if (!presence) return;
    each(presence, drop_one, NULL);
    lia_arena_fini(&presence->arena);
    free(presence);
}

size_t lia_presence_count(const lia_presence *presence)
{
    return presence->count;
}

/* ---- people here ----------------------------------------------------------------------------- */

static bool is_seen(const look *at)
{
    return !at->gone && !at->is.hidden;
}

static void say(lia_presence *presence, look *at)
{
    presence->unsaid += !at->unsaid;
    at->unsaid = true;
}

/* Gone for people here; kept until the others were told, if they know of it. */
static void go(lia_presence *presence, look *at)
{
    if (at->gone) return;
    if (is_seen(at)) mark_changed(presence, &at->is.place);
    at->gone = true;
    if (at->told)
        say(presence, at);
    else
        drop(presence, at);
}

typedef struct counting {
    lia_id user;
    size_t count;
    look *first_over; /* the one that runs out first */
} counting;

static void count_user(lia_presence *presence, look *at, void *context)
{
    counting *c = context;
    (void)presence;
    if (at->peer || at->gone || !lia_id_equal(at->is.user, c->user)) return;
    c->count++;
    if (!c->first_over || at->is.until_ms < c->first_over->is.until_ms) c->first_over = at;
}

static void make_room(lia_presence *presence, lia_id user)
{
    counting c = {.user = user};
    each(presence, count_user, &c);
    if (c.count >= LIA_PRESENCE_USER_MAX) go(presence, c.first_over);
}

lia_err lia_presence_look(lia_presence *presence, const lia_look *is, int64_t now_ms)
{
    look *at = find(presence, &is->place, is->user, 0);
    if (!at || at->gone) make_room(presence, is->user);
    if (!at) {
        if (presence->own < LIA_PRESENCE_NODE_MAX) at = add(presence, is, 0);
        if (!at) return LIA_EFULL;
        at->gone = true; /* until now */
    }
    bool was_seen = is_seen(at);
    bool edits_other = at->is.field != is->field;
    if (at->gone) at->since_ms = now_ms;
    at->is = *is;
    at->gone = false;
    if (is_seen(at) == was_seen && !(was_seen && edits_other)) return LIA_OK;
    say(presence, at);
    mark_changed(presence, &is->place);
    return LIA_OK;
}

void lia_presence_leave(lia_presence *presence, const lia_spot *place, lia_id user)
{
    look *at = find(presence, place, user, 0);
    if (at) go(presence, at);
}

/* ---- who is there ---------------------------------------------------------------------------- */

static bool is_there(const look *at, int64_t now_ms)
{
    return !at->gone && at->is.until_ms > now_ms;
}

/* Of a person at several nodes the first look counts, and the field of any of them. */
static size_t join(const look *at, lia_looker *out, size_t count, size_t max)
{
    for (size_t i = 0; i < count; i++) {
        if (!lia_id_equal(out[i].user, at->is.user)) continue;
        if (at->since_ms < out[i].since_ms) out[i].since_ms = at->since_ms;
        if (!out[i].field) out[i].field = at->is.field;
        return count;
    }
    if (count < max) out[count++] = (lia_looker){at->is.user, at->is.field, at->since_ms};
    return count;
}

static int by_coming(const void *a, const void *b)
{
    const lia_looker *one = a, *other = b;
    if (one->since_ms != other->since_ms) return one->since_ms < other->since_ms ? -1 : 1;
    return memcmp(&one->user, &other->user, sizeof one->user);
}

size_t lia_presence_at(const lia_presence *presence, const lia_spot *place, int64_t now_ms,
                       lia_looker *out, size_t max)
{
    size_t count = 0;
    const look *first = presence->places[slot_of(presence, place)];
    for (int peers = 0; peers <= 1; peers++)
        for (const look *at = first; at; at = at->next)
            if ((at->peer != 0) == (peers != 0) && is_seen(at) && is_there(at, now_ms) &&
                is_place(&at->is.place, place))
                count = join(at, out, count, max);
    qsort(out, count, sizeof *out, by_coming);
    return count;
}

lia_id lia_presence_named(const lia_presence *presence, const lia_spot *place, lia_id user,
                          int64_t now_ms)
{
    const look *at = find(presence, place, user, 0);
    return at && is_there(at, now_ms) ? at->is.named : LIA_ID_NONE;
}

size_t lia_presence_places(const lia_presence *presence, lia_id user, int64_t now_ms, lia_spot *out,
                           size_t max)
{
    size_t count = 0;
    for (size_t slot = 0; slot < PLACES; slot++)
        for (const look *at = presence->places[slot]; at && count < max; at = at->next)
            if (!at->peer && is_there(at, now_ms) && lia_id_equal(at->is.user, user))
                out[count++] = at->is.place;
    return count;
}

/* ---- what peers say -------------------------------------------------------------------------- */

/* More than one who tells honestly ever has to say. */
static bool is_too_much(source *from, int64_t now_ms)
{
    int64_t times = (now_ms - from->forgiven_ms) / WORD_MS;
    if (times > 0) {
        from->words = times < from->words ? from->words - (unsigned)times : 0;
        from->forgiven_ms = now_ms;
    }
    if (from->words == WORDS_BURST) return true;
    from->words++;
    return false;
}

static bool read_look(const Bus__Looker *said, int64_t now_ms, lia_look *out)
{
    int64_t still_ms =
        said->still_ms < LIA_PRESENCE_PEER_MS ? said->still_ms : LIA_PRESENCE_PEER_MS;
    if (said->user.len != LIA_ID_SIZE || said->record.len != LIA_ID_SIZE || !said->kind ||
        said->kind > UINT16_MAX)
        return false;
    *out = (lia_look){
        .place = {(uint16_t)said->kind, lia_id_from(lia_span_make(said->record.data, LIA_ID_SIZE))},
        .user = lia_id_from(lia_span_make(said->user.data, LIA_ID_SIZE)),
        .field = said->field,
        .until_ms = still_ms ? now_ms + still_ms : 0};
    return true;
}

static bool has_room(const lia_presence *presence, const source *from, const lia_spot *place)
{
    size_t there = 0;
    const look *at = presence->places[slot_of(presence, place)];
    for (; at; at = at->next) there += at->peer == from->node && is_place(&at->is.place, place);
    return from->count < LIA_PRESENCE_NODE_MAX && there < LIA_PRESENCE_PLACE_MAX;
}

static void hear_one(lia_presence *presence, source *from, const Bus__Looker *said, int64_t now_ms)
{
    lia_look is;
    if (!read_look(said, now_ms, &is)) return;
    look *at = find(presence, &is.place, is.user, from->node);
    if (!is.until_ms) {
        if (!at) return;
        drop(presence, at);
        mark_changed(presence, &is.place);
        return;
    }
    bool is_new = !at, edits_other = at && at->is.field != is.field;
    if (is_new && has_room(presence, from, &is.place)) at = add(presence, &is, from->node);
    if (!at) return;
    if (is_new) at->since_ms = now_ms - (said->for_ms < LIA_DAY_MS ? said->for_ms : LIA_DAY_MS);
    at->is = is;
    if (is_new || edits_other) mark_changed(presence, &is.place);
}

void lia_presence_hear(lia_presence *presence, uint16_t peer, lia_span word, int64_t now_ms)
{
    source *from = peer ? source_of(presence, peer) : NULL;
    if (peer && !from) from = add_source(presence, peer);
    if (!from || is_too_much(from, now_ms)) return;
    lia_arena_reset(&presence->arena);
    const Bus__Presence *said =
        (const Bus__Presence *)lia_unpack(&bus__presence__descriptor, word, &presence->arena);
    if (!said) return;
    for (size_t i = 0; i < said->n_lookers; i++) hear_one(presence, from, said->lookers[i], now_ms);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void sweep_one(lia_presence *presence, look *at, void *context)
{
    const int64_t *now_ms = context;
    if (at->is.until_ms > *now_ms || at->gone) return;
    if (!at->peer) {
        go(presence, at);
        return;
    }
    lia_spot place = at->is.place;
    drop(presence, at);
    mark_changed(presence, &place);
}

static void say_again(lia_presence *presence, look *at, void *context)
{
    (void)context;
    if (!at->peer && is_seen(at)) say(presence, at);
}

bool lia_presence_tick(lia_presence *presence, int64_t now_ms)
{
    if (now_ms >= presence->swept_ms + SWEEP_MS) {
        presence->swept_ms = now_ms;
        each(presence, sweep_one, &now_ms);
    }
    if (now_ms >= presence->beat_ms + LIA_PRESENCE_BEAT_MS) {
        presence->beat_ms = now_ms;
        each(presence, say_again, NULL);
    }
    return presence->count > 0;
}

/* ---- what is said ---------------------------------------------------------------------------- */

typedef struct wording {
    Bus__Looker *lookers, **list;
    size_t count;
    int64_t now_ms;
} wording;

static void word_one(lia_presence *presence, look *at, void *context)
{
    wording *word = context;
    if (!at->unsaid || word->count == LIA_PRESENCE_WORD_LOOKS) return;
    Bus__Looker *said = &word->lookers[word->count];
    int64_t for_ms = word->now_ms - at->since_ms;
    bus__looker__init(said);
    said->has_user = said->has_kind = said->has_record = said->has_still_ms = true;
    said->user = (ProtobufCBinaryData){LIA_ID_SIZE, at->is.user.bytes};
    said->kind = at->is.place.kind;
    said->record = (ProtobufCBinaryData){LIA_ID_SIZE, at->is.place.record.bytes};
    said->has_field = at->is.field != 0;
    said->field = at->is.field;
    said->still_ms = is_seen(at) ? LIA_PRESENCE_PEER_MS : 0; /* until it says otherwise */
    said->has_for_ms = said->still_ms != 0;
    said->for_ms = for_ms < LIA_DAY_MS ? (uint32_t)for_ms : LIA_DAY_MS;
    word->list[word->count++] = said;
    (void)presence;
}

/* What was just worded is said, unless it did not fit; who is gone is forgotten. */
static void said_one(lia_presence *presence, look *at, void *context)
{
    size_t *count = context;
    if (!at->unsaid || !*count) return;
    --*count;
    presence->unsaid--;
    at->unsaid = false;
    at->told = is_seen(at);
    if (at->gone) drop(presence, at);
}

lia_span lia_presence_word(lia_presence *presence, int64_t now_ms, lia_buf *out)
{
    if (!presence->unsaid) return LIA_SPAN_NONE;
    lia_arena_reset(&presence->arena);
    wording word = {
        .lookers = lia_arena_take(&presence->arena, LIA_PRESENCE_WORD_LOOKS * sizeof *word.lookers),
        .list = lia_arena_take(&presence->arena, LIA_PRESENCE_WORD_LOOKS * sizeof *word.list),
        .now_ms = now_ms};
    if (!word.lookers || !word.list) return LIA_SPAN_NONE;
    each(presence, word_one, &word);
    Bus__Presence message = BUS__PRESENCE__INIT;
    message.lookers = word.list;
    message.n_lookers = word.count;
    size_t size = bus__presence__get_packed_size(&message);
    uint8_t *to = lia_buf_room(out, size);
    if (!to) return LIA_SPAN_NONE;
    bus__presence__pack(&message, to);
    out->size += size;
    each(presence, said_one, &word.count);
    return lia_span_make(to, size);
}

/* ---- what changed ---------------------------------------------------------------------------- */

static void unmark(lia_presence *presence, const lia_spot *place)
{
    for (look *at = presence->places[slot_of(presence, place)]; at; at = at->next)
        if (is_place(&at->is.place, place)) at->changed = false;
}

bool lia_presence_changed(lia_presence *presence, lia_spot *out)
{
    for (size_t word = 0; word < LIA_COUNT(presence->changed); word++)
        while (presence->changed[word]) {
            size_t slot = word * 64 + (size_t)__builtin_ctzll(presence->changed[word]);
            for (const look *at = presence->places[slot]; at; at = at->next) {
                if (!at->changed) continue;
                *out = at->is.place;
                unmark(presence, out);
                return true;
            }
            presence->changed[word] &= presence->changed[word] - 1;
        }
    return false;
}
