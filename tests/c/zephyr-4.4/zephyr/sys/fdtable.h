/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_FDTABLE_H
#define TEST_FDTABLE_H

#include <stdarg.h>

struct fd_op_vtable {
	int (*ioctl)(void *object, unsigned int request, va_list arguments);
};

enum {
	ZFD_IOCTL_POLL_PREPARE,
	ZFD_IOCTL_POLL_UPDATE,
};

int zvfs_alloc_fd(void *object, const struct fd_op_vtable *vtable);
void zvfs_free_fd(int fd);

#endif
