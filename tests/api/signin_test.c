/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in where a conversation cannot say it: codes that depend on the clock, and waits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/totp.h"
#include "tests/api/talk.h"
#include "tests/support/test.h"

static lia_process node;
static char admin[64]; /* a session of Ada's, the administrator */

static lia_reply say(const char *method, const char *path, const char *token, const char *body)
{
    return lia_say(&node, method, path, token, body);
}

static unsigned status_of(const char *method, const char *path, const char *token, const char *body)
{
    return lia_status_of(&node, method, path, token, body);
}

static unsigned sign_in(const char *email, const char *password, const char *code, char token[64])
{
    return lia_sign_in(&node, email, password, code, token);
}

static void start(void)
{
    if (node.pid) return;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    lia_found(&node, admin);
}

/* ---- a second factor ------------------------------------------------------------------------- */

static void read_key(const char *text, uint8_t key[LIA_TOTP_KEY_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint64_t held = 0;
    unsigned bits = 0;
    size_t size = 0;
    for (; *text; text++) {
        held = held << 5 | (uint64_t)(strchr(letters, *text) - letters);
        bits += 5;
        if (bits >= 8) key[size++] = (uint8_t)(held >> (bits -= 8));
    }
    CHECK_EQ(size, LIA_TOTP_KEY_SIZE);
}

/* The code of `ahead` steps from now. */
static const char *code_of(const uint8_t *key, unsigned ahead)
{
    static char code[LIA_TOTP_CODE_SIZE + 1];
    lia_totp_code(key, lia_totp_step(lia_time_now()) + ahead, code);
    return code;
}

static void begin_factor(uint8_t key[LIA_TOTP_KEY_SIZE])
{
    char text[64];
    CHECK_EQ(status_of("POST", "/api/v1/session:beginSecondFactor", admin,
                       "{\"password\":\"a sea of black tea\"}"),
             403);
    lia_reply reply = say("POST", "/api/v1/session:beginSecondFactor", admin,
                          "{\"password\":\"" LIA_PASSWORD "\"}");
    CHECK_EQ(reply.status, 200);
    lia_cut(&reply, "key", text, sizeof text);
    lia_reply_fini(&reply);
    read_key(text, key);
}

static void confirm_factor(const char *code, char recovery[16])
{
    char body[64];
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    lia_reply reply = say("POST", "/api/v1/session:confirmSecondFactor", admin, body);
    CHECK_EQ(reply.status, 200);
    const char *at = strstr(reply.body, "[\"");
    snprintf(recovery, 16, "%.*s", 10, at + 2);
    lia_reply_fini(&reply);
}

/* Steps that differ by one are both good at this moment, so no test waits for the clock. */
TEST(a_second_factor_is_asked_for_once_confirmed_and_each_code_counts_once)
{
    uint8_t key[LIA_TOTP_KEY_SIZE];
    char token[64], recovery[16], first[8], body[128];
    start();
    begin_factor(key);
    CHECK_EQ(sign_in("ada@example.com", LIA_PASSWORD, NULL, token), 201); /* not in force yet */
    CHECK_EQ(
        status_of("POST", "/api/v1/session:confirmSecondFactor", admin, "{\"code\":\"00000\"}"),
        403);
    snprintf(first, sizeof first, "%s", code_of(key, 0));
    confirm_factor(first, recovery);
    CHECK_EQ(sign_in("ada@example.com", LIA_PASSWORD, NULL, token), 401);
    CHECK_EQ(sign_in("ada@example.com", LIA_PASSWORD, first, token), 401); /* was used to confirm */
    CHECK_EQ(sign_in("ada@example.com", "a sea of black tea", code_of(key, 1), token), 401);
    CHECK_EQ(sign_in("ada@example.com", LIA_PASSWORD, code_of(key, 1), token), 201);
    CHECK_EQ(sign_in("ada@example.com", LIA_PASSWORD, recovery, token), 201);
    CHECK_EQ(sign_in("ada@example.com", LIA_PASSWORD, recovery, token), 401);

    snprintf(body, sizeof body, "{\"password\":\"" LIA_PASSWORD "\",\"code\":\"%s\"}", recovery);
    CHECK_EQ(status_of("POST", "/api/v1/session:removeSecondFactor", admin, body), 403);
}

/* ---- waits ----------------------------------------------------------------------------------- */

TEST(guessing_passwords_has_to_wait_longer_and_longer)
{
    char token[64], seconds[16];
    unsigned status = 0, tries = 0;
    start();
    while (status != 429 && tries++ < 20)
        status = sign_in("nobody@example.com", "a wild guess", NULL, token);
    CHECK_EQ(status, 429);
    lia_reply reply = say("POST", "/api/v1/session", NULL,
                          "{\"email\":\"nobody@example.com\",\"password\":\"another one\"}");
    CHECK_EQ(reply.status, 429);
    CHECK(lia_reply_header(&reply, "Retry-After", seconds, sizeof seconds));
    CHECK(atoi(seconds) >= 1);
    lia_reply_fini(&reply);
    CHECK(lia_process_stop(&node));
}
