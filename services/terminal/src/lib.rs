//! The reception terminal: start-up, check-in, journal, and the pages at the counter.
//!
//! ```text
//!  reader, keys, network ──Event──► CheckIn::handle ──Action──► drivers ─┬─► card      (P3)
//!        ▲                                                              ├─► element   (P2, P3)
//!        └──────────────────────── what happened ◄───────────────────────┤
//!                                                                        └─► journal ──► platform (P6)
//! ```
//! The desk is one event machine without IO ([`CheckIn`]); around it stand drivers that know cards,
//! element and platform. A visit is done when the journal holds it, sealed to the platform; everything
//! after that may wait for the network. No certificate, card signature, PIN or blind outlives its session.

mod anchoring;
mod check_in;
mod closing;
mod configuration;
mod desk;
mod enrol;
mod expiry;
mod keep;
mod line;
mod ports;
mod power_on;
mod receipt;
mod seal;
mod staff_card;
mod store;
mod tap;
mod terminal;
#[cfg(test)]
mod testing;
mod unlock;
mod upload;
mod web;

pub use anchoring::{Mode, UnlockMode};
pub use check_in::{
    Action, Anchored, Answer, CardFailure, CardGuess, ChartLine, CheckIn, DataState, Event, Outcome,
    Previous, ReadingStep, StartFailure, StartStep, State, Visit,
};
pub use configuration::{Configuration, PlatformKeys};
pub use desk::{AssignError, TapResult};
pub use enrol::{EnrolError, Enrolled};
pub use jushin_card::hpki::{StaffPin, StaffPinForm};
pub use ports::{
    AdministratorCard, AdministratorCardError, CardName, NoStaffReader, Ports, Reader, ReaderError,
    StaffChoice, StaffReader, Stopwatch,
};
pub use power_on::{PowerOnError, PoweredOn};
pub use receipt::ReceiptRefused;
pub use staff_card::administrator_card;
pub use store::{
    AcceptedReceipt, Chart, ElementMemory, Fact, JournalEntry, OwnRecord, QueueRow, SqliteStore, Store,
    StoreError, VisitAnswer,
};
pub use tap::TapTrace;
pub use terminal::{DeviceError, Terminal};
pub use unlock::{OfflineOffer, OfflineUnlocked, UnlockError};
pub use upload::{SyncError, Synced};
