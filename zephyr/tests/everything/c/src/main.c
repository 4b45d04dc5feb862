/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Every feature of the client in one program. Each step prints whether it passed. Paths, queries, headers and bodies
 * contain the word "secret": the log must not.
 */

#include <stdio.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

#include <requests/requests.h>

#define STRING(number) STRING_OF(number)
#define STRING_OF(number) #number
#define HTTP  "http://" CONFIG_TEST_HOST ":" STRING(CONFIG_TEST_PORT)

static char buf[8192];
static char url[128];
static struct requests_response r;
static struct requests_cancel token;
static struct requests_inflater inflater;
static int failed;

static const char roots[] = {
#include "ca.pem.inc"
};

static void check(const char *step, bool is_good)
{
	char text[200] = "";

	if (!is_good) {
		failed++;
		(void)requests_error_describe(&r, text, sizeof(text));
	}
	printf("%s: %s%s%s\n", is_good ? "passed" : "FAILED", step, is_good ? "" : ": ", text);
}

/* The URL of a path on the server for HTTP, or for the TLS version of this number. */
static const char *at(int tls, const char *path)
{
	snprintf(url, sizeof(url), "%s://%s:%d%s", tls == 0 ? "http" : "https", CONFIG_TEST_HOST,
		 CONFIG_TEST_PORT + tls, path);

	return url;
}

static bool is_json(const char *pointer, const char *expected)
{
	char text[64];

	return requests_json_string(&r, pointer, text, sizeof(text)) >= 0 && strcmp(text, expected) == 0;
}

static int get(const char *path, const struct requests_options *options)
{
	return requests_get(at(0, path), options, buf, sizeof(buf), &r);
}

static void https(void)
{
	const struct requests_options options = {
		.tls = {.roots = {roots, sizeof(roots)}, .add_roots = true},
		.headers = REQUESTS_FIELDS({"X-Key", "secret-header"}),
		.params = REQUESTS_FIELDS({"q", "secret-query"}),
	};
	const struct requests_options new_only = {
		.tls = {.roots = {roots, sizeof(roots)}, .min_version = REQUESTS_TLS_1_3},
	};
	struct requests_tls_info info;

	check("TLS 1.2", requests_get(at(1, "/get"), &options, buf, sizeof(buf), &r) == 0 &&
				 r.status == 200 && is_json("/args/q", "secret-query"));
	check("TLS 1.3", requests_get(at(2, "/get"), &options, buf, sizeof(buf), &r) == 0 &&
				 r.status == 200 && is_json("/headers/X-Key", "secret-header"));
	check("TLS 1.2 is refused", requests_get(at(1, "/get"), &new_only, buf, sizeof(buf), &r) != 0 &&
					    strcmp(requests_error_phase(&r), "tls") == 0);
	check("only built-in authorities",
	      requests_get(at(2, "/get"), NULL, buf, sizeof(buf), &r) == REQUESTS_E_UNKNOWN_ISSUER);
	check("what there is of TLS", requests_tls_info(&info) == 0 && info.roots > 100 &&
					      info.oldest_version == REQUESTS_TLS_1_2 &&
					      info.newest_version == REQUESTS_TLS_1_3 && info.is_heap_counted);
}

static void session(void)
{
	static struct requests_session session;
	static struct requests_cookies cookies;
	const struct requests_session_options options = {.base_url = HTTP, .cookies = &cookies};
	int ret = requests_session_open(&session, &options);

	check("a cookie of a redirect",
	      ret == 0 && requests_session_get(&session, "/cookies/set", NULL, buf, sizeof(buf), &r) == 0 &&
		      r.redirects == 1 && is_json("/cookies", "id=42"));
	check("the cookie jar", requests_session_get(&session, "/cookies", NULL, buf, sizeof(buf), &r) == 0 &&
					is_json("/cookies", "id=42"));
	check("one connection", requests_session_connections(&session) == 1);
	check("the session is closed",
	      requests_session_close(&session) == 0 && requests_cookies_dropped(&cookies) == 0);
}

static void content(void)
{
	const struct requests_options options = {.inflater = &inflater};
	const char *text;
	double number = 0;
	int64_t item = 0;
	size_t len = 0;

	check("gzip", get("/gzip", &options) == 0 && r.status == 200);
	text = requests_json_text(&r, "/text", &len);
	check("JSON", text != NULL && len == 1002 && requests_json_double(&r, "/number", &number) == 0 &&
			      number == -1.5 && requests_json_int(&r, "/list/2", &item) == 0 && item == 3);
	check("JSON that is not there", requests_json_int(&r, "/list/3", &item) == REQUESTS_E_JSON_NOT_FOUND);
}

static void authentication(void)
{
	const struct requests_options good = {.user = "demo", .password = "secret-password", .digest = true};
	const struct requests_options wrong = {.user = "demo", .password = "secret-typo", .digest = true};

	check("Digest", get("/digest", &good) == 0 && r.status == 200 && is_json("/user", "demo"));
	check("Digest with a wrong password", get("/digest", &wrong) == 0 && r.status == 401);
}

struct sink {
	struct requests_sha256 sha256;
	uint64_t len;
};

static int write(void *user, uint64_t offset, const void *data, size_t len)
{
	struct sink *sink = user;

	if (offset != sink->len) {
		return -1;
	}
	sink->len += len;

	return requests_sha256_add(&sink->sha256, (struct requests_bytes){data, len});
}

static void download(void)
{
	static struct sink sink;
	static uint8_t expected[32], digest[32];
	const struct requests_download wanted = {
		.sink = {.write = write, .user = &sink},
		.sha256 = expected,
	};
	const struct requests_options options = {.retry = {.attempts = 3, .backoff_ms = 100}};
	struct requests_downloaded done;

	check("the digest of the image", get("/image.sha256", NULL) == 0 && hex2bin(r.body, 64, expected, 32) == 32);
	check("a download that is resumed",
	      requests_sha256_start(&sink.sha256) == 0 &&
		      requests_download(at(0, "/image.bin"), &options, &wanted, buf, sizeof(buf), &done, &r) == 0 &&
		      done.len == 100003 && done.requests == 2);
	check("SHA-256", requests_sha256_finish(&sink.sha256, digest) == 0 && memcmp(digest, expected, 32) == 0);
	expected[0] ^= 1;
	sink.len = 0;
	check("a wrong SHA-256", requests_sha256_start(&sink.sha256) == 0 &&
					 requests_download(at(0, "/whole.bin"), NULL, &wanted, buf, sizeof(buf),
							   &done, &r) == REQUESTS_E_SHA256_MISMATCH &&
					 requests_sha256_finish(&sink.sha256, digest) == 0);
}

static int read_body(void *user, void *to, size_t len)
{
	static const char text[] = "secret-body from a callback";
	size_t *sent = user;
	size_t count = MIN(len, MIN(sizeof(text) - 1 - *sent, 10));

	memcpy(to, text + *sent, count);
	*sent += count;

	return (int)count;
}

static void uploads(void)
{
	size_t sent = 0;
	const struct requests_options form = {
		.files = REQUESTS_PARTS({.name = "device", .value = "demo"},
					{.name = "log", .filename = "log.csv", .content = {"secret-file", 11}}),
	};
	const struct requests_options chunks = {
		.body = {.read = read_body, .user = &sent},
		.chunked = true,
		.expect_continue = true,
	};
	const struct requests_options json = {.json = "{\"key\":\"secret-json\"}"};
	const struct requests_options retry = {.retry = {.attempts = 3, .backoff_ms = 100}};

	check("a form with a file", requests_post(at(0, "/post"), &form, buf, sizeof(buf), &r) == 0 &&
					    is_json("/files/log", "secret-file") && is_json("/form/device", "demo"));
	check("a body in chunks, after 100 Continue",
	      requests_post(at(0, "/post"), &chunks, buf, sizeof(buf), &r) == 0 &&
		      is_json("/data", "secret-body from a callback"));
	check("a JSON body",
	      requests_post(at(0, "/post"), &json, buf, sizeof(buf), &r) == 0 && is_json("/json/key", "secret-json"));
	check("a second attempt", get("/flaky", &retry) == 0 && r.status == 200);
}

static void stream(void)
{
	static struct requests_stream stream;
	const char *line;
	size_t len, total = 0;
	int lines = 0;

	check("a stream", requests_stream_open(&stream, "GET", at(0, "/lines"), NULL, buf, sizeof(buf), &r) == 0);
	while (requests_stream_line(&stream, &line, &len) == 1) {
		lines++;
		total += len;
	}
	check("its lines", lines == 3 && total == 11 && requests_stream_close(&stream) == 0);
}

static void cancel_now(struct k_work *work)
{
	ARG_UNUSED(work);

	(void)requests_cancel(&token);
}

static K_WORK_DELAYABLE_DEFINE(cancel_later, cancel_now);

static void cancelling(void)
{
	const struct requests_options options = {.cancel = &token};
	int64_t start = k_uptime_get();

	check("a token", requests_cancel_open(&token) == 0);
	k_work_schedule(&cancel_later, K_MSEC(300));
	check("another thread cancels", get("/silent", &options) == REQUESTS_E_CANCELLED);
	check("it ends at once", k_uptime_get() - start < 2000);
	check("the token is closed", requests_cancel_close(&token) == 0);
}

static void failures(void)
{
	const struct requests_options options = {.timeout_ms = 500};

	check("no server", requests_get("http://" CONFIG_TEST_HOST ":9/secret-path", NULL, buf, sizeof(buf), &r) ==
				   REQUESTS_E_CONNECTION_REFUSED);
	check("a time-out", get("/silent?key=secret-query", &options) == REQUESTS_E_TIMEOUT);
	check("a URL without a host", requests_get("secret-url", NULL, buf, sizeof(buf), &r) == REQUESTS_E_INVALID_URL);
}

int main(void)
{
	int ret = requests_network_wait(30000);

	printf("Network: %s\n", ret == 0 ? "up" : requests_strerror(ret));
	https();
	session();
	content();
	authentication();
	download();
	uploads();
	stream();
	cancelling();
	failures();
	printf("Done: %d failed\n", failed);

	return 0;
}
