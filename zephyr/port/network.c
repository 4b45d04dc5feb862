/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Waits for a network interface that can be used. What an application does not call is not linked. */

#include "clock.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include <zephyr/net/net_if.h>

#if defined(CONFIG_NET_CONNECTION_MANAGER)
#include <zephyr/net/conn_mgr_connectivity.h>
#include <zephyr/net/conn_mgr_monitor.h>
#endif
#if defined(CONFIG_NET_DHCPV4) && defined(CONFIG_NET_L2_ETHERNET)
#include <zephyr/net/dhcpv4.h>
#include <zephyr/net/ethernet.h>
#endif
#if defined(CONFIG_WIFI_CREDENTIALS_CONNECT_STORED)
#include <zephyr/net/wifi_mgmt.h>
#endif
#if defined(CONFIG_NET_CONFIG_CLOCK_SNTP_INIT)
#include <zephyr/net/sntp.h>
#endif

/* The interval at which the interfaces are looked at. An event of Zephyr would need its thread for
 * events, CONFIG_NET_MGMT_EVENT, which applications need not have.
 */
#define LOOK_MS 100

/* The interval at which the Wi-Fi interface is looked at. */
#define WIFI_MS 2000

/* An IPv6 address is often there before the IPv4 address, which many servers need: DHCP waits for
 * up to CONFIG_NET_DHCPV4_INITIAL_DELAY_MAX seconds before it asks (RFC 2131 section 4.4.1). So for
 * this time, in milliseconds, an IPv6 address is not enough.
 */
#if defined(CONFIG_NET_DHCPV4)
#define ONLY_IPV4_MS ((CONFIG_NET_DHCPV4_INITIAL_DELAY_MAX + 2) * MSEC_PER_SEC)
#else
#define ONLY_IPV4_MS 0
#endif

/* What the interfaces are looked at for. */
struct view {
	/* Whether an IPv6 address is enough. */
	bool with_ipv6;
	/* The best that an interface has. */
	enum requests_port_network best;
};

static bool is_ignored(struct net_if *iface)
{
#if defined(CONFIG_NET_CONNECTION_MANAGER)
	if (conn_mgr_is_iface_ignored(iface)) {
		return true;
	}
#endif
#if defined(CONFIG_NET_L2_DUMMY)
	/* The loopback interface has an address, but leads nowhere. */
	if (net_if_l2(iface) == &NET_L2_GET_NAME(DUMMY)) {
		return true;
	}
#endif

	return false;
}

static bool has_address(struct net_if *iface, bool with_ipv6)
{
	if (IS_ENABLED(CONFIG_NET_IPV4) &&
	    net_if_ipv4_get_global_addr(iface, NET_ADDR_PREFERRED) != NULL) {
		return true;
	}

	return IS_ENABLED(CONFIG_NET_IPV6) && with_ipv6 &&
	       net_if_ipv6_get_global_addr(NET_ADDR_PREFERRED, &iface) != NULL;
}

static void look_at(struct net_if *iface, void *user_data)
{
	struct view *view = user_data;

	if (is_ignored(iface) || !net_if_is_up(iface)) {
		return;
	}

	/* The driver of an offloaded interface has the addresses. */
	if (net_if_is_offloaded(iface) || has_address(iface, view->with_ipv6)) {
		view->best = REQUESTS_PORT_NETWORK_UP;
	} else if (view->best == REQUESTS_PORT_NETWORK_LINK_DOWN) {
		view->best = REQUESTS_PORT_NETWORK_NO_ADDRESS;
	}
}

static enum requests_port_network look(bool with_ipv6)
{
	struct view view = {
		.with_ipv6 = with_ipv6,
		.best = REQUESTS_PORT_NETWORK_LINK_DOWN,
	};

	/* Offloaded sockets need no interface. */
	if (IS_ENABLED(CONFIG_NET_SOCKETS_OFFLOAD) && net_if_get_default() == NULL) {
		return REQUESTS_PORT_NETWORK_UP;
	}
	net_if_foreach(look_at, &view);

	return view.best;
}

#if defined(CONFIG_NET_DHCPV4) && defined(CONFIG_NET_L2_ETHERNET)
/* Starts DHCP on Ethernet and Wi-Fi. If it is running, nothing changes. */
static void start_dhcp(struct net_if *iface, void *user_data)
{
	ARG_UNUSED(user_data);

	if (!is_ignored(iface) && !net_if_is_offloaded(iface) &&
	    net_if_l2(iface) == &NET_L2_GET_NAME(ETHERNET)) {
		net_dhcpv4_start(iface);
	}
}
#endif

/* Starts what gives an interface its connection and its address. */
static void start(void)
{
#if defined(CONFIG_NET_CONNECTION_MANAGER)
	/* It then connects modems and so on that have not been told not to. */
	(void)conn_mgr_all_if_up(true);
#endif
#if defined(CONFIG_NET_DHCPV4) && defined(CONFIG_NET_L2_ETHERNET)
	net_if_foreach(start_dhcp, NULL);
#endif
}

#if defined(CONFIG_WIFI_CREDENTIALS_CONNECT_STORED)
/* Has the Wi-Fi interface join a network of which Zephyr has the credentials, unless it has joined
 * one or is just doing so. Returns the time to call this again.
 */
static int64_t join_wifi(void)
{
	struct net_if *iface = net_if_get_first_wifi();
	struct wifi_iface_status status = {0};
	int32_t again = WIFI_MS;

	if (iface == NULL) {
		return INT64_MAX;
	}

	if (net_mgmt(NET_REQUEST_WIFI_IFACE_STATUS, iface, &status, sizeof(status)) < 0) {
		/* The driver does not tell, so an attempt gets all of its time. */
		status.state = WIFI_STATE_DISCONNECTED;
		again = CONFIG_WIFI_CREDENTIALS_CONNECT_STORED_CONNECTION_TIMEOUT * MSEC_PER_SEC;
	}

	/* The attempt is refused, for example, while wpa_supplicant starts. */
	if (status.state < WIFI_STATE_SCANNING &&
	    net_mgmt(NET_REQUEST_WIFI_CONNECT_STORED, iface, NULL, 0) < 0) {
		again = WIFI_MS;
	}

	return k_uptime_get() + again;
}
#else
static int64_t join_wifi(void)
{
	return INT64_MAX;
}
#endif

#if defined(CONFIG_NET_CONFIG_CLOCK_SNTP_INIT)
/* Returns the length of the address of CONFIG_NET_CONFIG_SNTP_INIT_SERVER, or a failure. */
static int32_t find_time_server(union requests_port_sockaddr *to, const struct limit *limit)
{
	static const char server[] = CONFIG_NET_CONFIG_SNTP_INIT_SERVER;
	const struct requests_port_wait wait = {ms_left(limit), REQUESTS_PORT_NO_TOKEN};
	struct requests_port_address address;
	char host[sizeof(server)];
	uint16_t port = 123;
	char *colon;
	int32_t ret;

	memcpy(host, server, sizeof(server));
	/* An IPv6 address has more than one colon, and cannot be given with a port. */
	colon = strchr(host, ':');
	if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		*colon = '\0';
		port = (uint16_t)strtoul(colon + 1, NULL, 10);
	}

	ret = requests_port_resolve(host, port, &address, 1, &wait);

	return ret < 0 ? ret : requests_port_to_sockaddr(&address, to);
}

/* Sets the clock. Zephyr does so when it starts, but only once, and if the network is there. */
static void set_clock(const struct limit *limit)
{
	const struct limit patience = within(limit, CONFIG_NET_CONFIG_SNTP_INIT_TIMEOUT);
	union requests_port_sockaddr to;
	struct sntp_time now;
	struct timespec time;
	int32_t len;

	if (requests_port_unix_time() >= 0) {
		return;
	}

	len = find_time_server(&to, &patience);
	if (len < 0 || sntp_simple_addr(&to.any, len, ms_left(&patience), &now) < 0) {
		return;
	}

	time.tv_sec = now.seconds;
	time.tv_nsec = ((uint64_t)now.fraction * NSEC_PER_SEC) >> 32;
	(void)sys_clock_settime(SYS_CLOCK_REALTIME, &time);
}
#else
static void set_clock(const struct limit *limit)
{
	ARG_UNUSED(limit);
}
#endif

int32_t requests_port_network_wait(const struct requests_port_wait *wait)
{
	enum requests_port_network state;
	struct limit only_ipv4;
	struct limit limit;
	int64_t next_wifi = INT64_MAX;
	int32_t ret = requests_port_begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	only_ipv4 = within(&limit, ONLY_IPV4_MS);
	state = look(ms_left(&only_ipv4) == 0);
	if (state != REQUESTS_PORT_NETWORK_UP) {
		start();
		next_wifi = join_wifi();
	}

	while (state != REQUESTS_PORT_NETWORK_UP && ms_left(&limit) > 0) {
		ret = requests_port_pause(MIN(LOOK_MS, ms_left(&limit)), &limit);
		if (ret < 0) {
			return ret;
		}
		if (k_uptime_get() >= next_wifi) {
			next_wifi = join_wifi();
		}
		state = look(ms_left(&only_ipv4) == 0);
	}

	if (state == REQUESTS_PORT_NETWORK_UP) {
		set_clock(&limit);
	}

	return state;
}
