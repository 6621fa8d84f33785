/* SPDX-License-Identifier: Apache-2.0 */
/* person - everything about one customer, as JSON for programs or a page for the person. */
#include <stdio.h>

#include "common/base/id.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/talk.h"

/* A large customer has thousands of entries; the whole log is read for them. */
#define TIMEOUT_MS 600000

static lia_err make_path(const lia_args *args, char *path, size_t size, lia_why *why)
{
    lia_id id;
    const char *text = args->operands[0];
    if (lia_id_parse(lia_span_text(text), &id))
        return lia_why_set(why, LIA_EINVAL, "'%s' is no customer's id: a UUID is wanted", text);
    snprintf(path, size, "/customers/%s/export?format=%s", text,
             lia_args_has(args, "html") ? "html" : "json");
    return LIA_OK;
}

/* Nothing is printed unless all of it has come. */
static int run(const lia_args *args)
{
    char path[128];
    lia_talk talk;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) err = make_path(args, path, sizeof path, &talk.why);
    if (!err) err = lia_client_get(&talk.client, path, &talk.body, TIMEOUT_MS, &talk.why);
    const lia_bytes *body = &talk.body;
    if (!err && fwrite(body->data ? body->data : "", 1, body->size, stdout) != body->size)
        err = lia_why_set(&talk.why, LIA_EIO, "the output cannot be written");
    return lia_talk_end(&talk, err);
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    {.name = "html", .help = "a page to read or print, instead of JSON"},
};

const lia_subcommand lia_person = {
    .name = "person",
    .purpose = "everything that is recorded about one customer",
    .operands = "ID",
    .details =
        "The records of all departments with who wrote what when, the whole timeline, every\n"
        "change, and who looked at it at that node. Exit status 1 when there is no such\n"
        "customer.",
    .example = "liaison person --node sales --html 01a20124-38de-73eb-8460-2a24abc47511 >mei.html",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
