/*
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief HTTP client: GET, POST and so on, JSON, forms, uploads, HTTPS.
 */

#ifndef REQUESTS_REQUESTS_H_
#define REQUESTS_REQUESTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup requests HTTP client "requests"
 * @brief HTTP and HTTPS with the functions of Python's requests, without a heap.
 *
 * @code{.c}
 * static char buf[2048];
 * struct requests_response r;
 * struct requests_options options = {
 *         .headers = REQUESTS_FIELDS({"X-Device", "42"}),
 *         .timeout_ms = 5000,
 * };
 * int64_t celsius;
 * int ret = requests_get("https://example.org/state", &options, buf, sizeof(buf), &r);
 *
 * if (ret == 0 && r.status == 200) {
 *         ret = requests_json_int(&r, "/celsius", &celsius);
 * }
 * @endcode
 *
 * <b>Results.</b> Functions that return an int return 0 or a length if they succeed, and a negative
 * number of #requests_error if they fail. Wrong arguments are errors too: a pointer that is NULL or
 * not aligned, or a length that no memory has.
 *
 * <b>Memory.</b> The caller passes a buffer to each request: the request passes through it, and the
 * response is received into it. If something does not fit, the error is #REQUESTS_E_BUFFER_TOO_SMALL,
 * and requests_response.needed says how large the buffer must be. A response refers to the buffer. It
 * is valid until the buffer is used for something else. Nothing that a request reads, such as its URL,
 * may be in the buffer (#REQUESTS_E_OVERLAP).
 *
 * <b>Ownership.</b> Everything that is passed to a function still belongs to the caller. The function
 * reads it until it returns. If a function opens an object, its description says what the object uses
 * afterwards.
 *
 * <b>Texts</b> end with NUL, are UTF-8, and have at most #REQUESTS_TEXT_MAX bytes. Lists have a
 * pointer and a number of items; #REQUESTS_FIELDS and #REQUESTS_PARTS write them in place.
 *
 * <b>Defaults.</b> In every structure of settings, zero means the default.
 *
 * <b>C++.</b> @c requests_options, @c requests_cancel and @c requests_download are structures and
 * functions, so C++ too needs the word @c struct before the structures.
 *
 * <b>Threads.</b> Any number of threads may use the functions at the same time, each with its own
 * buffer, response and so on. Only a #requests_cancel may be shared. The functions block, so an
 * interrupt must not call them. requests_cancel() is the exception.
 *
 * <b>Callbacks</b> run in the thread that called the function. They must return: they must not jump
 * (longjmp) or throw an exception across it.
 *
 * @{
 */

/** The longest text, in bytes, without its NUL. */
#define REQUESTS_TEXT_MAX 65535

/**
 * @brief Errors: what functions return if they fail.
 *
 * The numbers are permanent, and none is an errno. requests_strerror() returns a sentence for each.
 * requests_error_describe() writes a sentence with the details of a failed request.
 */
enum requests_error {
	/* Mistakes in the call. */

	/** A pointer is NULL that must not be. */
	REQUESTS_E_NULL = -1001,
	/** A pointer is not aligned to what it points to. */
	REQUESTS_E_UNALIGNED = -1002,
	/** A length is larger than any memory, or a list has no number of items. */
	REQUESTS_E_LENGTH = -1003,
	/** A text has no NUL within #REQUESTS_TEXT_MAX bytes. */
	REQUESTS_E_UNTERMINATED = -1004,
	/** A text is not UTF-8. */
	REQUESTS_E_NOT_UTF8 = -1005,
	/** Something that the function reads is in the buffer that it writes to. */
	REQUESTS_E_OVERLAP = -1006,
	/** A number has no meaning, such as a version of TLS that does not exist. */
	REQUESTS_E_NUMBER = -1007,
	/** The object is in use: by the call that runs this callback, or by a stream. */
	REQUESTS_E_BUSY = -1008,
	/** The object was not opened, or is closed, or was moved in memory. */
	REQUESTS_E_CLOSED = -1009,
	/** The object is open already. */
	REQUESTS_E_OPEN = -1010,
	/** This build does not contain the feature. */
	REQUESTS_E_NOT_BUILT_IN = -1011,

	/* Mistakes in the request. */

	/** The URL is not one that this client can fetch. */
	REQUESTS_E_INVALID_URL = -1101,
	/** The method is not a token. */
	REQUESTS_E_INVALID_METHOD = -1102,
	/** A header's name is not a token, or its value has a control character. */
	REQUESTS_E_INVALID_HEADER = -1103,
	/** More headers than CONFIG_REQUESTS_MAX_HEADERS (64 on a PC). */
	REQUESTS_E_TOO_MANY_HEADERS = -1104,
	/**
	 * The credentials contain a control character, or the user name contains a colon, or both a user
	 * name and a bearer token were given, or a password or digest without a user name.
	 */
	REQUESTS_E_INVALID_CREDENTIALS = -1105,
	/** More than one of data, json, form, files and body was given, or a part has two contents. */
	REQUESTS_E_CONFLICTING_BODY = -1106,
	/** A header Content-Length or Transfer-Encoding does not fit the body. */
	REQUESTS_E_CONFLICTING_LENGTH = -1107,
	/** A part has a name, file name or content type with a control character. */
	REQUESTS_E_INVALID_PART = -1108,
	/** The reader of a part failed, or ended before the announced length. */
	REQUESTS_E_PART_READER = -1109,
	/** The reader of the body failed, or ended before the announced length. */
	REQUESTS_E_BODY_READER = -1110,
	/** A redirect needs the body again, which came from a reader. */
	REQUESTS_E_BODY_NOT_REPLAYABLE = -1111,
	/** The buffer is too small. requests_response.needed is the size that it must have at least. */
	REQUESTS_E_BUFFER_TOO_SMALL = -1112,

	/* The network. */

	/** The request took longer than its time-out. */
	REQUESTS_E_TIMEOUT = -1201,
	/** The request's #requests_cancel was cancelled. */
	REQUESTS_E_CANCELLED = -1202,
	/** There is no such host. */
	REQUESTS_E_HOST_NOT_FOUND = -1203,
	/** The name could not be looked up. */
	REQUESTS_E_DNS = -1204,
	/** The host refuses connections to this port. */
	REQUESTS_E_CONNECTION_REFUSED = -1205,
	/** No connection to the host could be made. */
	REQUESTS_E_CONNECT = -1206,
	/** The connection broke while the request was being sent. */
	REQUESTS_E_SEND = -1207,
	/** The connection broke before the response was complete. */
	REQUESTS_E_RECEIVE = -1208,
	/** There are no random bytes. A multipart form, for example, needs them. */
	REQUESTS_E_RANDOM = -1209,
	/** No network interface is up: no cable is connected, or no Wi-Fi network was joined. */
	REQUESTS_E_LINK_DOWN = -1210,
	/** A network interface is up, but has no address: no DHCP server answered, for example. */
	REQUESTS_E_NO_ADDRESS = -1211,

	/* The server. */

	/** The server closed the connection without a response. */
	REQUESTS_E_EMPTY_RESPONSE = -1301,
	/** The server closed the connection inside the response's head. */
	REQUESTS_E_TRUNCATED_HEAD = -1302,
	/** The server closed the connection inside the response's body. */
	REQUESTS_E_TRUNCATED_BODY = -1303,
	/** The response's head is not HTTP/1.x. */
	REQUESTS_E_INVALID_HEAD = -1304,
	/** The length of the body is not clear from the response's head. */
	REQUESTS_E_INVALID_FRAMING = -1305,
	/** The chunked body is malformed. */
	REQUESTS_E_INVALID_CHUNK = -1306,
	/** The content is compressed or encoded in a way that was not asked for. */
	REQUESTS_E_UNSUPPORTED_CODING = -1307,
	/** The compressed content is damaged. */
	REQUESTS_E_INVALID_COMPRESSION = -1308,
	/** The Location of a redirect is not a URL that this client can fetch. */
	REQUESTS_E_INVALID_LOCATION = -1309,
	/** More redirects than allowed. */
	REQUESTS_E_TOO_MANY_REDIRECTS = -1310,
	/** A redirect from https to http was refused. */
	REQUESTS_E_INSECURE_REDIRECT = -1311,
	/** The server sent a part of the file that was not asked for. */
	REQUESTS_E_INVALID_RANGE = -1312,
	/** The downloaded content does not have the expected SHA-256 digest. */
	REQUESTS_E_SHA256_MISMATCH = -1313,

	/* Reading the response. */

	/** The server answered a download with a status other than success. */
	REQUESTS_E_STATUS = -1401,
	/** The bytes are not text. */
	REQUESTS_E_NOT_TEXT = -1402,
	/** The body is not well-formed JSON, or nested too deeply. */
	REQUESTS_E_JSON = -1403,
	/** The value does not have the type asked for, or the number does not fit. */
	REQUESTS_E_JSON_TYPE = -1404,
	/** The JSON has no value at this pointer. */
	REQUESTS_E_JSON_NOT_FOUND = -1405,
	/** The pointer is not a JSON Pointer. */
	REQUESTS_E_JSON_POINTER = -1406,
	/** The sink of the download failed, or it would have to start again and cannot. */
	REQUESTS_E_SINK = -1407,
	/** The response has no such header. */
	REQUESTS_E_HEADER_NOT_FOUND = -1408,

	/* TLS. */

	/** https is not built in: CONFIG_REQUESTS_TLS. */
	REQUESTS_E_TLS_NOT_SUPPORTED = -1501,
	/** There are no roots to verify a server with. */
	REQUESTS_E_NO_ROOTS = -1502,
	/** The roots contain no certificate in DER or PEM. */
	REQUESTS_E_INVALID_ROOTS = -1503,
	/** Nothing that TLS can use is registered under a security tag. */
	REQUESTS_E_MISSING_CREDENTIAL = -1504,
	/** Under a security tag, only the client's certificate or only its key is registered. */
	REQUESTS_E_INCOMPLETE_IDENTITY = -1505,
	/** The credentials of a security tag cannot be read. */
	REQUESTS_E_UNREADABLE_CREDENTIAL = -1506,
	/** Secure sockets (CONFIG_REQUESTS_TLS_SOCKETS) do not support a setting. */
	REQUESTS_E_UNSUPPORTED_SETTING = -1507,
	/** The handshake by a secure socket failed. */
	REQUESTS_E_HANDSHAKE_FAILED = -1508,
	/** The host is not a name that a certificate can contain. */
	REQUESTS_E_INVALID_SERVER_NAME = -1509,
	/** The client's certificate or key cannot be read. */
	REQUESTS_E_INVALID_IDENTITY = -1510,
	/** The client's key does not belong to its certificate. */
	REQUESTS_E_KEY_MISMATCH = -1511,
	/** The certificate has expired. */
	REQUESTS_E_EXPIRED = -1512,
	/** The certificate is not valid yet, or this machine's clock is wrong. */
	REQUESTS_E_NOT_YET_VALID = -1513,
	/** This machine does not know the date: set the clock, or see requests_tls.dates. */
	REQUESTS_E_CLOCK_NOT_SET = -1514,
	/** The authority that issued the certificate is not among the roots. */
	REQUESTS_E_UNKNOWN_ISSUER = -1515,
	/** The server signed its certificate itself. */
	REQUESTS_E_SELF_SIGNED = -1516,
	/** The certificate's signature is wrong. */
	REQUESTS_E_BAD_SIGNATURE = -1517,
	/** The issuer of a certificate may not sign certificates. */
	REQUESTS_E_NOT_AN_AUTHORITY = -1518,
	/** The chain has more authorities than one of them allows. */
	REQUESTS_E_PATH_LENGTH = -1519,
	/** The server sent too many certificates. */
	REQUESTS_E_TOO_MANY_CERTIFICATES = -1520,
	/** The certificate is for other hosts. */
	REQUESTS_E_HOST_MISMATCH = -1521,
	/** The certificate names no host. */
	REQUESTS_E_NO_ALTERNATIVE_NAMES = -1522,
	/** No key of the chain has a pin. */
	REQUESTS_E_PIN_MISMATCH = -1523,
	/** The key or the signature uses an algorithm that is no longer secure. */
	REQUESTS_E_WEAK_CERTIFICATE = -1524,
	/** The certificate is not for TLS servers. */
	REQUESTS_E_NOT_FOR_SERVERS = -1525,
	/** The name constraints of an authority exclude a name in the certificate. */
	REQUESTS_E_NAME_CONSTRAINTS = -1526,
	/** The certificate has a critical extension that is not understood. */
	REQUESTS_E_CRITICAL_EXTENSION = -1527,
	/** The certificate cannot be read, or is not valid. */
	REQUESTS_E_INVALID_CERTIFICATE = -1528,
	/** The peer ended the connection with an alert. */
	REQUESTS_E_ALERT_RECEIVED = -1529,
	/** The client ended the connection with an alert, because of what the peer sent. */
	REQUESTS_E_ALERT_SENT = -1530,
	/** Peer and client have no version of TLS in common. */
	REQUESTS_E_UNSUPPORTED_VERSION = -1531,
	/** mbedTLS was built without what this connection needs. */
	REQUESTS_E_MISSING_FEATURE = -1532,
	/** The peer's messages are not valid TLS. */
	REQUESTS_E_PROTOCOL = -1533,
	/** A message is too large: raise CONFIG_REQUESTS_TLS_IN_CONTENT_LEN. */
	REQUESTS_E_TOO_LARGE = -1534,
	/** The peer closed the connection during the handshake. */
	REQUESTS_E_PEER_CLOSED = -1535,
	/** The connection ended without a close_notify: data may be missing. */
	REQUESTS_E_TRUNCATED = -1536,
	/** TLS: timed out. */
	REQUESTS_E_TIMED_OUT = -1537,
	/** TLS: cancelled. */
	REQUESTS_E_TLS_CANCELLED = -1538,
	/** The connection below TLS failed. */
	REQUESTS_E_IO = -1539,
	/** Out of memory: raise CONFIG_MBEDTLS_HEAP_SIZE. For a #requests_cancel: no token is free. */
	REQUESTS_E_OUT_OF_MEMORY = -1540,
	/** There are no random bytes for TLS. */
	REQUESTS_E_NO_RANDOM = -1541,
	/** This program does not match its mbedTLS, or the client has a bug. */
	REQUESTS_E_INTERNAL = -1542,
	/** The bytes are not exported TLS sessions, or are incomplete. */
	REQUESTS_E_SESSIONS_MALFORMED = -1543,
	/** The TLS sessions were exported by another version of mbedTLS or of this client. */
	REQUESTS_E_SESSIONS_OTHER_BUILD = -1544,
};

/**
 * @name Settings of a request
 * @{
 */

/** Name and value: a header, a parameter, a field of a form. */
struct requests_field {
	/** Name. */
	const char *name;
	/** Value. NULL in requests_options.headers: the default header of this name is not sent. */
	const char *value;
};

/** Names and values, in order. */
struct requests_fields {
	/** The first one. */
	const struct requests_field *list;
	/** How many there are. */
	size_t count;
};

/** Bytes. */
struct requests_bytes {
	/** The first one. */
	const void *ptr;
	/** How many there are. */
	size_t len;
};

/**
 * @brief Provides content while it is sent.
 *
 * @param user requests_reader.user.
 * @param[out] buf Where to write the content.
 * @param len Size of @p buf in bytes, at least 1.
 *
 * @return The number of bytes written to @p buf; 0 at the end of the content; a negative number for a
 * failure, which ends the request.
 */
typedef int (*requests_read_t)(void *user, void *buf, size_t len);

/** Content that is read while it is sent. It can be sent only once. */
struct requests_reader {
	/** Provides the content. NULL: there is no content. */
	requests_read_t read;
	/** Handed to the callback. */
	void *user;
	/** Length of the content in bytes. 0: a body of unknown length, which is sent in chunks. */
	uint64_t len;
};

/** Part of a multipart form: a plain field with its value, or a file with its content. */
struct requests_part {
	/** Name of the field. */
	const char *name;
	/** Value of a plain field; NULL for a file. */
	const char *value;
	/** Name of the file; NULL for a plain field. */
	const char *filename;
	/** Media type. NULL: application/octet-stream for a file, none for a plain field. */
	const char *content_type;
	/** Content of the file, if it is in memory. */
	struct requests_bytes content;
	/** Source of the file's content and its length, if it is read while it is sent. */
	struct requests_reader reader;
};

/** Parts of a multipart form, in order. */
struct requests_parts {
	/** The first one. */
	const struct requests_part *list;
	/** How many there are. */
	size_t count;
};

#ifndef __cplusplus
/**
 * @brief Names and values, written in place.
 *
 * @code{.c}
 * struct requests_options options = {
 *         .params = REQUESTS_FIELDS({"q", "two words"}, {"page", "2"}),
 * };
 * @endcode
 *
 * The list exists until the end of the block that contains it. C++ has no such literals: define an
 * array instead.
 */
#define REQUESTS_FIELDS(...)                                                                       \
	{                                                                                          \
		(const struct requests_field[]){__VA_ARGS__},                                      \
			sizeof((const struct requests_field[]){__VA_ARGS__}) /                     \
				sizeof(struct requests_field)                                      \
	}

/** @brief Parts of a form, written in place as with #REQUESTS_FIELDS. */
#define REQUESTS_PARTS(...)                                                                        \
	{                                                                                          \
		(const struct requests_part[]){__VA_ARGS__},                                       \
			sizeof((const struct requests_part[]){__VA_ARGS__}) /                      \
				sizeof(struct requests_part)                                       \
	}
#endif

/** When a request is sent again after a transient failure. */
struct requests_retry {
	/** The highest number of attempts, including the first. 0: one. */
	uint16_t attempts;
	/** Whether POST and other methods that are not idempotent are sent again too. */
	bool any_method;
	/** Whether each wait is shortened by a random part. */
	bool jitter;
	/** Wait before the second attempt, in milliseconds. It doubles each time. 0: 500. */
	uint32_t backoff_ms;
	/** Longest wait between two attempts, in milliseconds. 0: 30000. */
	uint32_t max_backoff_ms;
	/** Longest wait that a server can ask for by Retry-After, in milliseconds. 0: 60000. */
	uint32_t max_retry_after_ms;
	/** Statuses after which a request is sent again. All zero: 429, 502, 503 and 504. */
	uint16_t statuses[8];
};

/** Digest of a public key with its algorithm, RFC 7469 section 2.4. */
struct requests_pin {
	/** SHA-256 of the SubjectPublicKeyInfo. */
	uint8_t sha256[32];
};

/** Versions of TLS, for requests_tls.min_version. */
enum requests_tls_version {
	/** TLS 1.2. */
	REQUESTS_TLS_1_2 = 12,
	/** TLS 1.3. */
	REQUESTS_TLS_1_3 = 13,
};

/** How dates in certificates are checked while the clock is not set, for requests_tls.dates. */
enum requests_tls_dates {
	/** There is no connection without the date: #REQUESTS_E_CLOCK_NOT_SET. */
	REQUESTS_TLS_DATES_REQUIRED = 1,
	/** Dates are ignored while the clock is not set: expired certificates are accepted. */
	REQUESTS_TLS_DATES_IGNORED_WITHOUT_CLOCK = 2,
};

/**
 * Which servers to trust with https, and how the client identifies itself. Zero: servers are verified
 * against the built-in roots.
 */
struct requests_tls {
	/**
	 * Trusted certificates instead of the built-in ones: in PEM, or in DER one after the other.
	 * A NUL at the end is ignored.
	 */
	struct requests_bytes roots;
	/** The client's certificate in PEM or DER, followed by its intermediate certificates. */
	struct requests_bytes certificate;
	/** The client's private key in PEM or DER, not encrypted. */
	struct requests_bytes key;
	/** Zephyr: security tags (sec_tag_t) under which roots or a certificate and key are registered. */
	struct {
		/** The first one. */
		const int *list;
		/** How many there are. */
		size_t count;
	} sec_tags;
	/** If there are any: a key of the chain must have one of these pins. */
	struct {
		/** The first one. */
		const struct requests_pin *list;
		/** How many there are. */
		size_t count;
	} pins;
	/** Oldest version that is accepted, one of #requests_tls_version. 0: TLS 1.2. */
	uint8_t min_version;
	/**
	 * What to do while the clock is not set, one of #requests_tls_dates. 0: as
	 * CONFIG_REQUESTS_TLS_UNCHECKED_DATES says.
	 */
	uint8_t dates;
	/** Whether the roots are trusted in addition to the built-in ones. */
	bool add_roots;
	/**
	 * DANGER: accepts any certificate, and so any attacker on the path to the server. Pins are still
	 * checked, against the server's own key.
	 */
	bool accept_invalid_certs;
};

/** Ends requests from another thread. See requests_cancel_open(). */
struct requests_cancel {
	/** Private. */
	uint64_t opaque[4];
};

/**
 * @brief Decompresses content. It takes 43 KB of RAM.
 *
 * Zero it before its first use; static memory is zero already. One request at a time can use it.
 */
struct requests_inflater {
	/** Private. */
	uint64_t opaque[5452];
};

/** @cond INTERNAL_HIDDEN */
#ifdef CONFIG_REQUESTS
#define REQUESTS_SESSION_CONNECTIONS CONFIG_REQUESTS_SESSION_CONNECTIONS
#define REQUESTS_SESSION_HOST_LEN    CONFIG_REQUESTS_SESSION_HOST_LEN
/* A Rust application selects features of the crate, which are not known here. */
#if defined(CONFIG_REQUESTS_COOKIES) || !defined(CONFIG_REQUESTS_C)
#define REQUESTS_COOKIE_JAR       CONFIG_REQUESTS_COOKIE_JAR
#define REQUESTS_REDIRECT_COOKIES CONFIG_REQUESTS_REDIRECT_COOKIES
#else
#define REQUESTS_COOKIE_JAR       0
#define REQUESTS_REDIRECT_COOKIES 0
#endif
#if defined(CONFIG_REQUESTS_DIGEST) || !defined(CONFIG_REQUESTS_C)
#define REQUESTS_HAS_DIGEST 1
#else
#define REQUESTS_HAS_DIGEST 0
#endif
#ifdef CONFIG_REQUESTS_TLS
#define REQUESTS_HAS_TLS 1
#else
#define REQUESTS_HAS_TLS 0
#endif
#else
#define REQUESTS_SESSION_CONNECTIONS 4
#define REQUESTS_SESSION_HOST_LEN    253
#define REQUESTS_COOKIE_JAR          4096
#define REQUESTS_REDIRECT_COOKIES    4096
#define REQUESTS_HAS_DIGEST          1
#define REQUESTS_HAS_TLS             1
#endif
#define REQUESTS_WORDS_OF(bytes) (((bytes) + 7) / 8)
/* src/capi has the same sizes, and checks that they are large enough. */
#define REQUESTS_SESSION_SIZE                                                                      \
	(136 + 34 * sizeof(void *) + REQUESTS_HAS_DIGEST * 408 +                                   \
	 REQUESTS_HAS_TLS * 384 +                                                                  \
	 REQUESTS_SESSION_CONNECTIONS *                                                            \
		 (40 + 2 * sizeof(void *) + 8 * REQUESTS_WORDS_OF(REQUESTS_SESSION_HOST_LEN) +     \
		  REQUESTS_HAS_TLS * 192))
#define REQUESTS_STREAM_SIZE                                                                       \
	(120 + 43 * sizeof(void *) + REQUESTS_HAS_TLS * 144 + REQUESTS_REDIRECT_COOKIES)
/** @endcond */

/**
 * @brief Cookies that a session keeps: up to CONFIG_REQUESTS_COOKIE_JAR bytes (4096 on a PC).
 *
 * Zero it before its first use; static memory is zero already. Cookies that do not fit are dropped,
 * see requests_cookies_dropped().
 */
struct requests_cookies {
	/** Private. */
	uint64_t opaque[4 + REQUESTS_WORDS_OF(REQUESTS_COOKIE_JAR)];
};

/** Requests that share connections and settings. See requests_session_open(). */
struct requests_session {
	/** Private. */
	uint64_t opaque[REQUESTS_WORDS_OF(REQUESTS_SESSION_SIZE)];
};

/** A response that is received while it is read. See requests_stream_open(). */
struct requests_stream {
	/** Private. */
	uint64_t opaque[REQUESTS_WORDS_OF(REQUESTS_STREAM_SIZE)];
};

/** Settings of a request. Zero is the default of each. */
struct requests_options {
	/**
	 * Headers. They replace default headers of the same name (Host, User-Agent, Accept,
	 * Accept-Encoding, Connection, Content-Type, Authorization).
	 */
	struct requests_fields headers;
	/** Query parameters, which are percent-encoded and added to those in the URL. */
	struct requests_fields params;

	/** Body: these bytes. At most one of data, json, form, files and body can be given. */
	struct requests_bytes data;
	/**
	 * Body: this JSON text, with Content-Type: application/json unless headers, or those of the session, have
	 * another.
	 */
	const char *json;
	/** Body: these fields as application/x-www-form-urlencoded. */
	struct requests_fields form;
	/** Body: these parts as multipart/form-data, streamed. Needs CONFIG_REQUESTS_FILES. */
	struct requests_parts files;
	/** Body: the content that this callback provides. Needs CONFIG_REQUESTS_BODY_READER. */
	struct requests_reader body;

	/** User name for Basic or Digest authentication. It takes precedence over the one in the URL. */
	const char *user;
	/** Password. NULL: empty. */
	const char *password;
	/** Token for Bearer authentication. */
	const char *bearer;

	/**
	 * Which servers to trust with https, and the client's certificate. In a session, a member that is
	 * 0 leaves the session's setting, accept_invalid_certs too.
	 */
	struct requests_tls tls;
	/** Token by which another thread can end the request. NULL: none. */
	struct requests_cancel *cancel;
	/** Asks for gzip or deflate, and decompresses the content. Needs CONFIG_REQUESTS_GZIP. */
	struct requests_inflater *inflater;
	/** When to send again. Needs CONFIG_REQUESTS_RETRY, except for downloads. */
	struct requests_retry retry;
	/**
	 * Time limit of the whole request in milliseconds, including the name look-up and redirects. 0:
	 * CONFIG_REQUESTS_TIMEOUT_MS, 30000 by default.
	 */
	uint32_t timeout_ms;
	/**
	 * Time limit of each wait for the body in milliseconds: while it is sent, and for each read of a
	 * stream, whose timeout_ms then ends with the head. 0: no such limit.
	 */
	uint32_t read_timeout_ms;
	/** Most redirects to follow. 0: CONFIG_REQUESTS_MAX_REDIRECTS, 10 by default. Negative: none. */
	int32_t redirects;
	/**
	 * Whether user and password are for Digest authentication. A user name in the URL does not count.
	 * Needs CONFIG_REQUESTS_DIGEST.
	 */
	bool digest;
	/** Sends the body in chunks, without a Content-Length. Needs CONFIG_REQUESTS_BODY_READER. */
	bool chunked;
	/**
	 * Asks the server before the body is sent (Expect: 100-continue). Needs
	 * CONFIG_REQUESTS_BODY_READER.
	 */
	bool expect_continue;
	/** Follows redirects from https to http too. They expose what TLS protects. */
	bool allow_https_downgrade;
};

/** @} */

/**
 * @name Requests
 * @{
 */

/**
 * @brief A response, or why there is none.
 *
 * The function that takes it always writes it, even if it fails. Read the fields that are described
 * here, and change none.
 */
struct requests_response {
	/** Status code, 100 to 999. 0: there is no response. */
	uint16_t status;
	/** Number of redirects that were followed. */
	uint16_t redirects;
	/** @cond INTERNAL_HIDDEN */
	uint32_t mark;
	/** @endcond */
	/** Reason phrase, for people. It is often empty. */
	const char *reason;
	/** The final URL: with the parameters, after all redirects, without user and password. */
	const char *url;
	/** The body, in the buffer, without its framing. A NUL follows, which body_len does not count. */
	const char *body;
	/** Length of the body in bytes. */
	size_t body_len;
	/** After #REQUESTS_E_BUFFER_TOO_SMALL: the size in bytes that the buffer must have at least. */
	size_t needed;
	/** @cond INTERNAL_HIDDEN */
	const void *headers;
	size_t headers_len;
	const void *buffer;
	size_t buffer_len;
	int32_t code;
	uint32_t has_error;
	uintptr_t error[4];
	/** @endcond */
};

/**
 * @brief Sends a request and receives the whole response.
 *
 * @param method Method, such as "GET". Any token is allowed.
 * @param url URL that begins with http:// or https://.
 * @param options Settings, or NULL for the defaults. They are read until the function returns.
 * @param buf Buffer for request and response. It must hold the URL, the lists of the request, and the
 * head and body of the response. Each field of params and form takes 16 bytes of it (32 on 64-bit
 * machines), and each part of files 64 bytes (104 on 64-bit machines).
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf; or the error.
 *
 * @retval 0 There is a response, with any status.
 * @return A negative #requests_error if there is none.
 */
int requests_request(const char *method, const char *url, const struct requests_options *options,
		     void *buf, size_t len, struct requests_response *response);

/**
 * @brief Reads a pin from text: "sha256//" and the digest in Base64, the format of curl.
 *
 * @param text Text.
 * @param[out] pin Pin; unchanged on failure.
 *
 * @retval 0 The pin was read.
 * @retval REQUESTS_E_NUMBER The text is not a pin.
 * @return Another negative #requests_error.
 */
int requests_pin_parse(const char *text, struct requests_pin *pin);

/**
 * @brief Sends a GET request, as requests_request() does: retrieves the resource.
 *
 * @param url URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_get(const char *url, const struct requests_options *options, void *buf,
			       size_t len, struct requests_response *response)
{
	return requests_request("GET", url, options, buf, len, response);
}

/**
 * @brief Sends a HEAD request, as requests_request() does: GET without the content.
 *
 * @param url URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_head(const char *url, const struct requests_options *options, void *buf,
				size_t len, struct requests_response *response)
{
	return requests_request("HEAD", url, options, buf, len, response);
}

/**
 * @brief Sends a POST request, as requests_request() does: lets the resource process the content.
 *
 * @param url URL.
 * @param options Settings, including the body, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_post(const char *url, const struct requests_options *options, void *buf,
				size_t len, struct requests_response *response)
{
	return requests_request("POST", url, options, buf, len, response);
}

/**
 * @brief Sends a PUT request, as requests_request() does: replaces the resource with the content.
 *
 * @param url URL.
 * @param options Settings, including the body, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_put(const char *url, const struct requests_options *options, void *buf,
			       size_t len, struct requests_response *response)
{
	return requests_request("PUT", url, options, buf, len, response);
}

/**
 * @brief Sends a PATCH request, as requests_request() does: changes the resource as the content says.
 *
 * @param url URL.
 * @param options Settings, including the body, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_patch(const char *url, const struct requests_options *options, void *buf,
				 size_t len, struct requests_response *response)
{
	return requests_request("PATCH", url, options, buf, len, response);
}

/**
 * @brief Sends a DELETE request, as requests_request() does: removes the resource.
 *
 * @param url URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_delete(const char *url, const struct requests_options *options, void *buf,
				  size_t len, struct requests_response *response)
{
	return requests_request("DELETE", url, options, buf, len, response);
}

/**
 * @brief Sends an OPTIONS request, as requests_request() does: asks which methods are supported.
 *
 * @param url URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_request().
 */
static inline int requests_options(const char *url, const struct requests_options *options,
				   void *buf, size_t len, struct requests_response *response)
{
	return requests_request("OPTIONS", url, options, buf, len, response);
}

/** @} */

/**
 * @name Responses
 * @{
 */

/**
 * @brief Makes a response from its parts, for tests, or to read JSON from another source.
 *
 * @param[out] response Response. It refers to @p headers and @p body, and copies neither.
 * @param status Status code.
 * @param headers Lines "Name: value", each ended by CR LF. NULL: none.
 * @param body Body.
 *
 * @retval 0 The response is valid.
 * @return A negative #requests_error.
 */
int requests_response_init(struct requests_response *response, uint16_t status, const char *headers,
			   struct requests_bytes body);

/**
 * @brief Finds a header by its name, without regard to case.
 *
 * @param response Response.
 * @param name Name, such as "Content-Type".
 * @param[out] len Length of the value in bytes.
 *
 * @return The value of the first header of this name, in the buffer of the response. No NUL follows
 * it. NULL if there is none.
 */
const char *requests_header(const struct requests_response *response, const char *name, size_t *len);

/**
 * @brief Copies a header's value.
 *
 * @param response Response.
 * @param name Name, without regard to case.
 * @param[out] value The value and a NUL; an empty text on failure.
 * @param size Size of @p value in bytes.
 *
 * @return Length of the value in bytes, without the NUL.
 * @retval REQUESTS_E_HEADER_NOT_FOUND There is no such header.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The value does not fit.
 */
int requests_header_copy(const struct requests_response *response, const char *name, char *value,
			 size_t size);

/** A header of a response, in the buffer of the response. No NUL follows the name or the value. */
struct requests_header {
	/** Name, as the server wrote it. */
	const char *name;
	/** Length of the name in bytes. */
	size_t name_len;
	/** Value. */
	const char *value;
	/** Length of the value in bytes. */
	size_t value_len;
};

/**
 * @brief Gets one of the headers, which are in the order in which they were received.
 *
 * @code{.c}
 * struct requests_header h;
 *
 * for (size_t i = 0; requests_header_at(&r, i, &h) == 0; i++) {
 *         printf("%.*s = %.*s\n", (int)h.name_len, h.name, (int)h.value_len, h.value);
 * }
 * @endcode
 *
 * @param response Response.
 * @param index Index of the header, from 0.
 * @param[out] header Name and value.
 *
 * @retval 0 There is a header with this index.
 * @retval REQUESTS_E_HEADER_NOT_FOUND There are fewer headers.
 */
int requests_header_at(const struct requests_response *response, size_t index,
		       struct requests_header *header);

/** @} */

/**
 * @name JSON
 *
 * Each function reads one value of a response's body, found by a JSON Pointer (RFC 6901) such as
 * "/items/0/name". "" is the whole document. The rest of the body is still checked.
 * @{
 */

/**
 * @brief Reads an integer.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] value Integer; unchanged on failure.
 *
 * @retval 0 The integer was read.
 * @retval REQUESTS_E_JSON_NOT_FOUND There is no value at the pointer.
 * @retval REQUESTS_E_JSON_TYPE The value is not an integer, or does not fit in 64 bits.
 * @retval REQUESTS_E_JSON The body is not JSON.
 * @return Another negative #requests_error.
 */
int requests_json_int(const struct requests_response *response, const char *pointer, int64_t *value);

/**
 * @brief Reads a number.
 *
 * It takes 1.6 KB of stack, because all digits of the number are converted exactly. requests_json_int()
 * takes much less.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] value Number; unchanged on failure.
 *
 * @return As requests_json_int().
 */
int requests_json_double(const struct requests_response *response, const char *pointer,
			 double *value);

/**
 * @brief Reads true or false.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] value The value; unchanged on failure.
 *
 * @return As requests_json_int().
 */
int requests_json_bool(const struct requests_response *response, const char *pointer, bool *value);

/**
 * @brief Copies a string, with its escapes decoded.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] value The string and a NUL; an empty text on failure.
 * @param size Size of @p value in bytes.
 *
 * @return Length of the string in bytes, without the NUL. It is larger than strlen() if the string
 * contains a NUL.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The string does not fit.
 * @retval REQUESTS_E_JSON_TYPE The value is not a string.
 */
int requests_json_string(const struct requests_response *response, const char *pointer, char *value,
			 size_t size);

/**
 * @brief Finds the JSON text of a value of any type.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] len Length of the text in bytes.
 *
 * @return The text of the value in the body. No NUL follows it. NULL if there is no such value.
 */
const char *requests_json_text(const struct requests_response *response, const char *pointer,
			       size_t *len);

/** @} */

/**
 * @name Errors
 * @{
 */

/**
 * @brief Returns a sentence for the number of an error.
 *
 * @param error Result of a function.
 *
 * @return The sentence, which is static.
 */
const char *requests_strerror(int error);

/**
 * @brief Returns a short name for the number of an error: REQUESTS_E_HOST_NOT_FOUND is
 * "host-not-found".
 *
 * @param error Result of a function.
 *
 * @return The name, which is static, or NULL if there is no such error.
 */
const char *requests_error_name(int error);

/**
 * @brief Returns the step in which a request failed.
 *
 * @param response Response that was passed to the request.
 *
 * @return One of url, request, dns, connect, tls, send, receive, parse, body, redirect, status,
 * json, text and sink; "" if the request was not started. The text is static.
 */
const char *requests_error_phase(const struct requests_response *response);

/**
 * @brief Returns the code of the system or of mbedTLS that caused an error.
 *
 * @param response Response that was passed to the request.
 *
 * @return The errno of the failed connect, send or receive, the resolver's code or mbedTLS's code; 0
 * if there is none.
 */
int requests_error_errno(const struct requests_response *response);

/**
 * @brief Writes why a request failed: a sentence with all details, such as the names and dates in a
 * certificate.
 *
 * Call it before the buffer of the request is used for something else.
 *
 * @param response Response that was passed to the request.
 * @param[out] text The sentence and a NUL. If it does not fit, its end is left out.
 * @param size Size of @p text in bytes. 160 is enough for most sentences.
 *
 * @return Length of the whole sentence in bytes, without the NUL, or a negative #requests_error.
 */
int requests_error_describe(const struct requests_response *response, char *text, size_t size);

/** @} */

/**
 * @name TLS
 * @{
 */

/** The TLS of this build, and the memory that it uses. */
struct requests_tls_info {
	/** Number of built-in roots. */
	uint32_t roots;
	/** Oldest version in this build, one of #requests_tls_version. 0: secure sockets decide. */
	uint8_t oldest_version;
	/** Newest version in this build, likewise. */
	uint8_t newest_version;
	/** Whether the heap is counted: CONFIG_REQUESTS_TLS_HEAP_STATISTICS. */
	bool is_heap_counted;
	/** Bytes of mbedTLS's heap that are in use. */
	size_t heap_used;
	/** The most bytes that were in use at any time. */
	size_t heap_peak;
};

/**
 * @brief Reports the TLS of this build, and the memory that it uses.
 *
 * @param[out] info The report; unchanged on failure.
 *
 * @retval 0 The report was written.
 * @retval REQUESTS_E_NOT_BUILT_IN TLS is not built in.
 * @return Another negative #requests_error.
 */
int requests_tls_info(struct requests_tls_info *info);

/** @} */

/**
 * @name The network
 * @{
 */

/**
 * @brief Waits until a network interface is up and has an address.
 *
 * On Zephyr, call it before the first request, or after a request that found no network. Options of
 * Zephyr decide what it does besides waiting. None of them is required:
 *
 * - CONFIG_NET_DHCPV4: it starts DHCP on Ethernet and Wi-Fi interfaces, unless DHCP already runs. An
 *   IPv6 address alone is then enough only if no IPv4 address has come after
 *   CONFIG_NET_DHCPV4_INITIAL_DELAY_MAX (10 s by default) and 2 s more.
 * - CONFIG_NET_CONNECTION_MANAGER: it brings all interfaces up, so that modems are connected.
 *   Interfaces that the connection manager ignores are ignored here.
 * - CONFIG_WIFI_CREDENTIALS_CONNECT_STORED: it joins a Wi-Fi network of which Zephyr has the
 *   credentials, stored or from CONFIG_WIFI_CREDENTIALS_STATIC_SSID, and tries again if that fails.
 * - CONFIG_NET_CONFIG_CLOCK_SNTP_INIT: if the clock is not set, it sets it by SNTP, from
 *   CONFIG_NET_CONFIG_SNTP_INIT_SERVER. If this server does not answer, that is not an error.
 *
 * An interface whose driver offloads sockets needs no address. On a PC, this returns 0 at once.
 *
 * @param timeout_ms The longest time to wait, in milliseconds. 0 looks once.
 *
 * @retval 0 There is a network.
 * @retval REQUESTS_E_LINK_DOWN The time has passed, and no interface is up.
 * @retval REQUESTS_E_NO_ADDRESS The time has passed, and an interface is up, but has no address.
 */
int requests_network_wait(uint32_t timeout_ms);

/** @} */

/**
 * @name Cancelling
 * @{
 */

/**
 * @brief Opens a token that ends requests.
 *
 * On Zephyr, it needs CONFIG_REQUESTS_CANCEL, and takes one of CONFIG_REQUESTS_CANCEL_TOKENS. On a PC,
 * it takes two file descriptors. It must not be moved in memory while it is open.
 *
 * @param[out] cancel Token. Zero it before it is opened for the first time.
 *
 * @retval 0 The token is open.
 * @retval REQUESTS_E_OUT_OF_MEMORY No token is free.
 * @retval REQUESTS_E_NOT_BUILT_IN CONFIG_REQUESTS_CANCEL is not set.
 * @retval REQUESTS_E_OPEN The token is open already.
 */
int requests_cancel_open(struct requests_cancel *cancel);

/**
 * @brief Ends the requests that have this token, now and until requests_cancel_reset().
 *
 * The requests end with #REQUESTS_E_CANCELLED. This function does not wait for them. Any thread and
 * any interrupt may call it, and on a PC any signal handler.
 *
 * @param cancel Token.
 *
 * @retval 0 The token is cancelled.
 * @retval REQUESTS_E_CLOSED The token is not open.
 */
int requests_cancel(struct requests_cancel *cancel);

/**
 * @brief Resets a token for the next request. No request may be using it.
 *
 * @param cancel Token.
 *
 * @retval 0 The token is no longer cancelled.
 * @retval REQUESTS_E_CLOSED The token is not open.
 */
int requests_cancel_reset(struct requests_cancel *cancel);

/**
 * @brief Checks whether a token is cancelled.
 *
 * @param cancel Token.
 *
 * @retval 1 It is cancelled.
 * @retval 0 It is not cancelled.
 * @retval REQUESTS_E_CLOSED The token is not open.
 */
int requests_is_cancelled(struct requests_cancel *cancel);

/**
 * @brief Closes a token. No request may be using it.
 *
 * @param cancel Token.
 *
 * @retval 0 The token is closed.
 * @retval REQUESTS_E_CLOSED The token was not open.
 */
int requests_cancel_close(struct requests_cancel *cancel);

/** @} */

/**
 * @name Sessions
 * @{
 */

/** Settings of a session. Zero is the default of each. */
struct requests_session_options {
	/**
	 * Base of relative URLs. If it is set, credentials are sent to its origin only: user, password,
	 * bearer, and the headers Authorization, Cookie, Proxy-Authorization and Host.
	 */
	const char *base_url;
	/** Headers of every request, unless it has one of the same name. No value may be NULL. */
	struct requests_fields headers;
	/** Query parameters of every request. */
	struct requests_fields params;
	/** User name for Basic or Digest authentication. */
	const char *user;
	/** Password. NULL: empty. */
	const char *password;
	/** Token for Bearer authentication. */
	const char *bearer;
	/**
	 * Buffer for credentials that change: requests_session_set_auth() and
	 * requests_session_set_bearer() copy them there. NULL: none.
	 */
	char *auth_buf;
	/** Size of auth_buf in bytes. */
	size_t auth_buf_len;
	/** Which servers to trust with https, and the client's certificate. */
	struct requests_tls tls;
	/** Token by which another thread can end requests. NULL: none. */
	struct requests_cancel *cancel;
	/** Cookie jar. No other session may use it until this one is closed. NULL: none. */
	struct requests_cookies *cookies;
	/** When to send again. Needs CONFIG_REQUESTS_RETRY. */
	struct requests_retry retry;
	/** As requests_options.timeout_ms, for requests that set none. */
	uint32_t timeout_ms;
	/** As requests_options.read_timeout_ms, for requests that set none. */
	uint32_t read_timeout_ms;
	/** How long an unused connection is kept, in ms. 0: CONFIG_REQUESTS_SESSION_IDLE_MS. */
	uint32_t idle_ms;
	/** As requests_options.redirects, for requests that set none. */
	int32_t redirects;
	/** Whether user and password are for Digest authentication. */
	bool digest;
};

/**
 * @brief Opens a session: requests that share connections, TLS sessions, settings and cookies.
 *
 * One thread at a time may use it. It must not be moved in memory while it is open.
 *
 * @param[out] session Session. Zero it before it is opened for the first time.
 * @param options Settings, or NULL for the defaults. The structure is read until the function returns.
 * What it points to (texts, lists, certificates and so on) must stay valid until the session is closed.
 *
 * @retval 0 The session is open.
 * @retval REQUESTS_E_OPEN The session is open already.
 * @return Another negative #requests_error.
 */
int requests_session_open(struct requests_session *session,
			  const struct requests_session_options *options);

/**
 * @brief Sends a request in a session and receives the whole response.
 *
 * @param session Session.
 * @param method Method, such as "GET".
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings of this request, which take precedence over those of the session, or NULL.
 * @param buf Buffer for request and response, as for requests_request(). Each header and parameter of
 * the session takes 16 bytes of it (32 on 64-bit machines).
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf; or the error.
 *
 * @retval 0 There is a response, with any status.
 * @retval REQUESTS_E_CLOSED The session is not open.
 * @retval REQUESTS_E_BUSY A stream uses the session, or a request whose callback this is.
 * @return Another negative #requests_error.
 */
int requests_session_request(struct requests_session *session, const char *method, const char *url,
			     const struct requests_options *options, void *buf, size_t len,
			     struct requests_response *response);

/**
 * @brief Sends a GET request in a session, as requests_get() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_get(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "GET", url, options, buf, len, response);
}

/**
 * @brief Sends a HEAD request in a session, as requests_head() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_head(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "HEAD", url, options, buf, len, response);
}

/**
 * @brief Sends a POST request in a session, as requests_post() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, including the body, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_post(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "POST", url, options, buf, len, response);
}

/**
 * @brief Sends a PUT request in a session, as requests_put() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, including the body, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_put(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "PUT", url, options, buf, len, response);
}

/**
 * @brief Sends a PATCH request in a session, as requests_patch() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, including the body, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_patch(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "PATCH", url, options, buf, len, response);
}

/**
 * @brief Sends a DELETE request in a session, as requests_delete() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_delete(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "DELETE", url, options, buf, len, response);
}

/**
 * @brief Sends an OPTIONS request in a session, as requests_options() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response, in @p buf.
 *
 * @return As requests_session_request().
 */
static inline int requests_session_options(struct requests_session *session, const char *url,
		const struct requests_options *options, void *buf,
		size_t len, struct requests_response *response)
{
	return requests_session_request(session, "OPTIONS", url, options, buf, len, response);
}

/**
 * @brief Replaces the credentials of a session by user name and password. Connections stay open.
 *
 * They are for Digest if the session was opened with requests_session_options.digest, else for Basic.
 *
 * @param session Session, with an auth_buf.
 * @param user User name. It is copied.
 * @param password Password. It is copied. NULL: empty.
 *
 * @retval 0 The next requests use these credentials.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The auth_buf is too small. The old credentials stay.
 * @return Another negative #requests_error.
 */
int requests_session_set_auth(struct requests_session *session, const char *user,
			      const char *password);

/**
 * @brief Replaces the credentials of a session by a bearer token. Connections stay open.
 *
 * @param session Session, with an auth_buf.
 * @param token Token. It is copied.
 *
 * @retval 0 The next requests use this token.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The auth_buf is too small. The old credentials stay.
 * @return Another negative #requests_error.
 */
int requests_session_set_bearer(struct requests_session *session, const char *token);

/**
 * @brief Returns the number of connections that a session keeps now.
 *
 * @param session Session.
 *
 * @return Number of connections, or a negative #requests_error.
 */
int requests_session_connections(struct requests_session *session);

/**
 * @brief Closes the connections of a session, for example before the network goes down. The session
 * stays open.
 *
 * @param session Session.
 *
 * @retval 0 The connections are closed.
 * @return A negative #requests_error.
 */
int requests_session_disconnect(struct requests_session *session);

/**
 * @brief Returns the number of bytes that requests_session_tls_export() writes.
 *
 * @param session Session.
 *
 * @return Number of bytes, or a negative #requests_error.
 */
int requests_session_tls_export_size(struct requests_session *session);

/**
 * @brief Writes the TLS sessions that the next connections would resume, to keep them during deep sleep
 * or a restart.
 *
 * They are secret, and must not be changed: keep them in retained memory or protected storage.
 *
 * @param session Session.
 * @param[out] buf Where to write them.
 * @param size Size of @p buf in bytes.
 *
 * @return Number of bytes written.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL See requests_session_tls_export_size().
 * @return Another negative #requests_error.
 */
int requests_session_tls_export(struct requests_session *session, void *buf, size_t size);

/**
 * @brief Adds TLS sessions that requests_session_tls_export() wrote. Import an export only once.
 *
 * @param session Session.
 * @param bytes The exported bytes.
 *
 * @return Number of TLS sessions that were added.
 * @retval REQUESTS_E_SESSIONS_MALFORMED The bytes are incomplete or were changed.
 * @retval REQUESTS_E_SESSIONS_OTHER_BUILD Another version of mbedTLS or of this client wrote them.
 * @return Another negative #requests_error.
 */
int requests_session_tls_import(struct requests_session *session, struct requests_bytes bytes);

/**
 * @brief Closes a session and its connections.
 *
 * @param session Session.
 *
 * @retval 0 The session is closed.
 * @retval REQUESTS_E_CLOSED The session was not open.
 * @retval REQUESTS_E_BUSY A stream of the session is open.
 */
int requests_session_close(struct requests_session *session);

/**
 * @brief Removes all cookies. No open session may use the jar.
 *
 * @param cookies Cookies.
 *
 * @retval 0 The cookies are removed.
 * @retval REQUESTS_E_BUSY A session uses the jar.
 * @return Another negative #requests_error.
 */
int requests_cookies_clear(struct requests_cookies *cookies);

/**
 * @brief Returns how many cookies did not fit and were dropped. No open session may use the jar.
 *
 * @param cookies Cookies.
 *
 * @return Number of cookies, or a negative #requests_error.
 */
int requests_cookies_dropped(struct requests_cookies *cookies);

/** @} */

/**
 * @name Streams
 * @{
 */

/**
 * @brief Sends a request and receives the head of its response. The body is received while it is read.
 *
 * @param[out] stream Stream. Zero it before it is opened for the first time. It must not be moved in
 * memory while it is open.
 * @param method Method, such as "GET".
 * @param url URL.
 * @param options Settings, or NULL for the defaults. They are read until the function returns. The
 * cancel token and the inflater must stay valid until the stream is closed.
 * @param buf Buffer, which the stream uses until it is closed. It must hold the URL, the lists of the
 * request, and the response's head. The body passes through the rest.
 * @param len Size of @p buf in bytes.
 * @param[out] response Response without a body, or the error.
 *
 * @retval 0 The stream is open. The response can have any status.
 * @retval REQUESTS_E_OPEN The stream is open already.
 * @return Another negative #requests_error.
 */
int requests_stream_open(struct requests_stream *stream, const char *method, const char *url,
			 const struct requests_options *options, void *buf, size_t len,
			 struct requests_response *response);

/**
 * @brief Opens a stream in a session. The session serves no other request until the stream is closed.
 *
 * @param session Session.
 * @param[out] stream Stream, as for requests_stream_open().
 * @param method Method, such as "GET".
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings of this request, or NULL.
 * @param buf Buffer, as for requests_stream_open().
 * @param len Size of @p buf in bytes.
 * @param[out] response Response without a body, or the error.
 *
 * @return As requests_stream_open().
 */
int requests_session_stream_open(struct requests_session *session, struct requests_stream *stream,
				 const char *method, const char *url,
				 const struct requests_options *options, void *buf, size_t len,
				 struct requests_response *response);

/**
 * @brief Reads content.
 *
 * @param stream Stream.
 * @param[out] buf Where to write the content. It must not be in the stream's buffer.
 * @param len Size of @p buf in bytes, at least 1. All of it is set to zeros first, so a size that is
 * much larger than needed costs time.
 *
 * @return Number of bytes read. 0: all of the content was received, and this is its end.
 * @retval REQUESTS_E_TRUNCATED_BODY The server closed the connection before the end of the content.
 * @return Another negative #requests_error.
 */
int requests_stream_read(struct requests_stream *stream, void *buf, size_t len);

/**
 * @brief Reads the next line, without its end.
 *
 * @param stream Stream.
 * @param[out] line Line, in the stream's buffer. It is valid until the next call. No NUL follows it.
 * @param[out] len Length of the line in bytes.
 *
 * @retval 1 There is a line.
 * @retval 0 The content has ended.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The line does not fit in the buffer. The next call returns the
 * line after it.
 * @return Another negative #requests_error.
 */
int requests_stream_line(struct requests_stream *stream, const char **line, size_t *len);

/**
 * @brief Receives a piece of content.
 *
 * @param user The pointer that was passed together with the callback.
 * @param data Content, valid until the callback returns.
 * @param len Length of the content in bytes, at least 1.
 *
 * @return 0 to continue; a negative number to stop.
 */
typedef int (*requests_data_t)(void *user, const void *data, size_t len);

/**
 * @brief Passes the rest of the content to a callback, piece by piece.
 *
 * @param stream Stream.
 * @param data Callback that receives a piece of content.
 * @param user Passed to the callback.
 *
 * @retval 0 All of the content was received and passed on.
 * @return The negative result of the callback, or a negative #requests_error.
 */
int requests_stream_each(struct requests_stream *stream, requests_data_t data, void *user);

/**
 * @brief Receives all content that has not been read, and closes the stream. Use it, for example, if
 * the answer is an error with a JSON body.
 *
 * @param stream Stream. It is closed even if this fails.
 * @param[out] response Response with that content as its body, in the stream's buffer; or the error.
 *
 * @retval 0 There is a response.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The buffer cannot hold the content.
 * @retval REQUESTS_E_CLOSED The stream is not open.
 * @return Another negative #requests_error.
 */
int requests_stream_into_response(struct requests_stream *stream, struct requests_response *response);

/**
 * @brief Gets the error of the last call of requests_stream_read(), requests_stream_line() or
 * requests_stream_each().
 *
 * @param stream Stream, which is still open.
 * @param[out] response The error, for requests_error_describe(), requests_error_phase() and
 * requests_error_errno().
 *
 * @retval 0 The response was written. If no call has failed, it contains no error.
 * @return A negative #requests_error.
 */
int requests_stream_error(struct requests_stream *stream, struct requests_response *response);

/**
 * @brief Closes a stream. This is possible before the end of the content.
 *
 * @param stream Stream.
 *
 * @retval 0 The stream is closed.
 * @retval REQUESTS_E_CLOSED The stream was not open.
 */
int requests_stream_close(struct requests_stream *stream);

/** @} */

/**
 * @name Downloads
 * @{
 */

/** A length that is not known. */
#define REQUESTS_UNKNOWN UINT64_MAX

/**
 * @brief Writes content of a download.
 *
 * @param user requests_sink.user.
 * @param offset Offset of @p data in the whole content, in bytes.
 * @param data Content, valid until the callback returns.
 * @param len Length of @p data in bytes.
 *
 * @return 0, or a negative number, which ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_write_t)(void *user, uint64_t offset, const void *data, size_t len);

/**
 * @brief Starts the content: it follows from its first byte on. Discard what was written before.
 *
 * @param user requests_sink.user.
 * @param len Length of the content in bytes, or #REQUESTS_UNKNOWN.
 * @param validator Version of the content, for requests_download.validator. Copy it, because it is
 * valid only until the callback returns. NULL: the server names no version.
 *
 * @return 0, or a negative number, which ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_start_t)(void *user, uint64_t len, const char *validator);

/**
 * @brief Reads what an earlier download has written, to compute the digest.
 *
 * @param user requests_sink.user.
 * @param offset Offset in the whole content, in bytes.
 * @param[out] buf Where to write the content.
 * @param len Size of @p buf in bytes.
 *
 * @return Number of bytes read, at least 1, or a negative number, which ends the download with
 * #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_read_t)(void *user, uint64_t offset, void *buf, size_t len);

/**
 * @brief Finishes the download: all content was written, and has the expected digest.
 *
 * @param user requests_sink.user.
 * @param len Length of the content in bytes.
 *
 * @return 0, or a negative number, which ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_finish_t)(void *user, uint64_t len);

/**
 * @brief Reports the progress of a download.
 *
 * @param user requests_sink.user.
 * @param received Number of bytes in the sink.
 * @param len Length of the content in bytes, or #REQUESTS_UNKNOWN.
 */
typedef void (*requests_progress_t)(void *user, uint64_t received, uint64_t len);

/** Callbacks that store the content of a download. All but write may be NULL. */
struct requests_sink {
	/** Writes content. Required. */
	requests_sink_write_t write;
	/** Starts the content. */
	requests_sink_start_t start;
	/** Reads back. Without it, a download that is resumed with a digest starts again instead. */
	requests_sink_read_t read;
	/** Finishes the content. */
	requests_sink_finish_t finish;
	/** Receives reports of progress. */
	requests_progress_t progress;
	/** Passed to the callbacks. */
	void *user;
};

/** Settings of a download. Zero is the default of each, but sink.write is required. */
struct requests_download {
	/** Callbacks that store the content. */
	struct requests_sink sink;
	/** SHA-256 digest that the content must have, 32 bytes. NULL: any. */
	const uint8_t *sha256;
	/**
	 * To resume an earlier download: the version whose first bytes are in the sink, as it was passed
	 * to #requests_sink_start_t. If the server has another version by now, the download starts again.
	 * NULL: start at the first byte.
	 */
	const char *validator;
	/** To resume: the number of bytes in the sink. */
	uint64_t offset;
	/** To resume: the length that was passed to #requests_sink_start_t in bytes. 0: not known. */
	uint64_t len;
	/** The most bytes that one request asks for, by a range request. 0: all at once. */
	uint64_t piece;
	/** The sink can only append: a download that would have to start again fails. */
	bool no_restart;
};

/** The result of a download. */
struct requests_downloaded {
	/** Length of the content in bytes. */
	uint64_t len;
	/** Number of requests that were sent, without redirects. */
	uint32_t requests;
};

/**
 * @brief Downloads the content of a URL to a sink. If the connection drops, the client asks for the
 * rest. It never combines parts of different versions.
 *
 * @param url URL.
 * @param options Settings, or NULL. Three of them differ from those of requests. timeout_ms limits the
 * whole download; 0: no limit. read_timeout_ms limits each wait; 0: CONFIG_REQUESTS_TIMEOUT_MS.
 * retry.attempts is the number of attempts in a row without progress; 0: 5. With an inflater, the sink
 * gets the decompressed content, and such a download starts again if the connection drops.
 * @param download Sink, digest, and what to resume.
 * @param buf Buffer. It must hold the URL, the lists of the request, and the response's head. The
 * content passes through the rest.
 * @param len Size of @p buf in bytes.
 * @param[out] done What was downloaded; unchanged on failure.
 * @param[out] response The error on failure. After #REQUESTS_E_STATUS it has the status.
 *
 * @retval 0 All of the content is in the sink.
 * @retval REQUESTS_E_STATUS The server answered with a status other than success.
 * @retval REQUESTS_E_SINK The sink failed.
 * @retval REQUESTS_E_SHA256_MISMATCH The content is in the sink, but has another digest.
 * @return Another negative #requests_error.
 */
int requests_download(const char *url, const struct requests_options *options,
		      const struct requests_download *download, void *buf, size_t len,
		      struct requests_downloaded *done, struct requests_response *response);

/**
 * @brief Downloads in a session, as requests_download() does.
 *
 * @param session Session.
 * @param url URL, absolute or relative to the session's base URL.
 * @param options Settings, or NULL.
 * @param download Sink, digest, and what to resume.
 * @param buf Buffer, as for requests_download().
 * @param len Size of @p buf in bytes.
 * @param[out] done What was downloaded; unchanged on failure.
 * @param[out] response The error on failure.
 *
 * @return As requests_download().
 */
int requests_session_download(struct requests_session *session, const char *url,
			      const struct requests_options *options,
			      const struct requests_download *download, void *buf, size_t len,
			      struct requests_downloaded *done, struct requests_response *response);

/** @} */

/**
 * @name SHA-256
 *
 * Computes the digest of content that has no known digest beforehand, for example while a sink writes
 * it. Needs CONFIG_REQUESTS_SHA256.
 * @{
 */

/** The state of a digest that is being computed. See requests_sha256_start(). */
struct requests_sha256 {
	/** Private. */
	uint64_t opaque[16];
};

/**
 * @brief Starts a digest.
 *
 * @param[out] sha256 Digest. Zero it before its first use. It must not be moved in memory until
 * requests_sha256_finish().
 *
 * @retval 0 The digest is started.
 * @retval REQUESTS_E_OPEN The digest is started already.
 * @retval REQUESTS_E_NOT_BUILT_IN CONFIG_REQUESTS_SHA256 is off.
 * @return Another negative #requests_error.
 */
int requests_sha256_start(struct requests_sha256 *sha256);

/**
 * @brief Adds bytes to a digest.
 *
 * @param sha256 Digest.
 * @param bytes Bytes.
 *
 * @retval 0 The bytes are added.
 * @retval REQUESTS_E_CLOSED The digest is not started.
 * @return Another negative #requests_error.
 */
int requests_sha256_add(struct requests_sha256 *sha256, struct requests_bytes bytes);

/**
 * @brief Finishes a digest.
 *
 * @param sha256 Digest. It can be started again.
 * @param[out] digest The 32 bytes of the digest; unchanged on failure.
 *
 * @retval 0 The digest was written.
 * @retval REQUESTS_E_CLOSED The digest is not started.
 * @return Another negative #requests_error.
 */
int requests_sha256_finish(struct requests_sha256 *sha256, uint8_t digest[32]);

/** @} */

/** @} */

#ifdef __cplusplus
}
#endif

#endif /* REQUESTS_REQUESTS_H_ */
