# SPDX-License-Identifier: Apache-2.0

# TLS keys are worthless if their random numbers can be computed. Simulators have no better random numbers.
if(CONFIG_REQUESTS_TLS AND CONFIG_MBEDTLS AND NOT CONFIG_ARCH_POSIX AND NOT CONFIG_QEMU_TARGET)
  set(reason "")
  if(NOT CONFIG_CSPRNG_ENABLED AND NOT (CONFIG_PSA_CSPRNG_GENERATOR AND CONFIG_BUILD_WITH_TFM))
    set(reason "no driver of an entropy generator is enabled. If the chip has a generator, enable it: \
CONFIG_ENTROPY_GENERATOR=y, and in an overlay for the board `&rng { status = \"okay\"; };` and, unless the board has \
it, `/ { chosen { zephyr,entropy = &rng; }; };`, where &rng is the generator's label in the devicetree.")
  elseif(CONFIG_TEST_CSPRNG_GENERATOR)
    set(reason "CONFIG_TEST_CSPRNG_GENERATOR is chosen, though the board has an entropy generator. Switch it off.")
  elseif(CONFIG_MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG_ALLOW_NON_CSPRNG)
    set(reason "CONFIG_MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG_ALLOW_NON_CSPRNG is set. Switch it off.")
  endif()
  if(reason AND CONFIG_REQUESTS_TLS_DANGER_PREDICTABLE_KEYS)
    message(WARNING "CONFIG_REQUESTS_TLS_DANGER_PREDICTABLE_KEYS: whoever records the connections of this device can \
read them.")
  elseif(reason)
    message(FATAL_ERROR "https on ${BOARD} would have keys that anybody can compute: ${reason} The option \
CONFIG_REQUESTS_TLS_DANGER_PREDICTABLE_KEYS=y builds it all the same, for trials on a desk.")
  endif()
endif()
