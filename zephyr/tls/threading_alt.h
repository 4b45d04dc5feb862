/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutex of mbedTLS, a k_mutex. mbedTLS includes this file by its name if MBEDTLS_THREADING_ALT
 * is defined.
 */
#ifndef REQUESTS_THREADING_ALT_H
#define REQUESTS_THREADING_ALT_H

#if defined(REQUESTS_MBEDTLS_THREADING)

#include <stdint.h>

/* Memory for a struct k_mutex. Not every file that includes mbedTLS's headers can include the
 * header of k_mutex. */
typedef struct mbedtls_threading_mutex_t {
	uintptr_t room[10];
} mbedtls_threading_mutex_t;

#else

/* The application has mutexes of its own. */
#include_next <threading_alt.h>

#endif

#endif
