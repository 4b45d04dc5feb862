/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <zephyr/net/tls_credentials.h>
#include <zephyr/sys/clock.h>
#include <zephyr/sys/util.h>
#include <zephyr/toolchain.h>

/* PEM with the NUL at its end that mbedTLS requires, and without it. */
static const uint8_t ca[] = {
#include "ca.pem.inc"
	0x00,
};
static const uint8_t expired[] = {
#include "expired.pem.inc"
};
static const uint8_t client[] = {
#include "client.pem.inc"
};
static const uint8_t client_key[] = {
#include "client.key.inc"
};
/* DER. */
static const uint8_t other[] = {
#include "other.der.inc"
};
static const uint8_t junk[] = "no certificate";

/* The tags are those of lib.rs. */
static const struct {
	sec_tag_t tag;
	enum tls_credential_type type;
	const void *bytes;
	size_t len;
} credentials[] = {
	{1, TLS_CREDENTIAL_CA_CERTIFICATE, ca, sizeof(ca)},
	{2, TLS_CREDENTIAL_CA_CERTIFICATE, other, sizeof(other)},
	{3, TLS_CREDENTIAL_PUBLIC_CERTIFICATE, client, sizeof(client)},
	{3, TLS_CREDENTIAL_PRIVATE_KEY, client_key, sizeof(client_key)},
	{4, TLS_CREDENTIAL_PUBLIC_CERTIFICATE, client, sizeof(client)},
	{5, TLS_CREDENTIAL_CA_CERTIFICATE, junk, sizeof(junk)},
	{6, TLS_CREDENTIAL_PSK, junk, sizeof(junk)},
	{8, TLS_CREDENTIAL_CA_CERTIFICATE, expired, sizeof(expired)},
	{9, TLS_CREDENTIAL_CA_CERTIFICATE, ca, sizeof(ca)},
};

int register_credentials(void)
{
	ARRAY_FOR_EACH(credentials, i) {
		int ret = tls_credential_add(credentials[i].tag, credentials[i].type,
					     credentials[i].bytes, credentials[i].len);

		if (ret < 0) {
			return ret;
		}
	}

	return 0;
}

int set_clock(void)
{
	/* The certificate that must be expired was valid for one year, which has passed at this time. */
	const struct timespec time = {.tv_sec = BUILT_AT + 400 * 24 * 3600LL};

	return sys_clock_settime(SYS_CLOCK_REALTIME, &time);
}

int swap_credential(void)
{
	int ret = tls_credential_delete(9, TLS_CREDENTIAL_CA_CERTIFICATE);

	return ret < 0 ? ret : tls_credential_add(9, TLS_CREDENTIAL_CA_CERTIFICATE, other, sizeof(other));
}
