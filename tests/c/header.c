/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The header alone, in C and in C++. */

#include <requests/requests.h>
