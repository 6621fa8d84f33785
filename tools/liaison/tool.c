/* SPDX-License-Identifier: Apache-2.0 */
/* tool - lets programs subscribe to the public stream, and cuts them off. */
#include <curl/curl.h>
#include <stdlib.h>

#include "common/bus/members.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

/* ---- admit ----------------------------------------------------------------------------------- */

static lia_err read_key(const lia_args *args, char text[2 * LIA_CURVE_KEY_SIZE + 1], lia_why *why)
{
    uint8_t key[LIA_CURVE_KEY_SIZE];
    lia_verify_key unused;
    const char *path = lia_args_text(args, "keys");
    if (!path) return lia_why_set(why, LIA_EINVAL, "--keys is needed: the tool's node.pub");
    lia_err err = lia_node_public_read(key, &unused, path, why);
    if (!err) lia_hex_print(LIA_SPAN_OF(key), text);
    return err;
}

static int admit(const lia_args *args)
{
    lia_talk talk;
    char key[2 * LIA_CURVE_KEY_SIZE + 1];
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) err = read_key(args, key, &talk.why);
    json_t *tool = json_pack("{s:s,s:s}", "name", args->operands[0], "curve_key", err ? "" : key);
    char *text = tool ? json_dumps(tool, JSON_COMPACT) : NULL;
    if (!err)
        err = text ? lia_client_post(&talk.client, "/tools", text, NULL, &talk.body, &talk.why)
                   : lia_why_set(&talk.why, LIA_EINVAL, "the name is not UTF-8");
    free(text);
    json_decref(tool);
    if (!err) lia_talk_tell_body(&talk);
    return lia_talk_end(&talk, err);
}

/* ---- withdraw -------------------------------------------------------------------------------- */

/* All that are admitted under the name. */
static json_t *find(lia_talk *talk, const char *name)
{
    char filter[300], path[1200];
    snprintf(filter, sizeof filter, "name = \"%.200s\" AND admitted = true", name);
    char *escaped = lia_client_escape(&talk->client, filter);
    snprintf(path, sizeof path, "/tools?filter=%s", escaped ? escaped : "");
    curl_free(escaped);
    return lia_client_json(&talk->client, path, 60000, &talk->why);
}

static int withdraw(const lia_args *args)
{
    lia_talk talk;
    size_t i;
    json_t *tool;
    lia_err err = lia_talk_begin(&talk, args);
    const char *name = args->operands[0];
    if (!err && strchr(name, '"')) err = lia_why_set(&talk.why, LIA_EINVAL, "no name has a quote");
    json_t *found = err ? NULL : find(&talk, name);
    if (!err && !found) err = LIA_EIO;
    json_t *list = json_object_get(found, "tools");
    if (!err && !json_array_size(list))
        err = lia_why_set(&talk.why, LIA_EABSENT, "no tool '%.100s' is admitted", name);
    json_array_foreach(list, i, tool)
    {
        char path[100];
        if (err) break;
        snprintf(path, sizeof path, "/tools/%.40s:withdraw",
                 json_string_value(json_object_get(tool, "id")));
        err = lia_client_post(&talk.client, path, "{}", NULL, &talk.body, &talk.why);
    }
    json_decref(found);
    if (!err) lia_talk_tell_body(&talk);
    return lia_talk_end(&talk, err);
}

static const lia_option options[] = {
    {.name = "keys", .value = "FILE", .help = "the tool's node.pub, made by 'liaison keys make'"},
    LIA_OPTION_NODE,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
};

const lia_subcommand lia_tool_admit = {
    .name = "tool admit",
    .purpose = "let a program subscribe to the public stream of every node",
    .operands = "NAME",
    .details = "The stream tells everything but secrets, whatever rights anybody has: only an\n"
               "administrator admits. The program makes its keys itself and keeps node.keys.",
    .example = "liaison keys make --dir . --name warehouse\n"
               "liaison tool admit warehouse --keys warehouse/node.pub",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = admit,
};

const lia_subcommand lia_tool_withdraw_command = {
    .name = "tool withdraw",
    .purpose = "cut a program off from the public stream",
    .operands = "NAME",
    .example = "liaison tool withdraw warehouse",
    .options = options + 1,
    .option_count = LIA_COUNT(options) - 1,
    .operands_min = 1,
    .operands_max = 1,
    .run = withdraw,
};
