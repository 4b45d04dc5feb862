/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Each function of the header with each of its pointers NULL, not aligned, or to a text that has no end or is not UTF-8.
 * bad_input.c has the arguments that take more than one line to explain.
 */

#include "check.h"

static const char *const url = "http://127.0.0.1:9/";
static char buf[2048];
static struct requests_response r;

/* Texts that no function accepts. */
static const char not_utf8[] = "\xc3(";
static char *endless;

/* A pointer that is not aligned, to memory that is large enough. */
static char room[65536];
#define ODD ((void *)(room + 1))

#define IS(error, call) CHECK_INT(call, error)

static void requests(void)
{
	const struct requests_options odd = {.cancel = ODD};

	for (int i = 0; i < 2; i++) {
		const char *text = i == 0 ? not_utf8 : endless;
		const int error = i == 0 ? REQUESTS_E_NOT_UTF8 : REQUESTS_E_UNTERMINATED;

		IS(error, requests_request(text, url, NULL, buf, sizeof(buf), &r));
		IS(error, requests_get(text, NULL, buf, sizeof(buf), &r));
		IS(error, requests_head(text, NULL, buf, sizeof(buf), &r));
		IS(error, requests_post(text, NULL, buf, sizeof(buf), &r));
		IS(error, requests_put(text, NULL, buf, sizeof(buf), &r));
		IS(error, requests_patch(text, NULL, buf, sizeof(buf), &r));
		IS(error, requests_delete(text, NULL, buf, sizeof(buf), &r));
		IS(error, requests_options(text, NULL, buf, sizeof(buf), &r));

		const struct requests_field name = {text, "x"}, value = {"x", text};
		const struct requests_part parts[] = {
			{.name = text, .value = "x"},
			{.name = "x", .value = text},
			{.name = "x", .filename = text},
			{.name = "x", .filename = "x", .content_type = text},
		};
		const struct requests_options options[] = {
			{.headers = {&name, 1}}, {.headers = {&value, 1}}, {.params = {&name, 1}},
			{.params = {&value, 1}}, {.form = {&name, 1}},	   {.form = {&value, 1}},
			{.json = text},		 {.user = text},	   {.user = "x", .password = text},
			{.bearer = text},	 {.files = {parts, 1}},	   {.files = {parts + 1, 1}},
			{.files = {parts + 2, 1}}, {.files = {parts + 3, 1}},
		};

		for (size_t at = 0; at < sizeof(options) / sizeof(options[0]); at++) {
			IS(error, requests_get(url, &options[at], buf, sizeof(buf), &r));
		}
	}
	IS(REQUESTS_E_UNALIGNED, requests_get(url, &odd, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNALIGNED, requests_get(url, ODD, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNALIGNED, requests_get(url, NULL, buf, sizeof(buf), ODD));

	/* Lists. */
	const struct requests_options lists[] = {
		{.headers = {ODD, 1}}, {.params = {ODD, 1}},	  {.form = {ODD, 1}},
		{.files = {ODD, 1}},   {.tls.sec_tags = {ODD, 1}}, {.inflater = ODD},
	};

	for (size_t at = 0; at < sizeof(lists) / sizeof(lists[0]); at++) {
		IS(REQUESTS_E_UNALIGNED, requests_get(url, &lists[at], buf, sizeof(buf), &r));
	}

	const struct requests_options lengths[] = {
		{.headers = {ODD, SIZE_MAX}},	   {.params = {ODD, SIZE_MAX}},	  {.form = {ODD, SIZE_MAX}},
		{.files = {ODD, SIZE_MAX}},	   {.tls.pins = {ODD, SIZE_MAX}}, {.data = {room, SIZE_MAX}},
		{.tls.sec_tags = {ODD, SIZE_MAX}}, {.tls.roots = {room, SIZE_MAX}},
		{.tls = {.certificate = {room, SIZE_MAX}, .key = {room, 1}}},
		{.tls = {.certificate = {room, 1}, .key = {room, SIZE_MAX}}},
		{.files = REQUESTS_PARTS({.name = "x", .filename = "x", .content = {room, SIZE_MAX}})},
	};

	for (size_t at = 0; at < sizeof(lengths) / sizeof(lengths[0]); at++) {
		IS(REQUESTS_E_LENGTH, requests_get(url, &lengths[at], buf, sizeof(buf), &r));
	}
	for (size_t len = SIZE_MAX; len > SIZE_MAX / 2; len -= SIZE_MAX / 16) {
		IS(REQUESTS_E_LENGTH, requests_get(url, NULL, buf, len, &r));
	}
	/* Security tags are Zephyr's. */
	const int tag = 1;

	IS(REQUESTS_E_NOT_BUILT_IN,
	   requests_get(url, &(struct requests_options){.tls.sec_tags = {&tag, 1}}, buf, sizeof(buf), &r));
	IS(REQUESTS_E_NUMBER,
	   requests_get(url, &(struct requests_options){.tls.min_version = 255}, buf, sizeof(buf), &r));
	IS(REQUESTS_E_NUMBER, requests_get(url, &(struct requests_options){.tls.dates = 255}, buf, sizeof(buf), &r));
}

static void pins(void)
{
	struct requests_pin pin;

	IS(REQUESTS_E_NOT_UTF8, requests_pin_parse(not_utf8, &pin));
	IS(REQUESTS_E_UNTERMINATED, requests_pin_parse(endless, &pin));
	IS(REQUESTS_E_NUMBER, requests_pin_parse("", &pin));
}

static void responses(void)
{
	const struct requests_bytes json = {"[1]", 3};
	struct requests_header header;
	char text[16];
	size_t len;
	int64_t number;
	double real;
	bool flag;

	IS(REQUESTS_E_UNALIGNED, requests_response_init(ODD, 200, NULL, json));
	IS(REQUESTS_E_UNTERMINATED, requests_response_init(&r, 200, endless, json));
	IS(0, requests_response_init(&r, 200, "A: b\r\n", json));

	CHECK(requests_header(ODD, "A", &len) == NULL);
	CHECK(requests_header(&r, "A", ODD) == NULL);
	CHECK(requests_header(&r, endless, &len) == NULL);
	IS(REQUESTS_E_UNALIGNED, requests_header_copy(ODD, "A", text, sizeof(text)));
	IS(REQUESTS_E_NULL, requests_header_copy(NULL, "A", text, sizeof(text)));
	IS(REQUESTS_E_UNTERMINATED, requests_header_copy(&r, endless, text, sizeof(text)));
	IS(REQUESTS_E_NOT_UTF8, requests_header_copy(&r, not_utf8, text, sizeof(text)));
	IS(REQUESTS_E_UNALIGNED, requests_header_at(ODD, 0, &header));
	IS(REQUESTS_E_UNALIGNED, requests_header_at(&r, 0, ODD));

	IS(REQUESTS_E_UNALIGNED, requests_json_int(ODD, "/0", &number));
	IS(REQUESTS_E_UNALIGNED, requests_json_int(&r, "/0", ODD));
	IS(REQUESTS_E_UNTERMINATED, requests_json_int(&r, endless, &number));
	IS(REQUESTS_E_NULL, requests_json_double(NULL, "/0", &real));
	IS(REQUESTS_E_NULL, requests_json_double(&r, NULL, &real));
	IS(REQUESTS_E_UNALIGNED, requests_json_double(ODD, "/0", &real));
	IS(REQUESTS_E_UNALIGNED, requests_json_double(&r, "/0", ODD));
	IS(REQUESTS_E_UNTERMINATED, requests_json_double(&r, endless, &real));
	IS(REQUESTS_E_NOT_UTF8, requests_json_double(&r, not_utf8, &real));
	IS(REQUESTS_E_NULL, requests_json_bool(NULL, "/0", &flag));
	IS(REQUESTS_E_NULL, requests_json_bool(&r, NULL, &flag));
	IS(REQUESTS_E_UNALIGNED, requests_json_bool(ODD, "/0", &flag));
	IS(REQUESTS_E_UNTERMINATED, requests_json_bool(&r, endless, &flag));
	IS(REQUESTS_E_NOT_UTF8, requests_json_bool(&r, not_utf8, &flag));
	IS(REQUESTS_E_NULL, requests_json_string(NULL, "/0", text, sizeof(text)));
	IS(REQUESTS_E_NULL, requests_json_string(&r, NULL, text, sizeof(text)));
	IS(REQUESTS_E_UNALIGNED, requests_json_string(ODD, "/0", text, sizeof(text)));
	IS(REQUESTS_E_UNTERMINATED, requests_json_string(&r, endless, text, sizeof(text)));
	IS(REQUESTS_E_NOT_UTF8, requests_json_string(&r, not_utf8, text, sizeof(text)));
	CHECK(requests_json_text(ODD, "/0", &len) == NULL);
	CHECK(requests_json_text(&r, NULL, &len) == NULL);
	CHECK(requests_json_text(&r, "/0", ODD) == NULL);
	CHECK(requests_json_text(&r, endless, &len) == NULL);
	CHECK(requests_json_text(&r, not_utf8, &len) == NULL);

	CHECK_TEXT(requests_error_phase(ODD), "");
	IS(0, requests_error_errno(ODD));
	IS(REQUESTS_E_UNALIGNED, requests_error_describe(ODD, text, sizeof(text)));
	IS(REQUESTS_E_LENGTH, requests_error_describe(&r, text, SIZE_MAX));
	IS(REQUESTS_E_OVERLAP, requests_error_describe(&r, (char *)&r, sizeof(r)));

	/* What a number can be. */
	for (int64_t error = INT32_MIN; error <= INT32_MAX; error += 99991) {
		CHECK(requests_strerror((int)error) != NULL);
	}
	for (int error = -3000; error < 3000; error++) {
		CHECK(strlen(requests_strerror(error)) > 0);
		CHECK(requests_error_name(error) == NULL || strlen(requests_error_name(error)) > 0);
	}
	CHECK(requests_error_name(INT32_MIN) == NULL && requests_error_name(INT32_MAX) == NULL);
}

static void tokens(void)
{
	struct requests_cancel token = {{0}};

	IS(REQUESTS_E_UNALIGNED, requests_cancel(ODD));
	IS(REQUESTS_E_UNALIGNED, requests_cancel_reset(ODD));
	IS(REQUESTS_E_NULL, requests_cancel_reset(NULL));
	IS(REQUESTS_E_UNALIGNED, requests_is_cancelled(ODD));
	IS(REQUESTS_E_NULL, requests_is_cancelled(NULL));
	IS(REQUESTS_E_UNALIGNED, requests_cancel_close(ODD));
	IS(REQUESTS_E_NULL, requests_cancel_close(NULL));
	IS(0, requests_cancel_open(&token));
	IS(REQUESTS_E_OPEN, requests_cancel_open(&token));
	IS(0, requests_cancel_close(&token));
	IS(REQUESTS_E_CLOSED, requests_cancel_close(&token));
	IS(REQUESTS_E_CLOSED, requests_cancel(&token));
	IS(REQUESTS_E_CLOSED, requests_get(url, &(struct requests_options){.cancel = &token}, buf, sizeof(buf), &r));
}

static struct requests_session session;

/* A session that is not open, in one way or another. */
static void no_session(struct requests_session *no, int error)
{
	struct requests_stream stream = {{0}};
	struct requests_downloaded done;
	const struct requests_download download = {.sink = {.write = NULL}};

	IS(error, requests_session_request(no, "GET", url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_get(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_head(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_post(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_put(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_patch(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_delete(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_options(no, url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_set_auth(no, "a", "b"));
	IS(error, requests_session_set_bearer(no, "a"));
	IS(error, requests_session_connections(no));
	IS(error, requests_session_disconnect(no));
	IS(error, requests_session_tls_export_size(no));
	IS(error, requests_session_tls_export(no, buf, sizeof(buf)));
	IS(error, requests_session_tls_import(no, (struct requests_bytes){buf, 1}));
	IS(error, requests_session_stream_open(no, &stream, "GET", url, NULL, buf, sizeof(buf), &r));
	IS(error, requests_session_download(no, url, NULL, &download, buf, sizeof(buf), &done, &r));
	IS(error, requests_session_close(no));
}

static void sessions(void)
{
	struct requests_session_options options;
	struct requests_cookies cookies = {{0}};

	no_session(NULL, REQUESTS_E_NULL);
	no_session(ODD, REQUESTS_E_UNALIGNED);
	no_session(&session, REQUESTS_E_CLOSED);
	memset(&session, 0xff, sizeof(session));
	no_session(&session, REQUESTS_E_CLOSED);
	memset(&session, 0, sizeof(session));

	for (int i = 0; i < 2; i++) {
		const char *text = i == 0 ? not_utf8 : endless;
		const int error = i == 0 ? REQUESTS_E_NOT_UTF8 : REQUESTS_E_UNTERMINATED;
		const struct requests_field name = {text, "x"}, value = {"x", text};
		const struct requests_session_options each[] = {
			{.base_url = text},
			{.headers = {&name, 1}},
			{.headers = {&value, 1}},
			{.params = {&name, 1}},
			{.params = {&value, 1}},
			{.user = text},
			{.user = "x", .password = text},
			{.bearer = text},
		};

		for (size_t at = 0; at < sizeof(each) / sizeof(each[0]); at++) {
			IS(error, requests_session_open(&session, &each[at]));
		}
		IS(0, requests_session_open(&session, NULL));
		IS(error, requests_session_set_auth(&session, text, NULL));
		IS(error, requests_session_set_auth(&session, "x", text));
		IS(error, requests_session_set_bearer(&session, text));
		IS(error, requests_session_request(&session, text, url, NULL, buf, sizeof(buf), &r));
		IS(error, requests_session_get(&session, text, NULL, buf, sizeof(buf), &r));
		IS(0, requests_session_close(&session));
	}
	options = (struct requests_session_options){.headers = {ODD, 1}};
	IS(REQUESTS_E_UNALIGNED, requests_session_open(&session, &options));
	options = (struct requests_session_options){.params = {ODD, 1}};
	IS(REQUESTS_E_UNALIGNED, requests_session_open(&session, &options));
	options = (struct requests_session_options){.cancel = ODD};
	IS(REQUESTS_E_UNALIGNED, requests_session_open(&session, &options));
	options = (struct requests_session_options){.tls.roots = {room, SIZE_MAX}};
	IS(REQUESTS_E_LENGTH, requests_session_open(&session, &options));
	options = (struct requests_session_options){.auth_buf_len = 1};
	IS(0, requests_session_open(&session, &options));
	IS(0, requests_session_close(&session));

	IS(0, requests_session_open(&session, NULL));
	IS(REQUESTS_E_NULL, requests_session_set_bearer(&session, NULL));
	IS(REQUESTS_E_UNALIGNED, requests_session_get(&session, url, ODD, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNALIGNED, requests_session_get(&session, url, NULL, buf, sizeof(buf), ODD));
	IS(REQUESTS_E_NULL, requests_session_get(&session, url, NULL, buf, sizeof(buf), NULL));
	IS(REQUESTS_E_NULL, requests_session_get(&session, url, NULL, NULL, 1, &r));
	IS(REQUESTS_E_BUFFER_TOO_SMALL, requests_session_get(&session, url, NULL, buf, 0, &r));
	IS(REQUESTS_E_LENGTH, requests_session_tls_export(&session, buf, SIZE_MAX));
	IS(REQUESTS_E_BUFFER_TOO_SMALL, requests_session_tls_export(&session, buf, 0));
	IS(REQUESTS_E_LENGTH, requests_session_tls_import(&session, (struct requests_bytes){buf, SIZE_MAX}));
	IS(REQUESTS_E_SESSIONS_MALFORMED, requests_session_tls_import(&session, (struct requests_bytes){buf, 0}));
	IS(0, requests_session_close(&session));

	IS(REQUESTS_E_UNALIGNED, requests_cookies_clear(ODD));
	IS(REQUESTS_E_UNALIGNED, requests_cookies_dropped(ODD));
	IS(REQUESTS_E_NULL, requests_cookies_dropped(NULL));
	IS(0, requests_cookies_clear(&cookies));
}

static int take(void *user, const void *data, size_t len)
{
	(void)user;
	(void)data;
	(void)len;
	return 0;
}

/* A stream that is not open, in one way or another. */
static void no_stream(struct requests_stream *no, int error)
{
	const char *line;
	char text[8];
	size_t len;

	IS(error, requests_stream_read(no, text, sizeof(text)));
	IS(error, requests_stream_line(no, &line, &len));
	IS(error, requests_stream_each(no, take, NULL));
	IS(error, requests_stream_error(no, &r));
	IS(error, requests_stream_into_response(no, &r));
	IS(error, requests_stream_close(no));
}

static void streams(void)
{
	static struct requests_stream stream;

	no_stream(NULL, REQUESTS_E_NULL);
	no_stream(ODD, REQUESTS_E_UNALIGNED);
	no_stream(&stream, REQUESTS_E_CLOSED);
	memset(&stream, 0xff, sizeof(stream));
	no_stream(&stream, REQUESTS_E_CLOSED);
	memset(&stream, 0, sizeof(stream));
	IS(REQUESTS_E_NOT_UTF8, requests_stream_open(&stream, not_utf8, url, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNTERMINATED, requests_stream_open(&stream, endless, url, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_NOT_UTF8, requests_stream_open(&stream, "GET", not_utf8, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNTERMINATED, requests_stream_open(&stream, "GET", endless, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNALIGNED, requests_stream_open(&stream, "GET", url, ODD, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNALIGNED, requests_stream_open(&stream, "GET", url, NULL, buf, sizeof(buf), ODD));
	IS(REQUESTS_E_OVERLAP, requests_stream_open(&stream, "GET", strcpy(buf, url), NULL, buf, sizeof(buf), &r));
	no_stream(&stream, REQUESTS_E_CLOSED);

	IS(0, requests_session_open(&session, NULL));
	IS(REQUESTS_E_NULL, requests_session_stream_open(&session, NULL, "GET", url, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_UNALIGNED, requests_session_stream_open(&session, ODD, "GET", url, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_NULL, requests_session_stream_open(&session, &stream, NULL, url, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_NULL, requests_session_stream_open(&session, &stream, "GET", NULL, NULL, buf, sizeof(buf), &r));
	IS(REQUESTS_E_NULL, requests_session_stream_open(&session, &stream, "GET", url, NULL, NULL, 1, &r));
	IS(REQUESTS_E_NULL, requests_session_stream_open(&session, &stream, "GET", url, NULL, buf, sizeof(buf), NULL));
	IS(REQUESTS_E_LENGTH, requests_session_stream_open(&session, &stream, "GET", url, NULL, buf, SIZE_MAX, &r));
	/* It is free again after each of them. */
	IS(REQUESTS_E_CONNECTION_REFUSED, requests_session_get(&session, url, NULL, buf, sizeof(buf), &r));
	IS(0, requests_session_close(&session));
}

static int write_nothing(void *user, uint64_t offset, const void *data, size_t len)
{
	(void)user;
	(void)offset;
	(void)data;
	(void)len;
	return 0;
}

static void downloads(void)
{
	struct requests_download download = {.sink = {.write = write_nothing}};
	struct requests_downloaded done;

#define DOWNLOAD(at) requests_download(at, NULL, &download, buf, sizeof(buf), &done, &r)

	IS(REQUESTS_E_NOT_UTF8, DOWNLOAD(not_utf8));
	IS(REQUESTS_E_UNTERMINATED, DOWNLOAD(endless));
	download.validator = not_utf8;
	IS(REQUESTS_E_NOT_UTF8, DOWNLOAD(url));
	download.validator = endless;
	IS(REQUESTS_E_UNTERMINATED, DOWNLOAD(url));
	download.validator = NULL;
	download.sha256 = (const uint8_t *)buf;
	IS(REQUESTS_E_OVERLAP, DOWNLOAD(url));
	download.sha256 = NULL;
	IS(REQUESTS_E_UNALIGNED, requests_download(url, ODD, &download, buf, sizeof(buf), &done, &r));
	IS(REQUESTS_E_UNALIGNED, requests_download(url, NULL, ODD, buf, sizeof(buf), &done, &r));
	IS(REQUESTS_E_UNALIGNED, requests_download(url, NULL, &download, buf, sizeof(buf), ODD, &r));
	IS(REQUESTS_E_UNALIGNED, requests_download(url, NULL, &download, buf, sizeof(buf), &done, ODD));
	IS(REQUESTS_E_LENGTH, requests_download(url, NULL, &download, buf, SIZE_MAX, &done, &r));
	IS(REQUESTS_E_BUFFER_TOO_SMALL, requests_download(url, NULL, &download, buf, 0, &done, &r));
	IS(REQUESTS_E_OVERLAP, requests_download(url, NULL, &download, room, sizeof(room), (void *)room, &r));
	IS(REQUESTS_E_OVERLAP, requests_download(url, NULL, (void *)room, room, sizeof(room), &done, &r));
}

int main(void)
{
	endless = malloc(REQUESTS_TEXT_MAX + 1);
	CHECK(endless != NULL);
	/* One byte more would be read where that is not looked at. */
	memset(endless, 'x', REQUESTS_TEXT_MAX + 1);
	requests();
	pins();
	responses();
	tokens();
	sessions();
	streams();
	downloads();
	free(endless);
	return 0;
}
