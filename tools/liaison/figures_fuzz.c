/* SPDX-License-Identifier: Apache-2.0 */
/* A page of figures from a node that is none: sums are what their parts are, and nothing is read
 * beyond. */
#include <math.h>

#include "common/base/assert.h"
#include "tools/liaison/figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool some, all;
    lia_span text = lia_span_make(data, size), half = lia_span_make(data, size / 2);
    lia_figure(text, "a", "b", "c", &some);
    lia_figure(text, "a", NULL, NULL, &all);
    lia_assert(!some || all);
    lia_figure_most(text, "a", &some);
    lia_assert(some == all);
    double bound = lia_figure_quantile(half, text, "a", 0.99);
    lia_assert(!isinf(bound));
    return 0;
}
