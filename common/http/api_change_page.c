/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_change_page.h"

bool lia_change_page_read_token(lia_change_page *page, lia_span token)
{
    uint8_t phase;
    if (!token.size) return true;
    if (!lia_call_read_token(page->call, token, page->mark, &phase, &page->after) &&
        page->after.size == LIA_CHANGE_PLACE_SIZE)
        return true;
    lia_call_invalid(page->call, "page_token: this is no token of an answer to the same question");
    return false;
}

/* Whether one more would be told: a token must not say that there is what they may not see. */
static lia_err put_beyond(lia_change_page *page, const lia_change_page_of *of, lia_span event)
{
    size_t size = page->out->size, found = page->found, seen = page->seen_count;
    lia_err err = of->put(of->context, event);
    page->more = page->found > found;
    page->found = found;
    page->seen_count = seen;
    page->out->size = size;
    return err;
}

lia_err lia_change_page_put(lia_change_page *page, const lia_change_page_of *of)
{
    lia_change next;
    lia_err err = LIA_OK;
    while (!err && !page->more && !(err = of->next(of->context, &next))) {
        bool full = page->found >= page->page_size || page->out->size >= of->out_max;
        err = full ? put_beyond(page, of, next.bytes) : of->put(of->context, next.bytes);
        if (!page->more) memcpy(page->last, next.place, sizeof page->last);
        page->more |= of->is_enough(of->context);
    }
    return err == LIA_EABSENT ? LIA_OK : err;
}

void lia_change_page_put_token(const lia_change_page *page)
{
    if (!page->more) return;
    lia_buf_text(page->out, ",\"next_page_token\":\"");
    lia_call_put_token(page->call, page->out, page->mark, 0, LIA_SPAN_OF(page->last));
    lia_buf_byte(page->out, '"');
}
