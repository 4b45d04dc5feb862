/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The application only waits for the network. The shell has its own thread. */

#include <stdio.h>

#include <requests/requests.h>

int main(void)
{
	int ret = requests_network_wait(30000);

	if (ret != 0) {
		printf("No network: %s\n", requests_strerror(ret));
	}

	return 0;
}
