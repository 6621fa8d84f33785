/* SPDX-License-Identifier: Apache-2.0 */
/* match - whether a reply is what a conversation expects. {{name}} takes the text at its place
 * the first time and must be equal from then on; {{*}} takes anything. Objects may have more
 * members than expected; arrays are as long as expected unless they end in "...". */
#ifndef LIA_TESTS_API_MATCH_H
#define LIA_TESTS_API_MATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define NAMES_MAX 64

typedef struct lia_names {
    struct {
        char name[32];
        char value[1024];
    } list[NAMES_MAX];
    size_t count;
} lia_names;

/* Text against a pattern. */
bool lia_match_text(lia_names *names, const char *pattern, const char *text);
/* JSON against JSON. When they differ, `where` says at which path and how. */
bool lia_match_json(lia_names *names, json_t *pattern, const json_t *value, char *where,
                    size_t where_size);
/* The text with its names replaced by their values; malloc'd. NULL when one has none. */
char *lia_names_fill(const lia_names *names, const char *text);

#endif
