/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIA_ANALYTICS_ANALYTICS_H
#define LIA_ANALYTICS_ANALYTICS_H

#include "common/node/service.h"

extern const lia_service lia_analytics;

#endif
