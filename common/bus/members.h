/* SPDX-License-Identifier: Apache-2.0 */
/* members - who belongs to the cluster, signed by its administrators, and a node's own keys.
 *
 *     DIR/members               SignedMembers (proto/bus.proto) as the operator gave it
 *     DIR/admin.key             the administrators' signing key, hex, mode 0600; not needed by nodes
 *     DIR/admin.pub             its public half: what nodes check the first list against
 *     DIR/<name>/members        the list that this node has in force, when it learnt a later one
 *     DIR/<name>/node.keys      a node's CURVE and signing secrets, mode 0600
 *     DIR/<name>/node.keys.next those that it takes when a list names them
 *     DIR/<name>/node.keys.former  those before, until all others know the present ones
 *
 * A number and a name belong to one member for ever. Signing keys that are no longer used stay in
 * the list as former keys, so that what they signed can still be checked: first for all that
 * carries the member's number, and, once it is known how far its lanes reached, for exactly that. So
 * a key that is stolen later can add nothing. */
#ifndef LIA_BUS_MEMBERS_H
#define LIA_BUS_MEMBERS_H

#include "common/base/crypto.h"
#include "common/base/id.h"
#include "common/base/limits.h"

#define LIA_CURVE_KEY_SIZE    32
#define LIA_READERS_MAX       64 /* tools that may subscribe */
#define LIA_REMOVED_MAX       192
#define LIA_FORMER_MAX        256
#define LIA_ADMIN_CHANGES_MAX 8
#define LIA_SIGNED_BYTES_MAX  ((size_t)64 << 10)

typedef struct lia_member {
    uint16_t number;
    uint8_t department; /* lia_department of wire/schema.h */
    uint16_t shard;
    char name[32];
    char bus[64], http[64], pub[64];       /* "127.0.0.1:27104"; empty: none */
    uint8_t curve_key[LIA_CURVE_KEY_SIZE]; /* public */
    lia_verify_key verify_key;
} lia_member;

typedef struct lia_removed {
    uint16_t number;
    uint8_t department;
    char name[32];
} lia_removed;

typedef struct lia_former_key {
    uint16_t number;
    lia_verify_key key;
    uint64_t incarnation; /* 0: all of the member's, without an end */
    uint64_t last;        /* highest event of that incarnation which the key counts for */
} lia_former_key;

/* The old key's word that another one signs from now on. */
typedef struct lia_admin_change {
    lia_verify_key key;
    lia_signature signature;
} lia_admin_change;

typedef struct lia_members {
    lia_id cluster;
    uint64_t epoch;
    lia_member list[LIA_MEMBERS_MAX];
    size_t count;
    lia_removed removed[LIA_REMOVED_MAX];
    size_t removed_count;
    lia_former_key former[LIA_FORMER_MAX];
    size_t former_count;
    lia_admin_change changes[LIA_ADMIN_CHANGES_MAX];
    size_t change_count;

    /* Known of a list that was read: */
    lia_verify_key admin; /* who signed it: what the next list is checked against */
    uint64_t mark;        /* of its bytes: tells lists of one epoch apart */
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
const lia_removed *lia_members_find_removed(const lia_members *members, uint16_t number);
/* Of a member or of one that was removed; NULL: nobody ever had the number. */
const char *lia_members_name(const lia_members *members, uint16_t number);
/* Whether `a` counts and not `b`: the higher epoch, and of two with one epoch (signed at the same time
 * by two people) the one with the higher mark, so that all nodes end with the same. */
bool lia_members_later(const lia_members *a, const lia_members *b);

/* What `next` changes, for people: "added sales2; removed service". */
void lia_members_describe(const lia_members *now, const lia_members *next, char *text, size_t size);

/* ---- changing --------------------------------------------------------------------------------- */

/* The rules of a list by itself.   LIA_EINVAL, with the place named */
LIA_MUST_USE lia_err lia_members_check(const lia_members *members, lia_why *why);
/* Whether `next` may follow `now`: the same cluster, numbers and names stay with whom they belong
 * to, and what was said of former keys stands.   LIA_EINVAL, with the place named */
LIA_MUST_USE lia_err lia_members_check_next(const lia_members *now, const lia_members *next,
                                            lia_why *why);

/* Takes a member out: its number and name stay reserved, its signing key becomes a former one.
 *   LIA_EABSENT  no such member      LIA_EFULL  no more can be remembered */
LIA_MUST_USE lia_err lia_members_remove(lia_members *members, uint16_t number, lia_why *why);
/* Gives a member new public keys. Another signing key makes the present one a former one.
 *   LIA_EABSENT, LIA_EFULL as above */
LIA_MUST_USE lia_err lia_members_rekey(lia_members *members, uint16_t number,
                                       const uint8_t curve_key[LIA_CURVE_KEY_SIZE],
                                       const lia_verify_key *verify_key, lia_why *why);
/* Whether a former key of `number` still counts without an end. */
bool lia_members_is_open(const lia_members *members, uint16_t number);
/* Replaces the open former keys of `number` by the lanes given: how far each incarnation reached
 * under them.   LIA_EFULL */
LIA_MUST_USE lia_err lia_members_close(lia_members *members, uint16_t number,
                                       const uint64_t *incarnations, const uint64_t *lasts,
                                       size_t count, lia_why *why);
/* From the next list on another key signs: `old` vouches for it. Readers that know any of the last
 * few keys follow. */
void lia_members_hand_over(lia_members *members, const lia_sign_key *old,
                           const lia_verify_key *fresh);

/* ---- bytes ------------------------------------------------------------------------------------ */

/* Serialises and signs; *size is what was written to `out` (LIA_SIGNED_BYTES_MAX bytes). */
LIA_MUST_USE lia_err lia_members_sign(const lia_members *members, const lia_sign_key *admin,
                                      uint8_t *out, size_t *size, lia_why *why);
LIA_MUST_USE lia_err lia_members_write(const lia_members *members, const lia_sign_key *admin,
                                       const char *path, lia_why *why);
/* Reading refuses a bad signature (LIA_EDENIED) and what breaks the rules (LIA_EINVAL), each with
 * a sentence. `admin` is a key that signed this list, or one before it in the list's own chain of
 * changes. Fuzzed. */
LIA_MUST_USE lia_err lia_members_parse(lia_members *out, const lia_verify_key *admin,
                                       lia_span bytes, lia_why *why);
LIA_MUST_USE lia_err lia_members_read(lia_members *out, const lia_verify_key *admin,
                                      const char *path, lia_why *why);

/* The list that counts in a cluster's folder: DIR/members, or a later one that a node of it has
 * learnt (DIR/<name>/members; of all nodes when `name` is NULL). `bytes` may be NULL; else it holds
 * LIA_SIGNED_BYTES_MAX. Errors as lia_members_read. */
LIA_MUST_USE lia_err lia_members_latest(lia_members *out, const char *dir, const char *name,
                                        uint8_t *bytes, size_t *size, lia_why *why);

/* ---- keys ------------------------------------------------------------------------------------- */

void lia_node_keys_make(lia_node_keys *out);
/* Files are created with mode 0600; reading refuses a file that others can read (LIA_EDENIED). */
LIA_MUST_USE lia_err lia_node_keys_write(const lia_node_keys *keys, const char *path, lia_why *why);
LIA_MUST_USE lia_err lia_node_keys_read(lia_node_keys *out, const char *path, lia_why *why);
/* Whether they are the ones that the list has for this member. */
bool lia_node_keys_are_of(const lia_node_keys *keys, const lia_member *member);
/* The public halves, for whoever signs the list. */
LIA_MUST_USE lia_err lia_node_public_write(const lia_node_keys *keys, const char *path,
                                           lia_why *why);
LIA_MUST_USE lia_err lia_node_public_read(uint8_t curve_key[LIA_CURVE_KEY_SIZE],
                                          lia_verify_key *verify_key, const char *path,
                                          lia_why *why);
LIA_MUST_USE lia_err lia_admin_key_write(const lia_sign_key *key, const char *dir, lia_why *why);
LIA_MUST_USE lia_err lia_admin_key_read(lia_sign_key *out, const char *dir, lia_why *why);
LIA_MUST_USE lia_err lia_admin_public_write(const lia_verify_key *key, const char *dir, lia_why *why);
LIA_MUST_USE lia_err lia_admin_public_read(lia_verify_key *out, const char *dir, lia_why *why);

#endif
