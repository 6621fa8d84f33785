/* SPDX-License-Identifier: Apache-2.0 */
/* setting - what an operator can set of a node, as one table. The file, the environment, the
 * command line, their help, the commented file and the manual pages all read these rows. */
#ifndef LIA_CONFIG_SETTING_H
#define LIA_CONFIG_SETTING_H

#include "common/ldap/directory.h"

/* What is set; NULL, 0 and false: nothing was said. Texts live as long as the lia_config. */
typedef struct lia_settings {
    const char *dir, *name;
    const char *listen, *http;             /* instead of what the member list says */
    const char *tls_certificate, *tls_key; /* PEM files; both or none */
    const char *url, *proxy, *hosts;       /* as in lia_api_door */
    const char *web; /* the web app's folder; NULL: found beside the program */
    size_t map_bytes;
    int64_t log_keep_ms;
    bool webhooks_to_private;   /* they may lead into private networks */
    int64_t webhook_timeout_ms; /* of one delivery */
    bool providers_to_private;  /* so may providers that people sign in by */
    const char *providers_ca;   /* certificates to trust for them */
    const char *ldap_title;     /* what people call the directory; NULL: "the directory" */
    lia_ldap_options ldap;      /* without an url: nobody signs in by one */
    const char *smtp_url, *smtp_from, *smtp_login, *smtp_ca; /* see common/mail; NULL: no server */
    bool smtp_plain, verbose;
    const char *trace_endpoint; /* NULL: no spans are sent */
    double trace_sample;        /* 0 to 1 */
    const char *trace_headers, *trace_ca;
} lia_settings;

typedef enum lia_setting_type {
    LIA_SETTING_TEXT,
    LIA_SETTING_NAME,         /* a member's: letters, digits, '-', '_' and '.' */
    LIA_SETTING_FILE,         /* that can be read, or credential:NAME */
    LIA_SETTING_SECRET,       /* a file, too; what stands there is never repeated in a message */
    LIA_SETTING_WORDS,        /* names of hosts, with spaces between */
    LIA_SETTING_HOST,         /* 127.0.0.1, ::1 */
    LIA_SETTING_ADDRESS,      /* 127.0.0.1:27100, [::1]:27100 */
    LIA_SETTING_WEB,          /* http:// or https:// and a host */
    LIA_SETTING_MAIL,         /* smtp:// or smtps:// and a host, without a password */
    LIA_SETTING_MAILBOX,      /* somebody@somewhere */
    LIA_SETTING_LDAP,         /* ldap:// or ldaps:// and a host */
    LIA_SETTING_ENTRY,        /* a name there: dc=example,dc=com */
    LIA_SETTING_ATTRIBUTE,    /* mail */
    LIA_SETTING_USER_FILTER,  /* (uid={user}) */
    LIA_SETTING_GROUP_FILTER, /* (member={dn}) */
    LIA_SETTING_GROUPS,       /* a file as common/ldap/groups.h has it */
    LIA_SETTING_GIB,
    LIA_SETTING_PERIOD,
    LIA_SETTING_RATIO, /* 0 to 1, with a point */
    LIA_SETTING_SWITCH
} lia_setting_type;

typedef struct lia_setting {
    const char *name;    /* "tls-cert": --tls-cert, tls-cert: in the file, LIAISON_TLS_CERT */
    const char *value;   /* what stands behind it: "FILE"; NULL: a switch */
    const char *help;    /* lines, separated by \n */
    const char *usual;   /* what counts when nothing is said, for people; "%s": the department */
    const char *example; /* a value for the commented file */
    const char *group;   /* heading of the first row of a group; else NULL */
    lia_setting_type type;
    size_t at;    /* in lia_settings */
    int64_t most; /* of a period, in ms: an hour or a minute; 0: what periods may be */
    bool reloads; /* SIGHUP takes it */
} lia_setting;

extern const lia_setting lia_setting_rows[];
extern const size_t lia_setting_count;
#define LIA_SETTINGS_MAX 48 /* rows; a test compares */

/* NULL: there is none. */
const lia_setting *lia_setting_find(lia_span name);
/* "LIAISON_TLS_CERT" */
#define LIA_SETTING_VARIABLE_SIZE 48
void lia_setting_variable(const lia_setting *row, char out[LIA_SETTING_VARIABLE_SIZE]);

/* Checks `text` and sets it in `out`; texts are copied into `arena`. `credentials` is the folder of
 * credential:NAME; NULL: there is none, "": it is not known, and such values are taken on trust.
 *   LIA_EINVAL  `why` says what is wrong and what would be right, without the setting's name
 *   LIA_EFULL   the arena is used up */
LIA_MUST_USE lia_err lia_setting_take(const lia_setting *row, lia_span text,
                                      const char *credentials, lia_arena *arena, lia_settings *out,
                                      lia_why *why);

/* Whether both say the same. */
bool lia_setting_same(const lia_setting *row, const lia_settings *a, const lia_settings *b);
/* Takes one row over; its text stays where it is. */
void lia_setting_copy(const lia_setting *row, lia_settings *to, const lia_settings *from);

#endif
