/* SPDX-License-Identifier: Apache-2.0 */
/* hold - answers that are held back until other nodes have what they speak of, or their time is
 * up. They hang in one list that acknowledgements and one timer look at. Internal to common/node;
 * loop thread only. */
#ifndef LIA_NODE_HOLD_H
#define LIA_NODE_HOLD_H

#include "common/node/node.h"

typedef struct lia_holds {
    lia_hold *first;
    uv_timer_t timer;
    uint16_t self; /* own node number */
    bool foreign;  /* something of another node is waited for, which no acknowledgement tells of */
    bool released;
    size_t (*holders)(void *context, lia_position position);
    void *context;
} lia_holds;

void lia_holds_init(lia_holds *holds, uv_loop_t *loop, uint16_t self,
                    size_t (*holders)(void *, lia_position), void *context);
/* As lia_node_hold. */
void lia_holds_add(lia_holds *holds, lia_hold *hold);
/* Others may have more than before: answers what has waited long enough. `own` says that it is the
 * own lane that somebody acknowledged. */
void lia_holds_look(lia_holds *holds, bool own);
/* Answers all with what there is, and so everything that comes from now on. */
void lia_holds_release(lia_holds *holds);

#endif
