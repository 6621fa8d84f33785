/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "common/config/config.h"

#define HELP_COLUMN  22
#define LINE_COLUMNS 92

void lia_config_put(lia_buf *out, const char *text, const char *department)
{
    const char *mark;
    while ((mark = strstr(text, "%s"))) {
        lia_buf_add(out, text, (size_t)(mark - text));
        lia_buf_text(out, department);
        text = mark + 2;
    }
    lia_buf_text(out, text);
}

/* Lines of help, each behind `indent`; the end of the last one is left to the caller. */
static void put_lines(lia_buf *out, const char *text, const char *indent)
{
    const char *end;
    for (; (end = strchr(text, '\n')); text = end + 1)
        lia_buf_format(out, "%.*s\n%s", (int)(end - text), text, indent);
    lia_buf_text(out, text);
}

/* Behind the last line of the help where there is room for it, else on a line of its own. */
static void put_usual(lia_buf *out, const lia_setting *row, const char *department,
                      const char *indent)
{
    const char *last = strrchr(row->help, '\n');
    size_t wide = strlen(last ? last + 1 : row->help) + strlen(indent);
    if (!row->usual) return;
    if (wide + strlen(row->usual) + strlen(department) > LINE_COLUMNS)
        lia_buf_format(out, "\n%s(usually: ", indent);
    else
        lia_buf_text(out, " (usually: ");
    lia_config_put(out, row->usual, department);
    lia_buf_byte(out, ')');
}

void lia_config_help(lia_buf *out, const char *department)
{
    char indent[HELP_COLUMN + 3];
    snprintf(indent, sizeof indent, "%*s", HELP_COLUMN + 2, "");
    for (const lia_setting *row = lia_setting_rows; row < lia_setting_rows + lia_setting_count;
         row++) {
        char flag[80];
        int size = snprintf(flag, sizeof flag, "--%s%s%s", row->name, row->value ? " " : "",
                            row->value ? row->value : "");
        if (row->group) lia_buf_format(out, "%s:\n", row->group);
        lia_buf_format(out, "  %-*s", HELP_COLUMN, flag);
        if (size >= HELP_COLUMN) lia_buf_format(out, "\n%s", indent);
        put_lines(out, row->help, indent);
        put_usual(out, row, department, indent);
        lia_buf_byte(out, '\n');
    }
}

void lia_config_page(lia_buf *out, const char *department)
{
    char variable[LIA_SETTING_VARIABLE_SIZE];
    lia_buf_format(
        out,
        "# Settings of a Liaison node (%s). 'liaison config check FILE' finds mistakes.\n"
        "# Lines that begin with '#' say nothing. The environment (LIAISON_NAME) counts more\n"
        "# than this file, flags (--name) more than both. Secrets stay in files of their own:\n"
        "# give a path, or credential:NAME for what systemd loads (LoadCredential=).\n"
        "# 'systemctl reload' takes those marked [reload]; the others want a restart.\n",
        department);
    for (const lia_setting *row = lia_setting_rows; row < lia_setting_rows + lia_setting_count;
         row++) {
        lia_setting_variable(row, variable);
        if (row->group) lia_buf_format(out, "\n## %s\n", row->group);
        lia_buf_text(out, "\n# ");
        put_lines(out, row->help, "# ");
        put_usual(out, row, department, "# ");
        lia_buf_format(out, "%s\n# %s\n#%s: ", row->reloads ? " [reload]" : "", variable,
                       row->name);
        lia_config_put(out, row->example ? row->example : "true", department);
        lia_buf_byte(out, '\n');
    }
}
