/* SPDX-License-Identifier: Apache-2.0 */
/* profile_inner - shared by the files that make a profile. */
#ifndef LIA_IDENTITY_PROFILE_INNER_H
#define LIA_IDENTITY_PROFILE_INNER_H

#include "common/identity/profile.h"

/* Adds a key of up to three parts, with a blank between them, once; returns its place, or
 * LIA_MATCH_KEYS_MAX when there is no room. */
size_t lia_profile_key(lia_profile *profile, lia_match_tag tag, const lia_span *parts, size_t count,
                       bool certain, lia_arena *arena);

/* Adds the keys of name, places and birthday. */
void lia_profile_name_keys(lia_profile *profile, lia_arena *arena);

#endif
