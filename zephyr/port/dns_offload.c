/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Name look-up by the driver of the sockets. */

#include "internal.h"

#include <errno.h>

#include <zephyr/net/dns_resolve.h>

int32_t requests_port_resolve_offloaded(const char *host, uint16_t port,
				 struct requests_port_address *addresses, size_t max,
				 const struct limit *limit)
{
	struct zsock_addrinfo hints = {
		.ai_family = NET_AF_UNSPEC,
		.ai_socktype = NET_SOCK_STREAM,
	};
	struct zsock_addrinfo *found = NULL;
	size_t count = 0;
	int status;

	/* Without CONFIG_NET_IPV6 a driver has no room for an IPv6 address, so do not ask for one.
	 */
	if (!IS_ENABLED(CONFIG_NET_IPV6)) {
		hints.ai_family = NET_AF_INET;
	} else if (!IS_ENABLED(CONFIG_NET_IPV4)) {
		hints.ai_family = NET_AF_INET6;
	}

	status = zsock_getaddrinfo(host, NULL, &hints, &found);

	switch (status) {
	case 0:
		break;
	case DNS_EAI_NONAME:
	case DNS_EAI_NODATA:
	case DNS_EAI_ADDRFAMILY:
	case DNS_EAI_FAMILY:
		return failure(REQUESTS_PORT_NOT_FOUND, status);
	case DNS_EAI_SYSTEM:
		return failure(REQUESTS_PORT_OTHER, errno);
	default:
		return failure(REQUESTS_PORT_OTHER, status);
	}

	for (struct zsock_addrinfo *one = found; one != NULL && count < max; one = one->ai_next) {
		if (requests_port_store(&addresses[count], one->ai_addr, port)) {
			count++;
		}
	}

	zsock_freeaddrinfo(found);

	if (count == 0) {
		return failure(REQUESTS_PORT_NOT_FOUND, DNS_EAI_NODATA);
	}

	if (ms_left(limit) == 0) {
		return requests_port_errno(ETIMEDOUT);
	}

	return count;
}
