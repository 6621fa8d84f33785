/* SPDX-License-Identifier: Apache-2.0 */
/* jansson does not look whether the buffer of its reader could grow: without memory it drops the
 * byte, and where that is a closing quote it reads and writes on behind the text's end. So an
 * allocation that fails while it reads does not return to it: the reading is left as it stands, and
 * what it had taken is given back from a list. */
#include "common/wire/json_tree.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

typedef struct list {
    void **items;
    size_t count, room;
} list;

/* Of the reading that is under way in this thread. What is given back meanwhile is freed at its
 * end: to look for each among all that was taken would take the square of a document's size. */
typedef struct reading {
    jmp_buf out;
    list taken, given;
} reading;

static _Thread_local reading *under_way;

static void add(reading *r, list *to, void *memory)
{
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 64;
        void **more = realloc(to->items, room * sizeof *more);
        if (!more) longjmp(r->out, 1);
        to->items = more;
        to->room = room;
    }
    to->items[to->count++] = memory;
}

static void *take(size_t size)
{
    reading *r = under_way;
    if (!r) return malloc(size);
    add(r, &r->taken, NULL); /* a place for it first */
    void *memory = malloc(size);
    if (!memory) longjmp(r->out, 1);
    r->taken.items[r->taken.count - 1] = memory;
    return memory;
}

static void give(void *memory)
{
    if (under_way && memory)
        add(under_way, &under_way->given, memory);
    else
        free(memory);
}

static void watch(void)
{
    json_set_alloc_funcs(take, give);
}

/* False when memory ended. */
static bool read_all(reading *r, lia_span json, json_t **out, json_error_t *error)
{
    under_way = r;
    bool whole = setjmp(r->out) == 0;
    if (whole) *out = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, error);
    under_way = NULL;
    return whole;
}

lia_err lia_json_load(lia_span json, json_t **out, lia_why *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    reading r = {.taken = {0}};
    *out = NULL;
    pthread_once(&once, watch);
    bool whole = read_all(&r, json, out, &error);
    const list *gone = whole ? &r.given : &r.taken;
    for (size_t i = 0; i < gone->count; i++) free(gone->items[i]);
    free(r.taken.items);
    free(r.given.items);
    if (!whole) {
        *out = NULL;
        return lia_why_set(why, LIA_EFULL, "no memory");
    }
    if (*out) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "line %d, column %d: %s", error.line, error.column,
                       error.text);
}
