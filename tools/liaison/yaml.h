/* SPDX-License-Identifier: Apache-2.0 */
/* yaml - a small YAML file as JSON: mappings, lists, and scalars, which stay texts. */
#ifndef LIA_LIAISON_YAML_H
#define LIA_LIAISON_YAML_H

#include <jansson.h>

#include "common/base/err.h"

#define LIA_YAML_BYTES_MAX ((size_t)64 << 10)
#define LIA_YAML_DEPTH_MAX 8

/* The one document of `bytes`; the caller's to json_decref. NULL, with line and column in `why`: it
 * is none, has references, tags or a name twice, or is nested too deeply. Fuzzed. */
json_t *lia_yaml_parse(lia_span bytes, lia_why *why);
/* The same of a file of at most LIA_YAML_BYTES_MAX; `why` names it. */
json_t *lia_yaml_file(const char *path, lia_why *why);

#endif
