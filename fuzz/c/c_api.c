/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls the functions of the C API with arguments that the input chooses: any text, list and number that C can
 * express, NULL, lengths that fit nothing, objects that were not opened. All memory is of the exact size, so that
 * AddressSanitizer sees each byte too many.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <requests/requests.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

enum {
	MOST_ALLOCATIONS = 256,
	MOST_ITEMS = 6,
};

/** The input that is left, and the memory that was allocated for it. */
struct input {
	const uint8_t *at;
	size_t len;
	uint16_t port;
	void *allocations[MOST_ALLOCATIONS];
	size_t count;
};

static uint8_t byte_of(struct input *in)
{
	if (in->len == 0) {
		return 0;
	}
	in->len--;
	return *in->at++;
}

static void *allocate(struct input *in, size_t size)
{
	void *memory = in->count < MOST_ALLOCATIONS ? malloc(size) : NULL;

	if (memory != NULL) {
		in->allocations[in->count++] = memory;
	}
	return memory;
}

/** Bytes of the input in memory of their own. */
static struct requests_bytes bytes_of(struct input *in)
{
	struct requests_bytes bytes = {NULL, 0};
	uint8_t kind = byte_of(in);
	size_t len = kind < in->len ? kind : in->len;
	uint8_t *copy;

	if (kind == 255) {
		/* NULL with a length, which is refused. */
		bytes.len = byte_of(in);
		return bytes;
	}
	if (kind == 254) {
		/* More than any memory. */
		bytes.ptr = in->at;
		bytes.len = SIZE_MAX - byte_of(in);
		return bytes;
	}
	copy = allocate(in, len);
	if (copy != NULL) {
		memcpy(copy, in->at, len);
		bytes.ptr = copy;
		bytes.len = len;
		in->at += len;
		in->len -= len;
	}
	return bytes;
}

/** A text that ends with NUL, or NULL. */
static const char *text_of(struct input *in)
{
	uint8_t kind = byte_of(in);
	size_t len = kind & 63;
	char *copy;

	if (kind >= 0xc0) {
		return NULL;
	}
	if (len > in->len) {
		len = in->len;
	}
	copy = allocate(in, len + 1);
	if (copy == NULL) {
		return NULL;
	}
	memcpy(copy, in->at, len);
	copy[len] = 0;
	in->at += len;
	in->len -= len;
	return copy;
}

/** Most often a URL that leads to the server. */
static const char *url_of(struct input *in)
{
	const char *text = text_of(in);
	char *url;

	if (text == NULL || text[0] == '!') {
		return text;
	}
	url = allocate(in, strlen(text) + 32);
	if (url != NULL) {
		sprintf(url, "http://127.0.0.1:%u/%s", in->port, text);
	}
	return url;
}

static struct requests_fields fields_of(struct input *in)
{
	struct requests_fields fields = {NULL, 0};
	uint8_t kind = byte_of(in);
	size_t count = kind % (MOST_ITEMS + 1);
	struct requests_field *list;

	if (kind >= 0xf0) {
		/* No list with a number of items, or a list that fits nowhere. */
		fields.count = kind >= 0xf8 ? SIZE_MAX / 2 : 3;
		return fields;
	}
	list = allocate(in, count * sizeof(*list));
	if (list == NULL) {
		return fields;
	}
	for (size_t i = 0; i < count; i++) {
		list[i].name = text_of(in);
		list[i].value = text_of(in);
	}
	fields.list = list;
	fields.count = count;
	return fields;
}

/** What the callbacks have to give: bytes that are read once. */
struct content {
	size_t left;
	int end;
};

static int read_content(void *user, void *buf, size_t len)
{
	struct content *content = user;
	size_t count = len < content->left ? len : content->left;

	CHECK(len > 0);
	if (count == 0) {
		return content->end;
	}
	memset(buf, 'x', count);
	content->left -= count;
	return (int)count;
}

static struct requests_reader reader_of(struct input *in, struct content *content)
{
	struct requests_reader reader = {NULL, NULL, 0};
	uint8_t kind = byte_of(in);

	content->left = byte_of(in) * 16u;
	/* The end, a failure, or more than there is room for. */
	content->end = kind & 4 ? (kind & 8 ? -5 : INT_MAX) : 0;
	if (kind & 1) {
		reader.read = read_content;
		reader.user = content;
		reader.len = kind & 2 ? content->left : kind * 7u;
	}
	return reader;
}

static struct requests_parts parts_of(struct input *in, struct content *contents)
{
	struct requests_parts parts = {NULL, 0};
	size_t count = byte_of(in) % (MOST_ITEMS + 1);
	struct requests_part *list = allocate(in, count * sizeof(*list));

	if (list == NULL) {
		return parts;
	}
	for (size_t i = 0; i < count; i++) {
		list[i].name = text_of(in);
		list[i].value = text_of(in);
		list[i].filename = text_of(in);
		list[i].content_type = text_of(in);
		list[i].content = bytes_of(in);
		list[i].reader = reader_of(in, &contents[i]);
	}
	parts.list = list;
	parts.count = count;
	return parts;
}

static void options_of(struct input *in, struct requests_options *options, struct content *contents)
{
	uint8_t set = byte_of(in), flags = byte_of(in);

	memset(options, 0, sizeof(*options));
	/* A server that does not answer ends a request soon. */
	options->timeout_ms = 2000;
	if (set & 1) {
		options->headers = fields_of(in);
	}
	if (set & 2) {
		options->params = fields_of(in);
	}
	if (set & 4) {
		options->data = bytes_of(in);
	}
	if (set & 8) {
		options->json = text_of(in);
	}
	if (set & 16) {
		options->form = fields_of(in);
	}
	if (set & 32) {
		options->files = parts_of(in, contents + 1);
	}
	if (set & 64) {
		options->body = reader_of(in, contents);
	}
	if (set & 128) {
		options->user = text_of(in);
		options->password = text_of(in);
		options->bearer = text_of(in);
	}
	options->redirects = flags & 1 ? -(int32_t)byte_of(in) : 0;
	options->digest = flags & 2;
	options->chunked = flags & 4;
	options->expect_continue = false;
	options->allow_https_downgrade = flags & 8;
	if (flags & 16) {
		options->tls.min_version = byte_of(in);
		options->tls.dates = byte_of(in);
		options->tls.roots = bytes_of(in);
		options->tls.certificate = bytes_of(in);
		options->tls.key = bytes_of(in);
	}
	/* Any byte for a bool, which C lets happen. */
	if (flags & 32) {
		uint8_t odd = byte_of(in);

		memcpy(&options->chunked, &odd, 1);
	}
}

/** Reads all there is to a response, valid or not. */
static void look_at(struct input *in, const struct requests_response *response)
{
	struct requests_header header;
	char text[64];
	const char *name = text_of(in), *pointer = text_of(in);
	size_t size = byte_of(in) % sizeof(text), len;
	int64_t integer;
	double number;
	bool flag;

	if (response->body != NULL && response->buffer != NULL) {
		/* What was received ends with NUL, and so do the others. */
		CHECK(response->body[response->body_len] == 0);
	}
	CHECK(response->reason == NULL || strlen(response->reason) < 4096);
	CHECK(response->url == NULL || strlen(response->url) < 4096);
	requests_header(response, name, &len);
	requests_header_copy(response, name, text, size);
	for (size_t i = 0; i < 8; i++) {
		requests_header_at(response, i == 7 ? SIZE_MAX : i, &header);
	}
	requests_json_int(response, pointer, &integer);
	requests_json_double(response, pointer, &number);
	requests_json_bool(response, pointer, &flag);
	requests_json_string(response, pointer, text, size);
	requests_json_text(response, pointer, &len);
	memset(text, 1, sizeof(text));
	requests_error_describe(response, text, size);
	CHECK(size == 0 || memchr(text, 0, size) != NULL);
	CHECK(text[size] == 1);
	requests_error_phase(response);
	requests_error_errno(response);
}

static int write_sink(void *user, uint64_t offset, const void *bytes, size_t len)
{
	uint8_t sum = 0;

	(void)user;
	(void)offset;
	for (size_t i = 0; i < len; i++) {
		sum += ((const uint8_t *)bytes)[i];
	}
	return sum == 1 ? -1 : 0;
}

static int take_data(void *user, const void *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)user += len;
	return 0;
}

static void session(struct input *in, void *buf, size_t len, struct requests_options *options)
{
	struct requests_session *session = allocate(in, sizeof(*session));
	struct requests_session_options settings = {0};
	struct requests_response response;
	int result;

	if (session == NULL) {
		return;
	}
	memset(session, byte_of(in), sizeof(*session));
	settings.base_url = byte_of(in) & 1 ? url_of(in) : NULL;
	settings.headers = fields_of(in);
	settings.timeout_ms = 2000;
	settings.digest = byte_of(in) & 1;
	result = requests_session_open(session, byte_of(in) & 1 ? &settings : NULL);
	for (int i = 0; i < 2; i++) {
		requests_session_request(session, text_of(in), url_of(in), options, buf, len, &response);
		look_at(in, &response);
		requests_session_set_auth(session, text_of(in), text_of(in));
		requests_session_tls_import(session, bytes_of(in));
		CHECK(result != 0 || requests_session_connections(session) >= 0);
	}
	CHECK(requests_session_close(session) == (result == 0 ? 0 : REQUESTS_E_CLOSED));
	CHECK(requests_session_close(session) == REQUESTS_E_CLOSED);
}

static void stream(struct input *in, void *buf, size_t len, struct requests_options *options)
{
	struct requests_stream *stream = allocate(in, sizeof(*stream));
	struct requests_response response;
	const char *line;
	uint8_t piece[32];
	size_t total = 0;
	int result;

	if (stream == NULL) {
		return;
	}
	memset(stream, byte_of(in), sizeof(*stream));
	result = requests_stream_open(stream, text_of(in), url_of(in), options, buf, len, &response);
	look_at(in, &response);
	for (int i = 0; i < 4; i++) {
		switch (byte_of(in) % 4) {
		case 0:
			requests_stream_read(stream, piece, byte_of(in) % (sizeof(piece) + 1));
			break;
		case 1:
			requests_stream_line(stream, &line, &len);
			break;
		case 2:
			requests_stream_each(stream, byte_of(in) & 1 ? take_data : NULL, &total);
			break;
		default:
			requests_stream_into_response(stream, &response);
			break;
		}
	}
	requests_stream_error(stream, &response);
	look_at(in, &response);
	requests_stream_close(stream);
	CHECK(result != 0 || requests_stream_close(stream) == REQUESTS_E_CLOSED);
}

/** One call or a few with arguments of the input. */
void fuzz_c_api(const uint8_t *data, size_t size, uint16_t port)
{
	struct input in = {.at = data, .len = size, .port = port};
	struct content contents[MOST_ITEMS + 1];
	struct requests_response response;
	struct requests_options options;
	struct requests_pin pin;
	uint8_t kind = byte_of(&in);
	size_t len = byte_of(&in) * 8u;
	void *buf = kind & 128 ? NULL : allocate(&in, len);

	if (kind & 64) {
		len = SIZE_MAX - len;
		/* Such a length is refused before the memory is touched. */
	}
	options_of(&in, &options, contents);
	switch (kind & 7) {
	case 0: {
		int result = requests_request(text_of(&in), url_of(&in), kind & 32 ? NULL : &options, buf, len,
					      &response);

		CHECK((result == 0) == (response.status != 0));
		CHECK(result <= 0);
		look_at(&in, &response);
		break;
	}
	case 1:
		session(&in, buf, len, &options);
		break;
	case 2:
		stream(&in, buf, len, &options);
		break;
	case 3: {
		struct requests_download download = {0};
		struct requests_downloaded done;

		download.sink.write = kind & 8 ? NULL : write_sink;
		download.validator = text_of(&in);
		download.offset = byte_of(&in);
		download.len = byte_of(&in);
		download.piece = byte_of(&in);
		requests_download(url_of(&in), &options, kind & 16 ? NULL : &download, buf, len, &done,
				  &response);
		look_at(&in, &response);
		break;
	}
	case 4: {
		/* A response that was made of the input. */
		const char *headers = text_of(&in);
		struct requests_bytes body = bytes_of(&in);

		if (requests_response_init(&response, byte_of(&in), headers, body) == 0) {
			look_at(&in, &response);
		}
		break;
	}
	case 5:
		/* Nothing was written to it. */
		memset(&response, byte_of(&in), sizeof(response));
		response.reason = NULL;
		response.url = NULL;
		response.body = NULL;
		response.headers = NULL;
		response.buffer = NULL;
		look_at(&in, &response);
		break;
	case 6: {
		const char *text = text_of(&in);

		requests_pin_parse(text, &pin);
		CHECK(requests_strerror((int)byte_of(&in) - 1600) != NULL);
		requests_error_name(-1000 - (int)byte_of(&in));
		break;
	}
	default:
		CHECK(requests_request("GET", url_of(&in), &options, buf, len, NULL) != 0);
		break;
	}
	while (in.count > 0) {
		free(in.allocations[--in.count]);
	}
}
