/* SPDX-License-Identifier: Apache-2.0 */
/* talk - what tests of rights say to a node: exchanges of people who have signed in. What fails
 * aborts, so that a test goes on only with what it wanted. */
#ifndef LIA_TESTS_API_TALK_H
#define LIA_TESTS_API_TALK_H

#include "common/base/err.h"
#include "tests/api/client.h"
#include "tests/api/department.h"

#define LIA_TOKEN_SIZE 64
#define LIA_PASSWORD   "a sea of green tea"

/* One exchange of JSON; `token` may be NULL. */
lia_reply lia_say(const lia_process *node, const char *method, const char *path, const char *token,
                  const char *body);
/* The same with a body that is printed. */
lia_reply lia_say_text(const lia_process *node, const char *method, const char *path,
                       const char *token, const char *format, ...) LIA_PRINTF(5, 6);
unsigned lia_status_of(const lia_process *node, const char *method, const char *path,
                       const char *token, const char *body);
/* The text of a member that is a string, the first of that name. */
void lia_cut(const lia_reply *reply, const char *member, char *out, size_t size);

/* Makes a record, or does a verb that answers with one, and keeps its id. */
void lia_make(const lia_process *node, char id[40], const char *path, const char *token,
              const char *format, ...) LIA_PRINTF(5, 6);

/* Ada becomes administrator (LIA_PASSWORD), and signs in. */
void lia_found(const lia_process *node, char token[LIA_TOKEN_SIZE]);
/* A person of that name (NAME@example.com, LIA_PASSWORD), made by the administrator, signs in. */
void lia_hire(const lia_process *node, const char *admin, const char *name, const char *team,
              const char *role, char id[40], char token[LIA_TOKEN_SIZE]);
/* The status; the token with 201. `code` may be NULL. */
unsigned lia_sign_in(const lia_process *node, const char *email, const char *password,
                     const char *code, char token[LIA_TOKEN_SIZE]);

#endif
