/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a list. The signature is checked over the bytes as they came, before the list in
 * them is unpacked: nobody but the administrators reaches the inner parser. */
#include <limits.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/bus/file.h"
#include "common/bus/members.h"
#include "common/wire/unpack.h"
#include "proto/bus.pb-c.h"

/* protobuf-c spends up to 40 bytes for each byte of unknown fields. */
#define ARENA_BYTES ((size_t)8 << 20)

/* ---- from protobuf -------------------------------------------------------------------------- */

static bool copy_bytes(ProtobufCBinaryData from, uint8_t *to, size_t size)
{
    if (from.len != size) return false;
    memcpy(to, from.data, size);
    return true;
}

/* protobuf-c ends strings at a NUL but does not look for one inside; what is behind it is never
 * seen here, because the signed bytes are kept and not what we read. */
static bool copy_text(const char *from, char *to, size_t capacity)
{
    size_t size = from ? strlen(from) : 0;
    if (size >= capacity) return false;
    memcpy(to, from ? from : "", size + 1);
    return true;
}

static lia_err member_from(const Bus__Member *in, lia_member *out, lia_why *why)
{
    if (in->number == 0 || in->number > UINT16_MAX || in->department > UINT8_MAX ||
        in->shard > UINT16_MAX)
        return lia_why_set(why, LIA_EINVAL,
                           "member %u: its number, department or shard is out of range",
                           in->number);
    out->number = (uint16_t)in->number;
    out->department = (uint8_t)in->department;
    out->shard = (uint16_t)in->shard;
    if (!copy_text(in->name, out->name, sizeof out->name) ||
        !copy_text(in->bus, out->bus, sizeof out->bus) ||
        !copy_text(in->http, out->http, sizeof out->http) ||
        !copy_text(in->pub, out->pub, sizeof out->pub))
        return lia_why_set(why, LIA_EINVAL, "member %u: its name or an address is too long",
                           in->number);
    if (!copy_bytes(in->curve_key, out->curve_key, sizeof out->curve_key) ||
        !copy_bytes(in->verify_key, out->verify_key.bytes, sizeof out->verify_key.bytes))
        return lia_why_set(why, LIA_EINVAL, "member %u: its keys are not 32 bytes each",
                           in->number);
    return LIA_OK;
}

static lia_err removed_from(const Bus__RemovedMember *in, lia_removed *out, lia_why *why)
{
    if (in->number == 0 || in->number > UINT16_MAX || in->department > UINT8_MAX ||
        !copy_text(in->name, out->name, sizeof out->name))
        return lia_why_set(why, LIA_EINVAL,
                           "removed member %u: its number, name or department is out of range",
                           in->number);
    out->number = (uint16_t)in->number;
    out->department = (uint8_t)in->department;
    return LIA_OK;
}

static lia_err former_from(const Bus__FormerKey *in, lia_former_key *out, lia_why *why)
{
    if (in->number == 0 || in->number > UINT16_MAX ||
        !copy_bytes(in->verify_key, out->key.bytes, sizeof out->key.bytes))
        return lia_why_set(why, LIA_EINVAL,
                           "a former key of number %u: the number or the key is out of range",
                           in->number);
    out->number = (uint16_t)in->number;
    out->incarnation = in->incarnation;
    out->last = in->last;
    return LIA_OK;
}

static lia_err check_room(const Bus__Members *in, lia_why *why)
{
    const struct {
        size_t count, most;
        const char *what;
    } tables[] = {{in->n_members, LIA_MEMBERS_MAX, "members"},
                  {in->n_removed, LIA_REMOVED_MAX, "removed members"},
                  {in->n_former, LIA_FORMER_MAX, "former keys"}};
    for (size_t i = 0; i < LIA_COUNT(tables); i++)
        if (tables[i].count > tables[i].most)
            return lia_why_set(why, LIA_EINVAL, "the member list has more than %zu %s",
                               tables[i].most, tables[i].what);
    return LIA_OK;
}

static lia_err list_from(const Bus__Members *in, lia_members *out, lia_why *why)
{
    if (!copy_bytes(in->cluster, out->cluster.bytes, sizeof out->cluster.bytes))
        return lia_why_set(why, LIA_EINVAL, "the member list's cluster id is not 16 bytes");
    lia_err err = check_room(in, why);
    if (err) return err;
    out->epoch = in->epoch;
    out->count = in->n_members;
    out->removed_count = in->n_removed;
    out->former_count = in->n_former;
    for (size_t i = 0; i < in->n_members && !err; i++)
        err = member_from(in->members[i], &out->list[i], why);
    for (size_t i = 0; i < in->n_removed && !err; i++)
        err = removed_from(in->removed[i], &out->removed[i], why);
    for (size_t i = 0; i < in->n_former && !err; i++)
        err = former_from(in->former[i], &out->former[i], why);
    return err ? err : lia_members_check(out, why);
}

/* ---- who signed ------------------------------------------------------------------------------ */

#define CHANGE_MESSAGE_SIZE (8 + LIA_VERIFY_KEY_SIZE)

static lia_span change_message(const lia_verify_key *fresh, uint8_t bytes[CHANGE_MESSAGE_SIZE])
{
    static const char purpose[8] = {'l', 'i', 'a', '-', 'a', 'd', 'm', 'n'};
    memcpy(bytes, purpose, sizeof purpose);
    memcpy(bytes + sizeof purpose, fresh->bytes, sizeof fresh->bytes);
    return lia_span_make(bytes, CHANGE_MESSAGE_SIZE);
}

static lia_err changes_from(const Bus__SignedMembers *in, lia_members *out, lia_why *why)
{
    if (in->n_changes > LIA_ADMIN_CHANGES_MAX)
        return lia_why_set(why, LIA_EINVAL,
                           "the member list has more than %d changes of the "
                           "administrators' key",
                           LIA_ADMIN_CHANGES_MAX);
    out->change_count = in->n_changes;
    for (size_t i = 0; i < in->n_changes; i++)
        if (!copy_bytes(in->changes[i]->verify_key, out->changes[i].key.bytes,
                        LIA_VERIFY_KEY_SIZE) ||
            !copy_bytes(in->changes[i]->signature, out->changes[i].signature.bytes,
                        LIA_SIGNATURE_SIZE))
            return lia_why_set(why, LIA_EINVAL,
                               "a change of the administrators' key is not 32 and 64 bytes");
    return LIA_OK;
}

/* From the key that the reader knows, along the word of each for the next, to the signer. */
static lia_err check_signature(const Bus__SignedMembers *in, const lia_verify_key *known,
                               lia_members *out, lia_why *why)
{
    lia_signature signature;
    uint8_t message[CHANGE_MESSAGE_SIZE];
    lia_span list = lia_span_make(in->list.data, in->list.len);
    bool has_signature = copy_bytes(in->signature, signature.bytes, sizeof signature.bytes);
    lia_err err = changes_from(in, out, why);
    if (err) return err;
    out->admin = *known;
    bool ok = has_signature && lia_sign_check(&out->admin, list, &signature);
    for (size_t i = 0; i < out->change_count && has_signature && !ok; i++) {
        const lia_admin_change *change = &out->changes[i];
        if (!lia_sign_check(&out->admin, change_message(&change->key, message), &change->signature))
            continue;
        out->admin = change->key;
        ok = lia_sign_check(&out->admin, list, &signature);
    }
    if (!ok)
        return lia_why_set(why, LIA_EDENIED,
                           "the member list is not signed by this cluster's administrators");
    lia_hash hash = lia_hash_of("lia-members", &list, 1);
    out->mark = lia_get_u64(hash.bytes);
    return LIA_OK;
}

/* The arena has room for every list of allowed size: when it has not, memory is what is missing. */
static lia_err not_read(const lia_arena *arena, const char *otherwise, lia_why *why)
{
    if (arena->exhausted) return lia_why_set(why, LIA_EFULL, "no memory for the member list");
    return lia_why_set(why, LIA_EINVAL, "%s", otherwise);
}

static lia_err parse_in(lia_arena *arena, lia_members *out, const lia_verify_key *admin,
                        lia_span bytes, lia_why *why)
{
    const Bus__SignedMembers *outer =
        (const Bus__SignedMembers *)lia_unpack(&bus__signed_members__descriptor, bytes, arena);
    if (!outer) return not_read(arena, "this is not a member list", why);
    lia_err err = check_signature(outer, admin, out, why);
    if (err) return err;
    const Bus__Members *list = (const Bus__Members *)lia_unpack(
        &bus__members__descriptor, lia_span_make(outer->list.data, outer->list.len), arena);
    if (!list) return not_read(arena, "the signed member list is malformed", why);
    return list_from(list, out, why);
}

lia_err lia_members_parse(lia_members *out, const lia_verify_key *admin, lia_span bytes,
                          lia_why *why)
{
    lia_arena arena;
    *out = (lia_members){0};
    if (bytes.size > LIA_SIGNED_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "the member list is larger than %zu bytes",
                           LIA_SIGNED_BYTES_MAX);
    lia_err err = lia_arena_init(&arena, ARENA_BYTES);
    if (err) return lia_why_set(why, err, "no memory for the member list");
    err = parse_in(&arena, out, admin, bytes, why);
    lia_arena_fini(&arena);
    if (err) *out = (lia_members){0};
    return err;
}

lia_err lia_members_read(lia_members *out, const lia_verify_key *admin, const char *path,
                         lia_why *why)
{
    static const size_t capacity = LIA_SIGNED_BYTES_MAX + 1;
    uint8_t bytes[LIA_SIGNED_BYTES_MAX + 1];
    size_t size;
    *out = (lia_members){0};
    lia_err err = lia_file_read(path, false, bytes, capacity, &size, why);
    return err ? err : lia_members_parse(out, admin, lia_span_make(bytes, size), why);
}

/* ---- to protobuf ---------------------------------------------------------------------------- */

/* protobuf-c's binary fields are not const, but packing only reads them. */
static ProtobufCBinaryData borrow(const void *bytes, size_t size)
{
    return (ProtobufCBinaryData){.len = size, .data = (uint8_t *)(uintptr_t)bytes};
}

static void member_to(const lia_member *in, Bus__Member *out)
{
    *out = (Bus__Member)BUS__MEMBER__INIT;
    out->has_number = out->has_department = out->has_shard = true;
    out->number = in->number;
    out->department = in->department;
    out->shard = in->shard;
    out->name = in->name;
    out->bus = *in->bus ? in->bus : NULL;
    out->http = *in->http ? in->http : NULL;
    out->pub = *in->pub ? in->pub : NULL;
    out->has_curve_key = out->has_verify_key = true;
    out->curve_key = borrow(in->curve_key, sizeof in->curve_key);
    out->verify_key = borrow(&in->verify_key, sizeof in->verify_key);
}

static void former_to(const lia_former_key *in, Bus__FormerKey *out)
{
    *out = (Bus__FormerKey)BUS__FORMER_KEY__INIT;
    out->has_number = out->has_verify_key = true;
    out->number = in->number;
    out->verify_key = borrow(&in->key, sizeof in->key);
    out->has_incarnation = out->has_last = in->incarnation != 0;
    out->incarnation = in->incarnation;
    out->last = in->last;
}

static void removed_to(const lia_removed *in, Bus__RemovedMember *out)
{
    *out = (Bus__RemovedMember)BUS__REMOVED_MEMBER__INIT;
    out->has_number = out->has_department = true;
    out->number = in->number;
    out->department = in->department;
    out->name = in->name;
}

/* What protobuf-c wants to point to while it packs. */
typedef struct packing {
    Bus__Member members[LIA_MEMBERS_MAX], *member_at[LIA_MEMBERS_MAX];
    Bus__RemovedMember removed[LIA_REMOVED_MAX], *removed_at[LIA_REMOVED_MAX];
    Bus__FormerKey former[LIA_FORMER_MAX], *former_at[LIA_FORMER_MAX];
} packing;

static size_t pack_list(const lia_members *members, uint8_t bytes[LIA_SIGNED_BYTES_MAX])
{
    packing parts;
    Bus__Members out = BUS__MEMBERS__INIT;
    for (size_t i = 0; i < members->count; i++)
        member_to(&members->list[i], parts.member_at[i] = &parts.members[i]);
    for (size_t i = 0; i < members->removed_count; i++)
        removed_to(&members->removed[i], parts.removed_at[i] = &parts.removed[i]);
    for (size_t i = 0; i < members->former_count; i++)
        former_to(&members->former[i], parts.former_at[i] = &parts.former[i]);
    out.has_cluster = out.has_epoch = true;
    out.cluster = borrow(&members->cluster, sizeof members->cluster);
    out.epoch = members->epoch;
    out.n_members = members->count;
    out.members = parts.member_at;
    out.n_removed = members->removed_count;
    out.removed = parts.removed_at;
    out.n_former = members->former_count;
    out.former = parts.former_at;
    return bus__members__pack(&out, bytes);
}

_Static_assert(LIA_MEMBERS_MAX *(sizeof(lia_member) + 32) +
                       LIA_REMOVED_MAX * (sizeof(lia_removed) + 16) +
                       LIA_FORMER_MAX * (sizeof(lia_former_key) + 16) +
                       LIA_ADMIN_CHANGES_MAX * (sizeof(lia_admin_change) + 16) + 512 <
                   LIA_SIGNED_BYTES_MAX,
               "a full list fits the limit");

lia_err lia_members_sign(const lia_members *members, const lia_sign_key *admin, uint8_t *bytes,
                         size_t *size, lia_why *why)
{
    uint8_t list[LIA_SIGNED_BYTES_MAX];
    Bus__AdminChange changes[LIA_ADMIN_CHANGES_MAX], *change_at[LIA_ADMIN_CHANGES_MAX];
    lia_err err = lia_members_check(members, why);
    if (err) return err;
    size_t list_size = pack_list(members, list);
    lia_signature signature = lia_sign(admin, lia_span_make(list, list_size));
    Bus__SignedMembers out = BUS__SIGNED_MEMBERS__INIT;
    for (size_t i = 0; i < members->change_count; i++) {
        const lia_admin_change *change = &members->changes[i];
        changes[i] = (Bus__AdminChange)BUS__ADMIN_CHANGE__INIT;
        changes[i].has_verify_key = changes[i].has_signature = true;
        changes[i].verify_key = borrow(&change->key, sizeof change->key);
        changes[i].signature = borrow(&change->signature, sizeof change->signature);
        change_at[i] = &changes[i];
    }
    out.n_changes = members->change_count;
    out.changes = change_at;
    out.has_list = out.has_signature = true;
    out.list = borrow(list, list_size);
    out.signature = borrow(&signature, sizeof signature);
    *size = bus__signed_members__pack(&out, bytes);
    return LIA_OK;
}

lia_err lia_members_write(const lia_members *members, const lia_sign_key *admin, const char *path,
                          lia_why *why)
{
    uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    size_t size;
    lia_err err = lia_members_sign(members, admin, bytes, &size, why);
    return err ? err : lia_file_replace(path, lia_span_make(bytes, size), 0644, why);
}

void lia_members_hand_over(lia_members *members, const lia_sign_key *old,
                           const lia_verify_key *fresh)
{
    uint8_t message[CHANGE_MESSAGE_SIZE];
    if (members->change_count ==
        LIA_ADMIN_CHANGES_MAX) /* who was away for that long needs a hand */
        memmove(members->changes, members->changes + 1,
                --members->change_count * sizeof members->changes[0]);
    members->changes[members->change_count++] =
        (lia_admin_change){*fresh, lia_sign(old, change_message(fresh, message))};
}

/* ---- a cluster's folder ---------------------------------------------------------------------- */

/* Takes the list at `path` if it is later than *out. What is broken there must not stop a node that
 * has another one: it is as if it were not there. */
static void take_later(lia_members *out, const char *dir, const char *name, uint8_t *bytes,
                       size_t *size)
{
    static const size_t capacity = LIA_SIGNED_BYTES_MAX;
    char path[PATH_MAX];
    uint8_t found[LIA_SIGNED_BYTES_MAX];
    lia_members later;
    size_t found_size;
    if (snprintf(path, sizeof path, "%s/%s/members", dir, name) >= (int)sizeof path ||
        lia_file_read(path, false, found, capacity, &found_size, NULL) ||
        lia_members_parse(&later, &out->admin, lia_span_make(found, found_size), NULL) ||
        !lia_members_later(&later, out) || lia_members_check_next(out, &later, NULL))
        return;
    *out = later;
    memcpy(bytes, found, found_size);
    *size = found_size;
}

lia_err lia_members_latest(lia_members *out, const char *dir, const char *name, uint8_t *bytes,
                           size_t *size, lia_why *why)
{
    static const size_t capacity = LIA_SIGNED_BYTES_MAX;
    char path[PATH_MAX];
    uint8_t own[LIA_SIGNED_BYTES_MAX];
    size_t own_size;
    lia_verify_key admin;
    if (!bytes) {
        bytes = own;
        size = &own_size;
    }
    *out = (lia_members){0};
    lia_err err = lia_admin_public_read(&admin, dir, why);
    if (err) return err;
    if (snprintf(path, sizeof path, "%s/members", dir) >= (int)sizeof path)
        return lia_why_set(why, LIA_EINVAL, "the path %.100s... is too long", dir);
    err = lia_file_read(path, false, bytes, capacity, size, why);
    if (!err) err = lia_members_parse(out, &admin, lia_span_make(bytes, *size), why);
    if (err) return err;
    if (name) {
        take_later(out, dir, name, bytes, size);
        return LIA_OK;
    }
    lia_members start = *out;
    for (size_t i = 0; i < start.count; i++) take_later(out, dir, start.list[i].name, bytes, size);
    return LIA_OK;
}
