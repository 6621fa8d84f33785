/* SPDX-License-Identifier: Apache-2.0 */
/* web - the web app as a node serves it: a folder that was built before, read once at start and
 * never written. What a request asks for is looked up among the names that were read then, so
 * whatever its path says leads to one of these files or to nothing; the disk is not touched, and
 * nothing on it that comes later is told. Read-only after opening: any thread. */
#ifndef LIA_HTTP_WEB_H
#define LIA_HTTP_WEB_H

#include "common/base/err.h"

typedef struct lia_web lia_web;

typedef enum lia_web_coding {
    LIA_WEB_PLAIN,
    LIA_WEB_GZIP,
    LIA_WEB_BROTLI,
    LIA_WEB_CODINGS
} lia_web_coding;

/* One form of a file: as it is, or made smaller at build time. */
typedef struct lia_web_form {
    lia_span bytes;     /* data NULL: there is no such form */
    const char *coding; /* Content-Encoding; NULL for the plain one */
    char etag[36];      /* quoted, of these very bytes */
} lia_web_form;

typedef struct lia_web_file {
    const char *name; /* from the folder on, as in "assets/index-B3f0aZ91.js" */
    const char *type; /* Content-Type */
    bool lasting;     /* another content has another name: it may be kept for ever */
    bool script;
    lia_web_form forms[LIA_WEB_CODINGS]; /* the plain one is always there */
} lia_web_file;

/* The placeholder in index.html that stands wherever the page's nonce belongs. */
#define LIA_WEB_NONCE_MARK "liaison-nonce"

/* Reads all files of `dir` and the folders in it. "x.br" and "x.gz" beside "x" are its smaller
 * forms, and found under its name only. Left out is what is no plain file, symbolic links too, and
 * what begins with a dot. On LIA_OK *out is yours until lia_web_close. LIA_EABSENT  there is no
 * such folder, or no index.html in it: no app was built there LIA_EFULL    more than 4,096 files or
 * 64 MiB, deeper than 8 folders, or no memory LIA_EIO      it cannot be read `why` tells an
 * operator what to do. */
LIA_MUST_USE lia_err lia_web_open(lia_web **out, const char *dir, lia_why *why);
/* No answer may be under way that lends from it. NULL is fine. */
void lia_web_close(lia_web *web);

/* Finds the app beside the running program: ../share/liaison/web as installed, or services/web/dist
 * of the checkout that it was built in. False when neither has one. */
bool lia_web_beside(char *dir, size_t size);

/* The file at a decoded path ("/assets/x.js"); NULL when there is none. Never index.html. */
const lia_web_file *lia_web_find(const lia_web *web, lia_span path);
/* index.html, which answers every path of a page. */
const lia_web_file *lia_web_index(const lia_web *web);
/* How many files there are, and what all their forms take. */
void lia_web_measure(const lia_web *web, size_t *files, size_t *bytes);

/* The smallest form that a client takes; `accepts` is its Accept-Encoding (RFC 9110, 12.5.3), empty
 * when it said nothing. The plain one also for who takes none. */
const lia_web_form *lia_web_choose(const lia_web_file *file, lia_span accepts);

/* Whether a path is of a page, which the app draws itself: nothing of the API's, nothing with the
 * look of a file. Pure. */
bool lia_web_is_page(lia_span path);
/* Whether If-None-Match (RFC 9110, 13.1.2) names that entity tag, also as a weak one. Pure. */
bool lia_web_has(lia_span if_none_match, const char *etag);

#endif
