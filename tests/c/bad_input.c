/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Invalid arguments are errors, and have no other effect. No server is needed, because nothing is
 * sent. */

#include "check.h"

static const char *const url = "http://127.0.0.1:9/";
static char buf[2048];
static struct requests_response r;
static char text[64];
/* Two bytes that are never UTF-8. */
static const char not_utf8[] = "\xff\xfe";

/* A text of this many bytes without a NUL. */
static char *long_text(size_t len)
{
	char *made = malloc(len + 1);

	memset(made, 'x', len);
	made[len] = 0;
	return made;
}

static int get(const struct requests_options *options)
{
	int ret = requests_get(url, options, buf, sizeof(buf), &r);

	CHECK_INT(r.status, 0);
	CHECK_TEXT(r.body, "");
	CHECK_TEXT(r.url, "");
	CHECK_TEXT(r.reason, "");
	return ret;
}

static int unaligned_response(const char *at)
{
	return requests_get(at, NULL, buf, sizeof(buf), (void *)((char *)&r + 1));
}

static void requests(void)
{
	char *too_long = long_text(REQUESTS_TEXT_MAX + 1);
	char *as_long = long_text(REQUESTS_TEXT_MAX);

	CHECK_INT(requests_request(NULL, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_request("", url, NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_METHOD);
	CHECK_INT(requests_request("GE T", url, NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_METHOD);
	CHECK_INT(requests_request(not_utf8, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_NOT_UTF8);
	CHECK_INT(requests_get(NULL, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_get("", NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_URL);
	CHECK_INT(requests_get("ftp://a/", NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_URL);
	CHECK_TEXT(requests_error_phase(&r), "url");
	CHECK_INT(requests_get(not_utf8, NULL, buf, sizeof(buf), &r), REQUESTS_E_NOT_UTF8);
	CHECK_TEXT(requests_error_phase(&r), "");
	CHECK_INT(requests_get(too_long, NULL, buf, sizeof(buf), &r), REQUESTS_E_UNTERMINATED);
	CHECK_INT(requests_get(as_long, NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_URL);
	CHECK_INT(requests_get(url, NULL, NULL, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_get(url, NULL, NULL, 0, &r), REQUESTS_E_NULL);
	CHECK_INT(requests_get(url, NULL, buf, 0, &r), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK(r.needed > 0);
	CHECK_INT(requests_get(url, NULL, buf, SIZE_MAX, &r), REQUESTS_E_LENGTH);
	CHECK_INT(requests_get(url, NULL, buf, SIZE_MAX / 2 + 1, &r), REQUESTS_E_LENGTH);
	CHECK_INT(requests_get(url, NULL, buf, sizeof(buf), NULL), REQUESTS_E_NULL);
	CHECK_INT(unaligned_response(url), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_get(url, (void *)((char *)&r + 1), buf, sizeof(buf), &r), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_get(url, NULL, buf, sizeof(buf), &r), REQUESTS_E_CONNECTION_REFUSED);
	CHECK_TEXT(requests_error_phase(&r), "connect");
	CHECK(requests_error_errno(&r) > 0);

	/* Memory to read lies in the buffer. */
	strcpy(buf, url);
	CHECK_INT(requests_get(buf, NULL, buf, sizeof(buf), &r), REQUESTS_E_OVERLAP);
	strcpy(buf, url);
	CHECK_INT(requests_get(buf, NULL, buf + 4, sizeof(buf) - 4, &r), REQUESTS_E_OVERLAP);
	strcpy(buf + 100, url);
	CHECK_INT(requests_get(buf + 100, NULL, buf, 101, &r), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_get(url, NULL, &r, sizeof(r), &r), REQUESTS_E_OVERLAP);

	free(too_long);
	free(as_long);
}

static void options(void)
{
	const struct requests_field fields[] = {{"a", "b"}, {"c", "d"}};
	struct requests_options o;

#define REFUSED(error, ...)                                                                        \
	do {                                                                                       \
		o = (struct requests_options){__VA_ARGS__};                                        \
		CHECK_INT(get(&o), error);                                                         \
	} while (0)

	REFUSED(REQUESTS_E_LENGTH, .headers = {fields, 0});
	REFUSED(REQUESTS_E_NULL, .headers = {NULL, 1});
	REFUSED(REQUESTS_E_LENGTH, .headers = {fields, SIZE_MAX});
	REFUSED(REQUESTS_E_LENGTH, .headers = {fields, SIZE_MAX / sizeof(fields[0])});
	REFUSED(REQUESTS_E_UNALIGNED, .headers = {(const void *)((const char *)fields + 1), 1});
	REFUSED(REQUESTS_E_NULL, .headers = REQUESTS_FIELDS({NULL, "x"}));
	REFUSED(REQUESTS_E_INVALID_HEADER, .headers = REQUESTS_FIELDS({"a b", "x"}));
	REFUSED(REQUESTS_E_INVALID_HEADER, .headers = REQUESTS_FIELDS({"a", "x\r\nb: c"}));
	REFUSED(REQUESTS_E_NOT_UTF8, .headers = REQUESTS_FIELDS({"a", not_utf8}));
	REFUSED(REQUESTS_E_LENGTH, .params = {fields, 0});
	REFUSED(REQUESTS_E_NULL, .params = {NULL, 1});
	REFUSED(REQUESTS_E_NULL, .params = REQUESTS_FIELDS({"a", NULL}));
	REFUSED(REQUESTS_E_LENGTH, .form = {fields, SIZE_MAX});
	REFUSED(REQUESTS_E_NOT_UTF8, .form = REQUESTS_FIELDS({not_utf8, ""}));
	REFUSED(REQUESTS_E_NULL, .data = {NULL, 1});
	REFUSED(REQUESTS_E_LENGTH, .data = {"", SIZE_MAX});
	REFUSED(REQUESTS_E_CONFLICTING_BODY, .data = {"", 0}, .json = "1");
	REFUSED(REQUESTS_E_CONFLICTING_BODY, .json = "1", .form = REQUESTS_FIELDS({"a", "b"}));
	REFUSED(REQUESTS_E_NOT_UTF8, .json = not_utf8);
	REFUSED(REQUESTS_E_NULL, .files = {NULL, 3});
	REFUSED(REQUESTS_E_NULL, .files = REQUESTS_PARTS({.value = "x"}));
	REFUSED(REQUESTS_E_NULL, .files = REQUESTS_PARTS({.name = "x"}));
	REFUSED(REQUESTS_E_NULL, .files = REQUESTS_PARTS({.name = "x", .filename = "y", .content = {NULL, 1}}));
	REFUSED(REQUESTS_E_CONFLICTING_BODY,
		.files = REQUESTS_PARTS({.name = "x", .value = "y", .content = {"", 0}}));
	REFUSED(REQUESTS_E_INVALID_PART, .files = REQUESTS_PARTS({.name = "x\x01", .value = "y"}));
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .user = "a:b");
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .user = "a\n", .digest = true);
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .bearer = "");
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .bearer = "x", .user = "y");
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .bearer = "x", .password = "y");
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .bearer = "x", .digest = true);
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .password = "y");
	REFUSED(REQUESTS_E_INVALID_CREDENTIALS, .digest = true);
	REFUSED(REQUESTS_E_NOT_UTF8, .user = not_utf8);
	REFUSED(REQUESTS_E_NUMBER, .tls.min_version = 11);
	REFUSED(REQUESTS_E_NUMBER, .tls.dates = 3);
	REFUSED(REQUESTS_E_NULL, .tls.roots = {NULL, 7});
	REFUSED(REQUESTS_E_LENGTH, .tls.pins = {(const struct requests_pin *)(const void *)fields, SIZE_MAX});
	REFUSED(REQUESTS_E_CLOSED, .cancel = &(struct requests_cancel){{0}});
	REFUSED(REQUESTS_E_UNALIGNED, .cancel = (void *)((char *)&r + 1));
	REFUSED(REQUESTS_E_UNALIGNED, .inflater = (void *)((char *)&r + 1));
	REFUSED(REQUESTS_E_OVERLAP, .json = buf);
	REFUSED(REQUESTS_E_OVERLAP, .headers = {(const void *)buf, 1});
	REFUSED(REQUESTS_E_OVERLAP, .data = {buf + sizeof(buf) - 1, 1});

	/* More headers than fit, and a form that is larger than the buffer. */
	static struct requests_field many[100];

	for (size_t i = 0; i < 100; i++) {
		many[i] = fields[0];
	}
	REFUSED(REQUESTS_E_TOO_MANY_HEADERS, .headers = {many, 100});
	REFUSED(REQUESTS_E_BUFFER_TOO_SMALL, .form = {many, 100});
	CHECK(r.needed > sizeof(buf));
}

static void responses(void)
{
	static const char body[] = "{\"a\": [1, true, \"b\\n\", 2.5, null], \"c\": 9223372036854775808}";
	static const char headers[] = "A: 1\r\nB: 2\r\na: 3\r\n";
	const struct requests_bytes json = {body, sizeof(body) - 1};
	struct requests_response zero = {0};
	struct requests_header h;
	int64_t number = 0;
	double real;
	bool flag = false;
	size_t len = 0;

	CHECK_INT(requests_response_init(NULL, 200, NULL, json), REQUESTS_E_NULL);
	CHECK_INT(requests_response_init(&r, 200, not_utf8, json), REQUESTS_E_NOT_UTF8);
	CHECK_INT(requests_response_init(&r, 200, NULL, (struct requests_bytes){NULL, 1}), REQUESTS_E_NULL);
	CHECK_INT(requests_response_init(&r, 200, NULL, (struct requests_bytes){"", SIZE_MAX}),
		  REQUESTS_E_LENGTH);
	CHECK_INT(requests_response_init(&r, 204, NULL, (struct requests_bytes){NULL, 0}), 0);
	CHECK_INT(requests_json_int(&r, "", &number), REQUESTS_E_JSON);
	CHECK_INT(requests_response_init(&r, 200, headers, json), 0);

	CHECK_INT(requests_header_copy(&r, "a", text, sizeof(text)), 1);
	CHECK_TEXT(text, "1");
	CHECK_INT(requests_header_at(&r, 2, &h), 0);
	CHECK(h.name_len == 1 && h.name[0] == 'a' && h.value_len == 1 && h.value[0] == '3');
	CHECK_INT(requests_header_at(&r, 3, &h), REQUESTS_E_HEADER_NOT_FOUND);
	CHECK_INT(requests_header_at(&r, SIZE_MAX, &h), REQUESTS_E_HEADER_NOT_FOUND);
	CHECK_INT(requests_header_at(&r, 0, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_header_at(NULL, 0, &h), REQUESTS_E_NULL);
	CHECK_INT(requests_header_at(&zero, 0, &h), REQUESTS_E_CLOSED);
	CHECK(requests_header(NULL, "a", &len) == NULL);
	CHECK(requests_header(&zero, "a", &len) == NULL);
	CHECK(requests_header(&r, NULL, &len) == NULL);
	CHECK(requests_header(&r, "a", NULL) == NULL);
	CHECK(requests_header(&r, not_utf8, &len) == NULL);
	CHECK_INT(requests_header_copy(&r, "a", NULL, 5), REQUESTS_E_NULL);
	CHECK_INT(requests_header_copy(&r, "a", text, 0), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_INT(requests_header_copy(&r, "a", text, SIZE_MAX), REQUESTS_E_LENGTH);
	CHECK_INT(requests_header_copy(&r, NULL, text, sizeof(text)), REQUESTS_E_NULL);
	CHECK_INT(requests_header_copy(&r, "a", (char *)&r, sizeof(r)), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_response_init(&r, 200, headers, json), 0);

	CHECK_INT(requests_json_int(NULL, "/a/0", &number), REQUESTS_E_NULL);
	CHECK_INT(requests_json_int(&zero, "/a/0", &number), REQUESTS_E_CLOSED);
	CHECK_INT(requests_json_int(&r, NULL, &number), REQUESTS_E_NULL);
	CHECK_INT(requests_json_int(&r, "/a/0", NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_json_int(&r, "/a/0", (void *)((char *)&real + 1)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_json_int(&r, not_utf8, &number), REQUESTS_E_NOT_UTF8);
	CHECK_INT(requests_json_int(&r, "/a/9", &number), REQUESTS_E_JSON_NOT_FOUND);
	CHECK_INT(requests_json_int(&r, "/a/3", &number), REQUESTS_E_JSON_TYPE);
	CHECK_INT(requests_json_int(&r, "/a/4", &number), REQUESTS_E_JSON_TYPE);
	CHECK_INT(requests_json_int(&r, "/c", &number), REQUESTS_E_JSON_TYPE);
	CHECK_INT(requests_json_int(&r, "a", &number), REQUESTS_E_JSON_POINTER);
	CHECK_INT(number, 0);
	CHECK_INT(requests_json_int(&r, "/a/0", &number), 0);
	CHECK_INT(number, 1);
	CHECK_INT(requests_json_double(&r, "/a/3", &real), 0);
	CHECK(real == 2.5);
	CHECK_INT(requests_json_double(&r, "/a/3", NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_json_bool(&r, "/a/1", &flag), 0);
	CHECK(flag);
	CHECK_INT(requests_json_bool(&r, "/a/1", NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_json_bool(&r, "/a/0", &flag), REQUESTS_E_JSON_TYPE);
	CHECK_INT(requests_json_string(&r, "/a/2", text, 3), 2);
	CHECK_TEXT(text, "b\n");
	for (size_t size = 0; size < 3; size++) {
		CHECK_INT(requests_json_string(&r, "/a/2", text, size), REQUESTS_E_BUFFER_TOO_SMALL);
		CHECK(size == 0 || text[0] == 0);
	}
	CHECK_INT(requests_json_string(&r, "/a/2", NULL, 3), REQUESTS_E_NULL);
	CHECK_INT(requests_json_string(&r, "/a/2", text, SIZE_MAX), REQUESTS_E_LENGTH);
	CHECK_INT(requests_json_string(&r, "/a/0", text, sizeof(text)), REQUESTS_E_JSON_TYPE);
	const char *a = requests_json_text(&r, "/a/3", &len);

	CHECK(a != NULL && len == 3 && memcmp(a, "2.5", 3) == 0);
	CHECK(requests_json_text(&r, "/x", &len) == NULL);
	CHECK(requests_json_text(&r, "/a", NULL) == NULL);
	CHECK(requests_json_text(NULL, "/a", &len) == NULL);

	/* The result would overlap memory that is read. */
	char own[] = "[\"abc\"]   ";

	CHECK_INT(requests_response_init(&r, 200, NULL, (struct requests_bytes){own, 7}), 0);
	CHECK_INT(requests_json_string(&r, "/0", own + 2, 5), REQUESTS_E_OVERLAP);
}

static void errors(void)
{
	struct requests_response zero = {0};

	CHECK_TEXT(requests_strerror(REQUESTS_E_TIMEOUT), "the request timed out");
	CHECK_TEXT(requests_strerror(0), "no error");
	CHECK_TEXT(requests_strerror(-1), "unknown error");
	CHECK_TEXT(requests_strerror(INT32_MIN), "unknown error");
	CHECK_TEXT(requests_error_name(REQUESTS_E_HOST_NOT_FOUND), "host-not-found");
	CHECK(requests_error_name(0) == NULL);
	CHECK_TEXT(requests_error_phase(NULL), "");
	CHECK_TEXT(requests_error_phase(&zero), "");
	CHECK_INT(requests_error_errno(NULL), 0);
	CHECK_INT(requests_error_errno(&zero), 0);
	CHECK_INT(requests_error_describe(NULL, text, sizeof(text)), REQUESTS_E_NULL);
	CHECK_INT(requests_error_describe(&zero, text, sizeof(text)), REQUESTS_E_CLOSED);
	CHECK_TEXT(text, "");
	CHECK_INT(requests_get("http://a b/", NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_URL);
	CHECK_INT(requests_error_describe(&r, NULL, sizeof(text)), REQUESTS_E_NULL);
	CHECK(requests_error_describe(&r, text, 0) > 10);
	CHECK(requests_error_describe(&r, text, 1) > 10);
	CHECK_TEXT(text, "");
	CHECK_INT(requests_get(NULL, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK_TEXT(text, "a pointer is NULL that must not be");
}

static void tokens(void)
{
	struct requests_cancel cancel = {{0}}, moved;

	CHECK_INT(requests_cancel_open(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_cancel_open((void *)((char *)&cancel + 1)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_cancel(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_cancel(&cancel), REQUESTS_E_CLOSED);
	CHECK_INT(requests_is_cancelled(&cancel), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cancel_reset(&cancel), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cancel_close(&cancel), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cancel_open(&cancel), 0);
	memcpy(&moved, &cancel, sizeof(cancel));
	CHECK_INT(requests_cancel(&moved), REQUESTS_E_CLOSED);
	CHECK_INT(requests_cancel_close(&cancel), 0);
	CHECK_INT(requests_cancel_open(&cancel), 0);
	CHECK_INT(requests_cancel_close(&cancel), 0);
}

static int taker(void *user, const void *data, size_t len)
{
	(void)user;
	(void)data;
	(void)len;
	return 0;
}

static void sessions_and_streams(void)
{
	static struct requests_session session, moved;
	static struct requests_stream stream;
	static struct requests_cookies cookies;
	static struct requests_pin pin;
	struct requests_session_options o;
	const char *line;
	size_t len;

#define NOT_OPENED(error, ...)                                                                     \
	do {                                                                                       \
		o = (struct requests_session_options){__VA_ARGS__};                                \
		CHECK_INT(requests_session_open(&session, &o), error);                             \
		CHECK_INT(requests_session_close(&session), REQUESTS_E_CLOSED);                    \
	} while (0)

	NOT_OPENED(REQUESTS_E_NOT_UTF8, .base_url = not_utf8);
	NOT_OPENED(REQUESTS_E_NULL, .headers = {NULL, 1});
	NOT_OPENED(REQUESTS_E_NULL, .headers = REQUESTS_FIELDS({"a", NULL}));
	NOT_OPENED(REQUESTS_E_LENGTH, .params = {(const struct requests_field *)(const void *)&r, SIZE_MAX});
	NOT_OPENED(REQUESTS_E_NOT_UTF8, .user = not_utf8);
	NOT_OPENED(REQUESTS_E_INVALID_CREDENTIALS, .user = "a", .bearer = "b");
	NOT_OPENED(REQUESTS_E_INVALID_CREDENTIALS, .password = "a");
	NOT_OPENED(REQUESTS_E_INVALID_CREDENTIALS, .digest = true);
	NOT_OPENED(REQUESTS_E_LENGTH, .auth_buf = text, .auth_buf_len = SIZE_MAX);
	NOT_OPENED(REQUESTS_E_NUMBER, .tls.min_version = 14);
	NOT_OPENED(REQUESTS_E_CLOSED, .cancel = &(struct requests_cancel){{0}});
	NOT_OPENED(REQUESTS_E_UNALIGNED, .cookies = (void *)((char *)&r + 1));

	CHECK_INT(requests_session_open(NULL, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_session_open((void *)((char *)&r + 1), NULL), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_session_open(&session, (void *)((char *)&r + 1)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_session_get(NULL, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_session_get(&session, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_get(&session, url, NULL, buf, sizeof(buf), NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_session_set_auth(&session, "a", "b"), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_set_bearer(NULL, "a"), REQUESTS_E_NULL);
	CHECK_INT(requests_session_connections(&session), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_disconnect(&session), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_close(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_session_tls_export_size(&session), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_tls_export(&session, buf, sizeof(buf)), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){"", 0}), REQUESTS_E_CLOSED);

	/* What a session reads in each request must not be in the buffer, in which it would be overwritten. */
#define LENT(...)                                                                                  \
	do {                                                                                       \
		strcpy(buf + 64, "http://a/");                                                     \
		o = (struct requests_session_options){__VA_ARGS__};                                \
		CHECK_INT(requests_session_open(&session, &o), 0);                                 \
		CHECK_INT(requests_session_get(&session, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_OVERLAP); \
		CHECK_INT(requests_session_stream_open(&session, &stream, "GET", url, NULL, buf, sizeof(buf), &r), \
			  REQUESTS_E_OVERLAP);                                                     \
		CHECK_INT(requests_session_close(&session), 0);                                    \
	} while (0)

	/* Nor may the session itself be there, or where the response is written. */
	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_INT(requests_session_get(&session, url, NULL, &session, sizeof(session), &r), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_session_get(&session, url, NULL, (char *)&session + sizeof(session) - 1, 1, &r),
		  REQUESTS_E_OVERLAP);
	CHECK_INT(requests_session_get(&session, url, NULL, buf, sizeof(buf), (void *)&session), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_session_stream_open(&session, &stream, "GET", url, NULL, &session, sizeof(session), &r),
		  REQUESTS_E_OVERLAP);
	CHECK_INT(requests_session_download(&session, url, NULL, NULL, &session, sizeof(session), NULL, &r),
		  REQUESTS_E_OVERLAP);
	CHECK_INT(requests_session_close(&session), 0);
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, &stream, sizeof(stream), &r), REQUESTS_E_OVERLAP);

	LENT(.base_url = buf + 64);
	LENT(.user = "a", .password = buf + 64);
	LENT(.user = buf + 71);
	LENT(.bearer = buf + 64);
	LENT(.user = "a", .password = buf + 64, .digest = true);
	LENT(.user = buf + 71, .digest = true);
	LENT(.auth_buf = buf + sizeof(buf) - 1, .auth_buf_len = 1);
	LENT(.headers = REQUESTS_FIELDS({"a", buf + 64}));
	LENT(.tls.roots = {buf + 64, 9});
	LENT(.tls = {.roots = {buf + 64, 9}, .add_roots = true});
	LENT(.tls = {.certificate = {buf + 64, 9}, .key = {"", 1}});
	LENT(.tls = {.certificate = {"", 1}, .key = {buf + 64, 9}});
	LENT(.tls.pins = {(const struct requests_pin *)(const void *)(buf + 64), 1});

	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_INT(requests_session_set_auth(&session, NULL, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_session_set_bearer(&session, not_utf8), REQUESTS_E_NOT_UTF8);
	CHECK_INT(requests_session_get(&session, NULL, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_session_get(&session, url, NULL, buf, SIZE_MAX, &r), REQUESTS_E_LENGTH);
	CHECK_INT(requests_session_get(&session, "relative", NULL, buf, sizeof(buf), &r), REQUESTS_E_INVALID_URL);
	CHECK_INT(requests_session_tls_export(&session, NULL, 1), REQUESTS_E_NULL);
	CHECK_INT(requests_session_tls_export(&session, buf, 1), REQUESTS_E_BUFFER_TOO_SMALL);
	len = (size_t)requests_session_tls_export_size(&session);
	CHECK_INT(requests_session_tls_export(&session, buf, sizeof(buf)), len);
	CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){buf, len}), 0);
	CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){buf, len - 1}),
		  REQUESTS_E_SESSIONS_MALFORMED);
	CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){NULL, 1}), REQUESTS_E_NULL);
	memcpy(&moved, &session, sizeof(session));
	CHECK_INT(requests_session_get(&moved, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_stream_open(&moved, &stream, "GET", url, NULL, buf, sizeof(buf), &r),
		  REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_stream_open(NULL, &stream, "GET", url, NULL, buf, sizeof(buf), &r),
		  REQUESTS_E_NULL);
	CHECK_INT(requests_session_close(&session), 0);

	CHECK_INT(requests_stream_open(NULL, "GET", url, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_open((void *)((char *)&stream + 4), "GET", url, NULL, buf, sizeof(buf), &r),
		  REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_stream_open(&stream, NULL, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_open(&stream, "GET", NULL, NULL, buf, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, NULL, sizeof(buf), &r), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, buf, 0, &r), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, buf, SIZE_MAX, &r), REQUESTS_E_LENGTH);
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, buf, sizeof(buf), NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_open(&stream, "GET", url, NULL, &r, sizeof(r), &r), REQUESTS_E_OVERLAP);
	CHECK_INT(requests_stream_read(NULL, text, 1), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_read(&stream, text, 1), REQUESTS_E_CLOSED);
	CHECK_INT(requests_stream_line(&stream, &line, &len), REQUESTS_E_CLOSED);
	CHECK_INT(requests_stream_line(&stream, NULL, &len), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_line(&stream, &line, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_each(&stream, NULL, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_each(&stream, taker, NULL), REQUESTS_E_CLOSED);
	CHECK_INT(requests_stream_close(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_stream_close(&stream), REQUESTS_E_CLOSED);

	CHECK_INT(requests_cookies_clear(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_cookies_clear(&cookies), 0);
	CHECK_INT(requests_cookies_dropped(&cookies), 0);

	CHECK_INT(requests_pin_parse("sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", &pin), 0);
	CHECK_INT(pin.sha256[0], 0xe3);
	CHECK_INT(requests_pin_parse("sha256//", &pin), REQUESTS_E_NUMBER);
	CHECK_INT(requests_pin_parse(NULL, &pin), REQUESTS_E_NULL);
	CHECK_INT(requests_pin_parse("", NULL), REQUESTS_E_NULL);
}

static void digests(void)
{
	static const uint8_t of_abc[4] = {0xba, 0x78, 0x16, 0xbf};
	static struct requests_sha256 sha256, moved;
	const struct requests_bytes abc = {"abc", 3};
	uint8_t digest[32] = {0};

	CHECK_INT(requests_sha256_start(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_sha256_start((void *)((char *)&sha256 + 4)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_sha256_add(&sha256, abc), REQUESTS_E_CLOSED);
	CHECK_INT(requests_sha256_add(NULL, abc), REQUESTS_E_NULL);
	CHECK_INT(requests_sha256_finish(&sha256, digest), REQUESTS_E_CLOSED);
	CHECK_INT(requests_sha256_finish(NULL, digest), REQUESTS_E_NULL);
	CHECK_INT(requests_sha256_start(&sha256), 0);
	CHECK_INT(requests_sha256_start(&sha256), REQUESTS_E_OPEN);
	memcpy(&moved, &sha256, sizeof(sha256));
	CHECK_INT(requests_sha256_add(&moved, abc), REQUESTS_E_CLOSED);
	CHECK_INT(requests_sha256_add(&sha256, (struct requests_bytes){NULL, 1}), REQUESTS_E_NULL);
	CHECK_INT(requests_sha256_add(&sha256, (struct requests_bytes){"", SIZE_MAX}), REQUESTS_E_LENGTH);
	CHECK_INT(requests_sha256_add(&sha256, (struct requests_bytes){NULL, 0}), 0);
	CHECK_INT(requests_sha256_add(&sha256, (struct requests_bytes){"a", 1}), 0);
	CHECK_INT(requests_sha256_add(&sha256, (struct requests_bytes){"bc", 2}), 0);
	CHECK_INT(requests_sha256_finish(&sha256, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_sha256_finish(&sha256, digest), 0);
	CHECK_INT(memcmp(digest, of_abc, sizeof(of_abc)), 0);
	CHECK_INT(requests_sha256_finish(&sha256, digest), REQUESTS_E_CLOSED);
	CHECK_INT(requests_sha256_start(&sha256), 0);
	CHECK_INT(requests_sha256_finish(&sha256, digest), 0);
	CHECK_INT(digest[0], 0xe3);
}

static void tls_info(void)
{
	union {
		uint64_t aligned;
		char bytes[64];
	} room;
	struct requests_tls_info info;

	CHECK_INT(requests_tls_info(NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_tls_info((void *)(room.bytes + 1)), REQUESTS_E_UNALIGNED);
	CHECK_INT(requests_tls_info(&info), 0);
	CHECK(info.roots > 50);
	CHECK_INT(info.oldest_version, REQUESTS_TLS_1_2);
	CHECK_INT(info.newest_version, REQUESTS_TLS_1_3);
	CHECK(info.is_heap_counted && info.heap_used <= info.heap_peak);
}

int main(void)
{
	digests();
	tls_info();
	sessions_and_streams();
	requests();
	options();
	responses();
	errors();
	tokens();
	return 0;
}
