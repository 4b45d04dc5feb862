/*
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file Checks that end the program if they fail, and print their location. */

#ifndef CHECK_H_
#define CHECK_H_

#include <requests/requests.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define CHECK_INT(actual, expected)                                                                \
	do {                                                                                       \
		intmax_t actual_ = (actual), expected_ = (expected);                               \
		if (actual_ != expected_) {                                                        \
			fprintf(stderr, "%s:%d: %s is %" PRIdMAX ", not %" PRIdMAX "\n", __FILE__, \
				__LINE__, #actual, actual_, expected_);                            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define CHECK_TEXT(actual, expected)                                                               \
	do {                                                                                       \
		const char *actual_ = (actual), *expected_ = (expected);                           \
		if (actual_ == NULL || strcmp(actual_, expected_) != 0) {                          \
			fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__,   \
				#actual, actual_ == NULL ? "(NULL)" : actual_, expected_);         \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/** Check that a request succeeded, and print why not. */
#define CHECK_RESPONSE(result, response, expected)                                                 \
	do {                                                                                       \
		int result_ = (result);                                                            \
		if (result_ != 0) {                                                                \
			char why_[256];                                                            \
			requests_error_describe((response), why_, sizeof(why_));                   \
			fprintf(stderr, "%s:%d: %d: %s (%s)\n", __FILE__, __LINE__, result_, why_, \
				requests_error_phase(response));                                   \
			exit(1);                                                                   \
		}                                                                                  \
		CHECK_INT((response)->status, expected);                                           \
	} while (0)

/** The URL of a path on the server that the first argument names. */
static inline const char *url_of(char **argv, const char *path)
{
	static char url[4][256];
	static unsigned int next;
	char *out = url[next++ % 4];

	snprintf(out, sizeof(url[0]), "%s%s", argv[1], path);
	return out;
}

#endif /* CHECK_H_ */
