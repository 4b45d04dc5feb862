// SPDX-License-Identifier: Apache-2.0
//! Lists that are created in the caller's buffer, because there is no heap.

use core::mem::{align_of, needs_drop, size_of, take};
use core::slice;

/// The buffer has no room for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

/// Allocates lists at the end of a buffer.
pub struct Arena<'r> {
    room: &'r mut [u8],
    /// The number of bytes allocated.
    taken: usize,
}

impl<'r> Arena<'r> {
    /// Allocates at the end of `room`.
    pub const fn new(room: &'r mut [u8]) -> Self {
        Self { room, taken: 0 }
    }

    /// The number of bytes allocated, including lists that did not fit.
    pub const fn taken(&self) -> usize {
        self.taken
    }

    /// Returns the free part of the buffer.
    pub fn rest(self) -> &'r mut [u8] {
        self.room
    }

    /// Allocates a list of `count` items. `make` creates each item from its index.
    ///
    /// # Errors
    /// [`NoRoom`], or the error of `make`.
    pub fn list<'l, T, E: From<NoRoom>>(
        &mut self,
        count: usize,
        mut make: impl FnMut(usize) -> Result<T, E>,
    ) -> Result<&'l mut [T], E>
    where
        'r: 'l,
    {
        const { assert!(!needs_drop::<T>(), "nothing drops the items") };
        const { assert!(size_of::<T>() > 0) };
        let size = count.saturating_mul(size_of::<T>());
        // Index in the room where the list starts, so that it is aligned.
        let end = self.room.as_ptr().addr() + self.room.len();
        let start = end.checked_sub(size).map(|start| start - start % align_of::<T>());
        let start = start.and_then(|start| start.checked_sub(self.room.as_ptr().addr()));
        let Some((rest, list)) = start.and_then(|start| take(&mut self.room).split_at_mut_checked(start))
        else {
            self.taken = self.taken.saturating_add(size).saturating_add(align_of::<T>());
            return Err(NoRoom.into());
        };
        self.taken += list.len();
        self.room = rest;
        let first: *mut T = list.as_mut_ptr().cast();
        for index in 0..count {
            let item = make(index)?;
            // SAFETY: `list` has room for `count` items from an address on that is aligned for them.
            unsafe { first.add(index).write(item) };
        }
        // SAFETY: all items were written. Their memory is borrowed for `'r`, which is not shorter
        // than `'l`, and no other list has it.
        Ok(unsafe { slice::from_raw_parts_mut(first, count) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made<T>(item: T) -> Result<T, NoRoom> {
        Ok(item)
    }

    #[test]
    fn lists_are_apart_and_aligned() {
        let mut room = [0_u8; 64];
        let mut arena = Arena::new(&mut room[1..]);
        let numbers = arena.list(3, |index| made(index as u64)).unwrap();
        let bytes = arena.list(3, |index| made(index as u8)).unwrap();
        let texts = arena.list(1, |_| made("text")).unwrap();
        assert_eq!((numbers, bytes, texts), (&mut [0, 1, 2][..], &mut [0, 1, 2][..], &mut ["text"][..]));
        assert_eq!(arena.taken() + arena.rest().len(), 63);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut room = [0_u8; 15];
        let mut arena = Arena::new(&mut room);
        assert!(arena.list(2, |_| made(0_u64)).is_err());
        assert!(arena.taken() >= 16);
        assert!(arena.list(usize::MAX, |_| made(0_u64)).is_err());
        assert_eq!(arena.taken(), usize::MAX);
    }
}
