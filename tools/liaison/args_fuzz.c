/* SPDX-License-Identifier: Apache-2.0 */
/* Any words behind any subcommand: what is taken has as many operands as the table allows and numbers
 * within their bounds, what is not is refused with a sentence. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "tools/liaison/commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 40 };

static void check(const lia_args *args)
{
    const lia_subcommand *command = args->command;
    if (args->wants_help) return;
    lia_assert(args->operand_count >= command->operands_min &&
               args->operand_count <= command->operands_max);
    for (size_t i = 0; i < command->option_count; i++) {
        const lia_option *option = &command->options[i];
        size_t count = lia_args_count(args, option->name);
        lia_assert(count <= 1 || option->many || !option->value);
        lia_assert(lia_args_has(args, option->name) == (count > 0));
        if (!count || !option->is_number) continue;
        uint64_t number = lia_args_number(args, option->name, 0);
        lia_assert(number >= option->min && number <= option->max);
    }
}

/* Each line is a word. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS_MAX + 1], *text;
    int count = 0;
    lia_args args;
    lia_why why = {0};
    if (size < 1) return 0;
    text = malloc(size);
    lia_assert(text);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    for (char *word = strtok(text, "\n"); word && count < WORDS_MAX; word = strtok(NULL, "\n"))
        words[count++] = word;
    words[count] = NULL;
    const lia_subcommand *command = lia_subcommands[data[0] % lia_subcommand_count];
    lia_err err = lia_args_parse(&args, command, count, words, &why);
    lia_assert(!err == !why.text[0]);
    if (!err) check(&args);
    free(text);
    return 0;
}
