/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config/flags.h"
#include "common/config/inner.h"
#include "tests/support/test.h"

/* What was told: "line:column sentence", one a line. */
static char told[16384];

static void note(void *context, const lia_mistake *mistake)
{
    size_t size = strlen(told);
    (void)context;
    snprintf(told + size, sizeof told - size, "%s:%u:%u %s\n", mistake->from, mistake->line,
             mistake->column, mistake->text);
}

static const lia_mistakes notes = {note, NULL};

static lia_config parse(const char *text)
{
    lia_config config;
    *told = 0;
    CHECK_OK(lia_config_init(&config, NULL, &notes));
    lia_config_parse(&config, "f", lia_span_text(text));
    return config;
}

static const char *a_file(const char *name, const char *text)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", lia_test_dir(), name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
    return path;
}

TEST(a_file_says_what_it_says)
{
    lia_config config = parse("# a node\n"
                              "dir: \"/var/lib/liaison #1\"   # quoted\n"
                              "name: sales\nmap-gib: 8\nlog-keep: 90d\nsmtp-plain: true\n"
                              "verbose: false\nhttp: '[::1]:27100'\nwebhook-timeout: 2min\n");
    CHECK_TEXT(told, "");
    CHECK_TEXT(config.values.dir, "/var/lib/liaison #1");
    CHECK_TEXT(config.values.name, "sales");
    CHECK_TEXT(config.values.http, "[::1]:27100");
    CHECK_EQ(config.values.map_bytes, (size_t)8 << 30);
    CHECK_EQ(config.values.log_keep_ms, (int64_t)90 * 86400000);
    CHECK_EQ(config.values.webhook_timeout_ms, 120000);
    CHECK(config.values.smtp_plain && !config.values.verbose);
    CHECK_OK(lia_config_end(&config, true));
    lia_config_fini(&config);
}

/* The table is the specification: a file with one mistake, and what is told of it. */
TEST(every_mistake_is_told_with_its_place_and_what_would_be_right)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"\n  tls-crt: x\n", "f:2:3 there is no setting 'tls-crt'; was 'tls-cert' meant?"},
        {"colour: red", "f:1:1 there is no setting 'colour'; 'liaison config example'"},
        {"name: a\nverbose: true\nname: b", "f:3:1 name: line 1 says it already"},
        {"verbose: yes", "f:1:10 verbose: 'yes' is neither true nor false"},
        {"verbose:", "f:1:9 verbose: no value is given; true or false is wanted"},
        {"dir: ~", "f:1:6 dir: no value is given"},
        {"dir: \"a\\0b\"", "f:1:6 dir: the value has a control character"},
        {"map-gib: 0", "f:1:10 map-gib: '0' is not a number of GiB: 1 to 65536"},
        {"map-gib: 65537", "f:1:10 map-gib:"},
        {"map-gib: -1", "f:1:10 map-gib:"},
        {"map-gib: 8GiB", "f:1:10 map-gib: '8GiB'"},
        {"map-gib: 18446744073709551617", "f:1:10 map-gib:"},
        {"log-keep: 90", "f:1:11 log-keep: '90': a period such as 90d"},
        {"webhook-timeout: 2h",
         "f:1:18 webhook-timeout: '2h': a period such as 90d is wanted: s, min, h, "
         "d or w, up to 100 years; an hour at most"},
        {"listen: localhost", "f:1:9 listen: 'localhost' is no numeric address"},
        {"proxy: 10.0.0.1:80", "f:1:8 proxy: '10.0.0.1:80' is no numeric"},
        {"http: 127.0.0.1", "f:1:7 http: '127.0.0.1': a numeric address and a port"},
        {"http: 127.0.0.1:0", "f:1:7 http:"},
        {"http: ::1:80", "f:1:7 http:"},
        {"http: 127.0.0.1:70000", "f:1:7 http:"},
        {"url: crm.example.com", "f:1:6 url: 'crm.example.com': a scheme and a host"},
        {"url: https://crm.example.com/x", "f:1:6 url:"},
        {"trace-endpoint: collector:4318", "f:1:17 trace-endpoint: 'collector:4318': a scheme and"},
        {"trace-endpoint: http://127.0.0.1:4318/v1/traces", "f:1:17 trace-endpoint:"},
        {"trace-endpoint: http://c\ntrace-sample: 1.5", "f:2:15 trace-sample: '1.5' is no share"},
        {"trace-endpoint: http://c\ntrace-sample: 1e-3", "f:2:15 trace-sample: '1e-3' is no share"},
        {"trace-endpoint: http://c\ntrace-sample: 0.1.1", "f:2:15 trace-sample:"},
        {"trace-endpoint: http://c\ntrace-sample: .", "f:2:15 trace-sample:"},
        {"smtp: mail.example.com", "f:1:7 smtp: 'mail.example.com' is no mail server"},
        {"smtp-from: nobody", "f:1:12 smtp-from: 'nobody' is no address"},
        {"name: a/b", "f:1:7 name: 'a/b' is no member's name"},
        {"hosts: https://a", "f:1:8 hosts: 'https://a': names of hosts"},
        {"tls-cert: /no/such", "f:1:11 tls-cert: /no/such cannot be read: No such file"},
        {"tls-cert: /", "f:1:11 tls-cert: / cannot be read: Is a directory"},
        {"smtp-ca: 'credential:'", "f:1:10 smtp-ca: a name is wanted behind 'credential:'"},
        {"smtp-ca: credential:a/b", "f:1:10 smtp-ca: a name is wanted"},
        {"tls-cert: credential:x", "f:1:11 tls-cert: no credentials were given to this process"},
        {"url: https://ada:geheim@crm.example.com", "f:1:6 url: a user or a password does not"},
        {"ldap: ldaps://ada:geheim@a", "with ldap-bind-dn, and the file of its password"},
        {"trace-endpoint: http://ada:geheim@c", "and name that with trace-headers"},
        {"smtp: smtp://ada:geheim@a\nsmtp-from: a@b.c",
         "f:1:7 smtp: a password does not belong here"},
        {"ldap: ldap.example.com", "f:1:7 ldap: 'ldap.example.com' is no directory"},
        {"ldap: ldaps://a/dc=b", "f:1:7 ldap:"},
        {"ldap-base: people", "f:1:12 ldap-base: 'people' names no entry"},
        {"ldap-bind-dn: ''", "f:1:15 ldap-bind-dn: no value is given"},
        {"ldap-filter: (uid={user}", "f:1:14 ldap-filter: '(uid={user}' is no filter"},
        {"ldap-filter: (uid=anna)", "f:1:14 ldap-filter: {user} is missing"},
        {"verbose: true\nldap-filter: (&(uid={user})", "f:2:14 ldap-filter:"},
        {"ldap-group-filter: (member={user})", "f:1:20 ldap-group-filter: {dn} is missing"},
        {"ldap-id: entry UUID", "f:1:10 ldap-id: 'entry UUID' names no attribute"},
        {"ldap-timeout: 2min",
         "f:1:15 ldap-timeout: '2min': a period such as 90d is wanted: s, min, "
         "h, d or w, up to 100 years; a minute at most"},
        {"ldap-groups: /no/such", "f:1:14 ldap-groups: /no/such cannot be read"},
        {"ldap-password: Hunter2", "f:1:16 ldap-password: the file that it names cannot be read"},
        {"dir: [a, {b: [c]}]\nverbose: yes", "f:1:6 a single value is wanted here"},
        {"dir: &a b", "f:1:6 a single value"},
        {"dir: *a", "f:1:6 a single value"},
        {"dir: !!str a", "f:1:6 a single value"},
        {"[dir]: x", "f:1:1 the name of a setting is wanted here"},
        {"- dir\n", "f:1:1 'name: value' is wanted, one a line"},
        {"dir", "f:1:1 'name: value' is wanted"},
        {"dir: a\n---\ndir: b\n", "f:3:1 one file holds one document"},
        {"dir: a\n\tname: b\n", "f:2:1 this is not 'name: value' any more"},
        {"dir: \"a\n", "this is not 'name: value' any more"},
        {"dir: \xff\n", "this is not 'name: value' any more"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_config config = parse(cases[i].text);
        CHECK(!strstr(told, "geheim"));
        if (!strstr(told, cases[i].want)) print_error("'%s': %s\n", cases[i].text, told);
        CHECK(strstr(told, cases[i].want) != NULL);
        CHECK(config.mistakes > 0);
        CHECK_ERR(lia_config_end(&config, false), LIA_EINVAL);
        lia_config_fini(&config);
    }
}

TEST(one_run_tells_all_of_them)
{
    lia_config config = parse("tls-crt: a\nverbose: on\ndir: [a]\nname: a\nmap-gib: x\nname: b\n");
    CHECK_EQ(config.mistakes, 5);
    CHECK(strstr(told, "f:1:1 ") && strstr(told, "f:2:10 ") && strstr(told, "f:3:6 "));
    CHECK(strstr(told, "f:5:10 ") && strstr(told, "f:6:1 "));
    CHECK_TEXT(config.values.name, "a");
    lia_config_fini(&config);
}

TEST(an_empty_file_says_nothing)
{
    static const char *const texts[] = {"",      "\n\n",       "# nothing\n",
                                        "---\n", "---\n...\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < LIA_COUNT(texts); i++) {
        lia_config config = parse(texts[i]);
        CHECK_TEXT(told, "");
        CHECK_OK(lia_config_end(&config, false));
        lia_config_fini(&config);
    }
}

TEST(no_message_repeats_a_secret)
{
    static const char *const texts[] = {"smtp-login: crm:Hunter2",
                                        "tls-key: Hunter2",
                                        "smtp: smtp://crm:Hunter2@mail.example.com",
                                        "ldap-password: Hunter2",
                                        "smtp-login: [Hunter2]",
                                        "smtp-login: /Hunter2",
                                        "smtp-login: \"Hunter2\\n\""};
    for (size_t i = 0; i < LIA_COUNT(texts); i++) {
        lia_config config = parse(texts[i]);
        CHECK(config.mistakes == 1 && !strstr(told, "Hunter2"));
        lia_config_fini(&config);
    }
}

TEST(a_file_that_is_none_is_told)
{
    char *large = malloc(LIA_CONFIG_FILE_MAX + 2);
    memset(large, '#', LIA_CONFIG_FILE_MAX + 1);
    large[LIA_CONFIG_FILE_MAX + 1] = 0;
    const char *path = a_file("large", large);
    const struct {
        const char *path, *want;
    } cases[] = {{path, "64 KiB"}, {"/no/such", "No such file"}, {"/", "Is a directory"}};
    free(large);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_config config;
        *told = 0;
        CHECK_OK(lia_config_init(&config, NULL, &notes));
        lia_config_file(&config, cases[i].path);
        CHECK_EQ(config.mistakes, 1);
        CHECK(strstr(told, cases[i].want) != NULL);
        lia_config_fini(&config);
    }
}

static lia_config start(const char *file, char *const *environment, int argc, char **argv)
{
    lia_config config;
    const lia_start how = {argc, argv, environment, "sales"};
    char *named[16] = {0}, variable[300];
    snprintf(variable, sizeof variable, "LIAISON_CONFIG=%s", file);
    named[0] = variable;
    for (size_t i = 0; environment[i]; i++) named[i + 1] = environment[i];
    lia_start with_file = how;
    with_file.environment = named;
    *told = 0;
    if (lia_flags_again(&config, &with_file, &notes)) CHECK(*told != 0);
    return config;
}

TEST(flags_count_more_than_the_environment_and_that_more_than_the_file)
{
    const char *file = a_file("f.yaml", "dir: a\nname: a\nproxy: 10.0.0.1\nsmtp-plain: true\n");
    char *environment[] = {(char *)"PATH=/bin", (char *)"LIAISON_NAME=b",
                           (char *)"LIAISON_PROXY=10.0.0.2", (char *)"LIAISON_URL=", NULL};
    char *argv[] = {(char *)"liaison-sales", (char *)"--proxy", (char *)"10.0.0.3",
                    (char *)"--smtp-plain=false", NULL};
    lia_config config = start(file, environment, 4, argv);
    CHECK_TEXT(told, "");
    CHECK_TEXT(config.values.dir, "a");
    CHECK_TEXT(config.values.name, "b");
    CHECK_TEXT(config.values.proxy, "10.0.0.3");
    CHECK(!config.values.smtp_plain && !config.values.url);
    lia_config_fini(&config);
}

TEST(a_mistake_is_told_also_where_a_stronger_layer_says_it_right)
{
    const char *file = a_file("f.yaml", "dir: a\nproxy: nowhere\n");
    char *environment[] = {(char *)"LIAISON_SMTP_PORT=25", (char *)"LIAISON_PROXY=10.0.0.2", NULL};
    char *argv[] = {(char *)"liaison-sales", (char *)"--map-gib", (char *)"much", NULL};
    lia_config config = start(file, environment, 3, argv);
    CHECK(!config.texts.base);
    CHECK(strstr(told, "f.yaml:2:8 proxy: 'nowhere'") != NULL);
    CHECK(strstr(told, "LIAISON_SMTP_PORT:0:0 there is no setting 'smtp-port'") != NULL);
    CHECK(strstr(told, "--map-gib:0:0 map-gib: 'much'") != NULL);
}

TEST(what_belongs_together_is_asked_for_once)
{
    const char *file = a_file("some.pem", "x");
    char text[600];
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"tls-cert: %s\n", "f:1:11 tls-cert and tls-key go together: tls-key is missing"},
        {"tls-key: %s\n", "f:1:10 tls-cert and tls-key go together: tls-cert is missing"},
        {"# %s\nsmtp: smtp://a", "f:2:7 smtp: smtp-from is missing"},
        {"trace-ca: %s\n", "f:1:11 trace-ca: trace-endpoint is missing"},
        {"trace-headers: %s\n", "f:1:16 trace-headers: trace-endpoint is missing"},
        {"# %s\ntrace-sample: 0.5", "f:2:15 trace-sample: trace-endpoint is missing"},
        {"smtp-login: %s", "f:1:13 smtp-login: smtp is missing"},
        {"# %s\nhttp: 0.0.0.0:80", "f:2:7 http: everybody on the way could read passwords"},
        {"# %s\nhttp: '[::]:80'", "f:2:7 http: everybody"},
        {"ldap: ldaps://a\nldap-ca: %s\nldap-bind-dn: cn=a\nldap-base: dc=b",
         "f:1:7 ldap: ldap-password is missing"},
        {"ldap: ldap://localhost\nldap-password: %s\nldap-bind-dn: cn=a",
         "f:1:7 ldap: ldap-base is missing"},
        {"ldap: ldap://a\nldap-password: %s\nldap-bind-dn: cn=a\nldap-base: dc=b",
         "f:1:7 ldap: ldap-ca is missing"},
        {"ldap-ca: %s", "f:1:10 ldap-ca: ldap is missing"},
        {"# %s\nname: a", "--dir:0:0 dir is missing"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        snprintf(text, sizeof text, cases[i].text, file);
        lia_config config = parse(text);
        CHECK_TEXT(told, "");
        CHECK_ERR(lia_config_end(&config, i + 1 == LIA_COUNT(cases)), LIA_EINVAL);
        CHECK_EQ(config.mistakes, 1);
        CHECK(strstr(told, cases[i].want) != NULL);
        lia_config_fini(&config);
    }
    lia_config config = parse("tls-cert: /no/such\ntls-key: /no/such\n");
    CHECK_ERR(lia_config_end(&config, false), LIA_EINVAL);
    CHECK_EQ(config.mistakes, 2); /* not "is missing" beside "cannot be read" */
    lia_config_fini(&config);
}

TEST(a_directory_is_taken_with_all_that_it_needs)
{
    const char *file = a_file("secret", "x");
    char text[600];
    snprintf(text, sizeof text,
             "ldap: ldap://127.0.0.1:3389\nldap-password: %s\nldap-bind-dn: cn=a,dc=b\n"
             "ldap-base: dc=b\nldap-timeout: 2s\n",
             file);
    lia_config config = parse(text);
    CHECK_OK(lia_config_end(&config, false));
    CHECK_TEXT(config.values.ldap.url, "ldap://127.0.0.1:3389");
    CHECK_TEXT(config.values.ldap.base, "dc=b");
    CHECK_EQ(config.values.ldap.timeout_ms, 2000);
    lia_config_fini(&config);
}

TEST(a_mistake_in_the_groups_file_names_both_places)
{
    char text[600], wanted[700];
    const char *file = a_file("groups", "# who\ncn=a,dc=b -> Seller\n");
    snprintf(text, sizeof text, "name: a\nldap-groups: %s\n", file);
    snprintf(wanted, sizeof wanted, "f:2:14 ldap-groups: %s, line 2: behind the arrow", file);
    lia_config config = parse(text);
    CHECK(strstr(told, wanted) != NULL);
    lia_config_fini(&config);
}

TEST(a_credential_is_a_file_in_the_folder_that_systemd_gives)
{
    const char *path = a_file("login", "a:b\n");
    char dir[256];
    lia_config config;
    *told = 0;
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    CHECK_OK(lia_config_init(&config, dir, &notes));
    lia_config_parse(&config, "f",
                     LIA_SPAN("smtp-login: credential:login\ntls-key: credential:none\n"));
    CHECK_TEXT(config.values.smtp_login, path);
    CHECK_EQ(config.mistakes, 1);
    CHECK(strstr(told, "f:2:10 tls-key: the file that it names cannot be read") != NULL);
    lia_config_fini(&config);
}

/* Every line that the page switches off, switched on: whoever takes away a '#' gets no surprise. */
TEST(the_commented_file_says_nothing_and_each_of_its_lines_is_right)
{
    lia_arena arena;
    size_t settings = 0;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_buf page = lia_buf_make(&arena);
    lia_config_page(&page, "sales");
    lia_buf_byte(&page, 0);
    lia_config quiet = parse((const char *)page.data);
    CHECK_TEXT(told, "");
    lia_config_fini(&quiet);
    for (char *line = strtok((char *)page.data, "\n"); line; line = strtok(NULL, "\n")) {
        if (line[0] != '#' || line[1] == ' ' || line[1] == '#') continue;
        lia_config config = parse(line + 1);
        const lia_setting *row = lia_setting_find(lia_span_make(line + 1, strcspn(line + 1, ":")));
        CHECK(row != NULL);
        bool is_file = row->type == LIA_SETTING_FILE || row->type == LIA_SETTING_SECRET ||
                       row->type == LIA_SETTING_GROUPS;
        if (!is_file) CHECK_TEXT(told, "");
        settings++;
        lia_config_fini(&config);
    }
    CHECK_EQ(settings, lia_setting_count);
    CHECK(lia_setting_count <= LIA_SETTINGS_MAX);
    lia_arena_fini(&arena);
}

TEST(every_setting_has_its_line_of_help)
{
    lia_arena arena;
    char flag[64];
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_buf help = lia_buf_make(&arena);
    lia_config_help(&help, "sales");
    lia_buf_byte(&help, 0);
    for (size_t i = 0; i < lia_setting_count; i++) {
        snprintf(flag, sizeof flag, "  --%s%s%s", lia_setting_rows[i].name,
                 lia_setting_rows[i].value ? " " : "",
                 lia_setting_rows[i].value ? lia_setting_rows[i].value : "");
        const char *at = strstr((const char *)help.data, flag);
        CHECK(at && (at[strlen(flag)] == ' ' || at[strlen(flag)] == '\n'));
    }
    lia_arena_fini(&arena);
}
