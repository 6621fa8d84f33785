/* SPDX-License-Identifier: Apache-2.0 */
/* conversation - a text that documents the API and tests it:
 *
 *     ### What happens here, as a sentence
 *     # Remarks, for readers.
 *     POST /api/v1/customers
 *     Content-Type: application/json
 *
 *     {"name": "Mei"}
 *
 *     --- 201
 *     Location: /api/v1/customers/{{mei}}
 *
 *     {"id": "{{mei}}", "name": "Mei"}
 *
 * Requests get Host, Connection and Content-Length of their own. Expected headers and JSON are
 * matched as match.h says; lines that begin with "~ " must occur in a body that is no JSON. */
#ifndef LIA_TESTS_API_CONVERSATION_H
#define LIA_TESTS_API_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

/* Holds the conversation with the node at the port. {{setup}} is known from the start: the secret by
 * which somebody becomes administrator, or "". Says on stderr what went otherwise. */
bool lia_converse(const char *path, uint16_t port, const char *setup);

#endif
