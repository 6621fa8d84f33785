/* SPDX-License-Identifier: Apache-2.0 */
/* Memory BIOs, because the loop reads and writes for us: OpenSSL never sees the socket. */
#include "common/http/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <time.h>

struct lia_tls {
    SSL_CTX *context;
    char *certificate, *key;
};

struct lia_tls_line {
    SSL *ssl;
    BIO *in, *out;
};

/* ---- certificates ---------------------------------------------------------------------------- */

static lia_err refuse(lia_why *why, const char *path, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return lia_why_set(why, LIA_EINVAL, "%.200s: %s%s%s", path, what, reason ? ": " : "",
                       reason ? reason : "");
}

/* HTTP/1.1 is all that is spoken; who wants something else goes on without ALPN. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *in, unsigned in_size, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;
    (void)ssl, (void)context;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static lia_err read_files(SSL_CTX *context, const lia_tls *tls, lia_why *why)
{
    if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        return refuse(why, tls->certificate, "no certificate chain (PEM) can be read from it");
    if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1)
        return refuse(why, tls->key,
                      "no private key (PEM) that belongs to the certificate can be read from it");
    if (SSL_CTX_check_private_key(context) != 1)
        return refuse(why, tls->key, "this key does not belong to the certificate");
    return LIA_OK;
}

static lia_err make_context(const lia_tls *tls, SSL_CTX **out, lia_why *why)
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return lia_why_set(why, LIA_EFULL, "no memory for TLS");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); /* idle browsers cost little */
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    lia_err err = read_files(context, tls, why);
    if (err)
        SSL_CTX_free(context);
    else
        *out = context;
    return err;
}

lia_err lia_tls_reload(lia_tls *tls, lia_why *why)
{
    SSL_CTX *fresh = NULL;
    lia_err err = make_context(tls, &fresh, why);
    if (err) return err;
    SSL_CTX_free(tls->context); /* connections hold it as long as they need it */
    tls->context = fresh;
    return LIA_OK;
}

lia_err lia_tls_open(lia_tls **out, const char *certificate, const char *key, lia_why *why)
{
    lia_tls *tls = calloc(1, sizeof *tls);
    *out = NULL;
    if (tls) {
        tls->certificate = strdup(certificate);
        tls->key = strdup(key);
    }
    lia_err err = tls && tls->certificate && tls->key ? lia_tls_reload(tls, why) : LIA_EFULL;
    if (err)
        lia_tls_close(tls);
    else
        *out = tls;
    return err;
}

int64_t lia_tls_expires(const lia_tls *tls)
{
    struct tm end;
    const X509 *certificate = SSL_CTX_get0_certificate(tls->context);
    if (!certificate || !ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end)) return 0;
    return timegm(&end);
}

void lia_tls_close(lia_tls *tls)
{
    if (!tls) return;
    SSL_CTX_free(tls->context);
    free(tls->certificate);
    free(tls->key);
    free(tls);
}

/* ---- a connection ---------------------------------------------------------------------------- */

lia_tls_line *lia_tls_line_open(lia_tls *tls)
{
    lia_tls_line *line = calloc(1, sizeof *line);
    if (!line) return NULL;
    line->ssl = SSL_new(tls->context);
    line->in = BIO_new(BIO_s_mem());
    line->out = BIO_new(BIO_s_mem());
    if (!line->ssl || !line->in || !line->out) {
        BIO_free(line->in);
        BIO_free(line->out);
        SSL_free(line->ssl);
        free(line);
        return NULL;
    }
    BIO_set_mem_eof_return(line->in, -1); /* empty means wait, not the end */
    SSL_set_bio(line->ssl, line->in, line->out);
    SSL_set_accept_state(line->ssl);
    return line;
}

void lia_tls_line_close(lia_tls_line *line)
{
    if (!line) return;
    SSL_free(line->ssl); /* and with it both ends */
    free(line);
}

bool lia_tls_feed(lia_tls_line *line, lia_span bytes)
{
    while (bytes.size) {
        int taken =
            BIO_write(line->in, bytes.data, bytes.size > INT_MAX ? INT_MAX : (int)bytes.size);
        if (taken <= 0) return false;
        bytes = lia_span_skip(bytes, (size_t)taken);
    }
    return true;
}

ptrdiff_t lia_tls_read(lia_tls_line *line, void *out, size_t size)
{
    ERR_clear_error();
    int got = SSL_read(line->ssl, out, size > INT_MAX ? INT_MAX : (int)size);
    if (got > 0) return got;
    switch (SSL_get_error(line->ssl, got)) {
    case SSL_ERROR_WANT_READ:
        return LIA_TLS_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return LIA_TLS_ENDED;
    default:
        ERR_clear_error();
        return LIA_TLS_BROKEN;
    }
}

bool lia_tls_write(lia_tls_line *line, lia_span text)
{
    ERR_clear_error();
    while (text.size) {
        int taken = SSL_write(line->ssl, text.data, text.size > INT_MAX ? INT_MAX : (int)text.size);
        if (taken <= 0) {
            ERR_clear_error();
            return false;
        }
        text = lia_span_skip(text, (size_t)taken);
    }
    return true;
}

void lia_tls_farewell(lia_tls_line *line)
{
    ERR_clear_error();
    if (SSL_is_init_finished(line->ssl)) (void)SSL_shutdown(line->ssl);
    ERR_clear_error();
}

lia_span lia_tls_outgoing(lia_tls_line *line)
{
    char *data;
    long size = BIO_get_mem_data(line->out, &data);
    return lia_span_make(data, size > 0 ? (size_t)size : 0);
}

void lia_tls_sent(lia_tls_line *line)
{
    (void)BIO_reset(line->out);
}
