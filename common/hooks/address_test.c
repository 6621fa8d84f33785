/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include "tests/support/test.h"

static bool is_public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return lia_address_is_public((const struct sockaddr *)&in);
    CHECK_EQ(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return lia_address_is_public((const struct sockaddr *)&in6);
}

TEST(only_addresses_of_the_public_internet_are_public)
{
    static const char *const public[] = {"1.1.1.1",           "8.8.8.8",          "9.255.255.255",
                                         "11.0.0.0",          "100.63.255.255",   "100.128.0.0",
                                         "126.255.255.255",   "128.0.0.0",        "169.253.0.1",
                                         "172.15.255.255",    "172.32.0.0",       "192.167.255.255",
                                         "192.169.0.0",       "198.17.255.255",   "198.20.0.0",
                                         "223.255.255.255",   "2606:4700::1111",  "2a00::1",
                                         "2002:0101:0101::1", "64:ff9b::808:808", "::ffff:8.8.8.8"};
    static const char *const private[] = {"0.0.0.0",
                                          "0.1.2.3",
                                          "10.0.0.1",
                                          "10.255.255.255",
                                          "100.64.0.1",
                                          "100.127.255.255",
                                          "127.0.0.1",
                                          "127.255.255.254",
                                          "169.254.169.254",
                                          "172.16.0.1",
                                          "172.31.255.255",
                                          "192.0.0.1",
                                          "192.0.2.1",
                                          "192.168.0.1",
                                          "198.18.0.1",
                                          "198.19.255.255",
                                          "198.51.100.7",
                                          "203.0.113.9",
                                          "224.0.0.1",
                                          "239.1.1.1",
                                          "240.0.0.1",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "::ffff:127.0.0.1",
                                          "::ffff:10.0.0.1",
                                          "::127.0.0.1",
                                          "64:ff9b::7f00:1",
                                          "64:ff9b:1::808:808",
                                          "100::1",
                                          "2001::1",
                                          "2001:db8::1",
                                          "2002:7f00:1::",
                                          "2002:0a00:1::",
                                          "fc00::1",
                                          "fd12::1",
                                          "fe80::1",
                                          "fec0::1",
                                          "ff02::1",
                                          "4000::1",
                                          "3fff::1"};
    for (size_t i = 0; i < LIA_COUNT(public); i++)
        if (!is_public(public[i])) CHECK_TEXT(public[i], "public");
    for (size_t i = 0; i < LIA_COUNT(private); i++)
        if (is_public(private[i])) CHECK_TEXT(private[i], "not public");
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    CHECK(!lia_address_is_public((const struct sockaddr *)&local));
}

TEST(an_address_to_send_to_is_http_and_nothing_hidden)
{
    static const char *const good[] = {"https://example.com/in", "http://example.com:8080/?a=b",
                                       "https://[2606:4700::1]/x", "HTTPS://EXAMPLE.COM"};
    static const char *const bad[] = {"",
                                      "example.com",
                                      "ftp://example.com/",
                                      "file:///etc/passwd",
                                      "gopher://example.com/",
                                      "https://",
                                      "https://user:secret@example.com/",
                                      "https://user@example.com/",
                                      "https://example.com:99999/",
                                      "https://exa mple.com/",
                                      "https://example.com/\r\nX: y",
                                      "https://example.com/#part",
                                      "//example.com/"};
    static char endless[3000] = "https://example.com/";
    lia_why why;
    for (size_t i = 0; i < LIA_COUNT(good); i++) CHECK_OK(lia_hook_url_check(good[i], &why));
    for (size_t i = 0; i < LIA_COUNT(bad); i++) {
        lia_err err = lia_hook_url_check(bad[i], &why);
        if (err != LIA_EINVAL) print_error("%s\n", bad[i]);
        CHECK_ERR(err, LIA_EINVAL);
        CHECK(!strncmp(why.text, "url: ", 5));
    }
    memset(endless + 20, 'x', sizeof endless - 21);
    CHECK_ERR(lia_hook_url_check(endless, &why), LIA_EINVAL);
}
