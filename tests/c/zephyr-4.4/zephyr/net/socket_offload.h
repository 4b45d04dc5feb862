/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_SOCKET_OFFLOAD_H
#define TEST_SOCKET_OFFLOAD_H

#include <stdbool.h>

bool socket_offload_dns_is_enabled(void);

#endif
