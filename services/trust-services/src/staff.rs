//! HPKI cards of administrators and doctors.

use jushin_pki::issue::{NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{KeyKind, KeyUsage};
use jushin_statement::UnixMillis;

use crate::authority::moment;
use crate::services::Inner;
use crate::store::Issued;
use crate::{Authority, CardKey, TrustError, extension, oid};

/// The order for an HPKI authentication card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffCard {
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
    /// Key, certificate and CA certificate for authentication.
    pub authentication: CardKey,
}

/// Makes key and certificate and records it.
pub(crate) fn personalise(services: &Inner, order: &StaffCard) -> Result<StaffFiles, TrustError> {
    let authority = Authority::HealthcareStaff;
    let mark = if order.name.contains("simulated") { "" } else { " (simulated)" };
    let name = format!("{}{mark}", order.name);
    let mut extensions = vec![
        NewExtension::policies(&[oid::HPKI_AUTHENTICATION, oid::SIMULATED_HPKI_AUTHENTICATION]),
        NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false),
        NewExtension::ocsp(&format!("{}/ocsp/{}", services.base_url, authority.name())),
        extension::crl_url(&format!("{}/crl/{}", services.base_url, authority.name())),
    ];
    extensions.extend(order.role.as_deref().map(extension::healthcare_role));
    let authentication = services.leaf(authority, KeyKind::Rsa2048, |serial, spki| Template {
        subject: Name::new().country("JP").common_name(&name),
        serial,
        not_before: moment(order.not_before),
        not_after: moment(order.not_after),
        spki,
        extensions,
    })?;
    services.store.add_certificates(&[Issued {
        id: &authentication.id,
        person: None,
        fed: false,
        certificate: &authentication.certificate,
        at: services.clock.now(),
    }])?;
    Ok(StaffFiles { authentication })
}
