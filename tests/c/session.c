/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Sessions and streams with httpbin, whose URL is the first argument. */

#include "check.h"

static char buf[16384];
static char stream_buf[4096];
static struct requests_response r;
static char text[256];
static struct requests_session session;
static struct requests_cookies cookies;
static struct requests_stream stream;

static void settings(char **argv)
{
	static char auth[64];
	struct requests_session_options options = {
		.base_url = argv[1],
		.headers = REQUESTS_FIELDS({"X-Device", "42"}, {"X-Other", "session"}),
		.params = REQUESTS_FIELDS({"key", "k"}),
		.user = "me",
		.password = "secret",
		.auth_buf = auth,
		.auth_buf_len = sizeof(auth),
		.cookies = &cookies,
		.timeout_ms = 10000,
	};
	const struct requests_options other = {
		.headers = REQUESTS_FIELDS({"X-Other", "request"}),
		.params = REQUESTS_FIELDS({"q", "1"}),
	};

	CHECK_INT(requests_session_open(&session, &options), 0);
	/* The structure itself is not needed any more. */
	memset(&options, 0xff, sizeof(options));
	CHECK_INT(requests_session_open(&session, NULL), REQUESTS_E_OPEN);

	for (int i = 0; i < 2; i++) {
		CHECK_RESPONSE(requests_session_get(&session, "/get", &other, buf, sizeof(buf), &r), &r, 200);
		CHECK_TEXT(r.url, url_of(argv, "/get?key=k&q=1"));
		requests_json_string(&r, "/headers/X-Device", text, sizeof(text));
		CHECK_TEXT(text, "42");
		requests_json_string(&r, "/headers/X-Other", text, sizeof(text));
		CHECK_TEXT(text, "request");
	}
	CHECK(requests_session_connections(&session) >= 0);
	CHECK_RESPONSE(requests_session_get(&session, "/basic-auth/me/secret", NULL, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_INT(requests_session_set_auth(&session, "you", "hidden"), 0);
	CHECK_RESPONSE(requests_session_get(&session, "/basic-auth/you/hidden", NULL, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_INT(requests_session_set_bearer(&session, "token"), 0);
	CHECK_RESPONSE(requests_session_get(&session, "/bearer", NULL, buf, sizeof(buf), &r), &r, 200);

	char *long_token = malloc(100);

	memset(long_token, 'x', 99);
	long_token[99] = 0;
	CHECK_INT(requests_session_set_bearer(&session, long_token), REQUESTS_E_BUFFER_TOO_SMALL);
	free(long_token);

	CHECK_RESPONSE(requests_session_get(&session, "/cookies/set?a=b", NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_session_get(&session, "/cookies", NULL, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/cookies/a", text, sizeof(text));
	CHECK_TEXT(text, "b");
	CHECK_INT(requests_cookies_clear(&cookies), REQUESTS_E_BUSY);
	CHECK_INT(requests_session_disconnect(&session), 0);
	CHECK_INT(requests_session_connections(&session), 0);
	CHECK_INT(requests_session_close(&session), 0);
	CHECK_INT(requests_session_close(&session), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_get(&session, "/get", NULL, buf, sizeof(buf), &r), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cookies_dropped(&cookies), 0);
	CHECK_INT(requests_cookies_clear(&cookies), 0);
}

/* As in Python, json sets a Content-Type only if neither the request nor its session does. */
static void content_type(char **argv)
{
	const struct requests_session_options options = {
		.base_url = argv[1],
		.headers = REQUESTS_FIELDS({"Content-Type", "application/merge-patch+json"}),
	};
	const struct requests_options json = {.json = "{}"};
	const struct requests_options other = {
		.json = "{}", .headers = REQUESTS_FIELDS({"Content-Type", "application/problem+json"})};
	const struct requests_options none = {.json = "{}", .headers = REQUESTS_FIELDS({"Content-Type", NULL})};

	CHECK_INT(requests_session_open(&session, &options), 0);
	CHECK_RESPONSE(requests_session_post(&session, "/anything", &json, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/headers/Content-Type", text, sizeof(text));
	CHECK_TEXT(text, "application/merge-patch+json");
	CHECK_RESPONSE(requests_session_post(&session, "/anything", &other, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/headers/Content-Type", text, sizeof(text));
	CHECK_TEXT(text, "application/problem+json");
	CHECK_RESPONSE(requests_session_post(&session, "/anything", &none, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_json_string(&r, "/headers/Content-Type", text, sizeof(text)), REQUESTS_E_JSON_NOT_FOUND);
	CHECK_INT(requests_session_close(&session), 0);
}

static void methods(char **argv)
{
	const struct requests_options json = {.json = "[1]"};

	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_RESPONSE(requests_session_head(&session, url_of(argv, "/get"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_session_post(&session, url_of(argv, "/post"), &json, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_session_put(&session, url_of(argv, "/put"), &json, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_session_patch(&session, url_of(argv, "/patch"), &json, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_RESPONSE(requests_session_delete(&session, url_of(argv, "/delete"), NULL, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_RESPONSE(requests_session_options(&session, url_of(argv, "/get"), NULL, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_INT(requests_session_set_auth(&session, "a", "b"), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_INT(requests_session_close(&session), 0);
}

/* A body whose callback uses the session that sends it. */
static int meddle(void *user, void *to, size_t len)
{
	char small[64];
	struct requests_response own;

	(void)to;
	(void)len;
	CHECK_INT(requests_session_get(user, "http://127.0.0.1:9/", NULL, small, sizeof(small), &own),
		  REQUESTS_E_BUSY);
	CHECK_INT(requests_session_close(user), REQUESTS_E_BUSY);
	return 0;
}

static void callbacks(char **argv)
{
	const struct requests_options options = {.body = {meddle, &session, 3}};

	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_INT(requests_session_post(&session, url_of(argv, "/post"), &options, buf, sizeof(buf), &r),
		  REQUESTS_E_BODY_READER);
	CHECK_RESPONSE(requests_session_get(&session, url_of(argv, "/get"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_session_close(&session), 0);
}

static void reading(char **argv)
{
	const char *url = url_of(argv, "/bytes/10000?seed=1");
	size_t received = 0;
	char piece[700];
	int ret;

	CHECK_RESPONSE(requests_stream_open(&stream, "GET", url, NULL, stream_buf, sizeof(stream_buf), &r), &r, 200);
	CHECK_TEXT(r.reason, "OK");
	CHECK_TEXT(r.url, url_of(argv, "/bytes/10000?seed=1"));
	CHECK_INT(r.body_len, 0);
	CHECK_INT(requests_header_copy(&r, "Content-Length", text, sizeof(text)), 5);
	CHECK_TEXT(text, "10000");
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, buf, sizeof(buf), &r), REQUESTS_E_OPEN);
	CHECK_INT(requests_stream_read(&stream, stream_buf + 10, 10), REQUESTS_E_OVERLAP);
	while ((ret = requests_stream_read(&stream, piece, sizeof(piece))) > 0) {
		received += (size_t)ret;
	}
	CHECK_INT(ret, 0);
	CHECK_INT(received, 10000);
	CHECK_INT(requests_stream_read(&stream, piece, sizeof(piece)), 0);
	CHECK_INT(requests_stream_close(&stream), 0);
	CHECK_INT(requests_stream_close(&stream), REQUESTS_E_CLOSED);
	CHECK_INT(requests_stream_read(&stream, piece, sizeof(piece)), REQUESTS_E_CLOSED);

	/* Also with lists in the buffer, and with a stream that is closed before its end. */
	const struct requests_options options = {.params = REQUESTS_FIELDS({"a", "b"})};

	CHECK_RESPONSE(requests_stream_open(&stream, "GET", url_of(argv, "/get"), &options, stream_buf,
					    sizeof(stream_buf), &r), &r, 200);
	CHECK_TEXT(r.url, url_of(argv, "/get?a=b"));
	CHECK_INT(requests_stream_close(&stream), 0);
}

static int count(void *user, const void *data, size_t len)
{
	size_t *received = user;

	CHECK(data != NULL && len > 0);
	*received += len;
	return *received > 20000 ? -77 : 0;
}

static void lines_and_callbacks(char **argv)
{
	static struct requests_inflater inflater;
	const struct requests_options gzip = {.inflater = &inflater};
	const char *line;
	size_t len = 0, received = 0;
	int lines = 0, ret;

	CHECK_RESPONSE(requests_stream_open(&stream, "GET", url_of(argv, "/stream/20"), NULL, stream_buf,
					    sizeof(stream_buf), &r), &r, 200);
	while ((ret = requests_stream_line(&stream, &line, &len)) == 1) {
		CHECK(len > 2 && line[0] == '{' && line[len - 1] == '}');
		struct requests_response json;
		int64_t id = -1;

		CHECK_INT(requests_response_init(&json, 200, NULL, (struct requests_bytes){line, len}), 0);
		CHECK_INT(requests_json_int(&json, "/id", &id), 0);
		CHECK_INT(id, lines++);
	}
	CHECK_INT(ret, 0);
	CHECK_INT(lines, 20);
	CHECK_INT(requests_stream_close(&stream), 0);

	CHECK_RESPONSE(requests_stream_open(&stream, "GET", url_of(argv, "/gzip"), &gzip, stream_buf,
					    sizeof(stream_buf), &r), &r, 200);
	CHECK_INT(requests_get(url_of(argv, "/get"), &gzip, buf, sizeof(buf), &r), REQUESTS_E_BUSY);
	CHECK_INT(requests_stream_each(&stream, count, &received), 0);
	CHECK(received > 100);
	CHECK_INT(requests_stream_close(&stream), 0);

	/* In a session, which serves only the stream meanwhile. */
	CHECK_INT(requests_session_open(&session, &(struct requests_session_options){.base_url = argv[1]}), 0);
	CHECK_RESPONSE(requests_session_stream_open(&session, &stream, "GET", "/bytes/50000", NULL, stream_buf,
						    sizeof(stream_buf), &r), &r, 200);
	CHECK_INT(requests_session_get(&session, "/get", NULL, buf, sizeof(buf), &r), REQUESTS_E_BUSY);
	CHECK_INT(requests_session_close(&session), REQUESTS_E_BUSY);
	received = 0;
	CHECK_INT(requests_stream_each(&stream, count, &received), -77);
	CHECK_INT(requests_stream_close(&stream), 0);
	CHECK_RESPONSE(requests_session_get(&session, "/get", NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_session_close(&session), 0);

	CHECK_INT(requests_stream_open(&stream, "GET", "http://127.0.0.1:9/", NULL, stream_buf,
				       sizeof(stream_buf), &r), REQUESTS_E_CONNECTION_REFUSED);
	CHECK_TEXT(requests_error_phase(&r), "connect");
	CHECK_INT(requests_stream_close(&stream), REQUESTS_E_CLOSED);
}

int main(int argc, char **argv)
{
	CHECK_INT(argc, 2);
	settings(argv);
	content_type(argv);
	methods(argv);
	callbacks(argv);
	reading(argv);
	lines_and_callbacks(argv);
	return 0;
}
