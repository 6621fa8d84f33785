/* SPDX-License-Identifier: Apache-2.0 */
/* directory - asks an LDAP directory whether a password is somebody's, and who that is. Blocks for
 * as long as the options say, so it is for worker threads; nothing is kept between two questions.
 *
 *     connect, TLS --service account--> search: exactly one entry --> its groups --> bind as it
 *
 * Referrals are not followed. Nothing is read of ldap.conf or of the environment that could make
 * the connection weaker than the options say. */
#ifndef LIA_LDAP_DIRECTORY_H
#define LIA_LDAP_DIRECTORY_H

#include "common/ldap/groups.h"

#define LIA_LDAP_USER  "{user}" /* in filters: what was typed */
#define LIA_LDAP_ENTRY "{dn}"   /* in filters of groups: the person's entry */

#define LIA_LDAP_USER_MAX      256 /* bytes of a name that is typed */
#define LIA_LDAP_PASSWORD_MAX  1024
#define LIA_LDAP_MEMBER_OF_MAX 2000              /* groups of one person */
#define LIA_LDAP_ARENA_BYTES   ((size_t)4 << 20) /* what a question takes at most */

/* Borrowed. What is NULL has a usual value, unless it says otherwise. */
typedef struct lia_ldap_options {
    const char *url;       /* must be there, as lia_ldap_url_check wants it */
    const char *ca_file;   /* must be there but for lia_ldap_url_is_here: then there is no TLS */
    const char *bind_name; /* of the service account; must be there */
    const char *password_file;  /* its first line is the service account's; must be there */
    const char *base;           /* below which people are; must be there */
    const char *filter;         /* "(uid={user})" */
    const char *group_base;     /* as base */
    const char *group_filter;   /* "(|(member={dn})(uniqueMember={dn}))" */
    const char *groups_file;    /* see groups.h; none: groups give nothing */
    const char *id_attribute;   /* entryUUID: what stays when a person is renamed */
    const char *name_attribute; /* displayName, else cn */
    const char *mail_attribute; /* mail */
    int64_t timeout_ms;         /* of a whole question; 0: 5 s */
} lia_ldap_options;

extern const char lia_ldap_usual_filter[], lia_ldap_usual_group_filter[];

/* Who it is. All in the arena of the question. */
typedef struct lia_ldap_person {
    const char *subject;      /* the id's value; bytes that are no plain text as '#' and hex */
    const char *name, *email; /* NULL: the directory does not tell */
    bool mapped;              /* there is a groups' file */
    const char **roles;       /* that the groups give; each once */
    size_t role_count;
    const char *team;     /* NULL: none */
    const char **managed; /* all roles that the groups' file names; each once */
    size_t managed_count;
} lia_ldap_person;

/* One question. */
typedef struct lia_ldap_question {
    const lia_ldap_options *options;
    const char *user;     /* what was typed; NULL: `subject` says who */
    const char *subject;  /* as in lia_ldap_person */
    const char *password; /* never empty: a directory takes that for nobody, and says yes */
    const bool *hurry;    /* may be NULL; read atomically: true ends it soon */
} lia_ldap_question;

/*   LIA_EDENIED  there is nobody of that name, or more than one, or it is not their password
 *   LIA_EIO      the directory does not answer, or not as one that can be trusted
 *   LIA_EINVAL   it does not do what the settings want: an administrator has to look
 *   LIA_EFULL    memory, or groups
 * `why` is for the log of operators: it names no person, and is empty where a person was wrong. */
LIA_MUST_USE lia_err lia_ldap_ask(const lia_ldap_question *question, lia_arena *arena,
                                  lia_ldap_person *out, lia_why *why);

/* Whether a name that was typed can be somebody's: some text without control characters. */
bool lia_ldap_user_ok(const char *user);

#endif
