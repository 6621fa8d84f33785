# SPDX-License-Identifier: Apache-2.0
# slapd - a directory of a test's own: in $dir/ldap, on two of its ports, with a certificate of its own authority.
# Sourced behind tests/cluster/lib.sh; needs $ldaps_port and $ldap_port.
ldap=$dir/ldap
people="ou=people,dc=example,dc=com"
groups="ou=groups,dc=example,dc=com"
service="cn=liaison,ou=services,dc=example,dc=com"
root="cn=root,dc=example,dc=com"
slapd_pid=

slapd_end() { [ -z "$slapd_pid" ] || kill -9 "$slapd_pid" 2>/dev/null || true; }

certificate() { # name subject alternative
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" -keyout "$ldap/$1.key" \
    -out "$ldap/$1.csr" 2>/dev/null
  openssl x509 -req -in "$ldap/$1.csr" -CA "$ldap/ca.pem" -CAkey "$ldap/ca.key" -CAcreateserial -days "${4:-2}" \
    -extfile <(echo "subjectAltName=$3") -out "$ldap/$1.pem" 2>/dev/null
}

slapd_make() {
  mkdir -p "$ldap/data"
  local name
  for name in ca other-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
      -addext basicConstraints=critical,CA:TRUE -keyout "$ldap/$name.key" -out "$ldap/$name.pem" 2>/dev/null
  done
  certificate good node IP:127.0.0.1
  certificate elsewhere ldap.example.com DNS:ldap.example.com
  (umask 077; printf 'tea for the service\nand more\n' >"$ldap/secret")
  cat >"$ldap/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile $ldap/pid
TLSCACertificateFile $ldap/ca.pem
TLSCertificateFile $ldap/good.pem
TLSCertificateKeyFile $ldap/good.key
# As careless as real ones are: a name without a password is taken for nobody, and told yes.
allow bind_anon_cred bind_anon_dn
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="$service" read by users read by * none
database mdb
suffix dc=example,dc=com
rootdn $root
rootpw root
directory $ldap/data
overlay ppolicy
ppolicy_default cn=policy,dc=example,dc=com
CONF
  slapd_fill | slapadd -f "$ldap/slapd.conf" 2>"$ldap/add.err" || { cat "$ldap/add.err" >&2; fail "slapadd"; }
}

person() { # uid name mail [more lines]
  printf 'dn: uid=%s,%s\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: x\nuserPassword: secret of %s\n' "$1" "$people" "$1" "$2" "$1"
  [ -z "$3" ] || printf 'mail: %s\n' "$3"
  printf '%s\n\n' "${4:-displayName: $2}"
}
group() { # name member ...
  local name=$1 member; shift
  printf 'dn: cn=%s,%s\nobjectClass: groupOfNames\ncn: %s\n' "$name" "$groups" "$name"
  for member in "$@"; do printf 'member: uid=%s,%s\n' "$member" "$people"; done
  echo
}
slapd_fill() {
  cat <<LDIF
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: cn=policy,dc=example,dc=com
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE

LDIF
  local unit
  for unit in people groups services; do printf 'dn: ou=%s,dc=example,dc=com\nobjectClass: organizationalUnit\nou: %s\n\n' $unit $unit; done
  printf 'dn: %s\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: liaison\nuserPassword: tea for the service\n\n' "$service"
  slapd_people
}

slapd_start() { # [certificate]
  sed -i "s#^\(TLSCertificate.*\) $ldap/[a-z]*#\1 $ldap/${1:-good}#" "$ldap/slapd.conf"
  slapd -d 0 -f "$ldap/slapd.conf" -h "ldap://127.0.0.1:$ldap_port/ ldaps://127.0.0.1:$ldaps_port/" 2>>"$ldap/log" &
  slapd_pid=$!
  until_true 30 as_root ldapsearch -b "" -s base -LLL
}
slapd_stop() { kill -9 "$slapd_pid"; wait "$slapd_pid" 2>/dev/null || true; slapd_pid=; }

as_root() { # command arguments
  local command=$1; shift
  LDAPNOINIT=1 "$command" -x -H "ldap://127.0.0.1:$ldap_port" -D "$root" -w root "$@" >/dev/null 2>>"$ldap/client.err"
}
change() { as_root ldapmodify || fail "ldapmodify: $(tail -3 "$ldap/client.err")"; }
