/* SPDX-License-Identifier: Apache-2.0 */
/* propose - what the columns of a stranger's file probably are: by their names (those of the
 * fields, words for them in several languages, and those of the contact exports of HubSpot,
 * Salesforce and Zoho) and by what stands in them. Pure. */
#ifndef LIA_EXCHANGE_PROPOSE_H
#define LIA_EXCHANGE_PROPOSE_H

#include "common/wire/csv.h"
#include "common/wire/schema.h"

#define LIA_PROPOSED_SIZE 48

typedef struct lia_proposal {
    const char *source; /* "hubspot", "salesforce", "zoho"; NULL: nothing speaks for one of them */
    /* Per column a path as csv_map reads it; "": leave it out. */
    char fields[LIA_CSV_COLUMNS_MAX][LIA_PROPOSED_SIZE];
} lia_proposal;

/* `samples` are the cells of a row, or NULL. What comes out maps: lia_csv_map_make takes it. */
void lia_propose(lia_proposal *out, const lia_kind *kind, const lia_span *names,
                 const lia_span *samples, size_t count);

#endif
