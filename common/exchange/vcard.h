/* SPDX-License-Identifier: Apache-2.0 */
/* vcard - address book cards (vCard 3 and 4; RFC 2426, RFC 6350) as customers of the API's JSON.
 * Names, e-mails, telephones, addresses, title, organization, birthday, web site, note and
 * categories are read, other properties are passed over. Pure. */
#ifndef LIA_EXCHANGE_VCARD_H
#define LIA_EXCHANGE_VCARD_H

#include "common/base/buf.h"

/* Cuts the first card from the text: from the line BEGIN:VCARD to the line END:VCARD, its line end
 * included. What stands before it is passed over and counted in *before. False when there is no
 * whole card. */
bool lia_vcard_cut(lia_span text, lia_span *card, size_t *before);

/* Appends the customer. Values are not checked: the schema does that.
 *   LIA_EINVAL  a line of it is none; `why` says "line 3 of the card: ..."
 *   LIA_EFULL   the arena */
LIA_MUST_USE lia_err lia_vcard_put(lia_span card, lia_buf *out, lia_why *why);

#endif
