/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* A build without any optional part: what is asked for of one is refused before anything is sent, and nothing is
 * ignored. The sentence says so.
 */

#include <zephyr/ztest.h>

#include <requests/requests.h>

static const char url[] = "http://192.0.2.1/";
static char buf[1024];
static struct requests_response r;

/* A request with these options is refused. */
#define REFUSED(...)                                                                               \
	do {                                                                                       \
		const struct requests_options options = {__VA_ARGS__};                             \
		char text[80];                                                                     \
                                                                                                   \
		zassert_equal(requests_post(url, &options, buf, sizeof(buf), &r),                  \
			      REQUESTS_E_NOT_BUILT_IN, #__VA_ARGS__);                              \
		zassert_true(requests_error_describe(&r, text, sizeof(text)) > 0);                 \
		zassert_str_equal(text, "this build does not contain the feature");                \
	} while (0)

static int read_nothing(void *user, void *to, size_t len)
{
	ARG_UNUSED(user);
	ARG_UNUSED(to);
	ARG_UNUSED(len);

	return 0;
}

static int write_nothing(void *user, uint64_t offset, const void *data, size_t len)
{
	ARG_UNUSED(user);
	ARG_UNUSED(offset);
	ARG_UNUSED(data);
	ARG_UNUSED(len);

	return 0;
}

ZTEST(nothing, test_options_of_requests)
{
	static struct requests_inflater inflater;

	REFUSED(.files = REQUESTS_PARTS({.name = "a", .value = "b"}));
	REFUSED(.body = {.read = read_nothing});
	REFUSED(.data = {"x", 1}, .chunked = true);
	REFUSED(.data = {"x", 1}, .expect_continue = true);
	REFUSED(.retry = {.attempts = 2});
	REFUSED(.user = "demo", .password = "demo", .digest = true);
	REFUSED(.inflater = &inflater);
}

ZTEST(nothing, test_https)
{
	zassert_equal(requests_get("https://192.0.2.1/", NULL, buf, sizeof(buf), &r), REQUESTS_E_TLS_NOT_SUPPORTED);
	zassert_str_equal(requests_error_phase(&r), "tls");
}

ZTEST(nothing, test_sessions)
{
	static struct requests_session session;
	static struct requests_cookies cookies;
	struct requests_session_options options = {.cookies = &cookies};

	zassert_equal(requests_session_open(&session, &options), REQUESTS_E_NOT_BUILT_IN);
	options = (struct requests_session_options){.retry = {.attempts = 2}};
	zassert_equal(requests_session_open(&session, &options), REQUESTS_E_NOT_BUILT_IN);
	options = (struct requests_session_options){.user = "demo", .digest = true};
	zassert_equal(requests_session_open(&session, &options), REQUESTS_E_NOT_BUILT_IN);
	zassert_equal(requests_cookies_clear(&cookies), REQUESTS_E_NOT_BUILT_IN);
}

ZTEST(nothing, test_digests_and_tokens)
{
	static struct requests_sha256 sha256;
	static struct requests_cancel token;
	static const uint8_t digest[32];
	const struct requests_download download = {.sink = {.write = write_nothing}, .sha256 = digest};
	struct requests_downloaded done;
	struct requests_tls_info info;
	struct requests_pin pin;

	zassert_equal(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_NOT_BUILT_IN);
	zassert_equal(requests_sha256_start(&sha256), REQUESTS_E_NOT_BUILT_IN);
	zassert_equal(requests_cancel_open(&token), REQUESTS_E_NOT_BUILT_IN);
	zassert_equal(requests_tls_info(&info), REQUESTS_E_NOT_BUILT_IN);
	zassert_equal(requests_pin_parse("sha256//x", &pin), REQUESTS_E_NOT_BUILT_IN);
}

ZTEST_SUITE(nothing, NULL, NULL, NULL, NULL, NULL);
