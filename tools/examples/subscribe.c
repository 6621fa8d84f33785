/* SPDX-License-Identifier: Apache-2.0 */
/* Follows everything that happens at a node by its public stream (ZeroMQ PUB, CURVE), and fetches
 * over HTTP what that lost or what happened while nobody listened.
 *
 *     subscribe NODE_URL PUB_ADDRESS NODE_KEY KEYS STATE OUT
 *
 * NODE_KEY is the node's public CURVE key in hexadecimal digits, KEYS the file node.keys that
 * 'liaison keys make' wrote; its public half was admitted with 'liaison tool admit'. Each event
 * becomes one line of OUT: its position. STATE holds how far each lane was told and the id of the
 * HTTP stream behind which a fetch begins; the line is written first, so a crash repeats and never
 * loses.
 *
 * PUB may lose messages, but numbers tell: every lane (node, incarnation) counts 1, 2, 3 ... A
 * number that is too high starts a fetch, and so does a second of silence, since nothing follows
 * the last message. Numbers of secret events are told by neither way; the fetch passes over them.
 *
 * Needs libzmq and libcurl; reads the few fields of an event's header by hand (proto/event.proto).
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum { KEY = 32, TEXT = 41, LANES = 1024, LINE = 256, SILENCE_MS = 1000 };

typedef struct lane {
    unsigned node;
    uint64_t incarnation, last;
} lane;

static lane lanes[LANES];
static size_t lane_count;
static char cursor[128]; /* "" before the first fetch */
static const char *url, *state_path;
static FILE *out;

static void die(const char *what)
{
    fprintf(stderr, "subscribe: %s\n", what);
    exit(1);
}

/* ---- what is known --------------------------------------------------------------------------- */

static lane *lane_of(unsigned node, uint64_t incarnation)
{
    for (size_t i = 0; i < lane_count; i++)
        if (lanes[i].node == node && lanes[i].incarnation == incarnation) return &lanes[i];
    if (lane_count == LANES) die("too many lanes");
    lanes[lane_count] = (lane){node, incarnation, 0};
    return &lanes[lane_count++];
}

static void load_state(void)
{
    char line[LINE];
    unsigned node;
    uint64_t incarnation, last;
    FILE *file = fopen(state_path, "r");
    if (!file) return;
    if (fgets(line, sizeof line, file)) sscanf(line, "%127s", cursor);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%u %" SCNx64 " %" SCNu64, &node, &incarnation, &last) == 3)
            lane_of(node, incarnation)->last = last;
    fclose(file);
}

static void save_state(void)
{
    char fresh[4096];
    snprintf(fresh, sizeof fresh, "%s.new", state_path);
    FILE *file = fopen(fresh, "w");
    if (!file) die("the state cannot be written");
    fprintf(file, "%s\n", cursor);
    for (size_t i = 0; i < lane_count; i++)
        fprintf(file, "%u %" PRIx64 " %" PRIu64 "\n", lanes[i].node, lanes[i].incarnation,
                lanes[i].last);
    if (fflush(file) || fsync(fileno(file)) || fclose(file) || rename(fresh, state_path))
        die("the state cannot be written");
}

/* Once for each event, by number. */
static void take(unsigned node, uint64_t incarnation, uint64_t seq)
{
    lane *of = lane_of(node, incarnation);
    if (seq <= of->last) return;
    fprintf(out, "%u/%016" PRIx64 "/%" PRIu64 "\n", node, incarnation, seq);
    of->last = seq;
}

static void settle(void)
{
    if (fflush(out) || fsync(fileno(out))) die("the events cannot be written");
    save_state();
}

/* ---- what was missed, over HTTP -------------------------------------------------------------- */

typedef struct fetch {
    char line[LINE]; /* the beginning of the line that is under way */
    size_t size;
    char id[128];
} fetch;

/* "id: <stream id>" and "data: {...,"id":"<position>",...}": more of a line is not looked at. */
static void take_line(fetch *f)
{
    unsigned node;
    uint64_t incarnation, seq;
    f->line[f->size < LINE ? f->size : LINE - 1] = 0;
    if (sscanf(f->line, "id: %127s", f->id) == 1) return;
    char *id = strncmp(f->line, "data: ", 6) ? NULL : strstr(f->line, "\"id\":\"");
    if (!id) return;
    if (sscanf(id, "\"id\":\"%u/%" SCNx64 "/%" SCNu64, &node, &incarnation, &seq) == 3)
        take(node, incarnation, seq);
    else
        fprintf(stderr, "missed: %s\n", f->line); /* stream.gap */
    snprintf(cursor, sizeof cursor, "%s", f->id);
}

static size_t heard(char *data, size_t size, size_t count, void *context)
{
    fetch *f = context;
    for (size_t i = 0; i < size * count; i++)
        if (data[i] == '\n') {
            take_line(f);
            f->size = 0;
        } else if (f->size < LINE - 1) {
            f->line[f->size++] = data[i];
        }
    return size * count;
}

/* Everything behind the cursor up to now. False: try again later. */
static bool catch_up(CURL *curl)
{
    char address[1024];
    long status = 0;
    fetch f = {.size = 0};
    snprintf(address, sizeof address, "%s/api/v1/events?until=now&from=%s", url,
             *cursor ? cursor : "start");
    struct curl_slist *headers = NULL;
    if (getenv("LIAISON_TOKEN")) {
        char line[512];
        snprintf(line, sizeof line, "Authorization: Bearer %s", getenv("LIAISON_TOKEN"));
        headers = curl_slist_append(NULL, line);
    }
    curl_easy_setopt(curl, CURLOPT_URL, address);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, heard);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &f);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    CURLcode rc = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 410) *cursor = 0; /* gone from the log: from the start, which tells of the gap */
    if (!rc) settle();              /* before the lines' cursors count, they are on the disk */
    return !rc;
}

/* ---- what happens now, by PUB ---------------------------------------------------------------- */

static bool varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

/* One field of a protobuf message: its number, and its value or its bytes. */
static bool field(const uint8_t **at, const uint8_t *end, unsigned *number, uint64_t *value,
                  const uint8_t **bytes)
{
    uint64_t tag;
    if (!varint(at, end, &tag)) return false;
    *number = (unsigned)(tag >> 3);
    if ((tag & 7) == 0) return varint(at, end, value);
    if ((tag & 7) == 1) {
        if (end - *at < 8) return false;
        memcpy(value, *at, 8); /* little-endian, as this machine */
        *at += 8;
        return true;
    }
    if ((tag & 7) != 2 || !varint(at, end, value) || *value > (uint64_t)(end - *at)) return false;
    *bytes = *at;
    *at += *value;
    return true;
}

/* Event.header = 1; Header.origin = 2, incarnation = 3, seq = 4. */
static bool read_position(const uint8_t *event, size_t size, lane *out_position)
{
    unsigned number;
    uint64_t value;
    const uint8_t *end = event + size, *header = NULL;
    size_t header_size = 0;
    while (event < end && field(&event, end, &number, &value, &header))
        if (number == 1) {
            header_size = (size_t)value;
            break;
        }
    if (!header) return false;
    const uint8_t *header_end = header + header_size, *unused;
    *out_position = (lane){0, 0, 0};
    while (header < header_end && field(&header, header_end, &number, &value, &unused)) {
        if (number == 2) out_position->node = (unsigned)value;
        if (number == 3) out_position->incarnation = value;
        if (number == 4) out_position->last = value;
    }
    return out_position->node && out_position->last;
}

/* Takes what waits, and waits a second for it. False: something is missing, or nothing came. */
static bool listen_on(void *socket)
{
    zmq_msg_t topic, event;
    lane said;
    bool whole = true, any = false;
    zmq_msg_init(&topic);
    zmq_msg_init(&event);
    while (zmq_msg_recv(&topic, socket, any ? ZMQ_DONTWAIT : 0) >= 0) {
        any = true;
        if (!zmq_msg_more(&topic) || zmq_msg_recv(&event, socket, 0) < 0) continue;
        if (!read_position(zmq_msg_data(&event), zmq_msg_size(&event), &said)) continue;
        lane *of = lane_of(said.node, said.incarnation);
        if (said.last > of->last + 1) {
            whole = false; /* the fetch brings this one, too */
            break;
        }
        take(said.node, said.incarnation, said.last);
    }
    zmq_msg_close(&topic);
    zmq_msg_close(&event);
    if (any) settle();
    return any && whole;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void read_hex(const char *text, uint8_t key[KEY])
{
    for (size_t i = 0; i < KEY; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1) die("a key has 64 hexadecimal digits");
        key[i] = (uint8_t)byte;
    }
}

/* The secret key stands in the file; the public one follows from it. libzmq takes both as Z85 text.
 */
static void read_keys(const char *path, char public[TEXT], char secret[TEXT])
{
    uint8_t key[KEY] = {0};
    char line[LINE], name[64], value[160];
    FILE *file = fopen(path, "r");
    if (!file) die("the file of the keys cannot be read");
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%63[^:]: %159s", name, value) == 2 && !strcmp(name, "curve_secret"))
            read_hex(value, key);
    fclose(file);
    zmq_z85_encode(secret, key, KEY);
    if (zmq_curve_public(public, secret)) die("the file of the keys holds no CURVE secret");
}

static void *subscribe(void *context, const char *address, const char *node_key, const char *keys)
{
    char endpoint[256], public[TEXT], secret[TEXT];
    uint8_t server[KEY];
    int silence = SILENCE_MS, linger = 0;
    void *socket = zmq_socket(context, ZMQ_SUB);
    read_hex(node_key, server);
    read_keys(keys, public, secret);
    snprintf(endpoint, sizeof endpoint, "tcp://%s", address);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server, KEY);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public, TEXT);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, TEXT);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &silence, sizeof silence);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    if (zmq_connect(socket, endpoint)) die("the address of the public stream is none");
    return socket;
}

int main(int argc, char **argv)
{
    if (argc != 7) die("NODE_URL PUB_ADDRESS NODE_KEY KEYS STATE OUT");
    url = argv[1];
    state_path = argv[5];
    out = fopen(argv[6], "a");
    CURL *curl = curl_easy_init();
    if (!out || !curl) die("no memory, or OUT cannot be written");
    load_state();
    void *socket = subscribe(zmq_ctx_new(), argv[2], argv[3], argv[4]);
    for (;;) { /* subscribed first, then the past, so that nothing falls in between */
        if (!catch_up(curl)) usleep(300000);
        while (listen_on(socket)) continue;
    }
}
