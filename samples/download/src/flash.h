/* SPDX-License-Identifier: Apache-2.0 */
/* The flash partition as src/flash.rs sees it: plain integers, offsets from the start of the image. */

#ifndef SAMPLE_FLASH_H_
#define SAMPLE_FLASH_H_

#include <stdint.h>

#define SAMPLE_FLASH_NO_BOOTLOADER 1

/* Unless stated otherwise, each function returns 0 or a negative errno value. */

/* Opens the partition. It must succeed before any other function but sample_flash_boot() is called. */
int32_t sample_flash_open(void);

/* The most bytes that an image can have. */
uint32_t sample_flash_size(void);

/* The size of a write block in bytes. Lengths and offsets of writes must be multiples of it. */
uint32_t sample_flash_write_block(void);

/* The value of erased bytes. */
uint8_t sample_flash_erased_value(void);

/* Erases the page that starts at offset, and stores the offset of its end. */
int32_t sample_flash_erase_page(uint32_t offset, uint32_t *end);

int32_t sample_flash_write(uint32_t offset, const uint8_t *bytes, uint32_t len);

int32_t sample_flash_read(uint32_t offset, uint8_t *bytes, uint32_t len);

/*
 * Lets MCUboot try the image in the partition at the next start, and restarts. Returns only on failure:
 * SAMPLE_FLASH_NO_BOOTLOADER if the application was built without MCUboot.
 */
int32_t sample_flash_boot(void);

#endif /* SAMPLE_FLASH_H_ */
