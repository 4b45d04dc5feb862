/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CLOCK_H
#define TEST_CLOCK_H

#include <time.h>

#define SYS_CLOCK_REALTIME 1

int sys_clock_gettime(int clock, struct timespec *now);

#endif
