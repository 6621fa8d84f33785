/* SPDX-License-Identifier: Apache-2.0 */
/* The row of features in a log's meta: it is read or refused, and what is not understood is named.
 */
#include "common/base/assert.h"
#include "common/node/feature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_features features = {0};
    if (lia_features_parse(&features, lia_span_make(data, size))) return 0;
    bool foreign = (features.on & ~lia_features_known()) != 0;
    lia_assert(foreign == (features.foreign[0] != 0));
    lia_assert(strnlen(features.foreign, sizeof features.foreign) < sizeof features.foreign);
    return 0;
}
