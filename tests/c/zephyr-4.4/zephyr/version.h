/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_VERSION_H
#define TEST_VERSION_H

#define ZEPHYR_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define KERNEL_VERSION_NUMBER   ZEPHYR_VERSION(4, 4, 0)

#endif
