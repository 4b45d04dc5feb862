/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/tls_credentials.h>

/* PEM, with the NUL at its end that mbedTLS requires. */
static const uint8_t authorities[] = {
#include "ca.pem.inc"
	0x00,
};

int32_t register_authorities(void)
{
	return tls_credential_add(1, TLS_CREDENTIAL_CA_CERTIFICATE, authorities,
				  sizeof(authorities));
}
