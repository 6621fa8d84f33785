/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/args.h"

#include "tests/support/test.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/nodes.h"

static const lia_option options[] = {
    LIA_OPTION_NODES,
    {.name = "limit", .value = "N", .is_number = true, .min = 1, .max = 100, .help = "h"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "h"},
    LIA_OPTION_JSON,
};
static const lia_subcommand command = {.name = "try",
                                       .purpose = "p",
                                       .operands = "FILE",
                                       .example = "e",
                                       .options = options,
                                       .option_count = LIA_COUNT(options),
                                       .operands_min = 1,
                                       .operands_max = 1};

static lia_err parse(lia_args *args, lia_why *why, const char *const *words)
{
    int count = 0;
    while (words[count]) count++;
    return lia_args_parse(args, &command, count, (char **)(uintptr_t)words, why);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(options_stand_anywhere_and_take_values_in_two_ways)
{
    lia_args args;
    lia_why why;
    CHECK_OK(parse(&args, &why, WORDS("--node", "a", "file", "--node=b", "-o", "x", "--json")));
    CHECK_EQ(lia_args_count(&args, "node"), 2);
    CHECK_TEXT(lia_args_nth(&args, "node", 0), "a");
    CHECK_TEXT(lia_args_text(&args, "node"), "b");
    CHECK_TEXT(lia_args_text(&args, "output"), "x");
    CHECK(lia_args_has(&args, "json"));
    CHECK_TEXT(args.operands[0], "file");
    CHECK_EQ(lia_args_number(&args, "limit", 7), 7);
}

TEST(behind_two_dashes_everything_is_an_operand)
{
    lia_args args;
    lia_why why;
    CHECK_OK(parse(&args, &why, WORDS("--", "--json")));
    CHECK_TEXT(args.operands[0], "--json");
    CHECK_OK(parse(&args, &why, WORDS("-")));
    CHECK_TEXT(args.operands[0], "-");
}

TEST(a_wrong_option_or_value_is_named)
{
    static const struct {
        const char *words[4], *says;
    } cases[] = {
        {{"--jsn", "f"}, "--jsn is no option of it; was --json meant?"},
        {{"-x", "f"}, "-x is no option of it"},
        {{"--limit", "0", "f"}, "--limit: '0' is no whole number from 1 to 100"},
        {{"--limit=1e3", "f"}, "--limit: '1e3' is no whole number from 1 to 100"},
        {{"--limit=-1", "f"}, "--limit: '-1' is no whole number from 1 to 100"},
        {{"f", "--limit"}, "--limit: its N is missing"},
        {{"--json=yes", "f"}, "--json takes no value"},
        {{"--json", "--json", "f"}, "--json is given twice"},
        {{"f", "g"}, "'g' is not understood here"},
        {{"--json"}, "FILE is missing"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_args args;
        lia_why why = {{0}};
        CHECK_ERR(parse(&args, &why, cases[i].words), LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].says);
    }
}

TEST(help_needs_nothing_else_to_be_right)
{
    lia_args args;
    lia_why why;
    CHECK_OK(parse(&args, &why, WORDS("--help")));
    CHECK(args.wants_help);
    CHECK_OK(parse(&args, &why, WORDS("-h", "--nonsense")));
    CHECK(args.wants_help);
}

TEST(every_subcommand_has_a_purpose_an_example_and_told_options)
{
    for (size_t i = 0; i < lia_subcommand_count; i++) {
        const lia_subcommand *c = lia_subcommands[i];
        CHECK(c->purpose && c->example && c->run);
        CHECK(strncmp(c->example, "liaison ", 8) == 0);
        CHECK((c->operands == NULL) == (c->operands_max == 0));
        for (size_t o = 0; o < c->option_count; o++) CHECK(c->options[o].help != NULL);
    }
}

TEST(addresses_of_nodes_are_understood_in_many_forms)
{
    static const struct {
        const char *text, *url;
    } cases[] = {
        {"http://127.0.0.1:27100", "http://127.0.0.1:27100/api/v1"},
        {"http://127.0.0.1:27100/", "http://127.0.0.1:27100/api/v1"},
        {"http://127.0.0.1:27100/api/v1/", "http://127.0.0.1:27100/api/v1"},
        {"127.0.0.1:27100", "http://127.0.0.1:27100/api/v1"},
        {"https://crm.example.com", "https://crm.example.com/api/v1"},
        {"[::1]:27100", "http://[::1]:27100/api/v1"},
        {"service", "http://127.0.0.1:27102/api/v1"},
        {"27100", NULL},
        {"", NULL},
        {"http://", NULL},
        {"ftp://127.0.0.1", NULL},
        {"http://a b", NULL},
        {"127.0.0.1:27100/api/v2", NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_target target;
        lia_why why;
        lia_err err = lia_target_parse(&target, cases[i].text, 27100, &why);
        CHECK_EQ(err, cases[i].url ? LIA_OK : LIA_EINVAL);
        if (cases[i].url) CHECK_TEXT(target.url, cases[i].url);
    }
}
