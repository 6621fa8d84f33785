/* SPDX-License-Identifier: Apache-2.0 */
/* log - one JSON line per event on stderr, past tense ("deal.won"), with trace_id and span_id
 * of what the thread is at (trace.h). Lines that go to systemd's journal have their level before
 * them as it reads it ("<4>"), for journalctl -p.
 * error wakes someone, warn is degraded, info is a change of state, debug is off by default. */
#ifndef LIA_BASE_LOG_H
#define LIA_BASE_LOG_H

#include "common/base/id.h"

typedef enum lia_log_level { LIA_DEBUG, LIA_INFO, LIA_WARN, LIA_ERROR } lia_log_level;

typedef struct lia_log_field {
    enum { LIA_LOG_TEXT, LIA_LOG_INT, LIA_LOG_ID, LIA_LOG_HIDDEN } type;
    const char *name;
    const char *text;
    int64_t number;
    lia_id id;
} lia_log_field;

#define LIA_TEXT(n, t) ((lia_log_field){.type = LIA_LOG_TEXT, .name = (n), .text = (t)})
#define LIA_INT(n, v)  ((lia_log_field){.type = LIA_LOG_INT, .name = (n), .number = (int64_t)(v)})
#define LIA_MS(n, v)   LIA_INT(n, v)
#define LIA_ID(n, v)   ((lia_log_field){.type = LIA_LOG_ID, .name = (n), .id = (v)})
#define LIA_ERR(e)     LIA_TEXT("error", lia_err_text(e))
/* Marks that a personal value was there; the value itself is never printed. */
#define LIA_PRIVATE(n, v) ((void)(v), (lia_log_field){.type = LIA_LOG_HIDDEN, .name = (n)})

/* LIA_LOG(INFO, "deal.won", LIA_ID("deal", id), LIA_MS("took_ms", took)); */
#define LIA_LOG(level, event, ...)                                                                 \
    lia_log_write(LIA_##level, event, (lia_log_field[]){{0}, ##__VA_ARGS__},                       \
                  sizeof((lia_log_field[]){{0}, ##__VA_ARGS__}) / sizeof(lia_log_field))

/* fields[0] is a placeholder, so that a line without fields needs no other macro. */
void lia_log_write(lia_log_level level, const char *event, const lia_log_field *fields,
                   size_t count);

/* Lines below `level` are dropped. Default LIA_INFO. */
void lia_log_set_level(lia_log_level level);
/* A word that names the process in every line ("sales"); borrowed for ever. */
void lia_log_set_name(const char *name);

#endif
