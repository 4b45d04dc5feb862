/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_NET_IP_H
#define TEST_NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>

#define NET_PF_UNSPEC 0
#define NET_PF_INET   1
#define NET_PF_INET6  2
#define NET_AF_UNSPEC NET_PF_UNSPEC
#define NET_AF_INET   NET_PF_INET
#define NET_AF_INET6  NET_PF_INET6

enum net_ip_protocol {
	NET_IPPROTO_TCP = 6,
};

enum net_ip_protocol_secure {
	NET_IPPROTO_TLS_1_2 = 258,
};

enum net_sock_type {
	NET_SOCK_STREAM = 1,
};

#define net_htons(x) __builtin_bswap16(x)

typedef unsigned short net_sa_family_t;
typedef size_t net_socklen_t;

struct net_in_addr {
	uint8_t s4_addr[4];
};

struct net_in6_addr {
	uint8_t s6_addr[16];
};

struct net_sockaddr {
	net_sa_family_t sa_family;
	uint8_t data[22];
};

struct net_sockaddr_in {
	net_sa_family_t sin_family;
	uint16_t sin_port;
	struct net_in_addr sin_addr;
};

struct net_sockaddr_in6 {
	net_sa_family_t sin6_family;
	uint16_t sin6_port;
	struct net_in6_addr sin6_addr;
	uint8_t sin6_scope_id;
};

struct net_sockaddr_in *net_sin(const struct net_sockaddr *address);
struct net_sockaddr_in6 *net_sin6(const struct net_sockaddr *address);
bool net_ipaddr_parse(const char *text, size_t len, struct net_sockaddr *address);

#endif
