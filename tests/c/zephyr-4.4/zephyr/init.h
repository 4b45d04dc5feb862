/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_INIT_H
#define TEST_INIT_H

#define SYS_INIT(function, level, priority) int (*const test_init_##function)(void) = function

#endif
