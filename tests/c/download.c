/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Downloads. The first argument is the URL of a server that sends a file and parts of it, the second one the digest of
 * the file, the third one its size.
 */

#include "check.h"

static char buf[4096];
static struct requests_response r;
static struct requests_downloaded done;

struct flash {
	uint8_t *content;
	uint64_t size;
	uint64_t len;
	char validator[100];
	int starts;
	int finishes;
	uint64_t progress;
	uint64_t fail_at;
};

static int write_flash(void *user, uint64_t offset, const void *data, size_t len)
{
	struct flash *flash = user;

	if (offset + len > flash->size || (flash->fail_at > 0 && offset + len > flash->fail_at)) {
		return -28;
	}
	memcpy(flash->content + offset, data, len);
	return 0;
}

static int start(void *user, uint64_t len, const char *validator)
{
	struct flash *flash = user;

	flash->starts++;
	flash->len = len;
	CHECK(validator != NULL && strlen(validator) < sizeof(flash->validator));
	strcpy(flash->validator, validator);
	return 0;
}

static int read_flash(void *user, uint64_t offset, void *to, size_t len)
{
	struct flash *flash = user;

	CHECK(offset + len <= flash->size);
	memcpy(to, flash->content + offset, len);
	return (int)len;
}

static int finish(void *user, uint64_t len)
{
	struct flash *flash = user;

	flash->finishes++;
	flash->len = len;
	return 0;
}

static void progress(void *user, uint64_t received, uint64_t len)
{
	struct flash *flash = user;

	CHECK(received >= flash->progress);
	CHECK(received <= len);
	flash->progress = received;
}

static int fail_to_start(void *user, uint64_t len, const char *validator)
{
	(void)user;
	(void)len;
	(void)validator;
	return -5;
}

static int fail_to_finish(void *user, uint64_t len)
{
	(void)user;
	(void)len;
	return -5;
}

static int boast(void *user, uint64_t offset, void *to, size_t len)
{
	(void)user;
	(void)offset;
	memset(to, 0, len);
	return (int)len + 1;
}

int main(int argc, char **argv)
{
	uint8_t digest[32];

	CHECK_INT(argc, 4);
	for (int i = 0; i < 32; i++) {
		unsigned int byte;

		CHECK_INT(sscanf(argv[2] + 2 * i, "%2x", &byte), 1);
		digest[i] = (uint8_t)byte;
	}

	struct flash flash = {.size = strtoull(argv[3], NULL, 10)};
	struct requests_download download = {
		.sink = {write_flash, start, read_flash, finish, progress, &flash},
		.sha256 = digest,
	};
	const char *url = url_of(argv, "/image.bin");

	flash.content = malloc(flash.size);
	CHECK_RESPONSE(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), &r, 0);
	CHECK_INT(done.len, flash.size);
	CHECK_INT(done.requests, 1);
	CHECK(flash.starts == 1 && flash.finishes == 1 && flash.len == flash.size);
	CHECK_INT(flash.progress, flash.size);
	uint8_t *whole = malloc(flash.size);

	memcpy(whole, flash.content, flash.size);

	/* In pieces, if the server supports it, in a session. */
	static struct requests_session session;

	flash.progress = 0;
	download.piece = flash.size / 4 + 1;
	memset(flash.content, 0, flash.size);
	CHECK_INT(requests_session_open(&session, NULL), 0);
	CHECK_INT(requests_session_download(&session, url, NULL, &download, buf, sizeof(buf), &done, &r), 0);
	CHECK_INT(done.len, flash.size);
	CHECK_INT(done.requests, 4);
	CHECK_INT(memcmp(flash.content, whole, flash.size), 0);
	CHECK_INT(requests_session_close(&session), 0);

	/* Pieces over connections of their own; one that holds everything; and from the middle of a piece on. */
	static const struct {
		uint64_t piece;
		uint64_t offset;
		int requests;
	} pieces[] = {
		{30000, 0, 4}, {UINT64_C(1) << 40, 0, 1}, {100003, 0, 1}, {100002, 0, 2}, {40000, 70000, 1}, {10000, 70000, 4},
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		flash.progress = 0;
		flash.starts = 0;
		download.piece = pieces[i].piece;
		download.offset = pieces[i].offset;
		download.len = pieces[i].offset > 0 ? flash.size : 0;
		download.validator = pieces[i].offset > 0 ? flash.validator : NULL;
		memset(flash.content + pieces[i].offset, 0, flash.size - pieces[i].offset);
		CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), 0);
		CHECK_INT(done.len, flash.size);
		CHECK_INT(done.requests, pieces[i].requests);
		CHECK_INT(flash.starts, pieces[i].offset > 0 ? 0 : 1);
		CHECK_INT(memcmp(flash.content, whole, flash.size), 0);
	}

	/* An earlier download is resumed. */
	download.piece = 0;
	download.validator = flash.validator;
	download.offset = flash.size / 2;
	download.len = flash.size;
	memset(flash.content + flash.size / 2, 0, flash.size - flash.size / 2);
	flash.starts = 0;
	flash.progress = 0;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), 0);
	CHECK_INT(done.len, flash.size);
	CHECK_INT(flash.starts, 0);
	flash.progress = 0;
	download.sink.read = boast;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_SINK);
	download.sink.read = NULL;
	download.validator = NULL;

	/* Failures. */
	done.len = 7;
	flash.progress = 0;
	digest[0] ^= 1;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_SHA256_MISMATCH);
	CHECK_INT(done.len, 7);
	download.sha256 = NULL;
	download.offset = 0;
	download.len = 0;
	flash.progress = 0;
	download.sink.start = fail_to_start;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_SINK);
	download.sink.start = NULL;
	flash.progress = 0;
	download.sink.finish = fail_to_finish;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_SINK);
	download.sink.finish = NULL;
	flash.fail_at = 10;
	flash.progress = 0;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_SINK);
	CHECK_TEXT(requests_error_phase(&r), "sink");
	download.sink.write = NULL;
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_NULL);
	download.sink.write = write_flash;
	CHECK_INT(requests_download(url, NULL, NULL, buf, sizeof(buf), &done, &r), REQUESTS_E_NULL);
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), NULL, &r), REQUESTS_E_NULL);
	CHECK_INT(requests_download(url, NULL, &download, buf, sizeof(buf), &done, NULL), REQUESTS_E_NULL);
	CHECK_INT(requests_download(url, NULL, &download, NULL, sizeof(buf), &done, &r), REQUESTS_E_NULL);
	CHECK_INT(requests_download(NULL, NULL, &download, buf, sizeof(buf), &done, &r), REQUESTS_E_NULL);
	CHECK_INT(requests_session_download(&session, url, NULL, &download, buf, sizeof(buf), &done, &r),
		  REQUESTS_E_CLOSED);
	CHECK_INT(requests_session_download(NULL, url, NULL, &download, buf, sizeof(buf), &done, &r),
		  REQUESTS_E_NULL);
	free(flash.content);
	free(whole);
	return 0;
}
