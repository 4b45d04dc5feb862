/*
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What samples/c_get does, with Zephyr's own http_client: GETs a URL and prints the answer, status, headers, and
 * what of its JSON is of interest. Everything around the request is the application's work here: the URL, the look-up
 * of the name, the connection with its time-out, the buffer for the whole body.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/data/json.h>
#include <zephyr/kernel.h>
#include <zephyr/net/http/client.h>
#include <zephyr/net/http/parser_url.h>
#include <zephyr/net/socket.h>

#define TIMEOUT_MS 30000

/* What comes from the network, and the body that is put together from it. */
static uint8_t received[1024];
static char body[1024];
static size_t body_len;
static int result;

struct answer {
	const char *url;
	const char *origin;
};

static const struct json_obj_descr answer_descr[] = {
	JSON_OBJ_DESCR_PRIM(struct answer, url, JSON_TOK_STRING),
	JSON_OBJ_DESCR_PRIM(struct answer, origin, JSON_TOK_STRING),
};

struct target {
	char host[64];
	char port[6];
	/* Path and query. */
	char path[128];
};

static int copy_field(const char *url, const struct http_parser_url *fields, int field, char *out, size_t size)
{
	size_t len = fields->field_data[field].len;

	if ((fields->field_set & BIT(field)) == 0) {
		return -ENOENT;
	}
	if (len >= size) {
		return -ENAMETOOLONG;
	}
	memcpy(out, url + fields->field_data[field].off, len);
	out[len] = '\0';
	return 0;
}

static int parse_url(const char *url, struct target *target)
{
	struct http_parser_url fields;
	const char *path;

	http_parser_url_init(&fields);
	if (http_parser_parse_url(url, strlen(url), 0, &fields) != 0 || strncmp(url, "http:", 5) != 0) {
		return -EINVAL;
	}
	if (copy_field(url, &fields, UF_HOST, target->host, sizeof(target->host)) != 0) {
		return -EINVAL;
	}
	if (copy_field(url, &fields, UF_PORT, target->port, sizeof(target->port)) != 0) {
		strcpy(target->port, "80");
	}
	path = "/";
	if ((fields.field_set & BIT(UF_PATH)) != 0) {
		path = url + fields.field_data[UF_PATH].off;
	}
	if (strlen(path) >= sizeof(target->path)) {
		return -ENAMETOOLONG;
	}
	strcpy(target->path, path);
	/* A fragment is not sent. */
	target->path[strcspn(target->path, "#")] = '\0';
	return 0;
}

/* Connects within the time-out: 0, or a negative error number. */
static int connect_to(int sock, const struct sockaddr *address, socklen_t len)
{
	struct zsock_pollfd poll = {.fd = sock, .events = ZSOCK_POLLOUT};
	socklen_t error_len = sizeof(int);
	int error = 0;

	if (zsock_fcntl(sock, ZVFS_F_SETFL, ZVFS_O_NONBLOCK) < 0) {
		return -errno;
	}
	if (zsock_connect(sock, address, len) == 0) {
		return 0;
	}
	if (errno != EINPROGRESS) {
		return -errno;
	}
	if (zsock_poll(&poll, 1, TIMEOUT_MS) <= 0) {
		return -ETIMEDOUT;
	}
	if (zsock_getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &error_len) < 0) {
		return -errno;
	}
	return -error;
}

static int open_connection(const struct target *target)
{
	struct zsock_addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *addresses;
	int error;
	int sock;

	if (zsock_getaddrinfo(target->host, target->port, &hints, &addresses) != 0) {
		return -EHOSTUNREACH;
	}
	sock = zsock_socket(addresses->ai_family, SOCK_STREAM, IPPROTO_TCP);
	if (sock < 0) {
		error = -errno;
	} else {
		error = connect_to(sock, addresses->ai_addr, addresses->ai_addrlen);
	}
	zsock_freeaddrinfo(addresses);
	if (error != 0) {
		if (sock >= 0) {
			(void)zsock_close(sock);
		}
		return error;
	}
	if (zsock_fcntl(sock, ZVFS_F_SETFL, 0) < 0) {
		error = -errno;
		(void)zsock_close(sock);
		return error;
	}
	return sock;
}

static int print_status(struct http_parser *parser, const char *at, size_t length)
{
	printf("%u %.*s\n", parser->status_code, (int)length, at);
	return 0;
}

static int print_field(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);
	printf("%.*s: ", (int)length, at);
	return 0;
}

static int print_value(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);
	printf("%.*s\n", (int)length, at);
	return 0;
}

static const struct http_parser_settings parser_callbacks = {
	.on_status = print_status,
	.on_header_field = print_field,
	.on_header_value = print_value,
};

static int take_body(struct http_response *response, enum http_final_call final, void *user_data)
{
	ARG_UNUSED(user_data);
	if (response->body_frag_len >= sizeof(body) - body_len) {
		result = -ENOBUFS;
		return -ENOBUFS;
	}
	if (response->body_frag_len > 0) {
		memcpy(body + body_len, response->body_frag_start, response->body_frag_len);
		body_len += response->body_frag_len;
	}
	if (final == HTTP_DATA_FINAL && !response->message_complete) {
		result = -ECONNABORTED;
	}
	return 0;
}

static int get(const char *url)
{
	static struct target target;
	static struct http_request request;
	int sock;
	int sent;

	result = parse_url(url, &target);
	if (result != 0) {
		return result;
	}
	sock = open_connection(&target);
	if (sock < 0) {
		return sock;
	}
	request = (struct http_request){
		.method = HTTP_GET,
		.url = target.path,
		.host = target.host,
		.port = target.port,
		.protocol = "HTTP/1.1",
		.http_cb = &parser_callbacks,
		.response = take_body,
		.recv_buf = received,
		.recv_buf_len = sizeof(received),
	};
	sent = http_client_req(sock, &request, TIMEOUT_MS, NULL);
	(void)zsock_close(sock);
	return sent < 0 && result == 0 ? sent : result;
}

int main(void)
{
	struct answer answer = {0};
	int error;

	printf("GET %s\n", CONFIG_SAMPLE_URL);
	error = get(CONFIG_SAMPLE_URL);
	if (error != 0) {
		printf("The request failed: %s (%d)\n", strerror(-error), error);
		return 0;
	}
	printf("\n");
	body[body_len] = '\0';
	if (json_obj_parse(body, body_len, answer_descr, ARRAY_SIZE(answer_descr), &answer) < 3) {
		printf("%s\n", body);
		return 0;
	}
	printf("url: %s\n", answer.url);
	printf("origin: %s\n", answer.origin);
	return 0;
}
