/* SPDX-License-Identifier: Apache-2.0 */
/* URLs are taken apart by the library that sends to them: two parsers could disagree about the
 * host. */
#include "common/hooks/address.h"

#include <curl/curl.h>
#include <netinet/in.h>

typedef struct range {
    uint8_t bytes[16];
    uint8_t bits;
} range;

/* IANA IPv4 Special-Purpose Address Registry, multicast and class E. */
static const range special4[] = {
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 31, 196}, 24},
    {{192, 52, 193}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{192, 175, 48}, 24},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    {{224}, 4},
    {{240}, 4},
};

/* Of IPv6 only 2000::/3 is given out; within it these are not. */
static const range global6 = {{0x20}, 3};
static const range special6[] = {
    {{0x20, 0x01, 0x00}, 23},             /* protocol assignments, Teredo, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
    {{0x26, 0x20, 0x00, 0x4f, 0x80}, 48}, /* AS112 */
    {{0x3f, 0xff}, 20},                   /* documentation */
};
/* Those that carry an IPv4 address, and where in it. */
static const struct {
    range range;
    size_t at;
} carriers[] = {
    {{{0x20, 0x02}, 16}, 2},                                /* 6to4 */
    {{{0, 0x64, 0xff, 0x9b}, 96}, 12},                      /* NAT64 */
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, /* mapped */
};

static bool is_in(const uint8_t *address, const range *in)
{
    size_t whole = in->bits / 8, rest = in->bits % 8;
    if (memcmp(address, in->bytes, whole) != 0) return false;
    return !rest || ((address[whole] ^ in->bytes[whole]) >> (8 - rest)) == 0;
}

static bool is_public4(const uint8_t *address)
{
    for (size_t i = 0; i < LIA_COUNT(special4); i++)
        if (is_in(address, &special4[i])) return false;
    return true;
}

static bool is_public6(const uint8_t *address)
{
    for (size_t i = 0; i < LIA_COUNT(carriers); i++)
        if (is_in(address, &carriers[i].range)) return is_public4(address + carriers[i].at);
    if (!is_in(address, &global6)) return false;
    for (size_t i = 0; i < LIA_COUNT(special6); i++)
        if (is_in(address, &special6[i])) return false;
    return true;
}

bool lia_address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_public4((const uint8_t *)&in.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return is_public6(in.sin6_addr.s6_addr);
    }
    return false;
}

/* ---- URLs ------------------------------------------------------------------------------------ */

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text && *text;
    curl_free(text);
    return has;
}

static bool is_http(CURLU *url)
{
    char *text = NULL;
    bool is = curl_url_get(url, CURLUPART_SCHEME, &text, 0) == CURLUE_OK &&
              (!strcmp(text, "http") || !strcmp(text, "https"));
    curl_free(text);
    return is;
}

static lia_err check(CURLU *url, const char *text, lia_why *why)
{
    CURLUcode rc = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    if (rc == CURLUE_USER_NOT_ALLOWED)
        return lia_why_set(why, LIA_EINVAL, "url: no name and password belong in it");
    if (rc) return lia_why_set(why, LIA_EINVAL, "url: %s", curl_url_strerror(rc));
    if (!is_http(url))
        return lia_why_set(why, LIA_EINVAL, "url: an address with https:// or http:// is wanted");
    if (!has_part(url, CURLUPART_HOST)) return lia_why_set(why, LIA_EINVAL, "url: it has no host");
    if (has_part(url, CURLUPART_FRAGMENT))
        return lia_why_set(why, LIA_EINVAL, "url: a part behind '#' is never sent");
    return LIA_OK;
}

lia_err lia_hook_url_check(const char *text, lia_why *why)
{
    enum { URL_MAX = 2000 };
    if (strlen(text) > URL_MAX)
        return lia_why_set(why, LIA_EINVAL, "url: at most %d bytes are taken", URL_MAX);
    CURLU *url = curl_url();
    if (!url) return LIA_EFULL;
    lia_err err = check(url, text, why);
    curl_url_cleanup(url);
    return err;
}
