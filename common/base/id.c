/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/id.h"

#include <pthread.h>

#include "common/base/crypto.h"

lia_id lia_id_from(lia_span span)
{
    lia_id id = LIA_ID_NONE;
    if (span.size == LIA_ID_SIZE) memcpy(id.bytes, span.data, LIA_ID_SIZE);
    return id;
}

/* RFC 9562 section 6.2, method 1 and 3: the millisecond, then a 42-bit counter that starts at a
 * random point each millisecond, then 32 random bits. A clock that steps back does not lower it. */
lia_id lia_id_make(int64_t unix_ms)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t last_ms;
    static uint64_t counter;
    static uint8_t pool[1024];
    static size_t pool_left;

    pthread_mutex_lock(&lock);
    if (pool_left < 12) {
        lia_random(pool, sizeof pool);
        pool_left = sizeof pool;
    }
    pool_left -= 12;
    uint8_t dice[12];
    memcpy(dice, pool + pool_left, sizeof dice);
    if (unix_ms > last_ms) {
        last_ms = unix_ms;
        counter = lia_get_u64(dice) >> 23; /* 41 bits: the top bit stays free for counting */
    } else if (++counter >> 42) {
        counter = 0;
        last_ms++;
    }
    int64_t ms = last_ms;
    uint64_t count = counter;
    pthread_mutex_unlock(&lock);

    lia_id id;
    lia_put_u64(id.bytes, (uint64_t)ms << 16);
    lia_put_u16(id.bytes + 6, (uint16_t)(0x7000 | (count >> 30)));
    lia_put_u32(id.bytes + 8, (uint32_t)(0x80000000u | (count & 0x3fffffffu)));
    memcpy(id.bytes + 12, dice + 8, 4);
    return id;
}

bool lia_id_time(lia_id id, int64_t *unix_ms)
{
    if (id.bytes[6] >> 4 != 7) return false;
    *unix_ms = (int64_t)(lia_get_u64(id.bytes) >> 16);
    return true;
}

lia_id lia_id_derive(const char *domain, lia_span seed)
{
    lia_id id;
    lia_digest_of(domain, &seed, 1, id.bytes);
    id.bytes[6] = (uint8_t)(0x80 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

lia_id lia_id_derive_like(const char *domain, lia_span seed, lia_id like)
{
    lia_id id = lia_id_derive(domain, seed);
    if (like.bytes[6] >> 4 == 7) memcpy(id.bytes, like.bytes, 6);
    return id;
}

lia_id lia_id_derive_at(const char *domain, lia_span seed, int64_t unix_ms)
{
    uint8_t time[8];
    lia_id id = lia_id_derive(domain, seed);
    lia_put_u64(time, (uint64_t)unix_ms << 16);
    memcpy(id.bytes, time, 6);
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
    return id;
}

void lia_id_print(lia_id id, char text[LIA_ID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *to = text;
    for (size_t i = 0; i < LIA_ID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
        *to++ = digits[id.bytes[i] >> 4];
        *to++ = digits[id.bytes[i] & 15];
    }
    *to = 0;
}

static int nibble(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

lia_err lia_id_parse(lia_span text, lia_id *out)
{
    if (text.size != 36) return LIA_EINVAL;
    const uint8_t *from = text.data;
    for (size_t i = 0; i < LIA_ID_SIZE; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *from++ != '-') return LIA_EINVAL;
        int high = nibble(from[0]), low = nibble(from[1]);
        if (high < 0 || low < 0) return LIA_EINVAL;
        out->bytes[i] = (uint8_t)(high << 4 | low);
        from += 2;
    }
    return LIA_OK;
}
