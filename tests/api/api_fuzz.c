/* SPDX-License-Identifier: Apache-2.0 */
/* Whole requests to a whole node: paths, parameters, headers and bodies of every route, as text:
 *
 *     GET /api/v1/customers?filter=country%3DDE
 *     Last-Event-ID: 1/0123456789abcdef/7
 *
 *     the body
 *
 * What is no HTTP is made HTTP (parser_fuzz.c takes care of the rest): control bytes become dots,
 * Host and Content-Length are added. {{anything}} stands for the record that was made last. Always
 * true: there is an answer, it is no 500, what says that it is JSON is, and the node stays well. */
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/crm/crm.h"
#include "common/http/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUEST_MAX = 64 << 10, ANSWER_MAX = 4 << 20, TURNS_MAX = 2000000 };

static struct {
    bool open;
    char dir[64];
    uv_loop_t loop;
    lia_node *node;
    lia_api *api;
    lia_http_server *server;
    char record[40]; /* text of an id */
    char request[REQUEST_MAX];
    size_t request_size;
    char answer[ANSWER_MAX];
    size_t answer_size;
} world;

/* ---- the node ------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

/* The process ends in the middle of everything: only its files are in the way. */
static void forget(void)
{
    nftw(world.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_cluster(void)
{
    static lia_members members = {.epoch = 1, .count = 1};
    lia_member *only = &members.list[0];
    lia_sign_key admin;
    lia_verify_key public;
    lia_node_keys keys;
    lia_why why;
    char path[128];
    lia_sign_keys(&public, &admin);
    lia_node_keys_make(&keys);
    lia_random(&members.cluster, sizeof members.cluster);
    *only = (lia_member){.number = 1, .department = LIA_SALES, .name = "sales"};
    snprintf(only->bus, sizeof only->bus, "127.0.0.1:%d", 32000 + (int)(getpid() % 700));
    snprintf(only->http, sizeof only->http, "127.0.0.1:1");
    memcpy(only->curve_key, keys.curve_public, sizeof only->curve_key);
    only->verify_key = keys.verify;
    snprintf(path, sizeof path, "%s/sales", world.dir);
    lia_assert(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/sales/node.keys", world.dir);
    lia_assert(!lia_node_keys_write(&keys, path, &why) &&
               !lia_admin_key_write(&admin, world.dir, &why));
    snprintf(path, sizeof path, "%s/members", world.dir);
    lia_assert(!lia_members_write(&members, &admin, path, &why));
}

static void open_world(void)
{
    static const lia_service sales = {.name = "sales", .department = LIA_SALES};
    lia_why why = {0};
    snprintf(world.dir, sizeof world.dir, "%s/api-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    lia_assert(mkdtemp(world.dir) && lia_crypto_init() == LIA_OK);
    atexit(forget);
    lia_log_set_level(LIA_ERROR + 1);
    make_cluster();
    uv_loop_init(&world.loop);
    lia_node_options options = {.loop = &world.loop,
                                .dir = world.dir,
                                .service = &sales,
                                .shared = &lia_crm,
                                .map_bytes = (size_t)4 << 30};
    lia_err err = lia_node_open(&world.node, &options, &why);
    if (!err) err = lia_api_open(&world.api, world.node, &world.loop);
    lia_http_options http = {.loop = &world.loop,
                             .address = "127.0.0.1",
                             .handler = lia_api_handle,
                             .body_limit = lia_api_body_limit,
                             .context = world.api};
    if (!err) err = lia_http_open(&world.server, &http, &why);
    if (err) fprintf(stderr, "%s\n", why.text);
    lia_assert(!err);
    lia_api_set_server(world.api, world.server);
    snprintf(world.record, sizeof world.record, "00000000-0000-0000-0000-000000000000");
    world.open = true;
}

/* ---- text to HTTP -------------------------------------------------------------------------- */

static void put(const void *bytes, size_t size)
{
    lia_assert(world.request_size + size <= sizeof world.request);
    memcpy(world.request + world.request_size, bytes, size);
    world.request_size += size;
}

static void put_text(const char *text)
{
    put(text, strlen(text));
}

/* {{...}} is the last record. Bytes of a head are printable. */
static void put_filled(lia_span text, bool is_head)
{
    for (size_t i = 0; i < text.size && world.request_size < REQUEST_MAX / 2; i++) {
        const uint8_t *open = text.data + i, *end;
        end = i + 4 < text.size && open[0] == '{' && open[1] == '{'
                  ? memmem(open, text.size - i, "}}", 2)
                  : NULL;
        if (end) {
            put_text(world.record);
            i = (size_t)(end + 1 - text.data);
            continue;
        }
        uint8_t byte = is_head && (text.data[i] < ' ' || text.data[i] > '~') ? '.' : text.data[i];
        put(&byte, 1);
    }
}

static lia_span take_line(lia_span *rest)
{
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    lia_span line = lia_span_make(rest->data, end ? (size_t)(end - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, end ? line.size + 1 : line.size);
    if (line.size && line.data[line.size - 1] == '\r') line.size--;
    return line;
}

static bool begins(lia_span line, const char *word)
{
    return line.size >= strlen(word) && !strncasecmp((const char *)line.data, word, strlen(word));
}

static bool make_request(lia_span text)
{
    lia_span line = take_line(&text);
    char length[64];
    if (!line.size) return false;
    world.request_size = 0;
    put_filled(line, true);
    put_text(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    while ((line = take_line(&text)).size) {
        bool ours = begins(line, "host") || begins(line, "content-length") ||
                    begins(line, "transfer") || begins(line, "connection") ||
                    begins(line, "expect");
        if (ours || world.request_size > REQUEST_MAX / 4) continue;
        put_filled(line, true);
        put_text("\r\n");
    }
    size_t head = world.request_size;
    put_filled(text, false);
    size_t body = world.request_size - head;
    int size = snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", body);
    if (!body && !begins(lia_span_make(world.request, head), "P"))
        size = snprintf(length, 3, "\r\n");
    memmove(world.request + head + size, world.request + head, body);
    memcpy(world.request + head, length, (size_t)size);
    world.request_size += (size_t)size;
    return true;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static bool is_over(int fd)
{
    while (world.answer_size < ANSWER_MAX - 1) {
        ssize_t size = recv(fd, world.answer + world.answer_size,
                            ANSWER_MAX - 1 - world.answer_size, MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN) break;
        if (size <= 0) return true;
        world.answer_size += (size_t)size;
    }
    world.answer[world.answer_size] = 0;
    return strstr(world.answer, "text/event-stream") && strstr(world.answer, "\r\n\r\n");
}

static void ask(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(lia_http_port(world.server))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Closed with a reset: connections that wait out their time would use up the ports in a long run. */
    struct linger reset = {.l_onoff = 1};
    lia_assert(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
    lia_assert(connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    world.answer_size = 0;
    size_t sent = 0;
    int turns = 0;
    while (!is_over(fd)) {
        ssize_t size =
            send(fd, world.request + sent, world.request_size - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size > 0) sent += (size_t)size;
        uv_run(&world.loop, UV_RUN_NOWAIT);
        lia_assert(turns++ < TURNS_MAX);
    }
    world.answer[world.answer_size] = 0;
    close(fd);
    for (int i = 0; i < 3; i++) uv_run(&world.loop, UV_RUN_NOWAIT);
}

static void check_json(const char *body, size_t size)
{
    json_error_t error;
    json_t *json = json_loadb(body, size, JSON_REJECT_DUPLICATES, &error);
    if (!json) fprintf(stderr, "%s\n%.*s\n", error.text, (int)size, body);
    lia_assert(json);
    const char *id = json_string_value(json_object_get(json, "id"));
    if (id && strlen(id) == 36) snprintf(world.record, sizeof world.record, "%s", id);
    json_decref(json);
}

static void check_answer(void)
{
    char *body = strstr(world.answer, "\r\n\r\n");
    lia_assert(body && !strncmp(world.answer, "HTTP/1.1 ", 9));
    int status = atoi(world.answer + 9);
    if (status == 500) fprintf(stderr, "%s\n", world.answer);
    lia_assert(status >= 200 && status < 600 && status != 500);
    body += 4;
    *(body - 2) = 0;
    bool whole = strcasestr(world.answer, "content-length:") != NULL;
    bool is_json = strstr(world.answer, "application/json") || strstr(world.answer, "problem+json");
    size_t size = world.answer_size - (size_t)(body - world.answer);
    if (whole && is_json && size) check_json(body, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!world.open) open_world();
    if (size > REQUEST_MAX / 4 || !make_request(lia_span_make(data, size))) return 0;
    ask();
    check_answer();
    lia_assert(lia_node_health(world.node, NULL) == LIA_OK);
    return 0;
}
