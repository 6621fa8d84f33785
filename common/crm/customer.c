/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/customer.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_CUSTOMER_IS_NOBODY[1] = {
    {"customer-is-nobody", "A customer needs a name, an e-mail, a phone or a number elsewhere."}};

const char *lia_customer_full_name(const Crm__Customer *customer, lia_arena *arena)
{
    bool given = !lia_text_is_empty(customer->given_name);
    bool family = !lia_text_is_empty(customer->family_name);
    if (given && family)
        return lia_arena_text(arena, "%s %s", customer->given_name, customer->family_name);
    return given ? customer->given_name : family ? customer->family_name : NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Whether the name was only put together before, and has not been touched now. */
static bool follows_parts(const Crm__Customer *before, const Crm__Customer *after, lia_arena *arena)
{
    return before && same_text(before->name, after->name) &&
           same_text(before->name, lia_customer_full_name(before, arena));
}

lia_refusal lia_customer_complete(const Crm__Customer *before, Crm__Customer *after,
                                  lia_arena *arena)
{
    const char *full = lia_customer_full_name(after, arena);
    if (full && (lia_text_is_empty(after->name) || follows_parts(before, after, arena)))
        after->name = full;
    bool reachable = after->n_emails || after->n_phones || after->n_external_ids;
    return reachable || !lia_text_is_empty(after->name) ? LIA_ALLOWED : LIA_CUSTOMER_IS_NOBODY;
}
