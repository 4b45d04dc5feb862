/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_SOCKET_H
#define TEST_SOCKET_H

#include <zephyr/net/net_ip.h>

#define ZSOCK_POLLIN  1
#define ZSOCK_POLLOUT 4

#define ZVFS_F_SETFL    4
#define ZVFS_O_NONBLOCK 0x4000

#define ZSOCK_SOL_SOCKET  1
#define ZSOCK_SO_ERROR    4
#define ZSOCK_TCP_NODELAY 1

#define ZSOCK_SOL_TLS                  282
#define ZSOCK_TLS_SEC_TAG_LIST         1
#define ZSOCK_TLS_HOSTNAME             2
#define ZSOCK_TLS_PEER_VERIFY          5
#define ZSOCK_TLS_ALPN_LIST            7
#define ZSOCK_TLS_PEER_VERIFY_NONE     0
#define ZSOCK_TLS_PEER_VERIFY_REQUIRED 2

struct zsock_pollfd {
	int fd;
	short events;
	short revents;
};

struct zsock_addrinfo {
	struct zsock_addrinfo *ai_next;
	int ai_family;
	int ai_socktype;
	struct net_sockaddr *ai_addr;
};

int zsock_socket(int family, int type, int protocol);
int zsock_close(int sock);
int zsock_connect(int sock, const struct net_sockaddr *address, net_socklen_t len);
ssize_t zsock_send(int sock, const void *bytes, size_t len, int flags);
ssize_t zsock_recv(int sock, void *buffer, size_t len, int flags);
int zsock_poll(struct zsock_pollfd *fds, int count, int timeout);
int zsock_fcntl(int sock, int command, int flags);
int zsock_getsockopt(int sock, int level, int option, void *value, net_socklen_t *len);
int zsock_setsockopt(int sock, int level, int option, const void *value, net_socklen_t len);
int zsock_getaddrinfo(const char *host, const char *service, const struct zsock_addrinfo *hints,
		      struct zsock_addrinfo **result);
void zsock_freeaddrinfo(struct zsock_addrinfo *result);

#endif
