/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIA_SALES_SALES_H
#define LIA_SALES_SALES_H

#include "common/node/service.h"

extern const lia_service lia_sales;

#endif
