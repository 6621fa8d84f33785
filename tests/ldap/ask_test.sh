#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Questions to a directory, one by one: who is believed, whom it finds, and what it does when the directory is not
# what it should be.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cluster/lib.sh"
departments=()
. "$here/slapd.sh"
trap 'status=$?; set +e; slapd_end; kill $listener $hostile 2>/dev/null; (exit $status); finish' EXIT
listener= hostile=
free_base
ldaps_port=$free ldap_port=$((free + 1)) other_port=$((free + 2))

slapd_people() {
  person anna "Anna Sales" anna@example.com
  person ben "Ben" "" $'description: one\ndescription: two'
  person carla "Carla" carla@example.com $'telephoneNumber: 1\nemployeeType: odd'
  person dora "Dora" dora@example.com $'displayName: Dora\npwdAccountLockedTime: 000001010000Z'
  person '\28e*v\5ce' "Eve" "" | sed 's/^uid: .*/uid: (e*v\\e/'
  person twin1 "Twin" twin@example.com
  person twin2 "Twin" twin@example.com
  printf 'dn: ou=away,%s\nobjectClass: referral\nobjectClass: extensibleObject\nou: away\nref: ldap://127.0.0.1:%s/ou=away,%s\n\n' "$people" "$other_port" "$people"
  group sales anna
  group 'Field Force' anna ben
}
slapd_make
slapd_start
cat >"$ldap/groups" <<END
# who gets what
CN=Sales, OU=groups,dc=example,dc=com -> role Seller; team Field
cn=field force,ou=groups,dc=example,dc=com -> role Driver; role Seller; team Road
cn=nobody,ou=groups,dc=example,dc=com -> role King
* -> role Reader
END

ask() { timeout 20 "$BIN/ldap_ask" url="ldaps://127.0.0.1:$ldaps_port" ca="$ldap/ca.pem" bind="$service" secret="$ldap/secret" base="$people" ms=4000 "$@"; }
tried=0
says() { # what, the beginning of the answer, question
  local what=$1 wanted=$2 got; shift 2
  got=$(ask "$@") || fail "$what: it ended with $?"
  [[ $got == $wanted ]] || fail "$what: '$got' instead of '$wanted'"
  tried=$((tried + 1))
}
anna=(user=anna password="secret of anna")

# ---- who it is -----------------------------------------------------------------------------------

says "somebody" "subject=*-*-*-*-* name=Anna Sales email=anna@example.com roles= managed= team=-" "${anna[@]}"
says "by StartTLS" "subject=*" "${anna[@]}" url="ldap://127.0.0.1:$ldap_port"
says "their groups" "subject=* roles=Seller,Driver,Reader managed=Seller,Driver,King,Reader team=Field" "${anna[@]}" \
  groups="$ldap/groups" group-base="$groups"
says "one group" "subject=* roles=Driver,Seller,Reader managed=* team=Road" user=ben password="secret of ben" \
  groups="$ldap/groups" group-base=dc=example,dc=com
says "no group" "subject=* roles=Reader managed=* team=-" user=carla password="secret of carla" groups="$ldap/groups" group-base="$groups"
says "without e-mail and with another name" "subject=* name=Carla email=carla@example.com*" user=carla password="secret of carla"
says "other attributes" "subject=1 name=odd email=-*" user=carla password="secret of carla" id=telephoneNumber name=employeeType mail=description
says "an odd name" "subject=* name=Eve*" user='(e*v\e' password='secret of \28e*v\5ce'
says "by e-mail" "subject=*" user=anna@example.com password="secret of anna" filter='(|(uid={user})(mail={user}))'
subject=$(ask "${anna[@]}" | sed 's/subject=\([^ ]*\) .*/\1/')
says "who was here before" "subject=$subject name=Anna*" subject="$subject" password="secret of anna"
says "bytes as an id" "subject=#* name=Anna*" "${anna[@]}" id=userPassword bind="$root" secret=<(echo root)
says "who was here before, by bytes" "subject=#416e6e612053616c6573 *" "${anna[@]}" id=cn
says "who was here before, by bytes" "subject=#416e6e612053616c6573 *" subject=#416e6e612053616c6573 password="secret of anna" id=cn

# ---- who it is not -------------------------------------------------------------------------------

no() { local what=$1; shift; says "$what" "LIA_EDENIED " "$@"; }
no "a wrong password" user=anna password=wrong
no "somebody else's password" user=anna password="secret of ben"
no "no password: a bind without one is nobody's, and succeeds" user=anna password=
no "nobody of that name" user=nobody password="secret of anna"
no "a closed account" user=dora password="secret of dora"
no "the same, though its password is wrong" user=dora password=wrong
no "no subject of anybody" subject="$people" password="secret of anna"
no "a subject that is no hex" subject=#zz password="secret of anna"
no "no name" user= password="secret of anna"
for name in '*' 'a*' 'ann*' '*)(uid=*' 'anna)(uid=*' '*))(|(uid=*' 'anna)(&(objectClass=*' '\61nna' 'anna\00' 'anna)' '(anna' \
  'x)(|(uid=anna' ' anna' 'anna ' $'anna\n' $'an\tna' 'anna,ou=people' 'uid=anna' '{user}' '{dn}' '*)(!(uid=x)'; do
  no "the name $name" user="$name" password="secret of anna"
done
no "a name without end" user="$(head -c 5000 /dev/zero | tr '\0' a)" password=x
no "a password without end" user=anna password="$(head -c 5000 /dev/zero | tr '\0' a)"
says "two of one name" "LIA_EDENIED ldap-filter finds more than one entry*" user=twin@example.com password="secret of twin1" filter="(mail={user})"
says "everybody" "LIA_EDENIED ldap-filter finds more than one entry*" user=anna password="secret of anna" filter="(|(uid={user})(objectClass=*))"

# ---- settings that do not fit --------------------------------------------------------------------

says "another secret of the service" "LIA_EINVAL the service account may not sign in*" "${anna[@]}" secret=<(echo wrong)
says "a secret for all to read" "LIA_EINVAL /dev/null, ldap-password: others can read it*" "${anna[@]}" secret=/dev/null
says "no secret" "LIA_EINVAL ldap-password: the first line of * is empty" "${anna[@]}" secret=<(:)
says "no file of it" "LIA_EINVAL /no/such, ldap-password: No such file*" "${anna[@]}" secret=/no/such
says "another service" "LIA_EINVAL the service account may not*" "${anna[@]}" bind="cn=nobody,dc=example,dc=com"
says "no such base" "LIA_EINVAL looking: No such object" "${anna[@]}" base="ou=nowhere,dc=example,dc=com"
says "no such groups" "LIA_EINVAL looking: No such object" "${anna[@]}" groups="$ldap/groups" group-base="ou=nowhere,dc=example,dc=com"
says "no such id" "LIA_EINVAL an entry has not one value of nothing*" "${anna[@]}" id=nothing
says "two ids" "LIA_EINVAL an entry has not one value of description*" user=ben password="secret of ben" id=description
says "no groups' file" "LIA_EINVAL /no/such cannot be read*" "${anna[@]}" groups=/no/such

# ---- referrals -----------------------------------------------------------------------------------

# Whoever listens there must hear nothing.
listen() { python3 - "$other_port" "$ldap/heard" <<'PY' & listener=$!
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
open(sys.argv[2], "w").close()
while True:
    s.accept()
    open(sys.argv[2], "a").write("x")
PY
}
listen
until_true 20 test -e "$ldap/heard"
says "references beside the entry" "subject=*" "${anna[@]}"
says "a base elsewhere" "LIA_EIO looking: Referral*" "${anna[@]}" base="ou=away,$people"
[ ! -s "$ldap/heard" ] || fail "a referral was followed, with the service's password"

# ---- whom to believe -----------------------------------------------------------------------------

says "another authority" "LIA_EIO connecting: *" "${anna[@]}" ca="$ldap/other-ca.pem"
says "another authority, by StartTLS" "LIA_EIO StartTLS: *" "${anna[@]}" ca="$ldap/other-ca.pem" url="ldap://127.0.0.1:$ldap_port"
says "no authority" "LIA_EIO connecting: *" "${anna[@]}" ca=/dev/null
says "another name of the host" "LIA_EIO connecting: *" "${anna[@]}" url="ldaps://localhost:$ldaps_port"
says "no TLS there" "LIA_EIO connecting: *" "${anna[@]}" url="ldaps://127.0.0.1:$ldap_port"
says "TLS there" "LIA_EIO *" "${anna[@]}" ms=500 url="ldap://127.0.0.1:$ldaps_port"
without() { "$BIN/ldap_ask" url="$1" bind="$service" secret="$ldap/secret" base="$people" ms=4000 "${anna[@]}"; }
[[ $(without "ldap://127.0.0.1:$ldap_port") == subject=* ]] || fail "plain on this machine"
[[ $(without "ldap://127.0.0.2:$ldap_port") == "LIA_EIO connecting: without TLS"* ]] || fail "plain elsewhere"
[[ $(without "ldaps://127.0.0.1:$ldaps_port") == "LIA_EIO connecting: without TLS"* ]] || fail "no authority named"
# What files and the environment say to libldap makes nothing weaker.
(cd "$ldap" && printf 'TLS_REQCERT never\nREFERRALS on\nURI ldap://127.0.0.1:1\n' >ldaprc
  got=$(LDAPTLS_REQCERT=never LDAPTLS_CACERT="$ldap/ca.pem" HOME=$ldap ask "${anna[@]}" ca="$ldap/other-ca.pem")
  [[ $got == "LIA_EIO connecting: "* ]] || fail "the environment turned the check off: $got"
  [[ $(HOME=$ldap ask "${anna[@]}") == subject=* ]] || fail "a file of libldap's leads astray")
slapd_stop
slapd_start elsewhere
says "a certificate of another host" "LIA_EIO connecting: *" "${anna[@]}"
slapd_stop

# ---- down, slow ----------------------------------------------------------------------------------

says "nobody is there" "LIA_EIO connecting: *" "${anna[@]}"
slapd_start
kill -STOP "$slapd_pid"
for url in "ldaps://127.0.0.1:$ldaps_port" "ldap://127.0.0.1:$ldap_port"; do
  began=$(now_ms)
  says "it stands still" "LIA_EIO *" "${anna[@]}" url="$url" ms=700
  took=$(($(now_ms) - began))
  [ $took -lt 5000 ] || fail "it waited for $took ms"
done
kill -CONT "$slapd_pid"
says "and is back" "subject=*" "${anna[@]}"
# ---- a directory that says what none should ------------------------------------------------------

ways=(right no busy closes noise huge other-number refuses-referring silent drips endless endless-groups endless-references
  long-values many-values no-name odd-name three too-many-said)
python3 "$here/hostile.py" "$ldap/ways" "${ways[@]}" &
hostile=$!
until_true 20 test -s "$ldap/ways"
hears() { # way, the beginning of the answer
  local way=$1 port; port=$(sed -n "s/^$way //p" "$ldap/ways")
  got=$(ulimit -t 20; timeout 20 "$BIN/ldap_ask" url="ldap://127.0.0.1:$port" bind=cn=liaison secret="$ldap/secret" base=dc=b ms=900 \
    user=anna password=x "${@:3}") || fail "$way: it ended with $?"
  [[ $got == $2 ]] || fail "$way: '$got' instead of '$2'"
  tried=$((tried + 1))
}
hears right "subject=1 name=Anna email=-*"
hears right "subject=1 * roles=Reader *" groups="$ldap/groups"
hears no "LIA_EDENIED "
for way in busy closes noise huge other-number refuses-referring silent drips endless endless-references; do hears $way "LIA_EIO *"; done

hears endless-groups "LIA_EFULL *" groups="$ldap/groups"
hears long-values "subject=1 name=- email=-*"
hears many-values "LIA_EINVAL an entry has not one value*"
hears no-name "LIA_EDENIED "
hears odd-name "subject=1 *"
hears three "LIA_EDENIED ldap-filter finds more than one*"
hears too-many-said "LIA_EFULL *"

[ $tried -ge 80 ] || fail "only $tried questions"
