/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the folder, in one pass: a list of what is there, sorted by name; then "x.br" and "x.gz"
 * become forms of "x". Files are opened by name below an open folder and never through a symbolic
 * link. */
#include "common/http/web.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/crypto.h"

#define FILES_MAX ((size_t)4096)
#define BYTES_MAX ((size_t)64 << 20)
#define DEPTH_MAX 8

struct lia_web {
    lia_arena arena;
    lia_web_file *files;
    size_t count, bytes;
};

/* ---- reading --------------------------------------------------------------------------------- */

static const char *type_of(const char *name)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".avif", "image/avif"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".wasm", "application/wasm"},
    };
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end && i < LIA_COUNT(types); i++)
        if (!strcmp(end, types[i].end)) return types[i].type;
    return "application/octet-stream";
}

static lia_err add_file(lia_web *web, int fd, const struct stat *stat, const char *name)
{
    size_t size = (size_t)stat->st_size;
    if (web->count == FILES_MAX || size > BYTES_MAX - web->bytes) return LIA_EFULL;
    lia_span kept = lia_arena_copy(&web->arena, lia_span_text(name));
    uint8_t *bytes = lia_arena_take(&web->arena, size + 1);
    if (!kept.data || !bytes) return LIA_EFULL;
    for (size_t at = 0; at < size;) {
        ssize_t got = read(fd, bytes + at, size - at);
        if (got <= 0) return LIA_EIO; /* or it became shorter while it was read */
        at += (size_t)got;
    }
    lia_web_file *file = &web->files[web->count++];
    file->name = (const char *)kept.data;
    file->type = type_of(name);
    file->script = lia_span_starts(lia_span_text(file->type), LIA_SPAN("text/javascript"));
    file->lasting = lia_span_starts(kept, LIA_SPAN("assets/"));
    file->forms[LIA_WEB_PLAIN].bytes = lia_span_make(bytes, size);
    web->bytes += size;
    return LIA_OK;
}

static lia_err read_folder(lia_web *web, int fd, const char *name, size_t depth);

/* Takes what is called `name` in that folder; `path` is how it is called from the first one on. */
static lia_err read_entry(lia_web *web, int folder, const char *name, const char *path,
                          size_t depth)
{
    struct stat stat;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return errno == ELOOP || errno == ENXIO ? LIA_OK : LIA_EIO; /* a link, a socket */
    if (fstat(fd, &stat)) {
        close(fd);
        return LIA_EIO;
    }
    if (S_ISDIR(stat.st_mode)) return read_folder(web, fd, path, depth + 1);
    lia_err err = S_ISREG(stat.st_mode) ? add_file(web, fd, &stat, path) : LIA_OK;
    close(fd);
    return err;
}

/* Closes `fd`. */
static lia_err read_folder(lia_web *web, int fd, const char *name, size_t depth)
{
    char path[1024];
    const struct dirent *entry;
    lia_err err = LIA_OK;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return LIA_EFULL;
    }
    while (!err && (errno = 0, entry = readdir(folder))) {
        if (entry->d_name[0] == '.') continue;
        int size = snprintf(path, sizeof path, "%s%s%s", name, *name ? "/" : "", entry->d_name);
        bool fits = size > 0 && (size_t)size < sizeof path && depth <= DEPTH_MAX;
        err = fits ? read_entry(web, dirfd(folder), entry->d_name, path, depth) : LIA_EFULL;
    }
    if (!entry && errno) err = LIA_EIO;
    closedir(folder);
    return err;
}

/* ---- forms ----------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const lia_web_file *)a)->name, ((const lia_web_file *)b)->name);
}

static lia_web_file *find(const lia_web *web, lia_span name)
{
    size_t low = 0, high = web->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = lia_span_compare(name, lia_span_text(web->files[middle].name));
        if (!order) return &web->files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static lia_web_coding coding_of(lia_span name)
{
    if (name.size > 3 && lia_span_is(lia_span_skip(name, name.size - 3), ".gz"))
        return LIA_WEB_GZIP;
    if (name.size > 3 && lia_span_is(lia_span_skip(name, name.size - 3), ".br"))
        return LIA_WEB_BROTLI;
    return LIA_WEB_PLAIN;
}

static void mark(lia_web_form *form)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_digest_of("http.web", &form->bytes, 1, digest);
    form->etag[0] = '"';
    lia_hex_print(lia_span_make(digest, sizeof digest), form->etag + 1);
    strcat(form->etag, "\"");
}

/* What is a form of another file is put there, and keeps no name of its own. */
static void join_forms(lia_web *web)
{
    static const char *const codings[LIA_WEB_CODINGS] = {NULL, "gzip", "br"};
    size_t kept = 0;
    for (size_t i = 0; i < web->count; i++) {
        lia_span name = lia_span_text(web->files[i].name);
        lia_web_coding coding = coding_of(name);
        lia_web_form *form = &web->files[i].forms[LIA_WEB_PLAIN];
        mark(form);
        lia_web_file *of = coding ? find(web, lia_span_make(name.data, name.size - 3)) : NULL;
        if (!of) continue;
        of->forms[coding] = *form;
        of->forms[coding].coding = codings[coding];
        form->bytes = LIA_SPAN_NONE;
    }
    for (size_t i = 0; i < web->count; i++)
        if (web->files[i].forms[LIA_WEB_PLAIN].bytes.data) web->files[kept++] = web->files[i];
    web->count = kept;
}

/* ---- open and close -------------------------------------------------------------------------- */

static lia_err read_all(lia_web *web, const char *dir)
{
    web->files = lia_arena_zero(&web->arena, FILES_MAX * sizeof *web->files);
    if (!web->files) return LIA_EFULL;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? LIA_EABSENT : LIA_EIO;
    lia_err err = read_folder(web, fd, "", 1);
    if (err) return err;
    qsort(web->files, web->count, sizeof *web->files, by_name);
    join_forms(web);
    return lia_web_index(web) ? LIA_OK : LIA_EABSENT;
}

lia_err lia_web_open(lia_web **out, const char *dir, lia_why *why)
{
    *out = NULL;
    lia_web *web = calloc(1, sizeof *web);
    if (!web) return lia_why_set(why, LIA_EFULL, "no memory for the web app");
    /* beside the bytes: the table, names and what alignment costs */
    lia_err err = lia_arena_init(&web->arena, BYTES_MAX + ((size_t)8 << 20));
    if (!err) err = read_all(web, dir);
    if (!err) {
        *out = web;
        return LIA_OK;
    }
    lia_web_close(web);
    if (err == LIA_EABSENT)
        return lia_why_set(
            why, err,
            "'%.200s' is no built web app (no index.html in it); tools/web build makes one", dir);
    return lia_why_set(why, err, "the web app in '%.200s' is not served: %s", dir,
                       lia_err_text(err));
}

void lia_web_close(lia_web *web)
{
    if (!web) return;
    lia_arena_fini(&web->arena);
    free(web);
}

bool lia_web_beside(char *dir, size_t size)
{
    static const char *const places[] = {"../share/liaison/web", "../../../services/web/dist"};
    char program[1024], index[1200];
    ssize_t got = readlink("/proc/self/exe", program, sizeof program - 1);
    if (got <= 0) return false;
    program[got] = 0;
    *strrchr(program, '/') = 0;
    for (size_t i = 0; i < LIA_COUNT(places); i++) {
        snprintf(index, sizeof index, "%s/%s/index.html", program, places[i]);
        if (access(index, R_OK)) continue;
        return (size_t)snprintf(dir, size, "%s/%s", program, places[i]) < size;
    }
    return false;
}

/* ---- finding --------------------------------------------------------------------------------- */

const lia_web_file *lia_web_find(const lia_web *web, lia_span path)
{
    if (!path.size || path.data[0] != '/') return NULL;
    const lia_web_file *file = find(web, lia_span_skip(path, 1));
    return file == lia_web_index(web) ? NULL : file;
}

const lia_web_file *lia_web_index(const lia_web *web)
{
    return find(web, LIA_SPAN("index.html"));
}

void lia_web_measure(const lia_web *web, size_t *files, size_t *bytes)
{
    *files = web->count;
    *bytes = web->bytes;
}
