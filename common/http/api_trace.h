/* SPDX-License-Identifier: Apache-2.0 */
/* api_trace - a request as a piece of somebody's trace: what it came with (W3C Trace Context), what its
 * answer says, and the span that it was. Internal to common/http. */
#ifndef LIA_HTTP_API_TRACE_H
#define LIA_HTTP_API_TRACE_H

#include "common/http/api_inner.h"

/* Takes the caller's trace or begins one; from here on the thread is at it. */
void lia_call_trace_begin(lia_call *call);
/* The request was answered: hands its span over, if anybody wants it. */
void lia_call_trace_end(lia_call *call);

#endif
