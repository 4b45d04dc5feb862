/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Certificates and keys registered by tls_credential_add(). */

#include "internal.h"

#include <errno.h>

#include <zephyr/net/tls_credentials.h>

int32_t requests_port_credential(uint32_t tag, int32_t type, uint8_t *buffer, size_t len)
{
#if defined(CONFIG_TLS_CREDENTIALS)
	enum tls_credential_type wanted;
	size_t size = len;
	int ret;

	switch (type) {
	case REQUESTS_PORT_CA_CERTIFICATE:
		wanted = TLS_CREDENTIAL_CA_CERTIFICATE;
		break;
	case REQUESTS_PORT_OWN_CERTIFICATE:
		wanted = TLS_CREDENTIAL_PUBLIC_CERTIFICATE;
		break;
	case REQUESTS_PORT_PRIVATE_KEY:
		wanted = TLS_CREDENTIAL_PRIVATE_KEY;
		break;
	default:
		return requests_port_errno(EINVAL);
	}

	/* Negative tags belong to Zephyr: an application cannot register anything under them. */
	if (tag > INT_MAX) {
		return failure(REQUESTS_PORT_NOT_FOUND, ENOENT);
	}

	ret = tls_credential_get(tag, wanted, buffer, &size);
	if (ret == -ENOENT) {
		return failure(REQUESTS_PORT_NOT_FOUND, ENOENT);
	}

	if (ret < 0 && ret != -EFBIG) {
		return requests_port_errno(-ret);
	}

	/* No certificate is that large, and the result could not hold the size. */
	return size > INT32_MAX ? requests_port_errno(EFBIG) : (int32_t)size;
#else
	ARG_UNUSED(tag);
	ARG_UNUSED(type);
	ARG_UNUSED(buffer);
	ARG_UNUSED(len);

	return requests_port_errno(ENOSYS);
#endif
}
