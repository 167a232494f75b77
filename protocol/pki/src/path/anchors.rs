//! Certificates that are trusted because someone put them there.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::certificate::Certificate;
use crate::extension::KeyUsage;
use crate::signature::{Crypto, PublicKey};

use super::error::PathError;

/// A trusted CA with its parsed key.
#[derive(Clone)]
pub struct Anchor {
    certificate: Certificate,
    key: Arc<dyn PublicKey>,
}

impl Anchor {
    /// The CA's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The CA's key.
    #[must_use]
    pub fn key(&self) -> &dyn PublicKey {
        self.key.as_ref()
    }

    pub(super) fn shared_key(&self) -> Arc<dyn PublicKey> {
        Arc::clone(&self.key)
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anchor").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// The CAs that are trusted for one purpose. Several may carry one name.
#[derive(Clone, Debug, Default)]
pub struct TrustAnchors {
    anchors: Vec<Anchor>,
}

impl TrustAnchors {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { anchors: Vec::new() }
    }

    /// Takes CA certificates.
    ///
    /// # Errors
    ///
    /// As [`TrustAnchors::add`].
    pub fn from_certificates(
        certificates: impl IntoIterator<Item = Certificate>,
        crypto: &dyn Crypto,
    ) -> Result<Self, PathError> {
        let mut anchors = Self::new();
        for certificate in certificates {
            anchors.add(certificate, crypto)?;
        }
        Ok(anchors)
    }

    /// Adds a CA certificate; one that is there already is not added again.
    ///
    /// # Errors
    ///
    /// [`PathError::NotACa`] or [`PathError::UnusableKey`].
    pub fn add(&mut self, certificate: Certificate, crypto: &dyn Crypto) -> Result<(), PathError> {
        check_ca(&certificate)?;
        let key = crypto.public_key(certificate.spki())?;
        if self.anchors.iter().all(|anchor| anchor.certificate != certificate) {
            self.anchors.push(Anchor { certificate, key });
        }
        Ok(())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Anchor> {
        self.anchors.iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}

/// A CA says so in its basic constraints, and its key usage, if there is one, allows it.
pub(super) fn check_ca(certificate: &Certificate) -> Result<(), PathError> {
    let basic_constraints = certificate.basic_constraints();
    let key_usage = certificate.key_usage();
    let may_sign = key_usage.is_none_or(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN));
    if basic_constraints.is_some_and(|constraints| constraints.ca) && may_sign {
        Ok(())
    } else {
        Err(PathError::NotACa { basic_constraints, key_usage })
    }
}
