/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name, *text;
} errors[] = {
#define X(name, sentence) {#name, sentence},
    LIA_ERRORS(X)
#undef X
};

const char *lia_err_name(lia_err err)
{
    return (unsigned)err < LIA_ERR_COUNT ? errors[err].name : "LIA_E?";
}

const char *lia_err_text(lia_err err)
{
    return (unsigned)err < LIA_ERR_COUNT ? errors[err].text : "unknown error";
}

lia_err lia_why_set(lia_why *why, lia_err err, const char *format, ...)
{
    if (!why) return err;
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return err;
}
