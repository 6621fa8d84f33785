/* SPDX-License-Identifier: Apache-2.0 */
/* get - one record, or whatever a path of the API answers. */
#include "common/wire/schema.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/learn.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

/* Only for the name of a kind that was not compiled in. */
static lia_err learn(const lia_target *target, const lia_args *args, lia_why *why)
{
    lia_span word = lia_span_text(args->operands[0]);
    if (args->operand_count < 2 || lia_kind_by_name(word) || lia_kind_by_plural(word))
        return LIA_OK;
    return lia_learn_kinds(target, why);
}

/* "customer" is understood as "customers". */
static const char *plural_of(const char *word)
{
    const lia_kind *kind = lia_kind_by_name(lia_span_text(word));
    return kind ? kind->plural : word;
}

static lia_err make_path(const lia_args *args, char *path, size_t size, lia_why *why)
{
    static const char api[] = "/api/v1/";
    const char *what = args->operands[0];
    int used;
    if (args->operand_count == 2)
        used = snprintf(path, size, "/%s/%s", plural_of(what), args->operands[1]);
    else if (strncmp(what, api, sizeof api - 1) == 0)
        used = snprintf(path, size, "/%s", what + sizeof api - 1);
    else
        used = snprintf(path, size, "%s%s", *what == '/' ? "" : "/", plural_of(what));
    if (used < 0 || (size_t)used >= size)
        return lia_why_set(why, LIA_EINVAL, "the path is too long");
    for (int i = 0; i < used; i++)
        if (path[i] <= ' ' || path[i] == 127)
            return lia_why_set(why, LIA_EINVAL, "'%s' is no path: write blanks as %%20", path);
    return LIA_OK;
}

static int run(const lia_args *args)
{
    char path[2048];
    lia_talk talk;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) err = learn(&talk.target, args, &talk.why);
    if (!err) err = make_path(args, path, sizeof path, &talk.why);
    if (!err) err = lia_client_get(&talk.client, path, &talk.body, 60000, &talk.why);
    if (!err) lia_talk_tell_body(&talk);
    lia_learn_forget();
    return lia_talk_end(&talk, err);
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
};

const lia_subcommand lia_get = {
    .name = "get",
    .purpose = "print one record, or any path of the API",
    .operands = "KIND ID | PATH",
    .details = "KIND is customer, deal, ticket ...; PATH goes behind /api/v1. Exit status 1 when\n"
               "there is no such record.",
    .example = "liaison get --node sales customer 01a20124-38de-73eb-8460-2a24abc47511\n"
               "liaison get --node service 'tickets?page_size=5'",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
