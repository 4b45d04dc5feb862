/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_TLS_CREDENTIALS_H
#define TEST_TLS_CREDENTIALS_H

#include <stddef.h>

typedef int sec_tag_t;

enum tls_credential_type {
	TLS_CREDENTIAL_CA_CERTIFICATE = 1,
	TLS_CREDENTIAL_PUBLIC_CERTIFICATE = 2,
	TLS_CREDENTIAL_PRIVATE_KEY = 3,
};

int tls_credential_get(sec_tag_t tag, enum tls_credential_type type, void *buffer, size_t *size);

#endif
