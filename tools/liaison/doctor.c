/* SPDX-License-Identifier: Apache-2.0 */
/* doctor - looks at a machine, a cluster's folder and its nodes, and says what to do. */
#include "tools/liaison/doctor.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config/config.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

static const char *const verdicts[] = {"ok", "warning", "error"};

/* ---- findings -------------------------------------------------------------------------------- */

void lia_doctor_say(lia_doctor *doctor, lia_verdict verdict, const char *check, const char *at,
                    const char *remedy, const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) text = NULL;
    va_end(args);
    json_t *finding =
        json_pack("{s:s,s:s,s:s,s:s}", "check", check, "at", at, "verdict", verdicts[verdict],
                  "says", text ? text : "there is no memory to say it");
    if (finding && remedy && verdict) json_object_set_new(finding, "remedy", json_string(remedy));
    free(text);
    json_array_append_new(doctor->findings, finding);
    doctor->count[verdict]++;
}

static void print_finding(const json_t *finding)
{
    static const lia_color colors[] = {LIA_GREEN, LIA_YELLOW, LIA_RED};
    const char *verdict = lia_json_text_in(finding, "verdict"),
               *at = lia_json_text_in(finding, "at");
    const char *remedy = lia_json_text_in(finding, "remedy");
    size_t v = 0;
    while (v < LIA_WRONG && strcmp(verdicts[v], verdict)) v++;
    printf("%s%-8s%s%s%s%s%s\n", lia_out_color(colors[v]), verdict, lia_out_color(LIA_PLAIN), at,
           *at ? ": " : "", lia_json_text_in(finding, "says"), *remedy ? "" : ".");
    if (*remedy)
        printf("        %s-> %s%s\n", lia_out_color(LIA_BOLD), remedy, lia_out_color(LIA_PLAIN));
}

static void show(const lia_doctor *doctor)
{
    size_t i;
    json_t *finding;
    json_array_foreach(doctor->findings, i, finding) print_finding(finding);
    printf("\n%zu fine, %zu warnings, %zu errors\n", doctor->count[LIA_FINE],
           doctor->count[LIA_WARNING], doctor->count[LIA_WRONG]);
}

static void show_json(const lia_doctor *doctor)
{
    json_t *all = json_pack("{s:b,s:i,s:i,s:O}", "ok", doctor->count[LIA_WRONG] == 0, "errors",
                            (int)doctor->count[LIA_WRONG], "warnings",
                            (int)doctor->count[LIA_WARNING], "findings", doctor->findings);
    lia_out_json(all);
    json_decref(all);
}

/* ---- settings -------------------------------------------------------------------------------- */

typedef struct settings {
    lia_doctor *doctor;
    lia_config list[LIA_ARGS_GIVEN_MAX];
    size_t count;
} settings;

static void tell(void *context, const lia_mistake *mistake)
{
    const settings *all = context;
    char at[PATH_MAX + 32];
    snprintf(at, sizeof at, mistake->line ? "%s:%u:%u" : "%s", mistake->from, mistake->line,
             mistake->column);
    lia_doctor_say(all->doctor, LIA_WRONG, "settings", at, "liaison.yaml(5) tells all settings",
                   "%s", mistake->text);
}

static lia_err read_settings(settings *all, const lia_args *args)
{
    const lia_mistakes to = {tell, all};
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < lia_args_count(args, "config"); i++) {
        const char *path = lia_args_nth(args, "config", i);
        lia_config *config = &all->list[all->count];
        err = lia_config_init(config, "", &to);
        if (err) break;
        all->count++;
        lia_config_file(config, path);
        if (lia_config_end(config, false) == LIA_OK)
            lia_doctor_say(all->doctor, LIA_FINE, "settings", path, NULL,
                           "there are no mistakes in it");
        struct stat info;
        if (stat(path, &info) == 0 && info.st_mode & 022)
            lia_doctor_say(all->doctor, LIA_WRONG, "settings", path, "chmod go-w",
                           "others than its owner may change it (mode %03o)", info.st_mode & 0777);
    }
    return err;
}

/* Of a member; NULL: they were not given. */
static const lia_settings *settings_of(const settings *all, const lia_member *member)
{
    for (size_t i = 0; i < all->count; i++) {
        const char *name = all->list[i].values.name;
        if (name ? strcmp(name, member->name) == 0 : all->count == 1) return &all->list[i].values;
    }
    return NULL;
}

static const char *dir_of(const settings *all, const lia_args *args)
{
    const char *dir = lia_args_text(args, "dir");
    for (size_t i = 0; !dir && i < all->count; i++) dir = all->list[i].values.dir;
    return dir;
}

/* ---- the cluster's folder -------------------------------------------------------------------- */

static bool read_members(lia_doctor *doctor, lia_members *members)
{
    lia_why why = {{0}};
    if (lia_members_latest(members, doctor->dir, NULL, NULL, NULL, &why)) {
        lia_doctor_say(doctor, LIA_WRONG, "members.list", doctor->dir,
                       "liaison keys init makes a new cluster, liaison join brings a node into one",
                       "%s", why.text);
        return false;
    }
    lia_doctor_say(doctor, LIA_FINE, "members.list", doctor->dir, NULL,
                   "member list %llu has %zu members and is signed by the administrators",
                   (unsigned long long)members->epoch, members->count);
    return true;
}

static void check_private(lia_doctor *doctor, const char *name, const char *remedy,
                          const char *says)
{
    char path[PATH_MAX];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", doctor->dir, name);
    if (stat(path, &info) != 0) return;
    if (info.st_mode & 077)
        lia_doctor_say(doctor, LIA_WRONG, "keys.file", path, "chmod 600",
                       "others than its owner may read or write it (mode %03o)",
                       info.st_mode & 0777);
    if (says) lia_doctor_say(doctor, LIA_WARNING, "keys.place", path, remedy, "%s", says);
}

static bool has_store(const lia_doctor *doctor, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/log", doctor->dir, name);
    return access(path, F_OK) == 0;
}

/* ---- the command ----------------------------------------------------------------------------- */

static void look_at_stores(lia_doctor *doctor, const settings *all, lia_doctor_node *nodes,
                           const lia_targets *targets)
{
    bool any = false;
    for (size_t i = 0; i < doctor->members->count; i++) {
        const lia_member *member = &doctor->members->list[i];
        bool runs = lia_doctor_store(doctor, member, settings_of(all, member));
        bool is_here = has_store(doctor, member->name);
        any |= is_here;
        for (size_t n = 0; n < targets->count; n++) {
            if (strcmp(targets->list[n].name, member->name)) continue;
            nodes[n].runs = runs;
            nodes[n].is_here = is_here;
        }
    }
    check_private(doctor, "admin.token", NULL, NULL);
    check_private(
        doctor, "admin.key", "keep it where the list is signed, away from nodes",
        any ? "the administrators' key stands beside a node's store, which does not need it"
            : NULL);
}

static int examine(lia_doctor *doctor, settings *all, const lia_args *args)
{
    static lia_members members;
    lia_targets targets = {.count = 0};
    lia_doctor_node nodes[LIA_MEMBERS_MAX] = {{0}};
    lia_why why = {{0}};
    if (read_settings(all, args)) return lia_args_fail(args, "there is no memory");
    doctor->dir = dir_of(all, args);
    if (doctor->dir && read_members(doctor, &members)) doctor->members = &members;
    if (!doctor->dir || doctor->members)
        if (lia_targets_in(&targets, args, doctor->dir, &why))
            return lia_args_fail(args, "%s", why.text);
    for (size_t i = 0; i < targets.count; i++) nodes[i].target = &targets.list[i];

    lia_doctor_host(doctor);
    if (doctor->members) look_at_stores(doctor, all, nodes, &targets);
    bool named = doctor->dir || lia_args_has(args, "node") || lia_args_has(args, "base");
    lia_doctor_nodes(doctor, nodes, targets.count, !named);
    if (lia_out_is_json(args))
        show_json(doctor);
    else
        show(doctor);
    bool strict = lia_args_has(args, "strict");
    return doctor->count[LIA_WRONG] || (strict && doctor->count[LIA_WARNING]) ? 1 : 0;
}

static int run(const lia_args *args)
{
    static settings all;
    lia_doctor doctor = {.findings = json_array(), .deep = lia_args_has(args, "deep")};
    all = (settings){.doctor = &doctor};
    int status = examine(&doctor, &all, args);
    for (size_t i = 0; i < all.count; i++) lia_config_fini(&all.list[i]);
    json_decref(doctor.findings);
    return status;
}

static const lia_option options[] = {
    LIA_OPTION_DIR,
    {.name = "config",
     .value = "FILE",
     .many = true,
     .help = "a node's settings, which also say where its folder is; may be\ngiven several times"},
    {.name = "deep", .help = "look at every event of the log, not only at the last ones"},
    {.name = "strict", .help = "exit status 1 also when there are only warnings"},
    LIA_OPTION_NODES,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_doctor_command = {
    .name = "doctor",
    .purpose = "examine this machine, the nodes' folders and the nodes, and say what to do",
    .details = "Looks at the clock, memory and limits of the machine; at settings (--config); at "
               "each node's\n"
               "folder in --dir, whether it runs or not: file system, room, how long a flush "
               "takes, who may\n"
               "read its keys, the log's signatures, the version of its views; and at what the "
               "nodes answer:\n"
               "health, clocks, lag, member list, overdue work, dead letters, certificates.\n"
               "Nothing is changed. Run it as root, or as the user of the nodes. Exit status 1: "
               "there are errors.",
    .example = "liaison doctor --config /etc/liaison/sales.yaml --dir /var/lib/liaison/sales\n"
               "liaison doctor --dir cluster --deep",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
