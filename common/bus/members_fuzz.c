/* SPDX-License-Identifier: Apache-2.0 */
/* Even first bytes: the rest is a list as administrators would sign it, so the inner parser and the
 * rules are reached. Odd: the rest comes as it is. What is accepted must survive being written. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/bus/members.h"
#include "proto/bus.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *sign(const lia_sign_key *admin, lia_span list, size_t *size)
{
    lia_signature signature = lia_sign(admin, list);
    Bus__SignedMembers out = BUS__SIGNED_MEMBERS__INIT;
    out.has_list = out.has_signature = true;
    out.list = (ProtobufCBinaryData){list.size, (uint8_t *)(uintptr_t)list.data};
    out.signature = (ProtobufCBinaryData){sizeof signature, signature.bytes};
    uint8_t *bytes = malloc(bus__signed_members__get_packed_size(&out));
    lia_assert(bytes);
    *size = bus__signed_members__pack(&out, bytes);
    return bytes;
}

static void check(const lia_members *members, const lia_sign_key *admin)
{
    lia_assert(members->count > 0 && members->count <= LIA_MEMBERS_MAX);
    for (size_t i = 0; i < members->count; i++) {
        const lia_member *member = &members->list[i];
        lia_assert(lia_members_find(members, member->number) == member);
        lia_assert(lia_members_by_name(members, member->name) == member);
    }
    lia_assert(members->removed_count <= LIA_REMOVED_MAX);
    for (size_t i = 0; i < members->removed_count; i++)
        lia_assert(!lia_members_find(members, members->removed[i].number));
    lia_assert(members->former_count <= LIA_FORMER_MAX);
    for (size_t i = 0; i < members->former_count; i++)
        lia_assert(lia_members_name(members, members->former[i].number));
    lia_assert(members->change_count <= LIA_ADMIN_CHANGES_MAX);
    lia_assert(lia_members_check_next(members, members, NULL) == LIA_OK);
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    static lia_members again;
    size_t size;
    lia_assert(lia_members_sign(members, admin, bytes, &size, NULL) == LIA_OK);
    lia_verify_key verify = lia_sign_public(admin);
    lia_assert(lia_members_parse(&again, &verify, lia_span_make(bytes, size), NULL) == LIA_OK);
    lia_assert(again.count == members->count && again.former_count == members->former_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_sign_key admin;
    static lia_verify_key verify;
    static lia_members members;
    static bool ready;
    if (!ready) {
        lia_assert(lia_crypto_init() == LIA_OK);
        lia_sign_keys(&verify, &admin);
        ready = true;
    }
    if (size == 0) return 0;
    lia_span rest = lia_span_make(data + 1, size - 1);
    lia_why why = {0};
    uint8_t *bytes = NULL;
    if (data[0] % 2 == 0) {
        size_t signed_size;
        bytes = sign(&admin, rest, &signed_size);
        rest = lia_span_make(bytes, signed_size);
    }
    lia_err err = lia_members_parse(&members, &verify, rest, &why);
    lia_assert(err ? why.text[0] != 0 : bytes != NULL);
    if (!err) check(&members, &admin);
    free(bytes);
    return 0;
}
