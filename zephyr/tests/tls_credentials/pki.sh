#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes two authorities, the first one twice, and certificates of the first one for the test's server and client. Keeps
# what is there.

set -eu

mkdir -p "$1"
cd "$1"
[ ! -e done ] || exit 0

key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

# authority NAME
authority() {
	openssl req -x509 $key -keyout "$1.key" -out "$1.pem" -days 3650 -subj "/CN=Test $1"
}

# certificate NAME EXTENSIONS
certificate() {
	openssl req -new $key -keyout "$1.key" -out "$1.csr" -subj "/CN=Test $1"
	echo "$2" > "$1.ext"
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
		-extfile "$1.ext" -out "$1.pem"
}

authority ca 2> log
# Its twin, expired by the clock of the test.
openssl req -x509 -new -key ca.key -out expired.pem -days 365 -subj "/CN=Test ca" 2>> log
authority other 2>> log
openssl x509 -in other.pem -outform DER -out other.der
certificate server "subjectAltName=IP:127.0.0.1,IP:10.0.2.2" 2>> log
certificate client "extendedKeyUsage=clientAuth" 2>> log
echo "what the server sends" > page.txt
touch done
