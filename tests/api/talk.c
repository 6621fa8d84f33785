/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void insist(bool good, const char *what)
{
    if (good) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

lia_reply lia_say(const lia_process *node, const char *method, const char *path, const char *token,
                  const char *body)
{
    char *request;
    lia_reply reply;
    int size = asprintf(&request,
                        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        "Content-Type: application/json\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
                        method, path, token ? "Authorization: Bearer " : "", token ? token : "",
                        token ? "\r\n" : "", strlen(body), body);
    insist(size > 0 && lia_exchange(node->port, request, (size_t)size, &reply), path);
    free(request);
    return reply;
}

unsigned lia_status_of(const lia_process *node, const char *method, const char *path,
                       const char *token, const char *body)
{
    lia_reply reply = lia_say(node, method, path, token, body);
    unsigned status = reply.status;
    lia_reply_fini(&reply);
    return status;
}

void lia_cut(const lia_reply *reply, const char *member, char *out, size_t size)
{
    char mark[64];
    snprintf(mark, sizeof mark, "\"%s\":\"", member);
    const char *at = strstr(reply->body, mark);
    insist(at, reply->body);
    at += strlen(mark);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

void lia_found(const lia_process *node, char token[LIA_TOKEN_SIZE])
{
    char body[512];
    snprintf(body, sizeof body,
             "{\"secret\":\"%s\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":"
             "\"" LIA_PASSWORD "\"}",
             node->setup);
    insist(lia_status_of(node, "POST", "/api/v1/setup", NULL, body) == 201, "no administrator");
    insist(lia_sign_in(node, "ada@example.com", LIA_PASSWORD, NULL, token) == 201, "no session");
}

unsigned lia_sign_in(const lia_process *node, const char *email, const char *password,
                     const char *code, char token[LIA_TOKEN_SIZE])
{
    char body[512];
    snprintf(body, sizeof body, "{\"email\":\"%s\",\"password\":\"%s\",\"token\":true%s%s%s}",
             email, password, code ? ",\"code\":\"" : "", code ? code : "", code ? "\"" : "");
    lia_reply reply = lia_say(node, "POST", "/api/v1/session", NULL, body);
    unsigned status = reply.status;
    if (status == 201) lia_cut(&reply, "token", token, LIA_TOKEN_SIZE);
    lia_reply_fini(&reply);
    return status;
}

/* ---- people ---------------------------------------------------------------------------------- */

static lia_reply say_list(const lia_process *node, const char *method, const char *path,
                          const char *token, const char *format, va_list args)
{
    char *body;
    insist(vasprintf(&body, format, args) >= 0, path);
    lia_reply reply = lia_say(node, method, path, token, body);
    free(body);
    return reply;
}

lia_reply lia_say_text(const lia_process *node, const char *method, const char *path,
                       const char *token, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lia_reply reply = say_list(node, method, path, token, format, args);
    va_end(args);
    return reply;
}

void lia_make(const lia_process *node, char id[40], const char *path, const char *token,
              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lia_reply reply = say_list(node, "POST", path, token, format, args);
    va_end(args);
    insist(reply.status == 201 || reply.status == 200, reply.body);
    lia_cut(&reply, "id", id, 40);
    lia_reply_fini(&reply);
}

void lia_hire(const lia_process *node, const char *admin, const char *name, const char *team,
              const char *role, char id[40], char token[LIA_TOKEN_SIZE])
{
    char path[128], secret[LIA_TOKEN_SIZE], email[64];
    snprintf(email, sizeof email, "%s@example.com", name);
    lia_make(node, id, "/api/v1/users", admin,
             "{\"name\":\"%s\",\"email\":\"%s\",\"team\":\"%s\",\"roles\":[\"%s\"]}", name, email,
             team, role);
    snprintf(path, sizeof path, "/api/v1/users/%s:invite", id);
    lia_reply reply = lia_say(node, "POST", path, admin, "");
    insist(reply.status == 201, reply.body);
    lia_cut(&reply, "secret", secret, sizeof secret);
    lia_reply_fini(&reply);
    reply = lia_say_text(node, "POST", "/api/v1/session:setPassword", NULL,
                         "{\"secret\":\"%s\",\"password\":\"" LIA_PASSWORD "\"}", secret);
    insist(reply.status == 204, reply.body);
    lia_reply_fini(&reply);
    insist(lia_sign_in(node, email, LIA_PASSWORD, NULL, token) == 201, email);
}
