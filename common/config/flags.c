/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/flags.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* Numbers of the options that are no settings; settings have their row's. */
enum { CONFIG = 512, REBUILD, OPENAPI, VERSION, HELP };

#define HELP_BYTES ((size_t)64 << 10)

typedef struct given {
    const char *file; /* of --config */
    const char *values[LIA_SETTINGS_MAX];
    bool is_given[LIA_SETTINGS_MAX];
    lia_wish wish;
    bool wants_version, wants_help;
} given;

static void fill_options(struct option out[LIA_SETTINGS_MAX + 6])
{
    static const struct option others[] = {
        {"config", required_argument, NULL, CONFIG}, {"rebuild", no_argument, NULL, REBUILD},
        {"openapi", no_argument, NULL, OPENAPI},     {"version", no_argument, NULL, VERSION},
        {"help", no_argument, NULL, HELP},           {0}};
    for (size_t i = 0; i < lia_setting_count; i++)
        out[i] = (struct option){lia_setting_rows[i].name,
                                 lia_setting_rows[i].value ? required_argument : optional_argument,
                                 NULL, (int)i};
    memcpy(out + lia_setting_count, others, sizeof others);
}

static void take(given *out, int option)
{
    switch (option) {
    case CONFIG:
        out->file = optarg;
        break;
    case REBUILD:
        out->wish.rebuild = true;
        break;
    case OPENAPI:
        out->wish.openapi = true;
        break;
    case VERSION:
        out->wants_version = true;
        break;
    case HELP:
        out->wants_help = true;
        break;
    default:
        out->values[option] = optarg;
        out->is_given[option] = true;
    }
}

/* False: getopt has said what is wrong. */
static bool read_flags(given *out, const lia_start *start)
{
    struct option options[LIA_SETTINGS_MAX + 6];
    int option;
    fill_options(options);
    optind = 0; /* begin anew, also the second time */
    while ((option = getopt_long(start->argc, start->argv, "h", options, NULL)) != -1) {
        if (option == '?') {
            fprintf(stderr, "try liaison-%s --help\n", start->department);
            return false;
        }
        take(out, option == 'h' ? HELP : option);
    }
    if (optind == start->argc) return true;
    fprintf(stderr, "'%s' is not understood; try --help\n", start->argv[optind]);
    return false;
}

static lia_err read_layers(lia_config *out, const given *flags, const lia_start *start)
{
    const char *file = flags->file ? flags->file : lia_config_named(start->environment);
    if (file) lia_config_file(out, file);
    lia_config_environment(out, start->environment);
    for (size_t i = 0; i < lia_setting_count; i++)
        if (flags->is_given[i]) lia_config_flag(out, &lia_setting_rows[i], flags->values[i]);
    return lia_config_end(out, !flags->wish.openapi);
}

static void print_help(const char *department)
{
    lia_arena arena;
    if (lia_arena_init(&arena, HELP_BYTES)) return;
    lia_buf out = lia_buf_make(&arena);
    lia_buf_format(
        &out,
        "liaison-%s %s - the %s department's node\n\n"
        "usage: liaison-%s --dir DIR [options]\n\n"
        "  --config FILE         settings, one 'name: value' a line; 'liaison config example'\n"
        "                        prints a commented one (or LIAISON_CONFIG)\n\n",
        department, LIA_VERSION, department, department);
    lia_config_help(&out, department);
    lia_buf_text(
        &out,
        "instead of running:\n"
        "  --rebuild             compute the views anew from the log, then exit\n"
        "  --openapi             print the API's document (OpenAPI 3.1), then exit\n"
        "  --version, --help\n\n"
        "The environment's LIAISON_TLS_CERT says the same as --tls-cert; it counts more than\n"
        "the file, and flags count more than both. SIGHUP has certificates, the mail server\n"
        "and --verbose read again. It logs JSON lines to stderr and ends in order on SIGTERM\n"
        "or SIGINT.\n");
    if (!out.failed) fwrite(out.data, 1, out.size, stdout);
    lia_arena_fini(&arena);
}

void lia_flags_print_mistake(void *file, const lia_mistake *mistake)
{
    if (mistake->line)
        fprintf(file, "%s:%u:%u: %s\n", mistake->from, mistake->line, mistake->column,
                mistake->text);
    else
        fprintf(file, "%s: %s\n", mistake->from, mistake->text);
}

bool lia_flags_read(lia_config *out, lia_wish *wish, const lia_start *start, int *status)
{
    given flags = {0};
    const lia_mistakes to = {lia_flags_print_mistake, stderr};
    *out = (lia_config){0};
    *status = 2;
    if (!read_flags(&flags, start)) return false;
    *wish = flags.wish;
    if (flags.wants_version) printf("liaison-%s %s\n", start->department, LIA_VERSION);
    if (flags.wants_help) print_help(start->department);
    if (flags.wants_version || flags.wants_help) {
        *status = 0;
        return false;
    }
    lia_err err = lia_config_init(out, getenv("CREDENTIALS_DIRECTORY"), &to);
    if (!err) err = read_layers(out, &flags, start);
    if (!err) return true;
    lia_config_fini(out);
    return false;
}

lia_err lia_flags_again(lia_config *out, const lia_start *start, const lia_mistakes *to)
{
    given flags = {0};
    *out = (lia_config){0};
    if (!read_flags(&flags, start)) return LIA_EINVAL;
    lia_err err = lia_config_init(out, getenv("CREDENTIALS_DIRECTORY"), to);
    if (!err) err = read_layers(out, &flags, start);
    if (err) lia_config_fini(out);
    return err;
}
