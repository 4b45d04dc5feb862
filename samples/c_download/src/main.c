/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Downloads an image into a flash partition, and checks its digest. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/drivers/flash.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/storage/stream_flash.h>
#include <zephyr/sys/util.h>

#ifdef CONFIG_BOOTLOADER_MCUBOOT
#include <zephyr/dfu/mcuboot.h>
#include <zephyr/sys/reboot.h>
#endif

#include <requests/requests.h>

/* The longest time to wait for the network: for the cable, Wi-Fi or modem, and for an address. */
#define NETWORK_TIMEOUT_MS 30000

/* The number of bytes between two lines about the progress. */
#define PROGRESS (32 * 1024)

#ifndef PARTITION_ID
/* Until Zephyr 4.3 */
#define PARTITION_ID FIXED_PARTITION_ID
#endif

/* The buffer for the URL and the head of a response. The image passes through the rest. */
static char buf[2048];

/* The partition as the sink of a download. It is erased page by page while the content arrives. */
struct partition {
	const struct flash_area *area;
	/* Where the image begins in the partition, and how long it can be. */
	size_t start;
	size_t size;
	struct stream_flash_ctx stream;
	uint8_t block[512];
	uint64_t next;
};

static int start(void *user, uint64_t len, const char *validator)
{
	struct partition *partition = user;
	const struct flash_area *area = partition->area;

	if (len != REQUESTS_UNKNOWN && len > partition->size) {
		printf("It has %llu bytes, and the partition %zu\n", (unsigned long long)len,
		       partition->size);
		return -ENOMEM;
	}

	/* To resume after a restart of the device, store these two now, for requests_download.len and
	 * requests_download.validator.
	 */
	printf("Writing %llu bytes, version %s\n",
	       len == REQUESTS_UNKNOWN ? 0 : (unsigned long long)len,
	       validator == NULL ? "unknown" : validator);

	return stream_flash_init(&partition->stream, flash_area_get_device(area), partition->block,
				 sizeof(partition->block), area->fa_off + partition->start, partition->size, NULL);
}

static int write(void *user, uint64_t offset, const void *data, size_t len)
{
	struct partition *partition = user;

	/* Content comes in order. */
	ARG_UNUSED(offset);

	return stream_flash_buffered_write(&partition->stream, data, len, false);
}

static int finish(void *user, uint64_t len)
{
	struct partition *partition = user;

	ARG_UNUSED(len);

	return stream_flash_buffered_write(&partition->stream, NULL, 0, true);
}

static void progress(void *user, uint64_t received, uint64_t len)
{
	struct partition *partition = user;

	if (received >= partition->next) {
		partition->next = received + PROGRESS;
		printf("%llu of %llu bytes\n", (unsigned long long)received,
		       len == REQUESTS_UNKNOWN ? 0 : (unsigned long long)len);
	}
}

/* Prints why there is no new image. */
static void fail(const struct requests_response *r)
{
	char text[160];

	(void)requests_error_describe(r, text, sizeof(text));
	printf("No new image: %s\n", text);
}

/* Reads 64 hexadecimal digits. Only white space may follow directly. */
static bool from_hex(const char *text, uint8_t *digest)
{
	return strlen(text) >= 64 && (text[64] == '\0' || isspace((unsigned char)text[64])) &&
	       hex2bin(text, 64, digest, 32) == 32;
}

/* The digest in the configuration, or the one on the server. */
static bool get_digest(uint8_t *digest)
{
	static const char url[] = CONFIG_SAMPLE_URL ".sha256";
	struct requests_response r;

	if (sizeof(CONFIG_SAMPLE_SHA256) > 1) {
		if (from_hex(CONFIG_SAMPLE_SHA256, digest)) {
			return true;
		}
	} else {
		printf("GET %s\n", url);
		if (requests_get(url, NULL, buf, sizeof(buf), &r) != 0) {
			fail(&r);
			return false;
		}
		if (r.status >= 400) {
			printf("No new image: the server answered with status %u\n", r.status);
			return false;
		}
		/* The format of sha256sum: digits, space, name. */
		if (from_hex(r.body, digest)) {
			return true;
		}
	}
	printf("No new image: there is no SHA-256 digest to compare it with\n");

	return false;
}

#ifdef CONFIG_BOOTLOADER_MCUBOOT
/*
 * Makes room for the marks of MCUboot: erases the pages at the end of the partition, where they will be. Otherwise
 * boot_request_upgrade() takes the partition for corrupt, and erases all of it. To swap images by an offset, which is
 * Zephyr's default, MCUboot needs the first page, too: there, the image begins on the second page.
 */
static int make_room(struct partition *partition)
{
	const struct flash_area *area = partition->area;
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
	partition->size = page.start_offset - area->fa_off;
	result = flash_area_erase(area, partition->size, area->fa_size - partition->size);
#ifdef CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET
	if (result == 0) {
		result = flash_get_page_info_by_offs(flash, area->fa_off, &page);
	}
	if (result == 0) {
		partition->start = page.size;
		partition->size -= page.size;
		result = flash_area_erase(area, 0, page.size);
	}
#endif
	return result;
}
#endif

static int open_partition(struct partition *partition)
{
	int result = flash_area_open(PARTITION_ID(slot1_partition), &partition->area);

	if (result == 0) {
		partition->size = partition->area->fa_size;
#ifdef CONFIG_BOOTLOADER_MCUBOOT
		result = make_room(partition);
#endif
	}

	return result;
}

/* Starts the image, if there is MCUboot. */
static void boot(void)
{
#ifdef CONFIG_BOOTLOADER_MCUBOOT
	/* For one start only. The next start returns to the running image, unless the new one confirms itself. */
	int result = boot_request_upgrade(BOOT_UPGRADE_TEST);

	if (result == 0) {
		sys_reboot(SYS_REBOOT_COLD);
	}
	printf("MCUboot was not asked to boot it: error %d\n", result);
#else
	printf("Built without MCUboot: the image stays where it is\n");
#endif
}

int main(void)
{
	static struct partition partition = {.next = PROGRESS};
	static uint8_t digest[32];
	const struct requests_download download = {
		.sink = {
			.write = write,
			.start = start,
			.finish = finish,
			.progress = progress,
			.user = &partition,
		},
		.sha256 = digest,
	};
	const struct requests_options options = {.retry.attempts = CONFIG_SAMPLE_ATTEMPTS};
	struct requests_downloaded done;
	struct requests_response r;
	int ret = requests_network_wait(NETWORK_TIMEOUT_MS);

	if (ret != 0) {
		printf("No network: %s\n", requests_strerror(ret));
		return 0;
	}

	if (!get_digest(digest)) {
		return 0;
	}
	if (open_partition(&partition) != 0) {
		printf("No new image: the flash failed\n");
		return 0;
	}

	printf("GET %s\n", CONFIG_SAMPLE_URL);
	if (requests_download(CONFIG_SAMPLE_URL, &options, &download, buf, sizeof(buf), &done, &r) !=
	    0) {
		fail(&r);
		return 0;
	}
	printf("Downloaded %llu bytes, requests: %u\n", (unsigned long long)done.len, done.requests);

	/* The client has checked the bytes received. This checks the flash. */
	const struct flash_area_check check = {
		.match = digest,
		.clen = done.len,
		.off = partition.start,
		.rbuf = (uint8_t *)buf,
		.rblen = sizeof(buf),
	};

	if (flash_area_check_int_sha256(partition.area, &check) != 0) {
		printf("No new image: the flash does not contain what was written to it\n");
		return 0;
	}
	printf("The image in the flash has the right SHA-256\n");
	boot();

	return 0;
}
