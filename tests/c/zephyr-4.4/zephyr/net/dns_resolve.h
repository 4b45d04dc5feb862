/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_DNS_RESOLVE_H
#define TEST_DNS_RESOLVE_H

#include <zephyr/net/net_ip.h>

enum dns_query_type {
	DNS_QUERY_TYPE_A = 1,
	DNS_QUERY_TYPE_AAAA = 28,
};

enum dns_resolve_status {
	DNS_EAI_NONAME = -2,
	DNS_EAI_AGAIN = -3,
	DNS_EAI_FAIL = -4,
	DNS_EAI_NODATA = -5,
	DNS_EAI_FAMILY = -6,
	DNS_EAI_ADDRFAMILY = -9,
	DNS_EAI_SYSTEM = -11,
	DNS_EAI_CANCELED = -101,
	DNS_EAI_ALLDONE = -103,
};

struct dns_addrinfo {
	uint8_t ai_family;
	union {
		struct {
			net_socklen_t ai_addrlen;
			struct net_sockaddr ai_addr;
			char ai_canonname[21];
		};
	};
};

typedef void (*dns_resolve_cb_t)(enum dns_resolve_status status, struct dns_addrinfo *info,
				 void *user_data);

int dns_get_addr_info(const char *query, enum dns_query_type type, uint16_t *id,
		      dns_resolve_cb_t callback, void *user_data, int32_t timeout);
int dns_cancel_addr_info(uint16_t id);

#endif
