# SPDX-License-Identifier: Apache-2.0

# What the samples and tests of this repository include before find_package(Zephyr). Applications need none of it: west
# finds the module, and `west build -S host-network` gives a simulated board the network of the host.

# The module, if no west.yml lists it.
get_filename_component(module ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
list(APPEND EXTRA_ZEPHYR_MODULES ${module})

# native_sim and QEMU get the network of the host, and a few boards their entropy generator or Wi-Fi. Other boards are
# not changed. Snippets of the command line stay.
foreach(snippet host-network board-entropy board-wifi)
  if(NOT snippet IN_LIST SNIPPET)
    set(SNIPPET ${snippet} ${SNIPPET} CACHE STRING "" FORCE)
  endif()
endforeach()
