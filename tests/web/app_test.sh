#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The app as it is built: format, types, unit tests, and what must hold of what is shipped.
set -euo pipefail
exec "$(dirname "$0")/../../tools/web" check ${BIN:+--bin "$BIN"}
