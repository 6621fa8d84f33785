/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/sample.h"

#include <stdlib.h>

#include "common/base/time.h"
#include "tools/liaison/commands.h"

#define CUSTOMERS_DEFAULT 2000
#define PRINT_UNTIL       "2026-01-01"

/* ---- where records refer to one another ------------------------------------------------------ */

static void refer_by_id(void *context, lia_sample_kind kind, uint64_t number,
                        char text[LIA_SAMPLE_REFERENCE_SIZE])
{
    const lia_sample_run *run = context;
    const lia_id *ids = run->ids[kind];
    if (ids && !lia_id_is_none(ids[number])) lia_id_print(ids[number], text);
}

static void refer_by_name(void *context, lia_sample_kind kind, uint64_t number,
                          char text[LIA_SAMPLE_REFERENCE_SIZE])
{
    (void)context;
    snprintf(text, LIA_SAMPLE_REFERENCE_SIZE, "@%s/%llu", lia_sample_plural(kind),
             (unsigned long long)number);
}

/* ---- printing -------------------------------------------------------------------------------- */

static void print_verbs(const lia_company *company, lia_sample_kind kind, uint64_t number,
                        const char *node)
{
    lia_sample_verb verbs[LIA_SAMPLE_VERBS_MAX];
    size_t count = lia_sample_verbs(company, kind, number, verbs);
    for (size_t i = 0; i < count; i++)
        printf("{\"node\":\"%s\",\"path\":\"/%s/@%s/%llu:%s\",\"body\":%s}\n", node,
               lia_sample_plural(kind), lia_sample_plural(kind), (unsigned long long)number,
               verbs[i].verb, verbs[i].body);
}

static void print_one(lia_sample_run *run, lia_sample_kind kind, uint64_t number)
{
    lia_department department = LIA_SALES;
    lia_arena_reset(&run->scratch);
    lia_buf json = lia_buf_make(&run->scratch), key = json;
    if (!lia_sample_put(&json, &run->company, kind, number, &department)) return;
    lia_sample_put_key(&key, &run->company, kind, number);
    printf("{\"node\":\"%s\",\"kind\":\"%s\",\"idempotency_key\":\"%.*s\",\"record\":%.*s}\n",
           lia_department_name(department), lia_sample_plural(kind), (int)key.size,
           (const char *)key.data, (int)json.size, (const char *)json.data);
    if (kind == LIA_SAMPLE_DEALS || kind == LIA_SAMPLE_TICKETS)
        print_verbs(&run->company, kind, number, lia_department_name(department));
}

static int print_all(lia_sample_run *run)
{
    if (lia_arena_init(&run->scratch, (size_t)4 << 20)) return 2;
    run->company.refer = refer_by_name;
    for (lia_sample_kind kind = 0; kind < LIA_SAMPLE_CUSTOMERS; kind++)
        for (uint64_t i = 0; i < lia_sample_fixed_count(kind); i++) print_one(run, kind, i);
    for (uint64_t c = 0; c < run->customers && !ferror(stdout); c++) {
        uint64_t count = lia_sample_interactions(&run->company, c);
        print_one(run, LIA_SAMPLE_CUSTOMERS, c);
        for (uint64_t i = 0; i < count; i++)
            print_one(run, LIA_SAMPLE_INTERACTIONS, c * LIA_SAMPLE_INTERACTIONS_MAX + i);
        print_one(run, LIA_SAMPLE_DEALS, c);
        print_one(run, LIA_SAMPLE_TICKETS, c);
        print_one(run, LIA_SAMPLE_TASKS, c);
    }
    lia_arena_fini(&run->scratch);
    return ferror(stdout) ? 2 : 0;
}

/* ---- the summary ----------------------------------------------------------------------------- */

static uint64_t sum_of(const lia_sample_run *run, lia_load_totals *all)
{
    for (size_t k = 0; k < LIA_SAMPLE_KINDS; k++) {
        all->created += run->totals[k].created;
        all->repeated += run->totals[k].repeated;
        all->failed += run->totals[k].failed;
    }
    return all->created + all->repeated + run->verbs;
}

static void show_json(const lia_sample_run *run, double seconds)
{
    lia_load_totals all = {0};
    json_t *kinds = json_object();
    for (lia_sample_kind k = 0; k < LIA_SAMPLE_KINDS; k++) {
        const lia_load_totals *t = &run->totals[k];
        json_object_set_new(kinds, lia_sample_plural(k),
                            json_pack("{s:I,s:I,s:I}", "created", (json_int_t)t->created,
                                      "repeated", (json_int_t)t->repeated, "failed",
                                      (json_int_t)t->failed));
    }
    sum_of(run, &all);
    json_t *json = json_pack("{s:I,s:I,s:I,s:I,s:I,s:f,s:o}", "created", (json_int_t)all.created,
                             "repeated", (json_int_t)all.repeated, "failed", (json_int_t)all.failed,
                             "moves", (json_int_t)run->verbs, "moves_failed",
                             (json_int_t)run->verbs_failed, "seconds", seconds, "kinds", kinds);
    if (run->first_failure.text[0])
        json_object_set_new(json, "first_failure", json_string(run->first_failure.text));
    lia_out_json(json);
    json_decref(json);
}

static void show_text(const lia_sample_run *run, double seconds)
{
    lia_load_totals all = {0};
    uint64_t sum = sum_of(run, &all);
    for (lia_sample_kind k = 0; k < LIA_SAMPLE_KINDS; k++)
        printf("%-14s %10s created  %10s there already\n", lia_sample_plural(k),
               lia_out_count(run->totals[k].created), lia_out_count(run->totals[k].repeated));
    printf("%-14s %10s\n", "moves", lia_out_count(run->verbs - run->verbs_failed));
    printf("%s records and moves in %.1f s, %s a second\n", lia_out_count(sum), seconds,
           lia_out_count((uint64_t)((double)sum / (seconds > 0 ? seconds : 1))));
    if (all.failed + run->verbs_failed)
        printf("%s%s failed%s, the first: %s\n", lia_out_color(LIA_RED),
               lia_out_count(all.failed + run->verbs_failed), lia_out_color(LIA_PLAIN),
               run->first_failure.text);
}

/* ---- the command ----------------------------------------------------------------------------- */

static lia_err read_until(lia_sample_run *run, const lia_args *args, lia_why *why)
{
    const char *text = lia_args_text(args, "until");
    if (!text && lia_args_has(args, "print")) text = PRINT_UNTIL;
    if (!text) return LIA_OK;
    if (strlen(text) == 10 && lia_time_parse(lia_span_text(text), &run->company.until) == LIA_OK)
        return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "--until: '%s' is no date like 2026-01-31", text);
}

static int send_all(lia_sample_run *run, const lia_args *args)
{
    lia_targets targets;
    lia_why why = {{0}};
    lia_load_totals all = {0};
    lia_err err = lia_targets_find(&targets, args, &why);
    if (!err) err = lia_sample_open(run, &targets, &why);
    if (!err) err = lia_sample_send(run, &why);
    lia_progress_end(&run->progress);
    double seconds = (double)(lia_time_ticks_ns() - run->begun_ns) / 1e9;
    if (err)
        lia_args_fail(args, "%s", why.text);
    else if (lia_out_is_json(args))
        show_json(run, seconds);
    else
        show_text(run, seconds);
    sum_of(run, &all);
    bool well = !all.failed && !run->verbs_failed;
    lia_sample_close(run);
    return err ? 2 : well ? 0 : 1;
}

static int run(const lia_args *args)
{
    lia_why why = {{0}};
    lia_sample_run *state = calloc(1, sizeof *state);
    if (!state) return lia_args_fail(args, "no memory");
    state->company.seed = lia_args_number(args, "seed", 1);
    state->company.refer = refer_by_id;
    state->company.context = state;
    state->customers = lia_args_number(args, "customers", CUSTOMERS_DEFAULT);
    int status = 2;
    if (read_until(state, args, &why))
        lia_args_fail(args, "%s", why.text);
    else
        status = lia_args_has(args, "print") ? print_all(state) : send_all(state, args);
    free(state);
    return status;
}

static const lia_option options[] = {
    LIA_OPTION_NODES,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    {.name = "customers",
     .value = "N",
     .is_number = true,
     .min = 1,
     .max = 100000000,
     .help = "how many (default: 2,000); each has 7 interactions on average"},
    {.name = "seed",
     .value = "S",
     .is_number = true,
     .max = UINT64_MAX,
     .help = "another one makes another company (default: 1)"},
    {.name = "until",
     .value = "DATE",
     .help = "the end of the two years (default: the day on which it was\n"
             "first loaded)"},
    {.name = "print", .help = "write the records to standard output instead"},
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_sample = {
    .name = "sample",
    .purpose = "load a made-up company: customers and two years of what happened",
    .details =
        "Customers, interactions of all channels, products, users, deals, tickets, campaigns,\n"
        "segments and tasks, each created at the department that owns it. The same seed makes\n"
        "the same company: running it again adds nothing, and with more customers only what is\n"
        "new. Everything in it is made up: e-mails end in example.com and phone numbers begin\n"
        "with +999.",
    .example = "liaison sample --base 27100 --customers 10000\n"
               "liaison sample --print --customers 5 --seed 7",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
