/* SPDX-License-Identifier: Apache-2.0 */
/* api_lookout - who looks at which record, as people say it of themselves: between their requests,
 * the table (common/collab/presence.h), the other nodes and the streams. All on the loop thread. */
#ifndef LIA_HTTP_API_LOOKOUT_H
#define LIA_HTTP_API_LOOKOUT_H

#include "common/collab/presence.h"
#include "common/http/api_gate.h"

#define LIA_PRESENCE_NAME "stream.presence"

/*   LIA_EFULL */
LIA_MUST_USE lia_err lia_lookout_open(lia_lookout **out, lia_api *api);
/* Hears the other nodes from now on; once, as soon as nothing can fail any more. */
void lia_lookout_begin(lia_lookout *lookout);
/* Frees one that has not begun; NULL is fine. */
void lia_lookout_drop(lia_lookout *lookout);
/* Everybody here is gone; frees, and calls `closed` from the loop. */
void lia_lookout_close(lia_lookout *lookout, void (*closed)(void *), void *context);

/* Who looks at it, as a message of a stream of that login. Empty when they do not look at it at
 * this node themselves, or may not any more. Valid until the next call. */
lia_span lia_lookout_frame(lia_lookout *lookout, const lia_rows *rows, const lia_login *login,
                           const lia_spot *place);
/* What the login looks at. */
size_t lia_lookout_places(const lia_lookout *lookout, const lia_login *login,
                          lia_spot out[LIA_PRESENCE_USER_MAX]);

#endif
