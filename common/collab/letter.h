/* SPDX-License-Identifier: Apache-2.0 */
/* letter - mails by which people get in: invitations, and links for a forgotten password. */
#ifndef LIA_COLLAB_LETTER_H
#define LIA_COLLAB_LETTER_H

#include "common/node/service.h"

/* Gives the pass and queues the mail with its link, in one commit (Collab__SendLink).
 *   LIA_EREFUSED  the user has no address that mail can go to */
extern const lia_command_row *const lia_send_link;

/* Its handler. */
lia_err lia_letter_send(lia_turn *turn, const void *request);

#endif
