/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/time.h"
#include "common/exchange/meant.h"
#include "tools/liaison/out.h"
#include "tools/liaison/simulate.h"

const lia_simulate_op lia_simulate_ops[LIA_SIMULATE_OPS] = {
    [LIA_DO_OPEN] = {"open customer", LIA_DEPARTMENT_ANY},
    [LIA_DO_LIST] = {"list customers", LIA_DEPARTMENT_ANY},
    [LIA_DO_SEARCH] = {"search", LIA_DEPARTMENT_ANY},
    [LIA_DO_STATUS] = {"look at status", LIA_DEPARTMENT_ANY},
    [LIA_DO_CUSTOMER] = {"new customer", LIA_DEPARTMENT_ANY},
    [LIA_DO_CHANGE] = {"change customer", LIA_DEPARTMENT_ANY},
    [LIA_DO_INTERACTION] = {"log interaction", LIA_DEPARTMENT_ANY},
    [LIA_DO_TASK] = {"new task", LIA_DEPARTMENT_ANY},
    [LIA_DO_DEAL] = {"new deal", LIA_SALES},
    [LIA_DO_TICKET] = {"new ticket", LIA_SERVICE},
};

/* ---- values ---------------------------------------------------------------------------------- */

static lia_err number_of(double *out, const json_t *value, const char *place, double min,
                         double max, lia_why *why)
{
    char *end = NULL;
    const char *text = json_string_value(value);
    double number = text ? strtod(text, &end) : 0;
    if (!text || end == text || *end || !(number >= min && number <= max))
        return lia_why_set(why, LIA_EINVAL, "%s: a number from %g to %g is wanted", place, min,
                           max);
    *out = number;
    return LIA_OK;
}

static lia_err whole_of(uint64_t *out, const json_t *yaml, const char *name, uint64_t otherwise,
                        uint64_t max, lia_why *why)
{
    double number = (double)otherwise;
    const json_t *value = json_object_get(yaml, name);
    lia_err err = value ? number_of(&number, value, name, 1, (double)max, why) : LIA_OK;
    *out = (uint64_t)number;
    if (!err && (double)*out != number)
        return lia_why_set(why, LIA_EINVAL, "%s: a whole number is wanted", name);
    return err;
}

static lia_err know(const json_t *object, const char *const *names, size_t count, const char *place,
                    lia_why *why)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        size_t i = 0;
        while (i < count && strcmp(names[i], name)) i++;
        if (i < count) continue;
        const char *meant = lia_word_meant(name, names, count);
        return lia_why_set(why, LIA_EINVAL, "%s'%.60s' is not known here%s%s%s", place, name,
                           meant ? "; was '" : "", meant ? meant : "", meant ? "' meant?" : "");
    }
    return LIA_OK;
}

/* ---- phases ---------------------------------------------------------------------------------- */

static lia_err read_phase(lia_phase *out, const json_t *yaml, size_t number, lia_why *why)
{
    static const char *const names[] = {"for", "rate", "to"};
    char place[48];
    int64_t ms;
    snprintf(place, sizeof place, "phases, %zu: ", number);
    if (!json_is_object(yaml))
        return lia_why_set(why, LIA_EINVAL, "%s{for: 20s, rate: 10} is wanted", place);
    lia_err err = know(yaml, names, LIA_COUNT(names), place, why);
    if (err) return err;
    if (lia_period_parse(lia_span_text(lia_json_text_in(yaml, "for")), &ms) || ms > LIA_DAY_MS)
        return lia_why_set(why, LIA_EINVAL, "%sfor: a period up to a day is wanted, such as 20s",
                           place);
    snprintf(place, sizeof place, "phases, %zu: rate", number);
    err = number_of(&out->rate, json_object_get(yaml, "rate"), place, 0, 100000, why);
    out->to = out->rate;
    snprintf(place, sizeof place, "phases, %zu: to", number);
    const json_t *to = json_object_get(yaml, "to");
    if (!err && to) err = number_of(&out->to, to, place, 0, 100000, why);
    out->seconds = (double)ms / 1000;
    return err;
}

static lia_err read_phases(lia_profile *out, const json_t *yaml, lia_why *why)
{
    size_t count = json_array_size(yaml);
    if (count == 0 || count > LIA_PHASES_MAX)
        return lia_why_set(why, LIA_EINVAL, "phases: a list of 1 to %d is wanted", LIA_PHASES_MAX);
    for (out->phase_count = 0; out->phase_count < count; out->phase_count++) {
        lia_phase *phase = &out->phases[out->phase_count];
        lia_err err =
            read_phase(phase, json_array_get(yaml, out->phase_count), out->phase_count + 1, why);
        if (err) return err;
        out->seconds += phase->seconds;
    }
    return LIA_OK;
}

double lia_profile_due(const lia_profile *profile, double seconds)
{
    double due = 0;
    for (size_t i = 0; i < profile->phase_count && seconds > 0; i++) {
        const lia_phase *phase = &profile->phases[i];
        double part = seconds < phase->seconds ? seconds : phase->seconds;
        double end = phase->rate + (phase->to - phase->rate) * part / phase->seconds;
        due += part * (phase->rate + end) / 2;
        seconds -= part;
    }
    return due;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static lia_err read_mix(lia_profile *out, const json_t *yaml, lia_why *why)
{
    const char *names[LIA_SIMULATE_OPS];
    double all = 0;
    for (size_t i = 0; i < LIA_SIMULATE_OPS; i++) names[i] = lia_simulate_ops[i].name;
    lia_err err = know(yaml, names, LIA_SIMULATE_OPS, "mix: ", why);
    for (size_t i = 0; !err && i < LIA_SIMULATE_OPS; i++) {
        char place[64];
        const json_t *share = json_object_get(yaml, names[i]);
        snprintf(place, sizeof place, "mix: %s", names[i]);
        if (share) err = number_of(&out->shares[i], share, place, 0, 1000000, why);
        all += out->shares[i];
    }
    if (!err && !(all > 0))
        return lia_why_set(why, LIA_EINVAL, "mix: says what is done, as in {open customer: 40}");
    return err;
}

lia_err lia_profile_read(lia_profile *out, const json_t *yaml, lia_why *why)
{
    static const char *const names[] = {"customers", "clients", "seed", "phases", "mix"};
    *out = (lia_profile){0};
    if (!json_is_object(yaml))
        return lia_why_set(why, LIA_EINVAL, "'name: value' is wanted, one a line");
    lia_err err = know(yaml, names, LIA_COUNT(names), "", why);
    if (!err) err = whole_of(&out->customers, yaml, "customers", 100, LIA_CUSTOMERS_MAX, why);
    if (!err) err = whole_of(&out->clients, yaml, "clients", 32, LIA_CLIENTS_MAX, why);
    if (!err) err = whole_of(&out->seed, yaml, "seed", 1, 1000000000, why);
    if (!err) err = read_phases(out, json_object_get(yaml, "phases"), why);
    return err ? err : read_mix(out, json_object_get(yaml, "mix"), why);
}
