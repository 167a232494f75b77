//! What every page shares: its frame, its two languages, how a date is written, and one vocabulary
//! for how certain something is.
//!
//! Pages are rendered by the server; the only script re-fetches a page when something changed.

mod assets;
mod certainty;
mod date;
mod frame;
mod language;
mod security;

pub use assets::assets;
pub use certainty::{Certainty, status_mark, status_word, when, when_short};
pub use date::{
    clock_time, clock_time_with_seconds, day, day_of_month, iso, iso_day, month, phrases, seconds_time,
    short_day,
};
pub use frame::{Frame, Party};
pub use language::Lang;
pub use security::secure;
