//! Why a certificate is not valid for its purpose.

use alloc::string::String;
use alloc::vec::Vec;

use crate::extension::{BasicConstraints, KeyUsage};
use crate::moment::Moment;
use crate::signature::UnusableKey;

/// Why a certificate is not valid for its purpose. Unless said otherwise, its issuer or holder is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No trusted or given CA carries the issuer's name and key id. The verifier's trust may be at fault.
    #[error("no CA fits the issuer {issuer} (of {anchors} trust anchors)")]
    NoIssuer {
        /// The name that was looked for.
        issuer: String,
        /// How many trust anchors there were.
        anchors: usize,
    },
    /// CAs of that name are trusted, but none of their keys made the signature.
    #[error("none of {tried} CA keys of the issuer's name made the signature")]
    Signature {
        /// How many keys were tried.
        tried: usize,
    },
    /// Judged before its time.
    #[error("valid from {not_before}, judged as of {at}")]
    NotYetValid {
        /// First moment of validity.
        not_before: Moment,
        /// The moment that was asked for.
        at: Moment,
    },
    /// Judged after its time.
    #[error("valid until {not_after}, judged as of {at}")]
    Expired {
        /// Last second of validity.
        not_after: Moment,
        /// The moment that was asked for.
        at: Moment,
    },
    /// A critical extension is not understood, or not for this purpose.
    #[error("critical extension {oid} is not understood here")]
    UnknownCriticalExtension {
        /// Which.
        oid: String,
    },
    /// The policies are not the purpose's.
    #[error("policies {found:?} have none of {accepted:?}, or one that is refused")]
    Policy {
        /// What the certificate states.
        found: Vec<String>,
        /// What the purpose accepts.
        accepted: Vec<String>,
    },
    /// The key usage is not the purpose's.
    #[error("key usage is {found:?}; needed is one of {any_of:?}, refused is any of {none_of:?}")]
    KeyUsage {
        /// What the certificate states.
        found: Option<KeyUsage>,
        /// Of these at least one.
        any_of: KeyUsage,
        /// Of these none.
        none_of: KeyUsage,
    },
    /// The extended key usage is not the purpose's.
    #[error("extended key usage is {found:?} (critical: {critical}), needed is {needed}")]
    ExtendedKeyUsage {
        /// What the certificate states.
        found: Vec<String>,
        /// Whether it is critical.
        critical: bool,
        /// What the purpose needs.
        needed: String,
    },
    /// A leaf was expected, and this is a CA.
    #[error("the certificate is a CA's, not a leaf")]
    IsACa,
    /// A CA was expected, and this is none.
    #[error("not a CA: basic constraints {basic_constraints:?}, key usage {key_usage:?}")]
    NotACa {
        /// Its basic constraints.
        basic_constraints: Option<BasicConstraints>,
        /// Its key usage.
        key_usage: Option<KeyUsage>,
    },
    /// More CAs between leaf and trust anchor than allowed.
    #[error("{found} CAs stand between leaf and trust anchor, {allowed} may")]
    PathLength {
        /// How many there are.
        found: usize,
        /// How many may.
        allowed: usize,
    },
    /// An extension that the purpose needs is not there.
    #[error("extension {oid} is missing")]
    MissingExtension {
        /// Which.
        oid: String,
    },
    /// The key is of no accepted kind.
    #[error(transparent)]
    UnusableKey(#[from] UnusableKey),
}
