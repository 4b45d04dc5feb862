/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_NET_IF_H
#define TEST_NET_IF_H

#include <zephyr/net/net_ip.h>

struct net_if;

enum net_addr_state {
	NET_ADDR_PREFERRED = 1,
};

struct net_in6_addr *net_if_ipv6_get_global_addr(enum net_addr_state state, struct net_if **interface);

#endif
