/* SPDX-License-Identifier: Apache-2.0 */
/* schemagen - turns protoc's descriptor set into the tables of common/wire/schema.h and the
 * OpenAPI document's schemas.
 *
 *     schemagen descriptors.bin schema_tables.c openapi_schemas.json
 *
 * Refusals go to stderr, one a line, and nothing is written then. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/schemagen/model.h"

enum { ARENA_BYTES = 256 << 20 };

void *lia_model_take(lia_model *model, size_t size)
{
    void *memory = lia_arena_zero(model->arena, size);
    if (!memory) {
        fprintf(stderr, "schemagen: the schema does not fit %d bytes of memory\n", ARENA_BYTES);
        exit(2);
    }
    return memory;
}

void lia_model_refuse(lia_model *model, lia_model_place place, const char *what, const char *format,
                      ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: %s: ", place.file, place.line, what);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    model->refused++;
}

const char *lia_model_field_name(lia_model *model, const lia_model_message *message,
                                 const lia_model_field *field)
{
    if (!field) return message->name;
    const char *name = lia_arena_text(model->arena, "%s.%s", message->name, field->name);
    return name ? name : field->name;
}

lia_model_field *lia_model_field_find(const lia_model_message *message, const char *name)
{
    for (size_t i = 0; i < message->count; i++)
        if (!strcmp(message->fields[i].name, name)) return &message->fields[i];
    return NULL;
}

static bool read_file(const char *path, lia_buf *out)
{
    FILE *file = fopen(path, "rb");
    uint8_t *room;
    size_t got = 0;
    while (file && (room = lia_buf_room(out, 1 << 16)) && (got = fread(room, 1, 1 << 16, file)))
        out->size += got;
    bool ok = file && !ferror(file) && !out->failed;
    if (file) fclose(file);
    return ok;
}

static bool write_file(const char *path, const lia_buf *buf)
{
    FILE *file = buf->failed ? NULL : fopen(path, "wb");
    bool ok = file && fwrite(buf->data, 1, buf->size, file) == buf->size;
    if (file && fclose(file)) ok = false;
    if (!ok) fprintf(stderr, "schemagen: %s cannot be written\n", path);
    return ok;
}

static int generate(lia_arena *arena, char **paths)
{
    lia_buf input = lia_buf_make(arena), openapi = lia_buf_make(arena),
            tables = lia_buf_make(arena);
    lia_model model = {.arena = arena};
    if (!read_file(paths[0], &input) || lia_model_load(&model, lia_buf_get(&input))) {
        fprintf(stderr, "schemagen: %s is not a descriptor set of protoc\n", paths[0]);
        return 2;
    }
    lia_model_check(&model);
    if (model.refused) return 1;

    lia_model_write_openapi(&model, &openapi);
    lia_model_write_tables(&model, lia_buf_get(&openapi), &tables);
    return write_file(paths[1], &tables) && write_file(paths[2], &openapi) ? 0 : 2;
}

int main(int argc, char **argv)
{
    lia_arena arena = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: schemagen descriptors.bin schema_tables.c openapi_schemas.json\n");
        return 2;
    }
    if (lia_arena_init(&arena, ARENA_BYTES)) return 2;
    int code = generate(&arena, argv + 1);
    lia_arena_fini(&arena);
    return code;
}
