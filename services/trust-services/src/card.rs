//! What goes onto a virtual card of a person.

use std::fmt;

use jushin_pki::issue::{NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{KeyKind, KeyUsage, Moment};
use jushin_statement::UnixMillis;
use zeroize::Zeroizing;

use crate::authority::moment;
use crate::services::Inner;
use crate::store::Issued;
use crate::{Authority, CertificateId, Person, PersonId, TrustError, extension, oid};

/// How the card signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// RSA-2048, PKCS#1 v1.5: today's card.
    Rsa,
    /// RSA-2048, the card answers with PSS; its files are those of [`CardKind::Rsa`].
    RsaPss,
    /// ECDSA P-384: the next card.
    P384,
    /// A certificate in a phone, RSA-2048.
    Phone,
}

/// Which generation of the CA for user authentication signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The one that ends first.
    First,
    /// The newest.
    Second,
}

/// The order for one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCard {
    /// Who gets it; must be in the register.
    pub person: PersonId,
    /// How it signs.
    pub kind: CardKind,
    /// Which CA generation signs its authentication certificate.
    pub generation: Generation,
    /// First moment of validity.
    pub not_before: UnixMillis,
    /// Last moment of validity, whole seconds; `None`: the fifth birthday after `not_before`, 23:59:59 in Japan.
    pub not_after: Option<UnixMillis>,
    /// Whether a signing certificate goes onto it too (persons under 15 may have none).
    pub with_signature: bool,
}

/// A key with its certificate and the certificate of the CA.
pub struct CardKey {
    /// Private key, PKCS#8 DER.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// Certificate, DER.
    pub certificate: Vec<u8>,
    /// Certificate of its CA, DER.
    pub authority: Vec<u8>,
    /// How the certificate is named.
    pub id: CertificateId,
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardKey(certificate of {} bytes)", self.certificate.len())
    }
}

/// Whose CV certificates a card accepts (EF 0016).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalAuthority {
    /// Key id of the CA for institutions, 16 bytes, beginning with `9`.
    pub key_id: [u8; 16],
    /// Its RSA-2048 key, DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

/// What a virtual card is made from.
#[derive(Debug)]
pub struct CardFiles {
    /// How it signs.
    pub kind: CardKind,
    /// For user authentication (EF 000A, 000B, 0017).
    pub authentication: CardKey,
    /// For signing documents (EF 0001, 0002, 001A).
    pub signature: Option<CardKey>,
    /// Whose institutions it accepts (EF 0016).
    pub terminal_authority: TerminalAuthority,
}

/// Makes keys and certificates and records them.
pub(crate) fn personalise(services: &Inner, order: &PersonCard) -> Result<CardFiles, TrustError> {
    let person = services.store.person(order.person)?.ok_or(TrustError::UnknownPerson(order.person))?;
    let validity = validity(order, &person)?;
    let kind = match order.kind {
        CardKind::P384 => KeyKind::P384,
        CardKind::Rsa | CardKind::RsaPss | CardKind::Phone => KeyKind::Rsa2048,
    };
    let authority = Authority::of_generation(order.generation);
    let authentication = services.leaf(authority, kind, |serial, spki| Template {
        subject: Name::new().country("JP").common_name(&opaque_name(services, &person)),
        serial,
        not_before: validity.0,
        not_after: validity.1,
        spki,
        extensions: authentication_extensions(services, authority, &person),
    })?;
    let signature = if order.with_signature {
        Some(services.leaf(Authority::DigitalSignature, kind, |serial, spki| {
            Template {
                subject: Name::new()
                    .country("JP")
                    .locality(&person.prefecture)
                    .locality(&person.municipality)
                    .common_name(&digits(services)),
                serial,
                not_before: validity.0,
                not_after: validity.1,
                spki,
                extensions: signature_extensions(services, &person),
            }
        })?)
    } else {
        None
    };
    let at = services.clock.now();
    let keys = std::iter::once((&authentication, true)).chain(signature.iter().map(|key| (key, false)));
    let issued: Vec<_> = keys
        .map(|(key, fed)| Issued {
            id: &key.id,
            person: Some(order.person),
            fed,
            certificate: &key.certificate,
            at,
        })
        .collect();
    services.store.add_certificates(&issued)?;
    let terminal_authority = services.keys.institutions.terminal_authority();
    Ok(CardFiles { kind: order.kind, authentication, signature, terminal_authority })
}

/// JPKI's profile for user authentication. The policies are that of JPKI's test cards and our own mark.
fn authentication_extensions(services: &Inner, authority: Authority, person: &Person) -> Vec<NewExtension> {
    vec![
        extension::card_policies(
            [oid::JPKI_USER_AUTHENTICATION_TEST, oid::SIMULATED_USER_AUTHENTICATION],
            &format!("{}/", services.base_url),
        ),
        NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false),
        NewExtension::issuer_alt_name(&issuer_alt_name()),
        NewExtension::crl_distribution_point(&distribution_point(person)),
        NewExtension::ocsp(&format!("{}/ocsp/{}", services.base_url, authority.name())),
    ]
}

/// JPKI's profile for signing: the four attributes, no OCSP.
fn signature_extensions(services: &Inner, person: &Person) -> Vec<NewExtension> {
    vec![
        extension::card_policies(
            [oid::JPKI_DIGITAL_SIGNATURE_TEST, oid::SIMULATED_DIGITAL_SIGNATURE],
            &format!("{}/", services.base_url),
        ),
        NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION)),
        extension::four_attributes(person),
        NewExtension::issuer_alt_name(&issuer_alt_name()),
        NewExtension::crl_distribution_point(&distribution_point(person)),
    ]
}

fn issuer_alt_name() -> Name {
    Name::new()
        .country("JP")
        .organization("公的個人認証サービス（模擬）")
        .unit("利用者証明用電子証明書（模擬）")
}

fn distribution_point(person: &Person) -> Name {
    Name::new()
        .country("JP")
        .organization("JPKI-SIMULATED")
        .unit("CRL Distribution Points")
        .unit(&person.prefecture)
        .common_name(&format!("{} CRLDP", person.municipality))
}

/// The shape of a real one: 14 letters and digits, the municipality, three digits and a letter.
fn opaque_name(services: &Inner, person: &Person) -> String {
    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNPQRSTUVW";
    let symbols = services.random.bytes::<14>();
    let symbol = |byte: u8| SYMBOLS.get(usize::from(byte & 31)).copied().map_or('0', char::from);
    let opaque: String = symbols.into_iter().map(symbol).collect();
    format!("{opaque}{}001A", person.municipality_code)
}

fn digits(services: &Inner) -> String {
    services.random.bytes::<23>().into_iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

fn validity(order: &PersonCard, person: &Person) -> Result<(Moment, Moment), TrustError> {
    let not_before = moment(order.not_before);
    let not_after = match order.not_after {
        Some(at) => Some(moment(at)),
        None => fifth_birthday(not_before, person.birth),
    };
    let not_after = not_after.ok_or_else(|| TrustError::Profile {
        what: "card".into(),
        reason: format!("{:?} is no date of birth", person.birth),
    })?;
    Ok((not_before, not_after))
}

/// The fifth birthday after `from`, 23:59:59 in Japan; 28 February for those born on a leap day.
fn fifth_birthday(from: Moment, (_, month, day): (i16, i8, i8)) -> Option<Moment> {
    const NINE_HOURS_MS: i64 = 9 * 3_600_000;
    let (month, day) = (i64::from(month), i64::from(day));
    let [year, now_month, now_day, ..] = from.plus_millis(NINE_HOURS_MS).to_utc();
    let first = if (month, day) > (now_month, now_day) { year } else { year + 1 };
    let end = |day| Moment::from_utc(first + 4, month, day, 23, 59, 59);
    let leap_day = (month, day) == (2, 29);
    end(day).or_else(|| end(28).filter(|_| leap_day)).map(|end| end.plus_millis(-NINE_HOURS_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_ends_on_the_fifth_birthday() {
        let issued = Moment::from_utc(2025, 10, 1, 0, 0, 0).unwrap();
        for (birth, end) in [
            ((1980, 2, 17), "2030-02-17T14:59:59Z"),
            ((1980, 10, 1), "2030-10-01T14:59:59Z"),
            ((1980, 10, 2), "2029-10-02T14:59:59Z"),
            ((2000, 2, 29), "2030-02-28T14:59:59Z"),
        ] {
            assert_eq!(fifth_birthday(issued, birth).unwrap().to_string(), end, "{birth:?}");
        }
        let evening = Moment::from_utc(2025, 10, 1, 15, 0, 0).unwrap();
        let end = fifth_birthday(evening, (1980, 10, 2)).unwrap();
        assert_eq!(end.to_string(), "2030-10-02T14:59:59Z", "it is the 2nd in Japan");
        assert_eq!(fifth_birthday(issued, (1980, 13, 1)), None);
        assert_eq!(fifth_birthday(issued, (1980, 4, 31)), None);
    }
}
