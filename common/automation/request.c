/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/request.h"

#include <stdio.h>
#include <strings.h>

#include "common/automation/take.h"
#include "common/automation/template.h"
#include "common/node/fields.h"
#include "common/wire/json_tree.h"

#define URL_BYTES_MAX   2000
#define VALUE_BYTES_MAX 1000

const char *lia_request_method(Automation__HttpMethod method)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return (unsigned)method < LIA_COUNT(names) ? names[method] : NULL;
}

int64_t lia_request_for_ms(const Automation__Step *step)
{
    int64_t ms;
    if (lia_text_is_empty(step->period) || lia_period_parse(lia_span_text(step->period), &ms))
        return LIA_REQUEST_FOR_MS;
    return ms < LIA_REQUEST_FOR_MS_MAX ? ms : LIA_REQUEST_FOR_MS_MAX;
}

static lia_err check_template(const char *member, const char *text, const lia_kind *sees,
                              lia_why *why)
{
    lia_why inner = {{0}};
    lia_err err = lia_template_check(lia_span_text(text ? text : ""), sees, &inner);
    return err == LIA_EINVAL ? lia_why_set(why, err, "%s: %s", member, inner.text) : err;
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* Where the path begins; NULL when it is no address with a host. */
static const char *path_of(const char *url)
{
    const char *host = strncasecmp(url, "https://", 8) == 0  ? url + 8
                       : strncasecmp(url, "http://", 7) == 0 ? url + 7
                                                             : NULL;
    size_t size = host ? strcspn(host, "/?#") : 0;
    return size ? host + size : NULL;
}

static bool has_any(const char *from, const char *until, const char *bytes)
{
    for (; from < until; from++)
        if ((unsigned char)*from <= ' ' || *from == 0x7f || strchr(bytes, *from)) return true;
    return false;
}

/* A value in front of the path could lead anywhere. */
static lia_err check_url(const char *url, lia_why *why)
{
    const char *path = path_of(url);
    if (strlen(url) > URL_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "url: at most %d bytes are taken", URL_BYTES_MAX);
    if (!path)
        return lia_why_set(why, LIA_EINVAL,
                           "url: https:// or http:// and a host are wanted in front");
    if (has_any(url, path, "{}@\\"))
        return lia_why_set(why, LIA_EINVAL,
                           "url: the host is plain text; values, a name or a password cannot stand "
                           "in front of the path");
    if (strchr(path, '#'))
        return lia_why_set(why, LIA_EINVAL, "url: a part behind '#' is never sent");
    return LIA_OK;
}

/* A value of "..", also when it is written %2e, would lead to a path that nobody wrote. */
static bool climbs(const char *path)
{
    while (*path == '/') {
        size_t dots = 0;
        for (path++; *path == '.' || strncasecmp(path, "%2e", 3) == 0; dots++)
            path += *path == '.' ? 1 : 3;
        if (dots && dots <= 2 && (!*path || *path == '/' || *path == '?')) return true;
        while (*path && *path != '/' && *path != '?') path++;
    }
    return false;
}

/* ---- secrets --------------------------------------------------------------------------------- */

lia_err lia_request_secret_check(const char *to, lia_why *why)
{
    lia_why inner = {{0}};
    lia_err err = check_url(to, &inner);
    if (err) return lia_why_set(why, err, "to: %s", inner.text + strlen("url: "));
    if (strchr(to, '?') || strstr(to, "{{") || climbs(path_of(to)))
        return lia_why_set(why, LIA_EINVAL,
                           "to: a host is wanted, and perhaps the beginning of a "
                           "path: https://api.example.com/v1");
    return LIA_OK;
}

bool lia_request_secret_fits(const char *to, const char *url)
{
    size_t size = to ? strlen(to) : 0;
    while (size && to[size - 1] == '/') size--;
    return size && strncmp(to, url, size) == 0 && strchr("/?", url[size]) && !climbs(path_of(url));
}

/* ---- headers --------------------------------------------------------------------------------- */

/* What the sender says itself, or what would change how a request is read. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = {
        "host",    "content-length", "transfer-encoding", "connection", "keep-alive",
        "te",      "trailer",        "upgrade",           "expect",     "idempotency-key",
        "cookie2", "traceparent",    "accept-encoding"};
    for (size_t i = 0; i < LIA_COUNT(names); i++)
        if (strcasecmp(name, names[i]) == 0) return true;
    return strncasecmp(name, "proxy-", 6) == 0;
}

/* What is called so is not for whoever may read a rule or a run. */
static bool sounds_secret(const char *name)
{
    static const char *const parts[] = {"authorization", "cookie", "token",   "secret",
                                        "api-key",       "apikey", "api_key", "password"};
    for (size_t i = 0; i < LIA_COUNT(parts); i++)
        if (strcasestr(name, parts[i])) return true;
    return false;
}

/* A token (RFC 9110, 5.6.2). */
static bool is_token(const char *name)
{
    size_t size = name ? strlen(name) : 0;
    return size && size <= 60 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "!#$%&'*+-.^_`|~") == size;
}

static bool is_line(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f) return false;
    return true;
}

static lia_err check_secret(size_t at, const char *value, lia_why *why)
{
    const char *hole = strstr(value, LIA_REQUEST_SECRET);
    if (!hole)
        return lia_why_set(
            why, LIA_EINVAL,
            "headers[%zu].value: " LIA_REQUEST_SECRET " is wanted where the secret belongs", at);
    const char *rest = hole + strlen(LIA_REQUEST_SECRET);
    if (strstr(rest, "{{") || strstr(value, "{{") != hole)
        return lia_why_set(why, LIA_EINVAL,
                           "headers[%zu].value: beside a secret stands plain text only", at);
    return LIA_OK;
}

static lia_err check_header(const Automation__StepHeader *header, size_t at, const lia_kind *sees,
                            lia_why *why)
{
    char member[40];
    const char *value = header->value ? header->value : "";
    snprintf(member, sizeof member, "headers[%zu].value", at);
    if (!is_token(header->name))
        return lia_why_set(why, LIA_EINVAL, "headers[%zu].name: it is none of a header", at);
    if (is_reserved(header->name))
        return lia_why_set(why, LIA_EINVAL, "headers[%zu].name: %s is said by the node itself", at,
                           header->name);
    if (strlen(value) > VALUE_BYTES_MAX || !is_line(value))
        return lia_why_set(why, LIA_EINVAL, "%s: one line of at most %d bytes is wanted", member,
                           VALUE_BYTES_MAX);
    if (header->has_secret) return check_secret(at, value, why);
    if (sounds_secret(header->name))
        return lia_why_set(
            why, LIA_EINVAL,
            "%s: keep it as a secret for HTTP steps: who may read this could read it", member);
    return check_template(member, value, sees, why);
}

static lia_err check_headers(const Automation__Step *step, const lia_kind *sees, lia_why *why)
{
    if (step->n_headers > LIA_REQUEST_HEADERS_MAX)
        return lia_why_set(why, LIA_EINVAL, "headers: more than %d", LIA_REQUEST_HEADERS_MAX);
    for (size_t i = 0; i < step->n_headers; i++) {
        lia_err err = check_header(step->headers[i], i, sees, why);
        if (err) return err;
        for (size_t j = 0; j < i; j++)
            if (strcasecmp(step->headers[i]->name, step->headers[j]->name) == 0)
                return lia_why_set(why, LIA_EINVAL, "headers[%zu].name: %s stands there twice", i,
                                   step->headers[i]->name);
    }
    return LIA_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

lia_err lia_request_check(const Automation__Step *step, const lia_kind *sees, lia_why *why)
{
    int64_t ms = 0;
    if (!lia_request_method(step->request))
        return lia_why_set(why, LIA_EINVAL, "request: there is no such method");
    lia_err err = check_url(step->url ? step->url : "", why);
    if (!err) err = check_template("url", step->url, sees, why);
    if (!err) err = check_headers(step, sees, why);
    if (!err) err = check_template("text", step->text, sees, why);
    if (!err) err = lia_takes_check(step->takes, step->n_takes, why);
    if (err) return err;
    if (step->request == AUTOMATION__HTTP_METHOD__HTTP_METHOD_GET && !lia_text_is_empty(step->text))
        return lia_why_set(why, LIA_EINVAL, "text: a GET has no body");
    if (!lia_text_is_empty(step->period) && lia_period_parse(lia_span_text(step->period), &ms))
        return lia_why_set(why, LIA_EINVAL, "period: " LIA_PERIOD_WANTED);
    if (ms > LIA_REQUEST_FOR_MS_MAX) return lia_why_set(why, LIA_EINVAL, "period: at most 7d");
    return LIA_OK;
}

static const char *fill(const char *text, const lia_kind *sees, const lia_filter_subject *subject,
                        lia_template_as as, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    lia_err err = lia_template_fill(&out, lia_span_text(text), sees, subject, as);
    lia_buf_byte(&out, 0);
    return err || out.failed ? NULL : (const char *)out.data;
}

static lia_err fill_url(Automation__HttpCall *out, const Automation__Step *step,
                        const lia_kind *sees, const lia_filter_subject *subject, lia_arena *arena,
                        lia_why *why)
{
    out->url = fill(step->url, sees, subject, LIA_AS_URL, arena);
    if (!out->url) return LIA_EFULL;
    lia_err err = check_url(out->url, why);
    if (!err && has_any(out->url, out->url + strlen(out->url), ""))
        return lia_why_set(why, LIA_EINVAL, "url: there is a space in it");
    if (!err && climbs(path_of(out->url)))
        err = lia_why_set(why, LIA_EINVAL, "url: a value would lead out of the path");
    return err;
}

static lia_err fill_header(Automation__HttpCall *out, const Automation__StepHeader *header,
                           const lia_kind *sees, const lia_filter_subject *subject,
                           lia_arena *arena, lia_why *why)
{
    Automation__StepHeader *filled = lia_arena_take(arena, sizeof *filled);
    if (!filled) return LIA_EFULL;
    *filled = *header;
    if (!header->has_secret)
        filled->value = fill(header->value ? header->value : "", sees, subject, LIA_AS_TEXT, arena);
    if (!filled->value) return LIA_EFULL;
    if (!is_line(filled->value) || strlen(filled->value) > VALUE_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "%s: with this record's values it is not one line",
                           header->name);
    out->headers[out->n_headers++] = filled;
    return LIA_OK;
}

static const char *content_type(const Automation__Step *step)
{
    for (size_t i = 0; i < step->n_headers; i++)
        if (strcasecmp(step->headers[i]->name, "content-type") == 0) return step->headers[i]->value;
    return NULL;
}

static lia_err add_content_type(Automation__HttpCall *out, lia_arena *arena)
{
    Automation__StepHeader *header = lia_arena_take(arena, sizeof *header);
    if (!header) return LIA_EFULL;
    automation__step_header__init(header);
    header->name = "Content-Type";
    header->value = "application/json";
    out->headers[out->n_headers++] = header;
    return LIA_OK;
}

static lia_err check_json(const char *body, lia_why *why)
{
    json_t *document;
    lia_why inner = {{0}};
    lia_err err = lia_json_load(lia_span_text(body), &document, &inner);
    if (err == LIA_EINVAL)
        return lia_why_set(why, err, "text: with this record's values it is no JSON: %s",
                           inner.text);
    if (!err) json_decref(document);
    return err;
}

static lia_err fill_body(Automation__HttpCall *out, const Automation__Step *step,
                         const lia_kind *sees, const lia_filter_subject *subject, lia_arena *arena,
                         lia_why *why)
{
    const char *type = content_type(step);
    bool json = !type || strcasestr(type, "json");
    bool form = type && strcasestr(type, "form-urlencoded");
    if (lia_text_is_empty(step->text)) return LIA_OK;
    out->body = fill(step->text, sees, subject,
                     json   ? LIA_AS_JSON
                     : form ? LIA_AS_URL
                            : LIA_AS_TEXT,
                     arena);
    if (!out->body) return LIA_EFULL;
    if (strlen(out->body) > LIA_REQUEST_BODY_MAX)
        return lia_why_set(why, LIA_EINVAL, "text: more than %zu bytes", LIA_REQUEST_BODY_MAX);
    lia_err err = json ? check_json(out->body, why) : LIA_OK;
    return err || type ? err : add_content_type(out, arena);
}

lia_err lia_request_fill(Automation__HttpCall *out, const Automation__Step *step,
                         const lia_kind *sees, const lia_filter_subject *subject, lia_arena *arena,
                         lia_why *why)
{
    out->headers = lia_arena_zero(arena, (step->n_headers + 1) * sizeof *out->headers);
    if (!out->headers) return LIA_EFULL;
    LIA_SET(out, method, step->request);
    out->takes = step->takes;
    out->n_takes = step->n_takes;
    lia_err err = fill_url(out, step, sees, subject, arena, why);
    for (size_t i = 0; i < step->n_headers && !err; i++)
        err = fill_header(out, step->headers[i], sees, subject, arena, why);
    return err ? err : fill_body(out, step, sees, subject, arena, why);
}
