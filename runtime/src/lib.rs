//! What a service is given rather than takes: a clock, randomness, and peers to post statements to.
//!
//! A peer is reached through one door, whether it runs in the same process (the demo) or elsewhere:
//! the same router handles both.

mod clock;
mod peer;
mod problem;
mod random;

pub use clock::{Clock, SystemClock};
pub use peer::{Peer, PeerError, Reply};
pub use problem::{Cbor, Problem};
pub use random::Random;
