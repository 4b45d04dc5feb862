// SPDX-License-Identifier: Apache-2.0
//! The bindings of a host. mbedTLS's own headers say what each item is.
//!
//! The functions are written here, and the C compiler compares them with its headers (`host/declarations.h`).
//! The sizes and the constants come from the C compiler (`host/build.rs`).

use core::ffi::{c_char, c_int, c_uchar, c_uint, c_void};
use core::marker::{PhantomData, PhantomPinned};
use core::mem::size_of;

/// mbedTLS keeps pointers: what it has prepared is not moved, and no other thread touches it unasked.
type Pinned = PhantomData<(*mut u8, PhantomPinned)>;

pub type mbedtls_ssl_protocol_version = c_uint;
pub const mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_2: mbedtls_ssl_protocol_version = 0x0303;
pub const mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_3: mbedtls_ssl_protocol_version = 0x0304;

#[repr(C)]
pub struct mbedtls_x509_buf {
    pub tag: c_int,
    pub len: usize,
    pub p: *mut c_uchar,
}

include!(concat!(env!("OUT_DIR"), "/numbers.rs"));

type Send = unsafe extern "C" fn(*mut c_void, *const c_uchar, usize) -> c_int;
type Receive = unsafe extern "C" fn(*mut c_void, *mut c_uchar, usize) -> c_int;
type ReceiveTimeout = unsafe extern "C" fn(*mut c_void, *mut c_uchar, usize, u32) -> c_int;
type Judge = unsafe extern "C" fn(*mut c_void, *mut mbedtls_x509_crt, c_int, *mut u32) -> c_int;

unsafe extern "C" {
    pub fn mbedtls_ssl_init(ssl: *mut mbedtls_ssl_context);
    pub fn mbedtls_ssl_free(ssl: *mut mbedtls_ssl_context);
    pub fn mbedtls_ssl_setup(ssl: *mut mbedtls_ssl_context, conf: *const mbedtls_ssl_config) -> c_int;
    pub fn mbedtls_ssl_set_hostname(ssl: *mut mbedtls_ssl_context, name: *const c_char) -> c_int;
    pub fn mbedtls_ssl_set_bio(
        ssl: *mut mbedtls_ssl_context,
        bio: *mut c_void,
        send: Option<Send>,
        receive: Option<Receive>,
        receive_timeout: Option<ReceiveTimeout>,
    );
    pub fn mbedtls_ssl_read(ssl: *mut mbedtls_ssl_context, bytes: *mut c_uchar, size: usize) -> c_int;
    pub fn mbedtls_ssl_write(ssl: *mut mbedtls_ssl_context, bytes: *const c_uchar, size: usize) -> c_int;
    pub fn mbedtls_ssl_check_pending(ssl: *const mbedtls_ssl_context) -> c_int;
    pub fn mbedtls_ssl_close_notify(ssl: *mut mbedtls_ssl_context) -> c_int;
    pub fn mbedtls_ssl_send_alert_message(
        ssl: *mut mbedtls_ssl_context,
        level: c_uchar,
        message: c_uchar,
    ) -> c_int;

    pub fn mbedtls_ssl_config_init(conf: *mut mbedtls_ssl_config);
    pub fn mbedtls_ssl_config_free(conf: *mut mbedtls_ssl_config);
    pub fn mbedtls_ssl_config_defaults(
        conf: *mut mbedtls_ssl_config,
        endpoint: c_int,
        transport: c_int,
        preset: c_int,
    ) -> c_int;
    pub fn mbedtls_ssl_conf_authmode(conf: *mut mbedtls_ssl_config, mode: c_int);
    pub fn mbedtls_ssl_conf_own_cert(
        conf: *mut mbedtls_ssl_config,
        chain: *mut mbedtls_x509_crt,
        key: *mut mbedtls_pk_context,
    ) -> c_int;

    pub fn mbedtls_x509_crt_init(certificate: *mut mbedtls_x509_crt);
    pub fn mbedtls_x509_crt_free(certificate: *mut mbedtls_x509_crt);
    pub fn mbedtls_x509_crt_parse_der(
        certificate: *mut mbedtls_x509_crt,
        bytes: *const c_uchar,
        size: usize,
    ) -> c_int;
    pub fn mbedtls_x509_crt_verify_with_profile(
        chain: *mut mbedtls_x509_crt,
        roots: *mut mbedtls_x509_crt,
        revoked: *mut mbedtls_x509_crl,
        profile: *const mbedtls_x509_crt_profile,
        name: *const c_char,
        flags: *mut u32,
        judge: Option<Judge>,
        context: *mut c_void,
    ) -> c_int;
    pub static mbedtls_x509_crt_profile_default: mbedtls_x509_crt_profile;

    pub fn mbedtls_pk_init(key: *mut mbedtls_pk_context);
    pub fn mbedtls_pk_free(key: *mut mbedtls_pk_context);
}
