#!/bin/sh
# Prints the Secrets and the authority that the manifests mount, of a folder with keys.ROLE.json of each role (`chepiao keys split`), mysql-url,
# mysql-binlogs, redis-password and engines-ca.pem, and, where there is a verifier of documents, identity-verifier-key, and
# where there is a mail server, smtp-url. Nothing is sent anywhere: ./secrets.sh FOLDER | kubectl apply -f -
set -eu
folder=${1:?the folder with the files}
print() { kubectl create --namespace chepiao --dry-run=client --output yaml "$@" && echo ---; }

found=no
for file in "$folder"/keys.*.json; do
  [ -e "$file" ] || break
  found=yes
  role=$(basename "$file" .json)
  print secret generic "keys-${role#keys.}" --from-file=keys.json="$file"
done
[ "$found" = yes ] || { echo "there is no keys.ROLE.json in $folder: npm run chepiao -- keys split keys.json $folder" >&2; exit 1; }
print secret generic engines --from-file="$folder/mysql-url" --from-file="$folder/redis-password"
print secret generic binlogs --from-file="$folder/mysql-binlogs"
[ ! -e "$folder/identity-verifier-key" ] || print secret generic verifier --from-file="$folder/identity-verifier-key"
[ ! -e "$folder/smtp-url" ] || print secret generic mail --from-file="$folder/smtp-url"
print configmap engines-ca --from-file=ca.pem="$folder/engines-ca.pem"
