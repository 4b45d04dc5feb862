/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Since 4.4 Zephyr has names of its own for what POSIX calls AF_INET, struct sockaddr and so on. Its
 * option NET_NAMESPACE_COMPAT_MODE keeps the old ones. The module uses the new names, so it needs
 * no such option. For older versions they are defined here.
 */

#ifndef REQUESTS_NAMES_H_
#define REQUESTS_NAMES_H_

#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>
#include <zephyr/version.h>

#if KERNEL_VERSION_NUMBER < ZEPHYR_VERSION(4, 4, 0)
#define NET_AF_UNSPEC AF_UNSPEC
#define NET_AF_INET   AF_INET
#define NET_AF_INET6  AF_INET6

#define NET_SOCK_STREAM     SOCK_STREAM
#define NET_IPPROTO_TCP     IPPROTO_TCP
#define NET_IPPROTO_TLS_1_2 IPPROTO_TLS_1_2

#define net_htons htons

#define net_in_addr      in_addr
#define net_in6_addr     in6_addr
#define net_sockaddr     sockaddr
#define net_sockaddr_in  sockaddr_in
#define net_sockaddr_in6 sockaddr_in6
#define net_sa_family_t  sa_family_t
#define net_socklen_t    socklen_t

#define ZSOCK_SOL_SOCKET  SOL_SOCKET
#define ZSOCK_SO_ERROR    SO_ERROR
#define ZSOCK_TCP_NODELAY TCP_NODELAY

#define ZSOCK_SOL_TLS                  SOL_TLS
#define ZSOCK_TLS_ALPN_LIST            TLS_ALPN_LIST
#define ZSOCK_TLS_HOSTNAME             TLS_HOSTNAME
#define ZSOCK_TLS_PEER_VERIFY          TLS_PEER_VERIFY
#define ZSOCK_TLS_PEER_VERIFY_NONE     TLS_PEER_VERIFY_NONE
#define ZSOCK_TLS_PEER_VERIFY_REQUIRED TLS_PEER_VERIFY_REQUIRED
#define ZSOCK_TLS_SEC_TAG_LIST         TLS_SEC_TAG_LIST
#endif

#if KERNEL_VERSION_NUMBER < ZEPHYR_VERSION(4, 0, 0)
/* Zephyr 3.7, the release with long-term support. */
#include <zephyr/posix/fcntl.h>

#define CONFIG_ZVFS_POLL_MAX CONFIG_NET_SOCKETS_POLL_MAX
#define ZVFS_F_SETFL         F_SETFL
#define ZVFS_O_NONBLOCK      O_NONBLOCK

#define TLS_CREDENTIAL_PUBLIC_CERTIFICATE TLS_CREDENTIAL_SERVER_CERTIFICATE

/* A driver that offloads sockets also looks up names. */
#define socket_offload_dns_is_enabled() true
#endif

#endif /* REQUESTS_NAMES_H_ */
