/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_NET_IF_H
#define TEST_NET_IF_H

#include <zephyr/net/net_ip.h>

struct net_if;

enum net_addr_state {
	NET_ADDR_PREFERRED = 1,
};

typedef void (*net_if_cb_t)(struct net_if *iface, void *user_data);

void net_if_foreach(net_if_cb_t callback, void *user_data);
struct net_if *net_if_get_default(void);
bool net_if_is_up(struct net_if *iface);
bool net_if_is_offloaded(struct net_if *iface);
struct net_in_addr *net_if_ipv4_get_global_addr(struct net_if *iface, enum net_addr_state state);
struct net_in6_addr *net_if_ipv6_get_global_addr(enum net_addr_state state, struct net_if **interface);

#endif
