/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * @brief Random numbers for the IP stack of a device without an entropy generator
 *
 * Zephyr's IP stack takes the ports of its connections, the identifiers of its queries and the
 * sequence numbers of TCP from sys_rand_get(), and does not link without it. Zephyr provides that
 * function only with a generator, or with CONFIG_TEST_RANDOM_GENERATOR. The latter also gives the
 * whole application a sys_csrand_get() that can be guessed. Here, sys_csrand_get() stays undefined.
 *
 * The cycle counter at the time of each call is the only source that is not known in advance.
 */

#include <stdint.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/random/random.h>
#include <zephyr/spinlock.h>
#include <zephyr/sys/util.h>

static struct k_spinlock lock;
static uint64_t state;

/* The generator SplitMix64. Each call also adds its time to the state. */
static uint64_t next(void)
{
	uint64_t value;

	state += 0x9e3779b97f4a7c15ULL + k_cycle_get_32();
	value = state;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;

	return value ^ (value >> 31);
}

/* Weak, so that an application may define its own function. */
__weak void z_impl_sys_rand_get(void *dst, size_t len)
{
	uint8_t *bytes = dst;

	while (len > 0) {
		size_t part = MIN(len, sizeof(uint64_t));
		k_spinlock_key_t key = k_spin_lock(&lock);
		uint64_t value = next();

		k_spin_unlock(&lock, key);
		memcpy(bytes, &value, part);
		bytes += part;
		len -= part;
	}
}
