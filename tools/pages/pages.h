/* SPDX-License-Identifier: Apache-2.0 */
/* pages - what people read about the programs, made of the tables that the programs read. */
#ifndef LIA_PAGES_PAGES_H
#define LIA_PAGES_PAGES_H

#include "common/config/config.h"
#include "tools/liaison/commands.h"

/* Manual pages in man(7): of the command line, of a department's node, of the file of settings. */
void lia_pages_tool(lia_buf *out);
void lia_pages_node(lia_buf *out, const char *department);
void lia_pages_file(lia_buf *out);
/* Completion for bash, of all programs. */
void lia_pages_completion(lia_buf *out);

/* Dashboards for Grafana: of the whole cluster, and of what nodes do. */
void lia_pages_dashboard_of_cluster(lia_buf *out);
void lia_pages_dashboard_of_node(lia_buf *out);

/* The departments' names; NULL behind the last. */
extern const char *const lia_pages_departments[];

#endif
