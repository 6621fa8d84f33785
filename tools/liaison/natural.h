/* SPDX-License-Identifier: Apache-2.0 */
/* natural - the idempotency key of a record that is read from a file: what makes it itself, so that
 * the same file read again creates nothing twice. Pure. */
#ifndef LIA_LIAISON_NATURAL_H
#define LIA_LIAISON_NATURAL_H

#include "common/base/buf.h"

/* "source:line:hash": where nothing in the row names it, its place and its content do. */
void lia_natural_of_row(lia_buf *out, const char *source, uint64_t line, lia_span text);
/* "source:value", or a hash of a long value. */
void lia_natural_of_value(lia_buf *out, const char *source, lia_span value);
/* "crm-export.csv" of "/tmp/CRM export.csv": a source's name where none is given. */
void lia_natural_source(char *out, size_t size, const char *path);

#endif
