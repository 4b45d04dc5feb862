/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_KERNEL_H
#define TEST_KERNEL_H

#include <stdarg.h>
#include <sys/types.h>

#include <zephyr/sys/util.h>

typedef struct {
	int64_t ticks;
} k_timeout_t;

typedef struct {
	uint64_t tick;
} k_timepoint_t;

#define K_MSEC(ms) ((k_timeout_t){ms})
#define K_NO_WAIT  K_MSEC(0)
#define K_FOREVER  K_MSEC(-1)

k_timepoint_t sys_timepoint_calc(k_timeout_t timeout);
k_timeout_t sys_timepoint_timeout(k_timepoint_t timepoint);
int64_t k_uptime_get(void);
uint32_t k_cycle_get_32(void);
int32_t k_msleep(int32_t ms);
void k_panic(void);

typedef struct k_thread *k_tid_t;

k_tid_t k_current_get(void);

struct k_sem {
	unsigned int count;
};

int k_sem_init(struct k_sem *sem, unsigned int initial, unsigned int limit);
int k_sem_take(struct k_sem *sem, k_timeout_t timeout);
void k_sem_give(struct k_sem *sem);

struct k_mutex {
	void *waiting[2];
	struct k_thread *owner;
	uint32_t lock_count;
	int owner_orig_prio;
};

int k_mutex_init(struct k_mutex *mutex);
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout);
int k_mutex_unlock(struct k_mutex *mutex);

struct k_condvar {
	void *waiting[2];
};

int k_condvar_init(struct k_condvar *condition);
int k_condvar_signal(struct k_condvar *condition);
int k_condvar_broadcast(struct k_condvar *condition);
int k_condvar_wait(struct k_condvar *condition, struct k_mutex *mutex, k_timeout_t timeout);

struct k_spinlock {
	int locked;
};

typedef struct {
	int key;
} k_spinlock_key_t;

k_spinlock_key_t k_spin_lock(struct k_spinlock *lock);
void k_spin_unlock(struct k_spinlock *lock, k_spinlock_key_t key);

struct k_poll_signal {
	unsigned int signaled;
	int result;
};

struct k_poll_event {
	void *object;
};

#define K_POLL_TYPE_SIGNAL        1
#define K_POLL_TYPE_SEM_AVAILABLE 2
#define K_POLL_MODE_NOTIFY_ONLY   0

void k_poll_signal_init(struct k_poll_signal *signal);
void k_poll_signal_reset(struct k_poll_signal *signal);
int k_poll_signal_raise(struct k_poll_signal *signal, int result);
void k_poll_event_init(struct k_poll_event *event, uint32_t type, int mode, void *object);
int k_poll(struct k_poll_event *events, int count, k_timeout_t timeout);

typedef long atomic_t;
typedef long atomic_val_t;

#define ATOMIC_DEFINE(name, bits) atomic_t name[1 + ((bits) - 1) / (8 * sizeof(atomic_t))]

atomic_val_t atomic_get(const atomic_t *target);
atomic_val_t atomic_set(atomic_t *target, atomic_val_t value);
bool atomic_test_and_set_bit(atomic_t *target, int bit);
void atomic_clear_bit(atomic_t *target, int bit);

#endif
