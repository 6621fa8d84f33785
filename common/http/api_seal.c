/* SPDX-License-Identifier: Apache-2.0 */
/* Page tokens as whoever asks may see them. */
#include "common/http/api_gate.h"

/* ---- page tokens ----------------------------------------------------------------------------- */

static bool is_sealed(const lia_call *call)
{
    return call->login && !lia_principal_rights(call->who)->administrator;
}

void lia_call_put_token(const lia_call *call, lia_buf *out, lia_page_mark mark, uint8_t phase,
                        lia_span key)
{
    uint8_t sealed[LIA_VIEW_KEY_MAX + LIA_SEAL_BYTES];
    if (is_sealed(call) && key.size <= LIA_VIEW_KEY_MAX) {
        lia_seal(&call->login->seal, key, sealed);
        key = lia_span_make(sealed, key.size + LIA_SEAL_BYTES);
    }
    lia_page_token_put(out, mark, phase, key);
}

lia_err lia_call_read_token(const lia_call *call, lia_span token, lia_page_mark mark,
                            uint8_t *phase, lia_span *key)
{
    lia_err err = lia_page_token_read(token, mark, call->arena, phase, key);
    if (err || !is_sealed(call)) return err;
    if (key->size < LIA_SEAL_BYTES) return LIA_EINVAL;
    uint8_t *text = lia_arena_take(call->arena, key->size);
    if (!text) return LIA_EFULL;
    if (lia_unseal(&call->login->seal, *key, text)) return LIA_EINVAL;
    *key = lia_span_make(text, key->size - LIA_SEAL_BYTES);
    return LIA_OK;
}
