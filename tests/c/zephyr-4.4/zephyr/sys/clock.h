/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CLOCK_H
#define TEST_CLOCK_H

#include <time.h>

#define SYS_CLOCK_REALTIME 1

#define MSEC_PER_SEC 1000U
#define NSEC_PER_SEC 1000000000U

int sys_clock_gettime(int clock, struct timespec *now);
int sys_clock_settime(int clock, const struct timespec *now);

#endif
