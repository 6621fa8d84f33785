/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/nodes.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus/members.h"
#include "common/wire/schema.h"

#define BASE_DEFAULT 27100
#define API          "/api/v1"

/* ---- one address ----------------------------------------------------------------------------- */

static const char *trusted; /* see lia_targets_trust */

void lia_targets_trust(const lia_args *args)
{
    trusted = lia_args_text(args, "ca");
    if (!trusted) trusted = getenv("LIA_CA");
    if (trusted && !*trusted) trusted = NULL;
}

const char *lia_targets_ca(void)
{
    return trusted;
}

static const char *usual_scheme(void)
{
    return trusted ? "https://" : "http://";
}

static void fill(lia_target *out, const char *name, const char *host)
{
    *out = (lia_target){0};
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->url, sizeof out->url, "%s%s" API, usual_scheme(), host);
}

static bool is_department(lia_target *out, const char *text, unsigned base)
{
    char host[32];
    for (lia_department d = LIA_SALES; d < LIA_DEPARTMENTS; d++) {
        if (strcmp(text, lia_department_name(d))) continue;
        snprintf(host, sizeof host, "127.0.0.1:%u", base + (unsigned)d - 1);
        fill(out, text, host);
        return true;
    }
    return false;
}

static bool is_host(const char *text, size_t size)
{
    if (size == 0 || size > 120) return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr(".-_:[]", text[i])) return false;
    return true;
}

/* Takes "/", "/api/v1" and "/api/v1/" off the end. */
static size_t without_path(const char *text)
{
    size_t size = strlen(text);
    if (size && text[size - 1] == '/') size--;
    size_t api = strlen(API);
    if (size > api && memcmp(text + size - api, API, api) == 0) size -= api;
    return size;
}

lia_err lia_target_parse(lia_target *out, const char *text, unsigned base, lia_why *why)
{
    static const char *const schemes[] = {"http://", "https://"};
    const char *scheme = usual_scheme(), *host = text;
    if (is_department(out, text, base)) return LIA_OK;
    for (size_t i = 0; i < LIA_COUNT(schemes); i++) {
        if (strncmp(text, schemes[i], strlen(schemes[i]))) continue;
        scheme = schemes[i];
        host = text + strlen(scheme);
    }
    size_t size = without_path(host);
    bool is_port = host[0] && strspn(host, "0123456789") == size;
    if (!is_host(host, size) || is_port)
        return lia_why_set(why, LIA_EINVAL,
                           "'%.100s' is no node's address; one looks like http://127.0.0.1:27100, "
                           "or is sales, marketing, service or analytics",
                           text);
    *out = (lia_target){0};
    snprintf(out->name, sizeof out->name, "%.*s", size > 60 ? 60 : (int)size, host);
    snprintf(out->url, sizeof out->url, "%s%.*s" API, scheme, (int)size, host);
    return LIA_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* A token is one line of visible characters, so it cannot smuggle in a header. */
static lia_err set_token(lia_targets *out, const char *token, const char *from, lia_why *why)
{
    size_t size = strcspn(token, "\r\n");
    for (size_t i = 0; i < size; i++)
        if (!isgraph((unsigned char)token[i])) size = SIZE_MAX - 1;
    if (size >= sizeof out->list[0].token)
        return lia_why_set(why, LIA_EINVAL, "%s holds no token", from);
    for (size_t i = 0; i < out->count; i++)
        snprintf(out->list[i].token, sizeof out->list[i].token, "%.*s", (int)size, token);
    return LIA_OK;
}

/* *found: whether there is such a file. */
static lia_err token_of_file(lia_targets *out, const char *path, bool *found, lia_why *why)
{
    char token[300] = "";
    FILE *file = fopen(path, "r");
    *found = file != NULL;
    if (!file) return LIA_OK;
    size_t size = fread(token, 1, sizeof token - 1, file);
    fclose(file);
    token[size] = 0;
    return set_token(out, token, path, why);
}

static lia_err find_token(lia_targets *out, const lia_args *args, const char *dir, lia_why *why)
{
    const char *token = lia_args_text(args, "token");
    if (token) return set_token(out, token, "--token", why);
    token = getenv("LIA_TOKEN");
    if (token && *token) return set_token(out, token, "LIA_TOKEN", why);
    bool found;
    char path[PATH_MAX];
    const char *file = getenv("LIA_TOKEN_FILE");
    if (file && *file) {
        lia_err err = token_of_file(out, file, &found, why);
        if (err || found) return err;
        return lia_why_set(why, LIA_EINVAL, "LIA_TOKEN_FILE: %.300s cannot be read: %s", file,
                           strerror(errno));
    }
    if (!dir) return LIA_OK;
    snprintf(path, sizeof path, "%s/admin.token", dir);
    return token_of_file(out, path, &found, why);
}

/* ---- where nodes come from ------------------------------------------------------------------- */

static lia_err read_members(lia_members *members, const char *dir, lia_why *why)
{
    return lia_members_latest(members, dir, NULL, NULL, NULL, why);
}

/* Those of --node that are addresses; the others are names of members. */
static lia_err addresses_of(lia_targets *out, const lia_args *args, lia_why *why)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < lia_args_count(args, "node"); i++) {
        const char *text = lia_args_nth(args, "node", i);
        if (!strstr(text, "://")) continue;
        if (out->count == LIA_COUNT(out->list))
            return lia_why_set(why, LIA_EINVAL, "too many nodes");
        err = lia_target_parse(&out->list[out->count++], text, BASE_DEFAULT, why);
    }
    return err;
}

static lia_err from_dir(lia_targets *out, const lia_args *args, const char *dir, lia_why *why)
{
    lia_members members;
    lia_err err = read_members(&members, dir, why);
    size_t wanted = lia_args_count(args, "node");
    if (!err) err = addresses_of(out, args, why);
    for (size_t i = 0; !err && i < members.count; i++) {
        const lia_member *member = &members.list[i];
        bool is_wanted = wanted == 0;
        for (size_t n = 0; n < wanted; n++)
            is_wanted |= strcmp(lia_args_nth(args, "node", n), member->name) == 0;
        if (!is_wanted || !*member->http) continue;
        if (out->count == LIA_COUNT(out->list))
            return lia_why_set(why, LIA_EINVAL, "too many nodes");
        fill(&out->list[out->count++], member->name, member->http);
    }
    if (!err && out->count < wanted)
        return lia_why_set(why, LIA_EINVAL,
                           "--node: with --dir it is a member's name, as 'liaison keys list' "
                           "shows them, or an address with http:// or https://");
    return err;
}

static lia_err from_nodes(lia_targets *out, const lia_args *args, unsigned base, lia_why *why)
{
    size_t count = lia_args_count(args, "node");
    if (count > LIA_COUNT(out->list)) return lia_why_set(why, LIA_EINVAL, "too many nodes");
    for (; out->count < count; out->count++) {
        const char *text = lia_args_nth(args, "node", out->count);
        lia_err err = lia_target_parse(&out->list[out->count], text, base, why);
        if (err) return err;
    }
    return LIA_OK;
}

lia_err lia_targets_in(lia_targets *out, const lia_args *args, const char *dir, lia_why *why)
{
    unsigned base = (unsigned)lia_args_number(args, "base", BASE_DEFAULT);
    lia_err err = LIA_OK;
    out->count = 0;
    if (dir && lia_args_has(args, "base"))
        return lia_why_set(why, LIA_EINVAL, "--dir and --base both name the nodes; one is enough");
    if (dir)
        err = from_dir(out, args, dir, why);
    else if (lia_args_has(args, "node"))
        err = from_nodes(out, args, base, why);
    else
        for (lia_department d = LIA_SALES; d < LIA_DEPARTMENTS; d++)
            is_department(&out->list[out->count++], lia_department_name(d), base);
    return err ? err : find_token(out, args, dir, why);
}

lia_err lia_targets_find(lia_targets *out, const lia_args *args, lia_why *why)
{
    return lia_targets_in(out, args, lia_args_text(args, "dir"), why);
}

lia_err lia_target_find(lia_target *out, const lia_args *args, lia_why *why)
{
    lia_targets targets;
    lia_err err = lia_targets_find(&targets, args, why);
    if (!err && !targets.count) err = lia_why_set(why, LIA_EINVAL, "the member list has no node");
    if (!err) *out = targets.list[0];
    return err;
}
