/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Without CONFIG_REQUESTS_CANCEL there are no tokens. */

#include "internal.h"

#include <errno.h>

int32_t requests_port_token_open(void)
{
	return requests_port_errno(ENOSYS);
}

void requests_port_token_cancel(int32_t token)
{
	ARG_UNUSED(token);
}

int32_t requests_port_token_is_cancelled(int32_t token)
{
	ARG_UNUSED(token);

	return 0;
}

void requests_port_token_reset(int32_t token)
{
	ARG_UNUSED(token);
}

void requests_port_token_close(int32_t token)
{
	ARG_UNUSED(token);
}
