/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIA_MARKETING_MARKETING_H
#define LIA_MARKETING_MARKETING_H

#include "common/node/service.h"

extern const lia_service lia_marketing;

#endif
