// SPDX-License-Identifier: Apache-2.0
//! Raw bindings to the mbedTLS that `requests` is linked with.
//!
//! - Feature `vendored`: an mbedTLS 3.6 that `mbedtls-rs-sys` compiles, for programs on a host.
//! - Feature `zephyr`: the mbedTLS of the Zephyr workspace, bound from its own headers with its own
//!   configuration. Nothing of mbedTLS is compiled by Cargo then.
//! - Neither: an empty crate.
//!
//! Only what `requests` uses is here. Macros, inline functions, private members and all that differs between
//! mbedTLS 3.6 and 4 are behind the C functions of `shim/mbedtls_shim.c`.
//!
//! A structure of the wrong size would be memory corruption: [`layout_matches`] compares the sizes that these
//! bindings have with those that the C compiler had, and must be asked before the first structure is made.
#![no_std]

#[cfg(all(feature = "vendored", feature = "zephyr"))]
compile_error!("the features `vendored` and `zephyr` exclude each other: one program has one mbedTLS");

#[cfg(feature = "vendored")]
pub use mbedtls_rs_sys::{
    mbedtls_pk_context, mbedtls_pk_free, mbedtls_pk_init, mbedtls_ssl_check_pending,
    mbedtls_ssl_close_notify, mbedtls_ssl_conf_authmode, mbedtls_ssl_conf_own_cert, mbedtls_ssl_config,
    mbedtls_ssl_config_defaults, mbedtls_ssl_config_free, mbedtls_ssl_config_init, mbedtls_ssl_context,
    mbedtls_ssl_free, mbedtls_ssl_handshake_step, mbedtls_ssl_init, mbedtls_ssl_protocol_version,
    mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_2,
    mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_3, mbedtls_ssl_read,
    mbedtls_ssl_send_alert_message, mbedtls_ssl_session, mbedtls_ssl_set_bio, mbedtls_ssl_set_hostname,
    mbedtls_ssl_setup, mbedtls_ssl_write, mbedtls_x509_buf, mbedtls_x509_crt, mbedtls_x509_crt_free,
    mbedtls_x509_crt_init, mbedtls_x509_crt_parse_der, mbedtls_x509_crt_profile,
    mbedtls_x509_crt_profile_default, mbedtls_x509_crt_verify_with_profile, MBEDTLS_ERR_ASN1_ALLOC_FAILED,
    MBEDTLS_ERR_ECP_ALLOC_FAILED, MBEDTLS_ERR_MD_ALLOC_FAILED, MBEDTLS_ERR_MPI_ALLOC_FAILED,
    MBEDTLS_ERR_PK_ALLOC_FAILED, MBEDTLS_ERR_SSL_ALLOC_FAILED, MBEDTLS_ERR_SSL_BAD_CERTIFICATE,
    MBEDTLS_ERR_SSL_BAD_INPUT_DATA, MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, MBEDTLS_ERR_SSL_CONN_EOF,
    MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE,
    MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, MBEDTLS_ERR_SSL_HW_ACCEL_FAILED, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY,
    MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET, MBEDTLS_ERR_SSL_VERSION_MISMATCH, MBEDTLS_ERR_SSL_WANT_READ,
    MBEDTLS_ERR_SSL_WANT_WRITE, MBEDTLS_ERR_X509_ALLOC_FAILED, MBEDTLS_ERR_X509_CERT_VERIFY_FAILED,
    MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_BAD_CERT, MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED,
    MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR,
    MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA, MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT, MBEDTLS_SSL_IS_CLIENT,
    MBEDTLS_SSL_PRESET_DEFAULT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_VERIFY_NONE,
    MBEDTLS_X509_BADCERT_BAD_KEY, MBEDTLS_X509_BADCERT_BAD_MD, MBEDTLS_X509_BADCERT_BAD_PK,
    MBEDTLS_X509_BADCERT_CN_MISMATCH, MBEDTLS_X509_BADCERT_EXPIRED, MBEDTLS_X509_BADCERT_EXT_KEY_USAGE,
    MBEDTLS_X509_BADCERT_FUTURE, MBEDTLS_X509_BADCERT_KEY_USAGE, MBEDTLS_X509_BADCERT_NOT_TRUSTED,
    MBEDTLS_X509_BADCERT_OTHER,
};

#[cfg(bound)]
#[allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    dead_code,
    unnecessary_transmutes,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "generated from C headers"
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}
#[cfg(bound)]
pub use bindings::*;

#[cfg(any(feature = "vendored", bound))]
mod shim;
#[cfg(any(feature = "vendored", bound))]
pub use shim::*;
