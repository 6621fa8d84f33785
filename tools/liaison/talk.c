/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/talk.h"

#include "tools/liaison/out.h"

#define PATH_SIZE  4096
#define TOKEN_SIZE 1024

lia_err lia_talk_begin(lia_talk *talk, const lia_args *args)
{
    *talk = (lia_talk){.args = args};
    lia_err err = lia_target_find(&talk->target, args, &talk->why);
    return err ? err : lia_client_open(&talk->client, &talk->target, &talk->why);
}

int lia_talk_end(lia_talk *talk, lia_err err)
{
    lia_bytes_fini(&talk->body);
    lia_client_close(&talk->client);
    if (!err) return 0;
    lia_args_fail(talk->args, "%s", talk->why.text);
    return err == LIA_EABSENT || err == LIA_EGONE ? 1 : 2;
}

/* The token is escaped already. */
static json_t *get_page(lia_talk *talk, const char *path, size_t size, const char *token,
                        long timeout_ms)
{
    char page[PATH_SIZE];
    int used = snprintf(page, sizeof page, "%s%cpage_size=%zu%s%s", path,
                        strchr(path, '?') ? '&' : '?', size, *token ? "&page_token=" : "", token);
    if (used > 0 && (size_t)used < sizeof page)
        return lia_client_json(&talk->client, page, timeout_ms, &talk->why);
    lia_why_set(&talk->why, LIA_EINVAL, "what is asked is too long");
    return NULL;
}

static void take_token(lia_talk *talk, const json_t *page, char token[TOKEN_SIZE])
{
    char *next = lia_client_escape(&talk->client, lia_json_text_in(page, "next_page_token"));
    snprintf(token, TOKEN_SIZE, "%s", next ? next : "");
    curl_free(next);
}

json_t *lia_talk_pages(lia_talk *talk, const char *path, const char *name, size_t page_size,
                       size_t limit, long timeout_ms, bool *more)
{
    char token[TOKEN_SIZE] = "";
    json_t *all = json_array();
    do {
        size_t left = limit - json_array_size(all);
        json_t *page = get_page(talk, path, left < page_size ? left : page_size, token, timeout_ms);
        if (!page) {
            json_decref(all);
            return NULL;
        }
        json_array_extend(all, json_object_get(page, name));
        take_token(talk, page, token);
        json_decref(page);
    } while (*token && json_array_size(all) < limit);
    if (more) *more = *token != 0;
    return all;
}

void lia_talk_tell(const lia_talk *talk, const json_t *answer, void (*print)(const json_t *answer))
{
    if (lia_out_is_json(talk->args))
        lia_out_json(answer);
    else
        print(answer);
}

void lia_talk_tell_body(const lia_talk *talk)
{
    lia_out_json_text(talk->body.size ? talk->body.data : "", talk->body.size);
}
