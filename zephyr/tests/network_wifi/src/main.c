/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Waiting for a Wi-Fi network, with a driver that joins it at the third attempt. */

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/ethernet.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/wifi_mgmt.h>
#include <zephyr/ztest.h>

#include <requests/requests.h>

/* The attempt that succeeds. */
#define GOOD_ATTEMPT 3

static struct net_if *wifi;
static unsigned int attempts;
static enum wifi_iface_state state = WIFI_STATE_DISCONNECTED;

/* The end of an attempt, five seconds after its start. */
static void joined(struct k_work *work)
{
	static struct in_addr address = {{{192, 0, 2, 7}}};

	ARG_UNUSED(work);

	if (attempts < GOOD_ATTEMPT) {
		state = WIFI_STATE_DISCONNECTED;
		return;
	}
	state = WIFI_STATE_COMPLETED;
	net_if_dormant_off(wifi);
	(void)net_if_ipv4_addr_add(wifi, &address, NET_ADDR_MANUAL, 0);
}

static K_WORK_DELAYABLE_DEFINE(attempt, joined);

static int connect(const struct device *dev, struct wifi_connect_req_params *params)
{
	ARG_UNUSED(dev);

	zassert_equal(params->ssid_length, strlen("home"));
	zassert_mem_equal(params->ssid, "home", strlen("home"));
	zassert_equal(params->psk_length, strlen("not secret"));
	zassert_mem_equal(params->psk, "not secret", strlen("not secret"));
	zassert_equal(params->security, WIFI_SECURITY_TYPE_PSK);
	/* No attempt is made while another one lasts. */
	zassert_equal(state, WIFI_STATE_DISCONNECTED);

	attempts++;
	/* As if the driver were not ready. */
	if (attempts == 1) {
		return -EAGAIN;
	}
	state = WIFI_STATE_ASSOCIATING;
	k_work_schedule(&attempt, K_SECONDS(5));

	return 0;
}

static int iface_status(const struct device *dev, struct wifi_iface_status *status)
{
	ARG_UNUSED(dev);

	status->state = state;

	return 0;
}

static void init(struct net_if *iface)
{
	static uint8_t mac[] = {0x02, 0, 0, 0, 0, 1};
	struct ethernet_context *context = net_if_l2_data(iface);

	wifi = iface;
	context->eth_if_type = L2_ETH_IF_TYPE_WIFI;
	net_if_set_link_addr(iface, mac, sizeof(mac), NET_LINK_ETHERNET);
	ethernet_init(iface);
	net_if_dormant_on(iface);
}

static int send(const struct device *dev, struct net_pkt *pkt)
{
	ARG_UNUSED(dev);
	ARG_UNUSED(pkt);

	return 0;
}

static const struct wifi_mgmt_ops operations = {
	.connect = connect,
	.iface_status = iface_status,
};

static const struct net_wifi_mgmt_offload api = {
	.wifi_iface.iface_api.init = init,
	.wifi_iface.send = send,
	.wifi_mgmt_api = &operations,
};

ETH_NET_DEVICE_INIT(test_wifi, "test_wifi", NULL, NULL, NULL, NULL, CONFIG_ETH_INIT_PRIORITY, &api, NET_ETH_MTU);

ZTEST(network_wifi, test_1_the_time_is_too_short)
{
	int64_t start = k_uptime_get();

	zassert_equal(requests_network_wait(1000), REQUESTS_E_LINK_DOWN);
	zassert_true(k_uptime_get() - start < 1500);
	zassert_equal(attempts, 1);
}

ZTEST(network_wifi, test_2_it_tries_again_until_a_network_is_joined)
{
	zassert_equal(requests_network_wait(60000), 0);
	zassert_equal(attempts, GOOD_ATTEMPT);
	zassert_equal(requests_network_wait(0), 0);
	zassert_equal(attempts, GOOD_ATTEMPT);
}

ZTEST_SUITE(network_wifi, NULL, NULL, NULL, NULL, NULL);
