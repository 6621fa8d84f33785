/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are one customer is worked out beside the commits, a few milliseconds behind them,
 * and so is the search index. Who has just written, and who asks, may wait until that is done. */
#include <stdlib.h>

#include "common/http/api_inner.h"

#define POLL_MS 2

typedef struct waiting {
    uv_timer_t timer;
    lia_api *api;
    uint64_t until_ns;
    lia_patience patience;
} patient;

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
    patient *wait = handle->data;
    lia_api *api = wait->api;
    free(wait);
    lia_api_worked(api);
}

static void look(uv_timer_t *timer)
{
    patient *wait = timer->data;
    const lia_patience *patience = &wait->patience;
    bool late = lia_time_ticks_ns() >= wait->until_ns;
    if (!late && !wait->api->closing && patience->waits(patience->of)) return;
    uv_timer_stop(timer);
    patience->go_on(patience->context);
    uv_close((uv_handle_t *)timer, closed);
}

void lia_api_be_patient(lia_api *api, const lia_patience *patience)
{
    bool waits = patience->ms && patience->waits(patience->of);
    patient *wait = waits ? calloc(1, sizeof *wait) : NULL;
    if (!wait) {
        patience->go_on(patience->context);
        return;
    }
    *wait = (patient){.api = api,
                      .until_ns = lia_time_ticks_ns() + patience->ms * 1000000,
                      .patience = *patience};
    api->at_work++;
    wait->timer.data = wait;
    uv_timer_init(api->loop, &wait->timer);
    uv_timer_start(&wait->timer, look, POLL_MS, POLL_MS);
}

static bool is_unsettled(void *api)
{
    return lia_api_unsettled(api) > 0;
}

void lia_api_settle(lia_api *api, uint64_t wait_ms, void (*go_on)(void *context), void *context)
{
    const lia_patience patience = {wait_ms, is_unsettled, api, go_on, context};
    lia_api_be_patient(api, &patience);
}
