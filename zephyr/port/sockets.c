/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* TCP sockets, and the code that they share with secure sockets. */

#include "internal.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/net_ip.h>

/* The events of one zsock_poll(): room to send and data of a TCP socket are an event each, and so
 * is a token. With fewer, it fails.
 */
BUILD_ASSERT(CONFIG_ZVFS_POLL_MAX >= (IS_ENABLED(CONFIG_REQUESTS_CANCEL) ? 3 : 2),
	     "requests needs CONFIG_ZVFS_POLL_MAX=2, and 3 with CONFIG_REQUESTS_CANCEL");

/* How long a closed connection may still hold its network context, in milliseconds: the exchange of
 * FINs, and TIME_WAIT.
 */
#if defined(CONFIG_NET_TCP_TIME_WAIT_DELAY)
#define CLOSING_MS (2 * CONFIG_NET_TCP_TIME_WAIT_DELAY)
#else
#define CLOSING_MS 0
#endif

/* Returns the file descriptor of a socket's handle. */
static int fd_of(int32_t sock)
{
	return sock & ~SECURE;
}

/* Waits for a moment before another try, if there is no event to wait for. */
static int32_t rest(const struct limit *limit)
{
	int32_t left = ms_left(limit);

	if (left == 0) {
		return requests_port_errno(ETIMEDOUT);
	}

	return requests_port_pause(MIN(RETRY_MS, left), limit);
}

/* Returns 0 if one of the events or an error may have occurred, otherwise a failure. */
static int32_t wait_ready(int32_t sock, short events, struct limit *limit)
{
	/* When the peer has closed a connection without a close_notify, zsock_poll() of Zephyr's
	 * secure sockets never returns, unless the socket below reports POLLHUP. Sockets of drivers
	 * need not do that. So poll at intervals.
	 */
	if ((sock & SECURE) != 0) {
		return rest(limit);
	}

	for (;;) {
		struct zsock_pollfd pollfds[] = {
			{.fd = sock, .events = events},
			{.fd = requests_port_token_fd(limit), .events = ZSOCK_POLLIN},
		};
		int ready = zsock_poll(pollfds, pollfds[1].fd < 0 ? 1 : 2, ms_left(limit));

		if (requests_port_cancelled(limit)) {
			return requests_port_errno(ECANCELED);
		}

		/* Unrequested events stay set, and poll() then returns at once. For example, a peer
		 * that has ended its stream may still read. The next call reports the error, or
		 * asks for another wait. From the second time on, this waits for a moment.
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
			return requests_port_errno(errno);
		}

		if (ms_left(limit) == 0) {
			return requests_port_errno(ETIMEDOUT);
		}
	}
}

/* Decides what to do after a socket call has failed with err. Returns 0 if the call is to be
 * repeated, after waiting for the events if that helps. Otherwise returns the failure.
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
		/* The stack is short of packet buffers, and a poll does not wait for those. */
		if (events != ZSOCK_POLLOUT) {
			return requests_port_errno(err);
		}
		ret = requests_port_pause(RETRY_MS, limit);
		if (ret == 0 && ms_left(limit) == 0) {
			ret = requests_port_errno(err);
		}
		return ret;
	case EINTR:
		break;
	default:
		return requests_port_errno(err);
	}

	if (ret == 0 && ms_left(limit) == 0) {
		ret = requests_port_errno(ETIMEDOUT);
	}

	return ret;
}

/* Waits until a started connection is established. */
static int32_t finish_connect(int sock, struct limit *limit)
{
	int32_t ret = wait_ready(sock, ZSOCK_POLLOUT, limit);
	int err = 0;
	net_socklen_t len = sizeof(err);

	if (ret < 0) {
		return ret;
	}

	/* The events of a refused connection differ from stack to stack. */
	if (zsock_getsockopt(sock, ZSOCK_SOL_SOCKET, ZSOCK_SO_ERROR, &err, &len) < 0) {
		err = errno;
	}

	return err == 0 ? 0 : requests_port_errno(err);
}

/* Returns a connected socket, or a failure. */
static int32_t connect_once(const struct net_sockaddr *to, net_socklen_t to_len,
			    struct limit *limit)
{
	const int on = 1;
	int32_t ret;
	int sock = zsock_socket(to->sa_family, NET_SOCK_STREAM, NET_IPPROTO_TCP);

	if (sock < 0) {
		return requests_port_errno(errno);
	}

	/* A request is sent in few pieces. None of them should wait until the previous one is
	 * acknowledged. If the option is not supported, that costs time but does no harm.
	 */
	(void)zsock_setsockopt(sock, NET_IPPROTO_TCP, ZSOCK_TCP_NODELAY, &on, sizeof(on));

	if (zsock_fcntl(sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK) < 0) {
		ret = requests_port_errno(errno);
	} else if (zsock_connect(sock, to, to_len) == 0) {
		ret = 0;
	} else if (errno == EINPROGRESS || errno == EINTR || errno == EAGAIN) {
		ret = finish_connect(sock, limit);
	} else {
		ret = requests_port_errno(errno);
	}

	if (ret < 0) {
		(void)zsock_close(sock);
		return ret;
	}

	return sock;
}

int32_t requests_port_to_sockaddr(const struct requests_port_address *address,
				  union requests_port_sockaddr *to)
{
	memset(to, 0, sizeof(*to));

	if (IS_ENABLED(CONFIG_NET_IPV4) && address->family == 4) {
		to->in.sin_family = NET_AF_INET;
		to->in.sin_port = net_htons(address->port);
		memcpy(&to->in.sin_addr, address->ip, sizeof(to->in.sin_addr));
		return sizeof(to->in);
	}

	if (IS_ENABLED(CONFIG_NET_IPV6) && address->family == 6) {
		to->in6.sin6_family = NET_AF_INET6;
		to->in6.sin6_port = net_htons(address->port);
		memcpy(&to->in6.sin6_addr, address->ip, sizeof(to->in6.sin6_addr));
		to->in6.sin6_scope_id = address->scope_id;
		return sizeof(to->in6);
	}

	return requests_port_errno(EAFNOSUPPORT);
}

int32_t requests_port_connect_to(const struct requests_port_address *address,
			  const struct secure_options *secure,
			  const struct requests_port_wait *wait)
{
	union requests_port_sockaddr to;
	struct limit limit;
	struct limit patience;
	int32_t to_len;
	int32_t ret = requests_port_begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	to_len = requests_port_to_sockaddr(address, &to);
	if (to_len < 0) {
		return to_len;
	}

	patience = within(&limit, CLOSING_MS);

	for (;;) {
		if (IS_ENABLED(CONFIG_REQUESTS_TLS_SOCKETS) && secure != NULL) {
			ret = requests_port_connect_secure(&to.any, to_len, secure, &limit);
		} else {
			ret = connect_once(&to.any, to_len, &limit);
		}

		/* The native stack returns this if all of CONFIG_NET_MAX_CONTEXTS or
		 * CONFIG_NET_MAX_CONN are in use. Some may belong to connections that are closing:
		 * wait for those.
		 */
		if (ret != failure(REQUESTS_PORT_OTHER, ENOENT)) {
			return ret;
		}

		if (ms_left(&patience) == 0) {
			return requests_port_errno(ENFILE);
		}

		ret = requests_port_pause(RETRY_MS, &limit);
		if (ret < 0) {
			return ret;
		}
	}
}

int32_t requests_port_connect(const struct requests_port_address *address,
			      const struct requests_port_wait *wait)
{
	return requests_port_connect_to(address, NULL, wait);
}

int32_t requests_port_send(int32_t sock, const uint8_t *bytes, size_t len,
			   const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = requests_port_begin(&limit, wait);

	while (ret == 0) {
		ssize_t sent = zsock_send(fd_of(sock), bytes, MIN(len, INT32_MAX), 0);

		if (sent > 0) {
			return sent;
		}

		ret = wait_and_retry(sock, ZSOCK_POLLOUT, sent < 0 ? errno : EAGAIN, &limit);
	}

	/* A caller that does not wait may try again when buffers are free. */
	if (wait->timeout_ms == 0 && -ret >> 16 == REQUESTS_PORT_OUT_OF_MEMORY) {
		ret = requests_port_errno(ETIMEDOUT);
	}

	return ret;
}

int32_t requests_port_receive(int32_t sock, uint8_t *buffer, size_t len,
			      const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = requests_port_begin(&limit, wait);

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
	int32_t ret = requests_port_begin(&limit, wait);

	if (ret < 0) {
		return ret;
	}

	/* A secure socket can only be asked for room to send (see wait_ready()). */
	if ((sock & SECURE) != 0) {
		struct zsock_pollfd pollfd = {.fd = fd_of(sock), .events = ZSOCK_POLLOUT};
		/* The sockets of native_sim report nothing to a poll that does not wait. */
		int patience = MIN(RETRY_MS, ms_left(&limit));

		if (zsock_poll(&pollfd, 1, patience) > 0 &&
		    (pollfd.revents & ZSOCK_POLLOUT) != 0) {
			return 0;
		}
	}

	/* A caller that waits again has already made the calls that could report an error. */
	limit.hung_up = true;

	return wait_ready(sock, ZSOCK_POLLIN | ZSOCK_POLLOUT, &limit);
}

void requests_port_close(int32_t sock)
{
	(void)zsock_close(fd_of(sock));
}
