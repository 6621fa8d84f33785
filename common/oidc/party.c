/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait, in place of a state machine on the loop: a sign-in is up to five exchanges one
 * after the other, each of which depends on the one before, and it reads as such in redeem.c. */
#include "common/oidc/party.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/oidc/redeem.h"

enum { THREADS = 4, THREADS_OF_ISSUER = 2 };
#define ARENA_BYTES ((size_t)2 << 20)

typedef struct worker {
    lia_party *party;
    pthread_t thread;
    lia_redeemer redeemer;
    const lia_party_job *job; /* under way */
} worker;

struct lia_party {
    lia_party_options options;
    lia_known known;
    bool hurry; /* atomic: read by transfers */
    uv_async_t ended_async;
    void (*closed)(void *);
    void *context;

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wanted;
    lia_party_job *waiting, *ended;
    size_t waiting_count, worker_count;
    bool stopping;
    worker workers[THREADS];
};

/* ---- threads --------------------------------------------------------------------------------- */

static size_t at_work_for(const lia_party *party, const char *issuer)
{
    size_t count = 0;
    for (size_t i = 0; i < party->worker_count; i++) {
        const lia_party_job *job = party->workers[i].job;
        count += job && !strcmp(job->issuer, issuer);
    }
    return count;
}

/* The first one whose issuer has not its share already. */
static lia_party_job *take_next(lia_party *party)
{
    for (lia_party_job **at = &party->waiting; *at; at = &(*at)->next) {
        lia_party_job *job = *at;
        if (!party->hurry && at_work_for(party, job->issuer) >= THREADS_OF_ISSUER) continue;
        *at = job->next;
        party->waiting_count--;
        return job;
    }
    return NULL;
}

static void *work(void *context)
{
    worker *self = context;
    lia_party *party = self->party;
    pthread_mutex_lock(&party->lock);
    while (!party->stopping) {
        lia_party_job *job = take_next(party);
        if (!job) {
            pthread_cond_wait(&party->wanted, &party->lock);
            continue;
        }
        self->job = job;
        pthread_mutex_unlock(&party->lock);
        lia_redeem(&self->redeemer, job);
        pthread_mutex_lock(&party->lock);
        self->job = NULL;
        job->next = party->ended;
        party->ended = job;
        pthread_cond_broadcast(&party->wanted); /* its issuer has a share again */
        uv_async_send(&party->ended_async);
    }
    pthread_mutex_unlock(&party->lock);
    return NULL;
}

static lia_err add_worker(lia_party *party)
{
    worker *self = &party->workers[party->worker_count];
    const lia_fetch_options how = {party->options.to_private, party->options.ca_file,
                                   &party->hurry};
    self->party = party;
    self->redeemer = (lia_redeemer){.known = &party->known, .how = how};
    self->redeemer.fetch = calloc(1, sizeof *self->redeemer.fetch);
    lia_err err =
        self->redeemer.fetch ? lia_arena_init(&self->redeemer.arena, ARENA_BYTES) : LIA_EFULL;
    if (!err && pthread_create(&self->thread, NULL, work, self)) err = LIA_EFULL;
    if (err) {
        lia_arena_fini(&self->redeemer.arena);
        free(self->redeemer.fetch);
        *self = (worker){0};
        return err;
    }
    party->worker_count++;
    return LIA_OK;
}

/* ---- questions ------------------------------------------------------------------------------- */

static void tell_ended(uv_async_t *async)
{
    lia_party *party = async->data;
    lia_party_job *next;
    pthread_mutex_lock(&party->lock);
    lia_party_job *job = party->ended;
    party->ended = NULL;
    pthread_mutex_unlock(&party->lock);
    for (; job; job = next) {
        next = job->next;
        job->done(job);
    }
}

static lia_err enqueue(lia_party *party, lia_party_job *job)
{
    if (party->waiting_count == LIA_PARTY_WAITING_MAX) return LIA_EFULL;
    if (party->worker_count < THREADS && add_worker(party) && !party->worker_count)
        return LIA_EFULL;
    lia_party_job **end = &party->waiting;
    while (*end) end = &(*end)->next;
    *end = job;
    party->waiting_count++;
    pthread_cond_broadcast(&party->wanted);
    return LIA_OK;
}

lia_err lia_party_ask(lia_party *party, lia_party_job *job)
{
    job->err = LIA_OK;
    job->why.text[0] = 0;
    job->next = NULL;
    pthread_mutex_lock(&party->lock);
    lia_err err = enqueue(party, job);
    pthread_mutex_unlock(&party->lock);
    return err;
}

bool lia_party_knows(lia_party *party, const char *issuer, lia_oidc_doors *out)
{
    return lia_known_doors(&party->known, issuer, out);
}

bool lia_party_takes_plain(const lia_party *party)
{
    return party->options.to_private;
}

/* ---- open and close -------------------------------------------------------------------------- */

lia_err lia_party_open(lia_party **out, const lia_party_options *options)
{
    lia_party *party = calloc(1, sizeof *party);
    *out = party;
    if (!party) return LIA_EFULL;
    party->options = *options;
    pthread_mutex_init(&party->lock, NULL);
    pthread_cond_init(&party->wanted, NULL);
    lia_known_init(&party->known);
    uv_async_init(options->loop, &party->ended_async, tell_ended);
    uv_unref((uv_handle_t *)&party->ended_async);
    party->ended_async.data = party;
    return LIA_OK;
}

void lia_party_hurry(lia_party *party)
{
    __atomic_store_n(&party->hurry, true, __ATOMIC_RELEASE);
    pthread_mutex_lock(&party->lock);
    pthread_cond_broadcast(&party->wanted);
    pthread_mutex_unlock(&party->lock);
}

static void freed(uv_handle_t *handle)
{
    lia_party *party = handle->data;
    void (*closed)(void *) = party->closed;
    void *context = party->context;
    lia_known_fini(&party->known);
    pthread_cond_destroy(&party->wanted);
    pthread_mutex_destroy(&party->lock);
    free(party);
    if (closed) closed(context);
}

void lia_party_close(lia_party *party, void (*closed)(void *), void *context)
{
    pthread_mutex_lock(&party->lock);
    lia_assert(!party->waiting && !party->ended);
    party->stopping = true;
    pthread_cond_broadcast(&party->wanted);
    pthread_mutex_unlock(&party->lock);
    for (size_t i = 0; i < party->worker_count; i++) {
        pthread_join(party->workers[i].thread, NULL);
        lia_arena_fini(&party->workers[i].redeemer.arena);
        free(party->workers[i].redeemer.fetch);
    }
    party->closed = closed;
    party->context = context;
    uv_close((uv_handle_t *)&party->ended_async, freed);
}
