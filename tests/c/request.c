/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Requests to httpbin, whose URL is the first argument. */

#include "check.h"

static char buf[16384];
static struct requests_response r;
static char text[256];

static void get(char **argv)
{
	const struct requests_options options = {
		.headers = REQUESTS_FIELDS({"X-Device", "42"}, {"User-Agent", NULL}),
		.params = REQUESTS_FIELDS({"q", "two words"}, {"empty", ""}),
		.timeout_ms = 10000,
	};
	struct requests_header h;
	size_t len = 0;
	int64_t number;
	bool flag;

	CHECK_RESPONSE(requests_get(url_of(argv, "/get?a=1"), &options, buf, sizeof(buf), &r), &r, 200);
	CHECK_TEXT(r.reason, "OK");
	CHECK_TEXT(r.url, url_of(argv, "/get?a=1&q=two+words&empty="));
	CHECK_INT(r.redirects, 0);
	CHECK_INT(strlen(r.body), r.body_len);
	CHECK_INT(requests_json_string(&r, "/args/q", text, sizeof(text)), 9);
	CHECK_TEXT(text, "two words");
	CHECK_INT(requests_json_string(&r, "/headers/X-Device", text, sizeof(text)), 2);
	CHECK_TEXT(text, "42");
	CHECK_INT(requests_json_string(&r, "/headers/User-Agent", text, sizeof(text)),
		  REQUESTS_E_JSON_NOT_FOUND);
	CHECK_TEXT(text, "");
	CHECK_INT(requests_json_int(&r, "/args", &number), REQUESTS_E_JSON_TYPE);
	CHECK_INT(requests_json_bool(&r, "args", &flag), REQUESTS_E_JSON_POINTER);

	const char *type = requests_header(&r, "content-TYPE", &len);

	CHECK(type != NULL && len == strlen("application/json"));
	CHECK(memcmp(type, "application/json", len) == 0);
	CHECK_INT(requests_header_copy(&r, "Content-Type", text, 17), 16);
	CHECK_TEXT(text, "application/json");
	CHECK_INT(requests_header_copy(&r, "Content-Type", text, 16), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_TEXT(text, "");
	CHECK_INT(requests_header_copy(&r, "X-None", text, sizeof(text)), REQUESTS_E_HEADER_NOT_FOUND);
	CHECK(requests_header(&r, "X-None", &len) == NULL);

	bool found = false;

	for (size_t i = 0; requests_header_at(&r, i, &h) == 0; i++) {
		found |= h.name_len == 14 && memcmp(h.name, "Content-Length", 14) == 0 &&
			 (size_t)strtoul(h.value, NULL, 10) == r.body_len;
	}
	CHECK(found);
}

static void methods(char **argv)
{
	CHECK_RESPONSE(requests_head(url_of(argv, "/get"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(r.body_len, 0);
	CHECK_TEXT(r.body, "");
	CHECK_RESPONSE(requests_put(url_of(argv, "/put"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_patch(url_of(argv, "/patch"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_delete(url_of(argv, "/delete"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_options(url_of(argv, "/get"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_RESPONSE(requests_request("TRACE", url_of(argv, "/anything"), NULL, buf, sizeof(buf), &r), &r,
		       200);
	CHECK_INT(requests_json_string(&r, "/method", text, sizeof(text)), 5);
	CHECK_TEXT(text, "TRACE");
	CHECK_RESPONSE(requests_get(url_of(argv, "/status/418"), NULL, buf, sizeof(buf), &r), &r, 418);
}

/* Content in pieces of three bytes. */
struct content {
	const char *text;
	int calls;
	int fail_at;
};

static int read_content(void *user, void *to, size_t len)
{
	struct content *content = user;
	size_t count = strlen(content->text);

	CHECK(len > 0);
	if (++content->calls == content->fail_at) {
		return -5;
	}
	count = count > 3 ? 3 : count;
	count = count > len ? len : count;
	memcpy(to, content->text, count);
	content->text += count;
	return (int)count;
}

static int boast(void *user, void *to, size_t len)
{
	(void)user;
	memset(to, 'x', len);
	return (int)len + 1;
}

static void bodies(char **argv)
{
	const char *url = url_of(argv, "/post");
	struct requests_options options = {.json = "{\"id\": 7, \"name\": \"\\u00e9\\n\", \"big\": 1e300}"};
	int64_t number = 0;
	double real = 0;

	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_json_int(&r, "/json/id", &number), 0);
	CHECK_INT(number, 7);
	CHECK_INT(requests_json_double(&r, "/json/big", &real), 0);
	CHECK(real == 1e300);
	CHECK_INT(requests_json_int(&r, "/json/big", &number), REQUESTS_E_JSON_TYPE);
	CHECK_INT(number, 7);
	CHECK_INT(requests_json_string(&r, "/json/name", text, sizeof(text)), 3);
	CHECK_TEXT(text, "\xc3\xa9\n");
	CHECK_INT(requests_json_string(&r, "/json/name", text, 3), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_TEXT(text, "");
	requests_json_string(&r, "/headers/Content-Type", text, sizeof(text));
	CHECK_TEXT(text, "application/json");

	options = (struct requests_options){
		.json = "{}", .headers = REQUESTS_FIELDS({"Content-Type", "application/problem+json"})};
	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/headers/Content-Type", text, sizeof(text));
	CHECK_TEXT(text, "application/problem+json");

	/* Its Content-Type is none of the headers that can be given. */
	static struct requests_field many[64];

	for (size_t i = 0; i < 64; i++) {
		many[i] = (struct requests_field){"X-Many", "1"};
	}
	const struct requests_options most = {.json = "{}", .headers = {many, 64}};

	CHECK_RESPONSE(requests_post(url_of(argv, "/anything"), &most, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/headers/Content-Type", text, sizeof(text));
	CHECK_TEXT(text, "application/json");

	options = (struct requests_options){.data = {"a\0b", 3}};
	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_json_string(&r, "/data", text, sizeof(text)), 3);
	CHECK(memcmp(text, "a\0b", 4) == 0);

	options = (struct requests_options){.form = REQUESTS_FIELDS({"a b", "1&2"}, {"c", "d"})};
	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/form/a b", text, sizeof(text));
	CHECK_TEXT(text, "1&2");

	struct content photo = {.text = "0123456789"};

	options = (struct requests_options){
		.files = REQUESTS_PARTS({.name = "title", .value = "cat"},
					{.name = "f", .filename = "f.txt", .content = {"hello", 5}},
					{.name = "photo",
					 .filename = "cat.jpg",
					 .content_type = "image/jpeg",
					 .reader = {read_content, &photo, 10}})};
	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/form/title", text, sizeof(text));
	CHECK_TEXT(text, "cat");
	requests_json_string(&r, "/files/f", text, sizeof(text));
	CHECK_TEXT(text, "hello");
	requests_json_string(&r, "/files/photo", text, sizeof(text));
	CHECK_TEXT(text, "0123456789");

	struct content content = {.text = "abcdefgh"};

	options = (struct requests_options){.body = {read_content, &content, 8}};
	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/data", text, sizeof(text));
	CHECK_TEXT(text, "abcdefgh");
	requests_json_string(&r, "/headers/Content-Length", text, sizeof(text));
	CHECK_TEXT(text, "8");

	content = (struct content){.text = "abcdefgh", .fail_at = 2};
	CHECK_INT(requests_post(url, &options, buf, sizeof(buf), &r), REQUESTS_E_BODY_READER);
	CHECK_TEXT(requests_error_phase(&r), "send");
	CHECK_INT(r.status, 0);
	content = (struct content){.text = "abc"};
	CHECK_INT(requests_post(url, &options, buf, sizeof(buf), &r), REQUESTS_E_BODY_READER);
	options.body.read = boast;
	CHECK_INT(requests_post(url, &options, buf, sizeof(buf), &r), REQUESTS_E_BODY_READER);

	/* Parts whose readers fail, end early, or say that they gave more than there is room for. */
	struct requests_part part = {.name = "x", .filename = "x", .reader = {read_content, &content, 8}};

	options = (struct requests_options){.files = {&part, 1}};
	content = (struct content){.text = "abcdefgh", .fail_at = 2};
	CHECK_INT(requests_post(url, &options, buf, sizeof(buf), &r), REQUESTS_E_PART_READER);
	CHECK_TEXT(requests_error_phase(&r), "send");
	content = (struct content){.text = "abc"};
	CHECK_INT(requests_post(url, &options, buf, sizeof(buf), &r), REQUESTS_E_PART_READER);
	part.reader.read = boast;
	CHECK_INT(requests_post(url, &options, buf, sizeof(buf), &r), REQUESTS_E_PART_READER);

	/* A server that is asked first. */
	content = (struct content){.text = "abcdefgh"};
	options = (struct requests_options){.body = {read_content, &content, 8}, .expect_continue = true};
	CHECK_RESPONSE(requests_post(url, &options, buf, sizeof(buf), &r), &r, 200);
	requests_json_string(&r, "/data", text, sizeof(text));
	CHECK_TEXT(text, "abcdefgh");
}

struct text {
	char content[1024];
	size_t len;
};

static int append(void *user, uint64_t offset, const void *data, size_t len)
{
	struct text *text = user;

	if (offset != text->len || len >= sizeof(text->content) - text->len) {
		return -28;
	}
	memcpy(text->content + offset, data, len);
	text->len += len;
	return 0;
}

/* The sink of a download gets the decompressed content. The inflater is free again afterwards. */
static void check_decompressed_download(const char *url, const struct requests_options *options)
{
	static struct text text;
	const struct requests_download download = {.sink = {.write = append, .user = &text}};
	struct requests_downloaded done;

	for (int i = 0; i < 2; i++) {
		text = (struct text){.len = 0};
		CHECK_RESPONSE(requests_download(url, options, &download, buf, sizeof(buf), &done, &r), &r, 0);
		CHECK_INT(done.len, text.len);
		CHECK(strstr(text.content, "\"gzipped\"") != NULL);
	}
}

static void settings(char **argv)
{
	struct requests_options options = {.user = "me", .password = "secret"};
	int64_t number = 0;

	CHECK_RESPONSE(requests_get(url_of(argv, "/basic-auth/me/secret"), &options, buf, sizeof(buf), &r), &r,
		       200);
	options.password = NULL;
	CHECK_RESPONSE(requests_get(url_of(argv, "/basic-auth/me/secret"), &options, buf, sizeof(buf), &r), &r,
		       401);
	options = (struct requests_options){.user = "me", .password = "secret", .digest = true};
	CHECK_RESPONSE(
		requests_get(url_of(argv, "/digest-auth/auth/me/secret"), &options, buf, sizeof(buf), &r), &r,
		200);
	options = (struct requests_options){.bearer = "abc"};
	CHECK_RESPONSE(requests_get(url_of(argv, "/bearer"), &options, buf, sizeof(buf), &r), &r, 200);

	CHECK_RESPONSE(requests_get(url_of(argv, "/redirect/2"), NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(r.redirects, 2);
	CHECK_TEXT(r.url, url_of(argv, "/get"));
	options = (struct requests_options){.redirects = -1};
	CHECK_RESPONSE(requests_get(url_of(argv, "/redirect/2"), &options, buf, sizeof(buf), &r), &r, 302);
	options.redirects = 1;
	CHECK_INT(requests_get(url_of(argv, "/redirect/2"), &options, buf, sizeof(buf), &r),
		  REQUESTS_E_TOO_MANY_REDIRECTS);
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK_TEXT(text, "more than 1 redirects");
	CHECK_INT(requests_error_describe(&r, text, 5), 21);
	CHECK_TEXT(text, "more");

	options = (struct requests_options){.timeout_ms = 300};
	CHECK_INT(requests_get(url_of(argv, "/delay/5"), &options, buf, sizeof(buf), &r), REQUESTS_E_TIMEOUT);
	CHECK_TEXT(requests_error_phase(&r), "receive");

	options = (struct requests_options){.retry = {.attempts = 3, .backoff_ms = 1}};
	CHECK_RESPONSE(requests_get(url_of(argv, "/status/503"), &options, buf, sizeof(buf), &r), &r, 503);

	static struct requests_inflater inflater;

	options = (struct requests_options){.inflater = &inflater};
	for (int i = 0; i < 2; i++) {
		CHECK_RESPONSE(requests_get(url_of(argv, "/gzip"), &options, buf, sizeof(buf), &r), &r, 200);
		bool gzipped = false;

		CHECK_INT(requests_json_bool(&r, "/gzipped", &gzipped), 0);
		CHECK(gzipped);
	}
	check_decompressed_download(url_of(argv, "/gzip"), &options);

	static struct requests_cancel cancel;

	options = (struct requests_options){.cancel = &cancel};
	CHECK_INT(requests_get(url_of(argv, "/get"), &options, buf, sizeof(buf), &r), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cancel_open(&cancel), 0);
	CHECK_INT(requests_cancel_open(&cancel), REQUESTS_E_OPEN);
	CHECK_INT(requests_is_cancelled(&cancel), 0);
	CHECK_RESPONSE(requests_get(url_of(argv, "/get"), &options, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_cancel(&cancel), 0);
	CHECK_INT(requests_is_cancelled(&cancel), 1);
	CHECK_INT(requests_get(url_of(argv, "/get"), &options, buf, sizeof(buf), &r), REQUESTS_E_CANCELLED);
	CHECK_INT(requests_cancel_reset(&cancel), 0);
	CHECK_RESPONSE(requests_get(url_of(argv, "/get"), &options, buf, sizeof(buf), &r), &r, 200);
	CHECK_INT(requests_cancel_close(&cancel), 0);
	CHECK_INT(requests_cancel_close(&cancel), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cancel(&cancel), REQUESTS_E_CLOSED);
	(void)number;
}

/* Buffers of increasing size: each that is too small is an error that says the size needed, and the
 * last one holds the whole response. */
static size_t size_for(char **argv, const struct requests_options *options, const char *path)
{
	size_t size = 0;

	for (int tries = 0; tries < 1000; tries++) {
		char *small = malloc(size + 1);
		int ret = requests_get(url_of(argv, "/get"), options, small, size, &r);

		if (ret == 0) {
			CHECK_INT(r.status, 200);
			CHECK_INT(r.body[r.body_len], 0);
			CHECK_TEXT(r.url, url_of(argv, path));
			free(small);
			return size;
		}
		free(small);
		CHECK_INT(ret, REQUESTS_E_BUFFER_TOO_SMALL);
		CHECK(r.needed > size);
		size = r.needed;
	}
	CHECK(false);
	return 0;
}

static void small_buffers(char **argv)
{
	const struct requests_options options = {.params = REQUESTS_FIELDS({"a", "b"}, {"c", "d"})};
	size_t size = size_for(argv, &options, "/get?a=b&c=d");

	size = size_for(argv, NULL, "/get");
	char *small = malloc(size);

	CHECK_INT(requests_get(url_of(argv, "/get"), NULL, small, size - 1, &r), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_INT(r.needed, size);
	free(small);
}

int main(int argc, char **argv)
{
	CHECK_INT(argc, 2);
	/* A PC does not wait for its network. */
	CHECK_INT(requests_network_wait(0), 0);
	get(argv);
	methods(argv);
	bodies(argv);
	settings(argv);
	small_buffers(argv);
	return 0;
}
