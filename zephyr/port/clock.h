/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The clock that shows the date. */

#ifndef REQUESTS_CLOCK_H_
#define REQUESTS_CLOCK_H_

#include <zephyr/version.h>

#if KERNEL_VERSION_NUMBER >= ZEPHYR_VERSION(4, 2, 0)
#include <zephyr/sys/clock.h>
#elif defined(CONFIG_POSIX_TIMERS)
/* Older versions only have the clock of POSIX, and only with this option. */
#if defined(CONFIG_ARCH_POSIX)
#include <time.h>
#else
#include <zephyr/posix/time.h>
#endif

#define SYS_CLOCK_REALTIME CLOCK_REALTIME
#define sys_clock_gettime  clock_gettime
#define sys_clock_settime  clock_settime
#else
#include <errno.h>
#include <time.h>

#define SYS_CLOCK_REALTIME 1

static inline int sys_clock_gettime(int clock, struct timespec *now)
{
	(void)clock;
	(void)now;

	return -ENOTSUP;
}

static inline int sys_clock_settime(int clock, const struct timespec *now)
{
	(void)clock;
	(void)now;

	return -ENOTSUP;
}
#endif

#endif /* REQUESTS_CLOCK_H_ */
