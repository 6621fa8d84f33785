/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/money.h"

#include "common/base/decimal.h"

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
    static const char none[] =
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
    if (strlen(currency) == 3 && strstr(none, currency)) return 0;
    if (strlen(currency) == 3 && strstr(three, currency)) return 3;
    return 2;
}

lia_err lia_money_parse(lia_span text, const char *currency, lia_money *out)
{
    if (!lia_currency_is_valid(lia_span_text(currency))) return LIA_EINVAL;
    lia_err err = lia_decimal_parse(text, lia_currency_digits(currency), &out->amount_minor);
    if (err) return err;
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
