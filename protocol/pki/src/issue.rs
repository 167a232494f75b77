//! Issues certificates and CRLs of our own profiles.

mod crl;
mod extensions;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::certificate::{BadCertificate, Certificate};
use crate::der::{Writer, tag};
use crate::extension::KeyUsage;
use crate::moment::Moment;
use crate::name::Name;
use crate::signature::{PrivateKey, SigningFailed, Suite};
use crate::{algorithm, time};

pub use crl::{REASON_KEY_COMPROMISE, RevokedEntry};
pub use extensions::NewExtension;

/// Why nothing was issued. The caller's template or key is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotIssued {
    /// The key did not sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// What the template makes is no certificate.
    #[error("the template makes no certificate: {0}")]
    Template(#[from] BadCertificate),
}

/// What a new certificate says. Key ids are added when it is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Subject.
    pub subject: Name,
    /// Serial number, big-endian; leading zeros do not count.
    pub serial: Vec<u8>,
    /// First second of validity.
    pub not_before: Moment,
    /// Last second of validity.
    pub not_after: Moment,
    /// DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// Extensions besides the key ids.
    pub extensions: Vec<NewExtension>,
}

/// A CA: its certificate and the key that signs.
#[derive(Clone)]
pub struct Issuer {
    certificate: Certificate,
    key: Arc<dyn PrivateKey>,
    suite: Suite,
}

impl Issuer {
    /// A CA that exists.
    #[must_use]
    pub const fn new(certificate: Certificate, key: Arc<dyn PrivateKey>, suite: Suite) -> Self {
        Self { certificate, key, suite }
    }

    /// Makes a root: a CA whose certificate it signed itself. Basic constraints and key usage are added.
    ///
    /// # Errors
    ///
    /// [`NotIssued`].
    pub fn self_signed(
        mut template: Template,
        key: Arc<dyn PrivateKey>,
        suite: Suite,
    ) -> Result<Self, NotIssued> {
        template.spki = key.spki().to_vec();
        template.extensions.insert(0, NewExtension::ca(None));
        template
            .extensions
            .insert(1, NewExtension::key_usage(KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN)));
        let issuer = template.subject.to_der();
        let certificate = sign(&template, &issuer, None, key.as_ref(), suite)?;
        Ok(Self { certificate, key, suite })
    }

    /// The CA's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The CA's key.
    #[must_use]
    pub const fn key(&self) -> &Arc<dyn PrivateKey> {
        &self.key
    }

    /// How it signs.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Issues a certificate.
    ///
    /// # Errors
    ///
    /// [`NotIssued`].
    pub fn issue(&self, template: &Template) -> Result<Certificate, NotIssued> {
        sign(template, self.certificate.subject(), Some(&self.certificate), self.key.as_ref(), self.suite)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// Issuer name and certificate are apart because a root has no issuer's certificate yet.
fn sign(
    template: &Template,
    issuer: &[u8],
    issuer_certificate: Option<&Certificate>,
    key: &dyn PrivateKey,
    suite: Suite,
) -> Result<Certificate, NotIssued> {
    let mut tbs = Writer::new();
    tbs.nest(tag::SEQUENCE, |tbs| {
        tbs.nest(tag::context_constructed(0), |version| version.unsigned(&[2]));
        tbs.unsigned(&template.serial);
        algorithm::put_suite(tbs, suite);
        tbs.raw(issuer);
        tbs.nest(tag::SEQUENCE, |validity| {
            time::put_time(validity, template.not_before);
            time::put_time(validity, template.not_after);
        });
        tbs.raw(&template.subject.to_der());
        tbs.raw(&template.spki);
        tbs.nest(tag::context_constructed(3), |extensions| {
            extensions.nest(tag::SEQUENCE, |list| {
                for extension in &template.extensions {
                    extension.put(list);
                }
                NewExtension::subject_key_id(&template.spki).put(list);
                match issuer_certificate {
                    Some(issuer) => NewExtension::authority_key_id(issuer).put(list),
                    None => NewExtension::own_authority_key_id(&template.spki).put(list),
                }
            });
        });
    });
    Ok(Certificate::parse(&signed(&tbs.into_bytes(), key, suite)?)?)
}

/// SEQUENCE of what is signed, the algorithm, and the signature: the frame of certificates and CRLs.
pub(crate) fn signed(tbs: &[u8], key: &dyn PrivateKey, suite: Suite) -> Result<Vec<u8>, SigningFailed> {
    let suite = match suite {
        Suite::P256Sha256Cose => Suite::P256Sha256X509,
        Suite::P384Sha384Cose => Suite::P384Sha384X509,
        other => other,
    };
    let signature = key.sign(suite, tbs)?;
    let mut writer = Writer::new();
    writer.nest(tag::SEQUENCE, |whole| {
        whole.raw(tbs);
        algorithm::put_suite(whole, suite);
        whole.bit_string(&signature);
    });
    Ok(writer.into_bytes())
}
