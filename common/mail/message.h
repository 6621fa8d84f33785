/* SPDX-License-Identifier: Apache-2.0 */
/* message - addresses and header lines of a mail. Pure. */
#ifndef LIA_MAIL_MESSAGE_H
#define LIA_MAIL_MESSAGE_H

#include "common/base/buf.h"

/* Most bytes of an address (RFC 5321, 4.5.3.1.3, without the brackets). */
#define LIA_MAIL_ADDRESS_MAX 254

/* Whether it is one plain address, local@domain, that can stand in a header and in an SMTP command
 * as it is: a dot-atom before the @ and host names behind it (RFC 5321, 4.1.2), without quotes and
 * comments. Bytes above 127 are not allowed, as servers without SMTPUTF8 refuse them. */
bool lia_mail_address_ok(lia_span address);

/* Writes unstructured text for a header: as it is when it is printable ASCII, else as encoded words
 * of UTF-8 in base64, folded (RFC 2047). Control bytes, line ends among them, become spaces: a text
 * cannot add header lines. */
void lia_mail_put_words(lia_buf *out, lia_span text);

/* "Name <address>", or the address alone when the name is empty. */
void lia_mail_put_mailbox(lia_buf *out, lia_span name, lia_span address);

#endif
