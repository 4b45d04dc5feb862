/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Tests the port layer against well-behaved and badly behaved peers: pytest/peers.py. */

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>
#include <zephyr/ztest.h>

#include "names.h"
#include "requests_port.h"

/* The peers, by their offset from CONFIG_TEST_PORT. */
enum peer {
	/* Sends back what it receives. */
	PEER_ECHO,
	/* Accepts the connection, but neither reads nor writes. */
	PEER_DEAF,
	/* Resets the connection after 100 ms. */
	PEER_RESET,
	/* Ends the stream at once. */
	PEER_END,
	/* Neither accepts nor refuses connections. */
	PEER_HOLE,
	/* There is no peer. */
	PEER_NONE,
};

/* How late a call may return: the clock of a simulated board can be slow. */
#define SLACK_MS 500

#define WITHIN_OF(ms, token_)                                                                      \
	(&(struct requests_port_wait){.timeout_ms = (ms), .token = (token_)})
#define WITHIN(ms) WITHIN_OF(ms, REQUESTS_PORT_NO_TOKEN)

static struct requests_port_address address_of(enum peer peer)
{
	struct requests_port_address address = {
		.family = 4,
		.port = CONFIG_TEST_PORT + peer,
	};

	zassert_ok(net_addr_pton(NET_AF_INET, CONFIG_TEST_HOST, address.ip));

	return address;
}

static int32_t connect_to(enum peer peer)
{
	struct requests_port_address address = address_of(peer);
	int32_t sock = requests_port_connect(&address, WITHIN(3000));

	zassert_true(sock >= 0, "connect: %d", sock);

	return sock;
}

static int kind_of(int32_t result)
{
	return result < 0 ? -result >> 16 : 0;
}

#define assert_kind(kind, result)                                                                  \
	do {                                                                                       \
		int32_t result_ = (result);                                                        \
		zassert_equal(kind, kind_of(result_), "kind %d, code %d", kind_of(result_),        \
			      (int16_t)-result_);                                                  \
	} while (0)

#define assert_takes(ms, expression)                                                               \
	do {                                                                                       \
		int64_t start_ = requests_port_uptime_ms();                                        \
		expression;                                                                        \
		zassert_between_inclusive(requests_port_uptime_ms() - start_, ms, ms + SLACK_MS);  \
	} while (0)

ZTEST(requests_port, test_echo)
{
	static const uint8_t sent[] = "hello";
	uint8_t received[16];
	int32_t sock = connect_to(PEER_ECHO);

	zassert_equal(requests_port_send(sock, sent, sizeof(sent), WITHIN(1000)), sizeof(sent));
	zassert_equal(requests_port_receive(sock, received, sizeof(received), WITHIN(1000)),
		      sizeof(sent));
	zassert_mem_equal(received, sent, sizeof(sent));
	requests_port_close(sock);
}

ZTEST(requests_port, test_refused)
{
	struct requests_port_address address = address_of(PEER_NONE);

	assert_takes(0, assert_kind(REQUESTS_PORT_REFUSED,
				    requests_port_connect(&address, WITHIN(3000))));
}

ZTEST(requests_port, test_connect_times_out)
{
	struct requests_port_address address = address_of(PEER_HOLE);

	assert_takes(700, assert_kind(REQUESTS_PORT_TIMED_OUT,
				      requests_port_connect(&address, WITHIN(700))));
}

ZTEST(requests_port, test_family_that_is_not_compiled_in)
{
	struct requests_port_address address = address_of(PEER_ECHO);

	address.family = 6;
	assert_kind(REQUESTS_PORT_UNSUPPORTED, requests_port_connect(&address, WITHIN(3000)));
}

ZTEST(requests_port, test_receive_times_out)
{
	uint8_t byte;
	int32_t sock = connect_to(PEER_ECHO);

	assert_takes(700, assert_kind(REQUESTS_PORT_TIMED_OUT,
				      requests_port_receive(sock, &byte, 1, WITHIN(700))));
	/* With 0 it tries once, with less not at all. */
	assert_takes(0, assert_kind(REQUESTS_PORT_TIMED_OUT,
				    requests_port_receive(sock, &byte, 1, WITHIN(0))));
	assert_takes(0, assert_kind(REQUESTS_PORT_TIMED_OUT,
				    requests_port_receive(sock, &byte, 1, WITHIN(-1))));
	requests_port_close(sock);
}

/* Buffers on the path may grow while they fill, and accept bytes after they looked full. */
static int32_t send_until_error(int32_t sock, const struct requests_port_wait *wait)
{
	static const uint8_t bytes[1024];
	int32_t ret;

	do {
		ret = requests_port_send(sock, bytes, sizeof(bytes), wait);
	} while (ret > 0);

	return ret;
}

ZTEST(requests_port, test_send_times_out)
{
	static const uint8_t bytes[1024];
	int32_t sock = connect_to(PEER_DEAF);
	int64_t start;
	int32_t ret;

	zassert_ok(requests_port_wait_ready(sock, WITHIN(1000)));
	do {
		start = requests_port_uptime_ms();
		ret = requests_port_send(sock, bytes, sizeof(bytes), WITHIN(700));
	} while (ret > 0);
	assert_kind(REQUESTS_PORT_TIMED_OUT, ret);
	zassert_between_inclusive(requests_port_uptime_ms() - start, 700, 700 + SLACK_MS);

	assert_takes(300, assert_kind(REQUESTS_PORT_TIMED_OUT,
				      requests_port_wait_ready(sock, WITHIN(300))));
	/* With 0 it tries once, with less not at all. */
	assert_takes(0, assert_kind(REQUESTS_PORT_TIMED_OUT, send_until_error(sock, WITHIN(0))));
	assert_takes(0, assert_kind(REQUESTS_PORT_TIMED_OUT, send_until_error(sock, WITHIN(-1))));
	requests_port_close(sock);
}

ZTEST(requests_port, test_reset_is_not_the_end)
{
	uint8_t byte;
	int32_t sock = connect_to(PEER_RESET);

	assert_kind(REQUESTS_PORT_RESET, requests_port_receive(sock, &byte, 1, WITHIN(3000)));
	zassert_true(requests_port_send(sock, &byte, 1, WITHIN(3000)) < 0);
	requests_port_close(sock);
}

ZTEST(requests_port, test_end)
{
	uint8_t byte;
	int32_t sock = connect_to(PEER_END);

	zassert_equal(requests_port_receive(sock, &byte, 1, WITHIN(3000)), 0);
	zassert_equal(requests_port_receive(sock, &byte, 1, WITHIN(3000)), 0);
	requests_port_close(sock);
}

/* poll() reports the end of a connection, although calls on it return only EAGAIN. */
static bool poll_sees_the_end;
static int poll_count;

int __real_z_impl_zvfs_poll(struct zsock_pollfd *fds, int count, int timeout);
int __wrap_z_impl_zvfs_poll(struct zsock_pollfd *fds, int count, int timeout);

int __wrap_z_impl_zvfs_poll(struct zsock_pollfd *fds, int count, int timeout)
{
	if (!poll_sees_the_end) {
		return __real_z_impl_zvfs_poll(fds, count, timeout);
	}

	poll_count++;
	fds[0].revents = ZSOCK_POLLHUP;

	return 1;
}

ZTEST(requests_port, test_waiting_for_a_connection_that_hangs_is_no_spinning)
{
	int32_t sock = connect_to(PEER_DEAF);
	int64_t end;

	assert_kind(REQUESTS_PORT_TIMED_OUT, send_until_error(sock, WITHIN(700)));
	poll_sees_the_end = true;
	assert_takes(700,
		     assert_kind(REQUESTS_PORT_TIMED_OUT, send_until_error(sock, WITHIN(700))));
	zassert_between_inclusive(poll_count, 2, 100);

	/* The same holds for a caller that makes the calls itself without waiting. */
	poll_count = 0;
	end = requests_port_uptime_ms() + 500;
	while (requests_port_uptime_ms() < end) {
		(void)requests_port_wait_ready(sock, WITHIN(500));
		assert_kind(REQUESTS_PORT_TIMED_OUT, send_until_error(sock, WITHIN(0)));
	}
	zassert_between_inclusive(poll_count, 2, 100);

	poll_sees_the_end = false;
	requests_port_close(sock);
}

/* An upload asks for room before each piece. If there is room, that takes no time. */
ZTEST(requests_port, test_waiting_for_room_in_a_secure_socket_does_not_rest)
{
#if defined(CONFIG_REQUESTS_TLS_SOCKETS)
	/* The mark of the port layer in the handle of a secure socket. poll() treats both kinds of handles
	 * alike. */
	const int32_t secure = BIT(30);
	int32_t sock = connect_to(PEER_ECHO);
	int64_t start = requests_port_uptime_ms();

	for (int i = 0; i < 100; i++) {
		zassert_equal(requests_port_wait_ready(sock | secure, WITHIN(5000)), 0);
	}
	zassert_true(requests_port_uptime_ms() - start < 500);
	requests_port_close(sock);
#endif
}

ZTEST(requests_port, test_no_socket_is_leaked)
{
	struct requests_port_address none = address_of(PEER_NONE);

	for (int i = 0; i < 20; i++) {
		assert_kind(REQUESTS_PORT_REFUSED, requests_port_connect(&none, WITHIN(3000)));
		/* This side closes first, so the stack keeps the connection in TIME_WAIT, and the next one
		 * waits for a context. */
		requests_port_close(connect_to(PEER_ECHO));
	}
}

ZTEST(requests_port, test_names)
{
	struct requests_port_address found[3];

	/* An address is its own result. */
	zassert_equal(requests_port_resolve("192.0.2.7", 80, found, 3, WITHIN(1000)), 1);
	zassert_equal(found[0].family, 4);
	zassert_equal(found[0].port, 80);
	zassert_mem_equal(found[0].ip, ((uint8_t[]){192, 0, 2, 7}), 4);
	assert_kind(REQUESTS_PORT_NOT_FOUND,
		    requests_port_resolve("::1", 80, found, 3, WITHIN(1000)));

	assert_kind(REQUESTS_PORT_NOT_FOUND,
		    requests_port_resolve("nowhere.invalid", 80, found, 3, WITHIN(3000)));
}

#if defined(CONFIG_DNS_RESOLVER)
ZTEST(requests_port, test_names_of_a_server)
{
	struct requests_port_address found[3];

	zassert_equal(requests_port_resolve("two.test", 8080, found, 3, WITHIN(3000)), 2);
	zassert_mem_equal(found[0].ip, ((uint8_t[]){192, 0, 2, 1}), 4);
	zassert_mem_equal(found[1].ip, ((uint8_t[]){192, 0, 2, 2}), 4);
	zassert_equal(found[1].port, 8080);

	/* More addresses than fit. */
	zassert_equal(requests_port_resolve("two.test", 8080, found, 1, WITHIN(3000)), 1);

	assert_kind(REQUESTS_PORT_OTHER,
		    requests_port_resolve("alias.test", 80, found, 3, WITHIN(3000)));
}

ZTEST(requests_port, test_lost_query_is_repeated)
{
	struct requests_port_address found[3];

	zassert_equal(requests_port_resolve("lost-once.test", 80, found, 3, WITHIN(5000)), 2);
}

ZTEST(requests_port, test_name_server_that_cannot_answer)
{
	struct requests_port_address found[3];
	int32_t ret;

	/* This does not mean that the name does not exist. */
	for (int i = 0; i < 2; i++) {
		ret = requests_port_resolve(i == 0 ? "servfail.test" : "notimp.test", 80, found, 3,
					    WITHIN(5000));
		assert_kind(REQUESTS_PORT_OTHER, ret);
		zassert_equal((int16_t)-ret, DNS_EAI_AGAIN);
	}

	/* The server is asked again. */
	zassert_equal(requests_port_resolve("servfail-once.test", 80, found, 3, WITHIN(5000)), 2);
	zassert_equal(requests_port_resolve("refused-once.test", 80, found, 3, WITHIN(5000)), 2);

	/* The resolver drops such an answer. */
	assert_kind(REQUESTS_PORT_TIMED_OUT,
		    requests_port_resolve("refused.test", 80, found, 3, WITHIN(1500)));

	/* These are answers. */
	assert_kind(REQUESTS_PORT_NOT_FOUND,
		    requests_port_resolve("nowhere.test", 80, found, 3, WITHIN(5000)));
	assert_kind(REQUESTS_PORT_NOT_FOUND,
		    requests_port_resolve("no-address.test", 80, found, 3, WITHIN(5000)));
}

ZTEST(requests_port, test_silent_name_server)
{
	struct requests_port_address found[3];

	assert_takes(700,
		     assert_kind(REQUESTS_PORT_TIMED_OUT,
				 requests_port_resolve("Silent.test", 80, found, 3, WITHIN(700))));
	assert_takes(0, assert_kind(REQUESTS_PORT_TIMED_OUT,
				    requests_port_resolve("silent.test", 80, found, 3, WITHIN(0))));

	/* Queries that are given up leave the resolver usable. */
	for (int i = 0; i < 5; i++) {
		assert_kind(REQUESTS_PORT_TIMED_OUT,
			    requests_port_resolve("silent.test", 80, found, 3, WITHIN(20)));
	}
	zassert_equal(requests_port_resolve("two.test", 80, found, 3, WITHIN(3000)), 2);
}
#endif /* CONFIG_DNS_RESOLVER */

ZTEST(requests_port, test_sleep)
{
	assert_takes(300, zassert_ok(requests_port_sleep(WITHIN(300))));
	assert_takes(0, zassert_ok(requests_port_sleep(WITHIN(-1))));
}

#if defined(CONFIG_REQUESTS_CANCEL)
/* How long a call waits before the token is cancelled. */
#define CANCEL_AFTER_MS 200

/* In an interrupt. */
static void cancel_token(struct k_timer *timer)
{
	requests_port_token_cancel(*(int32_t *)k_timer_user_data_get(timer));
}

static K_TIMER_DEFINE(canceller, cancel_token, NULL);

/* The expression waits with the token. It must end when the token is cancelled, and also when it starts after
 * that.
 */
#define assert_cancelled(token, expression)                                                        \
	do {                                                                                       \
		requests_port_token_reset(token);                                                  \
		k_timer_user_data_set(&canceller, &token);                                         \
		k_timer_start(&canceller, K_MSEC(CANCEL_AFTER_MS), K_NO_WAIT);                     \
		assert_takes(CANCEL_AFTER_MS - 50,                                                 \
			     assert_kind(REQUESTS_PORT_INTERRUPTED, expression));                  \
		assert_takes(0, assert_kind(REQUESTS_PORT_INTERRUPTED, expression));               \
	} while (0)

ZTEST(requests_port, test_tokens)
{
	int32_t tokens[CONFIG_REQUESTS_CANCEL_TOKENS];

	for (int i = 0; i < 20; i++) {
		ARRAY_FOR_EACH(tokens, j) {
			tokens[j] = requests_port_token_open();
			zassert_true(tokens[j] >= 0, "open: %d", tokens[j]);
			zassert_equal(requests_port_token_is_cancelled(tokens[j]), 0);
		}
		assert_kind(REQUESTS_PORT_OUT_OF_MEMORY, requests_port_token_open());

		requests_port_token_cancel(tokens[0]);
		requests_port_token_cancel(tokens[0]);
		zassert_equal(requests_port_token_is_cancelled(tokens[0]), 1);
		zassert_equal(requests_port_token_is_cancelled(tokens[1]), 0);
		requests_port_token_reset(tokens[0]);
		zassert_equal(requests_port_token_is_cancelled(tokens[0]), 0);
		requests_port_token_cancel(tokens[0]);

		ARRAY_FOR_EACH(tokens, j) {
			requests_port_token_close(tokens[j]);
		}
	}
}

ZTEST(requests_port, test_cancel)
{
	uint8_t bytes[1] = {0};
	struct requests_port_address hole = address_of(PEER_HOLE);
	int32_t token = requests_port_token_open();
	int32_t sock;

	zassert_true(token >= 0);
	assert_cancelled(token, requests_port_sleep(WITHIN_OF(5000, token)));
	assert_cancelled(token, requests_port_connect(&hole, WITHIN_OF(5000, token)));

	sock = connect_to(PEER_ECHO);
	assert_cancelled(token, requests_port_receive(sock, bytes, 1, WITHIN_OF(5000, token)));
	assert_kind(REQUESTS_PORT_INTERRUPTED,
		    requests_port_send(sock, bytes, 1, WITHIN_OF(3000, token)));
	assert_kind(REQUESTS_PORT_INTERRUPTED, requests_port_wait_ready(sock, WITHIN_OF(0, token)));
	/* The connection still works. */
	requests_port_token_reset(token);
	assert_kind(REQUESTS_PORT_TIMED_OUT,
		    requests_port_send(sock, bytes, 1, WITHIN_OF(-1, token)));
	zassert_equal(requests_port_send(sock, bytes, 1, WITHIN_OF(0, token)), 1);
	zassert_equal(requests_port_receive(sock, bytes, 1, WITHIN_OF(3000, token)), 1);
	assert_takes(300,
		     assert_kind(REQUESTS_PORT_TIMED_OUT,
				 requests_port_receive(sock, bytes, 1, WITHIN_OF(300, token))));
	requests_port_close(sock);

	sock = connect_to(PEER_DEAF);
	assert_kind(REQUESTS_PORT_TIMED_OUT, send_until_error(sock, WITHIN_OF(700, token)));
	assert_cancelled(token, send_until_error(sock, WITHIN_OF(5000, token)));
	assert_cancelled(token, requests_port_wait_ready(sock, WITHIN_OF(5000, token)));
	requests_port_close(sock);
	requests_port_token_close(token);
}

#if defined(CONFIG_DNS_RESOLVER)
ZTEST(requests_port, test_cancel_look_up)
{
	struct requests_port_address found[3];
	int32_t token = requests_port_token_open();

	zassert_true(token >= 0);
	assert_cancelled(token, requests_port_resolve("silent.test", 80, found, 3,
						      WITHIN_OF(5000, token)));
	requests_port_token_reset(token);
	zassert_equal(requests_port_resolve("two.test", 80, found, 3, WITHIN_OF(3000, token)), 2);
	requests_port_token_close(token);
}
#endif /* CONFIG_DNS_RESOLVER */

/* More milliseconds than 32 bits hold: 34 days. */
#define LONG_TIME_MS 3000000000LL

ZTEST(requests_port, test_long_waits)
{
	struct requests_port_address hole = address_of(PEER_HOLE);
	int32_t token = requests_port_token_open();
	int32_t sock = connect_to(PEER_ECHO);
	int64_t long_times[] = {LONG_TIME_MS, 2 * LONG_TIME_MS, INT64_MAX};
	uint8_t byte;

	zassert_true(token >= 0);
	ARRAY_FOR_EACH(long_times, i) {
		int64_t ms = long_times[i];

		assert_cancelled(token, requests_port_sleep(WITHIN_OF(ms, token)));
		assert_cancelled(token,
				 requests_port_receive(sock, &byte, 1, WITHIN_OF(ms, token)));
	}
	assert_cancelled(token, requests_port_connect(&hole, WITHIN_OF(LONG_TIME_MS, token)));
	requests_port_close(sock);
	requests_port_token_close(token);
}

/* The next time that the signal of a token is raised, the token is reset just before. */
static int32_t reset_before_raise = -1;

int __real_z_impl_k_poll_signal_raise(struct k_poll_signal *signal, int result);
int __wrap_z_impl_k_poll_signal_raise(struct k_poll_signal *signal, int result);

int __wrap_z_impl_k_poll_signal_raise(struct k_poll_signal *signal, int result)
{
	if (reset_before_raise >= 0 && !k_is_in_isr()) {
		requests_port_token_reset(reset_before_raise);
		reset_before_raise = -1;
	}

	return __real_z_impl_k_poll_signal_raise(signal, result);
}

/* A wait that is being woken wakes the next one too late. */
ZTEST(requests_port, test_a_reset_token_stays_reset)
{
	int32_t token = requests_port_token_open();
	int32_t sock = connect_to(PEER_ECHO);
	uint8_t byte;

	zassert_true(token >= 0);
	k_timer_user_data_set(&canceller, &token);
	k_timer_start(&canceller, K_MSEC(CANCEL_AFTER_MS), K_NO_WAIT);
	reset_before_raise = token;
	assert_kind(REQUESTS_PORT_INTERRUPTED,
		    requests_port_receive(sock, &byte, 1, WITHIN_OF(5000, token)));
	zassert_equal(reset_before_raise, -1);

	zassert_equal(requests_port_token_is_cancelled(token), 0);
	assert_takes(300,
		     assert_kind(REQUESTS_PORT_TIMED_OUT,
				 requests_port_receive(sock, &byte, 1, WITHIN_OF(300, token))));
	assert_takes(300, zassert_ok(requests_port_sleep(WITHIN_OF(300, token))));
	assert_cancelled(token, requests_port_receive(sock, &byte, 1, WITHIN_OF(5000, token)));
	requests_port_close(sock);
	requests_port_token_close(token);
}

static void receive_until_cancelled(void *sock, void *token, void *result)
{
	uint8_t byte;

	*(int32_t *)result = requests_port_receive(*(int32_t *)sock, &byte, 1,
						   WITHIN_OF(5000, *(int32_t *)token));
}

static K_THREAD_STACK_DEFINE(stack, 2048 + CONFIG_TEST_EXTRA_STACK_SIZE);
static struct k_thread receiver;

ZTEST(requests_port, test_cancel_ends_all_that_share_the_token)
{
	static int32_t token;
	static int32_t socks[2];
	static int32_t result;
	uint8_t byte;

	token = requests_port_token_open();
	zassert_true(token >= 0);
	ARRAY_FOR_EACH(socks, i) {
		socks[i] = connect_to(PEER_ECHO);
	}
	(void)k_thread_create(&receiver, stack, K_THREAD_STACK_SIZEOF(stack),
			      receive_until_cancelled, &socks[0], &token, &result,
			      K_PRIO_PREEMPT(5), 0, K_NO_WAIT);
	assert_cancelled(token, requests_port_receive(socks[1], &byte, 1, WITHIN_OF(5000, token)));
	zassert_ok(k_thread_join(&receiver, K_MSEC(SLACK_MS)));
	assert_kind(REQUESTS_PORT_INTERRUPTED, result);
	ARRAY_FOR_EACH(socks, i) {
		requests_port_close(socks[i]);
	}
	requests_port_token_close(token);
}
#else
ZTEST(requests_port, test_no_tokens)
{
	assert_kind(REQUESTS_PORT_UNSUPPORTED, requests_port_token_open());
}
#endif /* CONFIG_REQUESTS_CANCEL */

ZTEST(requests_port, test_clock_and_random_bytes)
{
	uint8_t bytes[16] = {0};
	int64_t before = requests_port_uptime_ms();

	k_msleep(50);
	zassert_between_inclusive(requests_port_uptime_ms() - before, 50, 50 + SLACK_MS);

	zassert_ok(requests_port_random(bytes, sizeof(bytes)));
	zassert_true(memcmp(bytes, (uint8_t[sizeof(bytes)]){0}, sizeof(bytes)) != 0);
}

/* The last line that pytest/test_port.py waits for: of those that follow, it may miss some, because
 * a simulated board ends with them.
 */
static void report_end(void *fixture)
{
	ARG_UNUSED(fixture);

	TC_PRINT("end of the test cases\n");
	k_msleep(4 * SLACK_MS);
}

ZTEST_SUITE(requests_port, NULL, NULL, NULL, NULL, report_end);
