# SPDX-License-Identifier: Apache-2.0

# https by mbedTLS: the C side of crates/mbedtls-sys, the user configuration of mbedTLS, and the flags for bindgen.

zephyr_library_sources(crates/mbedtls-sys/shim/mbedtls_shim.c zephyr/tls/requests_threading.c)
# mbedTLS's CMake target; since Zephyr 4.5 it is mbedtls_iface.
set(mbedtls mbedTLS)
if(TARGET mbedtls_iface)
  set(mbedtls mbedtls_iface)
endif()
zephyr_library_link_libraries(${mbedtls})
# The user configuration of mbedTLS, for mbedTLS itself and for what includes its headers. West may name the module
# of mbedTLS after this one, so the target may not exist yet.
cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${ZEPHYR_BASE}]] CALL
  target_include_directories ${mbedtls} INTERFACE [[${CMAKE_CURRENT_SOURCE_DIR}/zephyr/tls]])")
# mbedTLS reports some failed allocations as other errors, so the shim counts them.
zephyr_library_compile_definitions(REQUESTS_MBEDTLS_WRAP_CALLOC)
zephyr_link_libraries(-Wl,--wrap=mbedtls_calloc)

# The arguments, one on each line, with which build.rs of crates/mbedtls-sys reads mbedTLS's headers as the C
# compiler does.
set(flags "-imacros\n${AUTOCONF_H}\n")
foreach(target ${mbedtls} zephyr_interface)
  set(definitions "$<TARGET_PROPERTY:${target},INTERFACE_COMPILE_DEFINITIONS>")
  string(APPEND flags "$<$<BOOL:${definitions}>:-D$<JOIN:${definitions},\n-D>\n>")
  set(folders "$<TARGET_PROPERTY:${target},INTERFACE_INCLUDE_DIRECTORIES>")
  string(APPEND flags "$<$<BOOL:${folders}>:-I$<JOIN:${folders},\n-I>\n>")
  set(folders "$<TARGET_PROPERTY:${target},INTERFACE_SYSTEM_INCLUDE_DIRECTORIES>")
  string(APPEND flags "$<$<BOOL:${folders}>:-isystem\n$<JOIN:${folders},\n-isystem\n>\n>")
endforeach()
# The headers of the C library, if it is the toolchain's.
foreach(folder ${CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES})
  string(APPEND flags "-idirafter\n${folder}\n")
endforeach()
file(GENERATE OUTPUT ${APPLICATION_BINARY_DIR}/zephyr-requests/mbedtls.flags CONTENT "${flags}")
