/* SPDX-License-Identifier: Apache-2.0 */
/* The flash partition as src/flash.rs sees it: plain integers, offsets from the start of the partition. */

#ifndef SAMPLE_FLASH_H_
#define SAMPLE_FLASH_H_

#include <stdint.h>

#define SAMPLE_FLASH_NO_BOOTLOADER 1

/* Each returns 0, or a negative errno value where nothing else is said. */

/* Opens the partition; has to succeed before the others are called, sample_flash_boot() excepted. */
int32_t sample_flash_open(void);

/* Its size in bytes. */
uint32_t sample_flash_size(void);

/* What can be written: multiples of this many bytes, at multiples of it. */
uint32_t sample_flash_write_block(void);

/* What erased bytes read as. */
uint8_t sample_flash_erased_value(void);

/* Erases the page that begins at offset, and stores where it ends. */
int32_t sample_flash_erase_page(uint32_t offset, uint32_t *end);

int32_t sample_flash_write(uint32_t offset, const uint8_t *bytes, uint32_t len);

int32_t sample_flash_read(uint32_t offset, uint8_t *bytes, uint32_t len);

/*
 * Has MCUboot try the image in the partition at the next start, and restarts. Returns only where that failed, and
 * SAMPLE_FLASH_NO_BOOTLOADER where the application was built without MCUboot.
 */
int32_t sample_flash_boot(void);

#endif /* SAMPLE_FLASH_H_ */
