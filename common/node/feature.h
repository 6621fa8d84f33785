/* SPDX-License-Identifier: Apache-2.0 */
/* feature - what a release brings that others must understand before it is used. Every node says in
 * its greetings which features it understands; one is switched on when all members of the list in
 * force can, and are heard, and stays on: what was written with it is in everybody's log.
 *
 *     understood here --+-- all peers that are members understand it --> wanted
 *                       +-- a peer has it on                         --> wanted
 *     wanted --> noted in the log, in a batch of its own writer --> on: kinds of it may be written
 *
 * How far back a node can go is said by the bits. Those below LIA_FEATURE_BINDS are carried by
 * releases that do not know them, as unknown kinds and fields are; a store in which they are on can
 * be opened by an older release. From LIA_FEATURE_BINDS on they change what older releases would
 * misread: those refuse such a store at their start, and take no commands among members that have
 * one on. The release that brings such a feature understands it, and the one after it says so in
 * greetings, so that one release back is always possible. */
#ifndef LIA_NODE_FEATURE_H
#define LIA_NODE_FEATURE_H

#include "common/store/log.h"

#define LIA_FEATURE_BINDS 32

typedef struct lia_feature {
    unsigned bit;
    const char *name;  /* "announced" */
    const char *since; /* "0.1.0" */
    const char *what;  /* a sentence without its end */
    uint16_t kind;     /* of records; 0: none */
    bool said;         /* in greetings */
} lia_feature;

extern const lia_feature lia_feature_rows[];
extern const size_t lia_feature_count;

/* All that this release understands, and what of it greetings say. */
uint64_t lia_features_known(void);
uint64_t lia_features_said(void);
/* Whether one of these would be misread by this release. */
bool lia_features_misread(uint64_t on);
/* The one that a kind needs; NULL: none. */
const lia_feature *lia_feature_of_kind(uint16_t kind);

/* What is on in this store; a row of meta, "bit name since" in lines, so that a release which does
 * not know a feature can name it. */
typedef struct lia_features {
    uint64_t on;       /* also those that are not understood here */
    char foreign[256]; /* of those: "vouchers (0.3.0)", with commas between; empty: none */
} lia_features;

/* LIA_EVERSION: one that binds is on and not understood here; `why` says which release is wanted.
 * LIA_ECORRUPT, and what the log says. */
LIA_MUST_USE lia_err lia_features_load(lia_features *out, lia_log_reader *reader, lia_why *why);
/* Notes in the batch that is open that `on` are on, besides those that are noted. */
LIA_MUST_USE lia_err lia_features_save(lia_log *log, uint64_t on);

/* The row's text, for the store and for the fuzzer: adds its features to *out. LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_features_parse(lia_features *out, lia_span text);

#endif
