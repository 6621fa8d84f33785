/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/natural.h"

#include <ctype.h>

#include "common/base/crypto.h"

#define VALUE_BYTES_MAX 120

static void put_hash(lia_buf *out, lia_span text)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    char hex[LIA_DIGEST_SIZE * 2 + 1];
    lia_digest_of("liaison import", &text, 1, digest);
    lia_hex_print(lia_span_make(digest, sizeof digest), hex);
    lia_buf_text(out, hex);
}

void lia_natural_of_row(lia_buf *out, const char *source, uint64_t line, lia_span text)
{
    lia_buf_format(out, "%s:%llu:", source, (unsigned long long)line);
    put_hash(out, text);
}

void lia_natural_of_value(lia_buf *out, const char *source, lia_span value)
{
    lia_buf_format(out, "%s:", source);
    if (value.size > VALUE_BYTES_MAX)
        put_hash(out, value);
    else
        lia_buf_span(out, value);
}

void lia_natural_source(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash ? slash + 1 : path;
    size_t at = 0;
    for (; *from && at + 1 < size; from++) {
        bool is_plain = isalnum((unsigned char)*from) || strchr("._-", *from);
        out[at++] = is_plain ? (char)tolower((unsigned char)*from) : '-';
    }
    out[at] = 0;
}
