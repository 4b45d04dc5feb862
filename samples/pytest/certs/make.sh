#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates that the TLS samples are built with and tested with: two authorities, RSA and EC, and a client
# certificate. TEST ONLY: their keys are public, in this repository. Servers get theirs from tls_peers.py when a test
# runs.
set -eu
cd "$(dirname "$0")"
samples=../..
temporary=$(mktemp -d)
trap 'rm -r "$temporary"' EXIT

cat > "$temporary/ca.cnf" <<CONFIGURATION
[req]
distinguished_name = name
[name]
[ca]
default_ca = test
[test]
database = $temporary/index
new_certs_dir = $temporary
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
CONFIGURATION
: > "$temporary/index"

# issue NAME KEY EXTENSIONS OUTPUT ARGUMENTS...: a certificate for a key, valid while the tests are likely to be used.
issue() {
  openssl req -new -config "$temporary/ca.cnf" -subj "/CN=$1" -key "$2" -out "$temporary/request"
  extensions=$3 output=$4
  shift 4
  openssl ca -batch -notext -config "$temporary/ca.cnf" -in "$temporary/request" -extensions "$extensions" \
    -startdate 20250101000000Z -enddate 20491231235959Z -out "$output" "$@" 2> "$temporary/log" ||
    { cat "$temporary/log"; exit 1; }
}

key() { openssl genpkey "$@" 2> /dev/null; }
ec="-algorithm EC -pkeyopt ec_paramgen_curve:P-256"

key -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out root-rsa-test-only.key
key $ec -out root-ec-test-only.key
key $ec -out $samples/mtls/certs/client-test-only.key
for kind in rsa ec; do
  issue "Test only $kind authority" root-$kind-test-only.key authority root-$kind.pem \
    -selfsign -keyfile root-$kind-test-only.key
done
issue "device-1" $samples/mtls/certs/client-test-only.key client $samples/mtls/certs/client.pem \
  -cert root-ec.pem -keyfile root-ec-test-only.key

for sample in https_get mtls; do
  cat root-rsa.pem root-ec.pem > $samples/$sample/certs/ca.pem
done
