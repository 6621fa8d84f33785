/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/events.h"

#include "common/base/id.h"

/* The node sends a comment every 15 s: three missing ones are a dead connection. */
#define SILENCE_SECONDS 50L

typedef struct reading {
    lia_events *events;
    CURL *curl;
    bool had_enough;
    lia_bytes refusal; /* the body of an answer that is no stream */
} reading;

static size_t take(char *data, size_t one, size_t count, void *context)
{
    reading *r = context;
    size_t size = one * count;
    long status = 0;
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        bool room = r->refusal.size < 65536 && lia_bytes_add(&r->refusal, data, size);
        return room ? size : 0;
    }
    if (lia_sse_feed(&r->events->sse, data, size)) return size;
    r->had_enough = true;
    return 0;
}

static int look_for_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    reading *r = context;
    (void)a, (void)b, (void)c, (void)d;
    r->had_enough |= r->events->stop && *r->events->stop;
    return r->had_enough;
}

static struct curl_slist *headers_of(const lia_events *events)
{
    char line[160];
    struct curl_slist *headers = lia_client_headers(events->target);
    snprintf(line, sizeof line, "Last-Event-ID: %s", events->sse.id);
    return *events->sse.id ? curl_slist_append(headers, line) : headers;
}

static lia_err perform(reading *r, lia_why *why)
{
    char error[CURL_ERROR_SIZE] = "";
    long status = 0;
    curl_easy_setopt(r->curl, CURLOPT_ERRORBUFFER, error);
    CURLcode code = curl_easy_perform(r->curl);
    if (r->had_enough) return LIA_ECLOSED;
    if (code) return lia_client_broke(r->events->target, code, error, why);
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return LIA_OK;
    return lia_client_refused(r->events->target, status, r->refusal.data, r->refusal.size, why);
}

lia_err lia_events_read(lia_events *events, lia_why *why)
{
    char url[1024];
    reading r = {.events = events, .curl = curl_easy_init()};
    if (!r.curl) return lia_why_set(why, LIA_EFULL, "no memory");
    struct curl_slist *headers = headers_of(events);
    snprintf(url, sizeof url, "%s/events?%s", events->target->url, events->query);
    lia_sse_reset(&events->sse);
    lia_client_prepare(events->target, r.curl);
    curl_easy_setopt(r.curl, CURLOPT_URL, url);
    curl_easy_setopt(r.curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(r.curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(r.curl, CURLOPT_WRITEDATA, &r);
    curl_easy_setopt(r.curl, CURLOPT_XFERINFOFUNCTION, look_for_stop);
    curl_easy_setopt(r.curl, CURLOPT_XFERINFODATA, &r);
    curl_easy_setopt(r.curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(r.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(r.curl, CURLOPT_LOW_SPEED_TIME, SILENCE_SECONDS);
    lia_err err = perform(&r, why);
    curl_slist_free_all(headers);
    curl_easy_cleanup(r.curl);
    lia_bytes_fini(&r.refusal);
    return err;
}

/* ---- showing --------------------------------------------------------------------------------- */

/* What of the changes says most in one line: names, states, amounts. */
static void show_gist(const json_t *set)
{
    static const char *const telling[] = {"name",    "subject", "title", "type",
                                          "channel", "stage",   "state", "reference"};
    for (size_t i = 0; i < LIA_COUNT(telling); i++) {
        const char *text = json_string_value(json_object_get(set, telling[i]));
        if (text) printf("  %s", text);
    }
    const json_t *amount = json_object_get(set, "amount");
    if (amount)
        printf("  %.2f %s", (double)lia_json_int_in(amount, "amount_minor") / 100,
               lia_json_text_in(amount, "currency"));
}

/* Of a fact all that is a word: "Qualify  Propose" of a deal that advanced. */
static void show_fact(const json_t *fact)
{
    const char *name;
    json_t *value;
    lia_id unused;
    json_object_foreach((json_t *)(uintptr_t)fact, name, value)
    {
        const char *text = json_string_value(value);
        if (json_is_object(value)) text = json_string_value(json_object_get(value, "name"));
        if (text && lia_id_parse(lia_span_text(text), &unused)) printf("  %s %s", name, text);
    }
}

static void show_line(const json_t *event)
{
    const char *type = lia_json_text_in(event, "type"), *time = lia_json_text_in(event, "time");
    const char *dot = strchr(type, '.'), *subject = lia_json_text_in(event, "subject");
    const json_t *data = json_object_get(event, "data");
    const json_t *change = json_array_get(json_object_get(data, "changes"), 0);
    printf("%s%.10s %.12s%s  %s%-28s%s %s", lia_out_color(LIA_DIM), time,
           strlen(time) > 11 ? time + 11 : "", lia_out_color(LIA_PLAIN), lia_out_color(LIA_BOLD),
           dot ? dot + 1 : type, lia_out_color(LIA_PLAIN),
           *subject ? subject : lia_json_text_in(change, "record"));
    show_gist(json_object_get(change, "set"));
    if (json_object_get(data, "detail")) printf("  %s", lia_json_text_in(data, "detail"));
    show_fact(json_object_get(data, "fact"));
    putchar('\n');
}

void lia_event_show(const lia_sse_event *event, bool as_json)
{
    json_t *json = as_json ? NULL : json_loadb(event->data, event->data_size, 0, NULL);
    if (json)
        show_line(json);
    else
        printf("%.*s\n", (int)event->data_size, event->data);
    json_decref(json);
}
