/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of mbedTLS's cryptography that the HTTPS client needs and Zephyr's Kconfig has no
 * option for. In mbedTLS 4 that is TF-PSA-Crypto, which includes this file at the end of its
 * configuration (CONFIG_TF_PSA_CRYPTO_USER_CONFIG_FILE). For mbedTLS 3, requests_mbedtls_config.h
 * includes it.
 */

/* Threads of this client and other threads of the application use mbedTLS at the same time: they
 * share its heap and the keys of PSA. Zephyr has no option for locks. If an application has set up
 * its own, they stay.
 */
#if !defined(MBEDTLS_THREADING_C)
#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_ALT
#define REQUESTS_MBEDTLS_THREADING
#endif
