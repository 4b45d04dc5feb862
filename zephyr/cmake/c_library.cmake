# SPDX-License-Identifier: Apache-2.0

# The client as a static library for C applications. cargo compiles crates/requests-capi for the processor of the
# board, with the features that Kconfig selects.

include(${CMAKE_CURRENT_LIST_DIR}/rust_target.cmake)

find_program(REQUESTS_CARGO cargo)
if(NOT REQUESTS_CARGO)
  message(FATAL_ERROR "CONFIG_REQUESTS needs cargo, the build tool of Rust, to compile the client: see \
https://rustup.rs, or set REQUESTS_CARGO to its path")
endif()

requests_rust_target(target)

# Each feature of the crate, with the Kconfig option that enables it.
set(features zephyr)
set(option_of_tls TLS)
set(option_of_cookies COOKIES)
set(option_of_gzip GZIP)
set(option_of_digest-auth DIGEST)
set(option_of_sha256 SHA256)
set(option_of_files FILES)
set(option_of_body-reader BODY_READER)
set(option_of_retry RETRY)
set(option_of_log LOG)
foreach(feature tls cookies gzip digest-auth sha256 files body-reader retry log)
  if(CONFIG_REQUESTS_${option_of_${feature}})
    list(APPEND features ${feature})
  endif()
endforeach()
list(JOIN features "," features)

set(target_dir ${CMAKE_CURRENT_BINARY_DIR}/cargo)
set(archive ${target_dir}/${target}/zephyr/librequests_capi.a)

# cargo itself finds out whether anything has changed. The sources are only read.
add_custom_target(requests_cargo
  COMMAND ${CMAKE_COMMAND} -E env
    DOTCONFIG=${DOTCONFIG}
    REQUESTS_MBEDTLS_FLAGS=${APPLICATION_BINARY_DIR}/zephyr-requests/mbedtls.flags
    ${REQUESTS_CARGO} rustc --locked --profile zephyr --lib --crate-type staticlib
    --no-default-features --features ${features} --target ${target} --target-dir ${target_dir}
    # SHA-256 as a loop instead of 64 unrolled rounds saves 6.7 KB of flash.
    --config "target.\"cfg(all())\".rustflags=['--cfg=sha2_backend_soft=\"compact\"']"
  WORKING_DIRECTORY ${ZEPHYR_CURRENT_MODULE_DIR}/crates/requests-capi
  BYPRODUCTS ${archive}
  COMMENT "Compiling the client for ${target}"
  USES_TERMINAL
  VERBATIM
)

# The compiler of the board checks that the structures of the header have the same sizes as in the library.
zephyr_library_sources(${ZEPHYR_CURRENT_MODULE_DIR}/crates/requests-capi/layout.c)

add_library(requests_capi STATIC IMPORTED GLOBAL)
set_target_properties(requests_capi PROPERTIES IMPORTED_LOCATION ${archive})
add_dependencies(requests_capi requests_cargo)
zephyr_library_link_libraries(requests_capi)
