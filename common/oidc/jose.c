/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL does the mathematics. libcjose, the JOSE library of Debian, knows no EdDSA and asks the
 * text which algorithm it wants. */
#include "common/oidc/jose.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>

#include "common/base/crypto.h"
#include "common/wire/json_tree.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, KEY_BYTES_MAX = RSA_BITS_MAX / 8 + 8 };
enum { ES256_HALF = 32, ED25519_KEY = 32, ID_BYTES_MAX = 256 };

typedef struct key {
    lia_jose_algorithm algorithm;
    EVP_PKEY *key;
    char id[ID_BYTES_MAX]; /* "" when it has none */
} key;

struct lia_jwks {
    size_t count;
    key keys[LIA_JWKS_KEYS_MAX];
};

/* ---- members --------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is_text(const json_t *object, const char *name, const char *wanted)
{
    const char *text = text_of(object, name);
    return text && !strcmp(text, wanted);
}

/* A member that may be left out, but says this where it is there. */
static bool may_be(const json_t *object, const char *name, const char *wanted)
{
    return !json_object_get(object, name) || is_text(object, name, wanted);
}

/* The bytes of a base64url member; 0 when there are none, or too many. */
static size_t bytes_of(const json_t *object, const char *name, uint8_t out[KEY_BYTES_MAX])
{
    size_t size = 0;
    lia_span text = lia_span_text(text_of(object, name));
    if (!text.size || LIA_BASE64URL_SIZE(text.size) > KEY_BYTES_MAX) return 0;
    return lia_base64url_parse(text, out, &size) ? 0 : size;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static EVP_PKEY *make_key(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *made = NULL;
    EVP_PKEY_CTX *context = params ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, params) != 1)
        made = NULL;
    EVP_PKEY_CTX_free(context);
    return made;
}

static EVP_PKEY *make_rsa(const BIGNUM *n, const BIGNUM *e)
{
    EVP_PKEY *made = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e)) {
        OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
        made = make_key("RSA", params);
        OSSL_PARAM_free(params);
    }
    OSSL_PARAM_BLD_free(build);
    return made;
}

/* Exponents that others use; large ones would only cost time. */
static EVP_PKEY *read_rsa(const json_t *jwk)
{
    enum { EXPONENT_BITS_MAX = 32 };
    uint8_t n_bytes[KEY_BYTES_MAX], e_bytes[KEY_BYTES_MAX];
    size_t n_size = bytes_of(jwk, "n", n_bytes), e_size = bytes_of(jwk, "e", e_bytes);
    if (!n_size || !e_size) return NULL;
    BIGNUM *n = BN_bin2bn(n_bytes, (int)n_size, NULL), *e = BN_bin2bn(e_bytes, (int)e_size, NULL);
    bool good = n && e && BN_num_bits(n) >= RSA_BITS_MIN && BN_num_bits(n) <= RSA_BITS_MAX &&
                BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
                BN_num_bits(e) <= EXPONENT_BITS_MAX;
    EVP_PKEY *made = good ? make_rsa(n, e) : NULL;
    BN_free(n);
    BN_free(e);
    return made;
}

/* OpenSSL refuses points that are not on the curve. */
static EVP_PKEY *read_ec(const json_t *jwk)
{
    uint8_t x[KEY_BYTES_MAX], y[KEY_BYTES_MAX], point[1 + 2 * ES256_HALF] = {4};
    if (!is_text(jwk, "crv", "P-256") || bytes_of(jwk, "x", x) != ES256_HALF ||
        bytes_of(jwk, "y", y) != ES256_HALF)
        return NULL;
    memcpy(point + 1, x, ES256_HALF);
    memcpy(point + 1 + ES256_HALF, y, ES256_HALF);
    char curve[] = "prime256v1";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end()};
    return make_key("EC", params);
}

static EVP_PKEY *read_okp(const json_t *jwk)
{
    uint8_t x[KEY_BYTES_MAX];
    if (!is_text(jwk, "crv", "Ed25519") || bytes_of(jwk, "x", x) != ED25519_KEY) return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, ED25519_KEY);
}

static const struct {
    const char *type, *name;
    lia_jose_algorithm algorithm;
    EVP_PKEY *(*read)(const json_t *jwk);
} algorithms[] = {
    {"RSA", "RS256", LIA_JOSE_RS256, read_rsa},
    {"EC", "ES256", LIA_JOSE_ES256, read_ec},
    {"OKP", "EdDSA", LIA_JOSE_EDDSA, read_okp},
    {"OKP", "Ed25519", LIA_JOSE_EDDSA, read_okp}, /* its name since RFC 9864 */
};

/* Passes over what is not for checking signatures by one of these. */
static void read_key(lia_jwks *set, const json_t *jwk)
{
    key *next = &set->keys[set->count];
    const char *id = text_of(jwk, "kid");
    if (!json_is_object(jwk) || (id && strlen(id) >= sizeof next->id)) return;
    for (size_t i = 0; i < LIA_COUNT(algorithms); i++) {
        if (!is_text(jwk, "kty", algorithms[i].type) || !may_be(jwk, "use", "sig") ||
            !may_be(jwk, "alg", algorithms[i].name))
            continue;
        next->key = algorithms[i].read(jwk);
        if (!next->key) return;
        next->algorithm = algorithms[i].algorithm;
        strcpy(next->id, id ? id : "");
        set->count++;
        return;
    }
}

lia_err lia_jwks_read(lia_jwks **out, lia_span json, lia_why *why)
{
    json_t *tree;
    *out = NULL;
    if (json.size > LIA_JWKS_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "its keys are too many");
    lia_err err = lia_json_load(json, &tree, NULL);
    if (err == LIA_EINVAL) return lia_why_set(why, err, "what it gives as its keys is not JSON");
    if (err) return err;
    const json_t *keys = json_object_get(tree, "keys");
    lia_jwks *set = calloc(1, sizeof *set);
    for (size_t i = 0; set && i < json_array_size(keys) && set->count < LIA_JWKS_KEYS_MAX; i++)
        read_key(set, json_array_get(keys, i));
    json_decref(tree);
    if (!set) return LIA_EFULL;
    if (!set->count) {
        free(set);
        return lia_why_set(why, LIA_EINVAL,
                           "it has no key for checking signatures by RS256, ES256 or EdDSA");
    }
    *out = set;
    return LIA_OK;
}

void lia_jwks_close(lia_jwks *set)
{
    if (!set) return;
    for (size_t i = 0; i < set->count; i++) EVP_PKEY_free(set->keys[i].key);
    free(set);
}

size_t lia_jwks_count(const lia_jwks *set)
{
    return set->count;
}

/* ---- signatures ------------------------------------------------------------------------------ */

static bool is_signed(const key *by, lia_span text, lia_span signature)
{
    const EVP_MD *digest = by->algorithm == LIA_JOSE_EDDSA ? NULL : EVP_sha256();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context && EVP_DigestVerifyInit(context, NULL, digest, NULL, by->key) == 1 &&
        EVP_DigestVerify(context, signature.data, signature.size, text.data, text.size) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* JWS has the two numbers side by side, OpenSSL wants them in DER. */
static bool is_signed_ec(const key *by, lia_span text, lia_span signature)
{
    if (signature.size != 2 * ES256_HALF) return false;
    BIGNUM *r = BN_bin2bn(signature.data, ES256_HALF, NULL);
    BIGNUM *s = BN_bin2bn(signature.data + ES256_HALF, ES256_HALF, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    unsigned char *der = NULL;
    bool good = false;
    if (r && s && pair && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's */
        int size = i2d_ECDSA_SIG(pair, &der);
        good = size > 0 && is_signed(by, text, lia_span_make(der, (size_t)size));
    }
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    BN_free(r);
    BN_free(s);
    return good;
}

typedef struct envelope {
    lia_span head, payload, signature; /* decoded */
    lia_span signed_text;
    lia_jose_algorithm algorithm;
    char id[ID_BYTES_MAX];
} envelope;

static lia_err decode(lia_span text, lia_arena *arena, lia_span *out)
{
    size_t size;
    uint8_t *bytes = lia_arena_take(arena, LIA_BASE64URL_SIZE(text.size) + 1);
    if (!bytes) return LIA_EFULL;
    if (lia_base64url_parse(text, bytes, &size)) return LIA_EINVAL;
    *out = lia_span_make(bytes, size);
    return LIA_OK;
}

/* Three parts with dots in between. */
static lia_err split(lia_span text, lia_arena *arena, envelope *out)
{
    lia_span parts[3], rest = text;
    for (size_t i = 0; i < LIA_COUNT(parts); i++) {
        const uint8_t *dot = rest.size ? memchr(rest.data, '.', rest.size) : NULL;
        if (!dot != (i == 2)) return LIA_EINVAL;
        parts[i] = lia_span_make(rest.data, dot ? (size_t)(dot - rest.data) : rest.size);
        rest = lia_span_skip(rest, parts[i].size + (dot != NULL));
    }
    out->signed_text = lia_span_make(text.data, parts[0].size + 1 + parts[1].size);
    lia_err err = decode(parts[0], arena, &out->head);
    if (!err) err = decode(parts[1], arena, &out->payload);
    return err ? err : decode(parts[2], arena, &out->signature);
}

/* "typ" keeps tokens of other kinds away (RFC 8725 section 3.11); extensions that we must
 * understand we do not. */
static lia_err judge_head(const json_t *head, envelope *out, lia_why *why)
{
    const char *id = text_of(head, "kid");
    if (!json_is_object(head) || json_object_get(head, "crit") || json_object_get(head, "b64") ||
        !(may_be(head, "typ", "JWT") || is_text(head, "typ", "jwt")))
        return lia_why_set(why, LIA_EDENIED, "it is a signed text of another kind");
    for (size_t i = 0; i < LIA_COUNT(algorithms); i++)
        if (is_text(head, "alg", algorithms[i].name)) out->algorithm = algorithms[i].algorithm;
    if (!out->algorithm)
        return lia_why_set(why, LIA_EDENIED, "it is not signed by RS256, ES256 or EdDSA");
    if (id && strlen(id) < sizeof out->id) strcpy(out->id, id);
    if (id && !*out->id) return lia_why_set(why, LIA_EDENIED, "the name of its key is none");
    return LIA_OK;
}

static lia_err find_signer(const envelope *in, const lia_jwks *set, lia_why *why)
{
    bool found = false;
    for (size_t i = 0; i < set->count; i++) {
        const key *by = &set->keys[i];
        if (by->algorithm != in->algorithm || (*in->id && strcmp(by->id, in->id) != 0)) continue;
        found = true;
        bool good = by->algorithm == LIA_JOSE_ES256
                        ? is_signed_ec(by, in->signed_text, in->signature)
                        : is_signed(by, in->signed_text, in->signature);
        if (good) return LIA_OK;
    }
    if (!found) return lia_why_set(why, LIA_EABSENT, "the provider has no key that it names");
    return lia_why_set(why, LIA_EDENIED, "its signature is not the provider's");
}

lia_err lia_jws_check(lia_span text, const lia_jwks *set, lia_arena *arena, lia_span *payload,
                      lia_jose_algorithm *algorithm, lia_why *why)
{
    json_t *head;
    envelope in = {0};
    *payload = LIA_SPAN_NONE;
    lia_err err = text.size > LIA_JWS_BYTES_MAX ? LIA_EINVAL : split(text, arena, &in);
    if (!err) err = lia_json_load(in.head, &head, NULL);
    if (err == LIA_EINVAL) return lia_why_set(why, err, "it is no signed text");
    if (err) return err;
    err = judge_head(head, &in, why);
    json_decref(head);
    if (!err) err = find_signer(&in, set, why);
    if (err) return err;
    *payload = in.payload;
    *algorithm = in.algorithm;
    return LIA_OK;
}

void lia_jose_half_hash(lia_jose_algorithm algorithm, lia_span text, char out[LIA_JOSE_HALF_TEXT])
{
    unsigned size = 0;
    uint8_t digest[EVP_MAX_MD_SIZE];
    const EVP_MD *type = algorithm == LIA_JOSE_EDDSA ? EVP_sha512() : EVP_sha256();
    out[0] = 0;
    if (EVP_Digest(text.data, text.size, digest, &size, type, NULL) == 1)
        lia_base64url_print(lia_span_make(digest, size / 2), out, LIA_JOSE_HALF_TEXT);
}
