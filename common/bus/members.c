/* SPDX-License-Identifier: Apache-2.0 */
/* What a list may say, by itself and after another, and how it is changed. Its bytes are
 * members_pb.c's. */
#include "common/bus/members.h"

#include <ctype.h>
#include <stdio.h>

#include "common/bus/address.h"

const lia_member *lia_members_find(const lia_members *members, uint16_t number)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->list[i].number == number) return &members->list[i];
    return NULL;
}

const lia_member *lia_members_by_name(const lia_members *members, const char *name)
{
    for (size_t i = 0; i < members->count; i++)
        if (strcmp(members->list[i].name, name) == 0) return &members->list[i];
    return NULL;
}

const lia_removed *lia_members_find_removed(const lia_members *members, uint16_t number)
{
    for (size_t i = 0; i < members->removed_count; i++)
        if (members->removed[i].number == number) return &members->removed[i];
    return NULL;
}

const char *lia_members_name(const lia_members *members, uint16_t number)
{
    const lia_member *member = lia_members_find(members, number);
    const lia_removed *gone = member ? NULL : lia_members_find_removed(members, number);
    return member ? member->name : gone ? gone->name : NULL;
}

bool lia_members_later(const lia_members *a, const lia_members *b)
{
    return a->epoch != b->epoch ? a->epoch > b->epoch : a->mark > b->mark;
}

/* ---- rules of a list ------------------------------------------------------------------------ */

/* Names are folders too, so they are words that are safe in a path. */
static bool name_is_valid(const char *name)
{
    size_t size = strnlen(name, sizeof((lia_member *)0)->name);
    if (size == 0 || size == sizeof((lia_member *)0)->name || !isalnum((unsigned char)name[0]))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i])) return false;
    return true;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++) any |= bytes[i];
    return any == 0;
}

static lia_err check_address(const char *what, const char *text, const char *name, lia_why *why)
{
    lia_address unused;
    if (*text == 0 || lia_address_parse(text, &unused) == LIA_OK) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "member %s: the %s address \"%.64s\" is not numeric with a port, like "
                       "127.0.0.1:27104",
                       name, what, text);
}

static lia_err check_member(const lia_member *member, lia_why *why)
{
    if (member->number == 0)
        return lia_why_set(why, LIA_EINVAL, "a member has no number (1 to 65535)");
    if (!name_is_valid(member->name))
        return lia_why_set(why, LIA_EINVAL,
                           "member %u: a name is 1 to 31 letters, digits, '-', '_', '.' and "
                           "begins with a letter or digit",
                           member->number);
    if (is_zero(member->curve_key, sizeof member->curve_key) ||
        is_zero(member->verify_key.bytes, sizeof member->verify_key.bytes))
        return lia_why_set(why, LIA_EINVAL, "member %s: a key is missing", member->name);
    lia_err err = check_address("bus", member->bus, member->name, why);
    if (!err) err = check_address("http", member->http, member->name, why);
    if (!err) err = check_address("pub", member->pub, member->name, why);
    return err;
}

static bool same_text(const char *a, const char *b)
{
    return *a && strcmp(a, b) == 0;
}

/* What two members share although only one may have it; NULL when they can stand side by side. */
static const char *clash_of(const lia_member *a, const lia_member *b)
{
    if (a->number == b->number) return "number";
    if (strcmp(a->name, b->name) == 0) return "name";
    if (memcmp(a->curve_key, b->curve_key, sizeof a->curve_key) == 0) return "CURVE key";
    if (memcmp(&a->verify_key, &b->verify_key, sizeof a->verify_key) == 0) return "signing key";
    if (same_text(a->bus, b->bus)) return "bus address";
    if (same_text(a->http, b->http)) return "http address";
    if (same_text(a->pub, b->pub)) return "pub address";
    return NULL;
}

static lia_err check_pairs(const lia_members *members, size_t i, lia_why *why)
{
    const lia_member *late = &members->list[i];
    for (size_t j = 0; j < i; j++) {
        const lia_member *early = &members->list[j];
        const char *clash = clash_of(early, late);
        if (clash)
            return lia_why_set(why, LIA_EINVAL, "members %s (%u) and %s (%u) have the same %s",
                               early->name, early->number, late->name, late->number, clash);
    }
    return LIA_OK;
}

static lia_err check_members(const lia_members *members, lia_why *why)
{
    if (members->count == 0) return lia_why_set(why, LIA_EINVAL, "the member list is empty");
    if (members->count > LIA_MEMBERS_MAX)
        return lia_why_set(why, LIA_EINVAL, "the member list has more than %d members",
                           LIA_MEMBERS_MAX);
    for (size_t i = 0; i < members->count; i++) {
        lia_err err = check_member(&members->list[i], why);
        if (!err) err = check_pairs(members, i, why);
        if (err) return err;
    }
    return LIA_OK;
}

/* Numbers and names are never given again. */
static lia_err check_removed(const lia_members *members, size_t i, lia_why *why)
{
    const lia_removed *gone = &members->removed[i];
    if (gone->number == 0 || !name_is_valid(gone->name))
        return lia_why_set(why, LIA_EINVAL, "removed member %u: its number or name is none",
                           gone->number);
    if (lia_members_find(members, gone->number) || lia_members_by_name(members, gone->name))
        return lia_why_set(why, LIA_EINVAL,
                           "number %u and name %s belonged to a member that was removed: they are "
                           "not given again",
                           gone->number, gone->name);
    for (size_t j = 0; j < i; j++)
        if (members->removed[j].number == gone->number ||
            strcmp(members->removed[j].name, gone->name) == 0)
            return lia_why_set(why, LIA_EINVAL, "removed member %s (%u) is listed twice",
                               gone->name, gone->number);
    return LIA_OK;
}

static bool same_key(const lia_verify_key *a, const lia_verify_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static lia_err check_former(const lia_members *members, size_t i, lia_why *why)
{
    const lia_former_key *former = &members->former[i];
    const char *name = lia_members_name(members, former->number);
    if (!name)
        return lia_why_set(why, LIA_EINVAL, "a former key belongs to number %u, which nobody has",
                           former->number);
    if (is_zero(former->key.bytes, sizeof former->key.bytes))
        return lia_why_set(why, LIA_EINVAL, "a former key of %s is missing", name);
    if ((former->incarnation == 0) != (former->last == 0))
        return lia_why_set(why, LIA_EINVAL, "a former key of %s: an end belongs to an incarnation",
                           name);
    for (size_t m = 0; m < members->count; m++)
        if (same_key(&members->list[m].verify_key, &former->key))
            return lia_why_set(why, LIA_EINVAL, "the signing key of %s is a former one of %s",
                               members->list[m].name, name);
    for (size_t j = 0; j < i; j++) {
        const lia_former_key *other = &members->former[j];
        if (same_key(&other->key, &former->key) &&
            (other->number != former->number || other->incarnation == former->incarnation))
            return lia_why_set(why, LIA_EINVAL, "a former key of %s is listed twice", name);
    }
    return LIA_OK;
}

lia_err lia_members_check(const lia_members *members, lia_why *why)
{
    if (lia_id_is_none(members->cluster))
        return lia_why_set(why, LIA_EINVAL, "the member list names no cluster");
    if (members->epoch == 0)
        return lia_why_set(why, LIA_EINVAL, "the member list has no epoch; the first is 1");
    lia_err err = check_members(members, why);
    for (size_t i = 0; i < members->removed_count && !err; i++)
        err = check_removed(members, i, why);
    for (size_t i = 0; i < members->former_count && !err; i++) err = check_former(members, i, why);
    return err;
}

/* ---- one list after another ------------------------------------------------------------------ */

static lia_err check_kept(const lia_members *next, uint16_t number, const char *name,
                          uint8_t department, bool was_removed, lia_why *why)
{
    const lia_member *member = lia_members_find(next, number);
    const lia_removed *gone = lia_members_find_removed(next, number);
    if (member && !was_removed && strcmp(member->name, name) == 0 &&
        member->department == department)
        return LIA_OK;
    if (gone && strcmp(gone->name, name) == 0) return LIA_OK;
    if (member || gone)
        return lia_why_set(why, LIA_EINVAL, "number %u belongs to %s, which nobody else can have",
                           number, name);
    return lia_why_set(why, LIA_EINVAL,
                       "%s (%u) is neither a member nor among those who were removed", name,
                       number);
}

static bool has_former(const lia_members *members, const lia_former_key *wanted)
{
    for (size_t i = 0; i < members->former_count; i++) {
        const lia_former_key *former = &members->former[i];
        if (former->number == wanted->number && same_key(&former->key, &wanted->key) &&
            former->incarnation == wanted->incarnation && former->last == wanted->last)
            return true;
    }
    return false;
}

lia_err lia_members_check_next(const lia_members *now, const lia_members *next, lia_why *why)
{
    if (!lia_id_equal(now->cluster, next->cluster))
        return lia_why_set(why, LIA_EINVAL, "the member list is of another cluster");
    lia_err err = LIA_OK;
    for (size_t i = 0; i < now->count && !err; i++)
        err = check_kept(next, now->list[i].number, now->list[i].name, now->list[i].department,
                         false, why);
    for (size_t i = 0; i < now->removed_count && !err; i++)
        err = check_kept(next, now->removed[i].number, now->removed[i].name, 0, true, why);
    for (size_t i = 0; i < now->former_count && !err; i++)
        if (now->former[i].incarnation && !has_former(next, &now->former[i]))
            err = lia_why_set(why, LIA_EINVAL,
                              "what a former key of %s counts for was settled and is changed",
                              lia_members_name(now, now->former[i].number));
    return err;
}

static void say(char *text, size_t size, const char *what, const char *name)
{
    size_t at = strlen(text);
    snprintf(text + at, size - at, "%s%s %s", at ? "; " : "", what, name);
}

void lia_members_describe(const lia_members *now, const lia_members *next, char *text, size_t size)
{
    text[0] = 0;
    for (size_t i = 0; i < next->count; i++) {
        const lia_member *after = &next->list[i];
        const lia_member *before = lia_members_find(now, after->number);
        if (!before) {
            say(text, size, "added", after->name);
            continue;
        }
        if (memcmp(before->curve_key, after->curve_key, sizeof before->curve_key) ||
            !same_key(&before->verify_key, &after->verify_key))
            say(text, size, "other keys of", after->name);
        if (strcmp(before->bus, after->bus) || strcmp(before->http, after->http) ||
            strcmp(before->pub, after->pub))
            say(text, size, "another address of", after->name);
    }
    for (size_t i = 0; i < now->count; i++)
        if (!lia_members_find(next, now->list[i].number))
            say(text, size, "removed", now->list[i].name);
    if (!same_key(&now->admin, &next->admin))
        say(text, size, "other keys of", "the administrators");
    if (!*text) say(text, size, "settled", "former keys");
}

/* ---- changing -------------------------------------------------------------------------------- */

static lia_err add_former(lia_members *members, const lia_former_key *former, lia_why *why)
{
    if (members->former_count == LIA_FORMER_MAX)
        return lia_why_set(why, LIA_EFULL, "the member list has no room for another former key");
    members->former[members->former_count++] = *former;
    return LIA_OK;
}

static lia_member *own_entry(lia_members *members, uint16_t number, lia_why *why)
{
    lia_member *member = (lia_member *)lia_members_find(members, number);
    if (!member) (void)lia_why_set(why, LIA_EABSENT, "there is no member %u", number);
    return member;
}

lia_err lia_members_remove(lia_members *members, uint16_t number, lia_why *why)
{
    lia_member *member = own_entry(members, number, why);
    if (!member) return LIA_EABSENT;
    if (members->removed_count == LIA_REMOVED_MAX)
        return lia_why_set(why, LIA_EFULL, "the member list remembers no more removed members");
    lia_err err =
        add_former(members, &(lia_former_key){.number = number, .key = member->verify_key}, why);
    if (err) return err;
    lia_removed *gone = &members->removed[members->removed_count++];
    *gone = (lia_removed){.number = number, .department = member->department};
    memcpy(gone->name, member->name, sizeof gone->name);
    size_t at = (size_t)(member - members->list);
    memmove(member, member + 1, (--members->count - at) * sizeof *member);
    return LIA_OK;
}

lia_err lia_members_rekey(lia_members *members, uint16_t number,
                          const uint8_t curve_key[LIA_CURVE_KEY_SIZE],
                          const lia_verify_key *verify_key, lia_why *why)
{
    lia_member *member = own_entry(members, number, why);
    if (!member) return LIA_EABSENT;
    if (!same_key(&member->verify_key, verify_key)) {
        lia_err err = add_former(
            members, &(lia_former_key){.number = number, .key = member->verify_key}, why);
        if (err) return err;
    }
    memcpy(member->curve_key, curve_key, sizeof member->curve_key);
    member->verify_key = *verify_key;
    return LIA_OK;
}

static bool is_open(const lia_former_key *former, uint16_t number)
{
    return former->number == number && former->incarnation == 0;
}

bool lia_members_is_open(const lia_members *members, uint16_t number)
{
    for (size_t i = 0; i < members->former_count; i++)
        if (is_open(&members->former[i], number)) return true;
    return false;
}

/* An incarnation that was settled already was written under an earlier key. */
static bool is_settled(const lia_members *members, uint16_t number, uint64_t incarnation)
{
    for (size_t i = 0; i < members->former_count; i++)
        if (members->former[i].number == number && members->former[i].incarnation == incarnation)
            return true;
    return false;
}

/* Takes the open keys of `number` out; returns how many there were. */
static size_t take_open(lia_members *members, uint16_t number, lia_verify_key *keys)
{
    size_t kept = 0, taken = 0;
    for (size_t i = 0; i < members->former_count; i++) {
        const lia_former_key former = members->former[i];
        if (is_open(&former, number))
            keys[taken++] = former.key;
        else
            members->former[kept++] = former;
    }
    members->former_count = kept;
    return taken;
}

lia_err lia_members_close(lia_members *members, uint16_t number, const uint64_t *incarnations,
                          const uint64_t *lasts, size_t count, lia_why *why)
{
    lia_verify_key keys[LIA_FORMER_MAX];
    size_t open = take_open(members, number, keys), settled = members->former_count;
    for (size_t lane = 0; lane < count; lane++) {
        size_t added = members->former_count;
        members->former_count = settled; /* look at what was there before */
        bool known = is_settled(members, number, incarnations[lane]);
        members->former_count = added;
        for (size_t k = 0; k < open && !known && lasts[lane]; k++) {
            const lia_former_key former = {number, keys[k], incarnations[lane], lasts[lane]};
            lia_err err = add_former(members, &former, why);
            if (err) return err;
        }
    }
    return LIA_OK;
}
