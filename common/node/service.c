/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/service.h"

#include "common/base/assert.h"

void lia_services_list(const lia_service *shared, const lia_service *own,
                       const lia_service *out[LIA_SERVICES_MAX])
{
    size_t count = 2;
    out[0] = shared;
    out[1] = own;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; out[s] && i < out[s]->part_count; i++) {
            lia_assert(count < LIA_SERVICES_MAX);
            out[count++] = out[s]->parts[i];
        }
    while (count < LIA_SERVICES_MAX) out[count++] = NULL;
}

const lia_command_row *lia_services_command_at(const lia_service *shared, const lia_service *own,
                                               size_t index)
{
    const lia_service *services[LIA_SERVICES_MAX];
    lia_services_list(shared, own, services);
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++) {
        if (!services[s]) continue;
        if (index < services[s]->command_count) return &services[s]->commands[index];
        index -= services[s]->command_count;
    }
    return NULL;
}
