/* SPDX-License-Identifier: Apache-2.0 */
/* inner - what the layers share. Internal to common/config. */
#ifndef LIA_CONFIG_INNER_H
#define LIA_CONFIG_INNER_H

#include "common/config/config.h"

/* Counts a mistake and tells it. */
void lia_config_tell(lia_config *config, const lia_said *where, const char *text);
/* Takes a value, or tells what is wrong with it. */
void lia_config_take(lia_config *config, const lia_setting *row, lia_span text,
                     const lia_said *where);
/* Tells that there is no such setting, and which one may have been meant. */
void lia_config_unknown(lia_config *config, lia_span name, const lia_said *where);

#endif
