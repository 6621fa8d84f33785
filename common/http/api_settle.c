/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are one customer is worked out beside the commits, a few milliseconds behind them.
 * Who has just decided it, and who asks for it, may wait until that is done. */
#include <stdlib.h>

#include "common/http/api_inner.h"

#define POLL_MS 2

typedef struct settling {
    uv_timer_t timer;
    lia_api *api;
    uint64_t until_ns;
    void (*go_on)(void *context);
    void *context;
} settling;

uint64_t lia_api_unsettled(const lia_api *api)
{
    lia_node_stats stats;
    uint64_t waiting = 0;
    lia_node_get_stats(api->node, &stats);
    for (size_t i = 0; i < stats.background_count; i++)
        if (strcmp(stats.backgrounds[i].name, "identity") == 0)
            waiting += stats.backgrounds[i].waiting;
    return waiting;
}

static void closed(uv_handle_t *handle)
{
    settling *wait = handle->data;
    lia_api *api = wait->api;
    free(wait);
    lia_api_worked(api);
}

static void look(uv_timer_t *timer)
{
    settling *wait = timer->data;
    bool late = lia_time_ticks_ns() >= wait->until_ns;
    if (!late && !wait->api->closing && lia_api_unsettled(wait->api)) return;
    uv_timer_stop(timer);
    wait->go_on(wait->context);
    uv_close((uv_handle_t *)timer, closed);
}

void lia_api_settle(lia_api *api, uint64_t wait_ms, void (*go_on)(void *context), void *context)
{
    settling *wait = wait_ms && lia_api_unsettled(api) ? calloc(1, sizeof *wait) : NULL;
    if (!wait) {
        go_on(context);
        return;
    }
    *wait = (settling){.api = api,
                       .until_ns = lia_time_ticks_ns() + wait_ms * 1000000,
                       .go_on = go_on,
                       .context = context};
    api->at_work++;
    wait->timer.data = wait;
    uv_timer_init(api->loop, &wait->timer);
    uv_timer_start(&wait->timer, look, POLL_MS, POLL_MS);
}
