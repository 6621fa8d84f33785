/* SPDX-License-Identifier: Apache-2.0 */
/* intake - one import as a node keeps it: what was asked, how far it has come, and four lists of
 * what became of the lines. Two kinds of files in one folder:
 *
 *     <id>.json              question and progress, replaced as a whole
 *     <id>.created ...       rows of one size, only added to; what stands behind the count that the
 *                            progress names was written by a run that broke off, and is written
 * over
 *
 * Lists hold line numbers, ids, positions and reasons; never a value of a record. So nothing here
 * has to be erased with a person. Any thread, one at a time for one import. */
#ifndef LIA_EXCHANGE_INTAKE_H
#define LIA_EXCHANGE_INTAKE_H

#include "common/base/buf.h"
#include "common/exchange/csv_map.h"
#include "common/exchange/text.h"
#include "common/wire/event.h"

/* A folder keeps so many; the oldest go when there are more. */
#define LIA_INTAKES_MAX 200
/* Failed lines that are listed; further ones are only counted. */
#define LIA_INTAKE_FAILED_MAX  100000
#define LIA_INTAKE_MAPPING_MAX LIA_CSV_COLUMNS_MAX
#define LIA_INTAKE_KEY_SIZE    64
#define LIA_INTAKE_SOURCE_SIZE 49
#define LIA_INTAKE_REASON_SIZE 200

typedef enum lia_intake_format {
    LIA_INTAKE_CSV,
    LIA_INTAKE_JSONL,
    LIA_INTAKE_VCARD
} lia_intake_format;
typedef enum lia_intake_mode {
    LIA_INTAKE_CREATE,
    LIA_INTAKE_UPDATE,
    LIA_INTAKE_BOTH
} lia_intake_mode;
typedef enum lia_intake_list {
    LIA_INTAKE_CREATED,
    LIA_INTAKE_UPDATED,
    LIA_INTAKE_DUPLICATE, /* the record was there, nothing was written; `id` is that one */
    LIA_INTAKE_FAILED,
    LIA_INTAKE_KEPT, /* by undoing: somebody has changed it since */
    LIA_INTAKE_LISTS
} lia_intake_list;

#define LIA_INTAKE_KIND_WANTED "kind: the plural of a kind of record is wanted"

typedef struct lia_intake {
    lia_id id, user; /* user: who made it; none: nobody has signed in */
    int64_t created_ms;
    /* the question */
    const lia_kind *kind;
    lia_intake_format format;
    lia_intake_mode mode;
    char key[LIA_INTAKE_KEY_SIZE]; /* "emails.value"; empty: none */
    char source[LIA_INTAKE_SOURCE_SIZE];
    bool automation, skip_duplicates;
    bool has_encoding, has_delimiter; /* else they are found out */
    lia_encoding encoding;
    char delimiter;
    lia_csv_rename *mapping; /* column: path */
    size_t mapping_count;
    lia_span *columns; /* of the header; none until it has come */
    size_t column_count;
    /* how far */
    uint64_t offset; /* bytes of the file that are done */
    uint64_t line;   /* the number of the next line */
    uint64_t rows;
    uint64_t counts[LIA_INTAKE_LISTS];
    uint64_t undone, undo_at[2]; /* rows of the lists `created` and `updated` that are looked at */
    bool complete;
    lia_position run; /* of the first event that it wrote; seq 0: none */
} lia_intake;

/* How a line's record was found to be there already. */
typedef enum lia_intake_by {
    LIA_INTAKE_BY_NOTHING, /* it was not, or an earlier release did not say */
    LIA_INTAKE_BY_KEY,
    LIA_INTAKE_BY_LIKENESS, /* the rules that say who is one customer */
    LIA_INTAKE_BY_CHANCE    /* perhaps: a person has to look; never in a list */
} lia_intake_by;

typedef struct lia_intake_row {
    uint64_t line;
    lia_id id;
    lia_position position; /* of the event that made it so; seq 0: none was needed */
    lia_intake_by by;      /* of duplicates */
    char reason[LIA_INTAKE_REASON_SIZE];
} lia_intake_row;

/* "created", ... */
const char *lia_intake_list_name(lia_intake_list list);
bool lia_intake_list_by_name(lia_span name, lia_intake_list *out);

/* "by its key", ...; empty: nothing. */
const char *lia_intake_by_text(lia_intake_by by);

/* Reads a question (JSON) over what stands there. Lives in the arena. `why` names the member.
 *   LIA_EINVAL   LIA_EFULL */
LIA_MUST_USE lia_err lia_intake_ask(lia_intake *intake, lia_span json, lia_arena *arena,
                                    lia_why *why);
/* The members that everybody may see, without braces. */
void lia_intake_put(const lia_intake *intake, lia_buf *out);

/* Reads one back.   LIA_EABSENT  LIA_ECORRUPT  LIA_EIO  LIA_EFULL */
LIA_MUST_USE lia_err lia_intake_load(lia_intake *out, const char *dir, lia_id id, lia_arena *arena);
/* Writes question and progress durably; makes the folder.   LIA_EIO  LIA_EFULL */
LIA_MUST_USE lia_err lia_intake_save(const lia_intake *intake, const char *dir);
/* Ids in the folder, newest first, at most `max`. */
size_t lia_intake_ids(const char *dir, lia_id *out, size_t max);
/* Removes an import's files. */
void lia_intake_remove(const char *dir, lia_id id);

/* Adds rows to a list and counts them.   LIA_EIO */
LIA_MUST_USE lia_err lia_intake_add(lia_intake *intake, const char *dir, lia_intake_list list,
                                    const lia_intake_row *rows, size_t count);
/* Reads rows from the given one on; *count: how many were there.   LIA_EIO */
LIA_MUST_USE lia_err lia_intake_rows(const lia_intake *intake, const char *dir,
                                     lia_intake_list list, uint64_t from, lia_intake_row *out,
                                     size_t max, size_t *count);

/* The key of the command that a line becomes, and so the id of the record that it makes: the same
 * each time the line is sent. They sort as the lines do, nearly: pages that hold neighbours are
 * written once for many lines. */
lia_id lia_intake_command(const lia_intake *intake, uint64_t line);

#endif
