//! Keys, certificates and cards for the tests. Keys are made once per test program.

use std::sync::{Arc, LazyLock};

use jushin_card::terminal_auth::external_authenticate_message;
use jushin_card::virtual_card::{CardKind, PersonalKey, Personalisation, Reselecting, TerminalCa};
use jushin_card::{CardProfile, VirtualCard};
use jushin_crypto::AwsLc;
use jushin_pki::cv::{CvCertificate, CvKeyId};
use jushin_pki::{Crypto, KeyKind, PrivateKey, PublicKey, Suite};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use zeroize::Zeroizing;

pub(crate) const PIN: &str = "1234";
pub(crate) const PASSWORD: &str = "ABC123";

/// An institution's key and its CV certificate.
pub(crate) struct Institution {
    pub(crate) key: Arc<dyn PrivateKey>,
    pub(crate) certificate: CvCertificate,
}

impl Institution {
    fn new(issuer: &dyn PrivateKey, issuer_key_id: CvKeyId, code: &str) -> Self {
        let key = AwsLc.generate(KeyKind::Rsa2048).unwrap();
        let subject = CvKeyId::for_institution(code, [0, 0, 0, 0, 1]).unwrap();
        let certificate = CvCertificate::issue(issuer, issuer_key_id, subject, key.spki()).unwrap();
        Self { key, certificate }
    }

    /// What its element answers to a card's challenge; for profile B with the digest covered.
    pub(crate) fn external_authenticate(&self, challenge: &[u8], covered: Option<&[u8]>) -> Vec<u8> {
        let message = external_authenticate_message(challenge, self.certificate.subject_key_id(), covered);
        self.key.sign(Suite::RsaPkcs1Sha256, &message).unwrap()
    }
}

/// Everything that is slow to make.
pub(crate) struct World {
    pub(crate) ca_key_id: CvKeyId,
    pub(crate) ca: Arc<dyn PrivateKey>,
    pub(crate) institution: Institution,
    pub(crate) other_institution: Institution,
    /// Under a CA that no card knows.
    pub(crate) stranger: Institution,
    pub(crate) rsa: [Zeroizing<Vec<u8>>; 2],
    pub(crate) p384: [Zeroizing<Vec<u8>>; 2],
}

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| {
    let ca = AwsLc.generate(KeyKind::Rsa2048).unwrap();
    let ca_key_id = CvKeyId::new(*b"9000000000000000");
    let stored = |kind| [(); 2].map(|()| AwsLc.generate_stored(kind).unwrap());
    World {
        institution: Institution::new(ca.as_ref(), ca_key_id, "1312345679"),
        other_institution: Institution::new(ca.as_ref(), ca_key_id, "2712345673"),
        stranger: Institution::new(ca.as_ref(), CvKeyId::new(*b"9999999999999999"), "1312345679"),
        rsa: stored(KeyKind::Rsa2048),
        p384: stored(KeyKind::P384),
        ca,
        ca_key_id,
    }
});

/// Stands for a certificate: the card and its reader look at nothing but the length.
pub(crate) fn certificate(length: u16, fill: u8) -> Vec<u8> {
    let [high, low] = (length - 4).to_be_bytes();
    let mut bytes = vec![fill; usize::from(length)];
    bytes[..4].copy_from_slice(&[0x30, 0x82, high, low]);
    bytes
}

pub(crate) fn personalisation(kind: CardKind, profile: CardProfile) -> Personalisation {
    let [authentication, signature] = match kind {
        CardKind::JpkiP384 => &WORLD.p384,
        CardKind::Jpki | CardKind::JpkiPss | CardKind::Phone => &WORLD.rsa,
    };
    let key = |private_key: &Zeroizing<Vec<u8>>, length, fill, pin: &str| PersonalKey {
        private_key: private_key.clone(),
        certificate: certificate(length, fill),
        ca_certificate: certificate(1333, fill + 1),
        pin: Zeroizing::new(pin.as_bytes().to_vec()),
    };
    Personalisation {
        kind,
        profile,
        authentication: key(authentication, 1590, 0xA0, PIN),
        signature: key(signature, 1758, 0xB0, PASSWORD),
        terminal_ca: TerminalCa { key_id: WORLD.ca_key_id, spki: WORLD.ca.spki().to_vec() },
        denied: Vec::new(),
        reselecting: Reselecting::Forgets,
        serial: *b"0000000000000001",
    }
}

pub(crate) fn card_of(personalisation: Personalisation) -> VirtualCard {
    let rng = ChaCha20Rng::seed_from_u64(7);
    VirtualCard::new(personalisation, Arc::new(AwsLc), Box::new(rng)).unwrap()
}

pub(crate) fn card(kind: CardKind, profile: CardProfile) -> VirtualCard {
    card_of(personalisation(kind, profile))
}

/// The public half of a card's key for user authentication.
pub(crate) fn authentication_key(kind: CardKind) -> Arc<dyn PublicKey> {
    let key = AwsLc.private_key(&personalisation(kind, CardProfile::A).authentication.private_key).unwrap();
    AwsLc.public_key(key.spki()).unwrap()
}

/// A Sig_structure as far as the card is concerned.
pub(crate) fn statement(content: &str) -> Vec<u8> {
    [b"\x84\x6ASignature1", content.as_bytes()].concat()
}
