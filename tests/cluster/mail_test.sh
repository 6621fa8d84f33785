#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mail really arrives: a node gives it to a real mail server (Exim, with TLS and a login) whose mailbox is
# read. While the server is down or says no for the moment, mail waits and says why; what it refuses for good
# is failed; kill -9 at any moment loses none.
. "$(dirname "$0")/lib.sh"
exim=$(command -v exim4 || command -v /usr/sbin/exim4) || { echo "Exim is not installed"; exit 77; }
post_office="$dir/post"
mkdir -p "$post_office/spool" "$post_office/mail"
who=$(id -un)
[ "$(id -u)" != 0 ] || who=Debian-exim # Exim does not run as root
free_base
mail_port=$((free + 3))
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$post_office/key" -out "$post_office/cert" 2>/dev/null
cat >"$post_office/conf" <<END
primary_hostname = localhost
daemon_smtp_ports = $mail_port
local_interfaces = 127.0.0.1
spool_directory = $post_office/spool
log_file_path = $post_office/%slog
pid_file_path = $post_office/pid
exim_user = $who
exim_group = $(id -gn "$who")
tls_advertise_hosts = *
tls_certificate = $post_office/cert
tls_privatekey = $post_office/key
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  defer message = come back later
        condition = \${if exists{$post_office/later}}
  deny message = there is nobody of that name
       local_parts = nobody
  accept authenticated = *
  deny message = who are you?
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = $post_office/mail
  maildir_format
  user = $who
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{crm}}{eq{\$auth3}{open sesame}}}}
  server_set_id = \$auth2
  server_advertise_condition = \${if def:tls_in_cipher}
END
[ "$(id -u)" != 0 ] || { chown -R "$who" "$post_office" && chown root "$post_office/conf" && chmod 755 "$dir"; }

office_open() { "$exim" -C "$post_office/conf" -bdf >>"$post_office/out" 2>&1 & drivers=($!); until_true 20 office_answers; }
office_answers() { ! port_is_free "$mail_port"; }
# Its children too: one may still serve a connection that the node keeps.
office_close() { pkill -P "${drivers[0]}" || true; kill "${drivers[0]}"; wait "${drivers[0]}" 2>/dev/null || true; drivers=(); }
arrived() { ls "$post_office/mail/new" 2>/dev/null | wc -l; }
has_arrived() { [ "$(arrived)" -ge "$1" ]; }
# A mail of that subject, as it arrived.
letter() { grep -lF "Subject: $1" "$post_office"/mail/new/* | head -1; }
state() { get sales "mails/$1" | jq -r .state; }
is() { [ "$(state "$1")" = "$2" ]; }
tell() { post sales mails:test "{\"to\":\"$1\"}" | jq -er .id; }
says() { get sales "mails/$1" | jq -e ".answer // \"\" | test(\"$2\")" >/dev/null; }

echo 'crm:open sesame' >"$dir/login"
chmod 600 "$dir/login"
sales_start() {
  program[sales]="$BIN/liaison-sales --smtp smtp://localhost:$mail_port --smtp-from crm@liaison.example --smtp-login $dir/login --smtp-ca $post_office/cert"
  node_start sales
  node_ready sales
}

cluster_make
office_open
sales_start

# It arrives, with what a mail must have, once.
id=$(tell ana@example.com)
until_true 20 is "$id" sent
until_true 10 has_arrived 1
mail=$(letter 'Liaison can send mail')
for line in 'To: ana@example.com' 'From: Liaison <crm@liaison.example>' "Message-ID: <$id@liaison.example>" \
  'Auto-Submitted: auto-generated' 'Date: ' 'Mime-Version: 1.0' 'Content-Type: multipart/alternative; boundary='; do
  grep -qF "$line" "$mail" || { cat "$mail"; fail "the mail that arrived does not say '$line'"; }
done
grep -q 'P=esmtpsa' "$post_office/mainlog" || fail "it did not come over TLS with a login"
get sales status | jq -e '.mail | .has_server and .sent == 1 and .waiting == 0' >/dev/null || fail "status of mail"

# Another password at the server: the file is given the new one, and SIGHUP has it read. With one that says
# nothing the former goes on.
noted() { [ "$(grep -c "\"$1\"" "$dir/sales.log")" -ge "$2" ]; }
sed -i 's/open sesame/a sea of tea/' "$post_office/conf"
office_close
office_open
id=$(tell gus@example.com)
until_true 20 says "$id" .
echo 'nothing' >"$dir/login"
kill -HUP "${pid[sales]}"
until_true 10 noted config.kept 1
get sales status | jq -e .mail.has_server >/dev/null || fail "the mail server is gone with a login that was not read"
echo 'crm:a sea of tea' >"$dir/login"
kill -HUP "${pid[sales]}"
until_true 10 noted config.reloaded 1
post sales "mails/$id:resend" '{}' >/dev/null
until_true 20 is "$id" sent
sed -i 's/a sea of tea/open sesame/' "$post_office/conf"
echo 'crm:open sesame' >"$dir/login"
kill -HUP "${pid[sales]}"
until_true 10 noted config.reloaded 2
office_close
office_open

# What no server takes is failed at once, and says why.
id=$(tell nobody@example.com)
until_true 20 is "$id" failed
says "$id" "nobody of that name" || fail "$(get sales "mails/$id")"

# Not now: it waits, and says why.
touch "$post_office/later"
id=$(tell ben@example.com)
until_true 20 says "$id" "come back later"
is "$id" waiting || fail "a mail that is to come back later has ended"
get sales status | jq -e '.mail.failing_since' >/dev/null || fail "status does not say that no mail is taken"
rm "$post_office/later"
post sales "mails/$id:resend" '{}' >/dev/null
until_true 20 is "$id" sent

# No server at all, and the node killed meanwhile: nothing is lost, and nothing is sent twice.
office_close
ids=()
for who_to in cleo dana emil; do ids+=("$(tell "$who_to@example.com")"); done
until_true 20 says "${ids[0]}" .
node_kill sales
office_open
sales_start
for id in "${ids[@]}"; do post sales "mails/$id:resend" '{}' >/dev/null; done # not wait for a minute
for id in "${ids[@]}"; do until_true 20 is "$id" sent; done
until_true 10 has_arrived 6
[ "$(arrived)" = 6 ] || fail "$(arrived) mails arrived, not 6"

# Without TLS nothing is given to a server, not even the login.
sed -i 's/^tls_advertise_hosts.*/tls_advertise_hosts =/' "$post_office/conf"
office_close
office_open
id=$(tell finn@example.com)
until_true 20 says "$id" .
is "$id" waiting || fail "a server without TLS got a mail"
post sales "mails/$id:cancel" '{}' >/dev/null
is "$id" cancelled || fail "not cancelled"
[ "$(arrived)" = 6 ] || fail "$(arrived) mails arrived, not 6"

# People get in by mail: an invitation, and a new password when the old one is forgotten. The link works once.
office_close
sed -i 's/^tls_advertise_hosts.*/tls_advertise_hosts = */' "$post_office/conf"
office_open
secret=$(grep -o 'setup=lia_[A-Za-z0-9_-]*' "$dir/sales.log" | tail -1 | cut -d= -f2)
admin=$(post sales setup "{\"secret\":\"$secret\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"a sea of green tea\"}" | jq -er .user)
sign_in() { post sales session "{\"email\":\"$1\",\"password\":\"$2\",\"token\":true}" | jq -er .token; }
token=$(sign_in ada@example.com 'a sea of green tea')
as_admin() { curl -s -m 20 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$2" "$(url sales)/api/v1/$1"; }
gil=$(as_admin users '{"name":"Gil Ärmel","email":"gil@example.com"}' | jq -er .id)
as_admin "users/$gil:invite" '{"mail":true}' | jq -e '.expires_at and (has("secret") | not)' >/dev/null || fail "an invitation by mail tells its secret"
until_true 20 has_arrived 7
link_in() { grep -v '^Message-ID' "$1" | tr -d '\r' | sed -e ':a' -e '/=$/{N;s/=\n//;ba' -e '}' | grep -o 'link=3Dlia_[A-Za-z0-9_-]*\|link=lia_[A-Za-z0-9_-]*' | head -1 | sed 's/.*lia_/lia_/'; }
choose() { curl -s -o /dev/null -w '%{http_code}' -m 20 -H 'Content-Type: application/json' -d "{\"secret\":\"$1\",\"password\":\"$2\"}" "$(url sales)/api/v1/session:setPassword"; }
mail=$(letter 'Your invitation to Liaison')
grep -q '^To: =?UTF-8?B?' "$mail" || fail "a name with an umlaut is not encoded"
[ "$(choose "$(link_in "$mail")" 'of oaks and acorns')" = 204 ] || fail "the link of the invitation does not work"
[ "$(choose "$(link_in "$mail")" 'of elms and beeches')" = 403 ] || fail "the link works twice"
sign_in gil@example.com 'of oaks and acorns' >/dev/null
known=$(post sales session:forgotPassword '{"email":"gil@example.com"}')
unknown=$(post sales session:forgotPassword '{"email":"nobody.of.us@example.com"}')
[ "$known" = "$unknown" ] || fail "it shows whether there is an account"
until_true 20 has_arrived 8
[ "$(choose "$(link_in "$(letter 'A new password for Liaison')")" 'of elms and beeches')" = 204 ] || fail "the link for a new password does not work"
sign_in gil@example.com 'of elms and beeches' >/dev/null

# The body is nobody's to read: no path, no stream, no document.
[ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$(url sales)/api/v1/mail_bodies")" = 404 ] || fail "bodies have a path"
! curl -sN -m 20 -H "Authorization: Bearer $token" "$(url sales)/api/v1/events?from=start&until=now" | grep 'to see whether mail' >/dev/null || fail "a body is in the stream"
