/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/zap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/base/time.h"

struct lia_zap {
    void *socket; /* the thread's after it started */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what is below */
    uint8_t members[LIA_MEMBERS_MAX][LIA_CURVE_KEY_SIZE];
    uint64_t out_until_ns[LIA_MEMBERS_MAX];
    size_t member_count;
    size_t reader_count;
    uint8_t readers[LIA_READERS_MAX][LIA_CURVE_KEY_SIZE];
};

/* version, request id, domain, address, routing id, mechanism, credentials */
enum { VERSION, REQUEST, DOMAIN, ADDRESS, ROUTING, MECHANISM, KEY, FRAMES };

typedef struct question {
    zmq_msg_t frames[FRAMES];
    size_t count; /* FRAMES + 1 when there were more */
} question;

void lia_user_id_print(const uint8_t key[LIA_CURVE_KEY_SIZE], char text[LIA_USER_ID_SIZE])
{
    lia_hex_print(lia_span_make(key, LIA_CURVE_KEY_SIZE), text);
}

/* ---- the decision --------------------------------------------------------------------------- */

/* Looks at every byte whatever it finds, so that time says nothing about the list. */
static bool keys_equal(const uint8_t *a, const uint8_t *b)
{
    unsigned difference = 0;
    for (size_t i = 0; i < LIA_CURVE_KEY_SIZE; i++) difference |= a[i] ^ b[i];
    return difference == 0;
}

static bool is_listed(const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count, const uint8_t *key)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) found |= keys_equal(keys[i], key);
    return found;
}

/* The lock is held. */
static bool is_shut_out(const lia_zap *zap, const uint8_t *key)
{
    bool out = false;
    uint64_t now_ns = lia_time_ticks_ns();
    for (size_t i = 0; i < zap->member_count; i++)
        out |= keys_equal(zap->members[i], key) & (zap->out_until_ns[i] > now_ns);
    return out;
}

static lia_span frame_of(question *asked, size_t index)
{
    zmq_msg_t *frame = &asked->frames[index];
    return lia_span_make(zmq_msg_data(frame), zmq_msg_size(frame));
}

static bool may_enter(lia_zap *zap, question *asked)
{
    if (asked->count != FRAMES || !lia_span_is(frame_of(asked, VERSION), "1.0") ||
        !lia_span_is(frame_of(asked, MECHANISM), "CURVE") ||
        frame_of(asked, KEY).size != LIA_CURVE_KEY_SIZE)
        return false;
    const uint8_t *key = frame_of(asked, KEY).data;
    bool bus = lia_span_is(frame_of(asked, DOMAIN), LIA_ZAP_BUS);
    bool pub = lia_span_is(frame_of(asked, DOMAIN), LIA_ZAP_PUB);
    pthread_mutex_lock(&zap->lock);
    bool member = is_listed((const void *)zap->members, zap->member_count, key);
    bool reader = is_listed((const void *)zap->readers, zap->reader_count, key);
    bool out = is_shut_out(zap, key);
    pthread_mutex_unlock(&zap->lock);
    return (bus && member && !out) || (pub && (member || reader));
}

/* ---- the conversation ----------------------------------------------------------------------- */

/* False when the context ends. */
static bool read_question(void *socket, question *asked)
{
    int more = 1;
    asked->count = 0;
    for (size_t i = 0; i < FRAMES; i++) zmq_msg_init(&asked->frames[i]);
    while (more) {
        zmq_msg_t spare;
        bool extra = asked->count >= FRAMES;
        zmq_msg_t *frame = extra ? &spare : &asked->frames[asked->count];
        if (extra) zmq_msg_init(frame);
        while (zmq_msg_recv(frame, socket, 0) < 0) {
            lia_assert(errno == EINTR || errno == ETERM);
            if (errno == ETERM) return false;
        }
        more = zmq_msg_more(frame);
        if (extra) zmq_msg_close(frame);
        asked->count = extra ? FRAMES + 1 : asked->count + 1;
    }
    return true;
}

static void forget_question(question *asked)
{
    for (size_t i = 0; i < FRAMES; i++) zmq_msg_close(&asked->frames[i]);
}

static void say(void *socket, lia_span frame, int flags)
{
    while (zmq_send(socket, frame.data, frame.size, flags) < 0) {
        lia_assert(errno == EINTR || errno == ETERM);
        if (errno == ETERM) return; /* the next read ends the thread */
    }
}

static void answer(void *socket, question *asked, bool yes)
{
    char user_id[LIA_USER_ID_SIZE] = "";
    if (yes) lia_user_id_print(frame_of(asked, KEY).data, user_id);
    say(socket, LIA_SPAN("1.0"), ZMQ_SNDMORE);
    say(socket, asked->count > REQUEST ? frame_of(asked, REQUEST) : LIA_SPAN_NONE, ZMQ_SNDMORE);
    say(socket, yes ? LIA_SPAN("200") : LIA_SPAN("400"), ZMQ_SNDMORE);
    say(socket, yes ? LIA_SPAN("OK") : LIA_SPAN("this key is not in the list"), ZMQ_SNDMORE);
    say(socket, lia_span_text(user_id), ZMQ_SNDMORE);
    say(socket, LIA_SPAN_NONE, 0);
}

static void *keep_door(void *context)
{
    lia_zap *zap = context;
    question asked;
    while (read_question(zap->socket, &asked)) {
        answer(zap->socket, &asked, may_enter(zap, &asked));
        forget_question(&asked);
    }
    forget_question(&asked);
    zmq_close(zap->socket);
    return NULL;
}

/* ---- lifetime ------------------------------------------------------------------------------- */

/* Signals belong to the loop, so the thread starts with all of them blocked. */
static int start_thread(lia_zap *zap)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&zap->thread, NULL, keep_door, zap);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

lia_err lia_zap_open(lia_zap **out, void *zmq, const lia_members *members, lia_zap_readers readers)
{
    *out = NULL;
    lia_zap *zap = calloc(1, sizeof *zap);
    if (!zap) return LIA_EFULL;
    pthread_mutex_init(&zap->lock, NULL);
    lia_zap_set_readers(zap, readers);
    lia_zap_set_members(zap, members);
    zap->socket = zmq_socket(zmq, ZMQ_REP);
    if (zap->socket && zmq_bind(zap->socket, "inproc://zeromq.zap.01") == 0 &&
        start_thread(zap) == 0) {
        *out = zap;
        return LIA_OK;
    }
    if (zap->socket) zmq_close(zap->socket);
    pthread_mutex_destroy(&zap->lock);
    free(zap);
    return LIA_EFULL;
}

void lia_zap_close(lia_zap *zap)
{
    if (!zap) return;
    pthread_join(zap->thread, NULL);
    pthread_mutex_destroy(&zap->lock);
    free(zap);
}

void lia_zap_set_members(lia_zap *zap, const lia_members *members)
{
    pthread_mutex_lock(&zap->lock);
    zap->member_count = members->count;
    memset(zap->out_until_ns, 0, sizeof zap->out_until_ns);
    for (size_t i = 0; i < members->count; i++)
        memcpy(zap->members[i], members->list[i].curve_key, LIA_CURVE_KEY_SIZE);
    pthread_mutex_unlock(&zap->lock);
}

void lia_zap_set_readers(lia_zap *zap, lia_zap_readers readers)
{
    size_t count = readers.count < LIA_READERS_MAX ? readers.count : LIA_READERS_MAX;
    pthread_mutex_lock(&zap->lock);
    zap->reader_count = count;
    if (count) memcpy(zap->readers, readers.keys, count * LIA_CURVE_KEY_SIZE);
    pthread_mutex_unlock(&zap->lock);
}

void lia_zap_shut_out(lia_zap *zap, const uint8_t key[LIA_CURVE_KEY_SIZE], uint32_t ms)
{
    pthread_mutex_lock(&zap->lock);
    for (size_t i = 0; i < zap->member_count; i++)
        if (keys_equal(zap->members[i], key))
            zap->out_until_ns[i] = lia_time_ticks_ns() + (uint64_t)ms * 1000000;
    pthread_mutex_unlock(&zap->lock);
}
