/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Secure sockets. */

#include "internal.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/tls_credentials.h>

BUILD_ASSERT(sizeof(sec_tag_t) == sizeof(uint32_t));

/* Returns 0, or a failure. */
static int32_t set_secure_options(int sock, const struct secure_options *options)
{
	/* The socket keeps the pointer. */
	static const char *const protocols[] = {"http/1.1"};
	const int verify =
		options->verify ? ZSOCK_TLS_PEER_VERIFY_REQUIRED : ZSOCK_TLS_PEER_VERIFY_NONE;

	if (zsock_setsockopt(sock, ZSOCK_SOL_TLS, ZSOCK_TLS_PEER_VERIFY, &verify, sizeof(verify)) <
		    0 ||
	    zsock_setsockopt(sock, ZSOCK_SOL_TLS, ZSOCK_TLS_HOSTNAME, options->host,
			     strlen(options->host) + 1) < 0) {
		return requests_port_errno(errno);
	}

	if (options->tag_count > 0 &&
	    zsock_setsockopt(sock, ZSOCK_SOL_TLS, ZSOCK_TLS_SEC_TAG_LIST, options->tags,
			     options->tag_count * sizeof(*options->tags)) < 0) {
		return errno == ENOENT ? failure(REQUESTS_PORT_NOT_FOUND, ENOENT)
				       : requests_port_errno(errno);
	}

	/* Not every socket supports this. */
	(void)zsock_setsockopt(sock, ZSOCK_SOL_TLS, ZSOCK_TLS_ALPN_LIST, protocols, sizeof(protocols));

	return 0;
}

int32_t requests_port_connect_secure(const struct net_sockaddr *to, net_socklen_t to_len,
				   const struct secure_options *options, const struct limit *limit)
{
	const int on = 1;
	int32_t ret;
	/* Zephyr's own sockets support the versions that mbedTLS is configured with, whichever is
	 * named here.
	 */
	int sock = zsock_socket(to->sa_family, NET_SOCK_STREAM, NET_IPPROTO_TLS_1_2);

	if (sock < 0) {
		return requests_port_errno(errno);
	}

	(void)zsock_setsockopt(sock, NET_IPPROTO_TCP, ZSOCK_TCP_NODELAY, &on, sizeof(on));

	ret = set_secure_options(sock, options);
	if (ret == 0 && zsock_connect(sock, to, to_len) < 0) {
		ret = requests_port_errno(errno);
	}

	/* The socket was blocking until now: the handshake blocks in any case, and reports a
	 * time-out better this way. */
	if (ret == 0 && zsock_fcntl(sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK) < 0) {
		ret = requests_port_errno(errno);
	}

	if (ret == 0 && requests_port_cancelled(limit)) {
		ret = requests_port_errno(ECANCELED);
	} else if (ret == 0 && ms_left(limit) == 0) {
		ret = requests_port_errno(ETIMEDOUT);
	}

	if (ret < 0) {
		(void)zsock_close(sock);
		return ret;
	}

	return sock | SECURE;
}

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

	/* Without a tag, Zephyr's own sockets would have nothing to verify with, and refuse all
	 * servers. But a driver may have other roots and accept them.
	 */
	if (options.verify && tag_count == 0) {
		return requests_port_errno(EACCES);
	}

	return requests_port_connect_to(address, &options, wait);
}
