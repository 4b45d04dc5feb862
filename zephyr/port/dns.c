/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Name look-up by Zephyr's resolver. */

#include "internal.h"

#include <errno.h>

#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/net_if.h>

/* The resolver says whether there is an address, but not why there is none: it does not pass on the
 * response code (RFC 1035 section 4.1.1). So the function that reads the code is intercepted
 * (--wrap). It returns the code, or an error below 0. The resolver calls on_answer() with the
 * result on the same thread, before it reads the next response.
 */
#define RCODE_NO_ERROR   0
#define RCODE_NAME_ERROR 3

static int last_rcode;

struct dns_msg_t;
int __real_dns_unpack_response_header(struct dns_msg_t *message, int id);
int __wrap_dns_unpack_response_header(struct dns_msg_t *message, int id);

int __wrap_dns_unpack_response_header(struct dns_msg_t *message, int id)
{
	last_rcode = __real_dns_unpack_response_header(message, id);

	return last_rcode;
}

struct lookup {
	struct requests_port_address *addresses;
	size_t max;
	size_t count;
	uint16_t port;
	int status;
	/* The response code, if the status comes from a response. */
	int rcode;
	/* Given after the last call by the resolver. */
	struct k_sem done;
};

/* Runs in the resolver's thread, or in dns_get_addr_info() and dns_cancel_addr_info(). */
static void on_answer(enum dns_resolve_status status, struct dns_addrinfo *info, void *user_data)
{
	struct lookup *lookup = user_data;

	if (info == NULL) {
		lookup->status = status;
		lookup->rcode = last_rcode;
		k_sem_give(&lookup->done);
	} else if ((info->ai_family == NET_AF_INET || info->ai_family == NET_AF_INET6) &&
		   lookup->count < lookup->max &&
		   requests_port_store(&lookup->addresses[lookup->count], &info->ai_addr,
				       lookup->port)) {
		lookup->count++;
	}
}

/* Waits until a query is answered or the resolver cancels it, and returns 0. If the time-out passes
 * or the token is cancelled first, cancels the query and returns -EAGAIN or -ECANCELED. In any case
 * the query is finished afterwards, because the resolver has a pointer to the lookup, which is on
 * the caller's stack.
 *
 * The query is cancelled by its number, because the resolver finds a name only if it is in lower
 * case. Two queries may have the same number, by chance or because every mDNS query has number 0,
 * and then another query is cancelled first. A resolver that is being reconfigured cancels nothing.
 * So the loop repeats until this query has called back or is not found any more.
 */
static int wait_for_answer(struct lookup *lookup, uint16_t id, int32_t timeout_ms,
			   const struct limit *limit)
{
	int ret = requests_port_take(&lookup->done, timeout_ms, limit);

	if (ret == 0) {
		return 0;
	}

	while (dns_cancel_addr_info(id) != -ENOENT) {
		if (k_sem_take(&lookup->done, K_MSEC(RETRY_MS)) == 0) {
			break;
		}
	}

	/* The answer may have arrived just before. */
	(void)k_sem_take(&lookup->done, K_NO_WAIT);

	return lookup->status == DNS_EAI_CANCELED ? ret : 0;
}

/* Returns the meaning of a finished query: 0 if the name server has answered, with an address or
 * that there is none. Otherwise the DNS_EAI_* status to fail with.
 */
static int meaning_of(const struct lookup *lookup)
{
	switch (lookup->status) {
	case DNS_EAI_ALLDONE:
		return 0;
	case DNS_EAI_ADDRFAMILY:
	case DNS_EAI_FAIL:
	case DNS_EAI_FAMILY:
	case DNS_EAI_NODATA:
	case DNS_EAI_NONAME:
		/* A server that cannot or will not answer (SERVFAIL) says nothing about the name.
		 */
		return lookup->rcode == RCODE_NO_ERROR || lookup->rcode == RCODE_NAME_ERROR
			       ? 0
			       : DNS_EAI_AGAIN;
	case DNS_EAI_SYSTEM:
		/* A response that could not be read says nothing about the name either. */
		return lookup->rcode == RCODE_NAME_ERROR ? 0 : DNS_EAI_AGAIN;
	default:
		return lookup->status;
	}
}

/* Returns 0 when the name server has answered, with or without an address. */
static int32_t query(struct lookup *lookup, const char *host, enum dns_query_type type,
		     const struct limit *limit)
{
	int32_t interval = CONFIG_NET_SOCKETS_DNS_BACKOFF_INTERVAL;
	bool again = true;

	for (;;) {
		int32_t left = ms_left(limit);
		uint16_t id = 0;
		int ret;

		/* The resolver does not accept a time-out of 0. */
		if (left == 0) {
			return requests_port_errno(ETIMEDOUT);
		}

		lookup->status = DNS_EAI_CANCELED;
		lookup->rcode = RCODE_NO_ERROR;
		ret = dns_get_addr_info(host, type, &id, on_answer, lookup, left);
		if (ret == -EAGAIN || ret == -ENOMEM) {
			/* All of CONFIG_DNS_NUM_CONCUR_QUERIES or of the buffers are in use. */
			ret = requests_port_pause(MIN(RETRY_MS, left), limit);
			if (ret < 0) {
				return ret;
			}
			continue;
		}

		if (ret < 0) {
			return failure(REQUESTS_PORT_OTHER, -ret);
		}

		ret = wait_for_answer(lookup, id, MIN(interval, left), limit);
		if (ret == -ECANCELED) {
			return requests_port_errno(ECANCELED);
		}

		if (ret == -EAGAIN) {
			interval = MIN(interval, INT32_MAX / 2) * 2;
			continue;
		}

		ret = meaning_of(lookup);
		if (ret == 0) {
			return 0;
		}

		/* A second try may succeed in these cases: the name servers have changed, for which
		 * the resolver cancels its queries, or one of several servers cannot answer. The
		 * resolver also cancels a query if the answer is an alias without an address.
		 */
		if (!again || (ret != DNS_EAI_CANCELED && ret != DNS_EAI_AGAIN)) {
			return failure(REQUESTS_PORT_OTHER, ret);
		}
		again = false;
		if (ret == DNS_EAI_AGAIN) {
			ret = requests_port_pause(MIN(RETRY_MS, ms_left(limit)), limit);
			if (ret < 0) {
				return ret;
			}
		}
	}
}

int32_t requests_port_resolve_native(const char *host, uint16_t port,
			      struct requests_port_address *addresses, size_t max,
			      const struct limit *limit)
{
	struct lookup lookup = {
		.addresses = addresses,
		.max = max,
		.port = port,
	};
	int32_t ret = 0;

	k_sem_init(&lookup.done, 0, 1);

	if (IS_ENABLED(CONFIG_NET_IPV4)) {
		ret = query(&lookup, host, DNS_QUERY_TYPE_A, limit);
	}

	if (IS_ENABLED(CONFIG_NET_IPV6) && ret == 0) {
		if (lookup.count == 0) {
			ret = query(&lookup, host, DNS_QUERY_TYPE_AAAA, limit);
		} else if (lookup.count < max &&
			   net_if_ipv6_get_global_addr(NET_ADDR_PREFERRED, NULL) != NULL) {
			/* These addresses are optional, so a server that drops such queries may
			 * cost only a part of the time.
			 */
			const struct limit part = within(limit, ms_left(limit) / 4);

			(void)query(&lookup, host, DNS_QUERY_TYPE_AAAA, &part);
		}
	}

	if (lookup.count > 0) {
		return lookup.count;
	}

	return ret < 0 ? ret : failure(REQUESTS_PORT_NOT_FOUND, lookup.status);
}
