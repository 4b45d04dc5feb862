/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include <stddef.h>

int sys_csrand_get(void *bytes, size_t len);

#endif
