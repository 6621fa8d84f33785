/* SPDX-License-Identifier: Apache-2.0 */
/* client - requests to one node, one after the other over one connection. */
#ifndef LIA_LIAISON_CLIENT_H
#define LIA_LIAISON_CLIENT_H

#include <curl/curl.h>
#include <jansson.h>

#include "tools/liaison/nodes.h"

/* Bytes that grow. A zeroed one is empty. */
typedef struct lia_bytes {
    char *data; /* with a NUL behind it once anything was added */
    size_t size, capacity;
} lia_bytes;

/* False when there is no memory. */
bool lia_bytes_add(lia_bytes *bytes, const void *data, size_t size);
void lia_bytes_fini(lia_bytes *bytes);

typedef struct lia_client {
    const lia_target *target;
    CURL *curl;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
} lia_client;

/* Nothing is connected yet. `target` is borrowed.
 *   LIA_EFULL   no memory */
LIA_MUST_USE lia_err lia_client_open(lia_client *client, const lia_target *target, lia_why *why);
void lia_client_close(lia_client *client);

/* What a transfer to the node always needs: token, time-out for connecting, no redirects. */
void lia_client_prepare(const lia_target *target, CURL *curl);
struct curl_slist *lia_client_headers(const lia_target *target);

/* A transfer's failure as a sentence with the node's name in it. Always LIA_EIO. */
lia_err lia_client_broke(const lia_target *target, CURLcode code, const char *error, lia_why *why);
/* A problem document (RFC 9457), or any other answer that is none of 2xx, as a sentence.
 *   LIA_EABSENT 404  LIA_EDENIED 401, 403  LIA_EREFUSED 409, 412, 422  LIA_EBUSY 429, 503
 *   LIA_EINVAL other 4xx  LIA_EIO 5xx */
lia_err lia_client_refused(const lia_target *target, long status, const char *body, size_t size,
                           lia_why *why);

/* `path` begins with a slash and goes behind /api/v1. *body is filled (its old bytes are
 * forgotten); anything but 2xx is an error with a sentence. `timeout_ms` 0: none. */
LIA_MUST_USE lia_err lia_client_get(lia_client *client, const char *path, lia_bytes *body,
                                    long timeout_ms, lia_why *why);
/* The same of a page that is none of the API's, at the node's root: "/metrics". */
LIA_MUST_USE lia_err lia_client_page(lia_client *client, const char *path, lia_bytes *body,
                                     long timeout_ms, lia_why *why);
/* The same for a POST of JSON; `key` may be NULL. */
LIA_MUST_USE lia_err lia_client_post(lia_client *client, const char *path, const char *json,
                                     const char *key, lia_bytes *body, lia_why *why);

/* The same for a PATCH of fields; `version` (may be NULL): only if the record is of that one. */
LIA_MUST_USE lia_err lia_client_patch(lia_client *client, const char *path, const char *json,
                                      const char *version, lia_bytes *body, lia_why *why);

/* The same for a DELETE. */
LIA_MUST_USE lia_err lia_client_delete(lia_client *client, const char *path, lia_bytes *body,
                                       lia_why *why);

/* GET, and the body as JSON, the caller's to json_decref. NULL with a sentence in `why`. */
json_t *lia_client_json(lia_client *client, const char *path, long timeout_ms, lia_why *why);

/* Percent-encoded for a query's value; to be freed by curl_free. */
char *lia_client_escape(lia_client *client, const char *text);

#endif
