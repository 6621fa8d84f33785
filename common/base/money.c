/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/money.h"

bool lia_currency_is_valid(lia_span code)
{
    if (code.size != 3) return false;
    for (size_t i = 0; i < 3; i++)
        if (code.data[i] < 'A' || code.data[i] > 'Z') return false;
    return true;
}

unsigned lia_currency_digits(const char *currency)
{
    /* The codes whose exponent is not 2 (ISO 4217 list one). */
    static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
    if (strlen(currency) == 3 && strstr(none, currency)) return 0;
    if (strlen(currency) == 3 && strstr(three, currency)) return 3;
    return 2;
}

lia_err lia_money_parse(lia_span text, const char *currency, lia_money *out)
{
    if (!lia_currency_is_valid(lia_span_text(currency))) return LIA_EINVAL;
    size_t at = 0;
    bool negative = text.size && text.data[0] == '-';
    if (negative) at++;
    unsigned digits = lia_currency_digits(currency), behind = 0;
    bool point = false, any = false;
    int64_t value = 0;
    for (; at < text.size; at++) {
        if (text.data[at] == '.' && !point) {
            point = true;
            continue;
        }
        unsigned digit = (unsigned)text.data[at] - '0';
        if (digit > 9) return LIA_EINVAL;
        any = true;
        if (point && behind == digits) {
            if (digit) return LIA_EINVAL; /* a trailing zero says nothing, anything else is lost */
            continue;
        }
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return LIA_EINVAL;
        behind += point;
    }
    if (!any) return LIA_EINVAL;
    for (; behind < digits; behind++)
        if (__builtin_mul_overflow(value, 10, &value)) return LIA_EINVAL;
    out->amount_minor = negative ? -value : value;
    memcpy(out->currency, currency, 4);
    return LIA_OK;
}

lia_err lia_money_add(lia_money *sum, lia_money more)
{
    if (!sum->currency[0]) {
        *sum = more;
        return LIA_OK;
    }
    int64_t total;
    if (memcmp(sum->currency, more.currency, 4) ||
        __builtin_add_overflow(sum->amount_minor, more.amount_minor, &total))
        return LIA_EINVAL;
    sum->amount_minor = total;
    return LIA_OK;
}
