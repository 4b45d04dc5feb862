/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The error for a server with an unknown authority, whose URL is the first argument. */

#include "check.h"

int main(int argc, char **argv)
{
	static char buf[2048];
	struct requests_response r;
	char text[320];

	CHECK_INT(argc, 2);
	CHECK_INT(requests_get(url_of(argv, "/"), NULL, buf, sizeof(buf), &r), REQUESTS_E_UNKNOWN_ISSUER);
	CHECK_TEXT(requests_error_phase(&r), "tls");
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK_INT(strstr(text, "no trusted certificate of the issuer \"Test Root RSA\"") != NULL, 1);
	/* The buffer was used for something else. */
	buf[0] = '\0';
	CHECK_INT(requests_error_describe(&r, text, sizeof(text)), strlen(text));
	CHECK_INT(strstr(text, "no trusted certificate of the issuer: ") != NULL, 1);
	return 0;
}
