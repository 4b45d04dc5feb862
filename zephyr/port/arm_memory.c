/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* On ARM, rustc calls functions of the run-time ABI to copy and fill memory (RTABI32, section 4.3.4).
 * Zephyr's minimal C library does not have them, and those of Rust bring a memcpy() and a memmove()
 * of their own. These use the functions of the C library.
 */

#include <string.h>

/* No header declares these functions: only compilers call them. The suffixes promise alignment. A C
 * library may have its own.
 */
#define WEAK              __attribute__((weak))
#define SAME_AS(function) __attribute__((weak, alias(#function)))

WEAK void __aeabi_memcpy(void *to, const void *from, size_t len)
{
	(void)memcpy(to, from, len);
}

void __aeabi_memcpy4(void *to, const void *from, size_t len) SAME_AS(__aeabi_memcpy);
void __aeabi_memcpy8(void *to, const void *from, size_t len) SAME_AS(__aeabi_memcpy);

WEAK void __aeabi_memmove(void *to, const void *from, size_t len)
{
	(void)memmove(to, from, len);
}

void __aeabi_memmove4(void *to, const void *from, size_t len) SAME_AS(__aeabi_memmove);
void __aeabi_memmove8(void *to, const void *from, size_t len) SAME_AS(__aeabi_memmove);

WEAK void __aeabi_memset(void *to, size_t len, int byte)
{
	(void)memset(to, byte, len);
}

void __aeabi_memset4(void *to, size_t len, int byte) SAME_AS(__aeabi_memset);
void __aeabi_memset8(void *to, size_t len, int byte) SAME_AS(__aeabi_memset);

WEAK void __aeabi_memclr(void *to, size_t len)
{
	(void)memset(to, 0, len);
}

void __aeabi_memclr4(void *to, size_t len) SAME_AS(__aeabi_memclr);
void __aeabi_memclr8(void *to, size_t len) SAME_AS(__aeabi_memclr);
