//! Puts what the simulated CAs issued onto a virtual card ◇.

use anyhow::Context as _;
use jushin_card::CardProfile;
use jushin_card::virtual_card::{CardKind, PersonalKey, Personalisation, Reselecting, TerminalCa};
use jushin_pki::CvKeyId;
use jushin_trust_services::{self as trust_services, CardFiles, CardKey};
use rand_core::RngCore;
use zeroize::Zeroizing;

/// PIN for user authentication of every simulated card.
pub(crate) const PIN: &str = "1234";
/// Password for signing of every simulated card.
pub(crate) const PASSWORD: &str = "ABC123";

/// A card of profile A with these files; its serial number comes from `generator`.
pub(crate) fn personalise(
    mut files: CardFiles,
    generator: &mut impl RngCore,
) -> anyhow::Result<Personalisation> {
    let signature = files.signature.take().context("a card without a signing certificate")?;
    Ok(with_signature(files, personal_key(signature, PASSWORD), generator))
}

/// The same with this key for signing documents.
pub(crate) fn with_signature(
    files: CardFiles,
    signature: PersonalKey,
    generator: &mut impl RngCore,
) -> Personalisation {
    Personalisation {
        kind: kind(files.kind),
        profile: CardProfile::A,
        authentication: personal_key(files.authentication, PIN),
        signature,
        terminal_ca: TerminalCa {
            key_id: CvKeyId::new(files.terminal_authority.key_id),
            spki: files.terminal_authority.spki,
        },
        denied: Vec::new(),
        reselecting: Reselecting::Forgets,
        serial: std::array::from_fn(|_| digit(generator)),
    }
}

/// The kind of virtual card that signs as the CA was told.
const fn kind(signs: trust_services::CardKind) -> CardKind {
    match signs {
        trust_services::CardKind::Rsa => CardKind::Jpki,
        trust_services::CardKind::RsaPss => CardKind::JpkiPss,
        trust_services::CardKind::P384 => CardKind::JpkiP384,
        trust_services::CardKind::Phone => CardKind::Phone,
    }
}

fn personal_key(key: CardKey, pin: &str) -> PersonalKey {
    PersonalKey {
        private_key: key.pkcs8,
        certificate: key.certificate,
        ca_certificate: key.authority,
        pin: Zeroizing::new(pin.as_bytes().to_vec()),
    }
}

fn digit(generator: &mut impl RngCore) -> u8 {
    b'0' + u8::try_from(generator.next_u32() % 10).unwrap_or_default()
}
