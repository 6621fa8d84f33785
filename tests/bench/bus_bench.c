/* SPDX-License-Identifier: Apache-2.0 */
/* bus_bench - frames from one node to another over the encrypted bus on loopback, both nodes on one
 * loop and so on one core beside libzmq's threads; and the time of a question and its answer. One
 * JSON object a line. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/time.h"
#include "common/bus/bus.h"

enum { SECONDS = 2, QUESTIONS = 5000 };

typedef struct end {
    lia_bus *bus;
    lia_node_keys keys;
    bool linked, echo;
    uint64_t received;
} end;

static uv_loop_t loop;
static lia_members members;
static end ends[2];
static uint8_t frame[LIA_FRAME_BYTES_MAX];

static void check(bool sound, const char *what)
{
    if (sound) return;
    fprintf(stderr, "bus_bench: %s\n", what);
    exit(1);
}

static void report(const char *what, size_t size, const char *unit, double value)
{
    printf("{\"name\":\"bus.%s.%zu\",\"value\":%.1f,\"unit\":\"%s\"}\n", what, size, value, unit);
    fflush(stdout);
}

/* ---- two nodes ------------------------------------------------------------------------------- */

static void receive(void *context, uint16_t peer, lia_bus_end which, lia_span got)
{
    end *at = context;
    at->received++;
    if (at->echo && which == LIA_BUS_SERVER)
        check(lia_bus_send(at->bus, peer, which, got) == LIA_OK, "an answer was not taken");
}

static void link_changed(void *context, uint16_t peer, bool up)
{
    (void)peer;
    ((end *)context)->linked = up;
}

static void make_member(size_t i)
{
    lia_member *member = &members.list[i];
    lia_node_keys_make(&ends[i].keys);
    *member = (lia_member){.number = (uint16_t)(i + 1), .verify_key = ends[i].keys.verify};
    memcpy(member->curve_key, ends[i].keys.curve_public, LIA_CURVE_KEY_SIZE);
    snprintf(member->name, sizeof member->name, "n%zu", i + 1);
    snprintf(member->bus, sizeof member->bus, "127.0.0.1:%zu", 26710 + i);
}

static void open_end(size_t i)
{
    lia_why why = {0};
    lia_bus_options options = {.loop = &loop,
                               .node = (uint16_t)(i + 1),
                               .members = &members,
                               .keys = &ends[i].keys,
                               .asked_bytes_max = SIZE_MAX,
                               .asked_frames_per_s = UINT32_MAX,
                               .handler = {receive, link_changed, &ends[i]}};
    uint64_t before = lia_time_ticks_ns();
    check(lia_bus_open(&ends[i].bus, &lia_bus_zmq, &options, &why) == LIA_OK, why.text);
    if (i == 0) report("open", 1, "ms", (double)(lia_time_ticks_ns() - before) / 1e6);
}

static void open_both(void)
{
    check(lia_crypto_init() == LIA_OK, "no random source");
    uv_loop_init(&loop);
    members = (lia_members){.cluster = lia_id_make(1), .epoch = 1, .count = 2};
    for (size_t i = 0; i < 2; i++) make_member(i);
    for (size_t i = 0; i < 2; i++) open_end(i);
    while (!ends[0].linked || !ends[1].linked) uv_run(&loop, UV_RUN_ONCE);
}

/* ---- what is measured ------------------------------------------------------------------------ */

/* At most 4 MiB are under way, as a session's credit would have it. */
static void stream(size_t size)
{
    uint64_t window = ((size_t)4 << 20) / size, sent = ends[1].received, first = sent;
    if (window > 4000) window = 4000;
    uint64_t begin = lia_time_ticks_ns(), until = begin + (uint64_t)SECONDS * 1000000000u;
    while (lia_time_ticks_ns() < until) {
        while (sent - ends[1].received < window) {
            if (lia_bus_send(ends[0].bus, 2, LIA_BUS_CLIENT, lia_span_make(frame, size))) break;
            sent++;
        }
        uv_run(&loop, UV_RUN_ONCE);
    }
    double seconds = (double)(lia_time_ticks_ns() - begin) / 1e9;
    double frames = (double)(ends[1].received - first) / seconds;
    while (ends[1].received < sent) uv_run(&loop, UV_RUN_ONCE);
    report("frames", size, "frames/s", frames);
    report("bytes", size, "MB/s", frames * (double)size / 1e6);
}

static void converse(size_t size)
{
    ends[1].echo = true;
    uint64_t begin = lia_time_ticks_ns(), first = ends[0].received;
    for (uint64_t i = 1; i <= QUESTIONS; i++) {
        check(lia_bus_send(ends[0].bus, 2, LIA_BUS_CLIENT, lia_span_make(frame, size)) == LIA_OK,
              "a question was not taken");
        while (ends[0].received < first + i) uv_run(&loop, UV_RUN_ONCE);
    }
    report("round_trip", size, "us", (double)(lia_time_ticks_ns() - begin) / 1e3 / QUESTIONS);
    ends[1].echo = false;
}

int main(void)
{
    lia_log_set_level(LIA_ERROR);
    open_both();
    stream(300);
    stream(30000);
    stream((size_t)96 << 10);
    converse(300);
    for (size_t i = 0; i < 2; i++) lia_bus_close(ends[i].bus, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) != 0;
}
