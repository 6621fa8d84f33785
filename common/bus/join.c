/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/join.h"

#define PREFIX     "join-"
#define CHECK_SIZE 2
#define ADDRESS    64

static void fingerprint(uint8_t out[LIA_DIGEST_SIZE], lia_id cluster, const lia_verify_key *admin)
{
    const lia_span parts[] = {LIA_SPAN_OF(cluster), LIA_SPAN_OF(*admin)};
    lia_digest_of("liaison cluster", parts, LIA_COUNT(parts), out);
}

/* ---- the code -------------------------------------------------------------------------------- */

void lia_join_code_make(lia_join_code *out, lia_id cluster, const lia_verify_key *admin)
{
    lia_random(out->secret, sizeof out->secret);
    fingerprint(out->cluster, cluster, admin);
}

static void check_of(const lia_join_code *code, uint8_t out[LIA_DIGEST_SIZE])
{
    const lia_span part = LIA_SPAN_OF(*code);
    lia_digest_of("liaison j check", &part, 1, out);
}

void lia_join_code_print(const lia_join_code *code, char text[LIA_JOIN_CODE_TEXT_SIZE])
{
    uint8_t check[LIA_DIGEST_SIZE];
    size_t at = sizeof PREFIX - 1;
    check_of(code, check);
    memcpy(text, PREFIX, at);
    lia_hex_print(LIA_SPAN_OF(*code), text + at);
    lia_hex_print(lia_span_make(check, CHECK_SIZE), text + at + 2 * sizeof *code);
}

lia_err lia_join_code_parse(lia_join_code *out, lia_span text, lia_why *why)
{
    uint8_t bytes[sizeof *out + CHECK_SIZE], check[LIA_DIGEST_SIZE];
    const lia_span prefix = LIA_SPAN(PREFIX);
    if (!lia_span_starts(text, prefix) ||
        lia_hex_parse(lia_span_skip(text, prefix.size), bytes, sizeof bytes))
        return lia_why_set(why, LIA_EINVAL,
                           "this is no code: one is " PREFIX " and %zu hexadecimal digits",
                           2 * sizeof bytes);
    memcpy(out, bytes, sizeof *out);
    check_of(out, check);
    if (memcmp(check, bytes + sizeof *out, CHECK_SIZE) == 0) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "the code was not copied right: a digit is another one");
}

void lia_join_box(const lia_join_code *code, uint8_t box[LIA_JOIN_BOX_SIZE])
{
    const lia_span part = lia_span_make(code->secret, sizeof code->secret);
    lia_digest_of("liaison join box", &part, 1, box);
}

/* BLAKE2b with the secret in front: its hash cannot be gone on from. */
static lia_hash mark_of(const char *domain, const lia_join_code *code, lia_span a, lia_span b)
{
    const lia_span parts[] = {LIA_SPAN_OF(*code), a, b};
    return lia_hash_of(domain, parts, LIA_COUNT(parts));
}

/* ---- asking ---------------------------------------------------------------------------------- */

#define ASK_TEXT (LIA_JOIN_ASK_SIZE - LIA_HASH_SIZE)

void lia_join_ask_write(uint8_t out[LIA_JOIN_ASK_SIZE], const lia_join_code *code,
                        const lia_member *member)
{
    uint8_t *at = out;
    memcpy(at, member->curve_key, LIA_CURVE_KEY_SIZE);
    memcpy(at += LIA_CURVE_KEY_SIZE, &member->verify_key, LIA_VERIFY_KEY_SIZE);
    memcpy(at += LIA_VERIFY_KEY_SIZE, member->http, ADDRESS);
    memcpy(at += ADDRESS, member->bus, ADDRESS);
    memcpy(at += ADDRESS, member->pub, ADDRESS);
    lia_hash mark = mark_of("liaison join ask", code, lia_span_make(out, ASK_TEXT), LIA_SPAN_NONE);
    memcpy(out + ASK_TEXT, &mark, sizeof mark);
}

static bool take_address(char to[ADDRESS], const uint8_t *from)
{
    memcpy(to, from, ADDRESS);
    return memchr(to, 0, ADDRESS) != NULL;
}

lia_err lia_join_ask_read(lia_member *out, const lia_join_code *code, lia_span bytes)
{
    *out = (lia_member){.number = 0};
    if (bytes.size != LIA_JOIN_ASK_SIZE) return LIA_EDENIED;
    lia_hash mark =
        mark_of("liaison join ask", code, lia_span_make(bytes.data, ASK_TEXT), LIA_SPAN_NONE);
    if (!lia_secret_equal(&mark, bytes.data + ASK_TEXT, sizeof mark)) return LIA_EDENIED;
    const uint8_t *at = bytes.data;
    memcpy(out->curve_key, at, LIA_CURVE_KEY_SIZE);
    memcpy(&out->verify_key, at += LIA_CURVE_KEY_SIZE, LIA_VERIFY_KEY_SIZE);
    at += LIA_VERIFY_KEY_SIZE;
    return take_address(out->http, at) && take_address(out->bus, at + ADDRESS) &&
                   take_address(out->pub, at + 2 * ADDRESS)
               ? LIA_OK
               : LIA_EINVAL;
}

/* ---- answering ------------------------------------------------------------------------------- */

size_t lia_join_answer_write(uint8_t out[LIA_JOIN_ANSWER_MAX], const lia_join_code *code,
                             lia_span ask, uint16_t number, const lia_verify_key *admin,
                             lia_span list)
{
    uint8_t *text = out + LIA_HASH_SIZE;
    size_t size = 2 + LIA_VERIFY_KEY_SIZE + list.size;
    lia_put_u16(text, number);
    memcpy(text + 2, admin, LIA_VERIFY_KEY_SIZE);
    memcpy(text + 2 + LIA_VERIFY_KEY_SIZE, list.data, list.size);
    lia_hash mark = mark_of("liaison join yes", code, ask, lia_span_make(text, size));
    memcpy(out, &mark, sizeof mark);
    return LIA_HASH_SIZE + size;
}

static lia_err check_list(lia_members *members, const lia_member **self,
                          const lia_verify_key *admin, lia_span list, const lia_join_code *code,
                          lia_span ask, uint16_t number, lia_why *why)
{
    uint8_t cluster[LIA_DIGEST_SIZE];
    lia_err err = lia_members_parse(members, admin, list, why);
    if (err) return err;
    fingerprint(cluster, members->cluster, admin);
    if (memcmp(cluster, code->cluster, sizeof cluster))
        return lia_why_set(why, LIA_EDENIED, "the answer is from another cluster than the code");
    *self = lia_members_find(members, number);
    if (*self && memcmp((*self)->curve_key, ask.data, LIA_CURVE_KEY_SIZE) == 0 &&
        memcmp(&(*self)->verify_key, ask.data + LIA_CURVE_KEY_SIZE, LIA_VERIFY_KEY_SIZE) == 0)
        return LIA_OK;
    return lia_why_set(why, LIA_EDENIED, "the list does not have this node's keys");
}

lia_err lia_join_answer_read(lia_members *members, const lia_member **self, lia_verify_key *admin,
                             lia_span *list, const lia_join_code *code, lia_span ask,
                             lia_span bytes, lia_why *why)
{
    const size_t front = LIA_HASH_SIZE + 2 + LIA_VERIFY_KEY_SIZE;
    *self = NULL;
    if (ask.size != LIA_JOIN_ASK_SIZE || bytes.size < front)
        return lia_why_set(why, LIA_EDENIED, "the answer is cut short");
    lia_hash mark = mark_of("liaison join yes", code, ask, lia_span_skip(bytes, LIA_HASH_SIZE));
    if (!lia_secret_equal(&mark, bytes.data, sizeof mark))
        return lia_why_set(
            why, LIA_EDENIED,
            "the answer is not from whoever made the code, or was changed on its way");
    memcpy(admin, bytes.data + LIA_HASH_SIZE + 2, sizeof *admin);
    *list = lia_span_skip(bytes, front);
    return check_list(members, self, admin, *list, code, ask,
                      lia_get_u16(bytes.data + LIA_HASH_SIZE), why);
}
