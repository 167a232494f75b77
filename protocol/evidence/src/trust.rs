//! The trust folder: which certificates and which policy a verifier starts from.

use std::collections::BTreeMap;

use jushin_pki::{Certificate, CvCertificate, pem};
use jushin_statement::{Hash, TrustFile, policy_id};

use crate::{Policy, PolicyError};

/// Trust anchors and policy.
#[derive(Clone, Debug)]
pub struct Trust {
    pub(crate) card_cas: Vec<Certificate>,
    pub(crate) institution_cas: Vec<CvCertificate>,
    pub(crate) element_cas: Vec<Certificate>,
    pub(crate) time_stampers: Vec<Certificate>,
    pub(crate) staff_cas: Vec<Certificate>,
    pub(crate) providers: Vec<Certificate>,
    pub(crate) platform_binding: Vec<Certificate>,
    pub(crate) platform_receipt: Vec<Certificate>,
    pub(crate) platform_revocation: Vec<Certificate>,
    policy: Policy,
    files: Vec<TrustFile>,
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
    Policy(#[from] PolicyError),
}

/// What a file of a trust folder is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    CardCa,
    InstitutionCa,
    ElementCa,
    TimeStamper,
    StaffCa,
    Provider,
    PlatformBinding,
    PlatformReceipt,
    PlatformRevocation,
    Policy,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        let numbered = |prefix: &str, suffix: &str| {
            name.strip_prefix(prefix)
                .and_then(|rest| rest.strip_suffix(suffix))
                .is_some_and(|middle| !middle.is_empty() && !middle.contains(['/', '\\']))
        };
        match name {
            "pf-bind.pem" => Some(Self::PlatformBinding),
            "pf-rcpt.pem" => Some(Self::PlatformReceipt),
            "pf-rev.pem" => Some(Self::PlatformRevocation),
            "policy.json" => Some(Self::Policy),
            _ if numbered("ca-u-", ".pem") => Some(Self::CardCa),
            _ if numbered("ca-i-", ".bin") => Some(Self::InstitutionCa),
            _ if numbered("se-ca-", ".pem") => Some(Self::ElementCa),
            _ if numbered("tsa-", ".pem") => Some(Self::TimeStamper),
            _ if numbered("hpki-", ".pem") => Some(Self::StaffCa),
            _ if numbered("sp-", ".pem") => Some(Self::Provider),
            _ => None,
        }
    }

    const fn is_ca(self) -> bool {
        matches!(self, Self::CardCa | Self::ElementCa | Self::TimeStamper | Self::StaffCa)
    }
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
        let mut sorted = BTreeMap::new();
        for (name, bytes) in files {
            let name = name.as_ref().to_owned();
            if sorted.insert(name.clone(), bytes).is_some() {
                return Err(TrustError::Twice { name });
            }
        }
        let mut trust = Self::empty();
        for (name, bytes) in &sorted {
            trust.add(name, bytes.as_ref())?;
        }
        Ok(trust)
    }

    fn empty() -> Self {
        Self {
            card_cas: Vec::new(),
            institution_cas: Vec::new(),
            element_cas: Vec::new(),
            time_stampers: Vec::new(),
            staff_cas: Vec::new(),
            providers: Vec::new(),
            platform_binding: Vec::new(),
            platform_receipt: Vec::new(),
            platform_revocation: Vec::new(),
            policy: Policy::default(),
            files: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), TrustError> {
        let kind = Kind::of(name).ok_or_else(|| TrustError::Name { name: name.to_owned() })?;
        match kind {
            Kind::Policy => self.policy = Policy::from_json(bytes)?,
            Kind::InstitutionCa => {
                let certificate = CvCertificate::parse(bytes).map_err(|why| contents(name, why))?;
                self.institution_cas.push(certificate);
            }
            _ => {
                let certificates = read_certificates(name, bytes, kind)?;
                self.list(kind).extend(certificates);
            }
        }
        self.files.push(TrustFile { name: name.to_owned(), hash: Hash::of(bytes) });
        Ok(())
    }

    fn list(&mut self, kind: Kind) -> &mut Vec<Certificate> {
        match kind {
            Kind::CardCa => &mut self.card_cas,
            Kind::ElementCa => &mut self.element_cas,
            Kind::TimeStamper => &mut self.time_stampers,
            Kind::StaffCa => &mut self.staff_cas,
            Kind::Provider => &mut self.providers,
            Kind::PlatformBinding => &mut self.platform_binding,
            Kind::PlatformReceipt => &mut self.platform_receipt,
            Kind::PlatformRevocation | Kind::InstitutionCa | Kind::Policy => &mut self.platform_revocation,
        }
    }

    /// policy-id: SHA-256 over names and hashes of all files.
    #[must_use]
    pub fn id(&self) -> Hash {
        policy_id(&self.files)
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Names of the CAs of patients' cards, DER.
    pub fn card_authorities(&self) -> impl Iterator<Item = &[u8]> {
        self.card_cas.iter().map(Certificate::subject)
    }

    /// How many files, besides the policy, the verifier trusts.
    #[must_use]
    pub fn anchors(&self) -> usize {
        self.files.iter().filter(|file| file.name != "policy.json").count()
    }
}

fn read_certificates(name: &str, bytes: &[u8], kind: Kind) -> Result<Vec<Certificate>, TrustError> {
    let text = str::from_utf8(bytes).map_err(|why| contents(name, why))?;
    let blocks = pem::decode_all("CERTIFICATE", text).map_err(|why| contents(name, why))?;
    let mut certificates = Vec::with_capacity(blocks.len());
    for block in blocks {
        let certificate = Certificate::parse(&block).map_err(|why| contents(name, why))?;
        let is_ca = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
        if kind.is_ca() != is_ca {
            let wanted = if kind.is_ca() { "a CA" } else { "no CA" };
            return Err(contents(name, format!("the certificate has to be {wanted}'s")));
        }
        certificates.push(certificate);
    }
    Ok(certificates)
}

fn contents(name: &str, why: impl ToString) -> TrustError {
    TrustError::Contents { name: name.to_owned(), why: why.to_string() }
}
