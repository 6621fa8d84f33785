/* SPDX-License-Identifier: Apache-2.0 */
/* task - something that a person is to do: its rules, pure. */
#ifndef LIA_CRM_TASK_H
#define LIA_CRM_TASK_H

#include "common/base/err.h"
#include "proto/crm.pb-c.h"

#define LIA_TASK_OPEN CRM__TASK_STATE__TASK_STATE_OPEN
#define LIA_TASK_DONE CRM__TASK_STATE__TASK_STATE_DONE

extern const lia_refusal_text LIA_TASK_IS_DONE[1];

lia_refusal lia_task_complete(Crm__Task *task);

#endif
