/* SPDX-License-Identifier: Apache-2.0 */
/* Completion: the commands, then the options of the command that is there; files where a value is
 * one or nothing is known of it. */
#include <stdio.h>

#include "tools/pages/pages.h"

static void put_commands(lia_buf *out)
{
    lia_buf_text(out, "  local commands='");
    for (size_t i = 0; i < lia_subcommand_count; i++)
        lia_buf_format(out, "%s%s", i ? "\n" : "", lia_subcommands[i]->name);
    lia_buf_text(out, "'\n");
}

static void put_options(lia_buf *out)
{
    lia_buf_text(out, "  case \"$command\" in\n");
    for (size_t i = 0; i < lia_subcommand_count; i++) {
        const lia_subcommand *command = lia_subcommands[i];
        lia_buf_format(out, "    '%s') options='--help", command->name);
        for (size_t o = 0; o < command->option_count; o++)
            lia_buf_format(out, " --%s", command->options[o].name);
        lia_buf_text(out, "' ;;\n");
    }
    lia_buf_text(out, "  esac\n");
}

void lia_pages_completion(lia_buf *out)
{
    lia_buf_text(out,
                 "# bash completion for liaison and the departments' nodes\n"
                 "_liaison() {\n"
                 "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]:-} options=''\n");
    put_commands(out);
    lia_buf_text(
        out,
        "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$(cut -d' ' -f1 <<<\"$commands\" | sort -u) "
        "--help --version\" -- \"$word\")\n"
        "    return\n"
        "  fi\n"
        "  if grep -q \"^$command \" <<<\"$commands\"; then\n"
        "    if [ \"$COMP_CWORD\" = 2 ] && [[ \"$word\" != -* ]]; then\n"
        "      mapfile -t COMPREPLY < <(compgen -W \"$(sed -n \"s/^$command //p\" "
        "<<<\"$commands\")\" "
        "-- \"$word\")\n"
        "      return\n"
        "    fi\n"
        "    if grep -qxF -- \"$command ${COMP_WORDS[2]}\" <<<\"$commands\"; then\n"
        "      command+=\" ${COMP_WORDS[2]}\"\n"
        "    fi\n"
        "  fi\n");
    put_options(out);
    lia_buf_text(out, "  case \"$word\" in\n"
                      "    -*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\") ;;\n"
                      "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
                      "  esac\n"
                      "}\n"
                      "complete -o filenames -F _liaison liaison\n\n"
                      "_liaison_node() {\n"
                      "  local word=${COMP_WORDS[COMP_CWORD]}\n"
                      "  case \"$word\" in\n"
                      "    -*) mapfile -t COMPREPLY < <(compgen -W '--config --rebuild --openapi "
                      "--version --help");
    for (size_t i = 0; i < lia_setting_count; i++)
        lia_buf_format(out, " --%s", lia_setting_rows[i].name);
    lia_buf_text(out, "' -- \"$word\") ;;\n"
                      "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
                      "  esac\n"
                      "}\n"
                      "complete -o filenames -F _liaison_node");
    for (const char *const *department = lia_pages_departments; *department; department++)
        lia_buf_format(out, " liaison-%s", *department);
    lia_buf_byte(out, '\n');
}
