/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_LOG_H
#define TEST_LOG_H

#define LOG_LEVEL_ERR 1
#define LOG_LEVEL_WRN 2
#define LOG_LEVEL_INF 3
#define LOG_LEVEL_DBG 4

void test_log(int level, const char *format, ...);

#define LOG_MODULE_REGISTER(name, level) const int test_log_level_##name = level
#define LOG_ERR(...)                     test_log(LOG_LEVEL_ERR, __VA_ARGS__)
#define LOG_WRN(...)                     test_log(LOG_LEVEL_WRN, __VA_ARGS__)
#define LOG_INF(...)                     test_log(LOG_LEVEL_INF, __VA_ARGS__)
#define LOG_DBG(...)                     test_log(LOG_LEVEL_DBG, __VA_ARGS__)

#endif
