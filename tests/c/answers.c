/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Answers that only a server for this test gives: cut bodies, errors of a stream, statuses to retry. Its URL is the
 * first argument. */

#include "check.h"

static char buf[16384];
static struct requests_response r;
static struct requests_stream stream;
static struct requests_session session;
static char text[256];

static void open_stream(const char *at, size_t size, int status)
{
	CHECK_RESPONSE(requests_stream_open(&stream, "GET", at, NULL, buf, size, &r), &r, status);
}

static int take(void *user, const void *data, size_t len)
{
	(void)user;
	(void)data;
	(void)len;
	return 0;
}

/* The body of /cut ends 90 bytes too early. */
static void check_cut(int ret)
{
	CHECK_INT(ret, REQUESTS_E_TRUNCATED_BODY);
	CHECK_INT(requests_stream_error(&stream, &r), 0);
	CHECK_TEXT(requests_error_phase(&r), "body");
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK(strstr(text, "after 10 bytes") != NULL);
	CHECK_INT(requests_stream_close(&stream), 0);
	CHECK_INT(requests_stream_error(&stream, &r), REQUESTS_E_CLOSED);
}

static void cut_streams(char **argv)
{
	const char *cut = url_of(argv, "/cut");
	const char *line;
	size_t len;
	char piece[64];
	int ret;

	open_stream(cut, sizeof(buf), 200);
	CHECK_INT(requests_stream_error(&stream, &r), 0);
	CHECK_TEXT(requests_error_phase(&r), "");
	requests_error_describe(&r, text, sizeof(text));
	CHECK_TEXT(text, "no error");
	do {
		ret = requests_stream_read(&stream, piece, sizeof(piece));
	} while (ret > 0);
	check_cut(ret);

	open_stream(cut, sizeof(buf), 200);
	check_cut(requests_stream_line(&stream, &line, &len));

	open_stream(cut, sizeof(buf), 200);
	check_cut(requests_stream_each(&stream, take, NULL));

	open_stream(cut, sizeof(buf), 200);
	CHECK_INT(requests_stream_into_response(&stream, &r), REQUESTS_E_TRUNCATED_BODY);
	CHECK_TEXT(requests_error_phase(&r), "body");
	CHECK_INT(requests_stream_close(&stream), REQUESTS_E_CLOSED);
}

static void whole_answers(char **argv)
{
	const char *large = url_of(argv, "/large");
	char piece[100];
	bool fits = false;
	size_t needed = 0;

	open_stream(url_of(argv, "/error"), sizeof(buf), 429);
	CHECK_INT(r.body_len, 0);
	CHECK_INT(requests_stream_into_response(&stream, &r), 0);
	CHECK_INT(r.status, 429);
	CHECK_TEXT(r.reason, "Too Many Requests");
	CHECK_TEXT(r.body, "{\"error\":\"slow\"}");
	CHECK_TEXT(r.url, url_of(argv, "/error"));
	CHECK_INT(requests_json_string(&r, "/error", text, sizeof(text)), 4);
	CHECK_INT(requests_header_copy(&r, "Content-Length", text, sizeof(text)), 2);
	CHECK_INT(requests_stream_into_response(&stream, &r), REQUESTS_E_CLOSED);
	CHECK_INT(r.status, 0);

	/* What was read before is not part of it. */
	open_stream(large, sizeof(buf), 200);
	size_t read = (size_t)requests_stream_read(&stream, piece, sizeof(piece));

	CHECK(read > 0 && read <= sizeof(piece));
	CHECK_INT(requests_stream_into_response(&stream, &r), 0);
	CHECK_INT(r.body_len, 5000 - read);

	/* A buffer that has room for the content and its NUL, and buffers that have not. */
	for (size_t size = 5050; size < 5150; size++) {
		char *exact = malloc(size);

		CHECK_RESPONSE(requests_stream_open(&stream, "GET", large, NULL, exact, size, &r), &r, 200);
		int ret = requests_stream_into_response(&stream, &r);

		CHECK_INT(ret, fits || ret == 0 ? 0 : REQUESTS_E_BUFFER_TOO_SMALL);
		CHECK(ret == 0 || r.needed > size);
		/* The first error says how large the buffer must be. */
		needed = needed == 0 ? r.needed : needed;
		CHECK_INT(ret == 0 ? size >= needed : r.needed == needed, 1);
		fits = ret == 0;
		if (fits) {
			CHECK_INT(r.body_len, 5000);
			CHECK_INT(strlen(r.body), 5000);
			CHECK_TEXT(r.url, url_of(argv, "/large"));
		}
		free(exact);
	}
	CHECK(fits);

	/* So does a request for all of it, whose buffer holds little more than the head. */
	char *small = malloc(200);

	CHECK_INT(requests_get(large, NULL, small, 200, &r), REQUESTS_E_BUFFER_TOO_SMALL);
	free(small);
	needed = r.needed;
	small = malloc(needed);
	CHECK_RESPONSE(requests_get(large, NULL, small, needed, &r), &r, 200);
	CHECK_INT(strlen(r.body), 5000);
	free(small);

	/* A session is free again behind it. */
	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_RESPONSE(requests_session_stream_open(&session, &stream, "GET", url_of(argv, "/error"), NULL, buf,
						    sizeof(buf), &r), &r, 429);
	CHECK_INT(requests_session_close(&session), REQUESTS_E_BUSY);
	CHECK_INT(requests_stream_into_response(&stream, &r), 0);
	CHECK_TEXT(r.body, "{\"error\":\"slow\"}");
	CHECK_RESPONSE(requests_session_get(&session, large, NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_session_close(&session), 0);

	/* Arguments. */
	CHECK_INT(requests_stream_into_response(NULL, &r), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_into_response(&stream, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_error(NULL, &r), REQUESTS_E_NULL);
	open_stream(large, sizeof(buf), 200);
	CHECK_INT(requests_stream_error(&stream, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_error(&stream, (void *)((char *)&r + 1)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_stream_error(&stream, (void *)buf), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_stream_into_response(&stream, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_into_response(&stream, (void *)((char *)&r + 1)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_stream_into_response(&stream, (void *)buf), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_stream_line(&stream, (void *)buf, &read), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_stream_read(&stream, &stream, sizeof(stream)), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_stream_close(&stream), 0);
}

static int give(void *user, void *to, size_t len)
{
	int *left = user;

	CHECK(len > 0);
	*(char *)to = 'y';
	return (*left)-- > 0 ? 1 : 0;
}

static void chunks(char **argv)
{
	const char *echo = url_of(argv, "/echo");
	struct requests_options options = {.data = {"xxx", 3}, .chunked = true};
	int left = 3;

	CHECK_RESPONSE(requests_post(echo, &options, buf, sizeof(buf), &r), &r, 200);
	CHECK(strstr(r.body, "Transfer-Encoding: chunked\r\n") != NULL);
	CHECK(strstr(r.body, "3\r\nxxx\r\n0\r\n\r\n") != NULL);
	/* A callback whose length is not known. */
	options = (struct requests_options){.body = {give, &left, 0}};
	CHECK_RESPONSE(requests_post(echo, &options, buf, sizeof(buf), &r), &r, 200);
	CHECK(strstr(r.body, "Transfer-Encoding: chunked\r\n") != NULL);
	CHECK(strstr(r.body, "0\r\n\r\n") != NULL && strchr(r.body, 'y') != NULL);
	/* A header is taken out. */
	options = (struct requests_options){.headers = REQUESTS_FIELDS({"User-Agent", NULL})};
	CHECK_RESPONSE(requests_get(echo, &options, buf, sizeof(buf), &r), &r, 200);
	CHECK(strstr(r.body, "User-Agent") == NULL && strstr(r.body, "Host: 127.0.0.1") != NULL);
}

static void retries(char **argv)
{
	struct requests_options options = {.retry = {.attempts = 3, .backoff_ms = 1, .statuses = {500, 418}}};
	const struct requests_session_options of_session = {.retry = options.retry};

	CHECK_RESPONSE(requests_get(url_of(argv, "/flaky/1"), NULL, buf, sizeof(buf), &r), &r, 418);
	CHECK_RESPONSE(requests_get(url_of(argv, "/flaky/2"), &options, buf, sizeof(buf), &r), &r, 200);
	/* The list stands in place of the default one. */
	CHECK_RESPONSE(requests_get(url_of(argv, "/busy/1"), &options, buf, sizeof(buf), &r), &r, 503);
	memset(options.retry.statuses, 0, sizeof(options.retry.statuses));
	CHECK_RESPONSE(requests_get(url_of(argv, "/flaky/3"), &options, buf, sizeof(buf), &r), &r, 418);
	CHECK_RESPONSE(requests_get(url_of(argv, "/busy/2"), &options, buf, sizeof(buf), &r), &r, 200);

	CHECK_INT(requests_session_open(&session, &of_session), 0);
	CHECK_RESPONSE(requests_session_get(&session, url_of(argv, "/flaky/4"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_session_close(&session), 0);
}

int main(int argc, char **argv)
{
	CHECK_INT(argc, 2);
	CHECK_RESPONSE(requests_get(url_of(argv, "/reset"), NULL, buf, sizeof(buf), &r), &r, 200);
	cut_streams(argv);
	whole_answers(argv);
	chunks(argv);
	retries(argv);
	return 0;
}
