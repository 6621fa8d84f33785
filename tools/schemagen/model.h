/* SPDX-License-Identifier: Apache-2.0 */
/* model - what proto/ says, read from protoc's descriptor set, checked, and ready to be written
 * as C tables and as OpenAPI schemas. Everything lives in one arena until the process ends. */
#ifndef LIA_TOOLS_SCHEMAGEN_MODEL_H
#define LIA_TOOLS_SCHEMAGEN_MODEL_H

#include "common/base/buf.h"
#include "common/wire/schema.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "proto/options.pb-c.h"

typedef Google__Protobuf__FieldDescriptorProto lia_raw_field;

typedef struct lia_model_place {
    const char *file;
    int line;
} lia_model_place;

typedef struct lia_model_value {
    lia_model_place place;
    int32_t number;
    const char *symbol; /* CHANNEL_IN_PERSON */
    const char *name;   /* in_person */
} lia_model_value;

typedef struct lia_model_enum {
    lia_model_place place;
    const char *name, *full_name, *comment;
    lia_model_value *values;
    size_t count;
    bool used; /* by a message of the tables */
} lia_model_enum;

typedef struct lia_model_message lia_model_message;

typedef struct lia_model_field {
    lia_model_place place;
    const char *name, *label, *comment;
    uint32_t number, key;
    lia_type type;
    unsigned bits;            /* of an integer */
    bool repeated, supported; /* by the tables, whatever protobuf allows */
    const lia_raw_field *raw;
    const Liaison__FieldOptions *options; /* never NULL */
    lia_model_message *message;
    lia_model_enum *enumeration;
    const lia_model_message *reference;
} lia_model_field;

struct lia_model_message {
    lia_model_place place;
    const char *name, *full_name, *package, *comment;
    const char *kind_name; /* "customer" */
    const Google__Protobuf__DescriptorProto *raw;
    const Liaison__KindOptions *kind; /* NULL: not a kind */
    const Liaison__FactOptions *fact; /* NULL: not a fact */
    lia_model_field *fields;          /* by ascending number */
    size_t count;
    bool used;    /* belongs in the tables */
    size_t index; /* among the used ones, by full name */
};

typedef struct lia_model {
    lia_arena *arena;
    lia_model_message *messages; /* by full name */
    size_t message_count;
    lia_model_enum *enums; /* by full name */
    size_t enum_count;
    lia_model_message **kinds, **facts; /* by number */
    size_t kind_count, fact_count;
    size_t refused;
} lia_model;

/* Memory of the model; the process ends with a sentence when there is none left. */
void *lia_model_take(lia_model *model, size_t size);

/* Says "file.proto:12: what: reason" on stderr and counts it. */
void lia_model_refuse(lia_model *model, lia_model_place place, const char *what, const char *format,
                      ...) LIA_PRINTF(4, 5);

/* "Customer.emails", for refusals. */
const char *lia_model_field_name(lia_model *model, const lia_model_message *message,
                                 const lia_model_field *field);

/* The field of that name, or NULL. */
lia_model_field *lia_model_field_find(const lia_model_message *message, const char *name);

/* Reads a FileDescriptorSet. Types are resolved, options unpacked, messages that belong in the
 * tables marked; nothing is checked beyond what reading needs.
 *   LIA_EINVAL  not a descriptor set */
LIA_MUST_USE lia_err lia_model_load(lia_model *model, lia_span descriptors);

/* Checks every rule that the tables rely on; each breach is refused with its place. Lists kinds
 * and facts, and numbers the used messages. */
void lia_model_check(lia_model *model);

/* The components.schemas object of the OpenAPI document. */
void lia_model_write_openapi(const lia_model *model, lia_buf *out);

/* The C source of the tables in common/wire/schema_tables.h, with `openapi` inside. */
void lia_model_write_tables(const lia_model *model, lia_span openapi, lia_buf *out);

#endif
