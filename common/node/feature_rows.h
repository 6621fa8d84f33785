/* SPDX-License-Identifier: Apache-2.0 */
/* feature_rows - the features that this release understands; see feature.h for what a row means. A
 * bit and its name belong together for ever, also when a release forgets the row. */
#ifndef LIA_NODE_FEATURE_ROWS_H
#define LIA_NODE_FEATURE_ROWS_H

/* X(bit, name, the release that brought it, what it is, kind that is written only when it is on or
 * 0, whether greetings say that it is understood: one that binds is said a release after it came)
 */
#define LIA_FEATURE_ROWS(X)                                                                        \
    X(0, "announced", "0.1.0", "members say which features they understand", 0, true)

#endif
