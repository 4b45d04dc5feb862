/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of mbedTLS that the HTTPS client needs and for which Zephyr's Kconfig has no option.
 * Included at the end of mbedTLS's configuration (CONFIG_MBEDTLS_USER_CONFIG_FILE).
 */

/* Certificates are verified after they were read, so mbedTLS must keep them. They are freed after
 * the handshake.
 */
#ifndef MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#endif

/* The cryptography of mbedTLS 4 has a configuration of its own. */
#if MBEDTLS_VERSION_MAJOR < 4
#include "requests_crypto_config.h"
#endif

/* TLS 1.3 with RSA certificates uses RSASSA-PSS signatures (RFC 8446 section 4.2.3). In mbedTLS 4, PSA computes them,
 * not necessarily with mbedTLS's own code.
 */
#if !defined(MBEDTLS_X509_RSASSA_PSS_SUPPORT)
#if MBEDTLS_VERSION_MAJOR >= 4 ? defined(PSA_WANT_ALG_RSA_PSS) : defined(MBEDTLS_RSA_C) && defined(MBEDTLS_PKCS1_V21)
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#endif
#endif

/* Settings for the resumption of sessions. Kconfig's own options would also include early data and
 * the server's side of tickets, which a client does not need.
 */
#if defined(CONFIG_REQUESTS_TLS_RESUMPTION)
#ifndef MBEDTLS_SSL_SESSION_TICKETS
#define MBEDTLS_SSL_SESSION_TICKETS
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && !defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED)
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#endif
/* A session's secret is as long as a digest. Zephyr's default is the length of SHA-256, but SHA-384
 * is in use too. */
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && (!defined(MBEDTLS_PSK_MAX_LEN) || MBEDTLS_PSK_MAX_LEN < 48)
#undef MBEDTLS_PSK_MAX_LEN
#define MBEDTLS_PSK_MAX_LEN 48
#endif
#endif

/* Zephyr has one size for both directions. */
#if defined(CONFIG_REQUESTS_TLS_IN_CONTENT_LEN)
#undef MBEDTLS_SSL_IN_CONTENT_LEN
#define MBEDTLS_SSL_IN_CONTENT_LEN CONFIG_REQUESTS_TLS_IN_CONTENT_LEN
#undef MBEDTLS_SSL_OUT_CONTENT_LEN
#define MBEDTLS_SSL_OUT_CONTENT_LEN CONFIG_REQUESTS_TLS_OUT_CONTENT_LEN
#endif
