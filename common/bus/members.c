/* SPDX-License-Identifier: Apache-2.0 */
/* The signature is checked over the bytes as they came, before the list in them is unpacked:
 * nobody but the administrators reaches the inner parser. */
#include "common/bus/members.h"

#include <ctype.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/bus/address.h"
#include "common/bus/file.h"
#include "proto/bus.pb-c.h"

/* 64 members of about 300 bytes, and room for fields that a later version adds. */
#define SIGNED_BYTES_MAX ((size_t)64 << 10)
/* protobuf-c spends up to 40 bytes for each byte of unknown fields. */
#define ARENA_BYTES ((size_t)8 << 20)

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

static lia_err check_list(const lia_members *members, lia_why *why)
{
    if (lia_id_is_none(members->cluster))
        return lia_why_set(why, LIA_EINVAL, "the member list names no cluster");
    if (members->epoch == 0)
        return lia_why_set(why, LIA_EINVAL, "the member list has no epoch; the first is 1");
    if (members->count == 0) return lia_why_set(why, LIA_EINVAL, "the member list is empty");
    if (members->count > LIA_MEMBERS_MAX)
        return lia_why_set(why, LIA_EINVAL, "the member list has more than %d members",
                           LIA_MEMBERS_MAX);
    for (size_t i = 0; i < members->count; i++) {
        lia_err err = check_member(&members->list[i], why);
        if (err) return err;
        for (size_t j = 0; j < i; j++) {
            const char *clash = clash_of(&members->list[j], &members->list[i]);
            if (clash)
                return lia_why_set(why, LIA_EINVAL, "members %s (%u) and %s (%u) have the same %s",
                                   members->list[j].name, members->list[j].number,
                                   members->list[i].name, members->list[i].number, clash);
        }
    }
    return LIA_OK;
}

/* ---- from protobuf -------------------------------------------------------------------------- */

static void *take(void *arena, size_t size)
{
    return lia_arena_take(arena, size);
}
static void keep(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

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

static lia_err list_from(const Bus__Members *in, lia_members *out, lia_why *why)
{
    if (!copy_bytes(in->cluster, out->cluster.bytes, sizeof out->cluster.bytes))
        return lia_why_set(why, LIA_EINVAL, "the member list's cluster id is not 16 bytes");
    if (in->n_members > LIA_MEMBERS_MAX)
        return lia_why_set(why, LIA_EINVAL, "the member list has more than %d members",
                           LIA_MEMBERS_MAX);
    out->epoch = in->epoch;
    out->count = in->n_members;
    for (size_t i = 0; i < in->n_members; i++) {
        lia_err err = member_from(in->members[i], &out->list[i], why);
        if (err) return err;
    }
    return check_list(out, why);
}

static lia_err check_signature(const Bus__SignedMembers *in, const lia_verify_key *admin,
                               lia_why *why)
{
    lia_signature signature;
    if (!copy_bytes(in->signature, signature.bytes, sizeof signature.bytes) ||
        !lia_sign_check(admin, lia_span_make(in->list.data, in->list.len), &signature))
        return lia_why_set(why, LIA_EDENIED,
                           "the member list is not signed by this cluster's administrators");
    return LIA_OK;
}

static lia_err parse_in(lia_arena *arena, lia_members *out, const lia_verify_key *admin,
                        lia_span bytes, lia_why *why)
{
    ProtobufCAllocator memory = {.alloc = take, .free = keep, .allocator_data = arena};
    Bus__SignedMembers *outer = bus__signed_members__unpack(&memory, bytes.size, bytes.data);
    if (!outer) return lia_why_set(why, LIA_EINVAL, "this is not a member list");
    lia_err err = check_signature(outer, admin, why);
    if (err) return err;
    Bus__Members *list = bus__members__unpack(&memory, outer->list.len, outer->list.data);
    if (!list) return lia_why_set(why, LIA_EINVAL, "the signed member list is malformed");
    return list_from(list, out, why);
}

lia_err lia_members_parse(lia_members *out, const lia_verify_key *admin, lia_span bytes,
                          lia_why *why)
{
    lia_arena arena;
    *out = (lia_members){0};
    if (bytes.size > SIGNED_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "the member list is larger than %zu bytes",
                           SIGNED_BYTES_MAX);
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
    static const size_t capacity = SIGNED_BYTES_MAX + 1;
    uint8_t bytes[SIGNED_BYTES_MAX + 1];
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

static size_t pack_list(const lia_members *members, uint8_t bytes[SIGNED_BYTES_MAX])
{
    Bus__Member list[LIA_MEMBERS_MAX], *pointers[LIA_MEMBERS_MAX];
    Bus__Members out = BUS__MEMBERS__INIT;
    for (size_t i = 0; i < members->count; i++) {
        member_to(&members->list[i], &list[i]);
        pointers[i] = &list[i];
    }
    out.has_cluster = out.has_epoch = true;
    out.cluster = borrow(&members->cluster, sizeof members->cluster);
    out.epoch = members->epoch;
    out.n_members = members->count;
    out.members = pointers;
    return bus__members__pack(&out, bytes);
}

_Static_assert(LIA_MEMBERS_MAX *(sizeof(lia_member) + 32) + 512 < SIGNED_BYTES_MAX,
               "a full list fits the limit");

lia_err lia_members_write(const lia_members *members, const lia_sign_key *admin, const char *path,
                          lia_why *why)
{
    uint8_t list[SIGNED_BYTES_MAX], bytes[SIGNED_BYTES_MAX];
    lia_err err = check_list(members, why);
    if (err) return err;
    size_t size = pack_list(members, list);
    lia_signature signature = lia_sign(admin, lia_span_make(list, size));
    Bus__SignedMembers out = BUS__SIGNED_MEMBERS__INIT;
    out.has_list = out.has_signature = true;
    out.list = borrow(list, size);
    out.signature = borrow(&signature, sizeof signature);
    size = bus__signed_members__pack(&out, bytes);
    return lia_file_replace(path, lia_span_make(bytes, size), 0644, why);
}
