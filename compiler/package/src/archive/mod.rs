//! Zip archives: the one writer of everything that tc packs, and a reader of archives that other programs made.
//!
//! **Why the container is written here and not by the `zip` crate.** An artifact is named by the digest of its bytes,
//! so these bytes may depend on nothing but the members: entries stand in the order of their names' bytes, every time
//! is 1980-01-01 00:00 (the first that the format knows), every mode is 0644 or 0755, and there are no extra fields or
//! data descriptors. The `zip` crate can be made to do all that, but it cannot take data that was deflated elsewhere,
//! and libdeflate is the better compressor by a wide margin. Measured on a `site-packages` of 251 MB in 6,035 files
//! (CPU seconds, one thread, and the size of the archive):
//!
//! | | CPU | size |
//! |---|---|---|
//! | `zip -9` | 24.6 s | 75.1 MB |
//! | `zip` crate, zlib-rs, level 6 | 3.2 s | 76.6 MB |
//! | `zip` crate, zlib-rs, level 9 | 8.6 s | 74.8 MB |
//! | libdeflate, level 6 | 2.6 s | 74.3 MB |
//!
//! A thousand archives of one small function each take 8 to 12 ms against 20 ms, because one compressor serves them
//! all. libdeflate's author states that equal versions give equal output; the version is pinned in Cargo.lock, and a
//! test holds the digest of a known archive, so that a change of version shows.
//!
//! Reading is another matter: it is done by the `zip` crate, with every entry held suspect.

mod container;
mod deflate;
mod name;
mod part;
mod read;
mod write;

pub use name::{EntryName, NameError};
pub use part::{MAX_END_SIZE, Slot, copy};
pub use read::{ReadError, Reader, Stored};
pub use write::{Member, Members, WriteError, Writer, Written};
