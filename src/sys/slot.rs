// SPDX-License-Identifier: Apache-2.0
//! Memory for a large value that is created later, in place.

use core::mem::{MaybeUninit, needs_drop};

/// Memory for a `T`, empty at first. Unlike an `Option`, an empty slot is all zeros, so that a
/// `static` takes no flash. And the value is created in place, not on the stack.
pub struct Slot<T> {
    full: bool,
    value: MaybeUninit<T>,
}

impl<T: Default> Slot<T> {
    /// An empty slot.
    pub const fn new() -> Self {
        const { assert!(!needs_drop::<T>(), "nothing drops the value") };
        Self { full: false, value: MaybeUninit::zeroed() }
    }

    /// Returns the value. The first call creates it.
    // Inlined, so that `default` writes to the slot without a copy on the stack.
    #[inline(always)]
    pub fn get_or_default(&mut self) -> &mut T {
        if !self.full {
            self.value.write(T::default());
            self.full = true;
        }
        // SAFETY: `full` is set only after a value was written, and the value is never removed.
        unsafe { self.value.assume_init_mut() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_made_once() {
        let mut slot = Slot::<u32>::new();
        assert_eq!(*slot.get_or_default(), 0);
        *slot.get_or_default() = 5;
        assert_eq!(*slot.get_or_default(), 5);
    }
}
