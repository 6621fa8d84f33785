/* SPDX-License-Identifier: Apache-2.0 */
/* limits - every fixed bound of a node, with the reason for its size. */
#ifndef LIA_BASE_LIMITS_H
#define LIA_BASE_LIMITS_H

/* An event fits a bus frame and an LMDB overflow run with room to spare; notes longer than this
 * belong into a document. */
#define LIA_EVENT_BYTES_MAX ((size_t)64 << 10)

/* A sealed block is one frame on the bus: large enough that encryption costs little per event
 * (16 KiB and more), small enough to be resent without regret. A block ends when either is
 * reached. */
#define LIA_BLOCK_BYTES_MAX  ((size_t)96 << 10)
#define LIA_BLOCK_EVENTS_MAX 256

/* Bus frames above this are refused by the socket itself. A block plus its envelope is below. */
#define LIA_FRAME_BYTES_MAX ((size_t)1 << 20)

/* Live concurrent values kept per register; a fifth concurrent writer pushes out the lowest. */
#define LIA_REGISTER_LIVE_MAX 4

/* Registers of one record: fields plus set elements. Beyond this a record is a mistake. */
#define LIA_RECORD_REGISTERS_MAX 4096

/* Address space reserved for the log and the views; files grow only as they are used. */
#define LIA_MAP_BYTES_DEFAULT ((size_t)64 << 30)

/* The memory table in front of the views, before it is frozen and written out sorted. Two of
 * them can exist at once (one filling, one being written), which is most of a node's memory, and
 * while the disk is behind each may grow to four times of this. */
#define LIA_MEMTABLE_BYTES ((size_t)16 << 20)

/* Commands waiting for the writer. A full queue is answered with 503 and Retry-After. */
#define LIA_QUEUE_COMMANDS_MAX 4096

/* Most commands and blocks of one group commit; bounds the latency of the first one in it. */
#define LIA_GROUP_EVENTS_MAX 4096

/* Of them those of an import or its undoing, so that others wait some milliseconds for them. */
#define LIA_GROUP_BULK_MAX 512

/* Members of a cluster: a node number fits 16 bits, and a vector one frame. */
#define LIA_MEMBERS_MAX 64
#define LIA_LANES_MAX   1024

/* Customers that were ever erased: 16 MiB of ids on a node. */
#define LIA_ERASURES_MAX (1 << 20)

/* HTTP: heads are small, bodies are bounded by route. */
#define LIA_HTTP_HEAD_BYTES_MAX   ((size_t)16 << 10)
#define LIA_HTTP_FIELDS_MAX       64
#define LIA_HTTP_BODY_BYTES_MAX   ((size_t)1 << 20)
#define LIA_HTTP_BATCH_BYTES_MAX  ((size_t)8 << 20)
#define LIA_HTTP_CONNECTIONS_MAX  4096
#define LIA_PAGE_SIZE_DEFAULT     50
#define LIA_PAGE_SIZE_MAX         1000

/* A turn's arena: the largest batch body and what decoding it needs. Address space, not memory. */
#define LIA_TURN_ARENA_BYTES ((size_t)256 << 20)

#endif
