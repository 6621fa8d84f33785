/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIA_SERVICE_SERVICE_H
#define LIA_SERVICE_SERVICE_H

#include "common/node/service.h"

/* Not `lia_service`: that is the type. */
extern const lia_service lia_service_department;

#endif
