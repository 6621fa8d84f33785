/* SPDX-License-Identifier: Apache-2.0 */
/* A request's path, Accept-Encoding and If-None-Match against an app: first the path as the server
 * decodes it, then what is found. Whatever they say, it is a file of the app, named exactly so, in
 * a form that it has. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/http/query.h"
#include "common/http/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(const char *name)
{
    FILE *file = fopen(name, "w");
    lia_assert(file && fputs(name, file) >= 0 && !fclose(file));
}

static lia_web *make(void)
{
    static const char *const names[] = {"index.html",      "a.js",   "a.js.br", "assets/b.css",
                                        "assets/b.css.gz", ".secret"};
    char dir[] = "/tmp/web-fuzz-XXXXXX";
    char *from = getcwd(NULL, 0); /* where the fuzzer keeps what it finds */
    lia_web *web;
    lia_why why;
    lia_assert(lia_crypto_init() == LIA_OK && from && mkdtemp(dir) && !chdir(dir) &&
               !mkdir("assets", 0700));
    for (size_t i = 0; i < LIA_COUNT(names); i++) put(names[i]);
    lia_assert(lia_web_open(&web, dir, &why) == LIA_OK);
    for (size_t i = 0; i < LIA_COUNT(names); i++) unlink(names[i]);
    lia_assert(!rmdir("assets") && !chdir(from) && !rmdir(dir));
    free(from);
    return web;
}

static lia_span take_line(lia_span *rest)
{
    const uint8_t *at = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    lia_span line = lia_span_make(rest->data, at ? (size_t)(at - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, line.size + (at != NULL));
    return line;
}

static bool has(lia_span text, const char *word)
{
    return text.size && memmem(text.data, text.size, word, strlen(word));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_web *web;
    uint8_t text[4096];
    if (!web) web = make();
    lia_span rest = lia_span_make(data, size);
    lia_span raw = take_line(&rest), accepts = take_line(&rest), known = take_line(&rest);
    if (raw.size == 0 || raw.size > sizeof text || raw.data[0] != '/') return 0;
    memcpy(text, raw.data, raw.size);
    lia_span path = lia_span_make(text, raw.size);
    if (lia_http_path_decode(&path)) return 0;
    lia_assert(!lia_web_is_page(path) || !lia_span_starts(path, LIA_SPAN("/api/")));
    const lia_web_file *file = lia_web_find(web, path);
    if (!file) return 0;
    lia_assert(lia_span_is(lia_span_skip(path, 1), file->name) && file->name[0] != '.');
    const lia_web_form *form = lia_web_choose(file, accepts);
    lia_assert(form->bytes.data &&
               (!form->coding || has(accepts, "*") || accepts.size >= strlen(form->coding)));
    lia_assert(!lia_web_has(known, form->etag) || has(known, "*") || has(known, form->etag));
    lia_assert(lia_web_has(lia_span_text(form->etag), form->etag));
    return 0;
}
