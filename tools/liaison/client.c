/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/client.h"

#include <stdlib.h>

#define CONNECT_TIMEOUT_MS 5000L

/* ---- bytes ----------------------------------------------------------------------------------- */

bool lia_bytes_add(lia_bytes *bytes, const void *data, size_t size)
{
    if (bytes->size + size + 1 > bytes->capacity) {
        size_t capacity = bytes->capacity ? bytes->capacity : 4096;
        while (capacity < bytes->size + size + 1) capacity *= 2;
        char *grown = realloc(bytes->data, capacity);
        if (!grown) return false;
        bytes->data = grown;
        bytes->capacity = capacity;
    }
    if (size) memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    bytes->data[bytes->size] = 0;
    return true;
}

void lia_bytes_fini(lia_bytes *bytes)
{
    free(bytes->data);
    *bytes = (lia_bytes){0};
}

/* ---- sentences ------------------------------------------------------------------------------- */

lia_err lia_client_broke(const lia_target *target, CURLcode code, const char *error, lia_why *why)
{
    int host = (int)strcspn(strstr(target->url, "//") + 2, "/");
    const char *said = error && *error ? error : curl_easy_strerror(code);
    bool is_plain = strncmp(target->url, "http://", 7) == 0;
    if (code == CURLE_COULDNT_CONNECT)
        return lia_why_set(why, LIA_EIO, "%s does not answer: nothing listens on %.*s",
                           target->name, host, strstr(target->url, "//") + 2);
    if (code == CURLE_SSL_CACERT_BADFILE)
        return lia_why_set(why, LIA_EIO, "--ca (or LIA_CA): %.200s cannot be read as certificates",
                           lia_targets_ca() ? lia_targets_ca() : "the system's file");
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return lia_why_set(why, LIA_EIO,
                           "%s: %.200s; --ca FILE (or LIA_CA) names certificates to trust",
                           target->name, said);
    if (code == CURLE_GOT_NOTHING && is_plain)
        return lia_why_set(why, LIA_EIO,
                           "%s closed the connection; does it want HTTPS? Then give --ca FILE (or "
                           "LIA_CA) with its certificate, or its address with https://",
                           target->name);
    if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
        code == CURLE_PARTIAL_FILE)
        return lia_why_set(why, LIA_EIO, "%s closed the connection: %.200s", target->name, said);
    return lia_why_set(why, LIA_EIO, "%s does not answer: %.200s", target->name, said);
}

static lia_err err_of(long status)
{
    switch (status) {
    case 404:
        return LIA_EABSENT;
    case 401:
    case 403:
        return LIA_EDENIED;
    case 409:
    case 412:
    case 422:
        return LIA_EREFUSED;
    case 410:
        return LIA_EGONE;
    case 429:
    case 503:
        return LIA_EBUSY;
    default:
        return status >= 500 ? LIA_EIO : LIA_EINVAL;
    }
}

lia_err lia_client_refused(const lia_target *target, long status, const char *body, size_t size,
                           lia_why *why)
{
    json_t *problem = size ? json_loadb(body, size, 0, NULL) : NULL;
    const char *title = json_string_value(json_object_get(problem, "title"));
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    if (title || detail)
        lia_why_set(why, LIA_OK, "%s: %.300s (%ld)", target->name, detail ? detail : title, status);
    else
        lia_why_set(why, LIA_OK, "%s answered with status %ld", target->name, status);
    json_decref(problem);
    return err_of(status);
}

/* ---- one client ------------------------------------------------------------------------------ */

struct curl_slist *lia_client_headers(const lia_target *target)
{
    char line[300];
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    snprintf(line, sizeof line, "Authorization: Bearer %s", target->token);
    return *target->token ? curl_slist_append(headers, line) : headers;
}

void lia_client_prepare(const lia_target *target, CURL *curl)
{
    (void)target;
    if (lia_targets_ca()) curl_easy_setopt(curl, CURLOPT_CAINFO, lia_targets_ca());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "liaison/" LIA_VERSION);
}

static size_t take_body(char *data, size_t one, size_t count, void *context)
{
    return lia_bytes_add(context, data, one * count) ? one * count : 0;
}

lia_err lia_client_open(lia_client *client, const lia_target *target, lia_why *why)
{
    *client = (lia_client){.target = target, .curl = curl_easy_init()};
    if (!client->curl) return lia_why_set(why, LIA_EFULL, "no memory");
    client->headers = lia_client_headers(target);
    lia_client_prepare(target, client->curl);
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->error);
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, take_body);
    return LIA_OK;
}

void lia_client_close(lia_client *client)
{
    curl_slist_free_all(client->headers);
    curl_easy_cleanup(client->curl);
    *client = (lia_client){0};
}

static lia_err perform_at(lia_client *client, const char *url, struct curl_slist *headers,
                          lia_bytes *body, lia_why *why)
{
    body->size = 0;
    client->error[0] = 0;
    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, body);
    CURLcode code = curl_easy_perform(client->curl);
    if (code) return lia_client_broke(client->target, code, client->error, why);
    long status = 0;
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return LIA_OK;
    return lia_client_refused(client->target, status, body->data, body->size, why);
}

static lia_err perform(lia_client *client, const char *path, struct curl_slist *headers,
                       lia_bytes *body, lia_why *why)
{
    char url[4096];
    if (snprintf(url, sizeof url, "%s%s", client->target->url, path) >= (int)sizeof url)
        return lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", path);
    return perform_at(client, url, headers, body, why);
}

lia_err lia_client_page(lia_client *client, const char *path, lia_bytes *body, long timeout_ms,
                        lia_why *why)
{
    char url[512];
    const char *api = strstr(client->target->url, "/api/v1");
    int root = (int)(api ? api - client->target->url : 0);
    snprintf(url, sizeof url, "%.*s%s", root, client->target->url, path);
    curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    return perform_at(client, url, client->headers, body, why);
}

lia_err lia_client_get(lia_client *client, const char *path, lia_bytes *body, long timeout_ms,
                       lia_why *why)
{
    curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    return perform(client, path, client->headers, body, why);
}

lia_err lia_client_post(lia_client *client, const char *path, const char *json, const char *key,
                        lia_bytes *body, lia_why *why)
{
    char line[300];
    struct curl_slist *headers = lia_client_headers(client->target);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    snprintf(line, sizeof line, "Idempotency-Key: %s", key ? key : "");
    if (key) headers = curl_slist_append(headers, line);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(json));
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, 30000L);
    lia_err err = perform(client, path, headers, body, why);
    curl_slist_free_all(headers);
    return err;
}

lia_err lia_client_patch(lia_client *client, const char *path, const char *json,
                         const char *version, lia_bytes *body, lia_why *why)
{
    char line[300];
    struct curl_slist *headers = lia_client_headers(client->target);
    headers = curl_slist_append(headers, "Content-Type: application/merge-patch+json");
    snprintf(line, sizeof line, "If-Match: \"%s\"", version ? version : "");
    if (version) headers = curl_slist_append(headers, line);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(json));
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, "PATCH");
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, 30000L);
    lia_err err = perform(client, path, headers, body, why);
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_slist_free_all(headers);
    return err;
}

lia_err lia_client_delete(lia_client *client, const char *path, lia_bytes *body, lia_why *why)
{
    curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, 30000L);
    lia_err err = perform(client, path, client->headers, body, why);
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, NULL);
    return err;
}

json_t *lia_client_json(lia_client *client, const char *path, long timeout_ms, lia_why *why)
{
    lia_bytes body = {0};
    json_t *json = NULL;
    if (lia_client_get(client, path, &body, timeout_ms, why) == LIA_OK) {
        json = json_loadb(body.size ? body.data : "", body.size, 0, NULL);
        if (!json)
            lia_why_set(why, LIA_EIO, "%s answered with something else than JSON; is it a node?",
                        client->target->name);
    }
    lia_bytes_fini(&body);
    return json;
}

char *lia_client_escape(lia_client *client, const char *text)
{
    return curl_easy_escape(client->curl, text, 0);
}
