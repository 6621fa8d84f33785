#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the contracts of a next release into a folder: those of today with new fields in a record, in
# an element, in a fact, in an event's header and in the bus's frames, a new value of an enum, and the
# kind, fact and command of next.proto. Also its version of the views.
set -e
from=$1 to=$2
mkdir -p "$to/proto" "$to/common/node"
cp "$from"/proto/*.proto "$from/tests/next/next.proto" "$to/proto/"
add() { # file, message or enum, line
  sed -i "/^$2 {/a\\  $3" "$to/$1"
  grep -qF "$3" "$to/$1" || { echo "overlay.sh: $1 has no '$2'" >&2; exit 1; }
}
add proto/crm.proto "message Customer" 'optional string pronouns = 59 [(field) = { label: "Pronouns" indexed: true searchable: true }];'
add proto/crm.proto "message Email" 'optional string source = 59;'
add proto/crm.proto "message Money" 'optional string rate = 59;'
add proto/crm.proto "message InteractionLogged" 'optional string mood = 59;'
add proto/crm.proto "enum Channel" 'CHANNEL_HOLOGRAM = 900;'
add proto/event.proto "message Header" 'optional bytes origin_of_next = 59;'
add proto/bus.proto "message Frame" 'optional bytes trace = 59;'
cp "$from/common/node/feature_rows.h" "$to/common/node/"
sed -i 's|^    X(0, .*)$|& \\\n    X(8, "vouchers", "next", "vouchers", 9001, true) \\\n    X(40, "folded", "next", "notes that older releases would misread", 0, true)|' "$to/common/node/feature_rows.h"
grep -q 'X(40' "$to/common/node/feature_rows.h" || { echo "overlay.sh: no rows of features" >&2; exit 1; }
add proto/bus.proto "message Hello" 'optional bytes name = 59;'
version=$(sed -n 's/^#define LIA_VIEWS_VERSION //p' "$from/common/node/state.h")
sed "s/^#define LIA_VIEWS_VERSION .*/#define LIA_VIEWS_VERSION $((version + 1))/" \
  "$from/common/node/state.h" >"$to/common/node/state.h"
