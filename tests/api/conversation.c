/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/client.h"
#include "tests/api/match.h"

typedef struct lia_talk {
    const char *path;
    uint16_t port;
    lia_names names;
    char title[256];
    unsigned line, title_line;
} lia_talk;

/* One turn of it, as it stands in the file. */
typedef struct lia_exchange_text {
    char *request; /* request line and headers, one a line */
    char *body;    /* "" when there is none */
    unsigned status;
    char *headers;  /* expected, one a line */
    char *expected; /* body; "" when any will do */
} lia_exchange_text;

static bool complain(const lia_talk *talk, const char *what, const char *detail)
{
    fprintf(stderr, "%s:%u: %s: %s%s%s\n", talk->path, talk->title_line, talk->title, what,
            *detail ? ": " : "", detail);
    return false;
}

/* ---- reading the file ------------------------------------------------------------------------ */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!file) return NULL;
    ssize_t got = getdelim(&text, &size, '\0', file);
    fclose(file);
    if (got < 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* The next line, without its end; NULL at the end. */
static char *next_line(lia_talk *talk, char **rest)
{
    char *line = *rest;
    if (!*line) return NULL;
    char *end = strchrnul(line, '\n');
    *rest = *end ? end + 1 : end;
    *end = 0;
    talk->line++;
    return line;
}

static void add_line(char **text, const char *line)
{
    char *joined = NULL;
    if (asprintf(&joined, "%s%s%s", *text ? *text : "", *text && **text ? "\n" : "", line) < 0)
        abort();
    free(*text);
    *text = joined;
}

static void trim(char *text)
{
    size_t size = strlen(text);
    while (size && strchr(" \t\r\n", text[size - 1])) text[--size] = 0;
}

/* Reads up to the next "###". False when nothing but blanks is left. */
static bool read_exchange(lia_talk *talk, char **rest, lia_exchange_text *out)
{
    enum { BEFORE, REQUEST, BODY, HEADERS, EXPECTED } at = BEFORE;
    char **parts[] = {NULL, &out->request, &out->body, &out->headers, &out->expected};
    *out = (lia_exchange_text){strdup(""), strdup(""), 0, strdup(""), strdup("")};
    char *line;
    while (**rest && !(at != BEFORE && !strncmp(*rest, "###", 3)) &&
           (line = next_line(talk, rest))) {
        if (!strncmp(line, "###", 3)) {
            snprintf(talk->title, sizeof talk->title, "%s", line + 3 + strspn(line + 3, " "));
            talk->title_line = talk->line;
        } else if (!strncmp(line, "--- ", 4)) {
            out->status = (unsigned)strtoul(line + 4, NULL, 10);
            at = HEADERS;
        } else if (*line == '#' && at != BODY && at != EXPECTED) {
            continue;
        } else if (!*line && (at == REQUEST || at == HEADERS)) {
            at++;
        } else if (at != BEFORE || *line) {
            if (at == BEFORE) at = REQUEST;
            add_line(parts[at], line);
        }
    }
    trim(out->body);
    trim(out->expected);
    return at != BEFORE;
}

static void exchange_fini(lia_exchange_text *text)
{
    free(text->request);
    free(text->body);
    free(text->headers);
    free(text->expected);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static char *make_request(const lia_talk *talk, const char *head, const char *body, size_t *size)
{
    char *out = NULL;
    FILE *stream = open_memstream(&out, size);
    size_t first = strcspn(head, "\n");
    fprintf(stream, "%.*s HTTP/1.1\r\nConnection: close\r\n", (int)first, head);
    if (!strcasestr(head, "\nHost:")) fprintf(stream, "Host: 127.0.0.1:%u\r\n", talk->port);
    if (*body) fprintf(stream, "Content-Length: %zu\r\n", strlen(body));
    for (head += first; *head;) {
        head++;
        size_t size_line = strcspn(head, "\n");
        fprintf(stream, "%.*s\r\n", (int)size_line, head);
        head += size_line;
    }
    fprintf(stream, "\r\n%s", body);
    fclose(stream);
    return out;
}

static bool ask(lia_talk *talk, const lia_exchange_text *text, lia_reply *reply)
{
    char *head = lia_names_fill(&talk->names, text->request);
    char *body = lia_names_fill(&talk->names, text->body);
    bool answered = false;
    if (!head || !body) {
        complain(talk, "the request uses a name that nothing has given yet", "");
    } else {
        size_t size;
        char *request = make_request(talk, head, body, &size);
        answered = lia_exchange(talk->port, request, size, reply);
        free(request);
        if (!answered) complain(talk, "there was no answer", "");
    }
    free(head);
    free(body);
    return answered;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static bool headers_match(lia_talk *talk, char *expected, const lia_reply *reply)
{
    char *save = NULL;
    for (char *line = strtok_r(expected, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char value[1024] = "", detail[2048];
        char *colon = strchr(line, ':');
        if (!colon) return complain(talk, "a header is wanted", line);
        *colon = 0;
        const char *wanted = colon + 1 + strspn(colon + 1, " ");
        bool found = lia_reply_header(reply, line, value, sizeof value);
        if (!found && !strcmp(wanted, "{{absent}}")) continue;
        if (found && lia_match_text(&talk->names, wanted, value)) continue;
        snprintf(detail, sizeof detail, "%s: wanted '%s', got '%s'", line, wanted, value);
        return complain(talk, "header", detail);
    }
    return true;
}

static bool lines_occur(lia_talk *talk, char *expected, const lia_reply *reply)
{
    char *save = NULL;
    for (char *line = strtok_r(expected, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *wanted = lia_names_fill(&talk->names, line + 2);
        bool occurs = wanted && strstr(reply->body, wanted);
        free(wanted);
        if (!occurs) return complain(talk, "the body lacks", line + 2);
    }
    return true;
}

static bool json_matches(lia_talk *talk, const char *expected, const lia_reply *reply)
{
    char where[2048];
    json_error_t error;
    json_t *pattern = json_loads(expected, JSON_DECODE_ANY, &error);
    if (!pattern) return complain(talk, "the expected body is no JSON", error.text);
    json_t *value = json_loadb(reply->body, reply->body_size, JSON_DECODE_ANY, &error);
    bool same = value && lia_match_json(&talk->names, pattern, value, where, sizeof where);
    if (!value)
        complain(talk, "the body is no JSON", error.text);
    else if (!same)
        complain(talk, "body", where);
    json_decref(pattern);
    json_decref(value);
    return same;
}

static bool is_as_expected(lia_talk *talk, lia_exchange_text *text, const lia_reply *reply)
{
    char detail[1024];
    if (reply->status != text->status) {
        snprintf(detail, sizeof detail, "wanted %u, got %u: %.600s", text->status, reply->status,
                 reply->body);
        return complain(talk, "status", detail);
    }
    if (!headers_match(talk, text->headers, reply)) return false;
    if (!*text->expected) return true;
    if (!strncmp(text->expected, "~ ", 2)) return lines_occur(talk, text->expected, reply);
    return json_matches(talk, text->expected, reply);
}

bool lia_converse(const char *path, uint16_t port, const char *setup)
{
    static lia_talk talk;
    lia_exchange_text text;
    bool good = true, more = true;
    unsigned count = 0;
    char *file = read_file(path), *rest = file;
    talk = (lia_talk){.path = strrchr(path, '/') ? strrchr(path, '/') + 1 : path, .port = port};
    if (!file) return complain(&talk, "cannot be read", "");
    (void)lia_match_text(&talk.names, "{{setup}}", setup);
    while (good && more) {
        lia_reply reply = {0};
        more = read_exchange(&talk, &rest, &text);
        if (more) {
            good = ask(&talk, &text, &reply) && is_as_expected(&talk, &text, &reply);
            count++;
        }
        lia_reply_fini(&reply);
        exchange_fini(&text);
    }
    free(file);
    if (good) printf("%s: %u exchanges\n", talk.path, count);
    return good && count;
}
