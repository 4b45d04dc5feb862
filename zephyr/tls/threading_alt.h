/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutex of mbedTLS, which asks for this file by name where MBEDTLS_THREADING_ALT is defined. It is a k_mutex.
 */
#ifndef REQUESTS_THREADING_ALT_H
#define REQUESTS_THREADING_ALT_H

#if defined(REQUESTS_MBEDTLS_THREADING)

#include <stdint.h>

/* Room for a struct k_mutex, whose header is not for every file that includes mbedTLS's. */
typedef struct mbedtls_threading_mutex_t {
	uintptr_t room[10];
} mbedtls_threading_mutex_t;

#else

/* The application has mutexes of its own. */
#include_next <threading_alt.h>

#endif

#endif
