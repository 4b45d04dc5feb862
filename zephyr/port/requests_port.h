/*
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The functions of Zephyr that the HTTP client uses: name look-up, TCP and secure sockets,
 * waiting and tokens that end it, the state of the network, clocks, random bytes, registered
 * credentials.
 *
 * The client is written in Rust. It calls only these functions of Zephyr, which src/sys/zephyr.rs
 * declares by hand. They take and return fixed-width types only, so that neither side depends on
 * the size of an enum, the numbering of errno or the layout of a Zephyr struct.
 *
 * Times are in milliseconds. A time-out of 0 tries once and does not wait. With a negative
 * time-out, nothing is started, and the error is REQUESTS_PORT_TIMED_OUT.
 *
 * When the token of a wait is cancelled, the wait ends at once with the error
 * REQUESTS_PORT_INTERRUPTED. With a token that is already cancelled, nothing is started.
 *
 * A negative result is an error. The upper 16 bits of its magnitude are the kind (enum
 * requests_port_error). The lower 16 bits are the platform's own code as a signed number: errno if
 * positive, DNS_EAI_* if negative.
 *
 * Any number of threads may call the functions at the same time, but only one thread at a time may
 * use a socket.
 * Callers run in supervisor mode and may be blocked.
 */

#ifndef REQUESTS_PORT_H_
#define REQUESTS_PORT_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of errors. The numbers are part of the interface: append, never renumber. */
enum requests_port_error {
	/** The time-out of the caller or of TCP has passed. */
	REQUESTS_PORT_TIMED_OUT = 1,
	/** The peer refuses connections to this port. */
	REQUESTS_PORT_REFUSED = 2,
	/** The peer has reset the connection. */
	REQUESTS_PORT_RESET = 3,
	/** The connection was aborted on this side. */
	REQUESTS_PORT_ABORTED = 4,
	/** The socket is not connected, or not any more. */
	REQUESTS_PORT_NOT_CONNECTED = 5,
	/** This side of the connection is closed for sending. */
	REQUESTS_PORT_BROKEN_PIPE = 6,
	/** No memory, network buffer, socket or network context is free. */
	REQUESTS_PORT_OUT_OF_MEMORY = 7,
	/** There is no route to the address, or the interface is down. */
	REQUESTS_PORT_UNREACHABLE = 8,
	/** The operation is forbidden. */
	REQUESTS_PORT_PERMISSION = 9,
	/** This build cannot do it, such as connect to an IPv6 address with CONFIG_NET_IPV6=n. */
	REQUESTS_PORT_UNSUPPORTED = 10,
	/** The name server answered, but with no address that this build can use. */
	REQUESTS_PORT_NOT_FOUND = 11,
	/** Any other error. The code says which. */
	REQUESTS_PORT_OTHER = 12,
	/** The token of the wait was cancelled. */
	REQUESTS_PORT_INTERRUPTED = 13,
};

/** How long to wait, and what ends the wait early: 16 bytes. */
struct requests_port_wait {
	/** The longest time to wait, in milliseconds. */
	int64_t timeout_ms;
	/** Token of requests_port_token_open(), or REQUESTS_PORT_NO_TOKEN. */
	int32_t token;
};

/** No token: only the time ends the wait. */
#define REQUESTS_PORT_NO_TOKEN (-1)

/** Address and port of a TCP server: 24 bytes, aligned to 4. */
struct requests_port_address {
	/** 4 for IPv4, 6 for IPv6. */
	uint8_t family;
	/** The address in network byte order. IPv4 uses the first 4 bytes. */
	uint8_t ip[16];
	/** The port in host byte order. */
	uint16_t port;
	/** Index of the network interface of a link-local IPv6 address, otherwise 0. */
	uint32_t scope_id;
};

/**
 * @brief Look up the addresses of a name.
 *
 * IPv4 addresses come first, as from zsock_getaddrinfo().
 *
 * With Zephyr's own resolver (CONFIG_DNS_RESOLVER), a query without an answer is repeated after
 * CONFIG_NET_SOCKETS_DNS_BACKOFF_INTERVAL, then after twice that time and so on, as long as @p wait
 * allows. For offloaded sockets, the driver looks up the name. It has no time-out and cannot be
 * interrupted: there, @p wait only decides whether the answer is too late.
 *
 * @param host Name, or an IPv4 or IPv6 address, which is its own result. Terminated by NUL.
 * @param port Port to store in the addresses.
 * @param[out] addresses The addresses.
 * @param max Number of addresses that fit, at least 1. Further addresses are dropped.
 * @param wait How long to wait.
 *
 * @return Number of addresses, at least 1 and at most @p max, or an error.
 */
int32_t requests_port_resolve(const char *host, uint16_t port,
			      struct requests_port_address *addresses, size_t max,
			      const struct requests_port_wait *wait);

/**
 * @brief Connect to a TCP server.
 *
 * @param address Address and port of the server.
 * @param wait How long to wait. A driver of offloaded sockets that ignores O_NONBLOCK may take
 *        longer.
 *
 * @return A connected socket, at least 0, which requests_port_close() must close, or an error.
 */
int32_t requests_port_connect(const struct requests_port_address *address,
			      const struct requests_port_wait *wait);

/**
 * @brief Connect to a TLS server by a secure socket.
 *
 * Only with CONFIG_REQUESTS_TLS_SOCKETS. The socket, Zephyr's own or one of a driver that offloads
 * TLS, makes the handshake and verifies the server: its certificate must be for @p host, and issued
 * by an authority that is registered under one of the tags. Sessions are never cached: Zephyr's
 * cache identifies a session by the address of its server only, and does not know whether it was
 * verified.
 *
 * Zephyr's own sockets take up to CONFIG_NET_SOCKETS_CONNECT_TIMEOUT for the connection and as long
 * again for the handshake (since Zephyr 4.4 up to CONFIG_NET_SOCKETS_TLS_CONNECT_TIMEOUT), whatever
 * @p wait says. Afterwards, @p wait decides whether that was too long.
 *
 * The end of the stream is not reliable: Zephyr's sockets report a cut connection like an orderly
 * end.
 *
 * @param address Address and port of the server.
 * @param host Name of the server, or its address as text. Terminated by NUL.
 * @param tags Security tags of the credentials to use.
 * @param tag_count Number of tags, 0 if there is nothing to verify with.
 * @param verify 0 to accept any server, otherwise 1.
 * @param wait How long to wait, as far as the socket supports it.
 *
 * @return A connected socket, at least 0, which requests_port_close() must close, or an error:
 * REQUESTS_PORT_ABORTED if the handshake failed or the server was refused, REQUESTS_PORT_NOT_FOUND
 * if nothing is registered under one of the tags.
 */
int32_t requests_port_connect_tls(const struct requests_port_address *address, const char *host,
				  const uint32_t *tags, size_t tag_count, int32_t verify,
				  const struct requests_port_wait *wait);

/**
 * @brief Send bytes.
 *
 * @param sock Socket of requests_port_connect().
 * @param bytes Bytes to send.
 * @param len Number of bytes, at least 1.
 * @param wait How long to wait until the first byte is sent. If the stack is short of buffers, even
 * a time-out of 0 takes 10 ms.
 *
 * @return Number of bytes sent, at least 1 and at most @p len, or an error.
 */
int32_t requests_port_send(int32_t sock, const uint8_t *bytes, size_t len,
			   const struct requests_port_wait *wait);

/**
 * @brief Receive bytes.
 *
 * @param sock Socket of requests_port_connect().
 * @param[out] buffer Where to store the bytes.
 * @param len Size of @p buffer in bytes, at least 1.
 * @param wait How long to wait for the first byte.
 *
 * @return Number of bytes received, at most @p len; 0 when the peer has ended the stream in an
 *         orderly way; or an error.
 */
int32_t requests_port_receive(int32_t sock, uint8_t *buffer, size_t len,
			      const struct requests_port_wait *wait);

/**
 * @brief Wait until bytes can be received or sent.
 *
 * @param sock Socket of requests_port_connect().
 * @param wait How long to wait.
 *
 * @return 0 if a call may succeed or will report why not, or an error.
 */
int32_t requests_port_wait_ready(int32_t sock, const struct requests_port_wait *wait);

/**
 * @brief Close a socket.
 *
 * @param sock Socket of requests_port_connect(). It must not be used afterwards.
 */
void requests_port_close(int32_t sock);

/**
 * @brief Wait for some time.
 *
 * @param wait How long. A time of 0 or less does not wait.
 *
 * @return 0 if the time has passed, or REQUESTS_PORT_INTERRUPTED.
 */
int32_t requests_port_sleep(const struct requests_port_wait *wait);

/** Whether there is a network. The numbers are part of the interface: append, never renumber. */
enum requests_port_network {
	/** An interface is up and has an address, or its driver offloads sockets. */
	REQUESTS_PORT_NETWORK_UP = 0,
	/** No interface is up: no cable, no carrier, or not joined to a Wi-Fi network. */
	REQUESTS_PORT_NETWORK_LINK_DOWN = 1,
	/** An interface is up, but has no address. */
	REQUESTS_PORT_NETWORK_NO_ADDRESS = 2,
};

/**
 * @brief Wait until an interface is up and has an address other than a link-local one.
 *
 * Starts DHCP for IPv4 on Ethernet and Wi-Fi (CONFIG_NET_DHCPV4), brings the interfaces up for the
 * connection manager (CONFIG_NET_CONNECTION_MANAGER), and joins a Wi-Fi network of which Zephyr
 * has the credentials (CONFIG_WIFI_CREDENTIALS_CONNECT_STORED). If that does not succeed, it tries
 * again until the time is up. Sets a clock that is not set (CONFIG_NET_CONFIG_CLOCK_SNTP_INIT).
 * With DHCP for IPv4, an IPv6 address alone is enough only if no IPv4 address comes for a while.
 *
 * @param wait How long to wait.
 *
 * @return One of enum requests_port_network, or an error.
 */
int32_t requests_port_network_wait(const struct requests_port_wait *wait);

/**
 * @brief Open a token, which is not cancelled.
 *
 * It takes one of CONFIG_REQUESTS_CANCEL_TOKENS and a file descriptor. Without
 * CONFIG_REQUESTS_CANCEL this is always the error REQUESTS_PORT_UNSUPPORTED.
 *
 * @return A token, at least 0, which requests_port_token_close() must close, or an error.
 */
int32_t requests_port_token_open(void);

/**
 * @brief End all waits that have this token, now and until it is reset.
 *
 * It may be called in an interrupt.
 *
 * @param token Token of requests_port_token_open().
 */
void requests_port_token_cancel(int32_t token);

/**
 * @brief Check whether a token is cancelled.
 *
 * @param token Token of requests_port_token_open().
 *
 * @return 1 if it is, otherwise 0.
 */
int32_t requests_port_token_is_cancelled(int32_t token);

/**
 * @brief Reset a token for further waits. Waits that are just being ended may miss the
 * cancellation.
 *
 * @param token Token of requests_port_token_open().
 */
void requests_port_token_reset(int32_t token);

/**
 * @brief Close a token.
 *
 * @param token Token of requests_port_token_open() that no wait has. It must not be used
 * afterwards.
 */
void requests_port_token_close(int32_t token);

/**
 * @brief Read the clock.
 *
 * @return Milliseconds since the system booted. It never goes back, and cannot be set.
 */
int64_t requests_port_uptime_ms(void);

/**
 * @brief Read the date.
 *
 * @return Seconds since 1970-01-01 00:00 UTC, or -1 if the realtime clock has not been set.
 */
int64_t requests_port_unix_time(void);

/**
 * @brief Get cryptographically secure random bytes.
 *
 * @param[out] bytes Where to store the bytes.
 * @param len Number of bytes.
 *
 * @return 0, or an error.
 */
int32_t requests_port_random(uint8_t *bytes, size_t len);

/**
 * @brief End the thread or the system by k_panic(), after an error in the client that must not
 * happen.
 *
 * Only the library for C programs calls it. A Rust application has its own panic handler.
 */
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void requests_port_panic(void);

/**
 * @brief Write a record to the log module "requests".
 *
 * Only with CONFIG_REQUESTS_LOG.
 *
 * @param level Level of the record: LOG_LEVEL_ERR is 1, and so on to LOG_LEVEL_DBG, which is 4.
 * @param text Text, terminated by NUL. It is copied.
 */
void requests_port_log(int32_t level, const char *text);

/** Kinds of credentials. The numbers are part of the interface: append, never renumber. */
enum requests_port_credential_type {
	/** Certificates of trusted authorities: TLS_CREDENTIAL_CA_CERTIFICATE. */
	REQUESTS_PORT_CA_CERTIFICATE = 1,
	/** Certificate of this device: TLS_CREDENTIAL_PUBLIC_CERTIFICATE. */
	REQUESTS_PORT_OWN_CERTIFICATE = 2,
	/** Private key for that certificate: TLS_CREDENTIAL_PRIVATE_KEY. */
	REQUESTS_PORT_PRIVATE_KEY = 3,
};

/**
 * @brief Copy a credential that was registered by tls_credential_add().
 *
 * Without CONFIG_TLS_CREDENTIALS this is always the error REQUESTS_PORT_UNSUPPORTED.
 *
 * @param tag Security tag of the credential.
 * @param type Kind of the credential, see enum requests_port_credential_type.
 * @param[out] buffer Where the credential is copied.
 * @param len Size of @p buffer in bytes, 0 to learn the credential's size.
 *
 * @return Size of the credential in bytes, or an error: REQUESTS_PORT_NOT_FOUND if there is none of
 * this type under the tag. The credential has been copied if its size is at most @p len.
 */
int32_t requests_port_credential(uint32_t tag, int32_t type, uint8_t *buffer, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* REQUESTS_PORT_H_ */
