/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Look-up of the addresses of a name. */

#include "internal.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket_offload.h>

bool requests_port_store(struct requests_port_address *address, const struct net_sockaddr *from,
			  uint16_t port)
{
	memset(address, 0, sizeof(*address));
	address->port = port;

	if (IS_ENABLED(CONFIG_NET_IPV4) && from->sa_family == NET_AF_INET) {
		address->family = 4;
		memcpy(address->ip, &net_sin(from)->sin_addr, sizeof(struct net_in_addr));
		return true;
	}

	if (IS_ENABLED(CONFIG_NET_IPV6) && from->sa_family == NET_AF_INET6) {
		address->family = 6;
		memcpy(address->ip, &net_sin6(from)->sin6_addr, sizeof(struct net_in6_addr));
		address->scope_id = net_sin6(from)->sin6_scope_id;
		return true;
	}

	return false;
}

int32_t requests_port_resolve(const char *host, uint16_t port,
			      struct requests_port_address *addresses, size_t max,
			      const struct requests_port_wait *wait)
{
	struct net_sockaddr literal = {0};
	struct limit limit;
	int32_t ret = requests_port_begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	if (net_ipaddr_parse(host, strlen(host), &literal)) {
		return requests_port_store(addresses, &literal, port)
			       ? 1
			       : failure(REQUESTS_PORT_NOT_FOUND, DNS_EAI_ADDRFAMILY);
	}

	/* In a build without IPv6, an IPv6 address must not be looked up as a name. */
	if (strchr(host, ':') != NULL) {
		return failure(REQUESTS_PORT_NOT_FOUND, DNS_EAI_ADDRFAMILY);
	}

#if defined(CONFIG_NET_SOCKETS_OFFLOAD)
	if (socket_offload_dns_is_enabled()) {
		return requests_port_resolve_offloaded(host, port, addresses, max, &limit);
	}
#endif

#if defined(CONFIG_DNS_RESOLVER)
	return requests_port_resolve_native(host, port, addresses, max, &limit);
#else
	return requests_port_errno(ENOSYS);
#endif
}
