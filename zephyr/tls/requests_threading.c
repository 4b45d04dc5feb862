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

typedef struct requests_mutex mutex_t;

BUILD_ASSERT(sizeof(struct k_mutex) <= sizeof(mutex_t),
	     "a k_mutex of this configuration needs more room in zephyr/tls/threading_alt.h");
BUILD_ASSERT(__alignof__(struct k_mutex) <= __alignof__(mutex_t));

/* 0, or the error that mbedTLS wants. */
static int result_of(int ret)
{
	return ret == 0 ? 0 : MBEDTLS_ERR_THREADING_MUTEX_ERROR;
}

static void mutex_free(mutex_t *mutex)
{
	ARG_UNUSED(mutex);
}

static int mutex_lock(mutex_t *mutex)
{
	return result_of(k_mutex_lock((struct k_mutex *)mutex, K_FOREVER));
}

static int mutex_unlock(mutex_t *mutex)
{
	return result_of(k_mutex_unlock((struct k_mutex *)mutex));
}

#if MBEDTLS_VERSION_MAJOR < 4

static void mutex_init(mutex_t *mutex)
{
	(void)k_mutex_init((struct k_mutex *)mutex);
}

static int set_up_locks(void)
{
	mbedtls_threading_set_alt(mutex_init, mutex_free, mutex_lock, mutex_unlock);

	return 0;
}

#else

typedef mbedtls_platform_condition_variable_t condition_t;

BUILD_ASSERT(sizeof(struct k_condvar) <= sizeof(condition_t),
	     "a k_condvar of this configuration needs more room in zephyr/tls/threading_alt.h");
BUILD_ASSERT(__alignof__(struct k_condvar) <= __alignof__(condition_t));

static int mutex_init(mutex_t *mutex)
{
	return result_of(k_mutex_init((struct k_mutex *)mutex));
}

static int condition_init(condition_t *condition)
{
	return result_of(k_condvar_init((struct k_condvar *)condition));
}

static void condition_free(condition_t *condition)
{
	ARG_UNUSED(condition);
}

static int condition_signal(condition_t *condition)
{
	return result_of(k_condvar_signal((struct k_condvar *)condition));
}

static int condition_broadcast(condition_t *condition)
{
	/* Returns how many threads it has woken. */
	(void)k_condvar_broadcast((struct k_condvar *)condition);

	return 0;
}

static int condition_wait(condition_t *condition, mutex_t *mutex)
{
	return result_of(k_condvar_wait((struct k_condvar *)condition, (struct k_mutex *)mutex,
					K_FOREVER));
}

static int set_up_locks(void)
{
	mbedtls_threading_set_alt(mutex_init, mutex_free, mutex_lock, mutex_unlock, condition_init,
				  condition_free, condition_signal, condition_broadcast,
				  condition_wait);

	return 0;
}

#endif

SYS_INIT(set_up_locks, PRE_KERNEL_2, 0);

#endif
