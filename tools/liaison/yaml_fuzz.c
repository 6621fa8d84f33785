/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as YAML: they are read, or refused with a place; what was read can be written as JSON.
 */
#include <stdlib.h>

#include "common/base/assert.h"
#include "tools/liaison/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_why why = {{0}};
    json_t *value = lia_yaml_parse(lia_span_make(data, size), &why);
    lia_assert(!value == !!why.text[0]);
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    lia_assert(!value == !text);
    free(text);
    json_decref(value);
    return 0;
}
