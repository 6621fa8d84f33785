/* SPDX-License-Identifier: Apache-2.0 */
/* wire_bench - what one event costs on its way through common/wire: an interaction of about 300
 * bytes with one op. One JSON object a line; each figure is the best of several rounds. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/time.h"
#include "common/wire/csv.h"
#include "common/wire/record.h"

enum { ROUNDS = 15, TURNS = 20000 };

static lia_arena arena;
static lia_span event_bytes, customer_row;
static lia_event parsed;
static lia_hash leaf, chain;
static volatile size_t sink; /* keeps results alive */

static void check(lia_err err, const char *what)
{
    if (!err) return;
    fprintf(stderr, "wire_bench: %s: %s\n", what, lia_err_text(err));
    exit(1);
}

/* ---- what is measured ------------------------------------------------------------------------ */

static void parse(void)
{
    lia_event event;
    check(lia_event_parse(&event, event_bytes, &arena, NULL), "parse");
    sink = event.op_count;
}

static void parse_header(void)
{
    lia_header header;
    check(lia_event_parse_header(&header, event_bytes), "parse_header");
    sink = header.seq;
}

static void leaf_and_chain(void)
{
    check(lia_event_leaf(event_bytes, &leaf), "leaf");
    chain = lia_chain_next(&chain, &leaf);
}

static void build(void)
{
    static const uint8_t salt[16] = "salt";
    lia_buf out = lia_buf_make(&arena);
    check(lia_event_build(&out, &parsed.header, parsed.ops, parsed.op_count, parsed.fact, salt),
          "build");
    sink = out.size;
}

static void join_and_encode(void)
{
    lia_record record = {0};
    lia_buf row = lia_buf_make(&arena);
    check(lia_record_join_op(&record, &parsed.ops[0], lia_header_stamp(&parsed.header), &arena),
          "join");
    lia_record_encode(&record, &row);
    sink = row.size;
}

/* A change to a customer of 20 registers: one field that it saw. */
static void change(void)
{
    static const lia_stamp now = {.hlc = 100u << 16, .incarnation = 2, .seq = 9, .node = 2};
    lia_touch touch = {.field = 5, .seen = {.hlc = 10, .incarnation = 1, .seq = 5, .node = 1}};
    lia_op op = {.set = LIA_SPAN("\x2a\x03new"), .touches = &touch, .touch_count = 1};
    lia_record record;
    lia_buf row = lia_buf_make(&arena);
    check(lia_record_decode(&record, customer_row, &arena), "decode");
    check(lia_record_join_op(&record, &op, now, &arena), "join");
    lia_record_encode(&record, &row);
    sink = row.size;
}

static void show(void)
{
    lia_record record;
    lia_buf out = lia_buf_make(&arena);
    check(lia_record_decode(&record, customer_row, &arena), "decode");
    lia_record_message(&record, NULL, &out);
    sink = out.size;
}

/* ---- what it is measured on ------------------------------------------------------------------ */

static void make_event(void)
{
    static const lia_id customer = {"customer number"}, record = {"interaction no."};
    static const char text[] = "Asked for a quote for twelve engines; wants to hear back before "
                               "Friday. Prefers the telephone.";
    lia_header header = {.node = 3,
                         .incarnation = 0x1122334455667788,
                         .seq = 123456,
                         .hlc = lia_hlc_at(1795336200000),
                         .fact = 10,
                         .department = 1,
                         .command = record,
                         .request = 0xabcdef,
                         .parts = 1,
                         .actor = 12,
                         .customer = customer};
    lia_buf set = lia_buf_make(&arena), out = lia_buf_make(&arena);
    lia_pb_put_bytes(&set, 1, lia_id_span(&customer));
    lia_pb_put_varint(&set, 2, 1);
    lia_pb_put_varint(&set, 3, 1);
    lia_pb_put_varint(&set, 4, 1);
    lia_pb_put_varint(&set, 5, 1795336200000);
    lia_pb_put_bytes(&set, 6, LIA_SPAN("Renewal"));
    lia_pb_put_bytes(&set, 7, lia_span_text(text));
    lia_pb_put_varint(&set, 11, 320000);
    lia_op op = {.record = record, .kind = 2, .set = lia_buf_get(&set)};
    lia_span fact = LIA_SPAN("\x0a\x10interaction no.1");
    check(lia_event_build(&out, &header, &op, 1, fact, NULL), "build");
    event_bytes = lia_buf_get(&out);
    check(lia_event_parse(&parsed, event_bytes, &arena, NULL), "parse");
}

/* 20 fields written by 5 events. */
static void make_customer(void)
{
    lia_record record = {0};
    for (uint32_t field = 1; field <= 20; field++) {
        lia_buf set = lia_buf_make(&arena);
        lia_pb_put_bytes(&set, field, LIA_SPAN("a value as they are"));
        lia_op op = {.set = lia_buf_get(&set)};
        lia_stamp stamp = {.hlc = 1 + field % 5, .incarnation = 1, .seq = 1 + field % 5, .node = 1};
        check(lia_record_join_op(&record, &op, stamp, &arena), "join");
    }
    lia_buf row = lia_buf_make(&arena);
    lia_record_encode(&record, &row);
    customer_row = lia_buf_get(&row);
}

/* ---- measuring ------------------------------------------------------------------------------- */

static void measure(const char *name, void (*run)(void))
{
    size_t mark = lia_arena_mark(&arena);
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t began = lia_time_ticks_ns();
        for (int i = 0; i < TURNS; i++) {
            run();
            lia_arena_back(&arena, mark);
        }
        uint64_t took = lia_time_ticks_ns() - began;
        if (took < best) best = took;
    }
    printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"ns\"}\n", name, (double)best / TURNS);
}

static lia_err count_cells(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    (void)line, (void)cells;
    *(size_t *)context += count;
    return LIA_OK;
}

static void measure_csv(void)
{
    static const char row[] = "4711,\"Lovelace, Ada\",ada@x.example,+441555010,GB,2026-11-22\r\n";
    lia_csv_reader *reader;
    size_t cells = 0, used, bytes = 0;
    check(lia_csv_open(&reader, ',', count_cells, &cells), "csv");
    uint64_t began = lia_time_ticks_ns();
    for (int i = 0; i < TURNS * 10; i++, bytes += used)
        check(lia_csv_feed(reader, lia_span_text(row), &used, NULL), "csv");
    double seconds = (double)(lia_time_ticks_ns() - began) / 1e9;
    lia_csv_close(reader);
    printf("{\"name\":\"wire.csv\",\"value\":%.0f,\"unit\":\"MB/s\"}\n",
           (double)bytes / 1e6 / seconds);
}

int main(void)
{
    check(lia_crypto_init(), "crypto");
    check(lia_arena_init(&arena, 64 << 20), "arena");
    make_event();
    make_customer();
    printf("{\"name\":\"wire.event_size\",\"value\":%zu,\"unit\":\"bytes\"}\n", event_bytes.size);
    measure("wire.parse", parse);
    measure("wire.parse_header", parse_header);
    measure("wire.leaf_and_chain", leaf_and_chain);
    measure("wire.build", build);
    measure("wire.join_and_encode", join_and_encode);
    measure("wire.change_of_20", change);
    measure("wire.show_of_20", show);
    measure_csv();
    return 0;
}
