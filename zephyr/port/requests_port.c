/*
 * SPDX-License-Identifier: Apache-2.0
 */

#include "requests_port.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/net_if.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/socket_offload.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/clock.h>
#include <zephyr/sys/fdtable.h>
#include <zephyr/sys/util.h>

/* The layout that src/sys/zephyr.rs declares. */
BUILD_ASSERT(sizeof(struct requests_port_address) == 24);
BUILD_ASSERT(offsetof(struct requests_port_address, ip) == 1);
BUILD_ASSERT(offsetof(struct requests_port_address, port) == 18);
BUILD_ASSERT(offsetof(struct requests_port_address, scope_id) == 20);
BUILD_ASSERT(sizeof(struct requests_port_wait) == 16);
BUILD_ASSERT(offsetof(struct requests_port_wait, token) == 8);

/* What one zsock_poll() takes: room to send and data of a TCP socket are an event each, and so is a
 * token. With fewer it fails.
 */
BUILD_ASSERT(CONFIG_ZVFS_POLL_MAX >= (IS_ENABLED(CONFIG_REQUESTS_CANCEL) ? 3 : 2),
	     "requests needs CONFIG_ZVFS_POLL_MAX=2, and 3 with CONFIG_REQUESTS_CANCEL");

/* How long to wait for something that cannot be waited for by name: a network buffer, a slot of the
 * resolver.
 */
#define RETRY_MS 10

/* How long a connection that was closed may still hold its network context, in milliseconds: while
 * the ends agree that it is over, and TIME_WAIT.
 */
#if defined(CONFIG_NET_TCP_TIME_WAIT_DELAY)
#define CLOSING_MS (2 * CONFIG_NET_TCP_TIME_WAIT_DELAY)
#else
#define CLOSING_MS 0
#endif

/* Longest time to wait, in milliseconds, such that no clock shows its end: 140 million years. */
#define LONGEST_MS (INT64_MAX / 2)

/* Start of 2025: a clock that shows an earlier time has not been set. */
#define EARLIEST_UNIX_TIME 1735689600

/* Marks the handle of a secure socket, beside its file descriptor. */
#if defined(CONFIG_REQUESTS_TLS_SOCKETS)
#define SECURE BIT(30)
#else
#define SECURE 0
#endif

/* Until when to wait, and what ends the wait early. */
struct limit {
	int64_t deadline;
	int32_t token;
	/* The socket has shown an error or the end of its stream instead of what was waited for. */
	bool hung_up;
};

/* No more than functions of Zephyr take, which is 24.8 days: who waits longer, waits again. */
static int32_t ms_left(const struct limit *limit)
{
	return (int32_t)CLAMP(limit->deadline - k_uptime_get(), 0, INT32_MAX);
}

/* The same limit, but no later than in so many milliseconds. */
static struct limit within(const struct limit *limit, int32_t ms)
{
	return (struct limit){
		.deadline = MIN(limit->deadline, k_uptime_get() + ms),
		.token = limit->token,
	};
}

static int32_t failure(enum requests_port_error kind, int code)
{
	return -(((int32_t)kind << 16) | (uint16_t)code);
}

static int32_t errno_failure(int err)
{
	static const struct {
		uint8_t err;
		uint8_t kind;
	} kinds[] = {
		{ETIMEDOUT, REQUESTS_PORT_TIMED_OUT},
		{ECONNREFUSED, REQUESTS_PORT_REFUSED},
		{ECONNRESET, REQUESTS_PORT_RESET},
		{ECONNABORTED, REQUESTS_PORT_ABORTED},
		{ENOTCONN, REQUESTS_PORT_NOT_CONNECTED},
		{ECANCELED, REQUESTS_PORT_INTERRUPTED},
		{EPIPE, REQUESTS_PORT_BROKEN_PIPE},
		{ESHUTDOWN, REQUESTS_PORT_BROKEN_PIPE},
		{EMFILE, REQUESTS_PORT_OUT_OF_MEMORY},
		{ENFILE, REQUESTS_PORT_OUT_OF_MEMORY},
		{ENOBUFS, REQUESTS_PORT_OUT_OF_MEMORY},
		{ENOMEM, REQUESTS_PORT_OUT_OF_MEMORY},
		{EADDRNOTAVAIL, REQUESTS_PORT_UNREACHABLE},
		{EHOSTUNREACH, REQUESTS_PORT_UNREACHABLE},
		{ENETDOWN, REQUESTS_PORT_UNREACHABLE},
		{ENETUNREACH, REQUESTS_PORT_UNREACHABLE},
		{EACCES, REQUESTS_PORT_PERMISSION},
		{EPERM, REQUESTS_PORT_PERMISSION},
		{EAFNOSUPPORT, REQUESTS_PORT_UNSUPPORTED},
		{ENOSYS, REQUESTS_PORT_UNSUPPORTED},
		{ENOTSUP, REQUESTS_PORT_UNSUPPORTED},
		{EPFNOSUPPORT, REQUESTS_PORT_UNSUPPORTED},
		{EPROTONOSUPPORT, REQUESTS_PORT_UNSUPPORTED},
	};

	ARRAY_FOR_EACH(kinds, i) {
		if (kinds[i].err == err) {
			return failure(kinds[i].kind, err);
		}
	}

	return failure(REQUESTS_PORT_OTHER, err);
}

#if defined(CONFIG_REQUESTS_CANCEL)
/* A token is a flag, and what wakes the waits that have to look at it: a signal, which k_poll() waits
 * for, and a file descriptor for that, which zsock_poll() waits for beside a socket. The flag alone
 * says whether the token is cancelled. The signal may be raised though it is not: a wait that was
 * woken wakes the next, and the token may be reset meanwhile.
 */
struct token {
	struct k_poll_signal signal;
	atomic_t cancelled;
	int fd;
};

static struct token tokens[CONFIG_REQUESTS_CANCEL_TOKENS];
static ATOMIC_DEFINE(tokens_in_use, CONFIG_REQUESTS_CANCEL_TOKENS);

static int token_ioctl(void *obj, unsigned int request, va_list args)
{
	struct token *token = obj;
	struct zsock_pollfd *pollfd;
	struct k_poll_event **event;

	switch (request) {
	case ZFD_IOCTL_POLL_PREPARE:
		pollfd = va_arg(args, struct zsock_pollfd *);
		event = va_arg(args, struct k_poll_event **);
		if (*event == va_arg(args, struct k_poll_event *)) {
			return -ENOMEM;
		}
		k_poll_event_init(*event, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY,
				  &token->signal);
		(*event)++;
		return 0;
	case ZFD_IOCTL_POLL_UPDATE:
		pollfd = va_arg(args, struct zsock_pollfd *);
		event = va_arg(args, struct k_poll_event **);
		if (token->signal.signaled != 0) {
			pollfd->revents |= ZSOCK_POLLIN;
		}
		(*event)++;
		return 0;
	default:
		errno = EOPNOTSUPP;
		return -1;
	}
}

static const struct fd_op_vtable token_vtable = {
	.ioctl = token_ioctl,
};

/* Whether the limit's token is cancelled. */
static bool is_cancelled(const struct limit *limit)
{
	struct token *token;

	if (limit->token < 0) {
		return false;
	}

	token = &tokens[limit->token];
	if (atomic_get(&token->cancelled) == 0) {
		/* A signal that is left from before the token was reset would end every wait. The
		 * token may be cancelled in between, and its signal is lost then: so look again.
		 */
		k_poll_signal_reset(&token->signal);
		if (atomic_get(&token->cancelled) == 0) {
			return false;
		}
	}

	/* A signal wakes one thread at a time: this one wakes the next. */
	k_poll_signal_raise(&token->signal, 0);

	return true;
}

static int token_fd(const struct limit *limit)
{
	return limit->token < 0 ? -1 : tokens[limit->token].fd;
}

/* Waits for a semaphore, where there is one. Returns 0 once it is taken, -EAGAIN when the time is
 * up, or -ECANCELED.
 */
static int take(struct k_sem *sem, int32_t timeout_ms, const struct limit *limit)
{
	const k_timepoint_t end = sys_timepoint_calc(K_MSEC(timeout_ms));

	for (;;) {
		struct k_poll_event events[2];
		bool cancelled;
		bool over;
		int count = 0;

		if (limit->token >= 0) {
			k_poll_event_init(&events[count++], K_POLL_TYPE_SIGNAL,
					  K_POLL_MODE_NOTIFY_ONLY, &tokens[limit->token].signal);
		}

		if (sem != NULL) {
			k_poll_event_init(&events[count++], K_POLL_TYPE_SEM_AVAILABLE,
					  K_POLL_MODE_NOTIFY_ONLY, sem);
		}

		over = k_poll(events, count, sys_timepoint_timeout(end)) != 0;
		cancelled = is_cancelled(limit);

		if (sem != NULL && k_sem_take(sem, K_NO_WAIT) == 0) {
			return 0;
		}

		if (cancelled) {
			return -ECANCELED;
		}

		if (over) {
			return -EAGAIN;
		}
	}
}

int32_t requests_port_token_open(void)
{
	for (int32_t i = 0; i < CONFIG_REQUESTS_CANCEL_TOKENS; i++) {
		struct token *token = &tokens[i];

		if (atomic_test_and_set_bit(tokens_in_use, i)) {
			continue;
		}

		k_poll_signal_init(&token->signal);
		(void)atomic_set(&token->cancelled, 0);
		token->fd = zvfs_alloc_fd(token, &token_vtable);
		if (token->fd < 0) {
			atomic_clear_bit(tokens_in_use, i);
			return errno_failure(ENFILE);
		}

		return i;
	}

	return errno_failure(ENFILE);
}

void requests_port_token_cancel(int32_t token)
{
	/* In this order: see is_cancelled(). */
	(void)atomic_set(&tokens[token].cancelled, 1);
	(void)k_poll_signal_raise(&tokens[token].signal, 0);
}

int32_t requests_port_token_is_cancelled(int32_t token)
{
	return atomic_get(&tokens[token].cancelled);
}

void requests_port_token_reset(int32_t token)
{
	/* The next wait takes the signal back. */
	(void)atomic_set(&tokens[token].cancelled, 0);
}

void requests_port_token_close(int32_t token)
{
	zvfs_free_fd(tokens[token].fd);
	atomic_clear_bit(tokens_in_use, token);
}
#else
static bool is_cancelled(const struct limit *limit)
{
	ARG_UNUSED(limit);

	return false;
}

static int token_fd(const struct limit *limit)
{
	ARG_UNUSED(limit);

	return -1;
}

static int take(struct k_sem *sem, int32_t timeout_ms, const struct limit *limit)
{
	ARG_UNUSED(limit);

	if (sem != NULL) {
		return k_sem_take(sem, K_MSEC(timeout_ms)) == 0 ? 0 : -EAGAIN;
	}

	k_msleep(timeout_ms);

	return -EAGAIN;
}

int32_t requests_port_token_open(void)
{
	return errno_failure(ENOSYS);
}

void requests_port_token_cancel(int32_t token)
{
	ARG_UNUSED(token);
}

int32_t requests_port_token_is_cancelled(int32_t token)
{
	ARG_UNUSED(token);

	return 0;
}

void requests_port_token_reset(int32_t token)
{
	ARG_UNUSED(token);
}

void requests_port_token_close(int32_t token)
{
	ARG_UNUSED(token);
}
#endif /* CONFIG_REQUESTS_CANCEL */

/* Finds out until when to wait. Returns 0, or a failure where that is over already. */
static int32_t begin(struct limit *limit, const struct requests_port_wait *wait)
{
	limit->deadline = k_uptime_get() + CLAMP(wait->timeout_ms, 0, LONGEST_MS);
	limit->token = wait->token;
	limit->hung_up = false;

	if (is_cancelled(limit)) {
		return errno_failure(ECANCELED);
	}

	return wait->timeout_ms < 0 ? errno_failure(ETIMEDOUT) : 0;
}

/* Lets time pass. Returns 0, or a failure where that is cancelled. */
static int32_t let_pass(int32_t ms, const struct limit *limit)
{
	return take(NULL, ms, limit) == -ECANCELED ? errno_failure(ECANCELED) : 0;
}

/* Stores an address, unless it is one that this build cannot connect to. */
static bool store_address(struct requests_port_address *address, const struct sockaddr *from,
			  uint16_t port)
{
	memset(address, 0, sizeof(*address));
	address->port = port;

	if (IS_ENABLED(CONFIG_NET_IPV4) && from->sa_family == AF_INET) {
		address->family = 4;
		memcpy(address->ip, &net_sin(from)->sin_addr, sizeof(struct in_addr));
		return true;
	}

	if (IS_ENABLED(CONFIG_NET_IPV6) && from->sa_family == AF_INET6) {
		address->family = 6;
		memcpy(address->ip, &net_sin6(from)->sin6_addr, sizeof(struct in6_addr));
		address->scope_id = net_sin6(from)->sin6_scope_id;
		return true;
	}

	return false;
}

#if defined(CONFIG_NET_SOCKETS_OFFLOAD)
static int32_t resolve_offloaded(const char *host, uint16_t port,
				 struct requests_port_address *addresses, size_t max,
				 const struct limit *limit)
{
	struct zsock_addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct zsock_addrinfo *found = NULL;
	size_t count = 0;
	int status;

	/* Without CONFIG_NET_IPV6 a driver has no room for an IPv6 address: do not ask for any. */
	if (!IS_ENABLED(CONFIG_NET_IPV6)) {
		hints.ai_family = AF_INET;
	} else if (!IS_ENABLED(CONFIG_NET_IPV4)) {
		hints.ai_family = AF_INET6;
	}

	status = zsock_getaddrinfo(host, NULL, &hints, &found);

	switch (status) {
	case 0:
		break;
	case DNS_EAI_NONAME:
	case DNS_EAI_NODATA:
	case DNS_EAI_ADDRFAMILY:
	case DNS_EAI_FAMILY:
		return failure(REQUESTS_PORT_NOT_FOUND, status);
	case DNS_EAI_SYSTEM:
		return failure(REQUESTS_PORT_OTHER, errno);
	default:
		return failure(REQUESTS_PORT_OTHER, status);
	}

	for (struct zsock_addrinfo *one = found; one != NULL && count < max; one = one->ai_next) {
		if (store_address(&addresses[count], one->ai_addr, port)) {
			count++;
		}
	}

	zsock_freeaddrinfo(found);

	if (count == 0) {
		return failure(REQUESTS_PORT_NOT_FOUND, DNS_EAI_NODATA);
	}

	if (ms_left(limit) == 0) {
		return errno_failure(ETIMEDOUT);
	}

	return count;
}
#endif /* CONFIG_NET_SOCKETS_OFFLOAD */

#if defined(CONFIG_DNS_RESOLVER)
/* The resolver tells whether there is an address, and nothing of why there is none: it keeps the
 * response code (RFC 1035 section 4.1.1) to itself. So the function that reads it is intercepted
 * (--wrap). It returns the code, or an error below 0. The resolver calls on_answer() with the result
 * on the same thread, before it reads the next response.
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
	/* Of the response, where the status comes from one. */
	int rcode;
	/* Given when the resolver has called for the last time. */
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
	} else if (lookup->count < lookup->max &&
		   store_address(&lookup->addresses[lookup->count], &info->ai_addr, lookup->port)) {
		lookup->count++;
	}
}

/* Waits until a query is answered, or cancelled by the resolver, and returns 0. Where that takes
 * longer than the time-out, or the token is cancelled, cancels the query and returns -EAGAIN or
 * -ECANCELED. In any case it is over afterwards: the resolver holds a pointer to the lookup, which
 * lies on the caller's stack.
 *
 * It is cancelled by its number, not its name: the resolver finds a name again only if it is in
 * lower case. A number may be in use twice, be it by chance or because every mDNS query has number
 * 0, so that somebody else's query is hit first, and a resolver that is being reconfigured cancels
 * nothing: hence the loop, until ours has called back or is not to be found any more.
 */
static int wait_for_answer(struct lookup *lookup, uint16_t id, int32_t timeout_ms,
			   const struct limit *limit)
{
	int ret = take(&lookup->done, timeout_ms, limit);

	if (ret == 0) {
		return 0;
	}

	while (dns_cancel_addr_info(id) != -ENOENT) {
		if (k_sem_take(&lookup->done, K_MSEC(RETRY_MS)) == 0) {
			break;
		}
	}

	/* The answer may have come just before. */
	(void)k_sem_take(&lookup->done, K_NO_WAIT);

	return lookup->status == DNS_EAI_CANCELED ? ret : 0;
}

/* What the end of a query means: 0 when the name server has answered, with an address or by saying
 * that there is none; else the DNS_EAI_* status to fail by.
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
		/* A server that cannot answer now (SERVFAIL) or will not says nothing of the name. */
		return lookup->rcode == RCODE_NO_ERROR || lookup->rcode == RCODE_NAME_ERROR
			       ? 0
			       : DNS_EAI_AGAIN;
	case DNS_EAI_SYSTEM:
		/* A response that could not be read says nothing either. */
		return lookup->rcode == RCODE_NAME_ERROR ? 0 : DNS_EAI_AGAIN;
	default:
		return lookup->status;
	}
}

/* Returns 0 once the name server has answered, with an address or without. */
static int32_t query(struct lookup *lookup, const char *host, enum dns_query_type type,
		     const struct limit *limit)
{
	int32_t interval = CONFIG_NET_SOCKETS_DNS_BACKOFF_INTERVAL;
	bool again = true;

	for (;;) {
		int32_t left = ms_left(limit);
		uint16_t id = 0;
		int ret;

		/* The resolver takes no time-out of 0. */
		if (left == 0) {
			return errno_failure(ETIMEDOUT);
		}

		lookup->status = DNS_EAI_CANCELED;
		lookup->rcode = RCODE_NO_ERROR;
		ret = dns_get_addr_info(host, type, &id, on_answer, lookup, left);
		if (ret == -EAGAIN || ret == -ENOMEM) {
			/* All of CONFIG_DNS_NUM_CONCUR_QUERIES or of the buffers are in use. */
			ret = let_pass(MIN(RETRY_MS, left), limit);
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
			return errno_failure(ECANCELED);
		}

		if (ret == -EAGAIN) {
			interval = MIN(interval, INT32_MAX / 2) * 2;
			continue;
		}

		ret = meaning_of(lookup);
		if (ret == 0) {
			return 0;
		}

		/* Worth a second try: servers that have changed, for which the resolver cancels its
		 * queries, and a server that cannot answer, which may be one of several. The
		 * resolver also cancels a query whose answer is an alias without an address.
		 */
		if (!again || (ret != DNS_EAI_CANCELED && ret != DNS_EAI_AGAIN)) {
			return failure(REQUESTS_PORT_OTHER, ret);
		}
		again = false;
		ret = ret == DNS_EAI_AGAIN ? let_pass(MIN(RETRY_MS, ms_left(limit)), limit) : 0;
		if (ret < 0) {
			return ret;
		}
	}
}

static int32_t resolve_native(const char *host, uint16_t port,
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
			/* Not needed, so a server that drops such queries may cost only a part of
			 * the time.
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
#endif /* CONFIG_DNS_RESOLVER */

int32_t requests_port_resolve(const char *host, uint16_t port,
			      struct requests_port_address *addresses, size_t max,
			      const struct requests_port_wait *wait)
{
	struct sockaddr literal = {0};
	struct limit limit;
	int32_t ret = begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	if (net_ipaddr_parse(host, strlen(host), &literal)) {
		return store_address(addresses, &literal, port)
			       ? 1
			       : failure(REQUESTS_PORT_NOT_FOUND, DNS_EAI_ADDRFAMILY);
	}

	/* An IPv6 address in a build without IPv6 shall not be asked for as if it were a name. */
	if (strchr(host, ':') != NULL) {
		return failure(REQUESTS_PORT_NOT_FOUND, DNS_EAI_ADDRFAMILY);
	}

#if defined(CONFIG_NET_SOCKETS_OFFLOAD)
	if (socket_offload_dns_is_enabled()) {
		return resolve_offloaded(host, port, addresses, max, &limit);
	}
#endif

#if defined(CONFIG_DNS_RESOLVER)
	return resolve_native(host, port, addresses, max, &limit);
#else
	return errno_failure(ENOSYS);
#endif
}

/* The file descriptor of a socket's handle. */
static int fd_of(int32_t sock)
{
	return sock & ~SECURE;
}

/* Rests for a moment before something is tried again, where it is not known what to wait for. */
static int32_t rest(const struct limit *limit)
{
	int32_t left = ms_left(limit);

	return left == 0 ? errno_failure(ETIMEDOUT) : let_pass(MIN(RETRY_MS, left), limit);
}

/* Returns 0 when one of the events, or an error, may have come up, else a failure. */
static int32_t wait_ready(int32_t sock, short events, struct limit *limit)
{
	/* zsock_poll() of Zephyr's secure sockets never returns once the peer has closed a connection
	 * without a word of TLS, unless the socket below reports POLLHUP then, which those of drivers
	 * need not do. So it is looked at again and again.
	 */
	if ((sock & SECURE) != 0) {
		return rest(limit);
	}

	for (;;) {
		struct zsock_pollfd pollfds[] = {
			{.fd = sock, .events = events},
			{.fd = token_fd(limit), .events = ZSOCK_POLLIN},
		};
		int ready = zsock_poll(pollfds, pollfds[1].fd < 0 ? 1 : 2, ms_left(limit));

		if (is_cancelled(limit)) {
			return errno_failure(ECANCELED);
		}

		/* Events that were not asked for stay, and poll() does not wait for others then: a
		 * peer that has ended its stream may still read. The next call tells, or wants to
		 * be made again. From the second time on this costs a rest.
		 */
		if (ready > 0 && pollfds[0].revents != 0) {
			bool wanted = (pollfds[0].revents & events) != 0;

			if (!wanted && limit->hung_up && ms_left(limit) > 0) {
				return rest(limit);
			}
			limit->hung_up = !wanted;

			return 0;
		}

		if (ready < 0 && errno != EINTR && errno != EAGAIN) {
			return errno_failure(errno);
		}

		if (ms_left(limit) == 0) {
			return errno_failure(ETIMEDOUT);
		}
	}
}

/* Decides what follows a socket call that failed by err. Returns 0 when it is to be made again,
 * after having waited for the events where that helps, else the failure.
 */
static int32_t wait_and_retry(int32_t sock, short events, int err, struct limit *limit)
{
	int32_t ret = 0;

	switch (err) {
	case EAGAIN:
		ret = wait_ready(sock, events, limit);
		break;
	case ENOBUFS:
	case ENOMEM:
		/* The stack is short of packet buffers, which a poll would not wait for. */
		if (events != ZSOCK_POLLOUT) {
			return errno_failure(err);
		}
		ret = let_pass(RETRY_MS, limit);
		if (ret == 0 && ms_left(limit) == 0) {
			ret = errno_failure(err);
		}
		return ret;
	case EINTR:
		break;
	default:
		return errno_failure(err);
	}

	if (ret == 0 && ms_left(limit) == 0) {
		ret = errno_failure(ETIMEDOUT);
	}

	return ret;
}

/* Waits until a connection that was begun is made. */
static int32_t finish_connect(int sock, struct limit *limit)
{
	int32_t ret = wait_ready(sock, ZSOCK_POLLOUT, limit);
	int err = 0;
	socklen_t len = sizeof(err);

	if (ret < 0) {
		return ret;
	}

	/* Which events show a refused connection differs from stack to stack. */
	if (zsock_getsockopt(sock, SOL_SOCKET, SO_ERROR, &err, &len) < 0) {
		err = errno;
	}

	return err == 0 ? 0 : errno_failure(err);
}

/* Returns a connected socket, or a failure. */
static int32_t connect_once(const struct sockaddr *to, socklen_t to_len, struct limit *limit)
{
	const int on = 1;
	int32_t ret;
	int sock = zsock_socket(to->sa_family, SOCK_STREAM, IPPROTO_TCP);

	if (sock < 0) {
		return errno_failure(errno);
	}

	/* A request goes out in few pieces, none of which shall wait until the one before it is
	 * acknowledged. Where the option is not known, this costs time but does no harm.
	 */
	(void)zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	if (zsock_fcntl(sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK) < 0) {
		ret = errno_failure(errno);
	} else if (zsock_connect(sock, to, to_len) == 0) {
		ret = 0;
	} else if (errno == EINPROGRESS || errno == EINTR || errno == EAGAIN) {
		ret = finish_connect(sock, limit);
	} else {
		ret = errno_failure(errno);
	}

	if (ret < 0) {
		(void)zsock_close(sock);
		return ret;
	}

	return sock;
}

union server_address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Returns the length of the address as sockets take it, or a failure. */
static int32_t to_sockaddr(const struct requests_port_address *address, union server_address *to)
{
	memset(to, 0, sizeof(*to));

	if (IS_ENABLED(CONFIG_NET_IPV4) && address->family == 4) {
		to->in.sin_family = AF_INET;
		to->in.sin_port = htons(address->port);
		memcpy(&to->in.sin_addr, address->ip, sizeof(to->in.sin_addr));
		return sizeof(to->in);
	}

	if (IS_ENABLED(CONFIG_NET_IPV6) && address->family == 6) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = htons(address->port);
		memcpy(&to->in6.sin6_addr, address->ip, sizeof(to->in6.sin6_addr));
		to->in6.sin6_scope_id = address->scope_id;
		return sizeof(to->in6);
	}

	return errno_failure(EAFNOSUPPORT);
}

/* What a secure socket is to do. */
struct secure_options {
	const char *host;
	const uint32_t *tags;
	size_t tag_count;
	bool verify;
};

#if defined(CONFIG_REQUESTS_TLS_SOCKETS)
BUILD_ASSERT(sizeof(sec_tag_t) == sizeof(uint32_t));

/* Returns 0, or a failure. */
static int32_t set_secure_options(int sock, const struct secure_options *options)
{
	/* The socket keeps the pointer. */
	static const char *const protocols[] = {"http/1.1"};
	const int verify = options->verify ? TLS_PEER_VERIFY_REQUIRED : TLS_PEER_VERIFY_NONE;

	if (zsock_setsockopt(sock, SOL_TLS, TLS_PEER_VERIFY, &verify, sizeof(verify)) < 0 ||
	    zsock_setsockopt(sock, SOL_TLS, TLS_HOSTNAME, options->host,
			     strlen(options->host) + 1) < 0) {
		return errno_failure(errno);
	}

	if (options->tag_count > 0 &&
	    zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, options->tags,
			     options->tag_count * sizeof(*options->tags)) < 0) {
		return errno == ENOENT ? failure(REQUESTS_PORT_NOT_FOUND, ENOENT)
				       : errno_failure(errno);
	}

	/* Not every socket can. */
	(void)zsock_setsockopt(sock, SOL_TLS, TLS_ALPN_LIST, protocols, sizeof(protocols));

	return 0;
}

/* Returns the handle of a connected secure socket, or a failure. */
static int32_t connect_secure_once(const struct sockaddr *to, socklen_t to_len,
				   const struct secure_options *options, const struct limit *limit)
{
	const int on = 1;
	int32_t ret;
	/* Zephyr's own sockets speak the versions that mbedTLS is configured with, whichever is
	 * named.
	 */
	int sock = zsock_socket(to->sa_family, SOCK_STREAM, IPPROTO_TLS_1_2);

	if (sock < 0) {
		return errno_failure(errno);
	}

	(void)zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	ret = set_secure_options(sock, options);
	if (ret == 0 && zsock_connect(sock, to, to_len) < 0) {
		ret = errno_failure(errno);
	}

	/* Blocking until now: the handshake is so in any case, and tells a time-out better. */
	if (ret == 0 && zsock_fcntl(sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK) < 0) {
		ret = errno_failure(errno);
	}

	if (ret == 0 && is_cancelled(limit)) {
		ret = errno_failure(ECANCELED);
	} else if (ret == 0 && ms_left(limit) == 0) {
		ret = errno_failure(ETIMEDOUT);
	}

	if (ret < 0) {
		(void)zsock_close(sock);
		return ret;
	}

	return sock | SECURE;
}
#else
static int32_t connect_secure_once(const struct sockaddr *to, socklen_t to_len,
				   const struct secure_options *options, const struct limit *limit)
{
	ARG_UNUSED(to);
	ARG_UNUSED(to_len);
	ARG_UNUSED(options);
	ARG_UNUSED(limit);

	return errno_failure(ENOSYS);
}
#endif /* CONFIG_REQUESTS_TLS_SOCKETS */

/* Connects by TCP, or by a secure socket where there are options for one. */
static int32_t connect_to(const struct requests_port_address *address,
			  const struct secure_options *secure,
			  const struct requests_port_wait *wait)
{
	union server_address to;
	struct limit limit;
	struct limit patience;
	int32_t to_len;
	int32_t ret = begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	to_len = to_sockaddr(address, &to);
	if (to_len < 0) {
		return to_len;
	}

	patience = within(&limit, CLOSING_MS);

	for (;;) {
		if (IS_ENABLED(CONFIG_REQUESTS_TLS_SOCKETS) && secure != NULL) {
			ret = connect_secure_once(&to.any, to_len, secure, &limit);
		} else {
			ret = connect_once(&to.any, to_len, &limit);
		}

		/* The native stack says so when all of CONFIG_NET_MAX_CONTEXTS or of
		 * CONFIG_NET_MAX_CONN are in use, be it by connections that are closing: those are
		 * waited for.
		 */
		if (ret != failure(REQUESTS_PORT_OTHER, ENOENT)) {
			return ret;
		}

		if (ms_left(&patience) == 0) {
			return errno_failure(ENFILE);
		}

		ret = let_pass(RETRY_MS, &limit);
		if (ret < 0) {
			return ret;
		}
	}
}

int32_t requests_port_connect(const struct requests_port_address *address,
			      const struct requests_port_wait *wait)
{
	return connect_to(address, NULL, wait);
}

#if defined(CONFIG_REQUESTS_TLS_SOCKETS)
int32_t requests_port_connect_tls(const struct requests_port_address *address, const char *host,
				  const uint32_t *tags, size_t tag_count, int32_t verify,
				  const struct requests_port_wait *wait)
{
	const struct secure_options options = {
		.host = host,
		.tags = tags,
		.tag_count = tag_count,
		.verify = verify != 0,
	};

	/* Without a tag Zephyr's own sockets would have nothing to verify with and refuse all
	 * servers, but a driver may know better and accept them.
	 */
	if (options.verify && tag_count == 0) {
		return errno_failure(EACCES);
	}

	return connect_to(address, &options, wait);
}
#endif /* CONFIG_REQUESTS_TLS_SOCKETS */

int32_t requests_port_send(int32_t sock, const uint8_t *bytes, size_t len,
			   const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = begin(&limit, wait);

	while (ret == 0) {
		ssize_t sent = zsock_send(fd_of(sock), bytes, MIN(len, INT32_MAX), 0);

		if (sent > 0) {
			return sent;
		}

		ret = wait_and_retry(sock, ZSOCK_POLLOUT, sent < 0 ? errno : EAGAIN, &limit);
	}

	/* Who does not wait may try again, when buffers are free. */
	if (wait->timeout_ms == 0 && -ret >> 16 == REQUESTS_PORT_OUT_OF_MEMORY) {
		ret = errno_failure(ETIMEDOUT);
	}

	return ret;
}

int32_t requests_port_receive(int32_t sock, uint8_t *buffer, size_t len,
			      const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = begin(&limit, wait);

	while (ret == 0) {
		ssize_t received = zsock_recv(fd_of(sock), buffer, MIN(len, INT32_MAX), 0);

		if (received >= 0) {
			return received;
		}

		ret = wait_and_retry(sock, ZSOCK_POLLIN, errno, &limit);
	}

	return ret;
}

int32_t requests_port_wait_ready(int32_t sock, const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	/* Room to send is all that a secure socket can be asked for (see wait_ready()). */
	if ((sock & SECURE) != 0) {
		struct zsock_pollfd pollfd = {.fd = fd_of(sock), .events = ZSOCK_POLLOUT};
		/* The sockets of native_sim tell nothing to those that do not wait. */
		int patience = MIN(RETRY_MS, ms_left(&limit));

		if (zsock_poll(&pollfd, 1, patience) > 0 &&
		    (pollfd.revents & ZSOCK_POLLOUT) != 0) {
			return 0;
		}
	}

	/* Who asks again has made the calls that could have told. */
	limit.hung_up = true;

	return wait_ready(sock, ZSOCK_POLLIN | ZSOCK_POLLOUT, &limit);
}

void requests_port_close(int32_t sock)
{
	(void)zsock_close(fd_of(sock));
}

int32_t requests_port_sleep(const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = begin(&limit, wait);

	if (wait->timeout_ms < 0 && ret != errno_failure(ECANCELED)) {
		return 0;
	}

	while (ret == 0 && ms_left(&limit) > 0) {
		ret = let_pass(ms_left(&limit), &limit);
	}

	return ret;
}

int64_t requests_port_uptime_ms(void)
{
	return k_uptime_get();
}

int64_t requests_port_unix_time(void)
{
	struct timespec now;

	if (sys_clock_gettime(SYS_CLOCK_REALTIME, &now) < 0 || now.tv_sec < EARLIEST_UNIX_TIME) {
		return -1;
	}

	return now.tv_sec;
}

_Noreturn void requests_port_panic(void)
{
	k_panic();
	CODE_UNREACHABLE;
}

int32_t requests_port_random(uint8_t *bytes, size_t len)
{
#if defined(CONFIG_CSPRNG_ENABLED) || defined(CONFIG_TEST_CSPRNG_GENERATOR)
	int ret = sys_csrand_get(bytes, len);

	return ret < 0 ? errno_failure(-ret) : 0;
#else
	ARG_UNUSED(bytes);
	ARG_UNUSED(len);

	return errno_failure(ENOSYS);
#endif
}

int32_t requests_port_credential(uint32_t tag, int32_t type, uint8_t *buffer, size_t len)
{
#if defined(CONFIG_TLS_CREDENTIALS)
	enum tls_credential_type wanted;
	size_t size = len;
	int ret;

	switch (type) {
	case REQUESTS_PORT_CA_CERTIFICATE:
		wanted = TLS_CREDENTIAL_CA_CERTIFICATE;
		break;
	case REQUESTS_PORT_OWN_CERTIFICATE:
		wanted = TLS_CREDENTIAL_PUBLIC_CERTIFICATE;
		break;
	case REQUESTS_PORT_PRIVATE_KEY:
		wanted = TLS_CREDENTIAL_PRIVATE_KEY;
		break;
	default:
		return errno_failure(EINVAL);
	}

	/* Negative tags are Zephyr's own: nothing can be registered under them. */
	if (tag > INT_MAX) {
		return failure(REQUESTS_PORT_NOT_FOUND, ENOENT);
	}

	ret = tls_credential_get(tag, wanted, buffer, &size);
	if (ret == -ENOENT) {
		return failure(REQUESTS_PORT_NOT_FOUND, ENOENT);
	}

	if (ret < 0 && ret != -EFBIG) {
		return errno_failure(-ret);
	}

	/* No certificate is that large, and the result could not say so. */
	return size > INT32_MAX ? errno_failure(EFBIG) : (int32_t)size;
#else
	ARG_UNUSED(tag);
	ARG_UNUSED(type);
	ARG_UNUSED(buffer);
	ARG_UNUSED(len);

	return errno_failure(ENOSYS);
#endif
}
