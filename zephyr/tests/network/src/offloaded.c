/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Sockets that a driver offloads: there is nothing to wait for. */

#include <zephyr/kernel.h>
#include <zephyr/ztest.h>

#include <requests/requests.h>

ZTEST(network_offloaded, test_it_returns_at_once)
{
	int64_t start = k_uptime_get();

	zassert_equal(requests_network_wait(0), 0);
	zassert_equal(requests_network_wait(30000), 0);
	zassert_true(k_uptime_get() - start < 100);
}

ZTEST_SUITE(network_offloaded, NULL, NULL, NULL, NULL, NULL);
