/* SPDX-License-Identifier: Apache-2.0 */

#include "mbedtls_shim.h"

#include <string.h>

#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>

#if MBEDTLS_VERSION_NUMBER < 0x03060000
#error "requests needs mbedTLS 3.6 or newer"
#endif

#if !defined(MBEDTLS_THREADING_C)
#error "several threads use mbedTLS: MBEDTLS_THREADING_C must be defined " \
	"(the module's requests_mbedtls_config.h does, as CONFIG_MBEDTLS_USER_CONFIG_FILE, and for mbedTLS 4 its " \
	"requests_crypto_config.h, as CONFIG_TF_PSA_CRYPTO_USER_CONFIG_FILE)"
#endif

#if !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
#error "requests verifies the peer's certificate itself: MBEDTLS_SSL_KEEP_PEER_CERTIFICATE must be defined " \
	"(the module's requests_mbedtls_config.h does, as CONFIG_MBEDTLS_USER_CONFIG_FILE)"
#endif

#if defined(CONFIG_REQUESTS_TLS_RESUMPTION) && defined(MBEDTLS_SSL_PROTO_TLS1_3) && MBEDTLS_PSK_MAX_LEN < 48
#error "the sessions of TLS 1.3 have secrets of up to 48 bytes: MBEDTLS_PSK_MAX_LEN must be 48 or more " \
	"(the module's requests_mbedtls_config.h sees to it)"
#endif

#if MBEDTLS_VERSION_MAJOR >= 4 || defined(MBEDTLS_PSA_CRYPTO_C) || defined(MBEDTLS_PSA_CRYPTO_CLIENT)
#define HAVE_PSA 1
#include <psa/crypto.h>
#endif

#if MBEDTLS_VERSION_MAJOR < 4 && defined(MBEDTLS_SHA256_C)
#include <mbedtls/sha256.h>
#endif

const uint32_t requests_mbedtls_layout[REQUESTS_MBEDTLS_LAYOUT_LEN] = {
	sizeof(mbedtls_ssl_context),
	sizeof(mbedtls_ssl_config),
	sizeof(mbedtls_ssl_session),
	sizeof(mbedtls_x509_crt),
	sizeof(mbedtls_pk_context),
	sizeof(mbedtls_x509_buf),
	offsetof(mbedtls_x509_crt, raw),
	offsetof(mbedtls_x509_crt, next),
	offsetof(mbedtls_x509_buf, len),
	offsetof(mbedtls_x509_buf, p),
};

uint32_t requests_mbedtls_features(void)
{
	uint32_t bits = 0;

#if defined(MBEDTLS_SSL_PROTO_TLS1_2)
	bits |= REQUESTS_MBEDTLS_HAS_TLS_1_2;
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
	bits |= REQUESTS_MBEDTLS_HAS_TLS_1_3;
#endif
#if defined(MBEDTLS_SSL_ALPN)
	bits |= REQUESTS_MBEDTLS_HAS_ALPN;
#endif
#if defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
	bits |= REQUESTS_MBEDTLS_HAS_SNI;
#endif
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	bits |= REQUESTS_MBEDTLS_HAS_TICKETS;
#endif
	return bits;
}

/* What the operating system has to give: random bytes. */

#if defined(__ZEPHYR__)

#include <zephyr/kernel.h>
#include <zephyr/random/random.h>

int requests_mbedtls_random(unsigned char *bytes, size_t size)
{
	return sys_csrand_get(bytes, size) == 0 ? 0 : REQUESTS_MBEDTLS_ERR_RANDOM;
}

#else

#include <pthread.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

int requests_mbedtls_random(unsigned char *bytes, size_t size)
{
	/* getentropy() gives at most 256 bytes a call. */
	while (size > 0) {
		size_t part = size < 256 ? size : 256;

		if (getentropy(bytes, part) != 0) {
			return REQUESTS_MBEDTLS_ERR_RANDOM;
		}
		bytes += part;
		size -= part;
	}
	return 0;
}

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context, uint8_t *output,
					     size_t output_size, size_t *output_length)
{
	(void)context;
	if (requests_mbedtls_random(output, output_size) != 0) {
		return PSA_ERROR_INSUFFICIENT_ENTROPY;
	}
	*output_length = output_size;
	return PSA_SUCCESS;
}
#endif

#endif

#if defined(__ZEPHYR__)

/* The threads that an allocation has failed for last, each with a number that is higher than all before. */
static struct {
	k_tid_t thread;
	uint32_t number;
} failures[4];
static uint32_t last_failure;
static struct k_spinlock failures_lock;

#if defined(REQUESTS_MBEDTLS_WRAP_CALLOC)
void *__real_mbedtls_calloc(size_t count, size_t size);

void *__wrap_mbedtls_calloc(size_t count, size_t size)
{
	void *block = __real_mbedtls_calloc(count, size);

	if (block == NULL) {
		k_spinlock_key_t key = k_spin_lock(&failures_lock);
		size_t place = 0;

		/* The place of this thread, else the oldest one. */
		for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
			if (failures[i].thread == k_current_get()) {
				place = i;
				break;
			}
			if (failures[i].number < failures[place].number) {
				place = i;
			}
		}
		last_failure += 1;
		failures[place].thread = k_current_get();
		failures[place].number = last_failure;
		k_spin_unlock(&failures_lock, key);
	}
	return block;
}
#endif

uint32_t requests_mbedtls_failed_allocations(void)
{
	k_spinlock_key_t key = k_spin_lock(&failures_lock);
	uint32_t number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (failures[i].thread == k_current_get()) {
			number = failures[i].number;
		}
	}
	k_spin_unlock(&failures_lock, key);
	return number;
}

#if defined(MBEDTLS_MEMORY_BUFFER_ALLOC_C) && defined(MBEDTLS_MEMORY_DEBUG)
#include <mbedtls/memory_buffer_alloc.h>

int requests_mbedtls_heap_usage(struct requests_mbedtls_heap *usage)
{
	size_t peak_blocks;

	mbedtls_memory_buffer_alloc_cur_get(&usage->used, &usage->blocks);
	mbedtls_memory_buffer_alloc_max_get(&usage->peak, &peak_blocks);
	return 0;
}
#else
int requests_mbedtls_heap_usage(struct requests_mbedtls_heap *usage)
{
	(void)usage;
	return -1;
}
#endif

void requests_mbedtls_limit_heap(size_t bytes)
{
	(void)bytes;
}

static void count_allocations(void)
{
}

#elif defined(MBEDTLS_PLATFORM_MEMORY) && !defined(MBEDTLS_PLATFORM_CALLOC_MACRO)

#include <stdalign.h>
#include <stdlib.h>

/* In front of each block: its size, in a place that keeps the block aligned for anything. */
union header {
	size_t size;
	max_align_t alignment;
};

static struct requests_mbedtls_heap heap;
static size_t heap_limit = SIZE_MAX;
/* How many allocations come before the one that fails. */
static size_t allocations_left = SIZE_MAX;
static pthread_mutex_t heap_lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local uint32_t failed_allocations;

uint32_t requests_mbedtls_failed_allocations(void)
{
	return failed_allocations;
}

void requests_mbedtls_limit_heap(size_t bytes)
{
	(void)pthread_mutex_lock(&heap_lock);
	heap_limit = bytes;
	(void)pthread_mutex_unlock(&heap_lock);
}

size_t requests_mbedtls_fail_allocation(size_t number)
{
	size_t left;

	(void)pthread_mutex_lock(&heap_lock);
	left = allocations_left;
	allocations_left = number;
	(void)pthread_mutex_unlock(&heap_lock);
	return left;
}

/* Whether this allocation is the one that fails. */
static int is_to_fail(void)
{
	if (allocations_left == SIZE_MAX) {
		return 0;
	}
	/* Behind 0 comes SIZE_MAX, so that it fails once. */
	allocations_left -= 1;
	return allocations_left == SIZE_MAX;
}

static void *counting_calloc(size_t count, size_t size)
{
	union header *block = NULL;

	(void)pthread_mutex_lock(&heap_lock);
	if (!is_to_fail() && (size == 0 || count <= (SIZE_MAX - sizeof(union header)) / size)) {
		size_t bytes = count * size;

		if (heap.used <= heap_limit && bytes <= heap_limit - heap.used) {
			block = calloc(1, sizeof(union header) + bytes);
		}
	}
	if (block != NULL) {
		block->size = count * size;
		heap.used += block->size;
		heap.blocks += 1;
		if (heap.used > heap.peak) {
			heap.peak = heap.used;
		}
	}
	(void)pthread_mutex_unlock(&heap_lock);
	if (block == NULL) {
		failed_allocations += 1;
		return NULL;
	}
	return block + 1;
}

static void counting_free(void *memory)
{
	union header *block = memory;

	if (block != NULL) {
		block -= 1;
		(void)pthread_mutex_lock(&heap_lock);
		heap.used -= block->size;
		heap.blocks -= 1;
		(void)pthread_mutex_unlock(&heap_lock);
		free(block);
	}
}

static void set_allocator(void)
{
	(void)mbedtls_platform_set_calloc_free(counting_calloc, counting_free);
}

/* Before the first allocation; only this program's own mbedTLS is affected. */
static void count_allocations(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, set_allocator);
}

int requests_mbedtls_heap_usage(struct requests_mbedtls_heap *usage)
{
	(void)pthread_mutex_lock(&heap_lock);
	*usage = heap;
	(void)pthread_mutex_unlock(&heap_lock);
	return 0;
}

#else

uint32_t requests_mbedtls_failed_allocations(void)
{
	return 0;
}

int requests_mbedtls_heap_usage(struct requests_mbedtls_heap *usage)
{
	(void)usage;
	return -1;
}

void requests_mbedtls_limit_heap(size_t bytes)
{
	(void)bytes;
}

size_t requests_mbedtls_fail_allocation(size_t number)
{
	(void)number;
	return SIZE_MAX;
}

static void count_allocations(void)
{
}

#endif

int requests_mbedtls_start(void)
{
	count_allocations();
#if defined(HAVE_PSA)
	psa_status_t status = psa_crypto_init();

	if (status != PSA_SUCCESS) {
		return status == PSA_ERROR_INSUFFICIENT_MEMORY ? (int)status : REQUESTS_MBEDTLS_ERR_RANDOM;
	}
#endif
	return 0;
}

_Static_assert(REQUESTS_MBEDTLS_ERR_ALLOC_FAILED == MBEDTLS_ERR_SSL_ALLOC_FAILED, "the number has changed");
_Static_assert(REQUESTS_MBEDTLS_ERR_BAD_INPUT == MBEDTLS_ERR_SSL_BAD_INPUT_DATA, "the number has changed");

bool requests_mbedtls_is_out_of_memory(int code)
{
#if MBEDTLS_VERSION_MAJOR < 4
	unsigned int number;

#endif
	/* PSA_ERROR_INSUFFICIENT_MEMORY, which mbedTLS 3.6 without PSA does not define. */
	if (code == -141) {
		return true;
	}
#if MBEDTLS_VERSION_MAJOR < 4
	/* What is left of the codes of PSA, -255 to -129, is no sum. */
	if (code > -0x100) {
		return code == MBEDTLS_ERR_ASN1_ALLOC_FAILED || code == MBEDTLS_ERR_MPI_ALLOC_FAILED;
	}
	/* A code is the sum of a module's high part and, optionally, a low part from ASN.1 or big numbers. */
	number = 0u - (unsigned int)code;
	switch (-(int)(number & 0x7f)) {
	case MBEDTLS_ERR_ASN1_ALLOC_FAILED:
	case MBEDTLS_ERR_MPI_ALLOC_FAILED:
		return true;
	}
	switch (-(int)(number & 0xff80)) {
	case MBEDTLS_ERR_SSL_ALLOC_FAILED:
	case MBEDTLS_ERR_X509_ALLOC_FAILED:
	case MBEDTLS_ERR_PK_ALLOC_FAILED:
	case MBEDTLS_ERR_ECP_ALLOC_FAILED:
	case MBEDTLS_ERR_MD_ALLOC_FAILED:
		return true;
	}
#endif
	return false;
}

void *requests_mbedtls_calloc(size_t count, size_t size)
{
	count_allocations();
	return mbedtls_calloc(count, size);
}

void requests_mbedtls_free(void *block)
{
	mbedtls_free(block);
}

void requests_mbedtls_free_secret(void *block, size_t size)
{
	if (block != NULL) {
		mbedtls_platform_zeroize(block, size);
		mbedtls_free(block);
	}
}

#if MBEDTLS_VERSION_MAJOR < 4
static int random_for_mbedtls(void *unused, unsigned char *bytes, size_t size)
{
	(void)unused;
	return requests_mbedtls_random(bytes, size);
}
#endif

void requests_mbedtls_conf_random(mbedtls_ssl_config *conf)
{
#if MBEDTLS_VERSION_MAJOR < 4
	mbedtls_ssl_conf_rng(conf, random_for_mbedtls, NULL);
#else
	(void)conf;
#endif
}

void requests_mbedtls_conf_versions(mbedtls_ssl_config *conf, mbedtls_ssl_protocol_version min,
				    mbedtls_ssl_protocol_version max)
{
	mbedtls_ssl_conf_min_tls_version(conf, min);
	mbedtls_ssl_conf_max_tls_version(conf, max);
}

int requests_mbedtls_conf_alpn(mbedtls_ssl_config *conf, const char **protocols)
{
#if defined(MBEDTLS_SSL_ALPN)
	return mbedtls_ssl_conf_alpn_protocols(conf, protocols);
#else
	(void)conf;
	(void)protocols;
	return 0;
#endif
}

int requests_mbedtls_conf_max_fragment_length(mbedtls_ssl_config *conf, size_t bytes)
{
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH)
	unsigned char code = MBEDTLS_SSL_MAX_FRAG_LEN_512;

	/* The codes are 1 to 4, and each stands for twice the length of the one before. */
	while (code < MBEDTLS_SSL_MAX_FRAG_LEN_INVALID && (size_t)256 << code != bytes) {
		code++;
	}
	return mbedtls_ssl_conf_max_frag_len(conf, code);
#else
	(void)conf;
	(void)bytes;
	return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
#endif
}

int requests_mbedtls_parse_key(mbedtls_pk_context *key, const unsigned char *der, size_t size)
{
#if MBEDTLS_VERSION_MAJOR < 4
	return mbedtls_pk_parse_key(key, der, size, NULL, 0, random_for_mbedtls, NULL);
#else
	return mbedtls_pk_parse_key(key, der, size, NULL, 0);
#endif
}

#if MBEDTLS_VERSION_MAJOR >= 4
/* Whether the key in the certificate verifies what the private key signs. */
static int check_signature(mbedtls_pk_context *in_certificate, mbedtls_pk_context *key)
{
	static const unsigned char hash[32] = {1};
	unsigned char signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t size;
	int code = mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, sizeof(hash), signature, sizeof(signature), &size);

	return code != 0 ? code
			 : mbedtls_pk_verify(in_certificate, MBEDTLS_MD_SHA256, hash, sizeof(hash), signature, size);
}
#endif

int requests_mbedtls_check_pair(mbedtls_x509_crt *certificate, mbedtls_pk_context *key)
{
#if MBEDTLS_VERSION_MAJOR < 4
	return mbedtls_pk_check_pair(&certificate->pk, key, random_for_mbedtls, NULL);
#else
	int code = mbedtls_pk_check_pair(&certificate->pk, key);

	/* TF-PSA-Crypto 1.1.0 says so of every RSA key in PKCS #8, for which it has not computed the public key. */
	return code == REQUESTS_MBEDTLS_ERR_BAD_INPUT ? check_signature(&certificate->pk, key) : code;
#endif
}

int requests_mbedtls_sha256(const unsigned char *bytes, size_t size, unsigned char digest[32])
{
#if MBEDTLS_VERSION_MAJOR < 4 && defined(MBEDTLS_SHA256_C)
	return mbedtls_sha256(bytes, size, digest, 0);
#else
	size_t length;
	int code = requests_mbedtls_start();

	return code != 0 ? code : (int)psa_hash_compute(PSA_ALG_SHA_256, bytes, size, digest, 32, &length);
#endif
}

#if MBEDTLS_VERSION_MAJOR >= 4

/* Called for each extension that mbedTLS does not know; what is not 0 ends the parsing. */
static int refuse_critical(void *found, const mbedtls_x509_crt *certificate, const mbedtls_x509_buf *id, int critical,
			   const unsigned char *start, const unsigned char *end)
{
	(void)certificate;
	(void)id;
	(void)start;
	(void)end;
	*(int *)found |= critical;
	return critical ? -1 : 0;
}

/* Whether a certificate of the message that has just been received has an extension of that kind. */
static int has_critical_extension(const mbedtls_ssl_context *ssl)
{
	const unsigned char *at = ssl->MBEDTLS_PRIVATE(in_msg);
	const unsigned char *end;
	/* The type and the length of the message, the length of the list; in TLS 1.3 the context's length, 0, as well. */
	size_t size = ssl->MBEDTLS_PRIVATE(tls_version) == MBEDTLS_SSL_VERSION_TLS1_2 ? 7 : 8;
	int found = 0;

	if (ssl->MBEDTLS_PRIVATE(in_hslen) > ssl->MBEDTLS_PRIVATE(in_msglen)) {
		return 0;
	}
	end = at + ssl->MBEDTLS_PRIVATE(in_hslen);
	while (!found && (size_t)(end - at) > size + 3) {
		mbedtls_x509_crt certificate;

		at += size;
		size = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2];
		at += 3;
		if (size > (size_t)(end - at)) {
			break;
		}
		mbedtls_x509_crt_init(&certificate);
		(void)mbedtls_x509_crt_parse_der_with_ext_cb(&certificate, at, size, 0, refuse_critical, &found);
		mbedtls_x509_crt_free(&certificate);
		if (ssl->MBEDTLS_PRIVATE(tls_version) != MBEDTLS_SSL_VERSION_TLS1_2 && (size_t)(end - at) - size > 2) {
			/* TLS 1.3 has extensions behind each certificate, too. */
			size += 2 + ((size_t)at[size] << 8 | at[size + 1]);
		}
	}
	return found;
}

#endif

int requests_mbedtls_handshake_step(mbedtls_ssl_context *ssl)
{
	int code = mbedtls_ssl_handshake_step(ssl);

#if MBEDTLS_VERSION_MAJOR >= 4
	/* What the parser of ASN.1 has found, which 3.6 adds to an error of X.509. */
	if (code <= MBEDTLS_ERR_ASN1_OUT_OF_DATA && code >= MBEDTLS_ERR_ASN1_BUF_TOO_SMALL &&
	    ssl->MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE) {
		code = has_critical_extension(ssl) ? MBEDTLS_ERR_X509_INVALID_EXTENSIONS + MBEDTLS_ERR_ASN1_UNEXPECTED_TAG
						   : MBEDTLS_ERR_X509_INVALID_FORMAT + code;
	}
#endif
	return code;
}

int requests_mbedtls_is_handshake_over(const mbedtls_ssl_context *ssl)
{
	return ssl->MBEDTLS_PRIVATE(state) >= MBEDTLS_SSL_HANDSHAKE_OVER;
}

mbedtls_x509_crt *requests_mbedtls_handshake_peer(const mbedtls_ssl_context *ssl)
{
	mbedtls_ssl_session *session = ssl->MBEDTLS_PRIVATE(session_negotiate);

	return session == NULL ? NULL : session->MBEDTLS_PRIVATE(peer_cert);
}

void requests_mbedtls_forget_peer(mbedtls_ssl_context *ssl)
{
	mbedtls_ssl_session *session = ssl->MBEDTLS_PRIVATE(session);

	if (session != NULL && session->MBEDTLS_PRIVATE(peer_cert) != NULL) {
		mbedtls_x509_crt_free(session->MBEDTLS_PRIVATE(peer_cert));
		mbedtls_free(session->MBEDTLS_PRIVATE(peer_cert));
		session->MBEDTLS_PRIVATE(peer_cert) = NULL;
	}
}

int requests_mbedtls_received_alert(const mbedtls_ssl_context *ssl)
{
	if (ssl->MBEDTLS_PRIVATE(in_msgtype) != MBEDTLS_SSL_MSG_ALERT || ssl->MBEDTLS_PRIVATE(in_msglen) < 2 ||
	    ssl->MBEDTLS_PRIVATE(in_msg) == NULL) {
		return -1;
	}
	return ssl->MBEDTLS_PRIVATE(in_msg)[1];
}

int requests_mbedtls_version(const mbedtls_ssl_context *ssl)
{
	return (int)ssl->MBEDTLS_PRIVATE(tls_version);
}

/* Sessions. */

void requests_mbedtls_conf_resumption(mbedtls_ssl_config *conf, int wanted)
{
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	mbedtls_ssl_conf_session_tickets(conf, wanted ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
						      : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
	mbedtls_ssl_conf_tls13_key_exchange_modes(conf, wanted
								? MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL
								: MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
#if defined(MBEDTLS_SSL_SESSION_TICKETS) && defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
	/* Without it mbedTLS 3.6 passes over the tickets of TLS 1.3. */
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
		conf, wanted ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
			     : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
#endif
#endif
#if !defined(MBEDTLS_SSL_SESSION_TICKETS) && !defined(MBEDTLS_SSL_PROTO_TLS1_3)
	(void)conf;
	(void)wanted;
#endif
}

static size_t ticket_size(const mbedtls_ssl_session *session)
{
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	return session->MBEDTLS_PRIVATE(ticket) == NULL ? 0 : session->MBEDTLS_PRIVATE(ticket_len);
#else
	(void)session;
	return 0;
#endif
}

static void forget_ticket(mbedtls_ssl_session *session)
{
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	requests_mbedtls_free_secret(session->MBEDTLS_PRIVATE(ticket), session->MBEDTLS_PRIVATE(ticket_len));
	session->MBEDTLS_PRIVATE(ticket) = NULL;
	session->MBEDTLS_PRIVATE(ticket_len) = 0;
#else
	(void)session;
#endif
}

/* Binds a session to the name that this connection sends: mbedTLS refuses to go on where they differ. */
static int set_session_name(mbedtls_ssl_session *session, const char *name)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS) &&                                       \
	defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
	mbedtls_free(session->MBEDTLS_PRIVATE(hostname));
	session->MBEDTLS_PRIVATE(hostname) = NULL;
	if (name != NULL) {
		size_t size = strlen(name) + 1;
		char *copy = mbedtls_calloc(1, size);

		if (copy == NULL) {
			return MBEDTLS_ERR_SSL_ALLOC_FAILED;
		}
		memcpy(copy, name, size);
		session->MBEDTLS_PRIVATE(hostname) = copy;
	}
#else
	(void)session;
	(void)name;
#endif
	return 0;
}

/* Whether a server could know the session again; mbedTLS offers identifiers of 16 bytes or more only. */
static int is_resumable(const mbedtls_ssl_session *session)
{
	switch (session->MBEDTLS_PRIVATE(tls_version)) {
#if defined(MBEDTLS_SSL_PROTO_TLS1_2)
	case MBEDTLS_SSL_VERSION_TLS1_2:
		return ticket_size(session) > 0 ||
		       (session->MBEDTLS_PRIVATE(id_len) >= 16 && session->MBEDTLS_PRIVATE(id_len) <= 32);
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS)
	case MBEDTLS_SSL_VERSION_TLS1_3:
		return ticket_size(session) > 0 && session->MBEDTLS_PRIVATE(ticket_lifetime) > 0 &&
		       session->MBEDTLS_PRIVATE(resumption_key_len) > 0;
#endif
	default:
		return 0;
	}
}

/*
 * Reads a session; what is not 0 has left `session` empty.
 *
 * mbedTLS trusts these bytes: it would take a server's session, whose strings it measures past their end, and a
 * certificate, which would then pass for the one that the peer of the next handshake has shown.
 */
static int load_session(mbedtls_ssl_session *session, const unsigned char *bytes, size_t size)
{
	const size_t endpoint = 6;
	int code;

	if (size <= endpoint || bytes[endpoint] != MBEDTLS_SSL_IS_CLIENT) {
		return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	}
	code = mbedtls_ssl_session_load(session, bytes, size);
	if (code != 0) {
		return code;
	}
	if (session->MBEDTLS_PRIVATE(peer_cert) != NULL || session->MBEDTLS_PRIVATE(id_len) > 32 ||
	    !is_resumable(session)) {
		mbedtls_ssl_session_free(session);
		return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	}
#if defined(MBEDTLS_HAVE_TIME) && defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS)
	/* mbedTLS counts from the last start of the device. That the ticket lives still is for the caller to know. */
	if (session->MBEDTLS_PRIVATE(ticket_reception_time) > mbedtls_ms_time()) {
		session->MBEDTLS_PRIVATE(ticket_reception_time) = mbedtls_ms_time();
	}
#endif
	return 0;
}

/* Reads a session and offers it, unless `ssl` is NULL. */
static int use_session(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t size, const char *name)
{
	mbedtls_ssl_session *session = mbedtls_calloc(1, sizeof(*session));
	int code;

	if (session == NULL) {
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	}
	mbedtls_ssl_session_init(session);
	code = load_session(session, bytes, size);
	if (code == 0 && ssl != NULL) {
		code = set_session_name(session, name);
		if (code == 0) {
			code = mbedtls_ssl_set_session(ssl, session);
		}
		if (code != 0) {
			requests_mbedtls_decline_session(ssl);
		}
	}
	mbedtls_ssl_session_free(session);
	mbedtls_free(session);
	return code;
}

int requests_mbedtls_offer_session(mbedtls_ssl_context *ssl, const unsigned char *bytes, size_t size,
				   const char *name)
{
	return use_session(ssl, bytes, size, name);
}

int requests_mbedtls_check_session(const unsigned char *bytes, size_t size)
{
	return use_session(NULL, bytes, size, NULL);
}

void requests_mbedtls_decline_session(mbedtls_ssl_context *ssl)
{
	mbedtls_ssl_session *session = ssl->MBEDTLS_PRIVATE(session_negotiate);

	if (session != NULL) {
		forget_ticket(session);
	}
}

void requests_mbedtls_begin_session(mbedtls_ssl_context *ssl)
{
	mbedtls_ssl_session *session = ssl->MBEDTLS_PRIVATE(session);

	if (session != NULL && session->MBEDTLS_PRIVATE(tls_version) != MBEDTLS_SSL_VERSION_TLS1_2) {
		forget_ticket(session);
		session->MBEDTLS_PRIVATE(exported) = 1;
	}
}

size_t requests_mbedtls_session_size(mbedtls_ssl_context *ssl, uint32_t *lifetime)
{
	mbedtls_ssl_session *session = ssl->MBEDTLS_PRIVATE(session);
	size_t size = 0;

	/* mbedTLS's mark: this session was saved, or its ticket is not complete. */
	if (session == NULL || session->MBEDTLS_PRIVATE(exported) || !is_resumable(session)) {
		return 0;
	}
	requests_mbedtls_forget_peer(ssl);
	(void)set_session_name(session, NULL);
	if (mbedtls_ssl_session_save(session, NULL, 0, &size) != MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL) {
		return 0;
	}
	*lifetime = 0;
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
	if (ticket_size(session) > 0) {
		*lifetime = session->MBEDTLS_PRIVATE(ticket_lifetime);
	}
#endif
	return size;
}

int requests_mbedtls_save_session(mbedtls_ssl_context *ssl, unsigned char *bytes, size_t size)
{
	mbedtls_ssl_session *session = ssl->MBEDTLS_PRIVATE(session);
	size_t written = 0;
	int code;

	if (session == NULL) {
		return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
	}
	code = mbedtls_ssl_session_save(session, bytes, size, &written);
	forget_ticket(session);
	session->MBEDTLS_PRIVATE(exported) = 1;
	return code != 0 || written == size ? code : MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
}
