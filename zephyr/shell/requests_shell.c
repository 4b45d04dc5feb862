/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* The shell command "requests": requests typed by hand, for bringing up a board. */

#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>
#include <zephyr/shell/shell.h>

#include <requests/requests.h>

#include "../port/names.h"
#include "../port/requests_port.h"

/* How often a running request looks for ctrl-C, in milliseconds. */
#define LOOK_MS 50

#define CTRL_C 0x03

enum output {
	OUTPUT_TEXT,
	OUTPUT_HEX,
	OUTPUT_NONE,
};

/* One request at a time: the shell waits for it. */
static struct {
	const char *method;
	const char *url;
	struct requests_field headers[CONFIG_REQUESTS_SHELL_HEADERS];
	struct requests_options options;
	struct requests_response response;
	enum output output;
	/* Whether this is a download, whose content is not kept. */
	bool is_download;
	struct requests_downloaded downloaded;
	struct requests_sha256 sha256;
	int64_t took_ms;
	int result;
} job;

static struct requests_cancel cancel;
static char buf[CONFIG_REQUESTS_SHELL_BUFFER_SIZE] __aligned(8);
static struct k_thread thread;
static K_THREAD_STACK_DEFINE(stack, CONFIG_REQUESTS_SHELL_STACK_SIZE);

static int take(void *user, uint64_t offset, const void *data, size_t len)
{
	ARG_UNUSED(user);
	ARG_UNUSED(offset);

	return requests_sha256_add(&job.sha256, (struct requests_bytes){data, len});
}

static int begin(void *user, uint64_t len, const char *validator)
{
	uint8_t unused[32];

	ARG_UNUSED(user);
	ARG_UNUSED(len);
	ARG_UNUSED(validator);
	/* A download can start again. */
	(void)requests_sha256_finish(&job.sha256, unused);

	return requests_sha256_start(&job.sha256);
}

static int download(void)
{
	const struct requests_download what = {.sink = {.write = take, .start = begin}};

	return requests_download(job.url, &job.options, &what, buf, sizeof(buf), &job.downloaded,
				 &job.response);
}

static void run(void *a, void *b, void *c)
{
	int64_t start = k_uptime_get();

	ARG_UNUSED(a);
	ARG_UNUSED(b);
	ARG_UNUSED(c);
	job.result = job.is_download ? download()
				     : requests_request(job.method, job.url, &job.options, buf,
							sizeof(buf), &job.response);
	job.took_ms = k_uptime_get() - start;
}

/* Whether ctrl-C has been typed. Everything else that was typed is lost. */
static bool is_interrupted(const struct shell *sh)
{
	bool found = false;
	size_t count;
	char byte;

	while (sh->iface->api->read(sh->iface, &byte, 1, &count) == 0 && count == 1) {
		found |= byte == CTRL_C;
	}

	return found;
}

/* Does the job in a thread of its own, so that this one can look for ctrl-C. */
static void do_job(const struct shell *sh)
{
	int ret = requests_cancel_open(&cancel);

	job.options.cancel = ret == 0 ? &cancel : NULL;
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), run, NULL, NULL, NULL,
			k_thread_priority_get(k_current_get()), 0, K_NO_WAIT);
	k_thread_name_set(&thread, "requests shell");

	while (k_thread_join(&thread, K_MSEC(LOOK_MS)) != 0) {
		if (is_interrupted(sh)) {
			(void)requests_cancel(&cancel);
		}
	}

	if (ret == 0) {
		(void)requests_cancel_close(&cancel);
	}
}

static void print_body(const struct shell *sh)
{
	const struct requests_response *r = &job.response;

	switch (job.output) {
	case OUTPUT_HEX:
		shell_hexdump(sh, (const uint8_t *)r->body, r->body_len);
		break;
	case OUTPUT_TEXT:
		shell_print(sh, "%s", r->body);
		break;
	case OUTPUT_NONE:
		break;
	}
}

/* Splits "name: value" in place, or "user:password". Returns the second part, or NULL. */
static char *split(char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL) {
		return NULL;
	}
	*colon++ = '\0';
	while (*colon == ' ') {
		colon++;
	}

	return colon;
}

/* Takes an option with its value. Returns NULL, or what is wrong. */
static const char *take_option(char option, char *value)
{
	struct requests_options *options = &job.options;
	size_t index = options->headers.count;

	switch (option) {
	case 'H':
		if (index == ARRAY_SIZE(job.headers)) {
			return "more headers than CONFIG_REQUESTS_SHELL_HEADERS";
		}
		job.headers[index].value = split(value);
		job.headers[index].name = value;
		if (job.headers[index].value == NULL) {
			return "-H takes \"Name: value\"";
		}
		options->headers.list = job.headers;
		options->headers.count++;
		return NULL;
	case 'd':
		options->data.ptr = value;
		options->data.len = strlen(value);
		return NULL;
	case 'j':
		options->json = value;
		return NULL;
	case 'u':
		options->password = split(value);
		options->user = value;
		return NULL;
	case 't':
		options->timeout_ms = strtoul(value, NULL, 10);
		return options->timeout_ms > 0 ? NULL : "-t takes milliseconds";
	case 'o':
		if (strcmp(value, "hex") == 0) {
			job.output = OUTPUT_HEX;
		} else if (strcmp(value, "none") == 0) {
			job.output = OUTPUT_NONE;
		} else if (strcmp(value, "text") != 0) {
			return "-o takes hex, text or none";
		}
		return NULL;
	default:
		return "the options are -H, -d, -j, -u, -t and -o";
	}
}

/* Reads a command line, and does what it says. */
static int read_and_do(const struct shell *sh, size_t argc, char **argv, bool is_download)
{
	char text[160];

	memset(&job, 0, sizeof(job));
	job.method = argv[0];
	job.url = argv[1];
	job.is_download = is_download;
	for (size_t i = 2; i < argc; i += 2) {
		const char *wrong = "an option is '-' and a letter";

		if (argv[i][0] == '-' && argv[i][1] != '\0' && argv[i][2] == '\0') {
			wrong = i + 1 < argc ? take_option(argv[i][1], argv[i + 1])
					     : "the option has no value";
		}
		if (wrong != NULL) {
			shell_error(sh, "%s: %s", argv[i], wrong);
			return -EINVAL;
		}
	}

	do_job(sh);
	if (job.result != 0) {
		(void)requests_error_describe(&job.response, text, sizeof(text));
		shell_error(sh, "The %s failed: %s", is_download ? "download" : "request", text);
		return -EIO;
	}

	return 0;
}

static int cmd_request(const struct shell *sh, size_t argc, char **argv)
{
	struct requests_header header;
	int ret = read_and_do(sh, argc, argv, false);

	if (ret != 0) {
		return ret;
	}

	shell_print(sh, "%u %s", job.response.status, job.response.reason);
	for (size_t i = 0; requests_header_at(&job.response, i, &header) == 0; i++) {
		shell_print(sh, "%.*s: %.*s", (int)header.name_len, header.name,
			    (int)header.value_len, header.value);
	}
	shell_print(sh, "");
	print_body(sh);
	shell_print(sh, "%zu bytes in %lld ms from %s", job.response.body_len,
		    (long long)job.took_ms, job.response.url);

	return 0;
}

static int cmd_download(const struct shell *sh, size_t argc, char **argv)
{
	uint8_t digest[32];
	char hex[2 * sizeof(digest) + 1];
	int ret = read_and_do(sh, argc, argv, true);

	if (ret != 0) {
		return ret;
	}

	shell_print(sh, "%llu bytes in %lld ms, %llu bytes/s",
		    (unsigned long long)job.downloaded.len, (long long)job.took_ms,
		    (unsigned long long)(job.downloaded.len * MSEC_PER_SEC / MAX(job.took_ms, 1)));
	if (requests_sha256_finish(&job.sha256, digest) == 0) {
		(void)bin2hex(digest, sizeof(digest), hex, sizeof(hex));
		shell_print(sh, "SHA-256 %s", hex);
	}

	return 0;
}

static int cmd_tls(const struct shell *sh, size_t argc, char **argv)
{
	struct requests_tls_info info;
	int ret = requests_tls_info(&info);

	ARG_UNUSED(argc);
	ARG_UNUSED(argv);
	if (ret != 0) {
		shell_error(sh, "TLS: %s (CONFIG_REQUESTS_TLS)", requests_strerror(ret));
		return -ENOTSUP;
	}

	shell_print(sh, "Built-in roots: %u", info.roots);
	if (info.newest_version == 0) {
		shell_print(sh, "Versions: those of the secure sockets");
	} else {
		shell_print(sh, "Versions: %s%s%s",
			    info.oldest_version == REQUESTS_TLS_1_2 ? "TLS 1.2" : "",
			    info.oldest_version != info.newest_version ? ", " : "",
			    info.newest_version == REQUESTS_TLS_1_3 ? "TLS 1.3" : "");
	}
	if (info.is_heap_counted) {
		shell_print(sh, "Heap of mbedTLS: %zu bytes now, %zu at its peak", info.heap_used,
			    info.heap_peak);
	} else {
		shell_print(sh, "Heap of mbedTLS: CONFIG_REQUESTS_TLS_HEAP_STATISTICS counts it");
	}

	return 0;
}

static int cmd_resolve(const struct shell *sh, size_t argc, char **argv)
{
	struct requests_port_address addresses[CONFIG_REQUESTS_MAX_ADDRESSES];
	const struct requests_port_wait wait = {
		.timeout_ms = CONFIG_REQUESTS_TIMEOUT_MS,
		.token = REQUESTS_PORT_NO_TOKEN,
	};
	char text[NET_IPV6_ADDR_LEN];
	int32_t count;

	ARG_UNUSED(argc);
	count = requests_port_resolve(argv[1], 0, addresses, ARRAY_SIZE(addresses), &wait);
	if (count < 0) {
		/* The upper half is the kind of the failure: see requests_port.h. */
		shell_error(sh, "%s: %s", argv[1],
			    -count >> 16 == REQUESTS_PORT_NOT_FOUND ? "no such host"
								     : "the look-up failed");
		return -EIO;
	}

	for (int32_t i = 0; i < count; i++) {
		net_sa_family_t family = addresses[i].family == 6 ? NET_AF_INET6 : NET_AF_INET;

		shell_print(sh, "%s", net_addr_ntop(family, addresses[i].ip, text, sizeof(text)));
	}

	return 0;
}

#define OPTIONS_HELP                                                                               \
	"\n<url> [-H \"Name: value\"] [-d data] [-j json] [-u user:password] [-t milliseconds] "     \
	"[-o hex|text|none]"

SHELL_STATIC_SUBCMD_SET_CREATE(
	sub_requests,
	SHELL_CMD_ARG(get, NULL, "Retrieve the resource" OPTIONS_HELP, cmd_request, 2,
		      SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(head, NULL, "GET without the content" OPTIONS_HELP, cmd_request, 2,
		      SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(post, NULL, "Let the resource process the content" OPTIONS_HELP, cmd_request,
		      2, SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(put, NULL, "Replace the resource with the content" OPTIONS_HELP, cmd_request, 2,
		      SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(patch, NULL, "Change the resource as the content says" OPTIONS_HELP,
		      cmd_request, 2, SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(delete, NULL, "Remove the resource" OPTIONS_HELP, cmd_request, 2,
		      SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(download, NULL,
		      "Download, and show size, rate and SHA-256\n"
		      "<url> [-H \"Name: value\"] [-u user:password] [-t milliseconds]",
		      cmd_download, 2, SHELL_OPT_ARG_CHECK_SKIP),
	SHELL_CMD_ARG(tls, NULL, "Show the roots, the versions and the memory of TLS", cmd_tls, 1, 0),
	SHELL_CMD_ARG(resolve, NULL, "Look up a name\n<name>", cmd_resolve, 2, 0),
	SHELL_SUBCMD_SET_END);

SHELL_CMD_REGISTER(requests, &sub_requests, "HTTP requests; ctrl-C ends one", NULL);
