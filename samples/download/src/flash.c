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

int32_t sample_flash_open(void)
{
	return flash_area_open(PARTITION_ID(slot1_partition), &area);
}

uint32_t sample_flash_size(void)
{
	return area->fa_size;
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

	result = flash_get_page_info_by_offs(flash_area_get_device(area), area->fa_off + offset, &page);
	if (result != 0) {
		return result;
	}
	if (page.start_offset != area->fa_off + (off_t)offset || page.size > area->fa_size - offset) {
		/* The partition does not consist of whole pages. */
		return -EINVAL;
	}
	result = flash_area_erase(area, offset, page.size);
	if (result == 0) {
		*end = offset + page.size;
	}
	return result;
}

int32_t sample_flash_write(uint32_t offset, const uint8_t *bytes, uint32_t len)
{
	return flash_area_write(area, offset, bytes, len);
}

int32_t sample_flash_read(uint32_t offset, uint8_t *bytes, uint32_t len)
{
	return flash_area_read(area, offset, bytes, len);
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
