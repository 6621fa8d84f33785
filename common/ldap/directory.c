/* SPDX-License-Identifier: Apache-2.0 */
/* Groups are looked for before the password is tried, while the service account is still the one
 * who asks; and for a name that nobody has, all the same is asked of an entry that is not there, so
 * that time does not tell who exists. */
#include "common/ldap/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"
#include "common/base/secret.h"
#include "common/ldap/connection.h"
#include "common/ldap/words.h"
#include "common/wire/utf8.h"

const char lia_ldap_usual_filter[] = "(uid=" LIA_LDAP_USER ")";
const char lia_ldap_usual_group_filter[] =
    "(|(member=" LIA_LDAP_ENTRY ")(uniqueMember=" LIA_LDAP_ENTRY "))";

#define SUBJECT_MAX 256 /* bytes of an id */
#define SECRET_MAX  1024

typedef struct asking {
    const lia_ldap_question *question;
    const lia_ldap_options *options;
    lia_arena *arena;
    lia_ldap_person *out;
    lia_why *why;
    lia_ldap_connection connection;
    lia_ldap_groups groups;
    bool *holds; /* whether the person is in groups.all[i] */
    char *entry; /* the person's name there; NULL: nobody */
    size_t entries;
} asking;

static const char *either(const char *text, const char *usual)
{
    return text ? text : usual;
}

bool lia_ldap_user_ok(const char *user)
{
    size_t size = user ? strlen(user) : 0;
    if (!size || size > LIA_LDAP_USER_MAX || user[0] == ' ' || user[size - 1] == ' ') return false;
    for (; *user; user++)
        if ((unsigned char)*user < ' ' || *user == 0x7f) return false;
    return true;
}

/* ---- the service account --------------------------------------------------------------------- */

/* The first line; read each time, so that a new password counts without a restart. */
static lia_err bind_service(asking *a)
{
    char secret[SECRET_MAX];
    const char *path = a->options->password_file;
    if (lia_secret_read(path, "ldap-password", secret, sizeof secret, a->why)) return LIA_EINVAL;
    secret[strcspn(secret, "\r\n")] = 0;
    if (!*secret)
        return lia_why_set(a->why, LIA_EINVAL, "ldap-password: the first line of %.150s is empty",
                           path);
    lia_err err = lia_ldap_bind(&a->connection, a->options->bind_name, secret);
    lia_wipe(secret, sizeof secret);
    if (err == LIA_EDENIED)
        return lia_why_set(a->why, LIA_EINVAL,
                           "the service account may not sign in: ldap-bind-dn or ldap-password is "
                           "not right");
    return err;
}

/* ---- who ------------------------------------------------------------------------------------- */

/* The first value as text; NULL: none, or none that could be shown. */
static const char *text_of(const asking *a, LDAP *to, LDAPMessage *entry, const char *attribute)
{
    struct berval **values = ldap_get_values_len(to, entry, attribute);
    const char *kept = NULL;
    if (values && values[0] && values[0]->bv_len && values[0]->bv_len <= LIA_LDAP_USER_MAX &&
        !memchr(values[0]->bv_val, 0, values[0]->bv_len)) {
        lia_span text = lia_span_make(values[0]->bv_val, values[0]->bv_len);
        kept = (const char *)lia_arena_copy(a->arena, text).data;
    }
    ldap_value_free_len(values);
    return kept && lia_ldap_user_ok(kept) && lia_utf8_valid(lia_span_text(kept)) ? kept : NULL;
}

static bool is_plain(const struct berval *value)
{
    for (size_t i = 0; i < value->bv_len; i++)
        if (value->bv_val[i] <= ' ' || value->bv_val[i] == 0x7f) return false;
    return value->bv_len && value->bv_val[0] != '#';
}

static const char *subject_of(const asking *a, LDAP *to, LDAPMessage *entry)
{
    struct berval **values =
        ldap_get_values_len(to, entry, either(a->options->id_attribute, "entryUUID"));
    const char *subject = NULL;
    if (values && values[0] && !values[1] && values[0]->bv_len &&
        values[0]->bv_len <= SUBJECT_MAX) {
        lia_span bytes = lia_span_make(values[0]->bv_val, values[0]->bv_len);
        if (is_plain(values[0])) {
            subject = (const char *)lia_arena_copy(a->arena, bytes).data;
        } else {
            char *hex = lia_arena_take(a->arena, 2 * bytes.size + 2);
            if (hex) lia_hex_print(bytes, hex + 1);
            if (hex) hex[0] = '#';
            subject = hex;
        }
    }
    ldap_value_free_len(values);
    return subject;
}

/* What was made of an id's value, back. */
static lia_span bytes_of_subject(const asking *a, const char *subject)
{
    size_t size = strlen(subject);
    if (*subject != '#') return lia_span_make(subject, size);
    uint8_t *bytes = size % 2 ? lia_arena_take(a->arena, size / 2 + 1) : NULL;
    bool read = bytes && !lia_hex_parse(lia_span_make(subject + 1, size - 1), bytes, size / 2);
    return read ? lia_span_make(bytes, size / 2) : LIA_SPAN_NONE;
}

static lia_err take_person(void *context, LDAP *to, LDAPMessage *entry)
{
    asking *a = context;
    char *name = ldap_get_dn(to, entry);
    if (a->entries++ || !name) {
        ldap_memfree(name);
        return name ? LIA_OK : LIA_EFULL;
    }
    a->entry = (char *)(uintptr_t)lia_arena_copy(a->arena, lia_span_text(name)).data;
    ldap_memfree(name);
    a->out->subject = subject_of(a, to, entry);
    a->out->email = text_of(a, to, entry, either(a->options->mail_attribute, "mail"));
    a->out->name = text_of(a, to, entry, either(a->options->name_attribute, "displayName"));
    if (!a->out->name && !a->options->name_attribute) a->out->name = text_of(a, to, entry, "cn");
    if (!a->entry || a->arena->exhausted) return LIA_EFULL;
    if (a->out->subject) return LIA_OK;
    return lia_why_set(a->why, LIA_EINVAL,
                       "an entry has not one value of %.60s, by which people are known again: "
                       "ldap-id names the attribute",
                       either(a->options->id_attribute, "entryUUID"));
}

static const char *filter_of(const asking *a)
{
    const lia_ldap_question *q = a->question;
    if (q->user)
        return lia_ldap_filter_fill(a->arena, either(a->options->filter, lia_ldap_usual_filter),
                                    LIA_LDAP_USER, lia_span_text(q->user));
    const char *known = lia_arena_text(a->arena, "(%s=" LIA_LDAP_USER ")",
                                       either(a->options->id_attribute, "entryUUID"));
    lia_span subject = bytes_of_subject(a, q->subject);
    return known && subject.size ? lia_ldap_filter_fill(a->arena, known, LIA_LDAP_USER, subject)
                                 : NULL;
}

/* LIA_OK without an entry: nobody, or more than one. */
static lia_err find_person(asking *a)
{
    char *attributes[] = {(char *)(uintptr_t)either(a->options->id_attribute, "entryUUID"),
                          (char *)(uintptr_t)either(a->options->name_attribute, "displayName"),
                          (char *)(uintptr_t)either(a->options->mail_attribute, "mail"),
                          a->options->name_attribute ? NULL : (char *)(uintptr_t) "cn", NULL};
    const lia_ldap_search search = {.base = a->options->base,
                                    .filter = filter_of(a),
                                    .attributes = attributes,
                                    .most = 2,
                                    .found = take_person,
                                    .context = a};
    if (!search.filter) return LIA_EFULL;
    lia_err err = lia_ldap_look(&a->connection, &search);
    if (err == LIA_EFULL && a->entries > 1) err = LIA_OK;
    if (a->entries != 1) a->entry = NULL;
    return err;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static lia_err take_group(void *context, LDAP *to, LDAPMessage *entry)
{
    asking *a = context;
    char *name = ldap_get_dn(to, entry);
    size_t mark = lia_arena_mark(a->arena);
    const char *form = name ? lia_ldap_name_form(a->arena, name) : NULL;
    ldap_memfree(name);
    for (size_t i = 0; form && i < a->groups.count; i++) {
        const char *wanted = a->groups.all[i].name;
        if (wanted && !strcmp(wanted, form)) a->holds[i] = true;
    }
    lia_arena_back(a->arena, mark);
    return form ? LIA_OK : LIA_EFULL;
}

static lia_err find_groups(asking *a, const char *entry)
{
    char *none[] = {(char *)(uintptr_t)LDAP_NO_ATTRS, NULL};
    const lia_ldap_search search = {
        .base = either(a->options->group_base, a->options->base),
        .filter = lia_ldap_filter_fill(
            a->arena, either(a->options->group_filter, lia_ldap_usual_group_filter), LIA_LDAP_ENTRY,
            lia_span_text(entry)),
        .attributes = none,
        .most = LIA_LDAP_MEMBER_OF_MAX,
        .found = take_group,
        .context = a};
    return search.filter ? lia_ldap_look(&a->connection, &search) : LIA_EFULL;
}

static void add_once(const char **all, size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (!strcmp(all[i], text)) return;
    all[(*count)++] = text;
}

static lia_err gather_rights(asking *a)
{
    lia_ldap_person *out = a->out;
    size_t most = a->groups.count * LIA_LDAP_GROUP_ROLES_MAX + 1;
    out->roles = lia_arena_take(a->arena, most * sizeof *out->roles);
    out->managed = lia_arena_take(a->arena, most * sizeof *out->managed);
    if (!out->roles || !out->managed) return LIA_EFULL;
    for (size_t i = 0; i < a->groups.count; i++) {
        const lia_ldap_group *group = &a->groups.all[i];
        bool holds = !group->name || a->holds[i];
        if (holds && group->team && !out->team) out->team = group->team;
        for (size_t j = 0; j < group->role_count; j++) {
            add_once(out->managed, &out->managed_count, group->roles[j]);
            if (holds) add_once(out->roles, &out->role_count, group->roles[j]);
        }
    }
    return LIA_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* An entry that is not there. */
static const char *nobody(const asking *a)
{
    uint8_t dice[16];
    char hex[2 * sizeof dice + 1];
    lia_random(dice, sizeof dice);
    lia_hex_print(LIA_SPAN_OF(dice), hex);
    return lia_arena_text(a->arena, "cn=%s,%s", hex, a->options->base);
}

static lia_err ask(asking *a)
{
    lia_err err = bind_service(a);
    if (!err) err = find_person(a);
    if (err) return err;
    const char *entry = a->entry ? a->entry : nobody(a);
    if (!entry) return LIA_EFULL;
    if (a->out->mapped) err = find_groups(a, entry);
    if (!err) err = lia_ldap_bind(&a->connection, entry, a->question->password);
    if (!err && !a->entry) err = LIA_EDENIED;
    if (err == LIA_EDENIED)
        return lia_why_set(a->why, err, "%s",
                           a->entries > 1 ? "ldap-filter finds more than one entry for a name"
                                          : "");
    return err || !a->out->mapped ? err : gather_rights(a);
}

lia_err lia_ldap_ask(const lia_ldap_question *question, lia_arena *arena, lia_ldap_person *out,
                     lia_why *why)
{
    asking a = {
        .question = question, .options = question->options, .arena = arena, .out = out, .why = why};
    *out = (lia_ldap_person){.mapped = question->options->groups_file != NULL};
    size_t size = question->password ? strlen(question->password) : 0;
    if (!size || size > LIA_LDAP_PASSWORD_MAX) return LIA_EDENIED;
    if (question->user && !lia_ldap_user_ok(question->user)) return LIA_EDENIED;
    if (!question->user && !bytes_of_subject(&a, question->subject).size) return LIA_EDENIED;
    lia_err err = LIA_OK;
    if (out->mapped) {
        err = lia_ldap_groups_read(&a.groups, question->options->groups_file, arena, why);
        a.holds = err ? NULL : lia_arena_zero(arena, a.groups.count * sizeof *a.holds + 1);
        if (err) return err == LIA_EIO ? LIA_EINVAL : err;
        if (!a.holds) return LIA_EFULL;
    }
    err = lia_ldap_open(&a.connection, question, why);
    if (err) return err;
    err = ask(&a);
    lia_ldap_close(&a.connection);
    return err;
}
