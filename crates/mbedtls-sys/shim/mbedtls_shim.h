/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of mbedTLS that Rust cannot call or see by itself: macros, inline functions, private members,
 * and everything that differs between mbedTLS 3.6 and 4. No other file of this project asks for the version.
 *
 * Compiled once, with the configuration of the mbedTLS that it is linked with: by Zephyr's build on a
 * device, by build.rs on a host.
 */
#ifndef REQUESTS_MBEDTLS_SHIM_H
#define REQUESTS_MBEDTLS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/build_info.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

/* Errors of its own, of no module of mbedTLS (those are multiples of 0x80 plus a low-level code). */
#define REQUESTS_MBEDTLS_ERR_RANDOM (-0x7fff)
#define REQUESTS_MBEDTLS_ERR_IO     (-0x7ffe)

/* Errors that mbedTLS 4 has from PSA, by casts that bindgen does not read. */
#if MBEDTLS_VERSION_MAJOR >= 4
#define REQUESTS_MBEDTLS_ERR_ALLOC_FAILED (-141)
#define REQUESTS_MBEDTLS_ERR_BAD_INPUT    (-135)
#else
#define REQUESTS_MBEDTLS_ERR_ALLOC_FAILED MBEDTLS_ERR_SSL_ALLOC_FAILED
#define REQUESTS_MBEDTLS_ERR_BAD_INPUT    MBEDTLS_ERR_SSL_BAD_INPUT_DATA
#endif

/* Bits of requests_mbedtls_features(). */
#define REQUESTS_MBEDTLS_HAS_TLS_1_2 0x01u
#define REQUESTS_MBEDTLS_HAS_TLS_1_3 0x02u
#define REQUESTS_MBEDTLS_HAS_ALPN    0x04u
#define REQUESTS_MBEDTLS_HAS_SNI     0x08u
#define REQUESTS_MBEDTLS_HAS_TICKETS 0x10u

/* Number of entries that requests_mbedtls_layout has. */
#define REQUESTS_MBEDTLS_LAYOUT_LEN 10

/*
 * Sizes and offsets as the C compiler sees them: the sizes of mbedtls_ssl_context, mbedtls_ssl_config,
 * mbedtls_ssl_session, mbedtls_x509_crt, mbedtls_pk_context, mbedtls_x509_buf, then the offsets of raw and
 * next in mbedtls_x509_crt and of len and p in mbedtls_x509_buf. The bindings compare them with their own.
 */
extern const uint32_t requests_mbedtls_layout[REQUESTS_MBEDTLS_LAYOUT_LEN];

uint32_t requests_mbedtls_features(void);

/*
 * Prepares the crypto core. It may be called any number of times. Returns 0, REQUESTS_MBEDTLS_ERR_RANDOM, or an
 * out-of-memory error.
 */
int requests_mbedtls_start(void);

/* Whether an error of any module means that there was no memory left. */
bool requests_mbedtls_is_out_of_memory(int code);

/* Zeroed memory of mbedTLS's heap, or NULL if there is none left. */
void *requests_mbedtls_calloc(size_t count, size_t size);
void requests_mbedtls_free(void *block);
/* Frees a block that contains secrets: it is overwritten first. */
void requests_mbedtls_free_secret(void *block, size_t size);

/* The usage of mbedTLS's heap now, and its peak. */
struct requests_mbedtls_heap {
	size_t used;
	size_t peak;
	size_t blocks;
};

/* Returns 0, or -1 if it is not counted. On Zephyr, MBEDTLS_MEMORY_DEBUG counts it. */
int requests_mbedtls_heap_usage(struct requests_mbedtls_heap *usage);

/*
 * A number that grows with each allocation that fails on the calling thread, because mbedTLS reports some of them as
 * other errors. 0 if none has failed, or on Zephyr if allocations of four other threads have failed since. It is
 * counted on a host, and on Zephyr with --wrap=mbedtls_calloc for the linker and REQUESTS_MBEDTLS_WRAP_CALLOC for this
 * file.
 */
uint32_t requests_mbedtls_failed_allocations(void);

/* Limits the heap on a host to this size, as on a device with such a heap. */
void requests_mbedtls_limit_heap(size_t bytes);

/*
 * Lets one allocation on a host fail: the one after this many others. With SIZE_MAX, none fails. Returns the number of
 * allocations that were left before the failure set earlier, or SIZE_MAX if it has occurred. Not on Zephyr.
 */
size_t requests_mbedtls_fail_allocation(size_t number);

/* Writes random bytes that a peer cannot guess. Returns 0 or REQUESTS_MBEDTLS_ERR_RANDOM. */
int requests_mbedtls_random(unsigned char *bytes, size_t size);

/* Sets requests_mbedtls_random as the generator of a configuration. mbedTLS 4 needs none. */
void requests_mbedtls_conf_random(mbedtls_ssl_config *conf);
void requests_mbedtls_conf_versions(mbedtls_ssl_config *conf, mbedtls_ssl_protocol_version min,
				    mbedtls_ssl_protocol_version max);
/* protocols is NULL-terminated and outlives the configuration. */
int requests_mbedtls_conf_alpn(mbedtls_ssl_config *conf, const char **protocols);
/*
 * Asks the peer for records of at most this many bytes: 512, 1024, 2048 or 4096, and no more than either buffer holds.
 */
int requests_mbedtls_conf_max_fragment_length(mbedtls_ssl_config *conf, size_t bytes);

/* Parses a private key in DER, not encrypted. */
int requests_mbedtls_parse_key(mbedtls_pk_context *key, const unsigned char *der, size_t size);
/* Returns 0 if the key in the certificate and the private key belong together. */
int requests_mbedtls_check_pair(mbedtls_x509_crt *certificate, mbedtls_pk_context *key);
int requests_mbedtls_sha256(const unsigned char *bytes, size_t size, unsigned char digest[32]);

/* mbedtls_ssl_handshake_step(), with the errors of mbedTLS 3.6 if the peer's certificate is refused. */
int requests_mbedtls_handshake_step(mbedtls_ssl_context *ssl);
int requests_mbedtls_is_handshake_over(const mbedtls_ssl_context *ssl);
/* The certificates that the peer has sent in the current handshake, or NULL before that. */
mbedtls_x509_crt *requests_mbedtls_handshake_peer(const mbedtls_ssl_context *ssl);
/* Frees the peer's certificates after the handshake. */
void requests_mbedtls_forget_peer(mbedtls_ssl_context *ssl);
/* The number of the alert that was just received, or -1 if the last message was no alert. */
int requests_mbedtls_received_alert(const mbedtls_ssl_context *ssl);
/* 0x0303 for TLS 1.2, 0x0304 for TLS 1.3. */
int requests_mbedtls_version(const mbedtls_ssl_context *ssl);

/*
 * Whether sessions can be resumed later. If not, tickets are not asked for. In TLS 1.3, a resumed session always has a
 * new key exchange.
 */
void requests_mbedtls_conf_resumption(mbedtls_ssl_config *conf, int wanted);
/*
 * Offers a saved session to a server of this name, or NULL if no name is sent. Returns 0, or an error if nothing is
 * offered. The bytes may be anything.
 */
int requests_mbedtls_offer_session(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t size,
				   const char *name);
/* Returns 0 if the bytes are a session that this mbedTLS can offer. */
int requests_mbedtls_check_session(const unsigned char *bytes, size_t size);
/* Removes the offered session, after the server has started a full handshake instead. */
void requests_mbedtls_decline_session(mbedtls_ssl_context *ssl);
/* Removes, at the end of the handshake, a ticket that must not be used again: those of TLS 1.3 are for one use. */
void requests_mbedtls_begin_session(mbedtls_ssl_context *ssl);
/*
 * The size of what requests_mbedtls_save_session writes, or 0 if there is nothing to save yet, and the lifetime in
 * seconds that the server has given the session, or 0 if it gave none.
 */
size_t requests_mbedtls_session_size(mbedtls_ssl_context *ssl, uint32_t *lifetime);
/* Writes the session and removes its ticket, so that each is saved only once. */
int requests_mbedtls_save_session(mbedtls_ssl_context *ssl, unsigned char *bytes, size_t size);

#endif
