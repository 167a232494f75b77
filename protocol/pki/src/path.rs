//! Whether a certificate is valid for one purpose as of a given time.
//!
//! JPKI's profile needs what general validators lack: every generation of its root carries one name, so
//! the issuer is found by key id and signature; and certificatePolicies are critical.

mod anchors;
mod error;
mod leaf;
mod profile;
mod search;

pub use anchors::{Anchor, TrustAnchors};
pub use error::PathError;
pub use profile::{ExtendedUse, KeyUsageRule, Profile};
pub use search::{AsOf, ValidPath, validate};
