/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* GETs a URL and prints the response: status, headers, and two values of its JSON. */

#include <stdio.h>

#include <requests/requests.h>

/* The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address. */
#define NETWORK_TIMEOUT_MS 30000

/*
 * The buffer for the URL and the response. If a response is longer, the error says how large the buffer must
 * be.
 */
static char buf[2048];

int main(void)
{
	struct requests_response r;
	struct requests_header h;
	char text[160];
	int ret = requests_network_wait(NETWORK_TIMEOUT_MS);

	if (ret != 0) {
		printf("No network: %s\n", requests_strerror(ret));
		return 0;
	}

	printf("GET %s\n", CONFIG_SAMPLE_URL);
	if (requests_get(CONFIG_SAMPLE_URL, NULL, buf, sizeof(buf), &r) != 0) {
		(void)requests_error_describe(&r, text, sizeof(text));
		printf("The request failed: %s\n", text);
		return 0;
	}

	printf("%u %s\n", r.status, r.reason);
	for (size_t i = 0; requests_header_at(&r, i, &h) == 0; i++) {
		printf("%.*s: %.*s\n", (int)h.name_len, h.name, (int)h.value_len, h.value);
	}
	printf("\n");
	if (requests_json_string(&r, "/url", text, sizeof(text)) < 0) {
		/* The server is not httpbin, so print the text. */
		printf("%s\n", r.body);
		return 0;
	}
	printf("url: %s\n", text);
	if (requests_json_string(&r, "/origin", text, sizeof(text)) >= 0) {
		printf("origin: %s\n", text);
	}
	return 0;
}
