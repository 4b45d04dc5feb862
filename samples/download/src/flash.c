/* SPDX-License-Identifier: Apache-2.0 */
/* Zephyr's flash map consists of macros and inline functions, which Rust cannot call. */

#include "flash.h"

#include <errno.h>

#include <zephyr/drivers/flash.h>
#include <zephyr/storage/flash_map.h>

#ifdef CONFIG_BOOTLOADER_MCUBOOT
#include <zephyr/dfu/mcuboot.h>
#include <zephyr/sys/reboot.h>
#endif

#ifndef PARTITION_ID
/* Until Zephyr 4.3 */
#define PARTITION_ID FIXED_PARTITION_ID
#endif

static const struct flash_area *area;
/* Where the image begins in the partition, and how long it can be. */
static uint32_t start;
static uint32_t size;

#ifdef CONFIG_BOOTLOADER_MCUBOOT
/*
 * Makes room for the marks of MCUboot: erases the pages at the end of the partition, where they will be. Otherwise
 * boot_request_upgrade() takes the partition for corrupt, and erases all of it. To swap images by an offset, which is
 * Zephyr's default, MCUboot needs the first page, too: there, the image begins on the second page.
 */
static int make_room(void)
{
	const struct device *flash = flash_area_get_device(area);
	struct flash_pages_info page;
	ssize_t marks = boot_get_area_trailer_status_offset(area->fa_id);
	int result;

	if (marks < 0) {
		return marks;
	}
	result = flash_get_page_info_by_offs(flash, area->fa_off + marks, &page);
	if (result != 0) {
		return result;
	}
	size = page.start_offset - area->fa_off;
	result = flash_area_erase(area, size, area->fa_size - size);
#ifdef CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET
	if (result == 0) {
		result = flash_get_page_info_by_offs(flash, area->fa_off, &page);
	}
	if (result == 0) {
		start = page.size;
		size -= page.size;
		result = flash_area_erase(area, 0, page.size);
	}
#endif
	return result;
}
#endif

int32_t sample_flash_open(void)
{
	int result = flash_area_open(PARTITION_ID(slot1_partition), &area);

	if (result == 0) {
		size = area->fa_size;
#ifdef CONFIG_BOOTLOADER_MCUBOOT
		result = make_room();
#endif
	}
	return result;
}

uint32_t sample_flash_size(void)
{
	return size;
}

uint32_t sample_flash_write_block(void)
{
	return flash_area_align(area);
}

uint8_t sample_flash_erased_value(void)
{
	return flash_area_erased_val(area);
}

int32_t sample_flash_erase_page(uint32_t offset, uint32_t *end)
{
	struct flash_pages_info page;
	int result;

	result = flash_get_page_info_by_offs(flash_area_get_device(area), area->fa_off + start + offset, &page);
	if (result != 0) {
		return result;
	}
	if (page.start_offset != area->fa_off + (off_t)(start + offset) || page.size > size - offset) {
		/* The partition does not consist of whole pages. */
		return -EINVAL;
	}
	result = flash_area_erase(area, start + offset, page.size);
	if (result == 0) {
		*end = offset + page.size;
	}
	return result;
}

int32_t sample_flash_write(uint32_t offset, const uint8_t *bytes, uint32_t len)
{
	return flash_area_write(area, start + offset, bytes, len);
}

int32_t sample_flash_read(uint32_t offset, uint8_t *bytes, uint32_t len)
{
	return flash_area_read(area, start + offset, bytes, len);
}

int32_t sample_flash_boot(void)
{
#ifdef CONFIG_BOOTLOADER_MCUBOOT
	/* For one start only: unless the new image confirms itself, the next start returns to this one. */
	int result = boot_request_upgrade(BOOT_UPGRADE_TEST);

	if (result == 0) {
		sys_reboot(SYS_REBOOT_COLD);
	}
	return result;
#else
	return SAMPLE_FLASH_NO_BOOTLOADER;
#endif
}
