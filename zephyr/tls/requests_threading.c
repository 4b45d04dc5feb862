/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The locks of mbedTLS, which are mutexes of Zephyr. They are set up before mbedTLS, which is set
 * up at POST_KERNEL.
 */

#include <zephyr/init.h>
#include <zephyr/kernel.h>

#include <mbedtls/build_info.h>

#if defined(REQUESTS_MBEDTLS_THREADING)

#include <mbedtls/threading.h>

BUILD_ASSERT(sizeof(struct k_mutex) <= sizeof(mbedtls_threading_mutex_t),
	     "a k_mutex of this configuration needs more room in zephyr/tls/threading_alt.h");
BUILD_ASSERT(__alignof__(struct k_mutex) <= __alignof__(mbedtls_threading_mutex_t));

static void mutex_init(mbedtls_threading_mutex_t *mutex)
{
	(void)k_mutex_init((struct k_mutex *)mutex);
}

static void mutex_free(mbedtls_threading_mutex_t *mutex)
{
	ARG_UNUSED(mutex);
}

static int mutex_lock(mbedtls_threading_mutex_t *mutex)
{
	return k_mutex_lock((struct k_mutex *)mutex, K_FOREVER) == 0 ? 0 : MBEDTLS_ERR_THREADING_MUTEX_ERROR;
}

static int mutex_unlock(mbedtls_threading_mutex_t *mutex)
{
	return k_mutex_unlock((struct k_mutex *)mutex) == 0 ? 0 : MBEDTLS_ERR_THREADING_MUTEX_ERROR;
}

static int set_up_locks(void)
{
	mbedtls_threading_set_alt(mutex_init, mutex_free, mutex_lock, mutex_unlock);

	return 0;
}

SYS_INIT(set_up_locks, PRE_KERNEL_2, 0);

#endif
