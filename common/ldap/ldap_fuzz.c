/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says what the rest is: a name that is typed, a file of groups, a filter, a name of
 * an entry, an address. No name that is typed changes what is asked; forms stay as they are. */
#include <string.h>

#include "common/base/assert.h"
#include "common/ldap/groups.h"
#include "common/ldap/words.h"

#define BEFORE "(&(a=b)(uid="
#define BEHIND ")(c=d))"

static int nibble(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Takes the escapes back: what comes out is the name, and nothing between was a filter's. */
static void fill(lia_span name, lia_arena *arena)
{
    const char *filter = lia_ldap_filter_fill(arena, BEFORE "{user}" BEHIND, "{user}", name);
    if (!filter) return;
    size_t size = strlen(filter), at = strlen(BEFORE), end = size - strlen(BEHIND), read = 0;
    lia_assert(!memcmp(filter, BEFORE, at) && !strcmp(filter + end, BEHIND));
    for (; at < end; at++, read++) {
        uint8_t byte = (uint8_t)filter[at];
        lia_assert(read < name.size && !strchr("()*", byte));
        if (byte == '\\') {
            lia_assert(at + 2 < end);
            byte = (uint8_t)(nibble(filter[at + 1]) << 4 | nibble(filter[at + 2]));
            at += 2;
        }
        lia_assert(byte == name.data[read]);
    }
    lia_assert(read == name.size);
}

static void read_groups(lia_span text, lia_arena *arena)
{
    lia_ldap_groups groups;
    lia_why why = {{0}};
    lia_err err = lia_ldap_groups_parse(&groups, text, arena, &why);
    lia_assert(err != LIA_EINVAL || *why.text);
    for (size_t i = 0; !err && i < groups.count; i++) {
        const lia_ldap_group *group = &groups.all[i];
        lia_assert(group->role_count || group->team);
        if (!group->name) continue;
        const char *again = lia_ldap_name_form(arena, group->name);
        lia_assert(!again || !strcmp(again, group->name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base && lia_arena_init(&arena, (size_t)16 << 20)) return 0;
    lia_arena_reset(&arena);
    if (!size) return 0;
    const lia_span rest = lia_span_make(data + 1, size - 1);
    const char *text = (const char *)lia_arena_copy(&arena, rest).data;
    if (data[0] == 'u') fill(rest, &arena);
    if (data[0] == 'g') read_groups(rest, &arena);
    if (data[0] == 'f') (void)!lia_ldap_filter_check(text, "{user}", NULL);
    if (data[0] == 'n') (void)!lia_ldap_name_check(text, NULL);
    if (data[0] == 'a' && !lia_ldap_url_check(text, NULL))
        lia_assert(!strpbrk(text, " \t\r\n/?#@") || strstr(text, "://"));
    return 0;
}
