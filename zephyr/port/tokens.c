/*
 * SPDX-License-Identifier: Apache-2.0
 */

/* Tokens that end waits: CancelToken. */

#include "internal.h"

#include <errno.h>

#include <zephyr/sys/fdtable.h>

/* A token is a flag and a way to wake the waits that must check it: a signal for k_poll(), and a
 * file descriptor for that signal, which zsock_poll() polls beside a socket. Only the flag says
 * whether the token is cancelled. The signal may be raised although it is not: a wait that was
 * woken wakes the next one, and the token may be reset meanwhile.
 */
struct token {
	struct k_poll_signal signal;
	atomic_t cancelled;
	int fd;
};

static struct token tokens[CONFIG_REQUESTS_CANCEL_TOKENS];
static ATOMIC_DEFINE(tokens_in_use, CONFIG_REQUESTS_CANCEL_TOKENS);

static int token_ioctl(void *obj, unsigned int request, va_list args)
{
	struct token *token = obj;
	struct zsock_pollfd *pollfd;
	struct k_poll_event **event;

	switch (request) {
	case ZFD_IOCTL_POLL_PREPARE:
		pollfd = va_arg(args, struct zsock_pollfd *);
		event = va_arg(args, struct k_poll_event **);
		if (*event == va_arg(args, struct k_poll_event *)) {
			return -ENOMEM;
		}
		k_poll_event_init(*event, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY,
				  &token->signal);
		(*event)++;
		return 0;
	case ZFD_IOCTL_POLL_UPDATE:
		pollfd = va_arg(args, struct zsock_pollfd *);
		event = va_arg(args, struct k_poll_event **);
		if (token->signal.signaled != 0) {
			pollfd->revents |= ZSOCK_POLLIN;
		}
		(*event)++;
		return 0;
	default:
		errno = EOPNOTSUPP;
		return -1;
	}
}

static const struct fd_op_vtable token_vtable = {
	.ioctl = token_ioctl,
};

bool requests_port_cancelled(const struct limit *limit)
{
	struct token *token;

	if (limit->token < 0) {
		return false;
	}

	token = &tokens[limit->token];
	if (atomic_get(&token->cancelled) == 0) {
		/* A signal from before the reset of the token would end every wait. The token may
		 * be cancelled in between, and its signal is then lost: so check again.
		 */
		k_poll_signal_reset(&token->signal);
		if (atomic_get(&token->cancelled) == 0) {
			return false;
		}
	}

	/* A signal wakes one thread at a time: this one wakes the next. */
	k_poll_signal_raise(&token->signal, 0);

	return true;
}

int requests_port_token_fd(const struct limit *limit)
{
	return limit->token < 0 ? -1 : tokens[limit->token].fd;
}

int requests_port_take(struct k_sem *sem, int32_t timeout_ms, const struct limit *limit)
{
	const k_timepoint_t end = sys_timepoint_calc(K_MSEC(timeout_ms));

	for (;;) {
		struct k_poll_event events[2];
		bool cancelled;
		bool over;
		int count = 0;

		if (limit->token >= 0) {
			k_poll_event_init(&events[count++], K_POLL_TYPE_SIGNAL,
					  K_POLL_MODE_NOTIFY_ONLY, &tokens[limit->token].signal);
		}

		if (sem != NULL) {
			k_poll_event_init(&events[count++], K_POLL_TYPE_SEM_AVAILABLE,
					  K_POLL_MODE_NOTIFY_ONLY, sem);
		}

		over = k_poll(events, count, sys_timepoint_timeout(end)) != 0;
		cancelled = requests_port_cancelled(limit);

		if (sem != NULL && k_sem_take(sem, K_NO_WAIT) == 0) {
			return 0;
		}

		if (cancelled) {
			return -ECANCELED;
		}

		if (over) {
			return -EAGAIN;
		}
	}
}

int32_t requests_port_token_open(void)
{
	for (int32_t i = 0; i < CONFIG_REQUESTS_CANCEL_TOKENS; i++) {
		struct token *token = &tokens[i];

		if (atomic_test_and_set_bit(tokens_in_use, i)) {
			continue;
		}

		k_poll_signal_init(&token->signal);
		(void)atomic_set(&token->cancelled, 0);
		token->fd = zvfs_alloc_fd(token, &token_vtable);
		if (token->fd < 0) {
			atomic_clear_bit(tokens_in_use, i);
			return requests_port_errno(ENFILE);
		}

		return i;
	}

	return requests_port_errno(ENFILE);
}

void requests_port_token_cancel(int32_t token)
{
	/* The order matters: see requests_port_cancelled(). */
	(void)atomic_set(&tokens[token].cancelled, 1);
	(void)k_poll_signal_raise(&tokens[token].signal, 0);
}

int32_t requests_port_token_is_cancelled(int32_t token)
{
	return atomic_get(&tokens[token].cancelled);
}

void requests_port_token_reset(int32_t token)
{
	/* The next wait resets the signal. */
	(void)atomic_set(&tokens[token].cancelled, 0);
}

void requests_port_token_close(int32_t token)
{
	zvfs_free_fd(tokens[token].fd);
	atomic_clear_bit(tokens_in_use, token);
}
