/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Failures, time limits, clocks and random bytes. */

#include "clock.h"
#include "internal.h"

#include <errno.h>
#include <stddef.h>

#include <zephyr/random/random.h>

/* The layout that src/sys/zephyr.rs declares. */
BUILD_ASSERT(sizeof(struct requests_port_address) == 24);
BUILD_ASSERT(offsetof(struct requests_port_address, ip) == 1);
BUILD_ASSERT(offsetof(struct requests_port_address, port) == 18);
BUILD_ASSERT(offsetof(struct requests_port_address, scope_id) == 20);
BUILD_ASSERT(sizeof(struct requests_port_wait) == 16);
BUILD_ASSERT(offsetof(struct requests_port_wait, token) == 8);

/* The longest time to wait, in milliseconds: 140 million years, so that the end does not overflow.
 */
#define LONGEST_MS (INT64_MAX / 2)

/* The start of 2025. A clock that shows an earlier time has not been set. */
#define EARLIEST_UNIX_TIME 1735689600

int32_t requests_port_errno(int err)
{
	static const struct {
		uint8_t err;
		uint8_t kind;
	} kinds[] = {
		{ETIMEDOUT, REQUESTS_PORT_TIMED_OUT},
		{ECONNREFUSED, REQUESTS_PORT_REFUSED},
		{ECONNRESET, REQUESTS_PORT_RESET},
		{ECONNABORTED, REQUESTS_PORT_ABORTED},
		{ENOTCONN, REQUESTS_PORT_NOT_CONNECTED},
		{ECANCELED, REQUESTS_PORT_INTERRUPTED},
		{EPIPE, REQUESTS_PORT_BROKEN_PIPE},
		{ESHUTDOWN, REQUESTS_PORT_BROKEN_PIPE},
		{EMFILE, REQUESTS_PORT_OUT_OF_MEMORY},
		{ENFILE, REQUESTS_PORT_OUT_OF_MEMORY},
		{ENOBUFS, REQUESTS_PORT_OUT_OF_MEMORY},
		{ENOMEM, REQUESTS_PORT_OUT_OF_MEMORY},
		{EADDRNOTAVAIL, REQUESTS_PORT_UNREACHABLE},
		{EHOSTUNREACH, REQUESTS_PORT_UNREACHABLE},
		{ENETDOWN, REQUESTS_PORT_UNREACHABLE},
		{ENETUNREACH, REQUESTS_PORT_UNREACHABLE},
		{EACCES, REQUESTS_PORT_PERMISSION},
		{EPERM, REQUESTS_PORT_PERMISSION},
		{EAFNOSUPPORT, REQUESTS_PORT_UNSUPPORTED},
		{ENOSYS, REQUESTS_PORT_UNSUPPORTED},
		{ENOTSUP, REQUESTS_PORT_UNSUPPORTED},
		{EPFNOSUPPORT, REQUESTS_PORT_UNSUPPORTED},
		{EPROTONOSUPPORT, REQUESTS_PORT_UNSUPPORTED},
	};

	ARRAY_FOR_EACH(kinds, i) {
		if (kinds[i].err == err) {
			return failure(kinds[i].kind, err);
		}
	}

	return failure(REQUESTS_PORT_OTHER, err);
}

int32_t requests_port_begin(struct limit *limit, const struct requests_port_wait *wait)
{
	limit->deadline = k_uptime_get() + CLAMP(wait->timeout_ms, 0, LONGEST_MS);
	limit->token = wait->token;
	limit->hung_up = false;

	if (requests_port_cancelled(limit)) {
		return requests_port_errno(ECANCELED);
	}

	return wait->timeout_ms < 0 ? requests_port_errno(ETIMEDOUT) : 0;
}

int32_t requests_port_pause(int32_t ms, const struct limit *limit)
{
	int ret = requests_port_take(NULL, ms, limit);

	return ret == -ECANCELED ? requests_port_errno(ECANCELED) : 0;
}

int32_t requests_port_sleep(const struct requests_port_wait *wait)
{
	struct limit limit;
	int32_t ret = requests_port_begin(&limit, wait);

	if (wait->timeout_ms < 0 && ret != requests_port_errno(ECANCELED)) {
		return 0;
	}

	while (ret == 0 && ms_left(&limit) > 0) {
		ret = requests_port_pause(ms_left(&limit), &limit);
	}

	return ret;
}

int64_t requests_port_uptime_ms(void)
{
	return k_uptime_get();
}

int64_t requests_port_unix_time(void)
{
	struct timespec now;

	if (sys_clock_gettime(SYS_CLOCK_REALTIME, &now) < 0 || now.tv_sec < EARLIEST_UNIX_TIME) {
		return -1;
	}

	return now.tv_sec;
}

int32_t requests_port_random(uint8_t *bytes, size_t len)
{
#if defined(CONFIG_CSPRNG_ENABLED) || defined(CONFIG_PSA_CSPRNG_GENERATOR) ||                      \
	defined(CONFIG_TEST_CSPRNG_GENERATOR)
	int ret = sys_csrand_get(bytes, len);

	return ret < 0 ? requests_port_errno(-ret) : 0;
#else
	ARG_UNUSED(bytes);
	ARG_UNUSED(len);

	return requests_port_errno(ENOSYS);
#endif
}

_Noreturn void requests_port_panic(void)
{
	k_panic();
	CODE_UNREACHABLE;
}
