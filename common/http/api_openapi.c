/* SPDX-License-Identifier: Apache-2.0 */
/* GET /openapi.json: OpenAPI 3.1, composed from the tables that also dispatch: kinds, command
 * rows, queries. The schemas of kinds come ready from tools/schemagen; what no table knows stands
 * in openapi.json beside this file. */
#include "common/crm/crm.h"
#include "common/http/api_inner.h"
#include "common/http/openapi_parts.h"

#define PROBLEMS                                                                                   \
    "\"4XX\":{\"$ref\":\"#/components/responses/problem\"},"                                       \
    "\"5XX\":{\"$ref\":\"#/components/responses/problem\"}"

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
    bool whole;   /* the schema says all that the answer has */
    bool commits; /* may ask for a replication level */
} lia_operation;

static void put_ref(lia_buf *out, const char *name, const char *suffix)
{
    lia_buf_format(out, "{\"$ref\":\"#/components/schemas/%s%s\"}", name, suffix);
}

/* A record's answer says more than its fields. */
static void put_answer(lia_buf *out, const lia_operation *op, const char *status, const char *what)
{
    lia_buf_format(out,
                   "\"%s\":{\"description\":\"%s\",\"content\":{\"application/json\":{\"schema\":",
                   status, what);
    if (!op->answer)
        lia_buf_text(out, "{\"type\":\"object\"}");
    else if (op->whole)
        put_ref(out, op->answer, "");
    else {
        lia_buf_text(out, "{\"allOf\":[");
        put_ref(out, op->answer, "");
        lia_buf_text(out, ",{\"$ref\":\"#/components/schemas/RecordMore\"}]}");
    }
    lia_buf_text(out, "}}},");
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
    lia_buf_text(out, ",\"responses\":{");
    put_answer(out, op, op->answer_status ? op->answer_status : "200", "done");
    if (op->commits)
        put_answer(out, op, "202", "done here, and not yet on as many nodes as was asked");
    lia_buf_text(out, PROBLEMS "}}");
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
                                             "page_token", "show_archived", "list_as_of", "explain"};
    for (size_t i = 0; i < LIA_COUNT(parameters); i++)
        lia_buf_format(out, "%s{\"$ref\":\"#/components/parameters/%s\"}", i ? "," : "",
                       parameters[i]);
    lia_buf_format(out,
                   "],\"responses\":{\"200\":{\"description\":\"a page\",\"content\":{"
                   "\"application/json\":{\"schema\":{\"type\":\"object\",\"properties\":{\"%s\":{"
                   "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"}},"
                   "\"next_page_token\":{\"type\":\"string\"}},\"required\":[\"%s\"]}}}}," PROBLEMS
                   "}}",
                   kind->plural, name, kind->plural);
}

static void put_aggregate(lia_buf *out, const lia_kind *kind)
{
    const lia_operation op = {.method = "get",
                              .plural = kind->plural,
                              .name = "aggregate",
                              .summary = "How many a list would show, and what they come to, by values",
                              .parameters = {"group_by", "sum", "filter", "customer", "show_archived",
                                             "list_as_of", "explain"},
                              .answer = "Aggregate",
                              .whole = true};
    lia_buf_format(out, ",\"/api/v1/%s:aggregate\":{", kind->plural);
    put_operation(out, &op);
    lia_buf_byte(out, '}');
}

static void put_export(lia_buf *out, const lia_kind *kind)
{
    lia_buf_format(out,
                   ",\"/api/v1/%s:export\":{\"get\":{\"operationId\":\"%s.exportList\",\"tags\":[\"%s\"],"
                   "\"summary\":\"All that a list shows, as a stream\",\"parameters\":["
                   "{\"name\":\"format\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"enum\":"
                   "[\"jsonl\",\"csv\"]}},{\"name\":\"columns\",\"in\":\"query\",\"description\":"
                   "\"of a table, between commas\",\"schema\":{\"type\":\"string\"}}",
                   kind->plural, kind->plural, kind->plural);
    static const char *const parameters[] = {"filter", "order_by", "customer", "show_archived",
                                             "list_as_of", "alone"};
    for (size_t i = 0; i < LIA_COUNT(parameters); i++)
        lia_buf_format(out, ",{\"$ref\":\"#/components/parameters/%s\"}", parameters[i]);
    lia_buf_text(out, "],\"responses\":{\"200\":{\"description\":\"a record a line; an export that "
                      "fails on the way is cut off\",\"content\":{\"application/jsonl\":{\"schema\":{"
                      "\"$ref\":\"#/components/schemas/Lines\"}},\"text/csv\":{\"schema\":{\"type\":"
                      "\"string\"}}}}," PROBLEMS "}}}");
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
                              .answer = schema_name(kind->message->name),
                              .commits = true};
    put_operation(out, &op);
}

/* The command that makes a record of the kind, where creating is more than writing fields. */
static const lia_command_row *creating_row(const lia_service *own, const lia_kind *kind)
{
    const lia_command_row *row;
    for (size_t i = 0; (row = lia_services_command_at(&lia_crm, own, i)); i++)
        if (row->kind == kind->number && row->bare && !*row->verb) return row;
    return NULL;
}

static void put_collection(lia_buf *out, const lia_service *own, const lia_kind *kind)
{
    const char *name = schema_name(kind->message->name);
    const lia_command_row *row = creating_row(own, kind);
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
                                  .answer = name,
                                  .commits = true};
    if (row || !kind->internal) lia_buf_byte(out, ',');
    if (row)
        put_command(out, kind, row);
    else if (!kind->internal)
        put_operation(out, &create);
    lia_buf_byte(out, '}');
    put_aggregate(out, kind);
    put_export(out, kind);
}

static void put_presence(lia_buf *out, const lia_kind *kind)
{
    const lia_operation who = {.method = "get",
                               .plural = kind->plural,
                               .name = "presence",
                               .summary = "Who looks at it now, at all nodes",
                               .parameters = {"id"},
                               .answer = "Presence",
                               .whole = true};
    lia_operation look = who;
    look.method = "put";
    look.name = "look";
    look.summary = "Says that you look at it, for some seconds, and answers who else does";
    look.request_type = "application/json";
    look.request = "LookAt";
    look.request_suffix = "";
    lia_buf_format(out, ",\"/api/v1/%s/{id}/presence\":{", kind->plural);
    put_operation(out, &who);
    lia_buf_byte(out, ',');
    put_operation(out, &look);
    lia_buf_format(out,
                   ",\"delete\":{\"operationId\":\"%s.lookAway\",\"tags\":[\"%s\"],\"summary\":"
                   "\"Says that you do not look at it any more\",\"parameters\":[{\"$ref\":"
                   "\"#/components/parameters/id\"}],\"responses\":{\"204\":{\"description\":"
                   "\"nobody sees you there\"}," PROBLEMS "}}}",
                   kind->plural, kind->plural);
}

static void put_item(lia_buf *out, const lia_kind *kind)
{
    const char *name = schema_name(kind->message->name);
    bool has_page = kind->number == LIA_CUSTOMER;
    const lia_operation read = {
        .method = "get",
        .plural = kind->plural,
        .name = "read",
        .summary = kind->label,
        .parameters = {"id", "history", "as_of", has_page ? "timeline" : NULL, has_page ? "alone" : NULL},
        .answer = has_page ? "CustomerPage" : name,
        .whole = has_page};
    const lia_operation change = {.method = "patch",
                                  .plural = kind->plural,
                                  .name = "change",
                                  .summary = "Changes the fields that are mentioned (RFC 7396)",
                                  .parameters = {"id", "key", "match", "automation", "replicated", "deadline_ms"},
                                  .request_type = "application/merge-patch+json",
                                  .request = name,
                                  .request_suffix = "Patch",
                                  .answer = name,
                                  .commits = true};
    const lia_operation archive = {
        .method = "delete",
        .plural = kind->plural,
        .name = "archive",
        .summary = "Puts it into the archive; :restore takes it back",
        .parameters = {"id", "key", "match", "automation", "replicated", "deadline_ms"},
        .answer = name,
        .commits = true};
    const lia_operation history = {
        .method = "get",
        .plural = kind->plural,
        .name = "history",
        .summary = "Every change of it, newest first: who, when, from what to what",
        .parameters = {"id", "field", "page_size", "page_token"},
        .answer = "History",
        .whole = true};
    lia_buf_format(out, ",\"/api/v1/%s/{id}/history\":{", kind->plural);
    put_operation(out, &history);
    lia_buf_byte(out, '}');
    put_presence(out, kind);
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
        .answer = schema_name(kind->message->name),
        .commits = true};
    lia_buf_format(out, ",\"/api/v1/%s/{id}:restore\":{", kind->plural);
    put_operation(out, &restore);
    const lia_operation undo = {
        .method = "post",
        .plural = kind->plural,
        .name = "undo",
        .summary = "Takes back your own last change of its fields; refused when they were changed since",
        .parameters = {"id", "key", "match", "automation", "replicated", "deadline_ms"},
        .answer = schema_name(kind->message->name),
        .commits = true};
    lia_buf_format(out, "},\"/api/v1/%s/{id}:undo\":{", kind->plural);
    put_operation(out, &undo);
    const lia_operation batch = {
        .method = "post",
        .plural = kind->plural,
        .name = "batchCreate",
        .summary =
            "Creates one record per line; a line is the record, or {idempotency_key, record}",
        .parameters = {"automation", "replicated", "deadline_ms",
                       kind->number == LIA_CUSTOMER ? "check" : NULL},
        .request_type = "application/jsonl",
        .request = "Lines",
        .request_suffix = "",
        .answer = "Batch",
        .whole = true,
        .commits = true};
    lia_buf_format(out, "},\"/api/v1/%s:batchCreate\":{", kind->plural);
    put_operation(out, &batch);
    const lia_operation change = {
        .method = "post",
        .plural = kind->plural,
        .name = "batchChange",
        .summary = "Changes one record per line: {id, record} writes the fields that are named, {id, "
                   "archived} puts away or brings back; with if_match and idempotency_key",
        .parameters = {"automation", "replicated", "deadline_ms"},
        .request_type = "application/jsonl",
        .request = "Lines",
        .request_suffix = "",
        .answer = "BatchChanged",
        .whole = true,
        .commits = true};
    lia_buf_format(out, "},\"/api/v1/%s:batchChange\":{", kind->plural);
    put_operation(out, &change);
    lia_buf_byte(out, '}');
}

static void put_verbs(lia_buf *out, const lia_service *own, const lia_kind *kind)
{
    const lia_command_row *row;
    for (size_t i = 0; (row = lia_services_command_at(&lia_crm, own, i)); i++) {
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
        const lia_kind *kind = row->kind ? lia_kind_find(row->kind) : NULL;
        const lia_operation op = {.method = "get",
                                  .plural = kind ? kind->plural : service->name,
                                  .name = row->path,
                                  .parameters = {kind ? "id" : NULL},
                                  .summary = row->help ? row->help : row->path};
        lia_buf_format(out, ",\"/api/v1/%s%s%s\":{", kind ? kind->plural : "",
                       kind ? "/{id}:" : "", row->path);
        put_operation(out, &op);
        lia_buf_byte(out, '}');
    }
}

/* ---- the document ---------------------------------------------------------------------------- */

/* What was compiled in is documented for everybody, what was added for those who see it. */
static const lia_kind *see(const void *who, uint32_t number)
{
    return lia_rights_kind(lia_principal_rights(who), number);
}

static bool is_shown(const lia_kind *kind, const lia_principal *who)
{
    return !kind->secret && (!kind->added || see(who, kind->number));
}

static void put_paths(lia_buf *out, const lia_service *own, const lia_principal *who)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    lia_buf_text(out, "\"paths\":{");
    lia_buf_text(out, lia_openapi_paths);
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(&kinds[i], who)) continue;
        put_collection(out, own, &kinds[i]);
        put_item(out, &kinds[i]);
        if (!kinds[i].internal) put_general_verbs(out, &kinds[i]);
        put_verbs(out, own, &kinds[i]);
    }
    put_queries(out, own);
    put_queries(out, &lia_crm);
    lia_buf_byte(out, '}');
}

/* A tag per kind and per department that answers questions: they group the operations. */
static void put_tags(lia_buf *out, const lia_service *own, const lia_principal *who)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    lia_buf_text(out, ",\"tags\":[");
    lia_buf_text(out, lia_openapi_tags);
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(&kinds[i], who)) continue;
        lia_buf_format(out, ",{\"name\":\"%s\",\"description\":", kinds[i].plural);
        lia_json_put_text(out, lia_span_text(kinds[i].label));
        lia_buf_byte(out, '}');
    }
    lia_buf_format(out, ",{\"name\":\"%s\",\"description\":\"What this department works out\"}],",
                   own->name);
}

void lia_api_document(lia_buf *out, const lia_service *own, const lia_principal *who)
{
    lia_buf_format(out,
                   "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Liaison: %s\",\"version\":\"%s\",",
                   own->name, LIA_VERSION);
    lia_buf_text(out, lia_openapi_info);
    lia_buf_text(out, "},\"servers\":[{\"url\":\"/\"}],\"security\":");
    lia_buf_text(out, lia_openapi_security);
    put_tags(out, own, who);
    put_paths(out, own, who);
    lia_buf_format(
        out,
        ",\"components\":{\"parameters\":%s,\"responses\":%s,\"securitySchemes\":%s,\"schemas\":{",
        lia_openapi_parameters, lia_openapi_responses, lia_openapi_security_schemes);
    lia_buf_text(out, lia_openapi_schemas);
    lia_buf_byte(out, ',');
    lia_catalog_put_openapi(out, see, who);
    lia_buf_text(out, "}}}");
}

void lia_api_openapi(lia_call *call)
{
    lia_buf out = lia_buf_make(call->arena);
    lia_api_document(&out, call->api->service, call->who);
    lia_call_document(call, &out);
}
