/* SPDX-License-Identifier: Apache-2.0 */
/* tls - TLS 1.2 and 1.3 between a connection's bytes and its text, without a socket: what comes
 * from the network is fed, text is read; text is written, what it became is taken. The one door to
 * OpenSSL's SSL. */
#ifndef LIA_HTTP_TLS_H
#define LIA_HTTP_TLS_H

#include "common/base/err.h"

/* A certificate with its key. Loop thread only. */
typedef struct lia_tls lia_tls;
/* One connection. */
typedef struct lia_tls_line lia_tls_line;

/* Reads the chain and the private key, both PEM. The paths are copied.
 *   LIA_EINVAL  they are not that, or do not belong together; `why` says so      LIA_EFULL */
LIA_MUST_USE lia_err lia_tls_open(lia_tls **out, const char *certificate, const char *key,
                                  lia_why *why);
/* Reads them again, for connections that begin from now on. When it fails the former ones stay. */
LIA_MUST_USE lia_err lia_tls_reload(lia_tls *tls, lia_why *why);
/* When the certificate in force ends to count, in seconds since 1970; 0: not known. */
int64_t lia_tls_expires(const lia_tls *tls);
void lia_tls_close(lia_tls *tls);

/* NULL when memory is short. It lives on when `tls` is reloaded or closed. */
lia_tls_line *lia_tls_line_open(lia_tls *tls);
void lia_tls_line_close(lia_tls_line *line);

/* Takes all of what came; false when memory is short. */
bool lia_tls_feed(lia_tls_line *line, lia_span bytes);

enum { LIA_TLS_WAIT = 0, LIA_TLS_ENDED = -1, LIA_TLS_BROKEN = -2 };
/* The next text: how many bytes were put into `out`, or: nothing more until something is fed; the
 * peer has said its last; this is no TLS, or it was bent on the way. Look for what wants to be sent
 * after each. */
ptrdiff_t lia_tls_read(lia_tls_line *line, void *out, size_t size);

/* Makes `text` ready to be sent; false when that cannot be. */
bool lia_tls_write(lia_tls_line *line, lia_span text);
/* Makes the farewell ready to be sent. */
void lia_tls_farewell(lia_tls_line *line);
/* What wants to be sent; valid until the next call. */
lia_span lia_tls_outgoing(lia_tls_line *line);
/* All of that is on its way. */
void lia_tls_sent(lia_tls_line *line);

#endif
