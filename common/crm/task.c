/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/task.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_TASK_IS_DONE[1] = {{"task-is-done", "The task is done already."}};

lia_refusal lia_task_complete(Crm__Task *task)
{
    if (task->state == LIA_TASK_DONE) return LIA_TASK_IS_DONE;
    LIA_SET(task, state, LIA_TASK_DONE);
    return LIA_ALLOWED;
}
