/* SPDX-License-Identifier: Apache-2.0 */
/* members - who belongs to the cluster, signed by its administrators, and a node's own keys.
 *
 *     DIR/members           SignedMembers (proto/bus.proto): one file, the same for every node
 *     DIR/admin.key         the administrators' signing key, hex, mode 0600; not needed by nodes
 *     DIR/admin.pub         its public half: what nodes check the list against
 *     DIR/<name>/node.keys  a node's CURVE and signing secrets, mode 0600 */
#ifndef LIA_BUS_MEMBERS_H
#define LIA_BUS_MEMBERS_H

#include "common/base/crypto.h"
#include "common/base/id.h"
#include "common/base/limits.h"

#define LIA_CURVE_KEY_SIZE 32

typedef struct lia_member {
    uint16_t number;
    uint8_t department; /* lia_department of wire/schema.h */
    uint16_t shard;
    char name[32];
    char bus[64], http[64], pub[64];       /* "127.0.0.1:27104"; empty: none */
    uint8_t curve_key[LIA_CURVE_KEY_SIZE]; /* public */
    lia_verify_key verify_key;
} lia_member;

typedef struct lia_members {
    lia_id cluster;
    uint64_t epoch;
    lia_member list[LIA_MEMBERS_MAX];
    size_t count;
} lia_members;

typedef struct lia_node_keys {
    uint8_t curve_secret[LIA_CURVE_KEY_SIZE];
    uint8_t curve_public[LIA_CURVE_KEY_SIZE];
    lia_sign_key sign;
    lia_verify_key verify;
} lia_node_keys;

/* NULL when there is none. */
const lia_member *lia_members_find(const lia_members *members, uint16_t number);
const lia_member *lia_members_by_name(const lia_members *members, const char *name);

/* Serialises and signs; reads and checks. Reading refuses a bad signature (LIA_EDENIED), duplicate
 * numbers, names or keys, and bad addresses (LIA_EINVAL), each with a sentence. */
LIA_MUST_USE lia_err lia_members_write(const lia_members *members, const lia_sign_key *admin,
                                       const char *path, lia_why *why);
LIA_MUST_USE lia_err lia_members_read(lia_members *out, const lia_verify_key *admin,
                                      const char *path, lia_why *why);
/* The same from bytes (a list that came by the log). Fuzzed. */
LIA_MUST_USE lia_err lia_members_parse(lia_members *out, const lia_verify_key *admin,
                                       lia_span bytes, lia_why *why);

void lia_node_keys_make(lia_node_keys *out);
/* Files are created with mode 0600; reading refuses a file that others can read (LIA_EDENIED). */
LIA_MUST_USE lia_err lia_node_keys_write(const lia_node_keys *keys, const char *path, lia_why *why);
LIA_MUST_USE lia_err lia_node_keys_read(lia_node_keys *out, const char *path, lia_why *why);
LIA_MUST_USE lia_err lia_admin_key_write(const lia_sign_key *key, const char *dir, lia_why *why);
LIA_MUST_USE lia_err lia_admin_key_read(lia_sign_key *out, const char *dir, lia_why *why);
LIA_MUST_USE lia_err lia_admin_public_read(lia_verify_key *out, const char *dir, lia_why *why);

#endif
