/* SPDX-License-Identifier: Apache-2.0 */
/* All is kept as JSON objects, which are the maps that the checks need:
 *
 *     commands  token -> {node, worker, kind, field, record, position, acknowledged, refused,
 *                         unsure, reply, seen: {node -> [position, ...]}}
 *     events    position -> the event as its first reader showed it
 *     lanes     node -> {lane -> highest number}
 *     deals, answers, offers   node -> {hand-over -> count}
 *     records   node -> {kind/word -> [id, ...]} */
#include "tests/cluster/history.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct lia_history {
    json_t *commands, *events, *lanes, *deals, *answers, *records, *order;
    json_t *problems; /* found while reading */
    lia_history_counts counts;
};

lia_history *lia_history_open(void)
{
    lia_history *h = calloc(1, sizeof *h);
    if (!h) return NULL;
    h->commands = json_object();
    h->events = json_object();
    h->lanes = json_object();
    h->deals = json_object();
    h->answers = json_object();
    h->records = json_object();
    h->order = json_object();
    h->problems = json_array();
    return h;
}

void lia_history_close(lia_history *h)
{
    if (!h) return;
    json_t *all[] = {h->commands, h->events,  h->lanes, h->deals,
                     h->answers,  h->records, h->order, h->problems};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) json_decref(all[i]);
    free(h);
}

/* ---- small helpers --------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* The object (or array) at that name, made when it is not there. */
static json_t *inner(json_t *object, const char *name, json_t *(*make)(void))
{
    json_t *found = json_object_get(object, name);
    if (found) return found;
    json_object_set_new(object, name, make());
    return json_object_get(object, name);
}

static void add_count(json_t *object, const char *name)
{
    json_int_t old = json_integer_value(json_object_get(object, name));
    json_object_set_new(object, name, json_integer(old + 1));
}

static void problem(lia_history *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void problem(lia_history *h, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_array_append_new(h->problems, json_string(text));
}

/* "1/8f3a.../42": the lane's part, and the number. */
static bool split_position(const char *position, char lane[64], json_int_t *seq)
{
    const char *slash = strrchr(position, '/');
    if (!slash || slash == position || slash - position >= 64) return false;
    snprintf(lane, 64, "%.*s", (int)(slash - position), position);
    *seq = strtoll(slash + 1, NULL, 10);
    return *seq > 0;
}

/* ---- replies --------------------------------------------------------------------------------- */

static json_t *command_of(lia_history *h, const json_t *reply)
{
    const char *token = text_of(reply, "token");
    json_t *command = json_object_get(h->commands, token);
    if (command) return command;
    command = inner(h->commands, token, json_object);
    static const char *const kept[] = {"node", "worker", "kind", "field", "token"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        json_object_set(command, kept[i], json_object_get(reply, kept[i]));
    inner(command, "seen", json_object);
    h->counts.commands++;
    return command;
}

/* A worker waits for each answer, so its positions at one node only grow. */
static void check_order(lia_history *h, const json_t *reply)
{
    char lane[64], name[160];
    json_int_t seq;
    if (!split_position(text_of(reply, "position"), lane, &seq)) return;
    snprintf(name, sizeof name, "%s/%" JSON_INTEGER_FORMAT " %s", text_of(reply, "node"),
             json_integer_value(json_object_get(reply, "worker")), lane);
    json_int_t before = json_integer_value(json_object_get(h->order, name));
    if (seq <= before)
        problem(h,
                "%s: answered with position %s after an earlier command of the same worker had "
                "number %" JSON_INTEGER_FORMAT,
                text_of(reply, "token"), text_of(reply, "position"), before);
    json_object_set_new(h->order, name, json_integer(seq));
}

static void take_acknowledgement(lia_history *h, json_t *command, const json_t *reply)
{
    static const char *const same[] = {"position", "record"};
    bool first = !json_object_get(command, "acknowledged");
    for (size_t i = 0; i < 2; i++) {
        if (first)
            json_object_set(command, same[i], json_object_get(reply, same[i]));
        else if (strcmp(text_of(command, same[i]), text_of(reply, same[i])) != 0)
            problem(h, "%s: asked again at %s it was answered with %s %s, before with %s",
                    text_of(reply, "token"), text_of(reply, "node"), same[i],
                    text_of(reply, same[i]), text_of(command, same[i]));
    }
    json_object_set_new(command, "acknowledged", json_true());
    if (first) check_order(h, reply);
}

lia_err lia_history_reply(lia_history *h, lia_span line)
{
    json_t *reply = json_loadb((const char *)line.data, line.size, 0, NULL);
    if (!reply || !*text_of(reply, "token")) {
        json_decref(reply);
        return LIA_EINVAL;
    }
    json_t *command = command_of(h, reply);
    json_int_t status = json_integer_value(json_object_get(reply, "status"));
    h->counts.replies++;
    if (status >= 200 && status < 300) {
        take_acknowledgement(h, command, reply);
        json_object_set(command, "reply", reply);
    } else if (status >= 400 && status < 500 && status != 408 && status != 429) {
        json_object_set_new(command, "refused", json_true());
        json_object_set(command, "reply", reply);
        if (strstr(text_of(reply, "error"), "key-reused"))
            problem(h, "%s: the same request under its key was refused at %s as another one",
                    text_of(reply, "token"), text_of(reply, "node"));
    } else {
        json_object_set_new(command, "unsure", json_true());
    }
    json_decref(reply);
    return LIA_OK;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void check_number(lia_history *h, const char *node, const char *position)
{
    char lane[64];
    json_int_t seq;
    if (!split_position(position, lane, &seq)) {
        problem(h, "%s shows an event without a position: '%s'", node, position);
        return;
    }
    json_t *lanes = inner(h->lanes, node, json_object);
    json_int_t before = json_integer_value(json_object_get(lanes, lane));
    if (seq != before + 1)
        problem(h, "%s shows event %s after number %" JSON_INTEGER_FORMAT " of that origin", node,
                position, before);
    if (seq > before) json_object_set_new(lanes, lane, json_integer(seq));
}

static void check_alike(lia_history *h, const char *node, const char *position, const json_t *event)
{
    json_t *known = json_object_get(h->events, position);
    if (!known)
        json_object_set(h->events, position, (json_t *)event);
    else if (!json_equal(known, event))
        problem(h, "%s shows another event %s than the node read before it", node, position);
}

/* The words that commands write. What is set up by hand begins with "setup". */
static void take_word(lia_history *h, const char *node, const char *position, const char *kind,
                      const char *field, const json_t *set)
{
    const char *word = text_of(set, field);
    if (!*word || strncmp(word, "setup", 5) == 0) return;
    json_t *command = json_object_get(h->commands, word);
    if (!command || strcmp(text_of(command, "kind"), kind) ||
        strcmp(text_of(command, "field"), field)) {
        problem(h, "%s shows in event %s what nobody asked for: %s.%s = '%s'", node, position, kind,
                field, word);
        return;
    }
    json_t *seen = inner(json_object_get(command, "seen"), node, json_array);
    json_array_append_new(seen, json_string(position));
}

static void take_change(lia_history *h, const char *node, const char *position,
                        const json_t *change)
{
    static const struct {
        const char *kind, *field;
    } words[] = {{"customer", "name"},
                 {"customer", "note"},
                 {"interaction", "subject"},
                 {"handover", "reason"}};
    const char *kind = text_of(change, "kind");
    const json_t *set = json_object_get(change, "set");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(kind, words[i].kind)) take_word(h, node, position, kind, words[i].field, set);
    if (!strcmp(kind, "deal") && *text_of(set, "handover"))
        add_count(inner(h->deals, node, json_object), text_of(set, "handover"));
}

lia_err lia_history_event(lia_history *h, const char *node, lia_span line)
{
    json_t *event = json_loadb((const char *)line.data, line.size, 0, NULL), *change;
    const char *position = text_of(event, "id"), *type = text_of(event, "type");
    if (!*type) {
        json_decref(event);
        return LIA_EINVAL;
    }
    size_t i;
    const json_t *data = json_object_get(event, "data");
    h->counts.events++;
    check_number(h, node, position);
    check_alike(h, node, position, event);
    json_array_foreach(json_object_get(data, "changes"), i, change)
        take_change(h, node, position, change);
    if (strstr(type, ".handover.accepted") || strstr(type, ".handover.refused"))
        add_count(inner(h->answers, node, json_object),
                  text_of(json_object_get(data, "fact"), "handover"));
    json_decref(event);
    return LIA_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

lia_err lia_history_record(lia_history *h, const char *node, const char *kind, lia_span line)
{
    json_t *record = json_loadb((const char *)line.data, line.size, 0, NULL);
    const char *field = !strcmp(kind, "customer")      ? "name"
                        : !strcmp(kind, "interaction") ? "subject"
                                                       : "reason";
    if (!record || !*text_of(record, "id")) {
        json_decref(record);
        return LIA_EINVAL;
    }
    char name[512];
    snprintf(name, sizeof name, "%s/%s", kind, text_of(record, field));
    json_t *ids = inner(inner(h->records, node, json_object), name, json_array);
    json_array_append(ids, json_object_get(record, "id"));
    h->counts.records++;
    json_decref(record);
    return LIA_OK;
}

/* ---- checking -------------------------------------------------------------------------------- */

static void check_seen(lia_history *h, json_t *command, const char *node)
{
    const json_t *seen = json_object_get(json_object_get(command, "seen"), node);
    size_t count = json_array_size(seen);
    const char *at = json_string_value(json_array_get(seen, 0));
    const char *token = text_of(command, "token");
    char *reply = json_dumps(json_object_get(command, "reply"), JSON_COMPACT);
    const char *said = reply ? reply : "no reply";
    if (count > 1)
        problem(h, "%s has '%s' %zu times, at %s and %s; reply: %s", node, token, count, at,
                json_string_value(json_array_get(seen, 1)), said);
    if (json_object_get(command, "acknowledged")) {
        if (count == 0)
            problem(h, "%s lacks '%s', which %s acknowledged: %s", node, token,
                    text_of(command, "node"), said);
        else if (strcmp(at, text_of(command, "position")) != 0)
            problem(h, "%s has '%s' at %s, which %s acknowledged elsewhere: %s", node, token, at,
                    text_of(command, "node"), said);
    } else if (json_object_get(command, "refused") && !json_object_get(command, "unsure") &&
               count) {
        problem(h, "%s has '%s' at %s, which was refused: %s", node, token, at, said);
    }
    free(reply);
}

/* An outcome that nobody was told is still the same at all nodes. */
static void check_everywhere(lia_history *h, json_t *command)
{
    const char *node, *with = NULL, *without = NULL;
    json_t *unused;
    json_object_foreach(h->lanes, node, unused)
    {
        (void)unused;
        check_seen(h, command, node);
        if (json_object_get(json_object_get(command, "seen"), node))
            with = node;
        else
            without = node;
    }
    if (with && without && !json_object_get(command, "acknowledged"))
        problem(h, "%s has '%s' and %s has not; no reply came", with, text_of(command, "token"),
                without);
}

static void check_lanes(lia_history *h)
{
    const char *node, *lane, *first = NULL;
    json_t *lanes, *seq;
    json_object_foreach(h->lanes, node, lanes)
    {
        if (!first) first = node;
        json_t *others = json_object_get(h->lanes, first);
        json_object_foreach(lanes, lane, seq)
        {
            json_int_t here = json_integer_value(seq);
            json_int_t there = json_integer_value(json_object_get(others, lane));
            if (here != there)
                problem(h,
                        "%s holds origin %s to %" JSON_INTEGER_FORMAT
                        ", %s to %" JSON_INTEGER_FORMAT,
                        node, lane, here, first, there);
        }
        if (json_object_size(lanes) != json_object_size(others))
            problem(h, "%s knows %zu origins, %s knows %zu", node, json_object_size(lanes), first,
                    json_object_size(others));
    }
}

static void check_handover(lia_history *h, json_t *command, const char *node)
{
    const char *id = text_of(command, "record");
    const json_t *deals = json_object_get(h->deals, node);
    const json_t *answers = json_object_get(h->answers, node);
    json_int_t made = json_integer_value(json_object_get(deals, id));
    json_int_t answered = json_integer_value(json_object_get(answers, id));
    if (made != 1 || answered != 1)
        problem(h,
                "%s shows %" JSON_INTEGER_FORMAT " answers and %" JSON_INTEGER_FORMAT
                " deals of hand-over %s ('%s')",
                node, answered, made, id, text_of(command, "token"));
}

static void check_listed(lia_history *h, json_t *command, const char *node, const json_t *records)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s", text_of(command, "kind"), text_of(command, "token"));
    const json_t *ids = json_object_get(records, name);
    bool acknowledged = json_object_get(command, "acknowledged") != NULL;
    if (json_array_size(ids) > 1)
        problem(h, "%s lists %s %zu times", node, name, json_array_size(ids));
    if (acknowledged && json_array_size(ids) == 0)
        problem(h, "%s does not list %s, which was acknowledged", node, name);
    const char *id = json_string_value(json_array_get(ids, 0));
    if (acknowledged && id && strcmp(id, text_of(command, "record")) != 0)
        problem(h, "%s lists %s as %s, acknowledged was %s", node, name, id,
                text_of(command, "record"));
}

static void check_records(lia_history *h, json_t *command)
{
    const char *node;
    json_t *records;
    bool is_made = strcmp(text_of(command, "field"), "note") != 0; /* changes make no record */
    if (is_made)
        json_object_foreach(h->records, node, records) check_listed(h, command, node, records);
    if (strcmp(text_of(command, "kind"), "handover") || !json_object_get(command, "acknowledged"))
        return;
    json_object_foreach(h->lanes, node, records) check_handover(h, command, node);
}

size_t lia_history_check(lia_history *h, size_t most, FILE *to)
{
    const char *token;
    json_t *command, *text;
    size_t i;
    check_lanes(h);
    json_object_foreach(h->commands, token, command)
    {
        check_everywhere(h, command);
        check_records(h, command);
    }
    json_array_foreach(h->problems, i, text) if (i < most)
        fprintf(to, "%s\n", json_string_value(text));
    return json_array_size(h->problems);
}

void lia_history_count(const lia_history *h, lia_history_counts *out)
{
    const char *token;
    json_t *command;
    *out = h->counts;
    json_object_foreach(h->commands, token, command)
    {
        if (json_object_get(command, "acknowledged"))
            out->acknowledged++;
        else if (json_object_get(command, "refused") && !json_object_get(command, "unsure"))
            out->refused++;
        else
            out->unknown++;
    }
}
