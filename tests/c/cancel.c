/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Requests that another thread ends. The argument is the URL of a server that answers /ok, sends half of its content
 * at /half, and nothing at all elsewhere.
 */

#define _GNU_SOURCE

#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* How long a request runs before it is cancelled, and how much longer it may take to end, in milliseconds. */
#define HEADSTART 200
#define AT_ONCE   1500

static struct requests_cancel token;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);

	return time.tv_sec * INT64_C(1000) + time.tv_nsec / 1000000;
}

static void *cancel_later(void *unused)
{
	(void)unused;
	usleep(HEADSTART * 1000);
	CHECK_INT(requests_cancel(&token), 0);

	return NULL;
}

/* The time and the thread of a cancellation. */
struct race {
	int64_t start;
	pthread_t thread;
};

static struct race start(void)
{
	struct race race = {.start = now()};

	CHECK_INT(requests_cancel_reset(&token), 0);
	CHECK_INT(pthread_create(&race.thread, NULL, cancel_later, NULL), 0);

	return race;
}

static void finish(const struct race *race)
{
	int64_t took = now() - race->start;

	CHECK_INT(pthread_join(race->thread, NULL), 0);
	CHECK(took >= HEADSTART);
	CHECK(took < HEADSTART + AT_ONCE);
	CHECK_INT(requests_is_cancelled(&token), 1);
}

static char buf[2048];
static struct requests_response r;
static const struct requests_options options = {.cancel = &token};

static void whole_response(char **argv)
{
	const struct race race = start();

	CHECK_INT(requests_get(url_of(argv, "/silent"), &options, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	finish(&race);
	CHECK_TEXT(requests_error_phase(&r), "receive");

	/* Until it is reset, the token ends further requests before they begin. */
	int64_t begin = now();

	CHECK_INT(requests_get(url_of(argv, "/ok"), &options, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	CHECK(now() - begin < AT_ONCE);
	CHECK_INT(requests_cancel_reset(&token), 0);
	CHECK_INT(requests_is_cancelled(&token), 0);
	CHECK_RESPONSE(requests_get(url_of(argv, "/ok"), &options, buf, sizeof(buf), &r), &r, 200);
}

static void half_a_body(char **argv)
{
	const struct race race = start();

	CHECK_INT(requests_get(url_of(argv, "/half"), &options, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	finish(&race);
	CHECK_TEXT(requests_error_phase(&r), "receive");
}

static void in_a_session(char **argv)
{
	static struct requests_session session;
	const struct requests_session_options settings = {.base_url = argv[1], .cancel = &token};

	CHECK_INT(requests_session_open(&session, &settings), 0);
	const struct race race = start();

	CHECK_INT(requests_session_get(&session, "/silent", NULL, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	finish(&race);
	CHECK_INT(requests_cancel_reset(&token), 0);
	CHECK_RESPONSE(requests_session_get(&session, "/ok", NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_session_close(&session), 0);
}

static void in_a_stream(char **argv)
{
	static struct requests_stream stream;
	char piece[64];

	CHECK_INT(requests_cancel_reset(&token), 0);
	CHECK_RESPONSE(requests_stream_open(&stream, "GET", url_of(argv, "/half"), &options, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_INT(requests_stream_read(&stream, piece, sizeof(piece)), 10);
	const struct race race = start();

	CHECK_INT(requests_stream_read(&stream, piece, sizeof(piece)), REQUESTS_E_CANCELLED);
	finish(&race);
	CHECK_INT(requests_stream_error(&stream, &r), 0);
	CHECK_TEXT(requests_error_phase(&r), "receive");
	CHECK_INT(requests_stream_close(&stream), 0);
}

static int count(void *user, uint64_t offset, const void *data, size_t len)
{
	(void)offset;
	(void)data;
	*(size_t *)user += len;

	return 0;
}

/* A download resumes when a connection fails, but not when it is cancelled. */
static void in_a_download(char **argv)
{
	struct requests_downloaded done;
	size_t received = 0;
	const struct requests_download download = {.sink = {.write = count, .user = &received}};
	const struct requests_options patient = {.cancel = &token, .retry.attempts = 5};
	const struct race race = start();

	CHECK_INT(requests_download(url_of(argv, "/half"), &patient, &download, buf, sizeof(buf), &done, &r),
		  REQUESTS_E_CANCELLED);
	finish(&race);
	CHECK_INT(received, 10);
}

/* A wait between two attempts ends, too. Nothing listens at port 9. */
static void between_attempts(void)
{
	const struct requests_options patient = {
		.cancel = &token,
		.retry = {.attempts = 5, .backoff_ms = 20000},
	};
	const struct race race = start();

	CHECK_INT(requests_get("http://127.0.0.1:9/", &patient, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	finish(&race);
}

static char **arguments;

static void *get_silent(void *user)
{
	char own[512], url[256];
	struct requests_response response;

	(void)user;
	snprintf(url, sizeof(url), "%s/silent", arguments[1]);
	CHECK_INT(requests_get(url, &options, own, sizeof(own), &response), REQUESTS_E_CANCELLED);

	return NULL;
}

/* One token ends the requests of several threads. */
static void several_at_once(char **argv)
{
	pthread_t threads[4];

	arguments = argv;
	const struct race race = start();

	for (int i = 0; i < 4; i++) {
		CHECK_INT(pthread_create(&threads[i], NULL, get_silent, NULL), 0);
	}
	for (int i = 0; i < 4; i++) {
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	}
	finish(&race);
}

static void on_alarm(int number)
{
	(void)number;
	requests_cancel(&token);
}

/* On a PC, a signal handler may cancel, even one that interrupts the request itself. */
static void by_a_signal(char **argv)
{
	struct sigaction action = {.sa_handler = on_alarm};
	int64_t begin = now();

	CHECK_INT(requests_cancel_reset(&token), 0);
	CHECK_INT(sigaction(SIGALRM, &action, NULL), 0);
	alarm(1);
	CHECK_INT(requests_get(url_of(argv, "/silent"), &options, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	CHECK(now() - begin < 1000 + AT_ONCE);
}

static void *get_ok(void *user)
{
	char own[512], url[256];
	struct requests_response response;
	int ret;

	(void)user;
	snprintf(url, sizeof(url), "%s/ok", arguments[1]);
	ret = requests_get(url, &options, own, sizeof(own), &response);
	CHECK(ret == 0 || ret == REQUESTS_E_CANCELLED);
	CHECK(ret != 0 || response.status == 200);

	return NULL;
}

/* A token may be cancelled at any moment of a request. */
static void at_any_time(char **argv)
{
	pthread_t threads[3];

	arguments = argv;
	for (int round = 0; round < 50; round++) {
		CHECK_INT(requests_cancel_reset(&token), 0);
		for (int i = 0; i < 3; i++) {
			CHECK_INT(pthread_create(&threads[i], NULL, get_ok, NULL), 0);
		}
		usleep(round * 50);
		CHECK_INT(requests_cancel(&token), 0);
		for (int i = 0; i < 3; i++) {
			CHECK_INT(pthread_join(threads[i], NULL), 0);
		}
	}
}

int main(int argc, char **argv)
{
	CHECK_INT(argc, 2);
	CHECK_INT(requests_cancel_open(&token), 0);
	whole_response(argv);
	half_a_body(argv);
	in_a_session(argv);
	in_a_stream(argv);
	in_a_download(argv);
	between_attempts();
	several_at_once(argv);
	by_a_signal(argv);
	at_any_time(argv);
	CHECK_INT(requests_cancel_close(&token), 0);

	return 0;
}
