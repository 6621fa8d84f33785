/* SPDX-License-Identifier: Apache-2.0 */
/* GET /openapi.json: OpenAPI 3.1, composed from the tables that also dispatch: kinds, command
 * rows, queries. The schemas come ready from tools/schemagen. */
#include "common/crm/crm.h"
#include "common/http/api_inner.h"

/* The paths that no table knows. */
static const char fixed_paths[] =
    "\"/api/v1/customers/{id}/timeline\":{\"get\":{\"operationId\":\"customers.timeline\","
    "\"summary\":\"Older entries of a customer's timeline, newest first\",\"parameters\":["
    "{\"$ref\":\"#/components/parameters/id\"},{\"$ref\":\"#/components/parameters/page_size\"},"
    "{\"$ref\":\"#/components/parameters/page_token\"}],\"responses\":{\"200\":{\"description\":"
    "\"timeline, next_page_token\"},\"default\":{\"$ref\":\"#/components/responses/problem\"}}}},"
    "\"/api/v1/customers/{id}/consents\":{\"get\":{\"operationId\":\"customers.consents\","
    "\"summary\":\"What the customer permits and objects to, and what follows for each purpose and "
    "channel\",\"parameters\":[{\"$ref\":\"#/components/parameters/id\"},{\"name\":\"purpose\","
    "\"in\":\"query\",\"schema\":{\"type\":\"string\"}},{\"name\":\"channel\",\"in\":\"query\","
    "\"schema\":{\"type\":\"string\"}}],\"responses\":{\"200\":{\"description\":\"customer, "
    "do_not_contact, consents, uses: purpose, channel, allowed, ground, reason, consent\"},"
    "\"default\":{\"$ref\":\"#/components/responses/problem\"}}}},"
    "\"/api/v1/customers/{id}/export\":{\"get\":{\"operationId\":\"customers.export\",\"summary\":"
    "\"Everything that is recorded about one customer, as a stream\",\"parameters\":["
    "{\"$ref\":\"#/components/parameters/id\"},{\"name\":\"format\",\"in\":\"query\",\"schema\":{"
    "\"type\":\"string\",\"enum\":[\"json\",\"html\"]}}],\"responses\":{\"200\":{\"description\":"
    "\"customers, the records that name them by kind, timeline, events, looks; complete comes last\","
    "\"content\":{\"application/json\":{},\"text/html\":{}}},\"default\":{\"$ref\":"
    "\"#/components/responses/problem\"}}}},"
    "\"/api/v1/duplicates\":{\"get\":{\"operationId\":\"duplicates\",\"summary\":\"Which customers might "
    "be the same, the likeliest first, and what speaks for it\",\"parameters\":["
    "{\"$ref\":\"#/components/parameters/customer\"},{\"name\":\"wait_ms\",\"in\":\"query\","
    "\"description\":\"Waits so long until it is worked out\",\"schema\":{\"type\":\"integer\","
    "\"maximum\":60000}},{\"$ref\":\"#/components/parameters/page_size\"},{\"$ref\":"
    "\"#/components/parameters/page_token\"}],\"responses\":{\"200\":{\"description\":\"a page\","
    "\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Duplicates\"}}}},"
    "\"default\":{\"$ref\":\"#/components/responses/problem\"}}}},"
    "\"/api/v1/customers:check\":{\"post\":{\"operationId\":\"customers.check\",\"tags\":["
    "\"customers\"],\"summary\":\"Who might be this customer? Nothing is made\",\"requestBody\":{"
    "\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/CustomerCreate\"}}}},"
    "\"responses\":{\"200\":{\"description\":\"the likeliest\",\"content\":{\"application/json\":{"
    "\"schema\":{\"type\":\"object\",\"properties\":{\"duplicates\":{\"type\":\"array\",\"items\":{"
    "\"$ref\":\"#/components/schemas/Duplicate\"}}}}}}},\"default\":{\"$ref\":"
    "\"#/components/responses/problem\"}}}},"
    "\"/api/v1/audit\":{\"get\":{\"operationId\":\"audit\",\"summary\":\"Who looked at whose data "
    "at this node, newest first\",\"parameters\":[{\"$ref\":\"#/components/parameters/customer\"},"
    "{\"name\":\"actor\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"since\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"format\":\"date-time\"}},"
    "{\"name\":\"until\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"format\":\"date-time\"}},"
    "{\"$ref\":\"#/components/parameters/page_size\"},{\"$ref\":\"#/components/parameters/"
    "page_token\"}],\"responses\":{\"200\":{\"description\":\"audit: at, actor, action, kind, "
    "record, count, times, words, everybody, customer_count, customers; next_page_token\"},"
    "\"default\":{\"$ref\":\"#/components/responses/problem\"}}}},"
    "\"/api/v1/events\":{\"get\":{\"operationId\":\"events\",\"summary\":\"Every committed event "
    "as "
    "Server-Sent Events in CloudEvents JSON, live or from a position\",\"parameters\":["
    "{\"name\":\"from\",\"in\":\"query\",\"description\":\"'start', a position "
    "(node/incarnation/number) or an id of this stream (node.incarnation.number): what is behind it. "
    "410 with 'first' when events behind it have left the log; the message stream.gap says the same "
    "within a stream\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"topic\",\"in\":\"query\",\"description\":\"Beginnings of topics, separated by "
    "commas: sales.deal.won,service.\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"customer\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"format\":\"uuid\"}},"
    "{\"name\":\"kind\",\"in\":\"query\",\"description\":\"The plural of a kind\",\"schema\":"
    "{\"type\":\"string\"}},"
    "{\"name\":\"until\",\"in\":\"query\",\"description\":\"'now', or the position of the last "
    "event: the stream ends behind it\",\"schema\":{\"type\":\"string\"}},"
    "{\"name\":\"limit\",\"in\":\"query\",\"description\":\"Events until the stream ends\","
    "\"schema\":{\"type\":\"integer\"}},"
    "{\"name\":\"Last-Event-ID\",\"in\":\"header\",\"schema\":{\"type\":\"string\"}}],"
    "\"responses\":{\"200\":{\"description\":\"the stream\",\"content\":{\"text/event-stream\":"
    "{}}},\"default\":{\"$ref\":\"#/components/responses/problem\"}}}},"
    "\"/api/v1/members\":{\"get\":{\"operationId\":\"members\",\"summary\":\"Who belongs to the "
    "cluster, by which list\",\"responses\":{\"200\":{\"description\":\"the member list\"}}},"
    "\"post\":{\"operationId\":\"takeMembers\",\"summary\":\"A later member list, signed by the "
    "administrators\",\"responses\":{\"200\":{\"description\":\"taken\"},\"409\":{"
    "\"description\":\"a later one is in force\"}}}},"
    "\"/api/v1/status\":{\"get\":{\"operationId\":\"status\",\"summary\":\"How the node is: lanes, "
    "peers, how far behind and why\",\"responses\":{\"200\":{\"description\":\"status\"}}}},"
    "\"/api/v1/kinds\":{\"get\":{\"operationId\":\"kinds\",\"summary\":\"The kinds of records with "
    "their fields, the facts and the commands\",\"responses\":{\"200\":{\"description\":\"kinds, "
    "facts, commands\"}}}},"
    "\"/api/v1/digest\":{\"get\":{\"operationId\":\"digest\",\"summary\":\"Sums of the state per "
    "bucket, with the vector of lanes they belong to\",\"responses\":{\"200\":{\"description\":"
    "\"vector, digest, buckets\"}}}},"
    "\"/api/v1/digest/{bucket}\":{\"get\":{\"operationId\":\"digest.bucket\",\"summary\":\"The "
    "records of one bucket with their sums\",\"parameters\":[{\"name\":\"bucket\",\"in\":\"path\","
    "\"required\":true,\"schema\":{\"type\":\"integer\"}}],\"responses\":{\"200\":{\"description\":"
    "\"records\"}}}}";

static const char components[] =
    "\"parameters\":{"
    "\"id\":{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\","
    "\"format\":\"uuid\"}},"
    "\"filter\":{\"name\":\"filter\",\"in\":\"query\",\"description\":\"AIP-160: country = "
    "\\\"DE\\\" "
    "AND NOT tags:lost\",\"schema\":{\"type\":\"string\"}},"
    "\"order_by\":{\"name\":\"order_by\",\"in\":\"query\",\"description\":\"created_at or an "
    "indexed "
    "field; ascending\",\"schema\":{\"type\":\"string\"}},"
    "\"customer\":{\"name\":\"customer\",\"in\":\"query\",\"description\":\"Only records of this "
    "customer\",\"schema\":{\"type\":\"string\",\"format\":\"uuid\"}},"
    "\"page_size\":{\"name\":\"page_size\",\"in\":\"query\",\"schema\":{\"type\":\"integer\","
    "\"minimum\":1}},"
    "\"page_token\":{\"name\":\"page_token\",\"in\":\"query\",\"description\":\"next_page_token of "
    "the page before\",\"schema\":{\"type\":\"string\"}},"
    "\"show_archived\":{\"name\":\"show_archived\",\"in\":\"query\",\"schema\":{\"type\":"
    "\"boolean\"}},"
    "\"explain\":{\"name\":\"explain\",\"in\":\"query\",\"description\":\"Adds which rows were "
    "looked at\",\"schema\":{\"type\":\"boolean\"}},"
    "\"history\":{\"name\":\"history\",\"in\":\"query\",\"description\":\"1: who set each field, "
    "and "
    "when\",\"schema\":{\"type\":\"integer\"}},"
    "\"timeline\":{\"name\":\"timeline\",\"in\":\"query\",\"description\":\"The page: so many "
    "timeline entries and the open work of all departments\",\"schema\":{\"type\":\"integer\"}},"
    "\"alone\":{\"name\":\"alone\",\"in\":\"query\",\"description\":\"Of a customer who is several "
    "records only the one that is named\",\"schema\":{\"type\":\"boolean\"}},"
    "\"key\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":\"The same key and "
    "request give the same answer, once done\",\"schema\":{\"type\":\"string\",\"maxLength\":255}},"
    "\"match\":{\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"ETag of the version that "
    "is to be changed\",\"schema\":{\"type\":\"string\"}},"
    "\"automation\":{\"name\":\"automation\",\"in\":\"query\",\"description\":\"Whether rules "
    "are set off by it; :batchCreate sets none off unless this says true\",\"schema\":{\"type\":"
    "\"boolean\"}},"
    "\"replicated\":{\"name\":\"replicated\",\"in\":\"query\",\"description\":\"How many other "
    "nodes must have it on disk before the answer; also as header Liaison-Replicated\","
    "\"schema\":{\"type\":\"integer\",\"minimum\":0}},"
    "\"deadline_ms\":{\"name\":\"deadline_ms\",\"in\":\"query\",\"description\":\"After it the "
    "answer is 202: kept here, and not yet there\",\"schema\":{\"type\":\"integer\","
    "\"minimum\":0,\"maximum\":60000,\"default\":5000}}},"
    "\"responses\":{\"problem\":{\"description\":\"RFC 9457\",\"content\":{\"application/"
    "problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}";

/* What the queue of duplicates, :check and the answer to a new customer have in common. */
static const char duplicate_schemas[] =
    "\"DuplicateReason\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},"
    "\"outcome\":{\"type\":\"string\",\"description\":\"email_same, name_close ...\"},\"what\":{"
    "\"type\":\"string\",\"description\":\"the same in words\"},\"weight\":{\"type\":\"number\","
    "\"description\":\"bits; below 0 it speaks against\"},\"a\":{\"type\":\"string\"},\"b\":{"
    "\"type\":\"string\"}}},"
    "\"DuplicateSide\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"format\":"
    "\"uuid\"},\"customer\":{\"type\":\"string\",\"format\":\"uuid\"},\"name\":{\"type\":\"string\"},"
    "\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"}}},"
    "\"DuplicateMatch\":{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\"},"
    "\"certain\":{\"type\":\"boolean\"},\"likely\":{\"type\":\"boolean\",\"description\":"
    "\"rules would link them\"},\"reasons\":{\"type\":\"array\",\"items\":{\"$ref\":"
    "\"#/components/schemas/DuplicateReason\"}}}},"
    "\"Duplicate\":{\"allOf\":[{\"$ref\":\"#/components/schemas/DuplicateSide\"},{\"$ref\":"
    "\"#/components/schemas/DuplicateMatch\"}]},"
    "\"DuplicatePair\":{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":"
    "\"#/components/schemas/DuplicateSide\"},\"b\":{\"$ref\":\"#/components/schemas/DuplicateSide\"},"
    "\"why\":{\"type\":\"string\",\"enum\":[\"open\",\"held\",\"full\",\"ambiguous\",\"joined\","
    "\"overruled\",\"newer\"]}}},{\"$ref\":\"#/components/schemas/DuplicateMatch\"}]},"
    "\"Duplicates\":{\"type\":\"object\",\"properties\":{\"duplicates\":{\"type\":\"array\",\"items\":{"
    "\"$ref\":\"#/components/schemas/DuplicatePair\"}},\"waiting\":{\"type\":\"integer\","
    "\"description\":\"records that are not worked out yet\"},\"next_page_token\":{\"type\":"
    "\"string\"}}}";

static const char problem_schema[] =
    "\"Problem\":{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{"
    "\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"code\":{\"type\":\"string\",\"description\":\"of a refusal\"},\"current\":{\"type\":"
    "\"object\",\"description\":\"the record as it stands, when it was changed meanwhile\"}}}";

/* ---- operations ------------------------------------------------------------------------------ */

/* "liaison.sales.WinDeal" -> "WinDeal" */
static const char *schema_name(const char *full_name)
{
    const char *dot = strrchr(full_name, '.');
    return dot ? dot + 1 : full_name;
}

typedef struct lia_operation {
    const char *method, *plural, *name; /* operationId is plural.name */
    const char *summary;
    const char *parameters[8];
    const char *request_type, *request, *request_suffix; /* NULL: no body */
    const char *answer_status, *answer;                  /* schema's name; NULL: any object */
} lia_operation;

static void put_ref(lia_buf *out, const char *name, const char *suffix)
{
    lia_buf_format(out, "{\"$ref\":\"#/components/schemas/%s%s\"}", name, suffix);
}

static void put_operation(lia_buf *out, const lia_operation *op)
{
    lia_buf_format(out,
                   "\"%s\":{\"operationId\":\"%s.%s\",\"tags\":[\"%s\"],\"summary\":", op->method,
                   op->plural, op->name, op->plural);
    lia_json_put_text(out, lia_span_text(op->summary));
    lia_buf_text(out, ",\"parameters\":[");
    for (size_t i = 0; i < LIA_COUNT(op->parameters) && op->parameters[i]; i++)
        lia_buf_format(out, "%s{\"$ref\":\"#/components/parameters/%s\"}", i ? "," : "",
                       op->parameters[i]);
    lia_buf_byte(out, ']');
    if (op->request) {
        lia_buf_format(out, ",\"requestBody\":{\"content\":{\"%s\":{\"schema\":", op->request_type);
        put_ref(out, op->request, op->request_suffix);
        lia_buf_text(out, "}}}");
    }
    lia_buf_format(out,
                   ",\"responses\":{\"%s\":{\"description\":\"done\",\"content\":{"
                   "\"application/json\":{\"schema\":",
                   op->answer_status ? op->answer_status : "200");
    if (op->answer)
        put_ref(out, op->answer, "");
    else
        lia_buf_text(out, "{\"type\":\"object\"}");
    lia_buf_text(out, "}}},\"default\":{\"$ref\":\"#/components/responses/problem\"}}}");
}

/* ---- a kind ---------------------------------------------------------------------------------- */

static void put_list(lia_buf *out, const lia_kind *kind)
{
    const char *name = schema_name(kind->message->name);
    lia_buf_format(out,
                   "\"get\":{\"operationId\":\"%s.list\",\"tags\":[\"%s\"],\"summary\":"
                   "\"A page of %s\",\"parameters\":[",
                   kind->plural, kind->plural, kind->plural);
    static const char *const parameters[] = {"filter",     "order_by",      "customer", "page_size",
                                             "page_token", "show_archived", "explain"};
    for (size_t i = 0; i < LIA_COUNT(parameters); i++)
        lia_buf_format(out, "%s{\"$ref\":\"#/components/parameters/%s\"}", i ? "," : "",
                       parameters[i]);
    lia_buf_format(out,
                   "],\"responses\":{\"200\":{\"description\":\"a page\",\"content\":{"
                   "\"application/json\":{\"schema\":{\"type\":\"object\",\"properties\":{\"%s\":{"
                   "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"}},"
                   "\"next_page_token\":{\"type\":\"string\"}}}}}},\"default\":{\"$ref\":"
                   "\"#/components/responses/problem\"}}}",
                   kind->plural, name);
}

static void put_command(lia_buf *out, const lia_kind *kind, const lia_command_row *row)
{
    const lia_operation op = {.method = "post",
                              .plural = kind->plural,
                              .name = *row->verb ? row->verb : "create",
                              .summary = row->help ? row->help : row->name,
                              .parameters = {"key", "automation", "replicated", "deadline_ms",
                                             row->bare ? NULL : "match", row->bare ? NULL : "id"},
                              .request_type = "application/json",
                              .request = schema_name(row->request->name),
                              .request_suffix = "",
                              .answer = schema_name(kind->message->name)};
    put_operation(out, &op);
}

static void put_collection(lia_buf *out, lia_api *api, const lia_kind *kind)
{
    const char *name = schema_name(kind->message->name);
    const lia_command_row *row = lia_node_command(api->node, kind->number, LIA_SPAN_NONE, true);
    lia_buf_format(out, ",\"/api/v1/%s\":{", kind->plural);
    put_list(out, kind);
    const lia_operation create = {.method = "post",
                                  .plural = kind->plural,
                                  .name = "create",
                                  .summary = kind->label,
                                  .parameters = {"key", "automation", "replicated", "deadline_ms"},
                                  .request_type = "application/json",
                                  .request = name,
                                  .request_suffix = "Create",
                                  .answer_status = "201",
                                  .answer = name};
    if (row || !kind->internal) lia_buf_byte(out, ',');
    if (row)
        put_command(out, kind, row);
    else if (!kind->internal)
        put_operation(out, &create);
    lia_buf_byte(out, '}');
}

static void put_item(lia_buf *out, const lia_kind *kind)
{
    const char *name = schema_name(kind->message->name);
    bool has_page = kind->number == LIA_CUSTOMER;
    const lia_operation read = {.method = "get",
                                .plural = kind->plural,
                                .name = "read",
                                .summary = kind->label,
                                .parameters = {"id", "history", has_page ? "timeline" : NULL,
                                               has_page ? "alone" : NULL},
                                .answer = name};
    const lia_operation change = {.method = "patch",
                                  .plural = kind->plural,
                                  .name = "change",
                                  .summary = "Changes the fields that are mentioned (RFC 7396)",
                                  .parameters = {"id", "key", "match", "automation", "replicated", "deadline_ms"},
                                  .request_type = "application/merge-patch+json",
                                  .request = name,
                                  .request_suffix = "Patch",
                                  .answer = name};
    const lia_operation archive = {
        .method = "delete",
        .plural = kind->plural,
        .name = "archive",
        .summary = "Puts it into the archive; :restore takes it back",
        .parameters = {"id", "key", "match", "automation", "replicated", "deadline_ms"},
        .answer = name};
    lia_buf_format(out, ",\"/api/v1/%s/{id}\":{", kind->plural);
    put_operation(out, &read);
    if (!kind->internal) {
        lia_buf_byte(out, ',');
        put_operation(out, &change);
        lia_buf_byte(out, ',');
        put_operation(out, &archive);
    }
    lia_buf_byte(out, '}');
}

static void put_general_verbs(lia_buf *out, const lia_kind *kind)
{
    const lia_operation restore = {
        .method = "post",
        .plural = kind->plural,
        .name = "restore",
        .summary = "Takes it back from the archive",
        .parameters = {"id", "key", "match", "automation", "replicated", "deadline_ms"},
        .answer = schema_name(kind->message->name)};
    lia_buf_format(out, ",\"/api/v1/%s/{id}:restore\":{", kind->plural);
    put_operation(out, &restore);
    lia_buf_format(out,
                   "},\"/api/v1/%s:batchCreate\":{\"post\":{\"operationId\":\"%s.batchCreate\","
                   "\"tags\":[\"%s\"],\"summary\":\"Creates one record per line; a line is the "
                   "record, or {idempotency_key, record}\",\"parameters\":[{\"$ref\":"
                   "\"#/components/parameters/replicated\"},{\"$ref\":\"#/components/"
                   "parameters/deadline_ms\"}],\"requestBody\":{\"content\":{"
                   "\"application/jsonl\":{}}},\"responses\":{\"200\":{\"description\":\"results, "
                   "created, failed, repeated, position\"},\"default\":{\"$ref\":"
                   "\"#/components/responses/problem\"}}}}",
                   kind->plural, kind->plural, kind->plural);
}

static void put_verbs(lia_buf *out, lia_api *api, const lia_kind *kind)
{
    const lia_command_row *row;
    for (size_t i = 0; (row = lia_node_command_at(api->node, i)); i++) {
        if (row->kind != kind->number || !*row->verb) continue;
        lia_buf_format(out, ",\"/api/v1/%s%s:%s\":{", kind->plural, row->bare ? "" : "/{id}",
                       row->verb);
        put_command(out, kind, row);
        lia_buf_byte(out, '}');
    }
}

static void put_queries(lia_buf *out, const lia_service *service)
{
    for (size_t i = 0; i < service->query_count; i++) {
        const lia_query_row *row = &service->queries[i];
        const lia_operation op = {.method = "get",
                                  .plural = service->name,
                                  .name = row->path,
                                  .summary = row->help ? row->help : row->path};
        lia_buf_format(out, ",\"/api/v1/%s\":{", row->path);
        put_operation(out, &op);
        lia_buf_byte(out, '}');
    }
}

/* ---- the document ---------------------------------------------------------------------------- */

static void put_paths(lia_buf *out, lia_api *api)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    lia_buf_text(out, "\"paths\":{");
    lia_buf_text(out, fixed_paths);
    for (size_t i = 0; i < count; i++) {
        if (kinds[i].secret) continue;
        put_collection(out, api, &kinds[i]);
        put_item(out, &kinds[i]);
        if (!kinds[i].internal) put_general_verbs(out, &kinds[i]);
        put_verbs(out, api, &kinds[i]);
    }
    put_queries(out, api->service);
    put_queries(out, &lia_crm);
    lia_buf_byte(out, '}');
}

void lia_api_openapi(lia_call *call)
{
    lia_buf out = lia_buf_make(call->arena);
    lia_span schemas = lia_schema_openapi();
    lia_buf_format(&out,
                   "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Liaison: %s\",\"version\":\"%s\"},"
                   "\"servers\":[{\"url\":\"/\"}],",
                   call->api->service->name, LIA_VERSION);
    put_paths(&out, call->api);
    lia_buf_format(&out, ",\"components\":{%s,\"schemas\":{%s,%s,", components, problem_schema,
                   duplicate_schemas);
    const uint8_t *brace = memchr(schemas.data, '{', schemas.size);
    lia_buf_span(&out, lia_span_skip(schemas, (size_t)(brace - schemas.data) + 1));
    lia_buf_text(&out, "}}");
    lia_call_json(call, &out);
}
