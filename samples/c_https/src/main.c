/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* GETs an https URL from a server whose certificate is verified, and prints the response. */

#include <stdio.h>

#include <requests/requests.h>

/* The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address. */
#define NETWORK_TIMEOUT_MS 30000

/* The buffer for the URL and the response. If a response is longer, the error says how large the buffer must
 * be. */
static char buf[2048];

#ifdef CONFIG_SAMPLE_OWN_CA
/* The certificates of the trusted authorities, in PEM. CMakeLists.txt generates the file from certs/ca.pem.
 */
static const char roots[] = {
#include "ca.pem.inc"
};
#endif

int main(void)
{
	/* Without roots, the built-in authorities are trusted. */
	struct requests_options options = {
#ifdef CONFIG_SAMPLE_OWN_CA
		.tls.roots = {roots, sizeof(roots)},
#endif
	};
	struct requests_response r;
	struct requests_header h;
	struct requests_tls_info info;
	char text[200];
	int ret = requests_network_wait(NETWORK_TIMEOUT_MS);

	if (ret != 0) {
		printf("No network: %s\n", requests_strerror(ret));
		return 0;
	}

	printf("GET %s\n", CONFIG_SAMPLE_URL);
	if (requests_get(CONFIG_SAMPLE_URL, &options, buf, sizeof(buf), &r) != 0) {
		(void)requests_error_describe(&r, text, sizeof(text));
		printf("The request failed: %s\n", text);
	} else {
		printf("%u %s\n", r.status, r.reason);
		for (size_t i = 0; requests_header_at(&r, i, &h) == 0; i++) {
			printf("%.*s: %.*s\n", (int)h.name_len, h.name, (int)h.value_len, h.value);
		}
		printf("\n%s\n", r.body);
	}

	/* Only counted with CONFIG_REQUESTS_TLS_HEAP_STATISTICS. */
	if (requests_tls_info(&info) == 0 && info.is_heap_counted) {
		printf("Heap of mbedTLS: %zu bytes at most, %zu now\n", info.heap_peak, info.heap_used);
	}
	return 0;
}
