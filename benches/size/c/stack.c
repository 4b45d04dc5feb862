/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * How much stack a program of benches/size takes: runs it in QEMU's mps2-an385 with a server that answers from memory,
 * and tells how deep the stack was. It is in place of Zephyr and of zephyr/port.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../../zephyr/port/requests_port.h"

#define STACK_SIZE 65536
#define PAINT      0xa5

/* Services of the debugger, which QEMU is here. */
#define SYS_WRITE0 0x04
#define SYS_EXIT   0x18
#define EXITED     0x20026

extern void _start(void);
void measure(void);

static uint8_t stack[STACK_SIZE] __attribute__((aligned(8)));

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
	stack + STACK_SIZE,
	(const void *)measure,
};

static const char answer[] = "HTTP/1.1 200 OK\r\n"
			     "Content-Type: application/json\r\n"
			     "Content-Length: 54\r\n"
			     "\r\n"
			     "{\"url\": \"http://192.0.2.2/get\", \"origin\": \"192.0.2.1\"}";
static size_t answered;

static void call_debugger(uint32_t service, const void *argument)
{
	register uint32_t r0 __asm__("r0") = service;
	register const void *r1 __asm__("r1") = argument;

	__asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print(uint32_t number)
{
	char text[] = "          \n";
	size_t i = 10;

	do {
		text[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	call_debugger(SYS_WRITE0, text + i);
}

/* Everything below this frame is painted; what is no longer paint afterwards was used. */
__attribute__((noinline)) void measure(void)
{
	uint8_t *end = __builtin_frame_address(0);
	uint8_t *volatile below = stack;

	end -= 64;
	for (uint8_t *byte = below; byte < end; byte++) {
		*byte = PAINT;
	}
	_start();
	while (*below == PAINT) {
		below++;
	}
	/* Zero tells that the program did not get its answer. */
	print(answered == sizeof(answer) - 1 ? (uint32_t)(end - below) : 0);
	call_debugger(SYS_EXIT, (const void *)EXITED);
}

int32_t requests_port_resolve(const char *host, uint16_t port, struct requests_port_address *addresses,
			      size_t max, const struct requests_port_wait *wait)
{
	(void)host;
	(void)max;
	(void)wait;
	addresses[0] = (struct requests_port_address){.family = 4, .port = port};
	return 1;
}

int32_t requests_port_connect(const struct requests_port_address *address,
			      const struct requests_port_wait *wait)
{
	(void)address;
	(void)wait;
	return 3;
}

int32_t requests_port_send(int32_t sock, const uint8_t *bytes, size_t len,
			   const struct requests_port_wait *wait)
{
	(void)sock;
	(void)bytes;
	(void)wait;
	answered = 0;
	return (int32_t)len;
}

int32_t requests_port_receive(int32_t sock, uint8_t *buffer, size_t len,
			      const struct requests_port_wait *wait)
{
	size_t count = sizeof(answer) - 1 - answered;

	(void)sock;
	(void)wait;
	if (count > len) {
		count = len;
	}
	memcpy(buffer, answer + answered, count);
	answered += count;
	return (int32_t)count;
}

int32_t requests_port_wait_ready(int32_t sock, const struct requests_port_wait *wait)
{
	(void)sock;
	(void)wait;
	return 0;
}

void requests_port_close(int32_t sock)
{
	(void)sock;
}

int32_t requests_port_sleep(const struct requests_port_wait *wait)
{
	(void)wait;
	return 0;
}

int64_t requests_port_uptime_ms(void)
{
	return 1;
}

int64_t requests_port_unix_time(void)
{
	return -1;
}
