/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/secrets.h"

#include "common/node/index_walk.h"
#include "common/wire/unpack.h"
#include "proto/crm.pb-c.h"

/* ---- reading --------------------------------------------------------------------------------- */

/* ---- passes ---------------------------------------------------------------------------------- */

#define PASS_PREFIX "lia_"
enum { SECRET_SIZE = 32, SECRET_TEXT = 43 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void lia_pass_make(char text[LIA_PASS_TEXT_SIZE])
{
    uint8_t secret[SECRET_SIZE + 1] = {0};
    lia_random(secret, SECRET_SIZE);
    char *at = text + sizeof PASS_PREFIX - 1;
    memcpy(text, PASS_PREFIX, sizeof PASS_PREFIX - 1);
    for (size_t bit = 0; bit < SECRET_SIZE * 8; bit += 6) {
        unsigned two = (unsigned)secret[bit / 8] << 8 | secret[bit / 8 + 1];
        *at++ = letters[two >> (10 - bit % 8) & 63];
    }
    *at = 0;
    lia_wipe(secret, sizeof secret);
}

static bool is_secret(lia_span text)
{
    const lia_span prefix = LIA_SPAN(PASS_PREFIX);
    if (text.size != prefix.size + SECRET_TEXT || !lia_span_starts(text, prefix)) return false;
    for (size_t i = prefix.size; i < text.size; i++)
        if (!text.data[i] || !strchr(letters, text.data[i])) return false;
    return true;
}

lia_id lia_pass_id(lia_span text)
{
    return is_secret(text) ? lia_id_derive("access.pass", text) : LIA_ID_NONE;
}

lia_err lia_pass_read(const lia_rows *rows, lia_id id, lia_time now, lia_arena *arena,
                      const Access__Pass **out)
{
    ProtobufCMessage *message;
    lia_err err = lia_record_read(rows, LIA_PASS, id, arena, &message);
    if (err) return err;
    const Access__Pass *pass = (const Access__Pass *)message;
    if (!pass || pass->has_revoked_at || pass->expires_at <= now.ms) return LIA_EDENIED;
    *out = pass;
    return LIA_OK;
}

bool lia_pass_is_void(const Access__Pass *pass, const Access__Credential *credential)
{
    if (pass->type == ACCESS__PASS_TYPE__PASS_TYPE_TOKEN) return false;
    return credential && pass->made_at < credential->password_at;
}

/* ---- credentials ----------------------------------------------------------------------------- */

lia_id lia_credential_id(lia_id user)
{
    return lia_id_derive("access.credential", lia_id_span(&user));
}

lia_err lia_credential_read(const lia_rows *rows, lia_id user, lia_arena *arena,
                            const Access__Credential **out)
{
    ProtobufCMessage *message;
    lia_err err = lia_record_read(rows, LIA_CREDENTIAL, lia_credential_id(user), arena, &message);
    *out = (const Access__Credential *)message;
    return err;
}

static bool is_same_email(const char *a, lia_span b)
{
    if (!a || strlen(a) != b.size) return false;
    for (size_t i = 0; i < b.size; i++) {
        uint8_t x = (uint8_t)a[i], y = b.data[i];
        if (x != y && !((x ^ y) == 0x20 && (x | 0x20) >= 'a' && (x | 0x20) <= 'z')) return false;
    }
    return true;
}

lia_err lia_users_by_email(const lia_rows *rows, lia_span email, lia_arena *arena,
                           lia_email_holders *out)
{
    lia_index_walk walk;
    lia_id id;
    *out = (lia_email_holders){0};
    if (!email.size) return LIA_OK;
    lia_err err = lia_index_walk_of(&walk, rows, LIA_USER, "email", email);
    if (err) return err;
    while (!err && lia_index_walk_next(&walk, &id)) {
        ProtobufCMessage *message;
        err = lia_record_read(rows, LIA_USER, id, arena, &message);
        const Crm__User *user = (const Crm__User *)message;
        if (err || !user || !is_same_email(user->email, email)) continue;
        if (user->archived)
            out->closed++;
        else if (!out->open++)
            out->first_open = id;
    }
    return lia_index_walk_close(&walk, err);
}

lia_err lia_user_by_email(const lia_rows *rows, lia_span email, lia_arena *arena, lia_id *out)
{
    lia_email_holders holders;
    lia_err err = lia_users_by_email(rows, email, arena, &holders);
    *out = !err && holders.open == 1 ? holders.first_open : LIA_ID_NONE;
    return err;
}

lia_err lia_user_by_number(const lia_rows *rows, uint32_t number, lia_id *out)
{
    lia_index_walk walk;
    *out = LIA_ID_NONE;
    lia_err err = lia_index_walk_of_number(&walk, rows, LIA_USER, "number", number);
    if (err) return err;
    (void)lia_index_walk_next(&walk, out);
    return lia_index_walk_close(&walk, LIA_OK);
}

/* ---- is there an administrator? -------------------------------------------------------------- */

static lia_err is_administrator(const lia_rows *rows, const Crm__User *user, lia_arena *arena,
                                bool *out)
{
    *out = false;
    for (size_t i = 0; i < user->n_roles && !*out; i++) {
        ProtobufCMessage *message;
        lia_id id = lia_id_from(lia_span_make(user->roles[i].data, user->roles[i].len));
        lia_err err = lia_record_read(rows, LIA_ROLE, id, arena, &message);
        if (err) return err;
        const Access__Role *role = (const Access__Role *)message;
        *out = role && role->administrator && !role->archived;
    }
    return LIA_OK;
}

lia_err lia_user_is_administrator(const lia_rows *rows, lia_id user, lia_arena *arena, bool *out)
{
    ProtobufCMessage *message;
    *out = false;
    lia_err err = lia_record_read(rows, LIA_USER, user, arena, &message);
    const Crm__User *found = (const Crm__User *)message;
    return err || !found || found->archived ? err : is_administrator(rows, found, arena, out);
}

lia_err lia_has_administrator(const lia_rows *rows, lia_arena *arena, bool *out)
{
    lia_key prefix = lia_key_kind(LIA_USER);
    lia_scan *scan;
    lia_span key, value;
    *out = false;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && !*out && lia_scan_next(scan, &key, &value)) {
        if (key.size != prefix.size + LIA_ID_SIZE + 1 || key.data[key.size - 1] != LIA_TAG_STATE)
            continue;
        lia_id id = lia_id_from(lia_span_make(key.data + prefix.size, LIA_ID_SIZE));
        size_t mark = lia_arena_mark(arena);
        ProtobufCMessage *message;
        err = lia_record_read(rows, LIA_USER, id, arena, &message);
        const Crm__User *user = (const Crm__User *)message;
        if (!err && user && !user->archived) err = is_administrator(rows, user, arena, out);
        lia_arena_back(arena, mark);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}
