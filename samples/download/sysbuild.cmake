# SPDX-License-Identifier: Apache-2.0

# MCUboot has the same flash as the application.
if("${BOARD}${BOARD_QUALIFIERS}" STREQUAL "mps2/an385")
  set(mcuboot_EXTRA_DTC_OVERLAY_FILE ${APP_DIR}/boards/mps2_an385_flash.dtsi CACHE INTERNAL "")
endif()
