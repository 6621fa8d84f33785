/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/json_tree.h"

#include <pthread.h>
#include <stdlib.h>

/* jansson takes a failed allocation for a mistake in the text, or drops the byte that there was no
 * room for and goes on; so whether one failed is noted here. */
static _Thread_local bool starved;

static void *take(size_t size)
{
    void *memory = malloc(size);
    if (!memory) starved = true;
    return memory;
}

static void notice_starvation(void)
{
    json_set_alloc_funcs(take, free);
}

lia_err lia_json_load(lia_span json, json_t **out, lia_why *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, notice_starvation);
    starved = false;
    *out = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &error);
    if (starved) {
        json_decref(*out);
        *out = NULL;
        return lia_why_set(why, LIA_EFULL, "no memory");
    }
    if (*out) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "line %d, column %d: %s", error.line, error.column,
                       error.text);
}
