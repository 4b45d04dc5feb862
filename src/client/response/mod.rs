// SPDX-License-Identifier: Apache-2.0
//! Responses: received as a whole, or while they are read.

#[cfg(feature = "gzip")]
mod compressed;
mod content;
mod head;
mod lines;
mod stream;
mod whole;

pub(super) use content::{Content, Timing};
pub use head::Head;
pub use lines::Lines;
pub(super) use stream::Source;
pub use stream::Stream;
pub use whole::Response;
