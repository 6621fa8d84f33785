/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/search.h"

#include <stdlib.h>

#include "common/search/inner.h"

#define ARENA_BYTES ((size_t)64 << 20)

/* ---- what the node says, on its threads --------------------------------------------------------
 */

static void wake(lia_search *search)
{
    search->woken = true;
    pthread_cond_signal(&search->ready);
}

lia_err lia_search_order(lia_search *search, lia_id customer)
{
    if (search->forget_count == search->forget_room) {
        size_t room = search->forget_room ? 2 * search->forget_room : 64;
        lia_id *grown = realloc(search->forget, room * sizeof *grown);
        if (!grown) return LIA_EFULL;
        search->forget = grown;
        search->forget_room = room;
    }
    search->forget[search->forget_count++] = customer;
    return LIA_OK;
}

static lia_err forget(void *state, const lia_id *customers, size_t count)
{
    lia_search *search = state;
    lia_err err = LIA_OK;
    pthread_mutex_lock(&search->lock);
    for (size_t i = 0; i < count && !err; i++) err = lia_search_order(search, customers[i]);
    search->told++;
    wake(search);
    pthread_mutex_unlock(&search->lock);
    return err;
}

static bool forgotten(void *state)
{
    lia_search *search = state;
    pthread_mutex_lock(&search->lock);
    bool done = search->forgotten == search->told;
    pthread_mutex_unlock(&search->lock);
    return done;
}

static void repaired(void *state)
{
    lia_search *search = state;
    pthread_mutex_lock(&search->lock);
    search->rescan = true;
    wake(search);
    pthread_mutex_unlock(&search->lock);
}

static void committed(void *context, uint64_t visible)
{
    lia_search *search = context;
    (void)visible;
    pthread_mutex_lock(&search->lock);
    if (!search->behind_since_ns) search->behind_since_ns = lia_time_ticks_ns();
    wake(search);
    pthread_mutex_unlock(&search->lock);
}

lia_copies lia_search_copies(lia_search *search)
{
    return (lia_copies){forget, forgotten, repaired, search};
}

/* ---- lifecycle ------------------------------------------------------------------------------- */

lia_err lia_search_open(lia_search **out, const char *dir, lia_why *why)
{
    lia_search *search = calloc(1, sizeof *search);
    *out = NULL;
    if (!search) return lia_why_set(why, LIA_EFULL, "no memory");
    search->recent = calloc(LIA_SEARCH_RECENT, sizeof *search->recent);
    lia_err err = search->recent ? lia_arena_init(&search->arena, ARENA_BYTES) : LIA_EFULL;
    if (err) lia_why_set(why, err, "no memory");
    if (!err) err = lia_index_open(&search->index, dir, 0, why);
    if (err) {
        lia_arena_fini(&search->arena);
        free(search->recent);
        free(search);
        return err;
    }
    search->arrival = lia_index_state(search->index)->arrival;
    search->status.documents = lia_index_state(search->index)->live;
    search->status.scan_kind = "";
    pthread_mutex_init(&search->lock, NULL);
    pthread_cond_init(&search->ready, NULL);
    *out = search;
    return LIA_OK;
}

lia_err lia_search_start(lia_search *search, lia_node *node)
{
    search->node = node;
    search->watch = lia_node_watch_commits(node, committed, search);
    if (!search->watch) return LIA_EFULL;
    if (pthread_create(&search->thread, NULL, lia_search_main, search)) return LIA_EFULL;
    search->running = true;
    return LIA_OK;
}

void lia_search_stop(lia_search *search)
{
    if (!search) return;
    if (search->watch) lia_node_unwatch(search->node, search->watch);
    search->watch = NULL;
    if (!search->running) return;
    pthread_mutex_lock(&search->lock);
    search->stop = true;
    wake(search);
    pthread_mutex_unlock(&search->lock);
    pthread_join(search->thread, NULL);
    search->running = false;
}

static void free_all(lia_search *search)
{
    pthread_cond_destroy(&search->ready);
    pthread_mutex_destroy(&search->lock);
    lia_arena_fini(&search->arena);
    free(search->recent);
    free(search->forget);
    free(search);
}

void lia_search_close(lia_search *search)
{
    if (!search) return;
    lia_search_stop(search);
    lia_index_close(search->index);
    free_all(search);
}

void lia_search_crash(lia_search *search)
{
    lia_search_stop(search);
    lia_index_drop(search->index);
    free_all(search);
}

/* ---- how it is ------------------------------------------------------------------------------- */

void lia_search_get_status(lia_search *search, lia_search_status *out)
{
    uint64_t arrival = __atomic_load_n(&search->arrival, __ATOMIC_ACQUIRE);
    uint64_t visible = search->node ? lia_node_visible(search->node) : arrival;
    pthread_mutex_lock(&search->lock);
    *out = search->status;
    out->behind = visible > arrival ? visible - arrival : 0;
    if (out->behind && search->behind_since_ns)
        out->behind_ms = (lia_time_ticks_ns() - search->behind_since_ns) / 1000000;
    pthread_mutex_unlock(&search->lock);
}

bool lia_search_has(lia_search *search, uint64_t arrival)
{
    pthread_mutex_lock(&search->lock);
    bool scanning = search->status.scanning;
    pthread_mutex_unlock(&search->lock);
    return !scanning && __atomic_load_n(&search->arrival, __ATOMIC_ACQUIRE) >= arrival;
}
