/* SPDX-License-Identifier: Apache-2.0 */
/* Key files are text, one "name: hex" a line, so that an operator can see what a file is without
 * a tool. Public halves are derived, never stored beside their secrets, so they cannot disagree. */
#include <limits.h>
#include <stdio.h>
#include <zmq.h>

#include "common/base/assert.h"
#include "common/bus/file.h"
#include "common/bus/members.h"

#define TEXT_MAX 1024 /* two lines of a name and 128 digits */

typedef struct line {
    const char *name;
    uint8_t *bytes;
    size_t size;
} line;

/* ---- lines ---------------------------------------------------------------------------------- */

static size_t print_lines(const line *lines, size_t count, char text[TEXT_MAX])
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        char hex[2 * LIA_SIGN_KEY_SIZE + 1];
        lia_hex_print(lia_span_make(lines[i].bytes, lines[i].size), hex);
        at += (size_t)snprintf(text + at, TEXT_MAX - at, "%s: %s\n", lines[i].name, hex);
        lia_wipe(hex, sizeof hex);
    }
    lia_assert(at < TEXT_MAX);
    return at;
}

/* The wanted lines, in their order, and nothing else. */
static bool parse_lines(lia_span text, const line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t name = strlen(lines[i].name), size = name + 2 + 2 * lines[i].size + 1;
        if (text.size < size || text.data[size - 1] != '\n' ||
            memcmp(text.data, lines[i].name, name) || memcmp(text.data + name, ": ", 2) ||
            lia_hex_parse(lia_span_make(text.data + name + 2, 2 * lines[i].size), lines[i].bytes,
                          lines[i].size))
            return false;
        text = lia_span_skip(text, size);
    }
    return text.size == 0;
}

static lia_err write_lines(const line *lines, size_t count, const char *path, mode_t mode,
                           lia_why *why)
{
    char text[TEXT_MAX];
    size_t size = print_lines(lines, count, text);
    lia_err err = lia_file_replace(path, lia_span_make(text, size), mode, why);
    lia_wipe(text, sizeof text);
    return err;
}

static lia_err read_lines(const line *lines, size_t count, const char *path, bool secret,
                          lia_why *why)
{
    uint8_t text[TEXT_MAX];
    size_t size;
    lia_err err = lia_file_read(path, secret, text, sizeof text, &size, why);
    if (!err && !parse_lines(lia_span_make(text, size), lines, count))
        err = lia_why_set(why, LIA_EINVAL, "%s does not hold \"%s\" and hex digits as it should",
                          path, lines[0].name);
    lia_wipe(text, sizeof text);
    return err;
}

static lia_err join_path(char path[PATH_MAX], const char *dir, const char *name, lia_why *why)
{
    int size = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    if (size < 0 || size >= PATH_MAX)
        return lia_why_set(why, LIA_EINVAL, "the path %.100s... is too long", dir);
    return LIA_OK;
}

/* ---- keys ----------------------------------------------------------------------------------- */

static bool derive_curve_public(const uint8_t *secret, uint8_t *public)
{
    char secret_text[41], public_text[41];
    bool ok = zmq_z85_encode(secret_text, secret, LIA_CURVE_KEY_SIZE) &&
              zmq_curve_public(public_text, secret_text) == 0 &&
              zmq_z85_decode(public, public_text);
    lia_wipe(secret_text, sizeof secret_text);
    return ok;
}

/* An Ed25519 secret holds its public half at its end. Signing with a wrong one leaks the secret,
 * so it is proven to fit. */
static bool sign_key_is_sound(const lia_sign_key *sign)
{
    lia_verify_key verify = lia_sign_public(sign);
    lia_signature signature = lia_sign(sign, LIA_SPAN("liaison"));
    return lia_sign_check(&verify, LIA_SPAN("liaison"), &signature);
}

void lia_node_keys_make(lia_node_keys *out)
{
    char public_text[41], secret_text[41];
    lia_assert(zmq_curve_keypair(public_text, secret_text) == 0);
    lia_assert(zmq_z85_decode(out->curve_public, public_text));
    lia_assert(zmq_z85_decode(out->curve_secret, secret_text));
    lia_wipe(secret_text, sizeof secret_text);
    lia_sign_keys(&out->verify, &out->sign);
}

lia_err lia_node_keys_write(const lia_node_keys *keys, const char *path, lia_why *why)
{
    lia_node_keys copy = *keys;
    const line lines[] = {{"curve_secret", copy.curve_secret, sizeof copy.curve_secret},
                          {"sign_secret", copy.sign.bytes, sizeof copy.sign.bytes}};
    lia_err err = write_lines(lines, LIA_COUNT(lines), path, 0600, why);
    lia_wipe(&copy, sizeof copy);
    return err;
}

lia_err lia_node_keys_read(lia_node_keys *out, const char *path, lia_why *why)
{
    *out = (lia_node_keys){0};
    const line lines[] = {{"curve_secret", out->curve_secret, sizeof out->curve_secret},
                          {"sign_secret", out->sign.bytes, sizeof out->sign.bytes}};
    lia_err err = read_lines(lines, LIA_COUNT(lines), path, true, why);
    if (!err && (!sign_key_is_sound(&out->sign) ||
                 !derive_curve_public(out->curve_secret, out->curve_public)))
        err = lia_why_set(why, LIA_EINVAL, "the keys in %s are damaged: restore the file", path);
    if (err)
        lia_wipe(out, sizeof *out);
    else
        out->verify = lia_sign_public(&out->sign);
    return err;
}

bool lia_node_keys_are_of(const lia_node_keys *keys, const lia_member *member)
{
    return memcmp(keys->curve_public, member->curve_key, LIA_CURVE_KEY_SIZE) == 0 &&
           memcmp(&keys->verify, &member->verify_key, sizeof keys->verify) == 0;
}

lia_err lia_node_public_write(const lia_node_keys *keys, const char *path, lia_why *why)
{
    lia_node_keys copy = *keys;
    const line lines[] = {{"curve_key", copy.curve_public, sizeof copy.curve_public},
                          {"verify_key", copy.verify.bytes, sizeof copy.verify.bytes}};
    lia_err err = write_lines(lines, LIA_COUNT(lines), path, 0644, why);
    lia_wipe(&copy, sizeof copy);
    return err;
}

lia_err lia_node_public_read(uint8_t curve_key[LIA_CURVE_KEY_SIZE], lia_verify_key *verify_key,
                             const char *path, lia_why *why)
{
    const line lines[] = {{"curve_key", curve_key, LIA_CURVE_KEY_SIZE},
                          {"verify_key", verify_key->bytes, sizeof verify_key->bytes}};
    return read_lines(lines, LIA_COUNT(lines), path, false, why);
}

lia_err lia_admin_key_write(const lia_sign_key *key, const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    lia_sign_key copy = *key;
    lia_verify_key public = lia_sign_public(key);
    const line secret_line = {"sign_secret", copy.bytes, sizeof copy.bytes};
    const line public_line = {"verify_key", public.bytes, sizeof public.bytes};
    lia_err err = join_path(path, dir, "admin.key", why);
    if (!err) err = write_lines(&secret_line, 1, path, 0600, why);
    if (!err) err = join_path(path, dir, "admin.pub", why);
    if (!err) err = write_lines(&public_line, 1, path, 0644, why);
    lia_wipe(&copy, sizeof copy);
    return err;
}

lia_err lia_admin_public_write(const lia_verify_key *key, const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    lia_verify_key copy = *key;
    const line only = {"verify_key", copy.bytes, sizeof copy.bytes};
    lia_err err = join_path(path, dir, "admin.pub", why);
    return err ? err : write_lines(&only, 1, path, 0644, why);
}

lia_err lia_admin_key_read(lia_sign_key *out, const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    const line only = {"sign_secret", out->bytes, sizeof out->bytes};
    lia_err err = join_path(path, dir, "admin.key", why);
    if (!err) err = read_lines(&only, 1, path, true, why);
    if (!err && !sign_key_is_sound(out))
        err = lia_why_set(why, LIA_EINVAL, "the key in %s is damaged: restore the file", path);
    if (err) lia_wipe(out, sizeof *out);
    return err;
}

lia_err lia_admin_public_read(lia_verify_key *out, const char *dir, lia_why *why)
{
    char path[PATH_MAX];
    const line only = {"verify_key", out->bytes, sizeof out->bytes};
    lia_err err = join_path(path, dir, "admin.pub", why);
    return err ? err : read_lines(&only, 1, path, false, why);
}
