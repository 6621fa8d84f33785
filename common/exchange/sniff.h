/* SPDX-License-Identifier: Apache-2.0 */
/* sniff - which character stands between the cells of a CSV file: the one with which the first rows
 * have the most columns and all as many. Pure. */
#ifndef LIA_EXCHANGE_SNIFF_H
#define LIA_EXCHANGE_SNIFF_H

#include "common/wire/csv.h"

/* One of , ; tab | from the beginning of a file in UTF-8; a comma where nothing speaks for another.
 */
char lia_csv_sniff(lia_span beginning);

#endif
