/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/custom.h"

#include <stdio.h>

#include "common/node/fields.h"
#include "common/wire/catalog.h"
#include "proto/custom.pb-c.h"

#define NAME_WANTED "small letters, digits and _, beginning with a letter, 40 at most, are wanted"

/* ---- the other definitions ------------------------------------------------------------------- */

/* Calls `look` with each record of the kind, until it refuses. */
static lia_err each(lia_turn *turn, uint16_t kind,
                    lia_err (*look)(lia_turn *turn, lia_id id, const void *record, void *context),
                    void *context)
{
    enum { BEHIND_ALL_TAGS = 0xff };
    lia_key prefix = lia_key_kind(kind);
    lia_scan *scan;
    lia_span key, row;
    lia_record_key at;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &row)) {
        if (!lia_record_key_read(key, &at)) continue;
        ProtobufCMessage *record;
        lia_id id = at.id;
        err = lia_turn_load(turn, kind, id, &record);
        if (!err) err = look(turn, id, record, context);
        if (err == LIA_EABSENT) err = LIA_OK;
        lia_key behind = lia_key_tag(kind, id, BEHIND_ALL_TAGS);
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err check_text(lia_turn *turn, const char *member, const char *text, size_t most)
{
    if (!text || strlen(text) <= most) return LIA_OK;
    return lia_turn_fail(turn, LIA_EINVAL, "%s: %zu bytes are the most", member, most);
}

/* ---- options --------------------------------------------------------------------------------- */

static const Custom__FieldOption *find_option(const Custom__CustomField *field, const char *name)
{
    for (size_t i = 0; i < field->n_options; i++)
        if (field->options[i]->name && name && !strcmp(field->options[i]->name, name))
            return field->options[i];
    return NULL;
}

static bool is_choice(const Custom__CustomField *field)
{
    return field->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_CHOICE ||
           field->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_MULTI_CHOICE;
}

static lia_err check_option(lia_turn *turn, const Custom__CustomField *field, size_t at)
{
    const char *name = field->options[at]->name;
    if (!lia_custom_name_is_valid(name))
        return lia_turn_fail(turn, LIA_EINVAL, "options[%zu].name: " NAME_WANTED, at);
    for (size_t i = 0; i < at; i++)
        if (lia_custom_option_number(field->options[i]->name) == lia_custom_option_number(name))
            return lia_turn_fail(turn, LIA_EINVAL,
                                 "options[%zu].name: another one has it, or its number", at);
    char member[40];
    snprintf(member, sizeof member, "options[%zu].label", at);
    return check_text(turn, member, field->options[at]->label, LIA_CUSTOM_LABEL_MAX);
}

/* What records hold must keep its name. */
static lia_err check_kept(lia_turn *turn, const Custom__CustomField *was,
                          const Custom__CustomField *field)
{
    for (size_t i = 0; was && i < was->n_options; i++)
        if (was->options[i]->name && !find_option(field, was->options[i]->name))
            return lia_turn_fail(turn, LIA_EINVAL,
                                 "options: '%.40s' cannot be taken away: records may have it. "
                                 "Retire it",
                                 was->options[i]->name);
    return LIA_OK;
}

static lia_err check_options(lia_turn *turn, const Custom__CustomField *was,
                             const Custom__CustomField *field)
{
    if (!is_choice(field) && field->n_options)
        return lia_turn_fail(turn, LIA_EINVAL, "options: only a choice has them");
    if (is_choice(field) && !field->n_options)
        return lia_turn_fail(turn, LIA_EINVAL, "options: a choice needs one at least");
    if (field->n_options > LIA_CUSTOM_OPTIONS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "options: %d are the most", LIA_CUSTOM_OPTIONS_MAX);
    lia_err err = check_kept(turn, was, field);
    for (size_t i = 0; i < field->n_options && !err; i++) err = check_option(turn, field, i);
    return err;
}

/* ---- a field --------------------------------------------------------------------------------- */

/* A field that is to be, among the others. */
typedef struct newcomer {
    lia_id id;
    const Custom__CustomField *field;
    const lia_kind *kind;
    uint32_t number;
    size_t same_kind, all;
} newcomer;

static bool is_of(const Custom__CustomField *field, const lia_kind *kind)
{
    if (kind->added)
        return field->has_kind_id &&
               lia_id_equal(lia_id_in(field->kind_id), kind->added->definition);
    return !field->has_kind_id && field->of && !strcmp(field->of, kind->name);
}

static lia_err compare_field(lia_turn *turn, lia_id id, const void *record, void *context)
{
    newcomer *new = context;
    const Custom__CustomField *other = record;
    if (lia_id_equal(id, new->id)) return LIA_OK;
    new->all++;
    if (!is_of(other, new->kind)) return LIA_OK;
    new->same_kind++;
    if (other->name && !strcmp(other->name, new->field->name))
        return lia_turn_fail(turn, LIA_EEXIST, "name: %s has a custom field '%s'%s",
                             new->kind->name, other->name,
                             other->archived ? ", which is archived" : "");
    if (lia_custom_field_number(id) == new->number)
        return lia_turn_fail(turn, LIA_EEXIST,
                             "this id leads to the number of another field; make "
                             "the field with another id");
    return LIA_OK;
}

static lia_err check_place(lia_turn *turn, newcomer *new)
{
    const char *name = new->field->name;
    if (!lia_custom_name_is_valid(name))
        return lia_turn_fail(turn, LIA_EINVAL, "name: " NAME_WANTED);
    if (lia_custom_field_is_reserved(name))
        return lia_turn_fail(turn, LIA_EINVAL, "name: '%s' means something else", name);
    if (lia_field_by_name(new->kind->message, lia_span_text(name)))
        return lia_turn_fail(turn, LIA_EEXIST, "name: %s has a field '%s'", new->kind->name, name);
    lia_err err = each(turn, LIA_CUSTOM_FIELD, compare_field, new);
    if (err) return err;
    if (new->same_kind >= LIA_CUSTOM_FIELDS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL,
                             "of: %s has %d custom fields, archived ones too, "
                             "which is the most",
                             new->kind->name, LIA_CUSTOM_FIELDS_MAX);
    if (new->all >= LIA_CUSTOM_ALL_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "there are %d custom fields, which is the most",
                             LIA_CUSTOM_ALL_MAX);
    return LIA_OK;
}

static lia_err find_reference(lia_turn *turn, Custom__CustomField *field)
{
    bool wanted = field->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_REFERENCE;
    if (!wanted && field->reference)
        return lia_turn_fail(turn, LIA_EINVAL, "reference: only a reference has one");
    if (!wanted) return LIA_OK;
    const lia_kind *kind =
        field->reference ? lia_kind_by_name(lia_span_text(field->reference)) : NULL;
    if (!kind || kind->secret)
        return lia_turn_fail(turn, LIA_EINVAL, "reference: no kind '%.60s'; customer, for example",
                             field->reference ? field->reference : "");
    if (kind->added) LIA_SET_ID(field, reference_id, &kind->added->definition);
    return LIA_OK;
}

static lia_err find_kind(lia_turn *turn, Custom__CustomField *field, const lia_kind **out)
{
    const lia_kind *kind = field->of ? lia_kind_by_name(lia_span_text(field->of)) : NULL;
    if (!kind || !lia_kind_is_extensible(kind))
        return lia_turn_fail(turn, LIA_EINVAL,
                             "of: no kind '%.60s' that takes fields; customer, for "
                             "example",
                             field->of ? field->of : "");
    if (kind->added) LIA_SET_ID(field, kind_id, &kind->added->definition);
    *out = kind;
    return LIA_OK;
}

static bool same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* The field as it is in the catalog; NULL: it is not. */
static const lia_field *find_added(const lia_kind *kind, lia_id definition)
{
    for (size_t i = 0; i < kind->message->count; i++) {
        const lia_field_added *added = kind->message->fields[i].added;
        if (added && lia_id_equal(added->definition, definition)) return &kind->message->fields[i];
    }
    return NULL;
}

static const lia_kind *kind_of(const Custom__CustomField *field)
{
    return field->has_kind_id ? lia_kind_by_definition(lia_id_in(field->kind_id))
           : field->of        ? lia_kind_by_name(lia_span_text(field->of))
                              : NULL;
}

/* Only one that is called otherwise, because another has the name, may be given another. */
static lia_err check_name(lia_turn *turn, lia_id id, const Custom__CustomField *was,
                          const Custom__CustomField *field)
{
    if (same_text(was->name, field->name)) return LIA_OK;
    const lia_kind *kind = kind_of(field);
    const lia_field *now = kind ? find_added(kind, id) : NULL;
    if (!now || !now->added->wanted)
        return lia_turn_fail(turn, LIA_EINVAL, "name: it stays as it is; change the label");
    newcomer new = {.id = id, .field = field, .kind = kind};
    return now && same_text(now->name, field->name) ? LIA_OK : check_place(turn, &new);
}

static lia_err check_change(lia_turn *turn, lia_id id, const Custom__CustomField *was,
                            const Custom__CustomField *field)
{
    if (!same_text(was->of, field->of))
        return lia_turn_fail(turn, LIA_EINVAL, "of: it stays as it is");
    if (was->type != field->type)
        return lia_turn_fail(turn, LIA_EINVAL,
                             "type: it stays as it is; archive the field and make another");
    if (was->scale != field->scale)
        return lia_turn_fail(turn, LIA_EINVAL, "scale: it stays as it is");
    if (!same_text(was->reference, field->reference))
        return lia_turn_fail(turn, LIA_EINVAL, "reference: it stays as it is");
    return check_name(turn, id, was, field);
}

static lia_err check_new(lia_turn *turn, lia_id id, Custom__CustomField *field)
{
    newcomer new = {.id = id, .field = field, .number = lia_custom_field_number(id)};
    if (field->type <= CUSTOM__FIELD_TYPE__FIELD_TYPE_UNSET ||
        field->type > CUSTOM__FIELD_TYPE__FIELD_TYPE_LANGUAGE)
        return lia_turn_fail(turn, LIA_EINVAL, "type: a type such as text is wanted");
    if (!lia_custom_scale_is_valid(field->type, field->scale))
        return lia_turn_fail(turn, LIA_EINVAL, "scale: %s",
                             field->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_DECIMAL
                                 ? "0 to 9 digits behind the point are wanted"
                                 : "only a decimal has one");
    lia_err err = find_kind(turn, field, &new.kind);
    if (!err) err = find_reference(turn, field);
    return err ? err : check_place(turn, &new);
}

static bool is_text(Custom__FieldType type)
{
    return type == CUSTOM__FIELD_TYPE__FIELD_TYPE_TEXT ||
           type == CUSTOM__FIELD_TYPE__FIELD_TYPE_LONG_TEXT ||
           type == CUSTOM__FIELD_TYPE__FIELD_TYPE_EMAIL ||
           type == CUSTOM__FIELD_TYPE__FIELD_TYPE_PHONE ||
           type == CUSTOM__FIELD_TYPE__FIELD_TYPE_URL;
}

static bool can_be_indexed(const Custom__CustomField *field)
{
    const lia_kind *kind = kind_of(field);
    return (!kind || !kind->in_log) && field->type != CUSTOM__FIELD_TYPE__FIELD_TYPE_LONG_TEXT &&
           field->type != CUSTOM__FIELD_TYPE__FIELD_TYPE_MONEY &&
           field->type != CUSTOM__FIELD_TYPE__FIELD_TYPE_YES_NO;
}

static lia_err check_unique(lia_turn *turn, const Custom__CustomField *field)
{
    if (!field->unique) return LIA_OK;
    if (field->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_MULTI_CHOICE)
        return lia_turn_fail(turn, LIA_EINVAL, "unique: a list is not");
    if (field->preset)
        return lia_turn_fail(turn, LIA_EINVAL, "unique: two records would have the default");
    return field->indexed ? LIA_OK : lia_turn_fail(turn, LIA_EINVAL, "unique: that needs indexed");
}

static lia_err check_preset(lia_turn *turn, lia_id id, const Custom__CustomField *field)
{
    lia_span unused;
    lia_why why = {{0}};
    if (!field->preset) return LIA_OK;
    lia_err err = check_text(turn, "preset", field->preset, LIA_CUSTOM_HELP_MAX);
    if (err) return err;
    err = lia_custom_preset(&unused, field, lia_custom_field_number(id), turn->arena, &why);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}

lia_err lia_custom_prepare_field(lia_turn *turn, lia_id id, const void *before, void *after)
{
    Custom__CustomField *field = after;
    lia_err err = before ? check_change(turn, id, before, field) : check_new(turn, id, field);
    if (!err) err = check_options(turn, before, field);
    if (!err) err = check_text(turn, "label", field->label, LIA_CUSTOM_LABEL_MAX);
    if (!err) err = check_text(turn, "help", field->help, LIA_CUSTOM_HELP_MAX);
    if (!err && field->searchable && !is_text(field->type))
        err = lia_turn_fail(turn, LIA_EINVAL, "searchable: only texts are searched");
    if (!err && field->indexed && !can_be_indexed(field))
        err = lia_turn_fail(turn, LIA_EINVAL, "indexed: no index is kept of that type or kind");
    if (!err) err = check_unique(turn, field);
    return err ? err : check_preset(turn, id, field);
}

/* ---- a kind ---------------------------------------------------------------------------------- */

typedef struct new_kind {
    lia_id id;
    size_t all;
} new_kind;

static lia_err compare_kind(lia_turn *turn, lia_id id, const void *record, void *context)
{
    new_kind *new = context;
    const Custom__CustomKind *other = record;
    if (lia_id_equal(id, new->id)) return LIA_OK;
    new->all++;
    if (lia_custom_kind_number(id) != lia_custom_kind_number(new->id)) return LIA_OK;
    return lia_turn_fail(
        turn, LIA_EEXIST,
        "this id leads to the number of kind '%.60s'; make the kind with another id",
        other->name ? other->name : "");
}

/* Neither name nor plural of any other kind, archived ones too. */
static lia_err check_word(lia_turn *turn, lia_id id, const char *member, const char *word)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    if (!lia_custom_name_is_valid(word))
        return lia_turn_fail(turn, LIA_EINVAL, "%s: " NAME_WANTED, member);
    if (lia_custom_kind_is_reserved(word))
        return lia_turn_fail(turn, LIA_EINVAL, "%s: '%s' means something else", member, word);
    for (size_t i = 0; i < count; i++) {
        if (kinds[i].added && lia_id_equal(kinds[i].added->definition, id)) continue;
        if (strcmp(kinds[i].name, word) != 0 && strcmp(kinds[i].plural, word) != 0) continue;
        return lia_turn_fail(turn, LIA_EEXIST, "%s: there is a kind '%s'%s", member, kinds[i].name,
                             kinds[i].secret && kinds[i].added ? ", which is archived" : "");
    }
    return LIA_OK;
}

static lia_err check_words(lia_turn *turn, lia_id id, const Custom__CustomKind *kind)
{
    lia_err err = check_word(turn, id, "name", kind->name);
    if (!err) err = check_word(turn, id, "plural", kind->plural);
    if (!err && same_text(kind->name, kind->plural))
        err = lia_turn_fail(turn, LIA_EINVAL, "plural: it must differ from the name");
    return err;
}

static lia_err check_new_kind(lia_turn *turn, lia_id id, const Custom__CustomKind *kind)
{
    new_kind new = {.id = id};
    lia_err err = check_words(turn, id, kind);
    if (!err) err = each(turn, LIA_CUSTOM_KIND, compare_kind, &new);
    if (!err && new.all >= LIA_CUSTOM_KINDS_MAX)
        err = lia_turn_fail(turn, LIA_EINVAL,
                            "there are %d custom kinds, archived ones too, which is the most",
                            LIA_CUSTOM_KINDS_MAX);
    return err;
}

static lia_err check_changed_kind(lia_turn *turn, lia_id id, const Custom__CustomKind *was,
                                  const Custom__CustomKind *kind)
{
    const lia_kind *now = lia_kind_by_definition(id);
    bool same = same_text(was->name, kind->name) && same_text(was->plural, kind->plural);
    bool renamed = now && (now->added->wanted || now->added->wanted_plural);
    if (was->without_customer != kind->without_customer)
        return lia_turn_fail(turn, LIA_EINVAL, "without_customer: it stays as it is");
    if (same) return LIA_OK;
    return renamed ? check_words(turn, id, kind)
                   : lia_turn_fail(turn, LIA_EINVAL,
                                   "name and plural stay as they are; change the "
                                   "label");
}

lia_err lia_custom_prepare_kind(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Custom__CustomKind *kind = after;
    lia_err err =
        before ? check_changed_kind(turn, id, before, kind) : check_new_kind(turn, id, kind);
    if (!err) err = check_text(turn, "label", kind->label, LIA_CUSTOM_LABEL_MAX);
    return err ? err : check_text(turn, "help", kind->help, LIA_CUSTOM_HELP_MAX);
}
