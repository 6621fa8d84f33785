/* SPDX-License-Identifier: Apache-2.0 */
/* config - the settings of a node from a commented file, the environment and the command line; each
 * counts more than the one before. Mistakes are all told, with their place and what would be right;
 * whoever starts a node stops at the first run that has any.
 *
 *     lia_config_init, then in this order
 *     lia_config_file         tls-cert: /etc/liaison/tls.pem      YAML, one level, scalars only
 *     lia_config_environment  LIAISON_TLS_CERT=/etc/liaison/tls.pem
 *     lia_config_flag         --tls-cert /etc/liaison/tls.pem
 *     lia_config_end          what settings say about one another */
#ifndef LIA_CONFIG_CONFIG_H
#define LIA_CONFIG_CONFIG_H

#include "common/base/buf.h"
#include "common/config/setting.h"

/* A file that is larger holds something else. */
#define LIA_CONFIG_FILE_MAX ((size_t)64 << 10)

typedef struct lia_mistake {
    const char *from;      /* "/etc/liaison/sales.yaml", "LIAISON_PROXY", "--proxy" */
    unsigned line, column; /* in the file, from 1, in characters; 0: it is none, or all of it */
    const char *text;      /* a sentence: what is wrong, and what would be right */
} lia_mistake;

/* Told of each mistake; its texts are valid during the call. */
typedef struct lia_mistakes {
    void (*tell)(void *context, const lia_mistake *mistake);
    void *context;
} lia_mistakes;

typedef struct lia_said {
    const char *from; /* NULL: nobody said anything */
    unsigned line, column;
} lia_said;

typedef struct lia_config {
    lia_settings values;
    lia_said said[LIA_SETTINGS_MAX]; /* by row */
    size_t mistakes;
    const char *credentials; /* as in lia_setting_take */
    lia_mistakes to;
    lia_arena texts;
} lia_config;

/* `credentials`: as in lia_setting_take, copied; the texts of `values` live until lia_config_fini.
 *   LIA_EFULL  no memory */
LIA_MUST_USE lia_err lia_config_init(lia_config *config, const char *credentials,
                                     const lia_mistakes *to);
/* Fine on zeroes. */
void lia_config_fini(lia_config *config);

/* Reads a file. Behind a place that is no YAML nothing more is looked at; all else is told in one
 * run. A setting that is not known, given twice, or not a plain value is a mistake. */
void lia_config_file(lia_config *config, const char *path);
/* The same of bytes; `path` is for the messages and must live as long as the config. Fuzzed. */
void lia_config_parse(lia_config *config, const char *path, lia_span bytes);

/* Takes all LIAISON_* of an environment; empty ones say nothing, unknown ones are mistakes, and
 * LIAISON_CONFIG is left to lia_config_named. */
void lia_config_environment(lia_config *config, char *const *environment);
/* The file that LIAISON_CONFIG names; NULL: none. Valid as long as the environment. */
const char *lia_config_named(char *const *environment);

/* One flag, "--smtp-plain" without a value as "true". */
void lia_config_flag(lia_config *config, const lia_setting *row, const char *value);

/* Looks at what belongs together; `needs_dir`: to run a node, not to check half of what it is told.
 * LIA_EINVAL: there were mistakes, here or before. */
LIA_MUST_USE lia_err lia_config_end(lia_config *config, bool needs_dir);

/* ---- pages that follow from the table ---------------------------------------------------------
 */

/* The commented file of a department: every setting, explained and switched off. */
void lia_config_page(lia_buf *out, const char *department);
/* The settings as lines of --help. */
void lia_config_help(lia_buf *out, const char *department);
/* Copies `text` with the department for "%s". */
void lia_config_put(lia_buf *out, const char *text, const char *department);

#endif
