/* SPDX-License-Identifier: Apache-2.0 */
/* What members understand is said in greetings only: it changes with their processes. A peer that
 * is not connected may be about to come back as another release, so what it said before does not
 * count. */
#include "common/sync/inner.h"

void learn_features(peer *from, const Bus__Hello *hello)
{
    from->features = hello->features;
    from->features_on = hello->features_on;
}

void tell_features(const lia_sync *sync, Bus__Hello *hello)
{
    hello->has_features = hello->has_features_on = true;
    hello->features = sync->options.features;
    hello->features_on = sync->options.features_on;
}

uint64_t lia_sync_features_wanted(const lia_sync *sync)
{
    uint64_t all = UINT64_MAX, on = 0;
    for (size_t i = 0; i < sync->peer_count; i++) {
        const peer *one = &sync->peers[i];
        bool connected = one->state == SESSION_UP;
        all &= connected ? one->features : 0;
        on |= connected ? one->features_on : 0;
    }
    return ((all | on) & sync->options.features) | sync->options.features_on;
}

uint64_t lia_sync_features_of_peers(const lia_sync *sync)
{
    uint64_t on = 0;
    for (size_t i = 0; i < sync->peer_count; i++)
        if (sync->peers[i].state == SESSION_UP) on |= sync->peers[i].features_on;
    return on;
}

void lia_sync_set_features_on(lia_sync *sync, uint64_t on)
{
    sync->options.features_on = on;
}
