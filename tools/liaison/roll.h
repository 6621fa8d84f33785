/* SPDX-License-Identifier: Apache-2.0 */
/* roll - the member list at the administrators' side: fetched from the nodes, signed anew, handed
 * to all, and waited for. */
#ifndef LIA_LIAISON_ROLL_H
#define LIA_LIAISON_ROLL_H

#include "common/bus/members.h"
#include "tools/liaison/client.h"

typedef struct lia_roll {
    const lia_args *args;
    const char *dir;    /* NULL: none was given */
    lia_sign_key admin; /* wiped by lia_roll_fini */
    lia_members list;   /* the latest that any node has; changed by the caller, then signed */
    lia_members before; /* as it was fetched */
    uint16_t newcomer; /* not waited for: it starts once it has the list; 0: nobody */
    char token[256];
} lia_roll;

/* Reads the administrators' key (from --admin DIR, else --dir) and asks the nodes for their lists.
 * `needs_key` false: only to look.
 *   LIA_EIO  no node answers;  LIA_EDENIED  the key is not this cluster's */
LIA_MUST_USE lia_err lia_roll_open(lia_roll *out, const lia_args *args, bool needs_key,
                                   lia_why *why);
void lia_roll_fini(lia_roll *roll);

/* Signs the changed list as the next one, gives it to a node, waits until all members have it in
 * force and gives it to those that do not hear of it from others. DIR/members follows. `also`: a
 * number that the list removes, 0 for none: it is drained first (unless --force) and told. *missing names who lacks it in the end, ""
 * for nobody: no error.
 *   LIA_EIO  no node takes it, or LIA_EINVAL ...; nothing changed */
#define LIA_ROLL_TEXT 512
LIA_MUST_USE lia_err lia_roll_publish(lia_roll *roll, const lia_sign_key *signer, uint16_t also,
                                      char missing[LIA_ROLL_TEXT], lia_why *why);

/* Waits until all members hold the same of the lanes of `number` and settles how far its former
 * keys count. `present`: an incarnation that goes on under the present key; 0: none. True when it
 * was done; otherwise `why` says what it waits for. */
bool lia_roll_close(lia_roll *roll, uint16_t number, uint64_t present, lia_why *why);

/* The incarnation that the node writes now, 0 when it does not answer. */
uint64_t lia_roll_incarnation(const lia_roll *roll, uint16_t number);
/* How many events of its own the node has that no other node is known to have, -1 when it does not
 * answer. */
int64_t lia_roll_unshared(const lia_roll *roll, uint16_t number);

/* The least number that nobody has or had. */
uint16_t lia_roll_free_number(const lia_members *list);

/* GET of one member; NULL with a sentence. */
json_t *lia_roll_get(const lia_roll *roll, const lia_member *member, const char *path,
                     lia_why *why);
/* A fifth of a second. */
void lia_roll_pause(void);

/* peer.c: gives the member the public keys in the file at `path`, publishes, settles its former key
 * and says so. The exit status; ends the roll. */
int lia_peer_rekey(lia_roll *roll, uint16_t number, const char *path);

/* Options of every command that signs. */
#define LIA_OPTION_ADMIN                                                                           \
    {                                                                                              \
        .name = "admin", .value = "DIR", .help = "the folder with admin.key (default: --dir)"      \
    }
#define LIA_OPTION_WAIT                                                                            \
    {                                                                                              \
        .name = "wait", .value = "SECONDS", .is_number = true, .min = 0, .max = 3600,              \
        .help = "how long to wait for all nodes (default: 30)"                                     \
    }

#endif
