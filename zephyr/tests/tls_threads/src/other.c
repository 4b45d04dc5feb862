/* SPDX-License-Identifier: Apache-2.0 */

/* A thread that uses mbedTLS as Wi-Fi or MQTT do, independently of the client. Its priority is higher than
 * that of the client's thread, so that it interrupts the client anywhere.
 */

#include <string.h>

#include <zephyr/kernel.h>

#include <mbedtls/platform.h>
#include <mbedtls/threading.h>
#include <psa/crypto.h>

#define STACK_SIZE 8192
#define BLOCKS     6

static K_THREAD_STACK_DEFINE(stack, STACK_SIZE);
static struct k_thread thread;
static atomic_t rounds;
static atomic_t faults;

/* Blocks of the heap keep their content. */
static bool use_heap(uint8_t seed)
{
	uint8_t *blocks[BLOCKS];
	bool is_good = true;

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = mbedtls_calloc(1, 32 + 40 * i);
		if (blocks[i] != NULL) {
			memset(blocks[i], seed + i, 32 + 40 * i);
		}
		k_sleep(K_TICKS(1));
	}

	for (size_t i = 0; i < BLOCKS; i++) {
		for (size_t j = 0; blocks[i] != NULL && j < 32 + 40 * i; j++) {
			is_good &= blocks[i][j] == (uint8_t)(seed + i);
		}
		mbedtls_free(blocks[i]);
	}

	return is_good;
}

/* A key of PSA keeps its content too. */
static bool use_keys(uint8_t seed)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_key_id_t id;
	uint8_t key[32];
	uint8_t exported[sizeof(key)];
	size_t size;

	memset(key, seed, sizeof(key));
	psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
	if (psa_import_key(&attributes, key, sizeof(key), &id) != PSA_SUCCESS) {
		return false;
	}
	k_sleep(K_TICKS(1));

	return psa_export_key(id, exported, sizeof(exported), &size) == PSA_SUCCESS &&
	       size == sizeof(key) && memcmp(exported, key, size) == 0 &&
	       psa_destroy_key(id) == PSA_SUCCESS;
}

static void use_mbedtls(void *unused1, void *unused2, void *unused3)
{
	for (uint8_t seed = 0;; seed++) {
		/* This is more than the heap has: the failure must count for this thread only. */
		if (mbedtls_calloc(1, 1000000) != NULL || !use_heap(seed) || !use_keys(seed)) {
			atomic_inc(&faults);
		}
		atomic_inc(&rounds);
	}
}

void start_other(void)
{
	(void)k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), use_mbedtls, NULL, NULL,
			      NULL, K_PRIO_COOP(1), 0, K_NO_WAIT);
}

int32_t rounds_of_other(void)
{
	return atomic_clear(&rounds);
}

int32_t faults_of_other(void)
{
	return atomic_get(&faults);
}

static mbedtls_threading_mutex_t mutex;
static atomic_t inside;

static void hold_mutex(void *unused1, void *unused2, void *unused3)
{
	if (mbedtls_mutex_lock(&mutex) == 0) {
		atomic_set(&inside, 1);
		k_msleep(200);
		atomic_set(&inside, 0);
		(void)mbedtls_mutex_unlock(&mutex);
	}
}

int32_t mutexes_exclude(void)
{
	bool was_held;
	bool is_held;

	mbedtls_mutex_init(&mutex);
	(void)k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), hold_mutex, NULL, NULL,
			      NULL, K_PRIO_COOP(1), 0, K_NO_WAIT);
	k_msleep(50);
	was_held = atomic_get(&inside) == 1;
	if (mbedtls_mutex_lock(&mutex) != 0) {
		return 0;
	}
	is_held = atomic_get(&inside) == 1;
	(void)mbedtls_mutex_unlock(&mutex);
	(void)k_thread_join(&thread, K_FOREVER);
	mbedtls_mutex_free(&mutex);

	return was_held && !is_held;
}
