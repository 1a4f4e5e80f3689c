#!/bin/sh
# Makes what compose.yaml reads as secrets, once: passwords that nobody knows, accounts that may do what they are for, and a file of keys
# for each role. As root, because each file belongs to the one user that reads it. Keep a copy of secrets/keys.json elsewhere, and then
# take it from this machine. Run again after an upgrade it adds the files that may be empty and that came with a newer version; whatever is
# there stays as it is.
set -eu
umask 077
cd "$(dirname "$0")"

app=10001 mariadb=999 valkey=999
word() { openssl rand -hex 24; }
own() { chown "$1:$1" "$2" && chmod 400 "$2"; }

# smtp-url: for the address of the mail server with its account, smtp://user:password@mail.example:587
may_be_empty="smtp-url"

if [ -e secrets ]; then
  added=
  for file in $may_be_empty; do
    [ ! -e "secrets/$file" ] || continue
    # Under its name only when it is readable: who is interrupted here runs this again.
    rm -f "secrets/$file.new"
    : > "secrets/$file.new"
    own $app "secrets/$file.new"
    mv "secrets/$file.new" "secrets/$file"
    added="$added $file"
  done
  [ -n "$added" ] || { echo "secrets is there already, and was left as it is." >&2; exit 1; }
  echo "Added to secrets, and empty:$added. All else was left as it is."
  exit
fi

mkdir secrets.new
cd secrets.new

# An authority for the engines alone. Its key signs once and is thrown away: for other certificates make all of them anew.
new_key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $new_key -days 3650 -subj "/CN=engines of chepiao" -addext "keyUsage=critical,keyCertSign" \
  -keyout ca.key -out engines-ca.pem 2>/dev/null
certificate() {
  openssl req $new_key -subj "/CN=$1" -keyout "$1.key" -out request 2>/dev/null
  printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n' "$2" > extensions
  openssl x509 -req -in request -CA engines-ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile extensions -out "$1.pem" 2>/dev/null
}
certificate mariadb DNS:mariadb
certificate valkey DNS:redis-1,DNS:redis-2,DNS:redis-3,DNS:redis-4,DNS:redis-5,DNS:redis-6
rm -f ca.key request extensions engines-ca.srl
# Whom to trust is no secret.
chmod 444 engines-ca.pem

sql=$(word) binlog=$(word) redis=$(word) replication=$(word) admin=$(word)

word > mysql-root
printf 'mysqls://chepiao:%s@mariadb:3306/chepiao' "$sql" > mysql-url
printf 'mysqls://binlog:%s@mariadb:3306/chepiao' "$binlog" > mysql-binlogs
cat > mysql-accounts.sql <<SQL
SET sql_log_bin = 0;
CREATE DATABASE chepiao;
CREATE USER chepiao@'%' IDENTIFIED BY '$sql';
GRANT ALL ON chepiao.* TO chepiao@'%';
CREATE USER binlog@'%' IDENTIFIED BY '$binlog';
GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO binlog@'%';
GRANT SELECT ON chepiao.* TO binlog@'%';
SQL

printf '%s' "$redis" > redis-password
printf '%s' "$admin" > redis-admin
cat > redis-users.acl <<ACL
user default off
user chepiao on >$redis ~* &* +@all -@admin -flushall -flushdb -swapdb -debug -keys -migrate
user replication on >$replication +psync +replconf +ping
user admin on >$admin ~* &* +@all
ACL
printf 'masteruser replication\nmasterauth %s\n' "$replication" > redis-replication.conf

for file in mysql-root mysql-accounts.sql mariadb.pem mariadb.key; do own $mariadb $file; done
for file in redis-users.acl redis-replication.conf redis-admin valkey.pem valkey.key; do own $valkey $file; done
for file in $may_be_empty; do : > "$file"; done
for file in mysql-url mysql-binlogs redis-password $may_be_empty; do own $app "$file"; done

cd ../../..
node tools/run.mjs chepiao keys deploy/hardened/secrets.new/keys.json
node tools/run.mjs chepiao keys split deploy/hardened/secrets.new/keys.json
cd deploy/hardened
for file in secrets.new/keys.*.json; do own $app "$file"; done
mv secrets.new secrets
echo "Made. Keep a copy of secrets/keys.json elsewhere, and take it from this machine."
