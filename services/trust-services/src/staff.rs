//! HPKI cards of administrators and doctors.

use jushin_pki::issue::{NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{KeyKind, KeyUsage, ObjectIdentifier};
use jushin_statement::UnixMillis;

use crate::authority::moment;
use crate::services::Inner;
use crate::store::Issued;
use crate::{Authority, CardKey, TrustError, extension, oid};

/// What a key on an HPKI card is for: cards carry one application for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StaffPurpose {
    /// Authentication of a person: logs in, appoints terminals, unlocks them.
    #[default]
    Authentication,
    /// Signing of documents, which binds the holder: never a login.
    Signature,
}

/// The order for one application of an HPKI card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffCard {
    /// What the key is for.
    pub purpose: StaffPurpose,
    /// Name in the certificate, as `Sakura Taro (simulated)`; the mark is added if it is missing.
    pub name: String,
    /// hcRole of the holder, as `Medical Doctor`; `None` for an administrator without a health-care role.
    pub role: Option<String>,
    /// First moment of validity.
    pub not_before: UnixMillis,
    /// Last moment of validity.
    pub not_after: UnixMillis,
}

/// What a virtual HPKI card is made from. The key is RSA-2048.
#[derive(Debug)]
pub struct StaffFiles {
    /// Key, certificate and CA certificate.
    pub key: CardKey,
}

impl StaffPurpose {
    /// Policies, and key usage: a signing certificate binds its holder, and can do nothing else.
    const fn profile(self) -> (&'static [ObjectIdentifier], KeyUsage) {
        match self {
            Self::Authentication => {
                (&[oid::HPKI_AUTHENTICATION, oid::SIMULATED_HPKI_AUTHENTICATION], KeyUsage::DIGITAL_SIGNATURE)
            }
            Self::Signature => (&[oid::HPKI_SIGNING], KeyUsage::NON_REPUDIATION),
        }
    }
}

/// Makes key and certificate and records it.
pub(crate) fn personalise(services: &Inner, order: &StaffCard) -> Result<StaffFiles, TrustError> {
    let authority = Authority::HealthcareStaff;
    let mark = if order.name.contains("simulated") { "" } else { " (simulated)" };
    let name = format!("{}{mark}", order.name);
    let (policies, usage) = order.purpose.profile();
    let mut extensions = vec![
        NewExtension::policies(policies),
        NewExtension::key_usage(usage),
        NewExtension::ocsp(&format!("{}/ocsp/{}", services.base_url, authority.name())),
        extension::crl_url(&format!("{}/crl/{}", services.base_url, authority.name())),
    ];
    if order.purpose == StaffPurpose::Authentication {
        extensions.push(NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false));
    }
    extensions.extend(order.role.as_deref().map(extension::healthcare_role));
    let key = services.leaf(authority, KeyKind::Rsa2048, |serial, spki| Template {
        subject: Name::new().country("JP").common_name(&name),
        serial,
        not_before: moment(order.not_before),
        not_after: moment(order.not_after),
        spki,
        extensions,
    })?;
    services.store.add_certificates(&[Issued {
        id: &key.id,
        person: None,
        fed: false,
        certificate: &key.certificate,
        at: services.clock.now(),
    }])?;
    Ok(StaffFiles { key })
}
