/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of mbedTLS as src/vendored.rs has them, declared once more behind mbedTLS's own headers: the compiler
 * refuses what differs.
 */
#ifndef REQUESTS_HOST_DECLARATIONS_H
#define REQUESTS_HOST_DECLARATIONS_H

/* mbedTLS has an own file of the usual name, which must not be taken by mistake. */
#if !defined(REQUESTS_HOST_TLS_H)
#error "mbedTLS is not configured by requests_host_tls.h"
#endif

void mbedtls_ssl_init(mbedtls_ssl_context *);
void mbedtls_ssl_free(mbedtls_ssl_context *);
int mbedtls_ssl_setup(mbedtls_ssl_context *, const mbedtls_ssl_config *);
int mbedtls_ssl_set_hostname(mbedtls_ssl_context *, const char *);
void mbedtls_ssl_set_bio(mbedtls_ssl_context *, void *, int (*)(void *, const unsigned char *, size_t),
			 int (*)(void *, unsigned char *, size_t),
			 int (*)(void *, unsigned char *, size_t, uint32_t));
int mbedtls_ssl_read(mbedtls_ssl_context *, unsigned char *, size_t);
int mbedtls_ssl_write(mbedtls_ssl_context *, const unsigned char *, size_t);
int mbedtls_ssl_check_pending(const mbedtls_ssl_context *);
int mbedtls_ssl_close_notify(mbedtls_ssl_context *);
int mbedtls_ssl_send_alert_message(mbedtls_ssl_context *, unsigned char, unsigned char);

void mbedtls_ssl_config_init(mbedtls_ssl_config *);
void mbedtls_ssl_config_free(mbedtls_ssl_config *);
int mbedtls_ssl_config_defaults(mbedtls_ssl_config *, int, int, int);
void mbedtls_ssl_conf_authmode(mbedtls_ssl_config *, int);
int mbedtls_ssl_conf_own_cert(mbedtls_ssl_config *, mbedtls_x509_crt *, mbedtls_pk_context *);

void mbedtls_x509_crt_init(mbedtls_x509_crt *);
void mbedtls_x509_crt_free(mbedtls_x509_crt *);
int mbedtls_x509_crt_parse_der(mbedtls_x509_crt *, const unsigned char *, size_t);
int mbedtls_x509_crt_verify_with_profile(mbedtls_x509_crt *, mbedtls_x509_crt *, mbedtls_x509_crl *,
					 const mbedtls_x509_crt_profile *, const char *, uint32_t *,
					 int (*)(void *, mbedtls_x509_crt *, int, uint32_t *), void *);
extern const mbedtls_x509_crt_profile mbedtls_x509_crt_profile_default;

void mbedtls_pk_init(mbedtls_pk_context *);
void mbedtls_pk_free(mbedtls_pk_context *);

/* In Rust the versions are numbers of the type unsigned int, and mbedtls_x509_buf has these three fields. */
_Static_assert(sizeof(mbedtls_ssl_protocol_version) == sizeof(unsigned int), "an enum has another size than an int");
_Static_assert(MBEDTLS_SSL_VERSION_TLS1_2 == 0x0303 && MBEDTLS_SSL_VERSION_TLS1_3 == 0x0304, "versions");
_Static_assert(offsetof(mbedtls_x509_buf, tag) == 0 && sizeof(((mbedtls_x509_buf *)0)->tag) == sizeof(int), "tag");
_Static_assert(offsetof(mbedtls_x509_buf, len) == sizeof(size_t), "len");
_Static_assert(offsetof(mbedtls_x509_buf, p) == 2 * sizeof(size_t), "p");
_Static_assert(sizeof(mbedtls_x509_buf) == 3 * sizeof(size_t), "mbedtls_x509_buf");

#endif
