/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says about files it takes or has, and which paths are pages. Pure. */
#include "common/http/parser.h"
#include "common/http/web.h"

static lia_span trimmed(lia_span text)
{
    while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = lia_span_skip(text, 1);
    while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* Takes the text up to `byte`, without blanks around it, and that byte. */
static lia_span take(lia_span *rest, uint8_t byte)
{
    const uint8_t *at = rest->size ? memchr(rest->data, byte, rest->size) : NULL;
    lia_span taken = lia_span_make(rest->data, at ? (size_t)(at - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, taken.size + (at != NULL));
    return trimmed(taken);
}

/* "0", "0.", "0.000": not taken at all. */
static bool is_zero(lia_span weight)
{
    if (!weight.size || weight.data[0] != '0') return false;
    for (size_t i = 1; i < weight.size; i++)
        if (weight.data[i] != (i == 1 ? '.' : '0')) return false;
    return true;
}

static bool is_refused(lia_span parameters)
{
    while (parameters.size) {
        lia_span weight = take(&parameters, ';'), name = take(&weight, '=');
        if (lia_http_word_is(name, "q")) return is_zero(trimmed(weight));
    }
    return false;
}

/* Whether a list of codings takes that one: by name, or by "*" when it is not named. */
static bool takes(lia_span accepts, const char *coding)
{
    bool any = false;
    while (accepts.size) {
        lia_span parameters = take(&accepts, ','), name = take(&parameters, ';');
        if (lia_http_word_is(name, coding)) return !is_refused(parameters);
        if (lia_span_is(name, "*")) any = !is_refused(parameters);
    }
    return any;
}

const lia_web_form *lia_web_choose(const lia_web_file *file, lia_span accepts)
{
    const lia_web_form *best = &file->forms[LIA_WEB_PLAIN];
    for (size_t i = 0; i < LIA_WEB_CODINGS; i++) {
        const lia_web_form *form = &file->forms[i];
        if (!form->coding || !form->bytes.data || form->bytes.size >= best->bytes.size) continue;
        if (takes(accepts, form->coding)) best = form;
    }
    return best;
}

bool lia_web_is_page(lia_span path)
{
    static const char *const others[] = {"/api", "/assets", "/healthz", "/readyz", "/metrics"};
    for (size_t i = 0; i < LIA_COUNT(others); i++) {
        lia_span other = lia_span_text(others[i]);
        if (lia_span_starts(path, other) &&
            (path.size == other.size || path.data[other.size] == '/'))
            return false;
    }
    size_t name = path.size;
    while (name && path.data[name - 1] != '/') name--;
    return path.size && path.data[0] == '/' &&
           !(path.size > name && memchr(path.data + name, '.', path.size - name));
}

bool lia_web_has(lia_span if_none_match, const char *etag)
{
    while (if_none_match.size) {
        lia_span known = take(&if_none_match, ',');
        if (lia_span_is(known, "*")) return true;
        if (lia_span_starts(known, LIA_SPAN("W/"))) known = lia_span_skip(known, 2);
        if (lia_span_is(known, etag)) return true;
    }
    return false;
}
