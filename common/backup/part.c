/* SPDX-License-Identifier: Apache-2.0 */
#include "common/backup/part.h"

#define MAGIC_SIZE   8
#define HEAD_SIZE    227
#define WRAPPED_SIZE (sizeof(lia_hash) + LIA_LETTER_BYTES)
#define FRONT_SIZE   (MAGIC_SIZE + HEAD_SIZE + WRAPPED_SIZE + 4)

static const char magic[] = "LIABKUP1"; /* the last character is the version */

/* ---- the head -------------------------------------------------------------------------------- */

/* One walk over the fields for both directions. */
typedef struct walk {
    uint8_t *out;
    const uint8_t *in;
} walk;

static void pass(walk *at, void *bytes, size_t size)
{
    if (at->out) {
        memcpy(at->out, bytes, size);
        at->out += size;
    } else {
        memcpy(bytes, at->in, size);
        at->in += size;
    }
}

static void pass_number(walk *at, uint64_t *number, size_t size)
{
    uint8_t bytes[8];
    lia_put_u64(bytes, *number);
    if (!at->out) memset(bytes, 0, sizeof bytes);
    pass(at, bytes + 8 - size, size);
    *number = lia_get_u64(bytes);
}

static void pass_head(walk *at, lia_part *part)
{
    uint64_t node = part->origin.node, number = part->number, last = part->last,
             time = (uint64_t)part->time.ms;
    pass(at, part->cluster.bytes, sizeof part->cluster.bytes);
    pass_number(at, &node, 2);
    pass_number(at, &part->origin.incarnation, 8);
    pass(at, part->piece.bytes, sizeof part->piece.bytes);
    pass_number(at, &number, 4);
    pass_number(at, &last, 1);
    pass_number(at, &part->from, 8);
    pass_number(at, &part->to, 8);
    pass_number(at, &time, 8);
    pass(at, &part->before, sizeof part->before);
    pass(at, &part->parent, sizeof part->parent);
    pass(at, &part->recipient, sizeof part->recipient);
    pass(at, (uint8_t[60]){0}, 60); /* room for what a later release says in version 1 */
    part->origin.node = (uint16_t)node;
    part->number = (uint32_t)number;
    part->last = last == 1;
    part->time.ms = (int64_t)time;
}

static lia_hash hash_of(const lia_hash *before, lia_span bytes)
{
    const lia_span parts[] = {LIA_SPAN_OF(*before), bytes};
    return lia_hash_of("liaison backup", parts, LIA_COUNT(parts));
}

/* ---- writing --------------------------------------------------------------------------------- */

lia_err lia_part_write(lia_buf *out, const lia_part *part, lia_span rows,
                       const lia_sign_key *signer, lia_hash *hash)
{
    lia_hash key;
    lia_part head = *part;
    size_t begin = out->size, sealed = rows.size + LIA_SEAL_BYTES;
    if (rows.size > LIA_PART_ROWS_MAX) return LIA_EFULL;
    uint8_t *to = lia_buf_room(out, FRONT_SIZE + sealed + sizeof(lia_signature));
    if (!to) return LIA_EFULL;
    memcpy(to, magic, MAGIC_SIZE);
    pass_head(&(walk){.out = to + MAGIC_SIZE}, &head);
    lia_random(&key, sizeof key);
    lia_err err = lia_letter_seal(&part->recipient, LIA_SPAN_OF(key), to + MAGIC_SIZE + HEAD_SIZE);
    lia_put_u32(to + FRONT_SIZE - 4, (uint32_t)sealed);
    if (!err) lia_seal(&key, rows, to + FRONT_SIZE);
    lia_wipe(&key, sizeof key);
    if (err) return err;
    *hash = hash_of(&part->before, lia_span_make(to, FRONT_SIZE + sealed));
    lia_signature signature = lia_sign(signer, LIA_SPAN_OF(*hash));
    memcpy(to + FRONT_SIZE + sealed, &signature, sizeof signature);
    out->size = begin + FRONT_SIZE + sealed + sizeof signature;
    return LIA_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static lia_err check_magic(lia_span bytes, lia_why *why)
{
    if (bytes.size >= MAGIC_SIZE && memcmp(bytes.data, magic, MAGIC_SIZE) == 0) return LIA_OK;
    if (bytes.size >= MAGIC_SIZE && memcmp(bytes.data, magic, MAGIC_SIZE - 1) == 0)
        return lia_why_set(why, LIA_EVERSION, "a newer release wrote it: install that one");
    return lia_why_set(why, LIA_ECORRUPT, "no part of a backup begins there");
}

lia_err lia_part_cut(lia_part_view *out, lia_span *rest, lia_why *why)
{
    *out = (lia_part_view){0};
    lia_err err = check_magic(*rest, why);
    if (err) return err;
    size_t sealed = rest->size < FRONT_SIZE ? 0 : lia_get_u32(rest->data + FRONT_SIZE - 4);
    size_t whole = FRONT_SIZE + sealed + sizeof(lia_signature);
    if (rest->size < whole)
        return lia_why_set(why, LIA_ECORRUPT,
                           "it is cut short: %zu bytes are there, %zu are wanted", rest->size,
                           whole);
    if (sealed < LIA_SEAL_BYTES || sealed > LIA_PART_ROWS_MAX + LIA_SEAL_BYTES)
        return lia_why_set(why, LIA_ECORRUPT, "a part of %zu sealed bytes cannot be", sealed);
    pass_head(&(walk){.in = rest->data + MAGIC_SIZE}, &out->part);
    out->wrapped = lia_span_make(rest->data + MAGIC_SIZE + HEAD_SIZE, WRAPPED_SIZE);
    out->sealed = lia_span_make(rest->data + FRONT_SIZE, sealed);
    memcpy(&out->signature, rest->data + FRONT_SIZE + sealed, sizeof out->signature);
    out->hash = hash_of(&out->part.before, lia_span_make(rest->data, FRONT_SIZE + sealed));
    *rest = lia_span_skip(*rest, whole);
    return LIA_OK;
}

bool lia_part_is_signed(const lia_part_view *view, const lia_verify_key *key)
{
    return lia_sign_check(key, LIA_SPAN_OF(view->hash), &view->signature);
}

static const char *difference(const lia_part *a, const lia_part *b)
{
    if (memcmp(&a->piece, &b->piece, sizeof a->piece)) return "it is of another piece";
    if (memcmp(&a->cluster, &b->cluster, sizeof a->cluster)) return "it is of another cluster";
    if (!lia_origin_equal(a->origin, b->origin)) return "it is of another node";
    if (a->from != b->from || a->to != b->to || a->time.ms != b->time.ms ||
        !lia_hash_equal(&a->parent, &b->parent))
        return "it says otherwise what the piece holds";
    return NULL;
}

lia_err lia_part_follows(lia_part_chain *chain, const lia_part_view *view, lia_why *why)
{
    const lia_part_view *at = &chain->at;
    if (view->part.number != at->part.number + 1)
        return lia_why_set(why, LIA_ECORRUPT, "it is part %u, and part %u is wanted",
                           view->part.number, at->part.number + 1);
    const char *other = at->part.number ? difference(&at->part, &view->part) : NULL;
    if (!other && at->part.last) other = "it stands behind the last one";
    if (!other && !lia_hash_equal(&view->part.before, &at->hash))
        other = "it goes on from another part than the one before it";
    if (other) return lia_why_set(why, LIA_ECORRUPT, "%s", other);
    chain->at = *view;
    return LIA_OK;
}

lia_err lia_part_open(const lia_part_view *view, const lia_letter_secret *secret, lia_buf *rows)
{
    lia_hash key;
    size_t size = view->sealed.size - LIA_SEAL_BYTES;
    lia_err err = lia_letter_open(secret, view->wrapped, key.bytes);
    if (err) return err;
    uint8_t *to = lia_buf_room(rows, size);
    err = !to && size ? LIA_EFULL : LIA_OK;
    if (!err) err = lia_unseal(&key, view->sealed, to ? to : key.bytes);
    if (!err) rows->size += size;
    lia_wipe(&key, sizeof key);
    return err;
}

/* ---- rows ------------------------------------------------------------------------------------ */

void lia_part_put(lia_buf *rows, uint8_t table, lia_span key, lia_span value)
{
    uint8_t front[LIA_PART_ROW_AROUND];
    front[0] = table;
    lia_put_u16(front + 1, (uint16_t)key.size);
    lia_put_u32(front + 3, (uint32_t)value.size);
    lia_buf_add(rows, front, sizeof front);
    lia_buf_span(rows, key);
    lia_buf_span(rows, value);
}

lia_err lia_part_next(lia_span *rows, lia_part_row *out)
{
    if (!rows->size) return LIA_EABSENT;
    if (rows->size < LIA_PART_ROW_AROUND) return LIA_ECORRUPT;
    size_t key = lia_get_u16(rows->data + 1), value = lia_get_u32(rows->data + 3);
    if (rows->size - LIA_PART_ROW_AROUND < key + value) return LIA_ECORRUPT;
    *out = (lia_part_row){rows->data[0], lia_span_make(rows->data + LIA_PART_ROW_AROUND, key),
                          lia_span_make(rows->data + LIA_PART_ROW_AROUND + key, value)};
    *rows = lia_span_skip(*rows, LIA_PART_ROW_AROUND + key + value);
    return LIA_OK;
}
