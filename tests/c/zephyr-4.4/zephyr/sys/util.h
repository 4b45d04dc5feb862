/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_UTIL_H
#define TEST_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_ASSERT(condition, ...) _Static_assert(condition, "" __VA_ARGS__)
#define ARG_UNUSED(argument)         ((void)(argument))
#define CODE_UNREACHABLE             __builtin_unreachable()
#define __weak                       __attribute__((weak))

#define BIT(n)                 (1UL << (n))
#define MIN(a, b)              ((a) < (b) ? (a) : (b))
#define CLAMP(value, low, top) ((value) <= (low) ? (low) : MIN(value, top))
#define ARRAY_SIZE(array)      (sizeof(array) / sizeof((array)[0]))

#define ARRAY_FOR_EACH(array, index) for (size_t index = 0; index < ARRAY_SIZE(array); index++)

/* 1 for a macro that is defined as 1, otherwise 0. */
#define TEST_COMMA_1                  ignored,
#define TEST_SECOND(first, second, ...) second
#define TEST_CHOOSE(comma)            TEST_SECOND(comma 1, 0, 0)
#define TEST_PASTE(value)             TEST_CHOOSE(TEST_COMMA_##value)
#define IS_ENABLED(option)            TEST_PASTE(option)

#endif
