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
 * @brief HTTP and HTTPS as Python's requests has it, without a heap.
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
 * <b>Results.</b> Functions that return an int return 0 or a length where they succeed, and a negative
 * number of #requests_error where they do not. Wrong arguments are such an error too: a NULL pointer,
 * one that is not aligned, a length that no memory has.
 *
 * <b>Memory.</b> The caller lends a buffer to each request: the request passes through it, and the
 * response is received into it. What does not fit is #REQUESTS_E_BUFFER_TOO_SMALL, and
 * requests_response.needed says how large the buffer must be. A response refers to the buffer, so it
 * is good for as long as the buffer is not used for anything else. Nothing that a request reads, such
 * as its URL, may lie in the buffer (#REQUESTS_E_OVERLAP).
 *
 * <b>Ownership.</b> What a function is given stays the caller's. It is read until the function
 * returns, and where the function opens something, that says what it goes on using.
 *
 * <b>Texts</b> end with NUL, are UTF-8, and have at most #REQUESTS_TEXT_MAX bytes. Lists have a
 * pointer and a number of items; #REQUESTS_FIELDS and #REQUESTS_PARTS write them in place.
 *
 * <b>Defaults.</b> In every structure of settings, zero stands for the default.
 *
 * <b>Threads.</b> Any number of threads may use the functions at once, each with a buffer, a response
 * and so on of its own. Only a #requests_cancel may be shared. The functions block, so they are not
 * for interrupts, but for requests_cancel().
 *
 * <b>Callbacks</b> run in the thread that called the function. They must return; they may not jump
 * (longjmp) or throw across it.
 *
 * @{
 */

/** Most bytes of a text, its NUL not counted. */
#define REQUESTS_TEXT_MAX 65535

/**
 * @brief Errors: what functions return that fail.
 *
 * The numbers are permanent, and none is an errno. requests_strerror() has a sentence for each,
 * requests_error_describe() the whole story of the last one.
 */
enum requests_error {
	/* The call: mend it. */

	/** A pointer is NULL that must not be. */
	REQUESTS_E_NULL = -1001,
	/** A pointer is not aligned to what it points to. */
	REQUESTS_E_UNALIGNED = -1002,
	/** A length that no memory has, or a list without its number of items. */
	REQUESTS_E_LENGTH = -1003,
	/** A text has no NUL within #REQUESTS_TEXT_MAX bytes. */
	REQUESTS_E_UNTERMINATED = -1004,
	/** A text is not UTF-8. */
	REQUESTS_E_NOT_UTF8 = -1005,
	/** What is to be read lies in the buffer that is written to. */
	REQUESTS_E_OVERLAP = -1006,
	/** A number stands for nothing, such as a version of TLS that there is not. */
	REQUESTS_E_NUMBER = -1007,
	/** The object is in use: by a call whose callback this is, or by a stream. */
	REQUESTS_E_BUSY = -1008,
	/** The object was not opened, or is closed, or was moved in memory. */
	REQUESTS_E_CLOSED = -1009,
	/** The object is open already. */
	REQUESTS_E_OPEN = -1010,
	/** What was asked for is not built in. */
	REQUESTS_E_NOT_BUILT_IN = -1011,

	/* The request: mend what it is made of. */

	/** The URL is not one that this client can fetch. */
	REQUESTS_E_INVALID_URL = -1101,
	/** The method is not a token. */
	REQUESTS_E_INVALID_METHOD = -1102,
	/** A header's name is not a token, or its value has a control character. */
	REQUESTS_E_INVALID_HEADER = -1103,
	/** More headers than CONFIG_REQUESTS_MAX_HEADERS (64 on a PC). */
	REQUESTS_E_TOO_MANY_HEADERS = -1104,
	/**
	 * The credentials have a control character, or a colon in the user name; or both a user and a
	 * bearer token were given.
	 */
	REQUESTS_E_INVALID_CREDENTIALS = -1105,
	/** More than one of data, json, form, files and body was given; or of value and content. */
	REQUESTS_E_CONFLICTING_BODY = -1106,
	/** A header Content-Length or Transfer-Encoding does not fit the body. */
	REQUESTS_E_CONFLICTING_LENGTH = -1107,
	/** A part has a name, file name or content type with a control character. */
	REQUESTS_E_INVALID_PART = -1108,
	/** The reader of a part failed, or ended before the length announced for it. */
	REQUESTS_E_PART_READER = -1109,
	/** The reader of the body failed, or ended before the length announced for it. */
	REQUESTS_E_BODY_READER = -1110,
	/** A redirect needs the body again, which came from a reader. */
	REQUESTS_E_BODY_NOT_REPLAYABLE = -1111,
	/** The buffer is too small: requests_response.needed says how large it must be at least. */
	REQUESTS_E_BUFFER_TOO_SMALL = -1112,

	/* The network. */

	/** The request's time is up. */
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
	/** No random bytes could be had, which a multipart form needs. */
	REQUESTS_E_RANDOM = -1209,
	/** No network interface is up: there is no cable, or no Wi-Fi network was joined. */
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
	/** The head does not say in a valid way how long the body is. */
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
	/** The content that was downloaded has another SHA-256 digest. */
	REQUESTS_E_SHA256_MISMATCH = -1313,

	/* Reading the response. */

	/** A download was answered with a status that says there is nothing to download. */
	REQUESTS_E_STATUS = -1401,
	/** The bytes are not text. */
	REQUESTS_E_NOT_TEXT = -1402,
	/** The body is not well-formed JSON, or nested too deeply. */
	REQUESTS_E_JSON = -1403,
	/** The value does not have the type asked for, or the number does not fit. */
	REQUESTS_E_JSON_TYPE = -1404,
	/** The JSON has nothing at this pointer. */
	REQUESTS_E_JSON_NOT_FOUND = -1405,
	/** The pointer is not a JSON Pointer. */
	REQUESTS_E_JSON_POINTER = -1406,
	/** The sink of the download failed, or would have to start anew and cannot. */
	REQUESTS_E_SINK = -1407,
	/** The response has no such header. */
	REQUESTS_E_HEADER_NOT_FOUND = -1408,

	/* TLS. */

	/** https is not built in: CONFIG_REQUESTS_TLS. */
	REQUESTS_E_TLS_NOT_SUPPORTED = -1501,
	/** There is nothing to verify a server with. */
	REQUESTS_E_NO_ROOTS = -1502,
	/** The roots hold no certificate in DER or PEM. */
	REQUESTS_E_INVALID_ROOTS = -1503,
	/** Nothing that TLS can use is registered under a security tag. */
	REQUESTS_E_MISSING_CREDENTIAL = -1504,
	/** Of a client's certificate and its key, only one is registered under a security tag. */
	REQUESTS_E_INCOMPLETE_IDENTITY = -1505,
	/** The credentials of a security tag cannot be had. */
	REQUESTS_E_UNREADABLE_CREDENTIAL = -1506,
	/** Secure sockets (CONFIG_REQUESTS_TLS_SOCKETS) cannot do what a setting asks for. */
	REQUESTS_E_UNSUPPORTED_SETTING = -1507,
	/** The handshake by a secure socket failed. */
	REQUESTS_E_HANDSHAKE_FAILED = -1508,
	/** The host is no name that a certificate can be for. */
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
	/** The certificate is of an authority that is not known here. */
	REQUESTS_E_UNKNOWN_ISSUER = -1515,
	/** The server signed its certificate itself. */
	REQUESTS_E_SELF_SIGNED = -1516,
	/** The certificate's signature is wrong. */
	REQUESTS_E_BAD_SIGNATURE = -1517,
	/** The issuer of a certificate may not sign certificates. */
	REQUESTS_E_NOT_AN_AUTHORITY = -1518,
	/** There are more authorities in the chain than one of them allows. */
	REQUESTS_E_PATH_LENGTH = -1519,
	/** The server sent too many certificates. */
	REQUESTS_E_TOO_MANY_CERTIFICATES = -1520,
	/** The certificate is for other hosts. */
	REQUESTS_E_HOST_MISMATCH = -1521,
	/** The certificate names no host. */
	REQUESTS_E_NO_ALTERNATIVE_NAMES = -1522,
	/** No key of the chain has a pin. */
	REQUESTS_E_PIN_MISMATCH = -1523,
	/** The key or the signature is of a kind that is not secure any more. */
	REQUESTS_E_WEAK_CERTIFICATE = -1524,
	/** The certificate is not one of a TLS server. */
	REQUESTS_E_NOT_FOR_SERVERS = -1525,
	/** An authority may not vouch for a name in the certificate. */
	REQUESTS_E_NAME_CONSTRAINTS = -1526,
	/** The certificate has a critical extension that is not understood. */
	REQUESTS_E_CRITICAL_EXTENSION = -1527,
	/** The certificate cannot be read or is unsound. */
	REQUESTS_E_INVALID_CERTIFICATE = -1528,
	/** The peer ended the connection with an alert. */
	REQUESTS_E_ALERT_RECEIVED = -1529,
	/** What the peer sent was answered with an alert. */
	REQUESTS_E_ALERT_SENT = -1530,
	/** Peer and client have no version of TLS in common. */
	REQUESTS_E_UNSUPPORTED_VERSION = -1531,
	/** mbedTLS was built without what this connection needs. */
	REQUESTS_E_MISSING_FEATURE = -1532,
	/** What the peer sent is not TLS, or damaged. */
	REQUESTS_E_PROTOCOL = -1533,
	/** A message is too large: raise CONFIG_REQUESTS_TLS_IN_CONTENT_LEN. */
	REQUESTS_E_TOO_LARGE = -1534,
	/** The peer closed the connection during the handshake. */
	REQUESTS_E_PEER_CLOSED = -1535,
	/** The peer closed the connection without saying that it had sent everything. */
	REQUESTS_E_TRUNCATED = -1536,
	/** TLS: timed out. */
	REQUESTS_E_TIMED_OUT = -1537,
	/** TLS: cancelled. */
	REQUESTS_E_TLS_CANCELLED = -1538,
	/** The connection below TLS failed. */
	REQUESTS_E_IO = -1539,
	/** Out of memory: raise CONFIG_MBEDTLS_HEAP_SIZE. For a #requests_cancel: none is free. */
	REQUESTS_E_OUT_OF_MEMORY = -1540,
	/** TLS could not have random bytes. */
	REQUESTS_E_NO_RANDOM = -1541,
	/** This program and the mbedTLS it is linked with disagree. */
	REQUESTS_E_INTERNAL = -1542,
	/** These are not exported TLS sessions, or not all of them. */
	REQUESTS_E_SESSIONS_MALFORMED = -1543,
	/** These TLS sessions were exported by another build of the program. */
	REQUESTS_E_SESSIONS_OTHER_BUILD = -1544,
};

/**
 * @name What requests are made of
 * @{
 */

/** Name and value: a header, a parameter, a field of a form. */
struct requests_field {
	/** Name. */
	const char *name;
	/** Value. NULL as a header's: the default header of this name is not sent. */
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
 * @brief Gives content while it is sent.
 *
 * @param user What the #requests_reader has as user.
 * @param buf Where to put content.
 * @param len Bytes at @p buf, at least one.
 *
 * @return Bytes put at @p buf; 0 at the end of the content; a negative number where it cannot be had,
 * which ends the request.
 */
typedef int (*requests_read_t)(void *user, void *buf, size_t len);

/** Content that is read while it is sent: it can be sent once. */
struct requests_reader {
	/** Gives the content; NULL for none. */
	requests_read_t read;
	/** Handed to the callback. */
	void *user;
	/** Bytes that it gives in all. 0 for a body of unknown length, which is sent in chunks. */
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
	/** Media type; NULL for application/octet-stream, and for plain fields none. */
	const char *content_type;
	/** Content of the file, if it is at hand. */
	struct requests_bytes content;
	/** Where the content of the file comes from, with its length, if it is read while it is sent. */
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
 * The list lives as long as the block that it stands in. C++ has no such literals: name an array there.
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

/** When a request is sent again that failed by chance. */
struct requests_retry {
	/** Most attempts, the first included; 0 or 1 for one. */
	uint16_t attempts;
	/** Whether also POST and other methods that are not idempotent are sent again. */
	bool any_method;
	/** Whether a random part is taken off each wait. */
	bool jitter;
	/** Milliseconds before the second attempt; they double each time. 0 for 500. */
	uint32_t backoff_ms;
	/** Most milliseconds between two attempts. 0 for 30000. */
	uint32_t max_backoff_ms;
	/** Most milliseconds to wait for a server that asks for it by Retry-After. 0 for 60000. */
	uint32_t max_retry_after_ms;
	/** Statuses after which a request is sent again. All zero for 429, 502, 503 and 504. */
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

/** What becomes of dates in certificates on a machine without a clock, for requests_tls.dates. */
enum requests_tls_dates {
	/** Without the date there is no connection: #REQUESTS_E_CLOCK_NOT_SET. */
	REQUESTS_TLS_DATES_REQUIRED = 1,
	/** Without the date, certificates are accepted that have expired or are not valid yet. */
	REQUESTS_TLS_DATES_IGNORED_WITHOUT_CLOCK = 2,
};

/** Whom to trust with https, and how to identify. Zero: verified against the built-in roots. */
struct requests_tls {
	/**
	 * Trusted certificates in place of the built-in ones: in PEM, or in DER one behind another.
	 * A NUL at the end does not matter.
	 */
	struct requests_bytes roots;
	/** The client's certificate in PEM or DER, then those that lead to its root. */
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
	/** Demands that a key of the chain has one of these pins. */
	struct {
		/** The first one. */
		const struct requests_pin *list;
		/** How many there are. */
		size_t count;
	} pins;
	/** Oldest version to speak, of #requests_tls_version; 0 for TLS 1.2. */
	uint8_t min_version;
	/** What to do without a clock, of #requests_tls_dates; 0 for what Kconfig says. */
	uint8_t dates;
	/** Whether the roots are trusted besides the built-in ones. */
	bool add_roots;
	/**
	 * DANGER: accepts any certificate, and so any attacker between here and the server. Pins are
	 * checked all the same, against the server's own key.
	 */
	bool accept_invalid_certs;
};

/** Ends requests from another thread. See requests_cancel_open(). */
struct requests_cancel {
	/** Private. */
	uint64_t opaque[4];
};

/**
 * @brief Decompresses content, in 43 KB of RAM.
 *
 * It needs no initialisation but zeros, as static memory has them. One request at a time can use it.
 */
struct requests_inflater {
	/** Private. */
	uint64_t opaque[5452];
};

/** @cond INTERNAL_HIDDEN */
#ifdef CONFIG_REQUESTS
#define REQUESTS_SESSION_CONNECTIONS CONFIG_REQUESTS_SESSION_CONNECTIONS
#define REQUESTS_SESSION_HOST_LEN    CONFIG_REQUESTS_SESSION_HOST_LEN
/* A Rust application says by features of the crate what there is, which are not known here. */
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
/* The same as in src/capi, where it is checked that there is enough. */
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
 * @brief Cookies that a session keeps: CONFIG_REQUESTS_COOKIE_JAR bytes of them (4096 on a PC).
 *
 * It needs no initialisation but zeros, as static memory has them. What does not fit is dropped, see
 * requests_cookies_dropped().
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

/** Settings of a request. Zero stands for the default in each of them. */
struct requests_options {
	/**
	 * Headers. One stands in place of a default header of the same name (Host, User-Agent, Accept,
	 * Accept-Encoding, Connection, Content-Type, Authorization).
	 */
	struct requests_fields headers;
	/** Query parameters, which are percent-encoded and added to those in the URL. */
	struct requests_fields params;

	/** Body: these bytes. At most one of data, json, form, files and body can be given. */
	struct requests_bytes data;
	/** Body: this text, which is JSON, with its Content-Type. */
	const char *json;
	/** Body: these fields as application/x-www-form-urlencoded. */
	struct requests_fields form;
	/** Body: these parts as multipart/form-data, streamed from where they are. CONFIG_REQUESTS_FILES. */
	struct requests_parts files;
	/** Body: what this callback gives. CONFIG_REQUESTS_BODY_READER. */
	struct requests_reader body;

	/** User name for Basic authentication, or for Digest; before those in the URL. */
	const char *user;
	/** Password; NULL for an empty one. */
	const char *password;
	/** Token for Bearer authentication. */
	const char *bearer;

	/** TLS. */
	struct requests_tls tls;
	/** What ends the request from another thread. */
	struct requests_cancel *cancel;
	/** What decompresses the content: asks for gzip or deflate. */
	struct requests_inflater *inflater;
	/** When to send again. CONFIG_REQUESTS_RETRY, but for downloads. */
	struct requests_retry retry;
	/**
	 * Milliseconds that the request may take as a whole, name look-up and redirects included. 0 for
	 * CONFIG_REQUESTS_TIMEOUT_MS, which is 30000.
	 */
	uint32_t timeout_ms;
	/** Milliseconds for each read of a stream; timeout_ms then ends with the head. 0: not set. */
	uint32_t read_timeout_ms;
	/** Most redirects to follow; 0 for 10 (CONFIG_REQUESTS_MAX_REDIRECTS), negative for none. */
	int32_t redirects;
	/** Whether user and password are for Digest authentication. */
	bool digest;
	/** Whether the body is sent in chunks, without a Content-Length. CONFIG_REQUESTS_BODY_READER. */
	bool chunked;
	/**
	 * Whether the server is asked before it is sent the body (Expect: 100-continue).
	 * CONFIG_REQUESTS_BODY_READER.
	 */
	bool expect_continue;
	/** Whether redirects from https to http are followed, which give away what TLS protects. */
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
 * It is written by the function that is given it, also where that fails. Read the fields that are
 * described, and change none.
 */
struct requests_response {
	/** Status code, 100 to 999; 0 where there is no response. */
	uint16_t status;
	/** Redirects that were followed. */
	uint16_t redirects;
	/** @cond INTERNAL_HIDDEN */
	uint32_t mark;
	/** @endcond */
	/** Reason phrase, for people; often empty. */
	const char *reason;
	/** The URL that answered: with the parameters, after all redirects, without user and password. */
	const char *url;
	/** The body, in the buffer, without its framing. A NUL follows it that is not counted. */
	const char *body;
	/** Bytes of the body. */
	size_t body_len;
	/** After #REQUESTS_E_BUFFER_TOO_SMALL: bytes that the whole buffer must have at least. */
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
 * @param method Method, such as "GET"; any token is one.
 * @param url URL that begins with http:// or https://.
 * @param options Settings; NULL for the defaults. They are read until the function returns.
 * @param buf Buffer for request and response. It has to hold the URL together with what is larger of
 * the response's head and body; besides, each field of params and form takes two or four words of it
 * (8 or 16 bytes on 32-bit machines), and each part of files 80 bytes (double on 64-bit machines).
 * @param len Bytes at @p buf.
 * @param[out] response Response, in @p buf; or the error.
 *
 * @retval 0 There is a response, whatever its status.
 * @return A negative #requests_error where there is none.
 */
int requests_request(const char *method, const char *url, const struct requests_options *options,
		     void *buf, size_t len, struct requests_response *response);

/**
 * @brief Reads a pin from text: "sha256//" and the digest in base 64, as curl has it.
 *
 * @param text Text.
 * @param[out] pin Pin; unchanged where this fails.
 *
 * @retval 0 It was read.
 * @retval REQUESTS_E_NUMBER The text is no pin.
 * @return Another negative #requests_error.
 */
int requests_pin_parse(const char *text, struct requests_pin *pin);

/**
 * @brief Sends a GET request, as requests_request() does: retrieves what the URL identifies.
 *
 * @param url URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param len Bytes at @p buf.
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
 * @brief Sends a POST request, as requests_request() does: has the resource process the content.
 *
 * @param url URL.
 * @param options Settings, the body among them, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @brief Sends a PUT request, as requests_request() does: replaces the resource by the content.
 *
 * @param url URL.
 * @param options Settings, the body among them, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param options Settings, the body among them, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param len Bytes at @p buf.
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
 * @brief Sends an OPTIONS request, as requests_request() does: asks what can be done.
 *
 * @param url URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @brief Makes a response of its parts: for tests, and to read JSON that came in another way.
 *
 * @param[out] response Response.
 * @param status Status code.
 * @param headers Lines "Name: value", each ended by CR LF; NULL for none.
 * @param body Body. It is referred to, not copied, and so are the headers.
 *
 * @retval 0 It is made.
 * @return A negative #requests_error.
 */
int requests_response_init(struct requests_response *response, uint16_t status, const char *headers,
			   struct requests_bytes body);

/**
 * @brief Finds a header by its name, without regard to case.
 *
 * @param response Response.
 * @param name Name, such as "Content-Type".
 * @param[out] len Bytes of the value.
 *
 * @return The value of the first header of this name, where it stands in the buffer: no NUL follows
 * it. NULL where there is none.
 */
const char *requests_header(const struct requests_response *response, const char *name, size_t *len);

/**
 * @brief Copies a header's value.
 *
 * @param response Response.
 * @param name Name, without regard to case.
 * @param[out] value Where the value and a NUL go; an empty text where this fails.
 * @param size Bytes at @p value.
 *
 * @return Bytes of the value, without the NUL.
 * @retval REQUESTS_E_HEADER_NOT_FOUND There is no such header.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL It does not fit.
 */
int requests_header_copy(const struct requests_response *response, const char *name, char *value,
			 size_t size);

/** A header of a response, where it stands in the buffer: no NUL follows name and value. */
struct requests_header {
	/** Name, as the server wrote it. */
	const char *name;
	/** Bytes of the name. */
	size_t name_len;
	/** Value. */
	const char *value;
	/** Bytes of the value. */
	size_t value_len;
};

/**
 * @brief Walks over the headers, in the order in which they were received.
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
 * @param index Which one, counted from 0.
 * @param[out] header Name and value.
 *
 * @retval 0 There is one.
 * @retval REQUESTS_E_HEADER_NOT_FOUND There are not so many.
 */
int requests_header_at(const struct requests_response *response, size_t index,
		       struct requests_header *header);

/** @} */

/**
 * @name JSON
 *
 * One value of a response's body, reached by a JSON Pointer (RFC 6901) such as "/items/0/name"; ""
 * is all of it. The rest of the body is checked all the same.
 * @{
 */

/**
 * @brief Reads an integer.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] value Integer; unchanged where this fails.
 *
 * @retval 0 It was read.
 * @retval REQUESTS_E_JSON_NOT_FOUND There is nothing there.
 * @retval REQUESTS_E_JSON_TYPE It is no integer, or one that does not fit.
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
 * @param[out] value Number; unchanged where this fails.
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
 * @param[out] value Whether it is true; unchanged where this fails.
 *
 * @return As requests_json_int().
 */
int requests_json_bool(const struct requests_response *response, const char *pointer, bool *value);

/**
 * @brief Copies a string, its escapes resolved.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] value Where the string and a NUL go; an empty text where this fails.
 * @param size Bytes at @p value.
 *
 * @return Bytes of the string, without the NUL. One that has a NUL inside has more than strlen().
 * @retval REQUESTS_E_BUFFER_TOO_SMALL It does not fit.
 * @retval REQUESTS_E_JSON_TYPE It is no string.
 */
int requests_json_string(const struct requests_response *response, const char *pointer, char *value,
			 size_t size);

/**
 * @brief Finds the text of a value, of whatever type.
 *
 * @param response Response.
 * @param pointer JSON Pointer.
 * @param[out] len Bytes of the text.
 *
 * @return The value as it stands in the body: no NUL follows it. NULL where there is none.
 */
const char *requests_json_text(const struct requests_response *response, const char *pointer,
			       size_t *len);

/** @} */

/**
 * @name Errors
 * @{
 */

/**
 * @brief A sentence for the number of an error.
 *
 * @param error What a function returned.
 *
 * @return The sentence, which the program has for good.
 */
const char *requests_strerror(int error);

/**
 * @brief A short name for the number of an error: REQUESTS_E_HOST_NOT_FOUND is "host-not-found".
 *
 * @param error What a function returned.
 *
 * @return The name, which the program has for good; NULL where there is no such error.
 */
const char *requests_error_name(int error);

/**
 * @brief The step in which a request failed.
 *
 * @param response Response that was given to the request.
 *
 * @return One of url, request, dns, connect, tls, send, receive, parse, body, redirect, status,
 * json, text and sink, which the program has for good; "" where the request was not begun.
 */
const char *requests_error_phase(const struct requests_response *response);

/**
 * @brief The number that is behind an error.
 *
 * @param response Response that was given to the request.
 *
 * @return errno of the failed connect, send or receive; the resolver's code; mbedTLS's code; else 0.
 */
int requests_error_errno(const struct requests_response *response);

/**
 * @brief Writes why a request failed: a sentence with all details, such as names and dates of a
 * certificate.
 *
 * Call it before the buffer of the request is used for anything else.
 *
 * @param response Response that was given to the request.
 * @param[out] text Where the sentence and a NUL go; what does not fit is left out.
 * @param size Bytes at @p text; 160 will do for most.
 *
 * @return Bytes of the whole sentence, without the NUL, or a negative #requests_error.
 */
int requests_error_describe(const struct requests_response *response, char *text, size_t size);

/** @} */

/**
 * @name TLS
 * @{
 */

/** What there is of TLS, and what it takes. */
struct requests_tls_info {
	/** Number of built-in roots. */
	uint32_t roots;
	/** Oldest version of TLS that there is, of #requests_tls_version; 0 if secure sockets decide. */
	uint8_t oldest_version;
	/** Newest version of TLS that there is. */
	uint8_t newest_version;
	/** Whether the heap is counted: CONFIG_REQUESTS_TLS_HEAP_STATISTICS. */
	bool is_heap_counted;
	/** Bytes of mbedTLS's heap that are in use. */
	size_t heap_used;
	/** The most bytes that ever were in use. */
	size_t heap_peak;
};

/**
 * @brief Tells what there is of TLS, and how much memory it takes.
 *
 * @param[out] info What there is; unchanged if this fails.
 *
 * @retval 0 It is there.
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
 * On Zephyr, call it before the first request, or after a request that found no network. What it does
 * beside waiting is up to options of Zephyr. It needs none of them:
 *
 * - CONFIG_NET_DHCPV4: it starts DHCP on Ethernet and Wi-Fi interfaces, unless DHCP runs already. An
 *   IPv6 address alone is then enough only if no IPv4 address has come after
 *   CONFIG_NET_DHCPV4_INITIAL_DELAY_MAX (10 s by default) and 2 s more.
 * - CONFIG_NET_CONNECTION_MANAGER: it brings all interfaces up, so that modems are connected.
 *   Interfaces that the connection manager ignores are ignored here.
 * - CONFIG_WIFI_CREDENTIALS_CONNECT_STORED: it joins a Wi-Fi network of which Zephyr has the
 *   credentials, stored or from CONFIG_WIFI_CREDENTIALS_STATIC_SSID, and tries again if that fails.
 * - CONFIG_NET_CONFIG_CLOCK_SNTP_INIT: it sets a clock that is not set, by the time server of this
 *   option. If the server does not answer, this is no error.
 *
 * An interface whose driver offloads sockets needs no address. On a PC, this returns 0 at once.
 *
 * @param timeout_ms The longest time to wait, in milliseconds. 0 looks once.
 *
 * @retval 0 There is a network.
 * @retval REQUESTS_E_LINK_DOWN The time is up, and no interface is up.
 * @retval REQUESTS_E_NO_ADDRESS The time is up, and an interface is up, but has no address.
 */
int requests_network_wait(uint32_t timeout_ms);

/** @} */

/**
 * @name Cancelling
 * @{
 */

/**
 * @brief Makes a token that ends requests.
 *
 * It takes two file descriptors on a PC; on Zephyr CONFIG_REQUESTS_CANCEL and one of
 * CONFIG_REQUESTS_CANCEL_TOKENS. It must not be moved in memory while it is open.
 *
 * @param[out] cancel Token. Zero it before it is opened for the first time.
 *
 * @retval 0 It is open.
 * @retval REQUESTS_E_OUT_OF_MEMORY None is free.
 * @retval REQUESTS_E_NOT_BUILT_IN CONFIG_REQUESTS_CANCEL is not set.
 * @retval REQUESTS_E_OPEN It is open already.
 */
int requests_cancel_open(struct requests_cancel *cancel);

/**
 * @brief Ends the requests that have this token, now and until requests_cancel_reset().
 *
 * They end with #REQUESTS_E_CANCELLED. This does not wait for that. Any thread and any interrupt may
 * call it, and on a PC any signal handler.
 *
 * @param cancel Token.
 *
 * @retval 0 It is cancelled.
 * @retval REQUESTS_E_CLOSED It is not open.
 */
int requests_cancel(struct requests_cancel *cancel);

/**
 * @brief Makes a token fit for the next request. No request may be using it.
 *
 * @param cancel Token.
 *
 * @retval 0 It is not cancelled.
 * @retval REQUESTS_E_CLOSED It is not open.
 */
int requests_cancel_reset(struct requests_cancel *cancel);

/**
 * @brief Whether a token is cancelled.
 *
 * @param cancel Token.
 *
 * @retval 1 It is.
 * @retval 0 It is not.
 * @retval REQUESTS_E_CLOSED It is not open.
 */
int requests_is_cancelled(struct requests_cancel *cancel);

/**
 * @brief Gives back what a token takes. No request may be using it.
 *
 * @param cancel Token.
 *
 * @retval 0 It is closed.
 * @retval REQUESTS_E_CLOSED It was not open.
 */
int requests_cancel_close(struct requests_cancel *cancel);

/** @} */

/**
 * @name Sessions
 * @{
 */

/** Settings of a session. Zero stands for the default in each of them. */
struct requests_session_options {
	/**
	 * What URLs of requests are relative to. Where it is given, credentials go to its origin only:
	 * user, password, bearer, and the headers Authorization, Cookie, Proxy-Authorization and Host.
	 */
	const char *base_url;
	/** Headers of every request, unless it has one of the same name. */
	struct requests_fields headers;
	/** Query parameters of every request. */
	struct requests_fields params;
	/** User name for Basic authentication, or for Digest. */
	const char *user;
	/** Password; NULL for an empty one. */
	const char *password;
	/** Token for Bearer authentication. */
	const char *bearer;
	/**
	 * Room for credentials that change: requests_session_set_auth() and
	 * requests_session_set_bearer() copy them there. NULL for none.
	 */
	char *auth_buf;
	/** Bytes at auth_buf. */
	size_t auth_buf_len;
	/** TLS. */
	struct requests_tls tls;
	/** What ends requests from another thread. */
	struct requests_cancel *cancel;
	/** Where cookies are kept, for this session alone until it is closed. */
	struct requests_cookies *cookies;
	/** When to send again. CONFIG_REQUESTS_RETRY. */
	struct requests_retry retry;
	/** As requests_options.timeout_ms, for requests that set none. */
	uint32_t timeout_ms;
	/** As requests_options.read_timeout_ms, for requests that set none. */
	uint32_t read_timeout_ms;
	/** Milliseconds for which a connection is kept unused; 0 for CONFIG_REQUESTS_SESSION_IDLE_MS. */
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
 * @param options Settings; NULL for the defaults. The structure is read until the function returns;
 * what it points to, texts, lists, certificates and so on, has to stay until the session is closed.
 *
 * @retval 0 It is open.
 * @retval REQUESTS_E_OPEN It is open already.
 * @return Another negative #requests_error.
 */
int requests_session_open(struct requests_session *session,
			  const struct requests_session_options *options);

/**
 * @brief Sends a request in a session and receives the whole response.
 *
 * @param session Session.
 * @param method Method, such as "GET".
 * @param url URL, or what follows the session's base URL.
 * @param options Settings of this request, before those of the session; NULL for none.
 * @param buf Buffer for request and response, as for requests_request(). Headers and parameters of
 * the session take four words each of it.
 * @param len Bytes at @p buf.
 * @param[out] response Response, in @p buf; or the error.
 *
 * @retval 0 There is a response, whatever its status.
 * @retval REQUESTS_E_CLOSED The session is not open.
 * @retval REQUESTS_E_BUSY A stream or a callback's own request has it.
 * @return Another negative #requests_error.
 */
int requests_session_request(struct requests_session *session, const char *method, const char *url,
			     const struct requests_options *options, void *buf, size_t len,
			     struct requests_response *response);

/**
 * @brief Sends a GET request in a session, as requests_get() does.
 *
 * @param session Session.
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, the body among them, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, the body among them, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, the body among them, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @brief Sends a OPTIONS request in a session, as requests_options() does.
 *
 * @param session Session.
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, or NULL.
 * @param buf Buffer for request and response.
 * @param len Bytes at @p buf.
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
 * @brief From now on authenticates by user name and password. Connections stay open.
 *
 * @param session Session, with an auth_buf.
 * @param user User name. It is copied.
 * @param password Password, copied; NULL for an empty one.
 *
 * @retval 0 It is so.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The auth_buf is; what was valid before stays so.
 * @return Another negative #requests_error.
 */
int requests_session_set_auth(struct requests_session *session, const char *user,
			      const char *password);

/**
 * @brief From now on authenticates with a token. Connections stay open.
 *
 * @param session Session, with an auth_buf.
 * @param token Token. It is copied.
 *
 * @retval 0 It is so.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The auth_buf is; what was valid before stays so.
 * @return Another negative #requests_error.
 */
int requests_session_set_bearer(struct requests_session *session, const char *token);

/**
 * @brief How many connections a session keeps now.
 *
 * @param session Session.
 *
 * @return Number of connections, or a negative #requests_error.
 */
int requests_session_connections(struct requests_session *session);

/**
 * @brief Closes the connections of a session, as before the network goes down. It stays open.
 *
 * @param session Session.
 *
 * @retval 0 They are closed.
 * @return A negative #requests_error.
 */
int requests_session_disconnect(struct requests_session *session);

/**
 * @brief How many bytes requests_session_tls_export() writes.
 *
 * @param session Session.
 *
 * @return Bytes, or a negative #requests_error.
 */
int requests_session_tls_export_size(struct requests_session *session);

/**
 * @brief Writes the TLS sessions that the next connections would resume, to be kept across sleep or a
 * restart.
 *
 * They are secret, and to be trusted: keep them in retained memory or protected storage.
 *
 * @param session Session.
 * @param[out] buf Where they go.
 * @param size Bytes at @p buf.
 *
 * @return Bytes written.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL See requests_session_tls_export_size().
 * @return Another negative #requests_error.
 */
int requests_session_tls_export(struct requests_session *session, void *buf, size_t size);

/**
 * @brief Adds TLS sessions that requests_session_tls_export() wrote. Import them once.
 *
 * @param session Session.
 * @param bytes What was written.
 *
 * @return How many there were.
 * @retval REQUESTS_E_SESSIONS_MALFORMED They were cut or changed.
 * @retval REQUESTS_E_SESSIONS_OTHER_BUILD They are of a program with another mbedTLS.
 * @return Another negative #requests_error.
 */
int requests_session_tls_import(struct requests_session *session, struct requests_bytes bytes);

/**
 * @brief Closes a session and its connections.
 *
 * @param session Session.
 *
 * @retval 0 It is closed.
 * @retval REQUESTS_E_CLOSED It was not open.
 * @retval REQUESTS_E_BUSY A stream of it is open.
 */
int requests_session_close(struct requests_session *session);

/**
 * @brief Forgets all cookies. No open session may have them.
 *
 * @param cookies Cookies.
 *
 * @retval 0 They are forgotten.
 * @retval REQUESTS_E_BUSY A session has them.
 * @return Another negative #requests_error.
 */
int requests_cookies_clear(struct requests_cookies *cookies);

/**
 * @brief How many cookies did not fit and were dropped. No open session may have them.
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
 * @brief Sends a request and receives the head of its response; the body is received as it is read.
 *
 * @param[out] stream Stream. Zero it before it is opened for the first time. It must not be moved in
 * memory while it is open.
 * @param method Method, such as "GET".
 * @param url URL.
 * @param options Settings; NULL for the defaults. They are read until the function returns; the
 * cancel token and the inflater have to stay until the stream is closed.
 * @param buf Buffer, which the stream has until it is closed. It has to hold the URL and the
 * response's head; the body passes through what is free of it.
 * @param len Bytes at @p buf.
 * @param[out] response Response without a body, or the error.
 *
 * @retval 0 It is open. The response has any status.
 * @retval REQUESTS_E_OPEN It is open already.
 * @return Another negative #requests_error.
 */
int requests_stream_open(struct requests_stream *stream, const char *method, const char *url,
			 const struct requests_options *options, void *buf, size_t len,
			 struct requests_response *response);

/**
 * @brief Opens a stream in a session, which serves it alone until it is closed.
 *
 * @param session Session.
 * @param[out] stream Stream, as for requests_stream_open().
 * @param method Method, such as "GET".
 * @param url URL, or what follows the session's base URL.
 * @param options Settings of this request; NULL for none.
 * @param buf Buffer, as for requests_stream_open().
 * @param len Bytes at @p buf.
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
 * @param[out] buf Where the content goes, outside of the stream's buffer.
 * @param len Bytes at @p buf, at least one. It is set to zeros first, so do not let it be larger
 * than what is expected.
 *
 * @return Bytes read; 0 at the end of the content, if all of it has come.
 * @retval REQUESTS_E_TRUNCATED_BODY The server closed the connection before that.
 * @return Another negative #requests_error.
 */
int requests_stream_read(struct requests_stream *stream, void *buf, size_t len);

/**
 * @brief Reads the next line, without its end.
 *
 * @param stream Stream.
 * @param[out] line Line, in the stream's buffer until the next call: no NUL follows it.
 * @param[out] len Bytes of the line.
 *
 * @retval 1 There is a line.
 * @retval 0 The content has ended.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The line does not fit into the buffer, and is passed over.
 * @return Another negative #requests_error.
 */
int requests_stream_line(struct requests_stream *stream, const char **line, size_t *len);

/**
 * @brief Takes content as it comes.
 *
 * @param user What was given together with the callback.
 * @param data Content, until the callback returns.
 * @param len Bytes of it, at least one.
 *
 * @return 0 to go on; a negative number to stop.
 */
typedef int (*requests_data_t)(void *user, const void *data, size_t len);

/**
 * @brief Hands all content that is left to a callback, piece by piece.
 *
 * @param stream Stream.
 * @param data Takes a piece of content.
 * @param user Handed to the callback.
 *
 * @retval 0 The content has ended, and all of it has come.
 * @return What the callback has said where that was negative, or a negative #requests_error.
 */
int requests_stream_each(struct requests_stream *stream, requests_data_t data, void *user);

/**
 * @brief Receives all content that has not been read, and closes the stream. Use it for an answer that
 * turns out to be an error, with a JSON body for example.
 *
 * @param stream Stream. It is closed, also if this fails.
 * @param[out] response Response with that content as its body, in the stream's buffer; or the error.
 *
 * @retval 0 There is a response.
 * @retval REQUESTS_E_BUFFER_TOO_SMALL The buffer cannot hold the content.
 * @retval REQUESTS_E_CLOSED The stream is not open.
 * @return Another negative #requests_error.
 */
int requests_stream_into_response(struct requests_stream *stream, struct requests_response *response);

/**
 * @brief Tells why the last call of requests_stream_read(), requests_stream_line() or
 * requests_stream_each() failed.
 *
 * @param stream Stream, which is still open.
 * @param[out] response The error, for requests_error_describe() and its siblings.
 *
 * @retval 0 It is there. If no call has failed, it describes no error.
 * @return A negative #requests_error.
 */
int requests_stream_error(struct requests_stream *stream, struct requests_response *response);

/**
 * @brief Closes a stream, also before its end.
 *
 * @param stream Stream.
 *
 * @retval 0 It is closed.
 * @retval REQUESTS_E_CLOSED It was not open.
 */
int requests_stream_close(struct requests_stream *stream);

/** @} */

/**
 * @name Downloads
 * @{
 */

/** Stands for a length that is not known. */
#define REQUESTS_UNKNOWN UINT64_MAX

/**
 * @brief Writes content of a download.
 *
 * @param user What the #requests_sink has as user.
 * @param offset Where the content goes, counted from its start.
 * @param data Content, until the callback returns.
 * @param len Bytes of it.
 *
 * @return 0; a negative number ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_write_t)(void *user, uint64_t offset, const void *data, size_t len);

/**
 * @brief The content follows from its first byte on: what was written before is void.
 *
 * @param user What the #requests_sink has as user.
 * @param len Bytes of the content, or #REQUESTS_UNKNOWN.
 * @param validator Version of the content, to resume with later; NULL where there is none. Copy it.
 *
 * @return 0; a negative number ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_start_t)(void *user, uint64_t len, const char *validator);

/**
 * @brief Reads what was written, to compute the digest of what an earlier download left.
 *
 * @param user What the #requests_sink has as user.
 * @param offset Where to read.
 * @param buf Where the content goes.
 * @param len Bytes at @p buf.
 *
 * @return Bytes read, at least one; a negative number ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_read_t)(void *user, uint64_t offset, void *buf, size_t len);

/**
 * @brief All content was written, and its digest is right.
 *
 * @param user What the #requests_sink has as user.
 * @param len Bytes of the content.
 *
 * @return 0; a negative number ends the download with #REQUESTS_E_SINK.
 */
typedef int (*requests_sink_finish_t)(void *user, uint64_t len);

/**
 * @brief Tells how far a download is.
 *
 * @param user What the #requests_sink has as user.
 * @param received Bytes of content in the sink.
 * @param len Bytes of the content, or #REQUESTS_UNKNOWN.
 */
typedef void (*requests_progress_t)(void *user, uint64_t received, uint64_t len);

/** Where a download goes. */
struct requests_sink {
	/** Writes content. It must be given. */
	requests_sink_write_t write;
	/** Begins; NULL for nothing to do. */
	requests_sink_start_t start;
	/** Reads back; NULL: what is resumed with a digest starts anew. */
	requests_sink_read_t read;
	/** Ends; NULL for nothing to do. */
	requests_sink_finish_t finish;
	/** Is told of progress; NULL for none. */
	requests_progress_t progress;
	/** Handed to the callbacks. */
	void *user;
};

/** A download. Zero stands for the default in each field but sink. */
struct requests_download {
	/** Where the content goes. */
	struct requests_sink sink;
	/** SHA-256 digest that the content must have, 32 bytes; NULL for any. */
	const uint8_t *sha256;
	/**
	 * Version of which the first requests_download.offset bytes are in the sink already, as
	 * #requests_sink_start_t was told; NULL to begin at the start. Where it has changed, the
	 * download starts anew.
	 */
	const char *validator;
	/** Bytes that are in the sink already. */
	uint64_t offset;
	/** Bytes of the whole content, where #requests_sink_start_t was told; 0 where not. */
	uint64_t len;
	/** Most bytes to ask for at a time, by ranges; 0 for all at once. */
	uint64_t piece;
	/** Whether the sink can only be written to in order: a download that would start anew fails. */
	bool no_restart;
};

/** What a download did. */
struct requests_downloaded {
	/** Bytes of the content. */
	uint64_t len;
	/** How many requests it took, redirects not counted. */
	uint32_t requests;
};

/**
 * @brief Downloads the content of a URL to a sink. Where the connection drops, the rest is asked for;
 * parts of different versions are never put together.
 *
 * @param url URL.
 * @param options Settings, or NULL. timeout_ms bounds the download as a whole, with 0 nothing does;
 * read_timeout_ms bounds each wait, with 0 for 30 seconds; retry.attempts is how many attempts may
 * fail in a row, with 0 for 5.
 * @param download Where the content goes, and so on.
 * @param buf Buffer: it has to hold the URL and the response's head; the content passes through it.
 * @param len Bytes at @p buf.
 * @param[out] done What was downloaded; unchanged where this fails.
 * @param[out] response The error, where this fails; its status after #REQUESTS_E_STATUS.
 *
 * @retval 0 All of it is in the sink.
 * @retval REQUESTS_E_STATUS The status says that there is nothing to download.
 * @retval REQUESTS_E_SINK The sink failed.
 * @retval REQUESTS_E_SHA256_MISMATCH The content is in the sink, and it is another one.
 * @return Another negative #requests_error.
 */
int requests_download(const char *url, const struct requests_options *options,
		      const struct requests_download *download, void *buf, size_t len,
		      struct requests_downloaded *done, struct requests_response *response);

/**
 * @brief Downloads in a session, as requests_download() does.
 *
 * @param session Session.
 * @param url URL, or what follows the session's base URL.
 * @param options Settings, or NULL.
 * @param download Where the content goes, and so on.
 * @param buf Buffer.
 * @param len Bytes at @p buf.
 * @param[out] done What was downloaded; unchanged where this fails.
 * @param[out] response The error, where this fails.
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
 * The digest of content of which no digest is known beforehand, for example while a sink writes it.
 * CONFIG_REQUESTS_SHA256.
 * @{
 */

/** A digest that is being computed. See requests_sha256_start(). */
struct requests_sha256 {
	/** Private. */
	uint64_t opaque[16];
};

/**
 * @brief Begins a digest.
 *
 * @param[out] sha256 Digest. Zero it before its first use. It must not be moved in memory until
 * requests_sha256_finish().
 *
 * @retval 0 It has begun.
 * @retval REQUESTS_E_OPEN It has begun already.
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
 * @retval 0 They are added.
 * @retval REQUESTS_E_CLOSED The digest has not begun.
 * @return Another negative #requests_error.
 */
int requests_sha256_add(struct requests_sha256 *sha256, struct requests_bytes bytes);

/**
 * @brief Ends a digest.
 *
 * @param sha256 Digest.
 * @param[out] digest Where the 32 bytes of the digest go; unchanged if this fails.
 *
 * @retval 0 It is there.
 * @retval REQUESTS_E_CLOSED The digest has not begun.
 * @return Another negative #requests_error.
 */
int requests_sha256_finish(struct requests_sha256 *sha256, uint8_t digest[32]);

/** @} */

/** @} */

#ifdef __cplusplus
}
#endif

#endif /* REQUESTS_REQUESTS_H_ */
