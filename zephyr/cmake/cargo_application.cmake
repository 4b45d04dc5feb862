# SPDX-License-Identifier: Apache-2.0

# Calls rust_cargo_application() of zephyr-lang-rust for copies of Cargo.toml and Cargo.lock in the build folder.
# Without the copies, cargo would run in the folder of the application, and might rewrite Cargo.lock there: its
# versions depend on the revision of zephyr-lang-rust. The application's folder is only read. After a change of Kconfig
# options, cargo compiles again what reads them.
#
#   requests_cargo_application([MANIFEST <path of a Cargo.toml; default: the one beside CMakeLists.txt>])
#
# In the copy of Cargo.toml, these paths become absolute: `path` of a dependency and of [lib], and `build`.
function(requests_cargo_application)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "MANIFEST" "")
  if(NOT DEFINED arg_MANIFEST)
    set(arg_MANIFEST Cargo.toml)
  endif()
  get_filename_component(manifest ${arg_MANIFEST} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  get_filename_component(folder ${manifest} DIRECTORY)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/zephyr-requests/application)

  file(READ ${manifest} text)
  string(REGEX REPLACE "([ \t\n{,])(path|build)[ \t]*=[ \t]*\"([^\"/:][^\":]*)\"" "\\1\\2 = \"${folder}/\\3\"" text "${text}")
  set(written "")
  if(EXISTS ${copy}/Cargo.toml)
    file(READ ${copy}/Cargo.toml written)
  endif()
  if(NOT text STREQUAL written)
    file(WRITE ${copy}/Cargo.toml "${text}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})

  if(EXISTS ${folder}/Cargo.lock)
    configure_file(${folder}/Cargo.lock ${copy}/Cargo.lock COPYONLY)
  endif()
  # The default of cargo.
  foreach(name src build.rs)
    if(EXISTS ${folder}/${name})
      file(CREATE_LINK ${folder}/${name} ${copy}/${name} SYMBOLIC)
    endif()
  endforeach()

  # The crate "zephyr" reads the .config again when the variable DOTCONFIG changes, but not when the file does. So the
  # variable names a copy, whose path changes with its content.
  set(configurations ${CMAKE_CURRENT_BINARY_DIR}/zephyr-requests/configuration)
  file(SHA256 ${DOTCONFIG} digest)
  if(NOT EXISTS ${configurations}/${digest})
    file(REMOVE_RECURSE ${configurations})
    configure_file(${DOTCONFIG} ${configurations}/${digest} COPYONLY)
  endif()
  set(DOTCONFIG ${configurations}/${digest})

  set(CMAKE_CURRENT_SOURCE_DIR ${copy})
  rust_cargo_application()
endfunction()
