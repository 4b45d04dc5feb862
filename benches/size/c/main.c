/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What an application in C uses of the client, without Zephyr around it: `scripts/size` links this with the static
 * library and measures it. It does what ../src/main.rs does in Rust: a GET, or what USE_SESSION and so on say.
 */

#include <requests/requests.h>

/* A URL that only run time knows. */
static const char *volatile url = "http://192.0.2.2:8000/get";

/* What was looked at, so that it is not optimised away. */
static volatile size_t seen;

#if !defined(USE_STREAM) && !defined(USE_DOWNLOAD)
static void look_at(int result, const struct requests_response *r)
{
	struct requests_header h;

	if (result != 0) {
		seen = r->needed;
		return;
	}
	seen = r->status + (size_t)r->reason + (size_t)r->body + r->body_len;
	for (size_t i = 0; requests_header_at(r, i, &h) == 0; i++) {
		seen = h.value_len;
	}
}

#endif

#if defined(USE_SESSION)

static struct requests_session session;

static void run(char *buf, size_t len)
{
	struct requests_response r;

	(void)requests_session_open(&session, NULL);
	look_at(requests_session_get(&session, url, NULL, buf, len, &r), &r);
	look_at(requests_session_get(&session, url, NULL, buf, len, &r), &r);
	(void)requests_session_close(&session);
}

#elif defined(USE_STREAM)

static struct requests_stream stream;

static void run(char *buf, size_t len)
{
	struct requests_response r;
	const char *line;
	size_t line_len;

	if (requests_stream_open(&stream, "GET", url, NULL, buf, len, &r) != 0) {
		return;
	}
	seen = r.status;
	while (requests_stream_line(&stream, &line, &line_len) == 1) {
		seen = line_len;
	}
	(void)requests_stream_close(&stream);
}

#elif defined(USE_DOWNLOAD)

static int write(void *user, uint64_t offset, const void *data, size_t len)
{
	(void)user;
	(void)data;
	seen = (size_t)offset + len;
	return 0;
}

static void run(char *buf, size_t len)
{
	const struct requests_download download = {.sink = {.write = write}};
	struct requests_downloaded done;
	struct requests_response r;

	seen = requests_download(url, NULL, &download, buf, len, &done, &r) == 0 ? (size_t)done.len : 0;
}

#else

static void run(char *buf, size_t len)
{
	struct requests_response r;

	look_at(requests_get(url, NULL, buf, len, &r), &r);
}

#endif

void _start(void)
{
	char buf[2048];

	run(buf, sizeof(buf));
}
