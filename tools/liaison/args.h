/* SPDX-License-Identifier: Apache-2.0 */
/* args - subcommands and their options as tables. Parsing, the help pages and the sentences about
 * wrong options all read the same rows. */
#ifndef LIA_LIAISON_ARGS_H
#define LIA_LIAISON_ARGS_H

#include <stdio.h>

#include "common/base/err.h"

#define LIA_ARGS_GIVEN_MAX    96
#define LIA_ARGS_OPERANDS_MAX 64

typedef struct lia_option {
    const char *name;  /* given as --name VALUE or --name=VALUE */
    const char *value; /* what stands behind it ("URL"); NULL: nothing, it is a switch */
    const char *help;  /* lines, separated by \n */
    char letter;       /* "-o"; 0: none */
    bool many;         /* may be given several times */
    bool is_number;    /* a whole number from min to max */
    uint64_t min, max;
} lia_option;

typedef struct lia_args lia_args;

/* The exit status: 0 fine, 1 done but the answer is no, 2 could not be done. */
typedef int lia_run_fn(const lia_args *args);

typedef struct lia_subcommand {
    const char *name;     /* "import", "keys init" */
    const char *purpose;  /* one line */
    const char *operands; /* what stands beside the options: "FILE"; NULL: nothing */
    const char *details;  /* paragraphs of the help page; may be NULL */
    const char *example;  /* lines */
    const lia_option *options;
    size_t option_count;
    size_t operands_min, operands_max;
    lia_run_fn *run;
} lia_subcommand;

struct lia_args {
    const lia_subcommand *command;
    struct {
        const lia_option *option;
        const char *value;
    } given[LIA_ARGS_GIVEN_MAX];
    size_t given_count;
    const char *operands[LIA_ARGS_OPERANDS_MAX];
    size_t operand_count;
    bool wants_help;
};

/* Rows that many tables share. */
#define LIA_OPTION_NODE                                                                            \
    {                                                                                              \
        .name = "node", .value = "URL",                                                            \
        .help = "the node's address, http://127.0.0.1:27100, or a department's name"               \
    }
#define LIA_OPTION_NODES                                                                           \
    {                                                                                              \
        .name = "node", .value = "URL", .many = true,                                              \
        .help = "a node's address, http://127.0.0.1:27100, or a department's\n"                    \
                "name; may be given several times"                                                 \
    }
#define LIA_OPTION_DIR                                                                             \
    {                                                                                              \
        .name = "dir", .value = "DIR",                                                             \
        .help = "the cluster's folder: its member list names the nodes, and\n"                     \
                "admin.token in it signs in"                                                       \
    }
#define LIA_OPTION_BASE                                                                            \
    {                                                                                              \
        .name = "base", .value = "PORT", .is_number = true, .min = 1, .max = 65523,                \
        .help = "first of the four ports on this machine (default: 27100)"                         \
    }
#define LIA_OPTION_TOKEN                                                                           \
    {                                                                                              \
        .name = "token", .value = "TOKEN",                                                         \
        .help = "signs in (default: LIA_TOKEN, or the file LIA_TOKEN_FILE, of\n"                   \
                "the environment)"                                                                 \
    }
#define LIA_OPTION_CA                                                                              \
    {                                                                                              \
        .name = "ca", .value = "FILE",                                                             \
        .help = "certificates to trust for HTTPS, by which nodes of --dir and\n"                   \
                "--base are asked then (default: the environment's LIA_CA)"                        \
    }
/* How a command comes in at a node. */
#define LIA_OPTIONS_ENTRY LIA_OPTION_TOKEN, LIA_OPTION_CA
#define LIA_OPTION_JSON                                                                            \
    {                                                                                              \
        .name = "json", .help = "JSON, also on a terminal"                                         \
    }

/* Reads what follows the subcommand's name. Options and operands may stand in any order; after
 * "--" everything is an operand. --help needs nothing else to be right.
 *   LIA_EINVAL   `why` names the option or value */
LIA_MUST_USE lia_err lia_args_parse(lia_args *out, const lia_subcommand *command, int argc,
                                    char **argv, lia_why *why);

bool lia_args_has(const lia_args *args, const char *name);
/* The value given last, or NULL. */
const char *lia_args_text(const lia_args *args, const char *name);
uint64_t lia_args_number(const lia_args *args, const char *name, uint64_t otherwise);
size_t lia_args_count(const lia_args *args, const char *name);
const char *lia_args_nth(const lia_args *args, const char *name, size_t nth);

void lia_args_help(FILE *to, const lia_subcommand *command);

/* "liaison import: <sentence>" on stderr; returns 2 for `return lia_args_fail(...)`. */
int lia_args_fail(const lia_args *args, const char *format, ...) LIA_PRINTF(2, 3);

#endif
