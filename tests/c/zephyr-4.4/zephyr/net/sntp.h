/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_SNTP_H
#define TEST_SNTP_H

#include <zephyr/net/socket.h>

struct sntp_time {
	uint64_t seconds;
	uint32_t fraction;
};

int sntp_simple_addr(struct net_sockaddr *address, net_socklen_t len, uint32_t timeout, struct sntp_time *time);

#endif
