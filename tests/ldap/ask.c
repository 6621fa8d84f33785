/* SPDX-License-Identifier: Apache-2.0 */
/* ask - one question to a directory, for tests:  ask url=ldaps://... user=anna password=... ca=...
 * Prints the error's name and why, or who it is; exits with 0 in both cases. With times=N it asks
 * as often. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crypto.h"
#include "common/ldap/directory.h"

static lia_ldap_options options;
static int times = 1; /* it is asked */
static lia_ldap_question question = {.options = &options};

static void take(const char *name, const char *value)
{
    const struct {
        const char *name, **at;
    } words[] = {{"url", &options.url},
                 {"ca", &options.ca_file},
                 {"bind", &options.bind_name},
                 {"secret", &options.password_file},
                 {"base", &options.base},
                 {"filter", &options.filter},
                 {"group-base", &options.group_base},
                 {"group-filter", &options.group_filter},
                 {"groups", &options.groups_file},
                 {"id", &options.id_attribute},
                 {"name", &options.name_attribute},
                 {"mail", &options.mail_attribute},
                 {"user", &question.user},
                 {"subject", &question.subject},
                 {"password", &question.password}};
    for (size_t i = 0; i < LIA_COUNT(words); i++)
        if (!strcmp(words[i].name, name)) *words[i].at = value;
    if (!strcmp(name, "times")) times = atoi(value);
    if (!strcmp(name, "ms")) options.timeout_ms = atoi(value);
}

static void print_list(const char *name, const char *const *all, size_t count)
{
    printf(" %s=", name);
    for (size_t i = 0; i < count; i++) printf("%s%s", i ? "," : "", all[i]);
}

static void ask_once(lia_arena *arena)
{
    lia_why why = {{0}};
    lia_ldap_person person;
    lia_arena_reset(arena);
    lia_err err = lia_ldap_ask(&question, arena, &person, &why);
    if (err) {
        printf("%s %s\n", lia_err_name(err), why.text);
    } else {
        printf("subject=%s name=%s email=%s", person.subject, person.name ? person.name : "-",
               person.email ? person.email : "-");
        print_list("roles", person.roles, person.role_count);
        print_list("managed", person.managed, person.managed_count);
        printf(" team=%s\n", person.team ? person.team : "-");
    }
}

int main(int argc, char **argv)
{
    lia_arena arena;
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals) return 2;
        *equals = 0;
        take(argv[i], equals + 1);
    }
    if (lia_crypto_init() || lia_arena_init(&arena, LIA_LDAP_ARENA_BYTES)) return 2;
    while (times--) ask_once(&arena);
    lia_arena_fini(&arena);
    return 0;
}
