/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in the plain macros of man(7), which every formatter knows. */
#include <stdio.h>

#include "tools/pages/pages.h"

/* Text as it stands: nothing in it is a command of the formatter. */
static void put_text(lia_buf *out, const char *text, size_t size)
{
    bool begins = out->size == 0 || lia_buf_last(out) == '\n';
    for (size_t i = 0; i < size; i++) {
        if (begins && (text[i] == '.' || text[i] == '\'')) lia_buf_text(out, "\\&");
        begins = text[i] == '\n';
        if (text[i] == '\\')
            lia_buf_text(out, "\\e");
        else if (text[i] == '-')
            lia_buf_text(out, "\\-");
        else if (text[i] == '\'')
            lia_buf_text(out, "\\(aq");
        else
            lia_buf_byte(out, (uint8_t)text[i]);
    }
}

static void put(lia_buf *out, const char *text)
{
    put_text(out, text, strlen(text));
}

/* Lines that stay lines. */
static void put_lines(lia_buf *out, const char *text)
{
    lia_buf_text(out, ".PP\n.nf\n.RS 4\n");
    put(out, text);
    lia_buf_text(out, "\n.RE\n.fi\n");
}

static void put_head(lia_buf *out, const char *name, int section, const char *purpose)
{
    lia_buf_format(out, ".TH %s %d \"\" \"liaison %s\" \"Liaison\"\n.SH NAME\n", name, section,
                   LIA_VERSION);
    put(out, name);
    lia_buf_text(out, " \\- ");
    put(out, purpose);
    lia_buf_byte(out, '\n');
}

static void put_flag(lia_buf *out, const char *name, const char *value)
{
    lia_buf_text(out, ".TP\n\\fB");
    if (name[0] != '-') put(out, "--");
    put(out, name);
    lia_buf_text(out, "\\fR");
    if (value) {
        lia_buf_text(out, " \\fI");
        put(out, value);
        lia_buf_text(out, "\\fR");
    }
    lia_buf_byte(out, '\n');
}

/* ---- the tool ---------------------------------------------------------------------------------
 */

static void put_command(lia_buf *out, const lia_subcommand *command)
{
    lia_buf_text(out, ".SS liaison ");
    put(out, command->name);
    if (command->operands) {
        lia_buf_byte(out, ' ');
        put(out, command->operands);
    }
    lia_buf_byte(out, '\n');
    put(out, command->purpose);
    lia_buf_text(out, ".\n");
    if (command->details) {
        lia_buf_text(out, ".PP\n");
        put(out, command->details);
        lia_buf_byte(out, '\n');
    }
    for (size_t i = 0; i < command->option_count; i++) {
        put_flag(out, command->options[i].name, command->options[i].value);
        put(out, command->options[i].help);
        lia_buf_byte(out, '\n');
    }
    if (command->example) put_lines(out, command->example);
}

void lia_pages_tool(lia_buf *out)
{
    put_head(out, "liaison", 1, "looks after the nodes of a Liaison cluster");
    lia_buf_text(out, ".SH SYNOPSIS\n.B liaison\n.I COMMAND\n[options]\n.SH DESCRIPTION\n");
    put(out, "Without --node, --dir or --base it looks for the four departments on this machine's\n"
             "ports 27100 to 27103. Output is for people on a terminal and JSON when piped.\n");
    lia_buf_text(out, ".SH COMMANDS\n");
    for (size_t i = 0; i < lia_subcommand_count; i++) put_command(out, lia_subcommands[i]);
    lia_buf_text(
        out,
        ".SH ENVIRONMENT\n.TP\n.B LIA_TOKEN\nsigns in, where no other token is given\n"
        ".TP\n.B LIA_TOKEN_FILE\na file whose first line signs in, where LIA_TOKEN is not set\n"
        ".TP\n.B LIA_CA\ncertificates to trust for HTTPS, where no \\-\\-ca is given\n"
        ".TP\n.B AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY\n"
        "the bucket that backups lie in\n"
        ".SH EXIT STATUS\n0: fine. 1: done, but not all is well. 2: it could not be done.\n"
        ".SH SEE ALSO\n.BR liaison\\-sales (8),\n.BR liaison.yaml (5)\n");
}

/* ---- a node -----------------------------------------------------------------------------------
 */

static void put_setting(lia_buf *out, const lia_setting *row, const char *department)
{
    put(out, row->help);
    if (row->usual) {
        lia_arena *arena = out->arena;
        lia_buf usual = lia_buf_make(arena);
        lia_config_put(&usual, row->usual, department);
        lia_buf_text(out, "\n(usually: ");
        put_text(out, (const char *)usual.data, usual.size);
        lia_buf_byte(out, ')');
    }
    lia_buf_byte(out, '\n');
}

void lia_pages_node(lia_buf *out, const char *department)
{
    char name[64], purpose[96];
    snprintf(name, sizeof name, "liaison-%s", department);
    snprintf(purpose, sizeof purpose, "the %s department's node of a Liaison cluster", department);
    put_head(out, name, 8, purpose);
    lia_buf_text(out, ".SH SYNOPSIS\n.B ");
    put(out, name);
    lia_buf_text(out, "\n[options]\n.SH DESCRIPTION\n");
    put(out,
        "Runs the department until SIGTERM or SIGINT: keeps its log and views, talks to the other\n"
        "members over an encrypted bus, serves people over HTTP, and logs JSON lines to stderr.\n"
        "What is set by options can be set by the environment and by a file, too; see\n");
    lia_buf_text(out, ".BR liaison.yaml (5).\n.SH OPTIONS\n");
    put_flag(out, "config", "FILE");
    lia_buf_text(out, "settings; the environment and the other options count more\n");
    for (size_t i = 0; i < lia_setting_count; i++) {
        put_flag(out, lia_setting_rows[i].name, lia_setting_rows[i].value);
        put_setting(out, &lia_setting_rows[i], department);
    }
    put_flag(out, "rebuild", NULL);
    lia_buf_text(out, "compute the views anew from the log, then exit\n");
    put_flag(out, "openapi", NULL);
    lia_buf_text(out, "print the document of the API, then exit\n");
    put_flag(out, "version", NULL);
    lia_buf_text(
        out, "say which one this is\n.SH SIGNALS\n.TP\n.B SIGHUP\n"
             "reads certificates, the mail server and verbosity again; with mistakes all stays\n"
             ".TP\n.BR SIGTERM \", \" SIGINT\nends in order\n"
             ".SH EXIT STATUS\n0: ended in order. 1: it could not start. 2: wrong settings.\n"
             ".SH SEE ALSO\n.BR liaison (1),\n.BR liaison.yaml (5)\n");
}

/* ---- the file ---------------------------------------------------------------------------------
 */

void lia_pages_file(lia_buf *out)
{
    char variable[LIA_SETTING_VARIABLE_SIZE];
    put_head(out, "liaison.yaml", 5, "settings of a node of a Liaison cluster");
    lia_buf_text(out, ".SH DESCRIPTION\n");
    put(out,
        "One 'name: value' a line, in YAML's plainest form; what begins with '#' is a comment.\n"
        "Switches are true or false. Whatever is not known is refused. The variable named beside "
        "a\n"
        "setting says the same and counts more; the option of its name counts more than both.\n"
        "Settings that name a file take a path, or credential:NAME for a file that systemd loads.\n"
        "Settings marked [reload] are taken on SIGHUP.\n");
    lia_buf_text(out, ".SH SETTINGS\n");
    for (const lia_setting *row = lia_setting_rows; row < lia_setting_rows + lia_setting_count;
         row++) {
        lia_setting_variable(row, variable);
        lia_buf_text(out, ".TP\n\\fB");
        put(out, row->name);
        lia_buf_text(out, "\\fR: ");
        put(out, row->value ? row->value : "true");
        lia_buf_format(out, " (%s)%s\n", variable, row->reloads ? " [reload]" : "");
        put_setting(out, row, "the department");
    }
    lia_buf_text(out, ".SH SEE ALSO\n.BR liaison (1),\n.BR liaison\\-sales (8)\n");
}
