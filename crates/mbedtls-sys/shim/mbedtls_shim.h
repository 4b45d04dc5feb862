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
 * Prepares the crypto core; may be called any number of times. 0, REQUESTS_MBEDTLS_ERR_RANDOM or an error that says that
 * there was no memory left.
 */
int requests_mbedtls_start(void);

/* Whether an error says that there was no memory left, whatever module noticed it. */
bool requests_mbedtls_is_out_of_memory(int code);

/* Zeroed memory of mbedTLS's heap; NULL when there is none left. */
void *requests_mbedtls_calloc(size_t count, size_t size);
void requests_mbedtls_free(void *block);
/* The same for secrets: the block is overwritten first. */
void requests_mbedtls_free_secret(void *block, size_t size);

/* How much of mbedTLS's heap is in use, and the most that ever was. */
struct requests_mbedtls_heap {
	size_t used;
	size_t peak;
	size_t blocks;
};

/* 0, or -1 where it is not counted: on Zephyr that takes MBEDTLS_MEMORY_DEBUG. */
int requests_mbedtls_heap_usage(struct requests_mbedtls_heap *usage);

/*
 * A number that grows with each allocation that fails on the calling thread; mbedTLS reports some of them as other
 * errors. 0 where none has failed, or on Zephyr where four other threads have met with it since. Counted on a host, and
 * on Zephyr where the linker is given --wrap=mbedtls_calloc and this file REQUESTS_MBEDTLS_WRAP_CALLOC.
 */
uint32_t requests_mbedtls_failed_allocations(void);

/* Lets no more than this be in use on a host, as on a device with a heap of this size. */
void requests_mbedtls_limit_heap(size_t bytes);

/*
 * Lets one allocation on a host fail: the one that this many others precede; none for SIZE_MAX. Returns how many would
 * still have preceded the one that was to fail before; SIZE_MAX if it has failed. There is none on Zephyr.
 */
size_t requests_mbedtls_fail_allocation(size_t number);

/* Random bytes that a peer cannot guess; 0 or REQUESTS_MBEDTLS_ERR_RANDOM. */
int requests_mbedtls_random(unsigned char *bytes, size_t size);

/* Has a configuration use requests_mbedtls_random, where it takes a generator at all. */
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
/* 0 when the key in the certificate and the private key belong together. */
int requests_mbedtls_check_pair(mbedtls_x509_crt *certificate, mbedtls_pk_context *key);
int requests_mbedtls_sha256(const unsigned char *bytes, size_t size, unsigned char digest[32]);

/* mbedtls_ssl_handshake_step(), with the errors of mbedTLS 3.6 where the peer's certificate is refused. */
int requests_mbedtls_handshake_step(mbedtls_ssl_context *ssl);
int requests_mbedtls_is_handshake_over(const mbedtls_ssl_context *ssl);
/* The certificates that the peer has sent in the handshake that is under way; NULL before it has. */
mbedtls_x509_crt *requests_mbedtls_handshake_peer(const mbedtls_ssl_context *ssl);
/* Frees the peer's certificates once the handshake is over. */
void requests_mbedtls_forget_peer(mbedtls_ssl_context *ssl);
/* The number of the alert that was just received; -1 when the last message was none. */
int requests_mbedtls_received_alert(const mbedtls_ssl_context *ssl);
/* 0x0303 for TLS 1.2, 0x0304 for TLS 1.3. */
int requests_mbedtls_version(const mbedtls_ssl_context *ssl);

/*
 * Whether sessions can be resumed later: if not, tickets are not asked for. In TLS 1.3 a resumed session always has a
 * key exchange of its own.
 */
void requests_mbedtls_conf_resumption(mbedtls_ssl_config *conf, int wanted);
/*
 * Offers a saved session to a server of this name, NULL where none is sent. 0, or an error and nothing is
 * offered. The bytes may be anything at all.
 */
int requests_mbedtls_offer_session(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t size,
				   const char *name);
/* 0 when such bytes are a session that this mbedTLS can offer. */
int requests_mbedtls_check_session(const unsigned char *bytes, size_t size);
/* Forgets the session that was offered, once the server has begun a full handshake instead. */
void requests_mbedtls_decline_session(mbedtls_ssl_context *ssl);
/* Forgets, at the end of the handshake, what must not be used again: tickets of TLS 1.3 are for one use. */
void requests_mbedtls_begin_session(mbedtls_ssl_context *ssl);
/*
 * The size of what requests_mbedtls_save_session will write, 0 when there is nothing to save (yet), and the seconds
 * for which the server will know the session, 0 when it did not say.
 */
size_t requests_mbedtls_session_size(mbedtls_ssl_context *ssl, uint32_t *lifetime);
/* Writes the session and forgets its ticket: each is saved once. */
int requests_mbedtls_save_session(mbedtls_ssl_context *ssl, unsigned char *bytes, size_t size);

#endif
