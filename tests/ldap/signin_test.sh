#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Signing in by a directory, at a real node: who gets in, with which rights, and what happens to that when the
# directory changes its mind, stands still, or is away.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cluster/lib.sh"
departments=(sales)
. "$here/slapd.sh"
trap 'status=$?; set +e; slapd_end; (exit $status); finish' EXIT
cluster_make
ldaps_port=$((base + 10)) ldap_port=$((base + 11))

slapd_people() {
  person anna "Anna Sales" anna@example.com
  person ben "Ben Nobody" ben@example.com
  person frank "Frank" ada@example.com
  person gina "Gina There" gina@example.com
  person hans "Hans" hans@example.com
  person dora "Dora" dora@example.com $'displayName: Dora\npwdAccountLockedTime: 000001010000Z'
  group sellers anna gina frank dora hans
  group bosses anna
}
slapd_make
slapd_start
cat >"$ldap/groups" <<END
cn=sellers,$groups -> role Seller; team Field
cn=bosses,$groups -> role Administrator; role Boss
END
cat >"$dir/sales.yaml" <<END
ldap: ldaps://127.0.0.1:$ldaps_port
ldap-title: Example <b> directory
ldap-ca: $ldap/ca.pem
ldap-bind-dn: $service
ldap-password: $ldap/secret
ldap-base: $people
ldap-filter: (uid={user})
ldap-groups: $ldap/groups
ldap-group-base: $groups
ldap-timeout: 3s
END
"$BIN/liaison" config check "$dir/sales.yaml" >/dev/null || fail "the settings have mistakes"
sed 's/{user})/{user}/' "$dir/sales.yaml" >"$dir/wrong.yaml"
"$BIN/liaison" config check "$dir/wrong.yaml" >"$dir/found" && fail "a broken filter is taken"
jq -e 'length == 1 and .[0].line == 7' "$dir/found" >/dev/null || fail "the line is not named: $(cat "$dir/found")"

program[sales]="$BIN/liaison-sales --config $dir/sales.yaml"
node_start sales
node_ready sales
api=$(url sales)/api/v1
founding=$(grep -o '#setup=[^"]*' "$dir/sales.log" | head -1 | cut -d= -f2)
curl -sf -H "Origin: $(url sales)" -d "{\"secret\":\"$founding\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"a sea of green tea\"}" \
  -H 'Content-Type: application/json' "$api/setup" >/dev/null
is() { [ "$2" = "$3" ] || fail "$1: '$2' instead of '$3'"; }

# Prints the status, and what it is about where it is no yes; a yes leaves its token in $dir/token.
try() { # name password [code]
  local status
  status=$(jq -n --arg n "$1" --arg p "$2" --arg c "${3:-}" '{email: $n, password: $p, token: true} + (if $c == "" then {} else {code: $c} end)' |
    curl -s -m 20 ${from:+--interface $from} -o "$dir/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d @- "$api/session")
  jq -r '.token // empty' "$dir/answer" >"$dir/token"
  [ "$status" = 201 ] && echo 201 || echo "$status$(jq -r '.code // "" | if . == "" then "" else " " + . end' "$dir/answer")"
}
ada() { is "the administrator, $1" "$(try ada@example.com "a sea of green tea")" 201; } # and clears the waits of this address
with() { curl -s -m 20 -H "Authorization: Bearer $1" -H 'Content-Type: application/json' "${@:2}"; }
ada first
admin=$(cat "$dir/token")
as_admin() { with "$admin" "$@"; }
make() { as_admin -f -d "$2" "$api/$1" | jq -er .id; }
make roles '{"name":"Seller","grants":[{"kind":"customer","read":"all"}]}' >/dev/null
extra=$(make roles '{"name":"Extra","grants":[{"kind":"team","read":"all"}]}')
team=$(make teams '{"name":"Field"}')
user_of() { as_admin "$api/users" | jq -c --arg e "$1" '[.users[] | select(.email == $e)]'; }
roles_of() { user_of "$1" | jq -r '.[0].roles | length'; }
me() { with "$1" "$api/session" | jq -r "$2"; }

# ---- who gets in ---------------------------------------------------------------------------------

is "the page says by what" "$(curl -sf "$api/session/providers" | jq -c .)" '{"providers":[],"directory":{"title":"Example <b> directory"}}'
is "a new person" "$(try anna "secret of anna")" 201
anna=$(cat "$dir/token")
is "who" "$(me "$anna" '.user.name + " " + .user.email')" "Anna Sales anna@example.com"
is "rights" "$(me "$anna" '.rights.customer.read + " \(.administrator)"')" "all false"
is "team" "$(user_of anna@example.com | jq -r '.[0].team')" "$team"
is "the same person" "$(try ANNA "secret of anna")" 201
is "one account" "$(user_of anna@example.com | jq length)" 1
grep -q '"directory.unknown".*"Administrator"' "$dir/sales.log" || fail "a group that would make administrators is not told"
grep -q '"directory.unknown".*"Boss"' "$dir/sales.log" || fail "a role that is not there is not told"
in_trail() { as_admin "$api/audit?action=$1" | jq -e --arg w "$2" '.audit[] | select(.words == $w)' >/dev/null; }
until_true 10 in_trail signed_in directory

for attempt in "anna|wrong" "anna|" "*|secret of anna" "*)(uid=*|secret of anna" "anna)(uid=*|secret of anna" "nobody|secret of anna" \
  "dora|secret of dora" "uid=anna,$people|secret of anna" "anna@example.com|secret of ben"; do
  got=$(try "${attempt%%|*}" "${attempt#*|}")
  case $got in 401 | 400*) ;; *) fail "'$attempt': $got" ;; esac
  is "after $attempt" "$(try anna "secret of anna")" 201 # and clears the wait of this address
done
is "nobody was made" "$(as_admin "$api/users" | jq '.users | length')" 2
is "no group" "$(try ben "secret of ben")" "403 no-group"
is "nobody was made of it" "$(user_of ben@example.com | jq length)" 0
is "an administrator's e-mail" "$(try frank "secret of frank")" "403 is-administrator"
is "and is still only theirs" "$(user_of ada@example.com | jq -r '.[0].name')" Ada

# ---- a person who was local ----------------------------------------------------------------------

gina=$(make users '{"name":"Gina","email":"gina@example.com"}')
link=$(as_admin -f -d '{}' "$api/users/$gina:invite" | jq -er .secret)
curl -sf -H 'Content-Type: application/json' -d "{\"secret\":\"$link\",\"password\":\"an own old password\"}" "$api/session:setPassword"
ada "before gina"
is "local as long as there is a password" "$(try gina@example.com "an own old password")" 201
before=$(cat "$dir/token")
is "by the directory" "$(try gina "secret of gina")" 201
is "linked" "$(me "$(cat "$dir/token")" .user.id)" "$gina"
is "renamed" "$(user_of gina@example.com | jq -r '.[0].name')" "Gina There"
identity=$(with "$(cat "$dir/token")" "$api/session/identities" | jq -er '.identities[0].id')
is "who is linked does not get rid of that" "$(with "$(cat "$dir/token")" -o /dev/null -w '%{http_code}' -X DELETE "$api/session/identities/$identity")" 404
is "the own password has ended" "$(try gina@example.com "an own old password")" 401
is "and what was begun with it" "$(with "$before" -o /dev/null -w '%{http_code}' "$api/session")" 401
ada "after gina"

# ---- a second factor of one's own ----------------------------------------------------------------

# RFC 6238: the code of a key, so many steps from now.
code_of() { python3 -c 'import base64,hmac,struct,sys,time
d=hmac.new(base64.b32decode(sys.argv[1]),struct.pack(">Q",int(time.time())//30+int(sys.argv[2])),"sha1").digest()
o=d[19]&15;print("%06d"%((struct.unpack(">I",d[o:o+4])[0]&0x7fffffff)%1000000))' "$1" "$2"; }
is "gina once more" "$(try gina "secret of gina")" 201
of_gina=$(cat "$dir/token")
proof() { with "$of_gina" -o "$dir/answer" -w '%{http_code}' -d "$2" "$api/session:$1"; }
is "a factor by a wrong password" "$(proof beginSecondFactor '{"password":"wrong"}')" 403
is "a factor without a password" "$(proof beginSecondFactor '{}')" 403
is "a factor by the directory's password" "$(proof beginSecondFactor '{"password":"secret of gina"}')" 200
key=$(jq -er .key "$dir/answer")
is "its first code" "$(proof confirmSecondFactor "{\"code\":\"$(code_of "$key" 0)\"}")" 200
recovery=$(jq -er '.recovery_codes[0]' "$dir/answer")
code=$(code_of "$key" 1)
is "without the code" "$(try gina "secret of gina")" "401 second-factor"
is "with a wrong password and the code" "$(try gina wrong "$code")" 401
is "with the code" "$(try gina "secret of gina" "$code")" 201
is "the same code again" "$(try gina "secret of gina" "$code")" "401 second-factor"
is "no password of one's own beside the directory's" "$(proof setPassword '{"old_password":"secret of gina","password":"an own new password"}')" 403
is "taken away by a wrong password" "$(proof removeSecondFactor "{\"password\":\"wrong\",\"code\":\"$recovery\"}")" 403
is "taken away" "$(proof removeSecondFactor "{\"password\":\"secret of gina\",\"code\":\"$recovery\"}")" 204
is "and it is gone" "$(try gina "secret of gina")" 201

# ---- the directory changes its mind --------------------------------------------------------------

anna_id=$(user_of anna@example.com | jq -r '.[0].id')
version=$(as_admin -D - -o /dev/null "$api/users/$anna_id" | sed -n 's/^[Ee][Tt]ag: \(.*\)\r$/\1/p')
as_admin -f -o /dev/null -X PATCH -H "If-Match: $version" -d "$(as_admin "$api/users/$anna_id" | jq -c --arg r "$extra" '{roles: (.roles + [$r])}')" "$api/users/$anna_id"
change <<END
dn: cn=sellers,$groups
changetype: modify
delete: member
member: uid=anna,$people
END
is "in no group any more" "$(try anna "secret of anna")" "403 no-group"
is "the group's role is gone, the other one stays" "$(user_of anna@example.com | jq -c '.[0].roles')" "[\"$extra\"]"
is "at once, in the old session, too" "$(me "$anna" '.rights.customer.read // "none"')" none
change <<END
dn: cn=sellers,$groups
changetype: modify
add: member
member: uid=anne,$people

dn: uid=anna,$people
changetype: modrdn
newrdn: uid=anne
deleteoldrdn: 1

dn: uid=anne,$people
changetype: modify
replace: mail
mail: anne@example.com
-
replace: displayName
displayName: Anne Married
END
is "under another name" "$(try anne "secret of anna")" 201
is "the same person" "$(me "$(cat "$dir/token")" '.user.id + .user.name + .user.email')" "${anna_id}Anne Marriedanne@example.com"
is "with both roles" "$(roles_of anne@example.com)" 2
is "nobody of the old name" "$(try anna "secret of anna")" 401
as_admin -o /dev/null -X DELETE "$api/users/$anna_id"
is "who was sent away here" "$(try anne "secret of anna")" "403 account-is-closed"
ada "after anna"
for words in no-group is-administrator account-is-closed password; do until_true 10 in_trail not_signed_in $words; done

# ---- the directory is away -----------------------------------------------------------------------

is "gina again" "$(try gina "secret of gina")" 201
kill -STOP "$slapd_pid"
try gina "secret of gina" >"$dir/slow" &
slow=$!
until_true 20 eval '[ "$(ss -tnH "dport = :$ldaps_port" 2>/dev/null | wc -l)" -gt 0 ] || ! kill -0 $slow 2>/dev/null'
ada "while the directory stands still"
wait $slow
is "it stands still" "$(cat "$dir/slow")" "503 directory-fails"
kill -CONT "$slapd_pid"
is "it goes on" "$(try gina "secret of gina")" 201
slapd_stop
is "it is down" "$(try gina "secret of gina")" "503 directory-fails"
jq -r .detail "$dir/answer" | grep -q '^Example <b> directory does not answer as it should: try again later' || fail "what is said: $(cat "$dir/answer")"
ada "while the directory is down"
grep -q '"directory.failed".*connecting' "$dir/sales.log" || fail "the log does not say why"
slapd_start elsewhere
is "another certificate" "$(try gina "secret of gina")" "503 directory-fails"
slapd_stop
slapd_start
is "it is back" "$(try gina "secret of gina")" 201
echo "wrong" >"$ldap/secret"
is "the service's password was changed there" "$(try gina "secret of gina")" "503 directory-fails"
echo "tea for the service" >"$ldap/secret"
is "and here, without a restart" "$(try gina "secret of gina")" 201

# Guessing somebody's password has to wait, from wherever it is tried and however the name is written.
spellings=(hans HANS 'HaNs' 'ｈans' 'hanS' 'haNs')
got=401 tries=0
while [ "${got%% *}" = 401 ] && [ $tries -lt 40 ]; do
  tries=$((tries + 1))
  from="127.0.0.$((tries + 1))"
  got=$(try "${spellings[tries % 6]}" wrong)
done
is "guessing waits" "${got%% *}" 429
from=

node_stop sales
for secret in "secret of" "tea for the service" "a sea of green" "anna@" "Anna"; do
  ! grep -q "$secret" "$dir/sales.log" || fail "in the log: $secret"
done
