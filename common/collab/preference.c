/* SPDX-License-Identifier: Apache-2.0 */
#include "common/collab/preference.h"

#include "common/collab/notice.h"
#include "common/node/fields.h"

/* A list of each kind that somebody works with, and what the app has beside them. All together they
 * stay below half a megabyte, which a browser reads at its start. */
#define VALUES_MAX 128
#define VALUE_MAX  4000
#define NAME_BYTES 64

static const lia_refusal_text TOO_MANY[1] = {
    {"too-many", "At most 128 preferences are kept for one person."}};

static bool is_sign(char sign)
{
    return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') ||
           (sign >= '0' && sign <= '9') || sign == '.' || sign == '-' || sign == '_';
}

static lia_err check(lia_turn *turn, const Collab__SetPreference *ask)
{
    size_t size = strlen(ask->name);
    bool good = size > 0 && size <= NAME_BYTES;
    for (size_t i = 0; i < size; i++) good = good && is_sign(ask->name[i]);
    if (!good)
        return lia_turn_fail(turn, LIA_EINVAL,
                             "name: 1 to %d letters, digits, '.', '-' and '_' are wanted",
                             NAME_BYTES);
    if (ask->value && strlen(ask->value) > VALUE_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "value: at most %d bytes are kept", VALUE_MAX);
    return LIA_OK;
}

/* The others as they are, and this one as it is asked for: not at all without a value. */
static lia_err put(lia_turn *turn, const Collab__SetPreference *ask, Collab__Preferences *all)
{
    Collab__Preference *one = lia_arena_take(turn->arena, sizeof *one);
    Collab__Preference **values = lia_arena_take(turn->arena, (all->n_values + 1) * sizeof *values);
    size_t count = 0;
    if (!one || !values) return LIA_EFULL;
    for (size_t i = 0; i < all->n_values; i++)
        if (strcmp(all->values[i]->name, ask->name) != 0) values[count++] = all->values[i];
    collab__preference__init(one);
    one->name = ask->name;
    one->value = ask->value;
    if (ask->value) values[count++] = one;
    all->values = values;
    all->n_values = count;
    return count > VALUES_MAX ? lia_refuse(turn, TOO_MANY) : LIA_OK;
}

lia_err lia_preference_set(lia_turn *turn, const void *request)
{
    const Collab__SetPreference *ask = request;
    Collab__Preferences fresh = COLLAB__PREFERENCES__INIT, *all;
    lia_id user;
    lia_err err = lia_collab_person(turn, &user);
    if (!err) err = check(turn, ask);
    if (err) return err;
    lia_id id = lia_id_derive("collab.preferences", lia_id_span(&user));
    err = lia_load(turn, LIA_PREFERENCES, id, &all);
    if (err && err != LIA_EABSENT) return err;
    if (err) all = &fresh;
    LIA_SET_ID(all, owner, &user);
    err = put(turn, ask, all);
    if (!err) err = lia_record(turn, LIA_PREFERENCES, id, all);
    if (!err) err = lia_collab_changed(turn, LIA_PREFERENCES, id);
    if (!err) lia_turn_answer(turn, LIA_PREFERENCES, id);
    return err;
}
