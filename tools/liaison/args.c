/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/exchange/meant.h"

static const lia_option help_option = {.name = "help", .letter = 'h', .help = "this page"};


/* ---- parsing --------------------------------------------------------------------------------- */

typedef struct parser {
    lia_args *out;
    int argc, at;
    char **argv;
    lia_why *why;
} parser;

static const lia_option *find(const lia_subcommand *command, const char *name, size_t size)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const lia_option *option = &command->options[i];
        if (strlen(option->name) == size && memcmp(option->name, name, size) == 0) return option;
    }
    bool is_help = size == 4 && memcmp(name, "help", 4) == 0;
    return is_help ? &help_option : NULL;
}

static const lia_option *find_letter(const lia_subcommand *command, char letter)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].letter == letter) return &command->options[i];
    return letter == 'h' ? &help_option : NULL;
}

static lia_err refuse_unknown(parser *p, const char *text)
{
    const lia_subcommand *command = p->out->command;
    const char *words[32];
    size_t count = 0;
    for (; count < command->option_count && count < LIA_COUNT(words); count++)
        words[count] = command->options[count].name;
    const char *meant = text[0] == '-' && text[1] == '-' ? text + 2 : text + 1;
    meant = lia_word_meant(meant, words, count);
    if (meant)
        return lia_why_set(p->why, LIA_EINVAL, "%s is no option of it; was --%s meant?", text,
                           meant);
    return lia_why_set(p->why, LIA_EINVAL, "%s is no option of it", text);
}

static lia_err check_number(parser *p, const lia_option *option, const char *value)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (*value >= '0' && *value <= '9' && !*end && !errno && number >= option->min &&
        number <= option->max)
        return LIA_OK;
    return lia_why_set(p->why, LIA_EINVAL, "--%s: '%s' is no whole number from %llu to %llu",
                       option->name, value, (unsigned long long)option->min,
                       (unsigned long long)option->max);
}

static lia_err take_option(parser *p, const lia_option *option, const char *value)
{
    lia_args *out = p->out;
    if (option == &help_option) {
        out->wants_help = true;
        return LIA_OK;
    }
    if (!option->value && value)
        return lia_why_set(p->why, LIA_EINVAL, "--%s takes no value", option->name);
    if (option->value && !value) {
        if (p->at == p->argc)
            return lia_why_set(p->why, LIA_EINVAL, "--%s: its %s is missing", option->name,
                               option->value);
        value = p->argv[p->at++];
    }
    if (!option->many && lia_args_has(out, option->name))
        return lia_why_set(p->why, LIA_EINVAL, "--%s is given twice", option->name);
    if (out->given_count == LIA_ARGS_GIVEN_MAX)
        return lia_why_set(p->why, LIA_EINVAL, "more than %d options", LIA_ARGS_GIVEN_MAX);
    lia_err err = option->is_number ? check_number(p, option, value) : LIA_OK;
    if (err) return err;
    out->given[out->given_count].option = option;
    out->given[out->given_count++].value = value;
    return LIA_OK;
}

static lia_err take_operand(parser *p, const char *text)
{
    lia_args *out = p->out;
    if (out->operand_count == out->command->operands_max)
        return lia_why_set(p->why, LIA_EINVAL, "'%s' is not understood here", text);
    out->operands[out->operand_count++] = text;
    return LIA_OK;
}

static lia_err take_word(parser *p)
{
    const char *text = p->argv[p->at++];
    if (text[0] != '-' || text[1] == 0) return take_operand(p, text);
    if (text[1] != '-') {
        const lia_option *option = text[2] == 0 ? find_letter(p->out->command, text[1]) : NULL;
        return option ? take_option(p, option, NULL) : refuse_unknown(p, text);
    }
    if (text[2] == 0) {
        lia_err err = LIA_OK;
        while (!err && p->at < p->argc) err = take_operand(p, p->argv[p->at++]);
        return err;
    }
    const char *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text - 2) : strlen(text + 2);
    const lia_option *option = find(p->out->command, text + 2, size);
    return option ? take_option(p, option, equals ? equals + 1 : NULL) : refuse_unknown(p, text);
}

lia_err lia_args_parse(lia_args *out, const lia_subcommand *command, int argc, char **argv,
                       lia_why *why)
{
    parser p = {.out = out, .argc = argc, .argv = argv, .why = why};
    *out = (lia_args){.command = command};
    while (p.at < argc && !out->wants_help) {
        lia_err err = take_word(&p);
        if (err) return err;
    }
    if (!out->wants_help && out->operand_count < command->operands_min)
        return lia_why_set(why, LIA_EINVAL, "%s is missing", command->operands);
    return LIA_OK;
}

/* ---- what was given -------------------------------------------------------------------------- */

size_t lia_args_count(const lia_args *args, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < args->given_count; i++)
        count += strcmp(args->given[i].option->name, name) == 0;
    return count;
}

const char *lia_args_nth(const lia_args *args, const char *name, size_t nth)
{
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, name) == 0 && nth-- == 0)
            return args->given[i].value;
    return NULL;
}

bool lia_args_has(const lia_args *args, const char *name)
{
    return lia_args_count(args, name) > 0;
}

const char *lia_args_text(const lia_args *args, const char *name)
{
    size_t count = lia_args_count(args, name);
    return count ? lia_args_nth(args, name, count - 1) : NULL;
}

uint64_t lia_args_number(const lia_args *args, const char *name, uint64_t otherwise)
{
    const char *text = lia_args_text(args, name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- help ------------------------------------------------------------------------------------ */

#define HELP_COLUMN 22

/* Every line of `text` behind `indent` spaces; the first one continues the present line. */
static void put_lines(FILE *to, const char *text, int indent)
{
    for (const char *end; (end = strchr(text, '\n')); text = end + 1)
        fprintf(to, "%.*s\n%*s", (int)(end - text), text, end[1] == '\n' ? 0 : indent, "");
    fprintf(to, "%s\n", text);
}

static void put_option(FILE *to, const lia_option *option)
{
    char left[64];
    int size = option->letter ? snprintf(left, sizeof left, "-%c, ", option->letter) : 0;
    size += snprintf(left + size, sizeof left - (size_t)size, "--%s%s%s", option->name,
                     option->value ? " " : "", option->value ? option->value : "");
    if (size + 2 < HELP_COLUMN)
        fprintf(to, "  %-*s", HELP_COLUMN - 2, left);
    else
        fprintf(to, "  %s\n%*s", left, HELP_COLUMN, "");
    put_lines(to, option->help, HELP_COLUMN);
}

void lia_args_help(FILE *to, const lia_subcommand *command)
{
    fprintf(to, "liaison %s - %s\n\nusage: liaison %s%s%s%s\n", command->name, command->purpose,
            command->name, command->option_count ? " [options]" : "", command->operands ? " " : "",
            command->operands ? command->operands : "");
    if (command->details) fprintf(to, "\n%s\n", command->details);
    fputs("\noptions\n", to);
    for (size_t i = 0; i < command->option_count; i++) put_option(to, &command->options[i]);
    put_option(to, &help_option);
    fputs("\nexample\n  ", to);
    put_lines(to, command->example, 2);
}

int lia_args_fail(const lia_args *args, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "liaison %s: ", args->command->name);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return 2;
}
