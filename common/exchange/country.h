/* SPDX-License-Identifier: Apache-2.0 */
/* country - the code of a country (ISO 3166-1) from the name that people write in other systems. */
#ifndef LIA_EXCHANGE_COUNTRY_H
#define LIA_EXCHANGE_COUNTRY_H

#include "common/base/span.h"

/* Two capital letters; NULL for names that are not known. Case does not matter. */
const char *lia_country_by_name(lia_span name);

#endif
