/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutex of mbedTLS, a k_mutex, and in mbedTLS 4 its condition variable, a k_condvar. mbedTLS
 * includes this file by its name if MBEDTLS_THREADING_ALT is defined.
 */
#ifndef REQUESTS_THREADING_ALT_H
#define REQUESTS_THREADING_ALT_H

#if defined(REQUESTS_MBEDTLS_THREADING)

#include <stdint.h>

/* Room for a struct k_mutex. Its header is not for every file that includes mbedTLS's. */
struct requests_mutex {
	uintptr_t room[10];
};

#if defined(TF_PSA_CRYPTO_VERSION_MAJOR)

/* mbedTLS 4 */
typedef struct requests_mutex mbedtls_platform_mutex_t;

/* Room for a struct k_condvar. */
typedef struct requests_condition {
	uintptr_t room[8];
} mbedtls_platform_condition_variable_t;

#else

typedef struct requests_mutex mbedtls_threading_mutex_t;

#endif

#else

/* The application has mutexes of its own. */
#include_next <threading_alt.h>

#endif

#endif
