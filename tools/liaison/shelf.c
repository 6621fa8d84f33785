/* SPDX-License-Identifier: Apache-2.0 */
/* Signing for S3 is libcurl's (AWS Signature Version 4); paths are in the form
 * endpoint/bucket/name, which every server understands. What fails for a reason of the network's or
 * the server's is tried three times. */
#include "tools/liaison/shelf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "common/bus/file.h"

#define TRIES 3

/* ---- opening --------------------------------------------------------------------------------- */

static const char *from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static lia_err open_bucket(lia_shelf *out, const char *bucket, lia_why *why)
{
    const char *region = from_environment("AWS_REGION", "us-east-1");
    const char *key = from_environment("AWS_ACCESS_KEY_ID", NULL);
    const char *secret = from_environment("AWS_SECRET_ACCESS_KEY", NULL);
    const char *endpoint = from_environment("AWS_ENDPOINT_URL", NULL);
    char amazon[128];
    snprintf(amazon, sizeof amazon, "https://s3.%.60s.amazonaws.com", region);
    if (!key || !secret)
        return lia_why_set(
            why, LIA_EINVAL,
            "a bucket needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
    if (!*bucket || *bucket == '/' ||
        strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "0123456789.-_/") != strlen(bucket))
        return lia_why_set(why, LIA_EINVAL,
                           "s3://%.100s: a bucket and, behind a slash, a prefix are wanted",
                           bucket);
    int size =
        snprintf(out->place, sizeof out->place, "%s/%s", endpoint ? endpoint : amazon, bucket);
    int login = snprintf(out->login, sizeof out->login, "%s:%s", key, secret);
    snprintf(out->signing, sizeof out->signing, "aws:amz:%.60s:s3", region);
    if (size >= (int)sizeof out->place || login >= (int)sizeof out->login)
        return lia_why_set(why, LIA_EINVAL, "the bucket's address or its keys are too long");
    out->curl = curl_easy_init();
    return out->curl ? LIA_OK : lia_why_set(why, LIA_EFULL, "no memory");
}

lia_err lia_shelf_open(lia_shelf *out, const char *text, lia_why *why)
{
    *out = (lia_shelf){.curl = NULL};
    lia_err err = LIA_OK;
    if (strncmp(text, "s3://", 5) == 0)
        err = open_bucket(out, text + 5, why);
    else if (snprintf(out->place, sizeof out->place, "%s", text) >= (int)sizeof out->place)
        err = lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", text);
    size_t size = strlen(out->place);
    if (size > 1 && out->place[size - 1] == '/') out->place[size - 1] = 0;
    return err;
}

void lia_shelf_close(lia_shelf *shelf)
{
    curl_easy_cleanup(shelf->curl);
    *shelf = (lia_shelf){.curl = NULL};
}

static lia_err path_of(const lia_shelf *shelf, const char *name, char path[PATH_MAX], lia_why *why)
{
    if (snprintf(path, PATH_MAX, "%s/%s", shelf->place, name) < PATH_MAX) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "the path %.60s... is too long", shelf->place);
}

/* ---- a bucket -------------------------------------------------------------------------------- */

static size_t take_body(char *data, size_t one, size_t count, void *context)
{
    if (!context) return one * count;
    return lia_bytes_add(context, data, one * count) ? one * count : 0;
}

/* Some of libcurl's releases leave it out, and servers insist on it. */
static struct curl_slist *add_sum(struct curl_slist *headers, lia_span body)
{
    uint8_t sum[LIA_SHA256_SIZE];
    char line[128] = "x-amz-content-sha256: ";
    lia_sha256(body, sum);
    lia_hex_print(LIA_SPAN_OF(sum), line + strlen(line));
    return curl_slist_append(headers, line);
}

static CURLcode once(lia_shelf *shelf, const char *method, const char *url, const lia_span *body,
                     lia_bytes *out, long *status)
{
    CURL *curl = shelf->curl;
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    headers = curl_slist_append(headers, "Content-Type: application/octet-stream");
    headers = add_sum(headers, body ? *body : LIA_SPAN_NONE);
    if (out) out->size = 0;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 100L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "liaison/" LIA_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, shelf->error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_USERPWD, shelf->login);
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, shelf->signing);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->size ? (const char *)body->data : "");
    }
    if (strcmp(method, "HEAD") == 0) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    if (!code) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    return code;
}

/* What a server says in its XML, between two tags. */
static void say_refused(const char *method, const char *url, long status, const lia_bytes *body,
                        lia_why *why)
{
    const char *begin = body && body->size ? strstr(body->data, "<Message>") : NULL;
    const char *end = begin ? strstr(begin, "</Message>") : NULL;
    lia_why_set(why, LIA_OK, "%s %.300s: the server answers %ld%s%.*s", method, url, status,
                end ? ": " : "", end ? (int)(end - begin - 9) : 0, end ? begin + 9 : "");
}

static lia_err ask(lia_shelf *shelf, const char *method, const char *name, const lia_span *body,
                   lia_bytes *out, lia_why *why)
{
    char url[PATH_MAX];
    lia_bytes answer = {0};
    lia_err err = path_of(shelf, name, url, why);
    for (int i = 0; !err && i < TRIES; i++) {
        long status = 0;
        shelf->error[0] = 0;
        CURLcode code = once(shelf, method, url, body, out ? out : &answer, &status);
        if (!code && status >= 200 && status < 300) break;
        if (!code && status == 404) err = lia_why_set(why, LIA_EABSENT, "%.300s is not there", url);
        if (!code && status >= 400 && status < 500 && !err) {
            say_refused(method, url, status, out ? out : &answer, why);
            err = LIA_EIO;
        }
        if (err || i + 1 < TRIES) continue;
        if (code)
            lia_why_set(why, LIA_OK, "%s %.300s: %s", method, url,
                        *shelf->error ? shelf->error : curl_easy_strerror(code));
        else
            say_refused(method, url, status, out ? out : &answer, why);
        err = LIA_EIO;
    }
    lia_bytes_fini(&answer);
    return err;
}

/* ---- a folder -------------------------------------------------------------------------------- */

static lia_err make_folders(char *path, lia_why *why)
{
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        int rc = mkdir(path, 0700);
        int error = errno;
        if (rc && error != EEXIST)
            return lia_why_set(why, LIA_EIO, "cannot make the folder %.300s: %s", path,
                               strerror(error));
        *slash = '/';
    }
    return LIA_OK;
}

static lia_err put_file(const lia_shelf *shelf, const char *name, lia_span bytes, lia_why *why)
{
    char path[PATH_MAX];
    lia_err err = path_of(shelf, name, path, why);
    if (!err) err = make_folders(path, why);
    return err ? err : lia_file_replace(path, bytes, 0600, why);
}

static lia_err get_file(const lia_shelf *shelf, const char *name, lia_bytes *out, lia_why *why)
{
    char path[PATH_MAX], piece[64 << 10];
    lia_err err = path_of(shelf, name, path, why);
    if (err) return err;
    out->size = 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return lia_why_set(why, errno == ENOENT ? LIA_EABSENT : LIA_EIO, "cannot read %.300s: %s",
                           path, strerror(errno));
    for (size_t got; !err && (got = fread(piece, 1, sizeof piece, file)) > 0;)
        if (!lia_bytes_add(out, piece, got)) err = lia_why_set(why, LIA_EFULL, "no memory");
    if (!err && ferror(file)) err = lia_why_set(why, LIA_EIO, "cannot read %.300s", path);
    fclose(file);
    return err;
}

/* Its folder goes with the last file in it. */
static lia_err remove_file(const lia_shelf *shelf, const char *name, lia_why *why)
{
    char path[PATH_MAX];
    lia_err err = path_of(shelf, name, path, why);
    if (err) return err;
    if (unlink(path) && errno != ENOENT)
        return lia_why_set(why, LIA_EIO, "cannot remove %.300s: %s", path, strerror(errno));
    *strrchr(path, '/') = 0;
    (void)rmdir(path);
    return LIA_OK;
}

/* ---- both ------------------------------------------------------------------------------------ */

lia_err lia_shelf_put(lia_shelf *shelf, const char *name, lia_span bytes, lia_why *why)
{
    return shelf->curl ? ask(shelf, "PUT", name, &bytes, NULL, why)
                       : put_file(shelf, name, bytes, why);
}

lia_err lia_shelf_get(lia_shelf *shelf, const char *name, lia_bytes *out, lia_why *why)
{
    return shelf->curl ? ask(shelf, "GET", name, NULL, out, why) : get_file(shelf, name, out, why);
}

lia_err lia_shelf_remove(lia_shelf *shelf, const char *name, lia_why *why)
{
    if (!shelf->curl) return remove_file(shelf, name, why);
    lia_err err = ask(shelf, "DELETE", name, NULL, NULL, why);
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_shelf_has(lia_shelf *shelf, const char *name, lia_why *why)
{
    char path[PATH_MAX];
    if (shelf->curl) return ask(shelf, "HEAD", name, NULL, NULL, why);
    lia_err err = path_of(shelf, name, path, why);
    return err ? err : access(path, F_OK) ? LIA_EABSENT : LIA_OK;
}
