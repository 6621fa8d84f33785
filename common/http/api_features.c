/* SPDX-License-Identifier: Apache-2.0 */
/* Features: which are switched on, and who is in the way of the others. What a member understands
 * is known while it is connected; one that is not is in the way, since it may come back as any
 * release. */
#include "common/http/api_inner.h"

typedef struct features {
    lia_features set;
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t peer_count;
} features;

static void look(features *out, const lia_api *api)
{
    lia_node_get_features(api->node, &out->set);
    out->peer_count = lia_node_peers(api->node, out->peers, LIA_COUNT(out->peers));
    if (out->peer_count > LIA_COUNT(out->peers)) out->peer_count = LIA_COUNT(out->peers);
}

static bool is_on(const features *all, const lia_feature *row)
{
    return all->set.on >> row->bit & 1;
}

static void put_missing(lia_buf *out, const lia_api *api, const features *all,
                        const lia_feature *row)
{
    bool first = true;
    lia_buf_text(out, ",\"missing\":[");
    for (size_t i = 0; i < all->peer_count; i++) {
        const lia_sync_peer_status *peer = &all->peers[i];
        if (peer->connected && peer->features >> row->bit & 1) continue;
        lia_buf_text(out, first ? "" : ",");
        lia_json_put_text(out, lia_span_text(lia_api_node_name(api, peer->node)));
        first = false;
    }
    lia_buf_byte(out, ']');
}

void lia_api_put_features(lia_buf *out, const lia_api *api)
{
    features all;
    look(&all, api);
    bool first = true;
    lia_buf_text(out, ",\"features\":[");
    for (size_t i = 0; i < lia_feature_count; i++) {
        const lia_feature *row = &lia_feature_rows[i];
        if (!(lia_features_said() >> row->bit & 1) && !is_on(&all, row)) continue;
        lia_buf_format(out,
                       "%s{\"name\":\"%s\",\"since\":\"%s\",\"on\":%s,\"what\":", first ? "" : ",",
                       row->name, row->since, is_on(&all, row) ? "true" : "false");
        lia_json_put_text(out, lia_span_text(row->what));
        put_missing(out, api, &all, row);
        lia_buf_byte(out, '}');
        first = false;
    }
    lia_buf_byte(out, ']');
    if (!all.set.foreign[0]) return;
    lia_buf_text(out, ",\"features_not_understood\":");
    lia_json_put_text(out, lia_span_text(all.set.foreign));
}

size_t lia_api_features_waiting(const lia_api *api)
{
    lia_features set;
    lia_node_get_features(api->node, &set);
    return (size_t)__builtin_popcountll(lia_features_said() & ~set.on);
}

void lia_api_put_feature_figures(lia_buf *out, const lia_api *api)
{
    lia_features set;
    lia_node_get_features(api->node, &set);
    lia_buf_text(out,
                 "# HELP liaison_feature_on Whether a feature that this release understands is "
                 "switched on.\n# TYPE liaison_feature_on gauge\n");
    for (size_t i = 0; i < lia_feature_count; i++)
        lia_buf_format(out, "liaison_feature_on{feature=\"%s\"} %d\n", lia_feature_rows[i].name,
                       (int)(set.on >> lia_feature_rows[i].bit & 1));
}
