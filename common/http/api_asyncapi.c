/* SPDX-License-Identifier: Apache-2.0 */
/* GET /asyncapi.json: AsyncAPI 3.0 of what a node tells: one message for every fact, over three
 * channels (Server-Sent Events, webhooks, the public stream of ZeroMQ), from the tables that also
 * write them. */
#include "common/events/event_json.h"
#include "common/http/api_lookout.h"

/* What no table knows. */
static const char head[] =
    "{\"asyncapi\":\"3.0.0\",\"info\":{\"title\":\"Liaison events\",\"version\":\"" LIA_VERSION
    "\",\"description\":\"Everything that happens, as CloudEvents 1.0: live and from any position "
    "over "
    "HTTP, pushed to webhooks, and as protobuf on a ZeroMQ PUB socket. Delivery is at least once; "
    "an "
    "event's id tells repetitions.\",\"license\":{\"name\":\"Apache-2.0\",\"url\":"
    "\"https://www.apache.org/licenses/LICENSE-2.0\"},\"contact\":{\"name\":\"Whoever runs this "
    "node\","
    "\"url\":\"https://example.org\"}},\"defaultContentType\":\"application/cloudevents+json\"";

static const char operations[] =
    "\"operations\":{"
    "\"followEvents\":{\"action\":\"send\",\"security\":[{\"$ref\":\"#/components/securitySchemes/"
    "pass\"}],"
    "\"channel\":{\"$ref\":\"#/channels/events\"},\"summary\":"
    "\"A stream of Server-Sent Events; Last-Event-ID or from= resumes it\"},"
    "\"callWebhook\":{\"action\":\"send\",\"security\":[{\"$ref\":\"#/components/securitySchemes/"
    "signature\"}],"
    "\"channel\":{\"$ref\":\"#/channels/webhooks\"},\"summary\":"
    "\"A POST for each event, signed by Standard Webhooks, repeated until it is answered with "
    "2xx\"},"
    "\"publishEvents\":{\"action\":\"send\",\"security\":[{\"$ref\":\"#/components/securitySchemes/"
    "curve\"}],"
    "\"channel\":{\"$ref\":\"#/channels/public\"},\"summary\":"
    "\"Every event once to whoever subscribes now; what is lost is fetched by its position\"}}";

static const char security[] =
    "\"securitySchemes\":{\"pass\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
    "\"A session or token; the stream is cut to its rights\"},\"signature\":{\"type\":"
    "\"httpApiKey\",\"in\":\"header\",\"name\":\"webhook-signature\",\"description\":\"HMAC-SHA256 "
    "by Standard Webhooks\"},\"curve\":{\"type\":\"asymmetricEncryption\",\"description\":\"CURVE; "
    "an administrator admits the tool's key\"}}";

static const char envelope[] =
    "\"CloudEvent\":{\"type\":\"object\",\"required\":[\"specversion\",\"id\",\"source\",\"type\"],"
    "\"properties\":{\"specversion\":{\"const\":\"1.0\"},\"id\":{\"type\":\"string\","
    "\"description\":"
    "\"node/incarnation/number\"},\"source\":{\"type\":\"string\",\"description\":\"/nodes/"
    "<name>\"},"
    "\"type\":{\"type\":\"string\",\"description\":\"liaison.<department>.<fact>\"},\"subject\":{"
    "\"type\":\"string\",\"format\":\"uuid\",\"description\":\"The customer that it speaks of\"},"
    "\"time\":{\"type\":\"string\",\"format\":\"date-time\"},\"datacontenttype\":{\"type\":"
    "\"string\"},"
    "\"data\":{\"type\":\"object\",\"properties\":{\"erased\":{\"type\":\"boolean\","
    "\"description\":"
    "\"Nothing is left of it but that it "
    "was\"},\"changes\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"object\",\"properties\":{\"kind\":{\"type\":[\"string\",\"integer\"]},\"record\":{\"type\":"
    "\"string\",\"format\":\"uuid\"},\"set\":{\"type\":\"object\"},\"cleared\":{\"type\":\"array\","
    "\"items\":{\"type\":\"string\"}}}}}}}}}";

/* "liaison.sales.DealWon" -> "DealWon" */
static const char *schema_name(const char *full_name)
{
    const char *dot = strrchr(full_name, '.');
    return dot ? dot + 1 : full_name;
}

static const lia_fact *fact_at(size_t index)
{
    size_t count;
    const lia_fact *facts = lia_facts(&count);
    return index < count ? &facts[index] : NULL;
}

static bool is_told(const lia_fact *fact)
{
    return !fact->secret;
}

/* ---- channels -------------------------------------------------------------------------------- */

typedef enum channel { LIVE, PUSHED, PUBLIC } channel;

/* References to every message, and to those that are no facts. */
static void put_messages(lia_buf *out, channel where)
{
    lia_buf_text(out, "\"messages\":{\"record.changed\":{\"$ref\":\"#/components/messages/"
                      "record.changed\"}");
    if (where != PUBLIC)
        lia_buf_text(out,
                     ",\"" LIA_GAP_NAME "\":{\"$ref\":\"#/components/messages/" LIA_GAP_NAME "\"}");
    if (where == LIVE)
        lia_buf_text(out, ",\"" LIA_PRESENCE_NAME
                          "\":{\"$ref\":\"#/components/messages/" LIA_PRESENCE_NAME "\"}");
    for (size_t i = 0; fact_at(i); i++)
        if (is_told(fact_at(i)) && strcmp(fact_at(i)->name, "record.changed") != 0)
            lia_buf_format(out, ",\"%s\":{\"$ref\":\"#/components/messages/%s\"}", fact_at(i)->name,
                           fact_at(i)->name);
    lia_buf_byte(out, '}');
}

static void put_channels(lia_buf *out)
{
    lia_buf_text(out,
                 "\"channels\":{\"events\":{\"address\":\"/api/v1/events\",\"title\":"
                 "\"Live events\",\"description\":\"Parameters: from, until, topic, kind, fact, "
                 "filter, customer, presence, limit; see the OpenAPI document\",");
    put_messages(out, LIVE);
    lia_buf_text(out, "},\"webhooks\":{\"title\":\"Webhooks\",\"description\":"
                      "\"The address stands in the webhook's record\",");
    put_messages(out, PUSHED);
    lia_buf_text(out,
                 "},\"public\":{\"address\":\"{department}.{fact}\",\"title\":\"Public stream\","
                 "\"description\":\"ZeroMQ PUB with CURVE: two parts, the topic and the event in "
                 "protobuf (liaison.event.Event). For members and for tools that were admitted\","
                 "\"parameters\":{\"department\":{\"enum\":[\"sales\",\"marketing\",\"service\","
                 "\"analytics\"],\"description\":\"Whose node it happened at\"},\"fact\":{"
                 "\"description\":\"The fact's name: deal.won\"}},");
    put_messages(out, PUBLIC);
    lia_buf_text(out, "}}");
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Facts of all departments are told by any of them. */
static void put_type(lia_buf *out, const lia_fact *fact)
{
    const char *department = lia_department_name(fact->department);
    if (fact->department != LIA_DEPARTMENT_ANY && department)
        lia_buf_format(out, "{\"const\":\"liaison.%s.%s\"}", department, fact->name);
    else
        lia_buf_format(out, "{\"type\":\"string\",\"pattern\":\"^liaison\\\\.[a-z]+\\\\.%s$\"}",
                       fact->name);
}

static void put_fact(lia_buf *out, const lia_fact *fact)
{
    lia_buf_format(out, "\"%s\":{\"name\":\"%s\",\"title\":", fact->name, fact->name);
    lia_json_put_text(out, lia_span_text(fact->label));
    lia_buf_text(out, ",\"payload\":{\"allOf\":[{\"$ref\":\"#/components/schemas/CloudEvent\"},{"
                      "\"type\":\"object\",\"properties\":{\"type\":");
    put_type(out, fact);
    lia_buf_format(out,
                   ",\"data\":{\"type\":\"object\",\"properties\":{\"fact\":{\"$ref\":"
                   "\"#/components/schemas/%s\"}}}}}]}}",
                   schema_name(fact->message->name));
}

static const lia_kind *see(const void *who, uint32_t number)
{
    return lia_rights_kind(lia_principal_rights(who), number);
}

static void put_components(lia_buf *out, const lia_principal *who)
{
    lia_buf_text(out, "\"components\":{\"messages\":{\"" LIA_GAP_NAME "\":{\"name\":\"" LIA_GAP_NAME
                      "\",\"title\":\"Events have left the log\",\"payload\":{\"$ref\":"
                      "\"#/components/schemas/CloudEvent\"}},\"" LIA_PRESENCE_NAME
                      "\":{\"name\":\"" LIA_PRESENCE_NAME
                      "\",\"title\":\"Others look at a record, or do not any more\",\"payload\":{"
                      "\"$ref\":\"#/components/schemas/CloudEvent\"}}");
    bool has_changed = false;
    for (size_t i = 0; fact_at(i); i++) {
        if (!is_told(fact_at(i))) continue;
        has_changed |= !strcmp(fact_at(i)->name, "record.changed");
        lia_buf_byte(out, ',');
        put_fact(out, fact_at(i));
    }
    if (!has_changed)
        lia_buf_text(out, ",\"record.changed\":{\"name\":\"record.changed\",\"title\":\"Changed\","
                          "\"payload\":{\"$ref\":\"#/components/schemas/CloudEvent\"}}");
    lia_buf_text(out, "},");
    lia_buf_text(out, security);
    lia_buf_text(out, ",\"schemas\":{");
    lia_buf_text(out, envelope);
    lia_buf_byte(out, ',');
    lia_catalog_put_openapi(out, see, who);
    lia_buf_byte(out, '}');
}

/* ---- the document ---------------------------------------------------------------------------- */

static void put_servers(lia_buf *out, const lia_member *member)
{
    lia_buf_format(out,
                   "\"servers\":{\"http\":{\"host\":\"%s\",\"protocol\":\"http\",\"description\":"
                   "\"The node's HTTP address\"}",
                   member->http);
    if (*member->pub)
        lia_buf_format(out,
                       ",\"public\":{\"host\":\"%s\",\"protocol\":\"zeromq\",\"description\":"
                       "\"The node's PUB socket\"}",
                       member->pub);
    lia_buf_byte(out, '}');
}

void lia_api_asyncapi(lia_call *call)
{
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, head);
    lia_buf_byte(&out, ',');
    put_servers(&out, call->api->member);
    lia_buf_byte(&out, ',');
    put_channels(&out);
    lia_buf_byte(&out, ',');
    lia_buf_text(&out, operations);
    lia_buf_byte(&out, ',');
    put_components(&out, call->who);
    lia_buf_text(&out, "}}");
    lia_call_document(call, &out);
}
