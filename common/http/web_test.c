/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/web.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

/* ---- a folder -------------------------------------------------------------------------------- */

static char root[1024], path[1400];

static const char *at(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(at(name), "w");
    CHECK(file && fputs(text, file) >= 0 && !fclose(file));
}

/* A new one each time, with a page and the folder of assets. */
static void make(void)
{
    static int number;
    snprintf(root, sizeof root, "%s/app-%d", lia_test_dir(), ++number);
    CHECK_EQ(mkdir(root, 0700), 0);
    CHECK_EQ(mkdir(at("assets"), 0700), 0);
    put("index.html", "<html>");
}

static lia_web *open_it(void)
{
    lia_web *web;
    lia_why why = {{0}};
    CHECK_OK(lia_web_open(&web, root, &why));
    return web;
}

static const lia_web_file *found(const lia_web *web, const char *name)
{
    return lia_web_find(web, lia_span_text(name));
}

/* ---- what is there --------------------------------------------------------------------------- */

TEST(a_file_has_its_type_and_is_kept_for_ever_only_when_its_name_is_its_contents)
{
    static const struct {
        const char *name, *type;
        bool lasting, script;
    } files[] = {
        {"assets/a-B3f0aZ91.js", "text/javascript; charset=utf-8", true, true},
        {"assets/a-B3f0aZ91.css", "text/css; charset=utf-8", true, false},
        {"assets/i-B3f0aZ91.woff2", "font/woff2", true, false},
        {"favicon.svg", "image/svg+xml", false, false},
        {"sw.js", "text/javascript; charset=utf-8", false, true},
        {"app.webmanifest", "application/manifest+json", false, false},
        {"nothing", "application/octet-stream", false, false},
    };
    char name[64];
    size_t count, bytes;
    make();
    for (size_t i = 0; i < LIA_COUNT(files); i++) put(files[i].name, files[i].name);
    put("assets/empty-B3f0aZ91.js", "");
    lia_web *web = open_it();
    for (size_t i = 0; i < LIA_COUNT(files); i++) {
        snprintf(name, sizeof name, "/%s", files[i].name);
        const lia_web_file *file = found(web, name);
        CHECK(file);
        CHECK_TEXT(file->type, files[i].type);
        CHECK_EQ(file->lasting, files[i].lasting);
        CHECK_EQ(file->script, files[i].script);
        CHECK_BYTES(file->forms[LIA_WEB_PLAIN].bytes, lia_span_text(files[i].name));
    }
    CHECK_EQ(found(web, "/assets/empty-B3f0aZ91.js")->forms[LIA_WEB_PLAIN].bytes.size, 0);
    CHECK_TEXT(lia_web_index(web)->name, "index.html");
    CHECK(!found(web, "/index.html")); /* it is answered as a page, with a nonce */
    lia_web_measure(web, &count, &bytes);
    CHECK_EQ(count, LIA_COUNT(files) + 2);
    lia_web_close(web);
}

TEST(a_smaller_form_stands_under_the_name_of_its_file_and_under_none_of_its_own)
{
    make();
    put("assets/a-1.js", "the plain one, which is long");
    put("assets/a-1.js.br", "b");
    put("assets/a-1.js.gz", "gz");
    put("assets/a-1.js.gz.br", "x");
    put("assets/lonely.gz", "of nothing");
    lia_web *web = open_it();
    const lia_web_file *file = found(web, "/assets/a-1.js");
    CHECK_BYTES(file->forms[LIA_WEB_BROTLI].bytes, LIA_SPAN("b"));
    CHECK_BYTES(file->forms[LIA_WEB_GZIP].bytes, LIA_SPAN("gz"));
    CHECK_TEXT(file->forms[LIA_WEB_GZIP].coding, "gzip");
    CHECK(!file->forms[LIA_WEB_PLAIN].coding);
    CHECK(strcmp(file->forms[0].etag, file->forms[1].etag) &&
          strcmp(file->forms[1].etag, file->forms[2].etag));
    CHECK(!found(web, "/assets/a-1.js.br") && !found(web, "/assets/a-1.js.gz"));
    CHECK(!found(web, "/assets/a-1.js.gz.br"));
    CHECK(found(web, "/assets/lonely.gz"));
    lia_web_close(web);
}

TEST(the_same_bytes_have_the_same_tag_and_others_another)
{
    char first[36];
    make();
    put("assets/a.js", "one");
    lia_web *web = open_it();
    strcpy(first, found(web, "/assets/a.js")->forms[0].etag);
    lia_web_close(web);
    web = open_it();
    CHECK_TEXT(found(web, "/assets/a.js")->forms[0].etag, first);
    lia_web_close(web);
    put("assets/a.js", "two");
    web = open_it();
    CHECK(strcmp(found(web, "/assets/a.js")->forms[0].etag, first));
    lia_web_close(web);
}

/* ---- what is not ----------------------------------------------------------------------------- */

TEST(no_path_leads_out_of_the_folder_or_to_what_is_hidden_in_it)
{
    static const char *const paths[] = {
        "",
        "/",
        "index.html",
        "assets/a-1.js",
        "//assets/a-1.js",
        "/assets//a-1.js",
        "/assets/",
        "/assets",
        "/assets/a-1.js/",
        "/Assets/a-1.js",
        "/assets/A-1.js",
        "/assets\\a-1.js",
        "/./assets/a-1.js",
        "/assets/../assets/a-1.js",
        "/../secret.txt",
        "/../../../../../../../../etc/passwd",
        "/assets/../../secret.txt",
        "/.hidden",
        "/.vite/manifest.json",
        "/assets/.hidden",
        "/link.txt",
        "/folder/secret.txt",
        "/pipe",
        "/assets/a-1.js ",
    };
    make();
    put("../secret.txt", "secret");
    put("assets/a-1.js", "script");
    put(".hidden", "secret");
    put("assets/.hidden", "secret");
    CHECK_EQ(mkdir(at(".vite"), 0700), 0);
    put(".vite/manifest.json", "secret");
    CHECK_EQ(symlink("../secret.txt", at("link.txt")), 0);
    CHECK_EQ(symlink("..", at("folder")), 0);
    CHECK_EQ(mkfifo(at("pipe"), 0600), 0);
    lia_web *web = open_it();
    CHECK(found(web, "/assets/a-1.js"));
    for (size_t i = 0; i < LIA_COUNT(paths); i++)
        if (found(web, paths[i])) fail_msg("'%s' is found", paths[i]);
    /* a name with a NUL is a longer name, not the one before it */
    CHECK(!lia_web_find(web, LIA_SPAN("/assets/a-1.js\0.txt")));
    CHECK(!lia_web_find(web, LIA_SPAN("/assets/a-1.js\0")));
    lia_web_close(web);
}

TEST(what_comes_to_the_folder_after_the_start_is_not_told)
{
    make();
    put("assets/a-1.js", "as it was");
    lia_web *web = open_it();
    put("assets/a-1.js", "changed since");
    put("later.txt", "secret");
    CHECK_BYTES(found(web, "/assets/a-1.js")->forms[0].bytes, LIA_SPAN("as it was"));
    CHECK(!found(web, "/later.txt"));
    lia_web_close(web);
}

TEST(a_folder_that_is_none_or_too_much_is_refused_by_name)
{
    lia_web *web;
    lia_why why;
    CHECK_ERR(lia_web_open(&web, "/nowhere/at/all", &why), LIA_EABSENT);
    CHECK(!web && strstr(why.text, "/nowhere/at/all") && strstr(why.text, "tools/web build"));
    make();
    CHECK_EQ(unlink(at("index.html")), 0);
    CHECK_ERR(lia_web_open(&web, root, &why), LIA_EABSENT);

    make(); /* sparse: it takes no room here */
    put("large.bin", "");
    CHECK_EQ(truncate(at("large.bin"), (off_t)65 << 20), 0);
    CHECK_ERR(lia_web_open(&web, root, &why), LIA_EFULL);

    make();
    char name[64] = "d";
    for (int i = 0; i < 9; i++) {
        CHECK_EQ(mkdir(at(name), 0700), 0);
        strcat(name, "/d");
    }
    put(name, "too deep");
    CHECK_ERR(lia_web_open(&web, root, &why), LIA_EFULL);

    make();
    for (int i = 0; i < 4096; i++) {
        snprintf(name, sizeof name, "assets/%d", i);
        put(name, "");
    }
    CHECK_ERR(lia_web_open(&web, root, &why), LIA_EFULL);
    CHECK(strstr(why.text, root));
}

/* ---- what clients say ------------------------------------------------------------------------ */

TEST(a_client_gets_the_smallest_form_that_it_takes)
{
    static const struct {
        const char *accepts;
        size_t size;
    } cases[] = {
        {"", 9},
        {"br", 1},
        {"gzip", 2},
        {"gzip, br", 1},
        {"BR", 1},
        {"deflate", 9},
        {"*", 1},
        {"*;q=0", 9},
        {"br;q=0", 9},
        {"br;q=0, *", 2},
        {"br ; q=0.0,gzip", 2},
        {"br;q=0.001", 1},
        {"identity", 9},
        {"gzip;q=1.0, identity; q=0.5, *;q=0", 2},
        {"brr", 9},
        {"b r", 9},
        {",,;;=,q=0,br", 1},
        {"gzip;x=y;q=0", 9},
    };
    const lia_web_file file = {.forms = {{LIA_SPAN("123456789"), NULL, ""},
                                         {LIA_SPAN("12"), "gzip", ""},
                                         {LIA_SPAN("1"), "br", ""}}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        size_t size = lia_web_choose(&file, lia_span_text(cases[i].accepts))->bytes.size;
        if (size != cases[i].size) fail_msg("'%s' gets %zu bytes", cases[i].accepts, size);
    }
    /* what became larger by it is sent as it is */
    const lia_web_file bad = {.forms = {{LIA_SPAN("1"), NULL, ""}, {LIA_SPAN("12"), "gzip", ""}}};
    CHECK_EQ(lia_web_choose(&bad, LIA_SPAN("gzip, br"))->bytes.size, 1);
}

TEST(pages_are_what_is_neither_of_the_api_nor_a_file)
{
    static const char *const pages[] = {"/",       "/customers",       "/customers/0190f3a2-7c1e",
                                        "/apiary", "/metrics-of-mine", "/a.b/c"};
    static const char *const others[] = {
        "",         "x",        "/api",    "/api/", "/api/v1/customers", "/assets", "/assets/x",
        "/metrics", "/healthz", "/readyz", "/x.js", "/a/b.html",         "/."};
    for (size_t i = 0; i < LIA_COUNT(pages); i++)
        if (!lia_web_is_page(lia_span_text(pages[i]))) fail_msg("'%s' is no page", pages[i]);
    for (size_t i = 0; i < LIA_COUNT(others); i++)
        if (lia_web_is_page(lia_span_text(others[i]))) fail_msg("'%s' is a page", others[i]);
}

TEST(a_tag_is_known_by_itself_in_a_list_or_as_a_weak_one)
{
    static const struct {
        const char *said;
        bool has;
    } cases[] = {{"\"a\"", true},          {"W/\"a\"", true}, {"\"b\", \"a\"", true},
                 {"\"b\",W/\"a\" ", true}, {"*", true},       {"", false},
                 {"\"b\"", false},         {"a", false},      {"\"a", false},
                 {"w/\"a\"", false},       {"\"ab\"", false}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        if (lia_web_has(lia_span_text(cases[i].said), "\"a\"") != cases[i].has)
            fail_msg("%s", cases[i].said);
}
