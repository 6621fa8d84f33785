/* SPDX-License-Identifier: Apache-2.0 */
#include "common/oidc/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/hooks/address.h"

#define CONNECT_TIMEOUT_MS 5000L

typedef struct transfer {
    lia_fetch *fetch;
    const lia_fetch_options *options;
    CURL *easy;
    struct curl_slist *headers;
    bool refused, too_large;
    char error[CURL_ERROR_SIZE];
} transfer;

/* ---- what the library asks ------------------------------------------------------------------- */

static bool is_loopback(const struct sockaddr *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family != AF_INET6) return false;
    memcpy(&in6, address, sizeof in6);
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    transfer *t = context;
    (void)purpose;
    bool is_plain = strncmp(t->fetch->url, "https://", 8) != 0;
    bool may = t->options->to_private ? !is_plain || is_loopback(&address->addr)
                                      : !is_plain && lia_address_is_public(&address->addr);
    if (may) return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    t->refused = true;
    return CURL_SOCKET_BAD;
}

static size_t heard(char *data, size_t size, size_t count, void *context)
{
    transfer *t = context;
    size_t bytes = size * count;
    if (bytes > LIA_FETCH_BYTES_MAX - t->fetch->size) {
        t->too_large = true;
        return 0;
    }
    memcpy(t->fetch->body + t->fetch->size, data, bytes);
    t->fetch->size += bytes;
    return bytes;
}

static int in_between(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const transfer *t = context;
    (void)a, (void)b, (void)c, (void)d;
    return t->options->hurry && __atomic_load_n(t->options->hurry, __ATOMIC_ACQUIRE);
}

/* ---- one exchange ---------------------------------------------------------------------------- */

static bool add_header(transfer *t, const char *name, const char *value)
{
    char line[2048];
    int size = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *list =
        (size_t)size < sizeof line ? curl_slist_append(t->headers, line) : NULL;
    if (list) t->headers = list;
    return list != NULL;
}

static CURLcode set_up(transfer *t)
{
    CURL *easy = t->easy;
    const lia_fetch *fetch = t->fetch;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
#define SET(option, value) (rc = rc ? rc : curl_easy_setopt(easy, option, value))
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)LIA_FETCH_TIMEOUT_MS);
    SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    SET(CURLOPT_USERAGENT, "Liaison/" LIA_VERSION);
    SET(CURLOPT_HTTPHEADER, t->headers);
    if (t->options->ca_file) SET(CURLOPT_CAINFO, t->options->ca_file);
    if (fetch->form) SET(CURLOPT_POSTFIELDS, fetch->form);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_WRITEFUNCTION, heard);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, in_between);
    SET(CURLOPT_XFERINFODATA, t);
    SET(CURLOPT_ERRORBUFFER, t->error);
#undef SET
    return rc;
}

static lia_err perform(transfer *t, lia_why *why)
{
    if (set_up(t)) return LIA_EFULL;
    CURLcode rc = curl_easy_perform(t->easy);
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->fetch->status);
    if (!rc) return LIA_OK;
    if (t->too_large) return lia_why_set(why, LIA_EIO, "its answer is too large");
    if (t->refused)
        return lia_why_set(why, LIA_EIO,
                           "its address is not of the public internet, and the node was not "
                           "started with --providers-to-private");
    return lia_why_set(why, LIA_EIO, "%s", t->error[0] ? t->error : curl_easy_strerror(rc));
}

static void init_library(void)
{
    lia_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
}

lia_err lia_fetch_run(lia_fetch *fetch, const lia_fetch_options *options, lia_why *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    transfer t = {.fetch = fetch, .options = options, .easy = curl_easy_init()};
    fetch->size = 0;
    fetch->status = 0;
    bool made = t.easy && add_header(&t, "Accept", "application/json") &&
                (!fetch->authorization || add_header(&t, "Authorization", fetch->authorization));
    lia_err err = made ? perform(&t, why) : LIA_EFULL;
    curl_easy_cleanup(t.easy);
    curl_slist_free_all(t.headers);
    return err;
}

/* ---- forms ----------------------------------------------------------------------------------- */

static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool lia_form_put(char *out, size_t size, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = strlen(out);
    for (; *text && at + 4 <= size; text++) {
        unsigned char c = (unsigned char)*text;
        if (is_unreserved(c)) {
            out[at++] = (char)c;
        } else {
            out[at++] = '%';
            out[at++] = digits[c >> 4];
            out[at++] = digits[c & 15];
        }
    }
    out[at] = 0;
    return !*text;
}

static bool put_byte(char *out, size_t size, char byte)
{
    size_t at = strlen(out);
    if (at + 2 > size) return false;
    out[at] = byte;
    out[at + 1] = 0;
    return true;
}

bool lia_form_add(char *out, size_t size, const char *name, const char *value)
{
    size_t at = strlen(out);
    bool first = !at || out[at - 1] == '?';
    return (first || put_byte(out, size, '&')) && lia_form_put(out, size, name) &&
           put_byte(out, size, '=') && lia_form_put(out, size, value);
}
