/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/hold.h"

static void look(lia_holds *holds);

static void expired(uv_timer_t *timer)
{
    look(timer->data);
}

void lia_holds_init(lia_holds *holds, uv_loop_t *loop, uint16_t self,
                    size_t (*holders)(void *, lia_position), void *context)
{
    *holds = (lia_holds){.self = self, .holders = holders, .context = context};
    uv_timer_init(loop, &holds->timer);
    holds->timer.data = holds;
}

/* The timer rings for the hold that ends first. */
static void set_timer(lia_holds *holds)
{
    uint64_t until_ns = UINT64_MAX, now_ns = lia_time_ticks_ns();
    for (const lia_hold *h = holds->first; h; h = h->next)
        if (h->until_ns < until_ns) until_ns = h->until_ns;
    if (!holds->first) {
        uv_timer_stop(&holds->timer);
        return;
    }
    uv_update_time(holds->timer.loop);
    uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    uv_timer_start(&holds->timer, expired, left_ns / 1000000 + 1, 0);
}

static bool is_over(const lia_holds *holds, lia_hold *hold, uint64_t now_ns)
{
    hold->holders = holds->holders(holds->context, hold->position);
    return hold->holders >= hold->wanted || holds->released || hold->until_ns <= now_ns;
}

/* Answers may hold anew, so those that are over leave the list before the first is told. */
static void look(lia_holds *holds)
{
    lia_hold *over = NULL, **end = &over;
    uint64_t now_ns = lia_time_ticks_ns();
    holds->foreign = false;
    for (lia_hold **at = &holds->first; *at;) {
        lia_hold *hold = *at;
        if (is_over(holds, hold, now_ns)) {
            *at = hold->next;
            hold->next = NULL;
            *end = hold;
            end = &hold->next;
        } else {
            holds->foreign |= hold->position.node != holds->self;
            at = &hold->next;
        }
    }
    if (over || !uv_is_active((uv_handle_t *)&holds->timer)) set_timer(holds);
    while (over) {
        lia_hold *next = over->next;
        over->done(over, over->context);
        over = next;
    }
}

void lia_holds_look(lia_holds *holds, bool own)
{
    if (holds->first && (own || holds->foreign)) look(holds);
}

void lia_holds_add(lia_holds *holds, lia_hold *hold)
{
    if (is_over(holds, hold, lia_time_ticks_ns())) {
        hold->done(hold, hold->context);
        return;
    }
    hold->next = holds->first;
    holds->first = hold;
    holds->foreign |= hold->position.node != holds->self;
    set_timer(holds);
}

void lia_holds_release(lia_holds *holds)
{
    holds->released = true;
    look(holds);
}
