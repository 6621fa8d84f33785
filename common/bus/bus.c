/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/bus.h"

#include "common/base/assert.h"
#include "common/bus/carrier.h"

/* Topics of 246 bytes and more corrupt subscriptions in libzmq 4.3.4 (#4564); words are short. */
#define TOPIC_SIZE_MAX 128

lia_err lia_bus_open(lia_bus **out, const lia_bus_carrier *carrier, const lia_bus_options *options,
                     lia_why *why)
{
    *out = NULL;
    lia_err err = carrier->open(out, options, why);
    lia_assert((err == LIA_OK) == (*out != NULL));
    return err;
}

void lia_bus_close(lia_bus *bus, void (*closed)(void *), void *context)
{
    bus->carrier->close(bus, closed, context);
}

lia_err lia_bus_send(lia_bus *bus, uint16_t peer, lia_bus_end end, lia_span frame)
{
    if (frame.size > LIA_FRAME_BYTES_MAX) return LIA_EINVAL;
    return bus->carrier->send(bus, peer, end, frame);
}

lia_err lia_bus_publish(lia_bus *bus, const char *topic, lia_span message)
{
    size_t size = strnlen(topic, TOPIC_SIZE_MAX + 1);
    if (size == 0 || size > TOPIC_SIZE_MAX || message.size > LIA_FRAME_BYTES_MAX) return LIA_EINVAL;
    return bus->carrier->publish(bus, topic, message);
}

size_t lia_bus_queued(const lia_bus *bus, uint16_t peer, lia_bus_end end)
{
    return bus->carrier->queued(bus, peer, end);
}

bool lia_bus_wanted(const lia_bus *bus)
{
    return bus->carrier->wanted(bus);
}

lia_err lia_bus_set_members(lia_bus *bus, const lia_members *members)
{
    return bus->carrier->members(bus, members);
}

void lia_bus_set_spares(lia_bus *bus, const lia_node_keys *spares, size_t count)
{
    bus->carrier->spares(bus, spares, count);
}

lia_err lia_bus_set_readers(lia_bus *bus, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count)
{
    return bus->carrier->readers(bus, keys, count);
}

bool lia_bus_refused(const lia_bus *bus, uint16_t peer)
{
    return bus->carrier->refused(bus, peer);
}
