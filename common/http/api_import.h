/* SPDX-License-Identifier: Apache-2.0 */
/* api_import - what the files of the import share: routes, the run of a piece, undoing. */
#ifndef LIA_HTTP_API_IMPORT_H
#define LIA_HTTP_API_IMPORT_H

#include "common/exchange/records.h"
#include "common/http/api_gate.h"

/* One import at work: a piece of its file, or its undoing. One at a time for each import. */
typedef struct lia_import_work {
    lia_call *call;
    lia_intake intake;
    lia_arena arena; /* of the whole request, with the intake's own */
    lia_position run; /* of the first event that it wrote, also in a piece before; the writer's */
    bool looks; /* nothing is written: doubles are looked for though nobody asked to skip them */
    struct lia_import_work *next;
} lia_import_work;

/* Loads the import of the path for whoever made it and for administrators; call->kind is set as it
 * looks to whoever asks. Answers itself and returns false when there is none. */
bool lia_import_find(lia_call *call, lia_id id, lia_import_work *work);
void lia_import_begin(lia_import_work *work);
void lia_import_end(lia_import_work *work);
/* Answers with the import as it stands. */
void lia_import_answer(lia_call *call, unsigned status, const lia_intake *intake);

void lia_import_preview(lia_call *call, lia_id id);
void lia_import_run(lia_call *call, lia_id id);
void lia_import_undo(lia_call *call, lia_id id);

/* Address space of a piece, and of a slice of it. */
#define LIA_IMPORT_PIECE_BYTES ((size_t)512 << 20)
#define LIA_IMPORT_SLICE_BYTES ((size_t)128 << 20)
#define LIA_IMPORT_SLICE_LINES 2048

/* One line on its way to the writer. */
typedef struct lia_import_line {
    uint64_t line;
    lia_command command;
    bool sent; /* else `list` is known already */
    lia_intake_list list;
    lia_intake_row row;
    /* Who the customer might be already: looked for when doubles are to be skipped, and by a
     * preview. */
    lia_id alike;
    lia_intake_by alike_by;
} lia_import_line;

/* api_import_line.c: what becomes of a record (JSON of the API): a command or a result. Any thread.
 * *key (may be empty) is the key's value: two lines with one must not be on their way at once. */
LIA_MUST_USE lia_err lia_import_judge(lia_import_line *out, lia_import_work *work,
                                      const lia_rows *rows, const lia_records_item *item,
                                      lia_arena *arena, lia_span *key);

/* Those of the lines that go to the writer, as lia_node_submit_all takes them, and *sent of them; NULL:
 * none. Each is answered by `done` with the context. */
lia_command *lia_import_chain(lia_import_line *lines, size_t count,
                              void (*done)(lia_command *command, void *context), void *context,
                              size_t *sent);

/* Notes why, without what stands in quotes: a value. */
void lia_import_reason(lia_intake_row *row, const char *reason);

#endif
