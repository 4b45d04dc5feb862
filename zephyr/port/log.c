/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The log module "requests". The client's records go here. */

#include <zephyr/init.h>
#include <zephyr/logging/log.h>

#include "requests_port.h"

/* No record begins with the name of the function below, which would be the same in all of them. */
#undef CONFIG_LOG_FUNC_NAME_PREFIX_ERR
#undef CONFIG_LOG_FUNC_NAME_PREFIX_WRN
#undef CONFIG_LOG_FUNC_NAME_PREFIX_INF
#undef CONFIG_LOG_FUNC_NAME_PREFIX_DBG

LOG_MODULE_REGISTER(requests, CONFIG_REQUESTS_LOG_LEVEL);

void requests_port_log(int32_t level, const char *text)
{
	switch (level) {
	case LOG_LEVEL_ERR:
		LOG_ERR("%s", text);
		break;
	case LOG_LEVEL_WRN:
		LOG_WRN("%s", text);
		break;
	case LOG_LEVEL_INF:
		LOG_INF("%s", text);
		break;
	default:
		LOG_DBG("%s", text);
		break;
	}
}

/* A function of the static library. It starts the client's log. */
void requests_log_start(void);

static int start(void)
{
	requests_log_start();

	return 0;
}

SYS_INIT(start, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
