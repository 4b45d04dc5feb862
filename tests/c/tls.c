/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * HTTPS: roots, pins, certificates of the client, TLS sessions that are exported and imported. The arguments are the URL
 * of a server, that of one that demands a certificate, a folder with files in PEM and DER, and the pins of the server
 * and of another key.
 */

#include "check.h"

static char buf[16384];
static struct requests_response r;
static const char *folder;

/* The content of a file, and a NUL behind it. */
static struct requests_bytes load(const char *name)
{
	char path[512];
	char *content = malloc(65536);

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");

	CHECK(file != NULL && content != NULL);
	size_t len = fread(content, 1, 65535, file);

	fclose(file);
	content[len] = '\0';
	return (struct requests_bytes){content, len};
}

static int get(const char *at, const struct requests_tls *tls)
{
	const struct requests_options options = {.tls = *tls, .timeout_ms = 10000};

	return requests_get(at, &options, buf, sizeof(buf), &r);
}

#define ACCEPTED(at, ...) CHECK_RESPONSE(get(at, &(struct requests_tls){__VA_ARGS__}), &r, 200)
#define REFUSED(error, at, ...)                                                                    \
	do {                                                                                       \
		CHECK_INT(get(at, &(struct requests_tls){__VA_ARGS__}), error);                    \
		CHECK_TEXT(requests_error_phase(&r), "tls");                                       \
	} while (0)

static void unknown_issuer(const char *url)
{
	char text[320];

	CHECK_INT(requests_get(url, NULL, buf, 2048, &r), REQUESTS_E_UNKNOWN_ISSUER);
	CHECK_TEXT(requests_error_phase(&r), "tls");
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK_INT(strstr(text, "no trusted certificate of the issuer \"Test Root RSA\"") != NULL, 1);
	/* The buffer was used for something else. */
	buf[0] = '\0';
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK_INT(strstr(text, "no trusted certificate of the issuer: ") != NULL, 1);
}

static void roots(const char *url)
{
	const struct requests_bytes pem = load("root.pem"), der = load("root.der"), other = load("other.pem");
	const struct requests_bytes with_nul = {pem.ptr, pem.len + 1};
	char *both = malloc(2 * der.len);

	memcpy(both, der.ptr, der.len);
	memcpy(both + der.len, der.ptr, der.len);
	ACCEPTED(url, .roots = pem);
	CHECK(r.url != NULL && r.body_len > 100);
	ACCEPTED(url, .roots = with_nul);
	ACCEPTED(url, .roots = der);
	ACCEPTED(url, .roots = {both, 2 * der.len});
	ACCEPTED(url, .roots = pem, .add_roots = true);
	ACCEPTED(url, .roots = pem, .min_version = REQUESTS_TLS_1_3);
	ACCEPTED(url, .roots = pem, .dates = REQUESTS_TLS_DATES_REQUIRED);
	ACCEPTED(url, .accept_invalid_certs = true);
	REFUSED(REQUESTS_E_UNKNOWN_ISSUER, url, .roots = other);
	REFUSED(REQUESTS_E_UNKNOWN_ISSUER, url, .roots = other, .add_roots = true);
	REFUSED(REQUESTS_E_INVALID_ROOTS, url, .roots = {"neither", 7});
	REFUSED(REQUESTS_E_INVALID_ROOTS, url, .roots = {der.ptr, der.len - 1});
	REFUSED(REQUESTS_E_NO_ROOTS, url, .roots = {"", 0});
	free(both);
	free((void *)pem.ptr);
	free((void *)der.ptr);
	free((void *)other.ptr);
}

static void pins(const char *url, const char *right, const char *wrong)
{
	const struct requests_bytes pem = load("root.pem");
	struct requests_pin list[2];

	CHECK_INT(requests_pin_parse(wrong, &list[0]), 0);
	CHECK_INT(requests_pin_parse(right, &list[1]), 0);
	ACCEPTED(url, .roots = pem, .pins = {&list[1], 1});
	ACCEPTED(url, .roots = pem, .pins = {list, 2});
	REFUSED(REQUESTS_E_PIN_MISMATCH, url, .roots = pem, .pins = {list, 1});
	ACCEPTED(url, .accept_invalid_certs = true, .pins = {list, 2});
	REFUSED(REQUESTS_E_PIN_MISMATCH, url, .accept_invalid_certs = true, .pins = {list, 1});
	free((void *)pem.ptr);
}

/* What a request sets takes the place of the session's setting. The others stay. */
static void settings_of_a_session(const char *url, const char *wrong)
{
	const struct requests_bytes pem = load("root.pem"), other = load("other.pem");
	const struct requests_options roots = {.tls.roots = pem}, newer = {.tls = {.roots = pem, .min_version = 12}};
	const struct requests_options unset = {.tls.dates = REQUESTS_TLS_DATES_REQUIRED};
	static struct requests_session session;
	struct requests_session_options o = {.tls.roots = other};
	struct requests_pin pin;

	CHECK_INT(requests_session_open(&session, &o), 0);
	CHECK_INT(requests_session_get(&session, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_UNKNOWN_ISSUER);
	CHECK_INT(requests_session_get(&session, url, &unset, buf, sizeof(buf), &r), REQUESTS_E_UNKNOWN_ISSUER);
	CHECK_INT(requests_session_get(&session, url, &roots, buf, sizeof(buf), &r), 0);
	CHECK_INT(requests_session_close(&session), 0);

	CHECK_INT(requests_pin_parse(wrong, &pin), 0);
	o.tls.pins.list = &pin;
	o.tls.pins.count = 1;
	CHECK_INT(requests_session_open(&session, &o), 0);
	CHECK_INT(requests_session_get(&session, url, &roots, buf, sizeof(buf), &r), REQUESTS_E_PIN_MISMATCH);
	CHECK_INT(requests_session_get(&session, url, &newer, buf, sizeof(buf), &r), REQUESTS_E_PIN_MISMATCH);
	CHECK_INT(requests_session_close(&session), 0);
	free((void *)pem.ptr);
	free((void *)other.ptr);
}

static void identities(const char *url)
{
	const struct requests_bytes root = load("root.pem"), chain = load("client.pem"), key = load("client.key");
	const struct requests_bytes der = load("client.der"), key_der = load("client.key.der");
	const struct requests_bytes other_key = load("other.key");

	ACCEPTED(url, .roots = root, .certificate = chain, .key = key);
	CHECK(strstr(r.body, "Client certificate") != NULL);
	ACCEPTED(url, .roots = root, .certificate = der, .key = key_der);
	CHECK(strstr(r.body, "Client certificate") != NULL);
	REFUSED(REQUESTS_E_ALERT_RECEIVED, url, .roots = root);
	REFUSED(REQUESTS_E_KEY_MISMATCH, url, .roots = root, .certificate = chain, .key = other_key);
	REFUSED(REQUESTS_E_INVALID_IDENTITY, url, .roots = root, .certificate = chain);
	REFUSED(REQUESTS_E_INVALID_IDENTITY, url, .roots = root, .key = key);
	REFUSED(REQUESTS_E_INVALID_IDENTITY, url, .roots = root, .certificate = {"x", 1}, .key = key);
	REFUSED(REQUESTS_E_INVALID_IDENTITY, url, .roots = root, .certificate = der, .key = {key_der.ptr, 9});
	free((void *)root.ptr);
	free((void *)chain.ptr);
	free((void *)key.ptr);
	free((void *)der.ptr);
	free((void *)key_der.ptr);
	free((void *)other_key.ptr);
}

static struct requests_session session;

static void get_in_session(const char *url, const char *expected)
{
	CHECK_RESPONSE(requests_session_get(&session, url, NULL, buf, sizeof(buf), &r), &r, 200);
	CHECK(strstr(r.body, expected) != NULL);
}

static void resumption(const char *url)
{
	const struct requests_bytes pem = load("root.pem");
	const struct requests_session_options options = {.tls = {.roots = pem}};

	CHECK_INT(requests_session_open(&session, &options), 0);
	get_in_session(url, "\nNew, ");
	int len = requests_session_tls_export_size(&session);

	CHECK(len > 100);
	uint8_t *sessions = malloc((size_t)len);

	CHECK_INT(requests_session_tls_export(&session, sessions, (size_t)len - 1), REQUESTS_E_BUFFER_TOO_SMALL);
	CHECK_INT(requests_session_tls_export(&session, sessions, (size_t)len), len);
	CHECK_INT(requests_session_close(&session), 0);

	/* Without them the handshake is a full one. */
	CHECK_INT(requests_session_open(&session, &options), 0);
	get_in_session(url, "\nNew, ");
	CHECK_INT(requests_session_close(&session), 0);

	CHECK_INT(requests_session_open(&session, &options), 0);
	for (int i = 0; i < len; i++) {
		CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){sessions, (size_t)i}),
			  REQUESTS_E_SESSIONS_MALFORMED);
		sessions[i] ^= 0x10;
		int ret = requests_session_tls_import(&session, (struct requests_bytes){sessions, (size_t)len});

		CHECK(ret == REQUESTS_E_SESSIONS_MALFORMED || ret == REQUESTS_E_SESSIONS_OTHER_BUILD);
		sessions[i] ^= 0x10;
	}
	CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){sessions, (size_t)len}), 1);
	get_in_session(url, "\nReused, ");
	CHECK_INT(requests_session_close(&session), 0);

	/* Another trust does not resume them. */
	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_INT(requests_session_tls_import(&session, (struct requests_bytes){sessions, (size_t)len}), 1);
	CHECK_INT(requests_session_get(&session, url, NULL, buf, sizeof(buf), &r), REQUESTS_E_UNKNOWN_ISSUER);
	CHECK_INT(requests_session_close(&session), 0);
	free(sessions);
	free((void *)pem.ptr);
}

static void memory(void)
{
	struct requests_tls_info info;

	CHECK_INT(requests_tls_info(&info), 0);
	CHECK(info.is_heap_counted);
	CHECK(info.heap_peak > 10000);
	CHECK(info.heap_used < info.heap_peak);
}

int main(int argc, char **argv)
{
	CHECK_INT(argc, 6);
	folder = argv[3];
	unknown_issuer(argv[1]);
	roots(argv[1]);
	pins(argv[1], argv[4], argv[5]);
	settings_of_a_session(argv[1], argv[5]);
	identities(argv[2]);
	resumption(argv[1]);
	memory();
	return 0;
}
