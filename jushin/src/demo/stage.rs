//! The parties of the demo without its story, so that another play can be given with them: a test sets the
//! same world up, and enters by the doors that people and attackers have.

pub use super::cards::{Cards, DeskReader, HomeReader};
pub use super::cast::{PATIENTS, Patient, Place, SAKURA, YAMABIKO, directory};
pub use super::clock::DayClock;
pub use super::network::{Interposed, Wire};
pub use super::site::{Rig, SharedElement, Site, Ticking};
pub use super::staff::{SIGNING_CARD, STAFF_PIN, StaffCards, StaffDesk};
pub use super::world::World;

/// 2026-04-07T08:30:00+09:00: a morning to begin with.
pub const MORNING: u64 = 1_775_518_200_000;
