/* SPDX-License-Identifier: Apache-2.0 */
/* A line's arrow is its first one: a name of a group writes it escaped (RFC 4514), a role need not.
 */
#include "common/ldap/groups.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/ldap/words.h"

#define ARROW "->"
/* Twice the file, for what is cut out of it, and the table. */
#define CHECK_BYTES_MAX                                                                            \
    (4 * LIA_LDAP_GROUPS_FILE_MAX + LIA_LDAP_GROUPS_MAX * sizeof(lia_ldap_group))

typedef struct reader {
    lia_ldap_groups *out;
    lia_arena *arena;
    lia_why *why;
    size_t line;
} reader;

static lia_err wrong(const reader *r, const char *what)
{
    return lia_why_set(r->why, LIA_EINVAL, "line %zu: %s", r->line, what);
}

static lia_span trim(lia_span text)
{
    while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = lia_span_skip(text, 1);
    while (text.size && strchr(" \t\r", text.data[text.size - 1])) text.size--;
    return text;
}

/* Takes what stands before `byte`, or all of it. */
static lia_span cut(lia_span *rest, uint8_t byte)
{
    const uint8_t *at = rest->size ? memchr(rest->data, byte, rest->size) : NULL;
    lia_span taken = lia_span_make(rest->data, at ? (size_t)(at - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, taken.size + (at != NULL));
    return taken;
}

static const char *keep(const reader *r, lia_span text)
{
    return (const char *)lia_arena_copy(r->arena, text).data;
}

static bool take_word(lia_span *text, const char *word)
{
    lia_span wanted = lia_span_text(word);
    if (!lia_span_starts(*text, wanted) || text->size == wanted.size) return false;
    if (text->data[wanted.size] != ' ' && text->data[wanted.size] != '\t') return false;
    *text = trim(lia_span_skip(*text, wanted.size));
    return text->size > 0;
}

static lia_err add_right(const reader *r, lia_ldap_group *group, lia_span text)
{
    text = trim(text);
    bool is_role = take_word(&text, "role"), is_team = !is_role && take_word(&text, "team");
    if (!is_role && !is_team)
        return wrong(r, "behind the arrow 'role NAME' or 'team NAME' is wanted, with ';' between");
    if (is_team && group->team) return wrong(r, "a person is in one team: this is the second");
    if (is_role && group->role_count == LIA_LDAP_GROUP_ROLES_MAX)
        return wrong(r, "at most 16 roles are taken");
    const char *name = keep(r, text);
    if (!name) return LIA_EFULL;
    if (is_team)
        group->team = name;
    else
        group->roles[group->role_count++] = name;
    return LIA_OK;
}

static lia_err name_group(const reader *r, lia_ldap_group *group, lia_span text)
{
    if (lia_span_is(text, "*")) return LIA_OK;
    const char *name = keep(r, text);
    if (!name) return LIA_EFULL;
    if (lia_ldap_name_check(name, NULL))
        return wrong(r, "before the arrow a group's name is wanted, as in "
                        "cn=sales,ou=groups,dc=example,dc=com, or '*' for everybody");
    group->name = lia_ldap_name_form(r->arena, name);
    return group->name ? LIA_OK : LIA_EFULL;
}

static lia_err read_line(const reader *r, lia_span line)
{
    const uint8_t *arrow = memmem(line.data, line.size, ARROW, strlen(ARROW));
    if (memchr(line.data, 0, line.size)) return wrong(r, "there is a NUL in it");
    if (!arrow) return wrong(r, "'group -> role NAME' is wanted");
    if (r->out->count == LIA_LDAP_GROUPS_MAX) return wrong(r, "at most 256 groups are taken");
    lia_ldap_group *group = &r->out->all[r->out->count];
    size_t before = (size_t)(arrow - line.data);
    lia_err err = name_group(r, group, trim(lia_span_make(line.data, before)));
    lia_span rights = lia_span_skip(line, before + strlen(ARROW));
    do {
        if (!err) err = add_right(r, group, cut(&rights, ';'));
    } while (!err && rights.size);
    r->out->count += !err;
    return err;
}

lia_err lia_ldap_groups_parse(lia_ldap_groups *out, lia_span text, lia_arena *arena, lia_why *why)
{
    reader r = {.out = out, .arena = arena, .why = why};
    lia_err err = LIA_OK;
    *out = (lia_ldap_groups){.all = lia_arena_zero(arena, LIA_LDAP_GROUPS_MAX * sizeof *out->all)};
    if (!out->all) return LIA_EFULL;
    while (!err && text.size) {
        lia_span line = trim(cut(&text, '\n'));
        r.line++;
        if (line.size && line.data[0] != '#') err = read_line(&r, line);
    }
    if (!err && !out->count) err = lia_why_set(why, LIA_EINVAL, "no line of it says anything");
    return err;
}

lia_err lia_ldap_groups_read(lia_ldap_groups *out, const char *path, lia_arena *arena, lia_why *why)
{
    lia_why inner = {{0}};
    FILE *file = fopen(path, "re");
    uint8_t *bytes = lia_arena_take(arena, LIA_LDAP_GROUPS_FILE_MAX + 1);
    size_t size = file && bytes ? fread(bytes, 1, LIA_LDAP_GROUPS_FILE_MAX + 1, file) : 0;
    bool failed = !file || ferror(file);
    int error = errno;
    if (file) fclose(file);
    if (!bytes) return lia_why_set(why, LIA_EFULL, "%.150s: there is no memory to read it", path);
    if (failed)
        return lia_why_set(why, LIA_EIO, "%.150s cannot be read: %s", path, strerror(error));
    if (size > LIA_LDAP_GROUPS_FILE_MAX)
        return lia_why_set(why, LIA_EINVAL, "%.150s is larger than 64 KiB", path);
    lia_err err = lia_ldap_groups_parse(out, lia_span_make(bytes, size), arena, &inner);
    if (!err) return LIA_OK;
    return lia_why_set(why, err, "%.150s, %s", path,
                       *inner.text ? inner.text : "there is no memory to read it");
}

lia_err lia_ldap_groups_check(const char *path, lia_why *why)
{
    lia_arena arena;
    lia_ldap_groups groups;
    lia_err err = lia_arena_init(&arena, CHECK_BYTES_MAX);
    if (err) return lia_why_set(why, err, "there is no memory to read it");
    err = lia_ldap_groups_read(&groups, path, &arena, why);
    lia_arena_fini(&arena);
    return err;
}
