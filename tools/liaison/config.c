/* SPDX-License-Identifier: Apache-2.0 */
/* config - finds mistakes in files of settings before a node is started with them, and prints one
 * to begin with. */
#include <stdio.h>

#include "common/config/config.h"
#include "common/wire/schema.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

#define PAGE_BYTES ((size_t)256 << 10)

/* ---- check ----------------------------------------------------------------------------------- */

typedef struct findings {
    bool json;
    json_t *list;
} findings;

static void tell(void *context, const lia_mistake *mistake)
{
    findings *f = context;
    if (f->json)
        json_array_append_new(f->list, json_pack("{s:s,s:i,s:i,s:s}", "file", mistake->from, "line",
                                                 (int)mistake->line, "column", (int)mistake->column,
                                                 "mistake", mistake->text));
    else if (mistake->line)
        printf("%s:%u:%u: %s\n", mistake->from, mistake->line, mistake->column, mistake->text);
    else
        printf("%s: %s\n", mistake->from, mistake->text);
}

/* Credentials are known to the service only: their names are taken on trust. */
static lia_err check_file(const char *path, findings *f, size_t *mistakes)
{
    lia_config config;
    const lia_mistakes to = {tell, f};
    lia_err err = lia_config_init(&config, "", &to);
    if (!err) {
        lia_config_file(&config, path);
        err = lia_config_end(&config, false);
        *mistakes += config.mistakes;
        if (err == LIA_EINVAL) err = LIA_OK;
    }
    lia_config_fini(&config);
    return err;
}

static int run_check(const lia_args *args)
{
    findings f = {.json = lia_out_is_json(args), .list = json_array()};
    size_t mistakes = 0;
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < args->operand_count; i++)
        err = check_file(args->operands[i], &f, &mistakes);
    if (f.json && !err) lia_out_json(f.list);
    json_decref(f.list);
    if (err) return lia_args_fail(args, "%s", lia_err_text(err));
    if (!f.json && !mistakes) printf("no mistakes\n");
    return mistakes ? 1 : 0;
}

static const lia_option check_options[] = {LIA_OPTION_JSON};

const lia_subcommand lia_config_check = {
    .name = "config check",
    .purpose = "find the mistakes in files of settings: line, column, what would be right",
    .operands = "FILE...",
    .details =
        "Reads each file as a node would, also whether the files that it names can be read by\n"
        "whoever runs this. Exit status 1: there are mistakes.",
    .example = "liaison config check /etc/liaison/sales.yaml",
    .options = check_options,
    .option_count = LIA_COUNT(check_options),
    .operands_min = 1,
    .operands_max = LIA_ARGS_OPERANDS_MAX,
    .run = run_check,
};

/* ---- example --------------------------------------------------------------------------------- */

static bool is_department(const char *text)
{
    for (lia_department d = LIA_SALES; d < LIA_DEPARTMENTS; d++)
        if (!strcmp(text, lia_department_name(d))) return true;
    return false;
}

static int run_example(const lia_args *args)
{
    lia_arena arena;
    const char *department = args->operand_count ? args->operands[0] : "sales";
    if (!is_department(department))
        return lia_args_fail(args, "'%s' is no department: sales, marketing, service or analytics",
                             department);
    if (lia_arena_init(&arena, PAGE_BYTES)) return lia_args_fail(args, "there is no memory");
    lia_buf out = lia_buf_make(&arena);
    lia_config_page(&out, department);
    bool whole =
        !out.failed && fwrite(out.data, 1, out.size, stdout) == out.size && !fflush(stdout);
    lia_arena_fini(&arena);
    return whole ? 0 : lia_args_fail(args, "the page could not be written");
}

const lia_subcommand lia_config_example = {
    .name = "config example",
    .purpose = "print a file with every setting, explained and switched off",
    .operands = "[DEPARTMENT]",
    .example = "liaison config example sales > /etc/liaison/sales.yaml",
    .operands_max = 1,
    .run = run_example,
};
