/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* POSTs a JSON object and reads it back from the JSON response. */

#include <stdio.h>
#include <string.h>

#include <requests/requests.h>

/* The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address. */
#define NETWORK_TIMEOUT_MS 30000

/* The buffer for the URL and the response. */
static char buf[2048];

static const char reading[] =
	"{\"sensor\":\"boiler\",\"millidegrees\":-1250,\"samples\":[7,8,9],\"valid\":true}";

/* Whether the server has received the reading. httpbin returns it under "json". */
static bool is_reading(const struct requests_response *r)
{
	static const int64_t samples[] = {7, 8, 9};
	static const char *const pointers[] = {"/json/samples/0", "/json/samples/1", "/json/samples/2"};
	char sensor[16];
	int64_t number;
	bool valid;

	for (size_t i = 0; i < 3; i++) {
		if (requests_json_int(r, pointers[i], &number) != 0 || number != samples[i]) {
			return false;
		}
	}
	return requests_json_string(r, "/json/sensor", sensor, sizeof(sensor)) >= 0 &&
	       strcmp(sensor, "boiler") == 0 &&
	       requests_json_int(r, "/json/millidegrees", &number) == 0 && number == -1250 &&
	       requests_json_bool(r, "/json/valid", &valid) == 0 && valid;
}

int main(void)
{
	struct requests_options options = {.json = reading};
	struct requests_response r;
	struct requests_header h;
	const char *json;
	char text[160];
	size_t len;
	int ret = requests_network_wait(NETWORK_TIMEOUT_MS);

	if (ret != 0) {
		printf("No network: %s\n", requests_strerror(ret));
		return 0;
	}

	printf("POST %s\n", CONFIG_SAMPLE_URL);
	if (requests_post(CONFIG_SAMPLE_URL, &options, buf, sizeof(buf), &r) != 0) {
		(void)requests_error_describe(&r, text, sizeof(text));
		printf("The request failed: %s\n", text);
		return 0;
	}

	printf("%u %s\n", r.status, r.reason);
	for (size_t i = 0; requests_header_at(&r, i, &h) == 0; i++) {
		printf("%.*s: %.*s\n", (int)h.name_len, h.name, (int)h.value_len, h.value);
	}
	printf("\n");
	if (r.status >= 400) {
		printf("The request failed: the server answered with status %u\n", r.status);
		return 0;
	}
	json = requests_json_text(&r, "/json", &len);
	if (json != NULL) {
		printf("json: %.*s\n", (int)len, json);
	}
	if (is_reading(&r)) {
		printf("The server received what was sent.\n");
	} else {
		printf("The server received something else: %s was sent.\n", reading);
	}
	return 0;
}
