/* SPDX-License-Identifier: Apache-2.0 */
/* join - how a new node and the administrators find one another over a node that neither has to
 * trust. A code goes from one person to the other; in it are a secret and the cluster's
 * fingerprint. What the two then say to one another lies in a box at some node, under a mark made
 * by the secret:
 *
 *     administrators                    a node's box                    the new node
 *     code = secret, fingerprint  ----- told or written by people ----->
 *                                       <- ask: its public keys, addresses
 *     mark is right? sign the next list
 *     answer: name, list            ->                                  -> mark and fingerprint are
 * right?
 *
 * Whoever owns the box, or the wire to it, can be in the way and do nothing else. Pure. */
#ifndef LIA_BUS_JOIN_H
#define LIA_BUS_JOIN_H

#include "common/bus/members.h"

#define LIA_JOIN_SECRET_SIZE 16
#define LIA_JOIN_BOX_SIZE    16

typedef struct lia_join_code {
    uint8_t secret[LIA_JOIN_SECRET_SIZE];
    uint8_t cluster[LIA_DIGEST_SIZE]; /* fingerprint: its id, and the key that signs its list */
} lia_join_code;

/* "join-" and 68 hexadecimal digits, of which the last four find a slip of the pen. */
#define LIA_JOIN_CODE_TEXT_SIZE 74
void lia_join_code_make(lia_join_code *out, lia_id cluster, const lia_verify_key *admin);
void lia_join_code_print(const lia_join_code *code, char text[LIA_JOIN_CODE_TEXT_SIZE]);
/* LIA_EINVAL  it is none, or was not copied right; `why` tells which */
LIA_MUST_USE lia_err lia_join_code_parse(lia_join_code *out, lia_span text, lia_why *why);
/* Where the two meet: follows from the secret, which does not follow from it. */
void lia_join_box(const lia_join_code *code, uint8_t box[LIA_JOIN_BOX_SIZE]);

/* What the new node says of itself; of `member` keys and addresses count. */
#define LIA_JOIN_ASK_SIZE (LIA_CURVE_KEY_SIZE + LIA_VERIFY_KEY_SIZE + 3 * 64 + LIA_HASH_SIZE)
void lia_join_ask_write(uint8_t out[LIA_JOIN_ASK_SIZE], const lia_join_code *code,
                        const lia_member *member);
/* LIA_EDENIED  whoever wrote it does not have the code, or it was changed     LIA_EINVAL  an
 * address is none */
LIA_MUST_USE lia_err lia_join_ask_read(lia_member *out, const lia_join_code *code, lia_span bytes);

/* The answer: who it is now, by which list. `ask` ties it to the question. */
#define LIA_JOIN_ANSWER_MAX (LIA_HASH_SIZE + LIA_VERIFY_KEY_SIZE + 2 + LIA_SIGNED_BYTES_MAX)
size_t lia_join_answer_write(uint8_t out[LIA_JOIN_ANSWER_MAX], const lia_join_code *code,
                             lia_span ask, uint16_t number, const lia_verify_key *admin,
                             lia_span list);
/* *list borrows `bytes`; `members` is what it says, and *self the own entry in it.
 *   LIA_EDENIED  not from whoever made the code, not of that cluster, or not about these keys;
 * `why` tells */
LIA_MUST_USE lia_err lia_join_answer_read(lia_members *members, const lia_member **self,
                                          lia_verify_key *admin, lia_span *list,
                                          const lia_join_code *code, lia_span ask, lia_span bytes,
                                          lia_why *why);

#endif
