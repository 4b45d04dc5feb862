// SPDX-License-Identifier: Apache-2.0
//! Room for a large value that is made later, where it is to stay.

use core::mem::{MaybeUninit, needs_drop};

/// Room for a `T`, empty at first. Unlike an `Option` it is all zeros then, so that a `static` takes no
/// flash, and the value is made in place, not on the stack first.
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

    /// The value, which is made by the first call.
    // Inlined together with `default`, it leaves no copy behind.
    #[inline(always)]
    pub fn get_or_default(&mut self) -> &mut T {
        if !self.full {
            self.value.write(T::default());
            self.full = true;
        }
        // SAFETY: `full` is set only where a value was written, and nothing takes it out.
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
