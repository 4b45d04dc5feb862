/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Waiting for the network on Ethernet, with a real DHCP server. The cases run in the order of their
 * names: the first ones see the board before it has an address.
 */

#include <zephyr/kernel.h>
#include <zephyr/net/net_if.h>
#include <zephyr/ztest.h>

#include <requests/requests.h>

/* How much later than asked for a wait may end. The simulated machine may be slow. */
#define SLACK_MS 500

static int64_t started;

static int wait_for(uint32_t timeout_ms)
{
	started = k_uptime_get();

	return requests_network_wait(timeout_ms);
}

static int64_t waited(void)
{
	return k_uptime_get() - started;
}

static void plug_in(struct k_work *work)
{
	ARG_UNUSED(work);

	net_if_carrier_on(net_if_get_default());
}

static K_WORK_DELAYABLE_DEFINE(later, plug_in);

ZTEST(network, test_1_an_interface_without_an_address)
{
	/* DHCP waits for at least a second before it asks. */
	zassert_equal(wait_for(0), REQUESTS_E_NO_ADDRESS);
	zassert_true(waited() < SLACK_MS);
	zassert_equal(wait_for(400), REQUESTS_E_NO_ADDRESS);
	zassert_true(waited() >= 400 && waited() < 400 + SLACK_MS, "%lld", waited());
}

static void pull_out(void)
{
	net_if_carrier_off(net_if_get_default());
	/* The stack handles it in a thread of its own. */
	k_msleep(100);
}

ZTEST(network, test_2_no_cable)
{
	pull_out();
	zassert_equal(wait_for(700), REQUESTS_E_LINK_DOWN);
	zassert_true(waited() >= 700 && waited() < 700 + SLACK_MS, "%lld", waited());
	zassert_str_equal(requests_error_name(REQUESTS_E_LINK_DOWN), "link-down");
}

ZTEST(network, test_3_a_cable_that_is_plugged_in_later)
{
	k_work_schedule(&later, K_MSEC(1000));
	zassert_equal(wait_for(30000), 0);
	zassert_true(waited() >= 1000 && waited() < 15000, "%lld", waited());
	/* The address that QEMU's server gives out. */
	zassert_not_null(net_if_ipv4_get_global_addr(net_if_get_default(), NET_ADDR_PREFERRED));
}

ZTEST(network, test_4_a_network_that_is_there)
{
	zassert_equal(wait_for(0), 0);
	zassert_equal(wait_for(30000), 0);
	zassert_true(waited() < SLACK_MS);
}

ZTEST(network, test_5_an_interface_that_goes_down_again)
{
	pull_out();
	zassert_equal(wait_for(300), REQUESTS_E_LINK_DOWN);
	net_if_carrier_on(net_if_get_default());
	zassert_equal(wait_for(30000), 0);
}

/* What the application has switched off, only the connection manager switches on. */
ZTEST(network, test_6_an_interface_that_is_switched_off)
{
	zassert_ok(net_if_down(net_if_get_default()));
	if (IS_ENABLED(CONFIG_NET_CONNECTION_MANAGER)) {
		zassert_equal(wait_for(30000), 0);
	} else {
		zassert_equal(wait_for(300), REQUESTS_E_LINK_DOWN);
	}
}

ZTEST_SUITE(network, NULL, NULL, NULL, NULL, NULL);
