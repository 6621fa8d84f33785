/* SPDX-License-Identifier: Apache-2.0 */
/* liaison - the command line for a cluster's operators: finds the subcommand, and runs it. */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/exchange/meant.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/nodes.h"

static void print_help(FILE *to)
{
    fputs("liaison - looks after the nodes of a Liaison cluster\n\n"
          "usage: liaison COMMAND [options]\n\n",
          to);
    for (size_t i = 0; i < lia_subcommand_count; i++)
        fprintf(to, "  %-10s  %s\n", lia_subcommands[i]->name, lia_subcommands[i]->purpose);
    fputs("\nliaison COMMAND --help tells more; liaison --version says which one this is.\n"
          "Without --node, --dir or --base it looks for the four departments on this machine's\n"
          "ports 27100 to 27103. Output is for people on a terminal and JSON when piped.\n"
          "Exit status: 0 fine, 1 done but not all is well, 2 it could not be done.\n",
          to);
}

/* How many of the words are the command's name; 0 when it is another one. */
static int names(const lia_subcommand *command, int argc, char **argv)
{
    const char *space = strchr(command->name, ' ');
    size_t size = space ? (size_t)(space - command->name) : strlen(command->name);
    if (argc < 1 || strlen(argv[0]) != size || memcmp(argv[0], command->name, size)) return 0;
    if (!space) return 1;
    return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

/* "liaison keys" alone: shows what can follow. False when nothing begins like this. */
static bool show_family(const char *word)
{
    size_t size = strlen(word), shown = 0;
    for (size_t i = 0; i < lia_subcommand_count; i++) {
        const lia_subcommand *command = lia_subcommands[i];
        if (strncmp(command->name, word, size) || command->name[size] != ' ') continue;
        if (shown++ == 0) fprintf(stderr, "liaison %s is followed by one of\n", word);
        fprintf(stderr, "  liaison %-10s  %s\n", command->name, command->purpose);
    }
    return shown > 0;
}

/* More than there will ever be; asserted where they are counted. */
#define COMMANDS_MAX 128

static int refuse(const char *word)
{
    const char *words[COMMANDS_MAX];
    lia_assert(lia_subcommand_count <= COMMANDS_MAX);
    if (show_family(word)) return 2;
    for (size_t i = 0; i < lia_subcommand_count; i++) words[i] = lia_subcommands[i]->name;
    const char *meant = lia_word_meant(word, words, lia_subcommand_count);
    fprintf(stderr, "liaison: '%s' is no command%s%s%s; liaison --help lists them\n", word,
            meant ? ", was '" : "", meant ? meant : "", meant ? "' meant?" : "");
    return 2;
}

static int run(const lia_subcommand *command, int argc, char **argv)
{
    lia_args args;
    lia_why why = {{0}};
    if (lia_args_parse(&args, command, argc, argv, &why)) {
        lia_args_fail(&args, "%s", why.text);
        fprintf(stderr, "liaison %s --help tells how it is used\n", command->name);
        return 2;
    }
    if (args.wants_help) {
        lia_args_help(stdout, command);
        return 0;
    }
    if (lia_crypto_init()) return lia_args_fail(&args, "the system has no source of randomness");
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    lia_targets_trust(&args);
    int status = command->run(&args);
    curl_global_cleanup();
    return status;
}

int main(int argc, char **argv)
{
    lia_log_set_name("liaison");
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("liaison " LIA_VERSION);
        return 0;
    }
    for (size_t i = 0; i < lia_subcommand_count; i++) {
        int words = names(lia_subcommands[i], argc - 1, argv + 1);
        if (words) return run(lia_subcommands[i], argc - 1 - words, argv + 1 + words);
    }
    return refuse(argv[1]);
}
