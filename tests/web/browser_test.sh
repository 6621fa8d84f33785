#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The app in a real browser, at four real nodes. Arguments go to Playwright: a spec's name, --grep, --workers.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 PLAYWRIGHT_BROWSERS_PATH=0
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || { echo "there is no $chromium: tools/deps browser" >&2; exit 1; }
tools/web build ${BIN:+--bin "$BIN"}
tools/npm tests/web tsc -p .
tools/npm tests/web playwright test "$@"
