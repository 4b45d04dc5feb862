/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Declarations that the files of the port layer share. */

#ifndef REQUESTS_PORT_INTERNAL_H_
#define REQUESTS_PORT_INTERNAL_H_

#include "names.h"
#include "requests_port.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

/* The interval at which to try again if the condition has no event to wait for: a network buffer, a
 * slot of the resolver.
 */
#define RETRY_MS 10

/* Marks the handle of a secure socket, beside its file descriptor. */
#if defined(CONFIG_REQUESTS_TLS_SOCKETS)
#define SECURE BIT(30)
#else
#define SECURE 0
#endif

/* The end of a wait, and the token that ends it early. */
struct limit {
	int64_t deadline;
	int32_t token;
	/* The socket has reported an error or the end of its stream instead of the event waited
	 * for. */
	bool hung_up;
};

/* The time left, at most 24.8 days, which is the longest that Zephyr's functions accept. For a
 * longer time, the caller waits again. */
static inline int32_t ms_left(const struct limit *limit)
{
	return (int32_t)CLAMP(limit->deadline - k_uptime_get(), 0, INT32_MAX);
}

/* The same limit, but at most ms milliseconds from now. */
static inline struct limit within(const struct limit *limit, int32_t ms)
{
	return (struct limit){
		.deadline = MIN(limit->deadline, k_uptime_get() + ms),
		.token = limit->token,
	};
}

static inline int32_t failure(enum requests_port_error kind, int code)
{
	return -(((int32_t)kind << 16) | (uint16_t)code);
}

/* Returns the failure for an errno. */
int32_t requests_port_errno(int err);

/* Computes the end of a wait. Returns 0, or a failure if the time has already passed or the token
 * is cancelled. */
int32_t requests_port_begin(struct limit *limit, const struct requests_port_wait *wait);

/* Waits for some time. Returns 0, or a failure if it is cancelled. */
int32_t requests_port_pause(int32_t ms, const struct limit *limit);

/* tokens.c. Without CONFIG_REQUESTS_CANCEL there are no tokens. */

#if defined(CONFIG_REQUESTS_CANCEL)
/* Whether the limit's token is cancelled. */
bool requests_port_cancelled(const struct limit *limit);

/* Returns the file descriptor to poll beside a socket, or -1. */
int requests_port_token_fd(const struct limit *limit);

/* Waits for a semaphore, if there is one. Returns 0 if it was taken, -EAGAIN if the time is up, or
 * -ECANCELED.
 */
int requests_port_take(struct k_sem *sem, int32_t timeout_ms, const struct limit *limit);
#else
static inline bool requests_port_cancelled(const struct limit *limit)
{
	ARG_UNUSED(limit);

	return false;
}

static inline int requests_port_token_fd(const struct limit *limit)
{
	ARG_UNUSED(limit);

	return -1;
}

static inline int requests_port_take(struct k_sem *sem, int32_t timeout_ms,
				     const struct limit *limit)
{
	ARG_UNUSED(limit);

	if (sem != NULL) {
		return k_sem_take(sem, K_MSEC(timeout_ms)) == 0 ? 0 : -EAGAIN;
	}

	k_msleep(timeout_ms);

	return -EAGAIN;
}
#endif /* CONFIG_REQUESTS_CANCEL */

/* resolve.c */

/* Stores an address, unless this build cannot connect to it. */
bool requests_port_store(struct requests_port_address *address, const struct net_sockaddr *from,
			 uint16_t port);

/* dns.c, with CONFIG_DNS_RESOLVER: asks Zephyr's resolver. Returns the number of addresses stored,
 * or a failure.
 */
int32_t requests_port_resolve_native(const char *host, uint16_t port,
				     struct requests_port_address *addresses, size_t max,
				     const struct limit *limit);

/* dns_offload.c, with CONFIG_NET_SOCKETS_OFFLOAD: asks the driver of the sockets. */
int32_t requests_port_resolve_offloaded(const char *host, uint16_t port,
					struct requests_port_address *addresses, size_t max,
					const struct limit *limit);

/* sockets.c and tls_sockets.c */

/* An address in the form for sockets. */
union requests_port_sockaddr {
	struct net_sockaddr any;
	struct net_sockaddr_in in;
	struct net_sockaddr_in6 in6;
};

/* Returns the length of the address in the form for sockets, or a failure. */
int32_t requests_port_to_sockaddr(const struct requests_port_address *address,
				  union requests_port_sockaddr *to);

/* The settings of a secure socket. */
struct secure_options {
	const char *host;
	const uint32_t *tags;
	size_t tag_count;
	bool verify;
};

/* Connects by TCP, or by a secure socket if there are options for one. */
int32_t requests_port_connect_to(const struct requests_port_address *address,
				 const struct secure_options *secure,
				 const struct requests_port_wait *wait);

/* Returns the handle of a connected secure socket, or a failure. */
int32_t requests_port_connect_secure(const struct net_sockaddr *to, net_socklen_t to_len,
				     const struct secure_options *options,
				     const struct limit *limit);

#endif /* REQUESTS_PORT_INTERNAL_H_ */
