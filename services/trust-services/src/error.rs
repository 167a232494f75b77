//! What can go wrong, and whose fault it is.

/// The stand-ins did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The store cannot be opened, read or written. The machine or the operator is at fault.
    #[error("the store of the trust services failed: {0}")]
    Store(String),
    /// The store was written by a newer version. The operator is at fault.
    #[error("the store has format {found}, this program knows formats up to {known}")]
    NewerStore {
        /// Format in the store.
        found: i64,
        /// Newest format known here.
        known: i64,
    },
    /// A URL in a certificate has to be ASCII. The operator is at fault.
    #[error("the base URL {base_url:?} is not ASCII")]
    BaseUrl {
        /// What was configured.
        base_url: String,
    },
    /// A stored key or certificate cannot be used. Whoever changed the store is at fault.
    #[error("the stored {what} cannot be used")]
    Damaged {
        /// Which one.
        what: String,
    },
    /// The crypto provider made no key or no signature.
    #[error("no key or signature was made for {what}")]
    Signing {
        /// For what.
        what: String,
    },
    /// A certificate could not be built from what the caller gave.
    #[error("no certificate for {what}: {reason}")]
    Profile {
        /// For what.
        what: String,
        /// Why.
        reason: String,
    },
    /// The person is not in the register. The caller is at fault.
    #[error("no person {0} in the register")]
    UnknownPerson(crate::PersonId),
    /// No such certificate was issued here. The caller is at fault.
    #[error("no certificate {0} was issued here")]
    UnknownCertificate(crate::CertificateId),
    /// The key to be certified is no RSA key of 2048 bits. The caller is at fault.
    #[error("an institution key has to be RSA of 2048 bits")]
    UnsuitableKey,
}
