/* SPDX-License-Identifier: Apache-2.0 */
/* pieces - what lies on a shelf of one node: the list of its backup's pieces, and the pieces.
 *
 *     NODE/index          JSON: whole pieces, oldest first; what is to be removed. Replaced whole,
 * so a piece counts from the moment it is in there, and never before NODE/PIECE/0001 ... volumes:
 * parts (common/backup/part.h) one behind the other */
#ifndef LIA_LIAISON_PIECES_H
#define LIA_LIAISON_PIECES_H

#include "common/backup/part.h"
#include "common/bus/members.h"
#include "tools/liaison/shelf.h"

#define LIA_VOLUMES_MAX 4096
#define LIA_PIECES_MAX  4096

typedef struct lia_piece {
    char id[LIA_ID_TEXT_SIZE];
    bool full;
    uint64_t from, to, bytes;
    lia_time time;
    uint64_t incarnation;
    lia_hash end; /* of its last part: what the next one names */
    size_t volume_count;
    lia_hash *volumes; /* of their bytes; malloc */
} lia_piece;

typedef struct lia_pieces {
    char node[32];
    lia_id cluster;
    lia_piece *list; /* malloc */
    size_t count;
    char (*doomed)[LIA_ID_TEXT_SIZE]; /* ids of pieces that are not whole, or no longer wanted */
    size_t doomed_count;
} lia_pieces;

/* Reads NODE/index; none is an empty one.
 *   LIA_ECORRUPT  it is no such list; `why` names the place */
LIA_MUST_USE lia_err lia_pieces_read(lia_pieces *out, lia_shelf *shelf, const char *node,
                                     lia_why *why);
/* From text, for lia_pieces_read; fuzzed. */
LIA_MUST_USE lia_err lia_pieces_parse(lia_pieces *out, const char *node, lia_span text,
                                      lia_why *why);
LIA_MUST_USE lia_err lia_pieces_write(const lia_pieces *pieces, lia_shelf *shelf, lia_why *why);
void lia_pieces_fini(lia_pieces *pieces);

/* Adds a piece, taking its volumes; names one to be removed; strikes that out again. LIA_EFULL */
LIA_MUST_USE lia_err lia_pieces_add(lia_pieces *pieces, const lia_piece *take_piece);
LIA_MUST_USE lia_err lia_pieces_doom(lia_pieces *pieces, const char *id);
void lia_pieces_spare(lia_pieces *pieces, const char *id);
/* Removes what is doomed from the shelf, and from the list on it. */
LIA_MUST_USE lia_err lia_pieces_sweep(lia_pieces *pieces, lia_shelf *shelf, lia_why *why);
/* Dooms all but the last `keep` full pieces and what goes on from them. */
LIA_MUST_USE lia_err lia_pieces_thin(lia_pieces *pieces, size_t keep);

/* "NODE/PIECE/0001" */
#define LIA_VOLUME_NAME_SIZE 96
void lia_volume_name(char out[LIA_VOLUME_NAME_SIZE], const char *node, const char *piece,
                     size_t number);
lia_hash lia_volume_hash(lia_span bytes);

/* ---- the key --------------------------------------------------------------------------------- */

/* What opens a backup, in a file of its own: the secret, and whom to believe. */
typedef struct lia_backup_key {
    lia_letter_secret secret;
    lia_id cluster;
    lia_verify_key admin;
} lia_backup_key;

LIA_MUST_USE lia_err lia_backup_key_write(const lia_backup_key *key, const char *path,
                                          lia_why *why);
/* LIA_EDENIED  others can read it     LIA_EINVAL  it is none; `why` names the line */
LIA_MUST_USE lia_err lia_backup_key_read(lia_backup_key *out, const char *path, lia_why *why);

/* ---- opening pieces -------------------------------------------------------------------------- */

typedef struct lia_opened {
    const lia_backup_key *key;
    const lia_members *members; /* who may have signed; NULL: nothing is checked yet */
    lia_err (*rows)(void *context, const lia_part *part, lia_span rows, lia_why *why);
    void *context;
} lia_opened;

/* Fetches the piece and gives the rows of each part in order, once all before it was found to be
 * right. `parent`: what it must go on from. *last is the last part. LIA_ECORRUPT, LIA_EDENIED  with
 * volume and part     or what `rows` returned */
LIA_MUST_USE lia_err lia_piece_open(const lia_piece *piece, const char *node, lia_shelf *shelf,
                                    const lia_opened *to, const lia_hash *parent, lia_why *why);
/* The same for its last part alone, where the files are. Nothing says yet who has signed. */
LIA_MUST_USE lia_err lia_piece_open_last(const lia_piece *piece, const char *node, lia_shelf *shelf,
                                         const lia_opened *to, lia_why *why);

#endif
