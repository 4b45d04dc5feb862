/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The C code of a Rust application: it uses the same client by the header. */

#include <string.h>

#include <requests/requests.h>

/* Whether the URL is answered with 200, over a session with cookies. */
int get_in_c(const char *url)
{
	static struct requests_session session;
	static struct requests_cookies cookies;
	static char buf[2048];
	const struct requests_session_options options = {.cookies = &cookies};
	struct requests_response r;
	int ret = requests_session_open(&session, &options);

	if (ret == 0) {
		ret = requests_session_get(&session, url, NULL, buf, sizeof(buf), &r);
		(void)requests_session_close(&session);
	}

	return ret == 0 && r.status == 200;
}
