/* SPDX-License-Identifier: Apache-2.0 */
/* doctor - what is looked at by `liaison doctor`, and what is said of it. Each finding is a
 * sentence about what is so; one that is not fine has another that says what to do. Nothing is
 * changed. */
#ifndef LIA_LIAISON_DOCTOR_H
#define LIA_LIAISON_DOCTOR_H

#include <jansson.h>
#include <sys/types.h>

#include "common/bus/members.h"
#include "common/config/setting.h"
#include "tools/liaison/nodes.h"

typedef enum lia_verdict { LIA_FINE, LIA_WARNING, LIA_WRONG } lia_verdict;

typedef struct lia_doctor {
    json_t *findings;           /* {"check","at","verdict","says","remedy"} */
    size_t count[3];            /* by verdict */
    bool deep;                  /* look at all of the log */
    const lia_members *members; /* NULL: there is no list */
    const char *dir;            /* the cluster's folder; NULL: none was named */
} lia_doctor;

/* `check` names what was looked at ("disk.room"), `at` the node or file ("": the host); `remedy`
 * NULL: nothing is to be done. */
void lia_doctor_say(lia_doctor *doctor, lia_verdict verdict, const char *check, const char *at,
                    const char *remedy, const char *format, ...) LIA_PRINTF(6, 7);

/* Clock, memory, limits of what is started here. */
void lia_doctor_host(lia_doctor *doctor);

/* The disk of a folder: file system, room, how long a flush takes. `used`: bytes of the store on
 * it. */
void lia_doctor_disk(lia_doctor *doctor, const char *at, const char *path, uint64_t used);

/* A node's folder: who may read it, keys, log and views. True when its process runs. `settings`:
 * its own, where they are known; else NULL. */
bool lia_doctor_store(lia_doctor *doctor, const lia_member *member, const lia_settings *settings);

/* The log of a stopped or running node, in a process of its own. */
void lia_doctor_log(lia_doctor *doctor, const char *at, const char *dir);

/* The process that has locked this file; 0: none that can be seen. */
pid_t lia_doctor_owner(const char *lock);

/* A node that should answer. `runs`: its process was seen; `is_here`: its folder was. */
typedef struct lia_doctor_node {
    const lia_target *target;
    bool runs, is_here;
} lia_doctor_node;
/* All of them. `may_be_none`: nobody said that there are any. */
void lia_doctor_nodes(lia_doctor *doctor, const lia_doctor_node *nodes, size_t count,
                      bool may_be_none);

/* How long the certificate of these settings counts, and whether its key is that key. */
void lia_doctor_certificate(lia_doctor *doctor, const char *at, const lia_settings *settings);
/* The same of what a node tells. */
void lia_doctor_expiry(lia_doctor *doctor, const char *at, int64_t expires_s);

#endif
