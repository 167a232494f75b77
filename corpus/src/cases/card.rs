//! V7: the card's signature, its certificate, and the blind.

use jushin_pki::KeyKind;
use jushin_statement::{Alg, AuthenticationForm, Class, Context, Evidence, Presence};

use super::USUAL;
use crate::answer::{Answer, invalid, valid};
use crate::book::{Book, By};
use crate::forge::{P384_ORDER, closed, edited, flipped, open_day, sum, tampered, twin};
use crate::world::{Holder, card_extensions, key, leaf};
use crate::{Card, Desk, Edit, Form, world};

pub(super) fn write(book: &mut Book) {
    transplants(book);
    labels(book);
    numbers(book);
    keys(book);
    forms(book);
}

pub(super) fn refused() -> Answer {
    invalid(&[9])
}

/// What was changed after the element took it: the commit no longer fits either.
fn both() -> Answer {
    invalid(&[8, 9])
}

fn transplants(book: &mut Book) {
    let mut v7 = book.chapter(7);
    let mut two = open_day(Form::Demo);
    two.visit();
    two.wait(58_500);
    two.visit();
    let mut two = closed(two);
    two.visits[1].card_signature = two.visits[0].card_signature.clone();
    v7.case(
        "signature-of-another-visit",
        By::Host,
        "The second visit has the card signature of the first.",
        two,
        vec![valid(USUAL, Class::Tight), both()],
    );
    let mut desk = edited(&Edit { card: Card::Second, ..Edit::default() });
    let other = desk.visits.remove(0);
    let mut case = |name, by, what, change: &dyn Fn(&mut Evidence), answer| {
        v7.case(name, by, what, tampered(change), answer);
    };
    case(
        "signature-of-another-card",
        By::Host,
        "Another card's signature, with its own certificate in place.",
        &|evidence| evidence.card_signature = other.card_signature.clone(),
        both(),
    );
    case(
        "certificate-swapped",
        By::Host,
        "Another card's certificate stands beside the signature.",
        &|evidence| evidence.certificate = other.certificate.clone(),
        refused(),
    );
    case(
        "card-swapped",
        By::Host,
        "Signature, certificate and blind are another card's.",
        &|evidence| {
            evidence.card_signature = other.card_signature.clone();
            evidence.certificate = other.certificate.clone();
            evidence.blind = other.blind;
        },
        both(),
    );
    case(
        "signature-damaged",
        By::Stranger,
        "A bit of the card's signature is turned.",
        &|evidence| evidence.card_signature = flipped(&evidence.card_signature, 100).into(),
        both(),
    );
    case(
        "signature-missing",
        By::Host,
        "There is no card signature.",
        &|evidence| evidence.card_signature = Vec::new().into(),
        both(),
    );
    case(
        "signature-of-the-institution",
        By::Institution,
        "The institution's signature stands for the card's.",
        &|evidence| evidence.card_signature = evidence.authentication.clone(),
        both(),
    );
    case(
        "blind-of-another-session",
        By::Host,
        "The blind is another.",
        &|evidence| evidence.blind[0] ^= 1,
        refused(),
    );
    case(
        "certificate-damaged",
        By::Stranger,
        "A bit of the certificate's signature is turned.",
        &|evidence| {
            evidence.certificate = flipped(&evidence.certificate, evidence.certificate.len() - 1).into()
        },
        refused(),
    );
    case(
        "certificate-missing",
        By::Stranger,
        "There is no certificate.",
        &|evidence| evidence.certificate = Vec::new().into(),
        refused(),
    );
    case(
        "certificate-with-a-byte-more",
        By::Stranger,
        "A byte follows the certificate.",
        &|evidence| evidence.certificate = [&evidence.certificate[..], &[0]].concat().into(),
        refused(),
    );
    case(
        "institution-authenticated-otherwise",
        By::Institution,
        "EXTERNAL AUTHENTICATE has another signature: audit only.",
        &|evidence| evidence.authentication = vec![0; 256].into(),
        valid(USUAL, Class::Tight),
    );
    let certificate = world().second_card.certificate.clone();
    v7.case(
        "card-with-anothers-certificate",
        By::CardHolder,
        "The card showed another card's certificate.",
        edited(&Edit { certificate: Some(certificate), ..Edit::default() }),
        refused(),
    );
    v7.case(
        "card-signs-as-a-card-id",
        By::Institution,
        "The card signed under the context of a card ID.",
        edited(&Edit { context: Context::CardId, ..Edit::default() }),
        both(),
    );
    v7.case(
        "card-signs-as-an-administrator",
        By::Administrator,
        "The card signed under the context of an unlock.",
        edited(&Edit { context: Context::AdminActivate, ..Edit::default() }),
        both(),
    );
    v7.case(
        "card-ca-not-trusted",
        By::Certifier,
        "The card's CA is not trusted.",
        Desk::complete(Form::Demo),
        refused(),
    )
    .under("trust-without-card-ca");
}

fn labels(book: &mut Book) {
    let mut v7 = book.chapter(7);
    for (name, what, card, label) in [
        ("pss-labelled-pkcs1", "A PSS signature says RS256, to the element too.", Card::Pss, Alg::Rs256),
        ("pkcs1-labelled-pss", "A PKCS#1 signature says PS256, to the element too.", Card::Rsa, Alg::Ps256),
        ("rsa-labelled-es384", "An RSA signature says ES384, to the element too.", Card::Rsa, Alg::Es384),
        ("p384-labelled-rs256", "A P-384 signature says RS256, to the element too.", Card::P384, Alg::Rs256),
        ("rsa-labelled-es256", "An RSA signature says ES256, to the element too.", Card::Rsa, Alg::Es256),
        ("p384-labelled-es256", "A P-384 signature says ES256, to the element too.", Card::P384, Alg::Es256),
        ("rsa-labelled-eddsa", "An RSA signature says EdDSA, to the element too.", Card::Rsa, Alg::EdDsa),
    ] {
        v7.case(
            name,
            By::Host,
            what,
            edited(&Edit { card, label: Some(label), ..Edit::default() }),
            refused(),
        );
    }
    for (name, what, card, label) in [
        ("pss-relabelled-pkcs1", "A PSS signature says RS256 afterwards.", Card::Pss, Alg::Rs256),
        ("pkcs1-relabelled-pss", "A PKCS#1 signature says PS256 afterwards.", Card::Rsa, Alg::Ps256),
        ("rsa-relabelled-es384", "An RSA signature says ES384 afterwards.", Card::Rsa, Alg::Es384),
        ("p384-relabelled-rs256", "A P-384 signature says RS256 afterwards.", Card::P384, Alg::Rs256),
    ] {
        let desk = edited(&Edit { card, evidence: &|evidence| evidence.card_alg = label, ..Edit::default() });
        v7.case(name, By::Stranger, what, desk, both());
    }
}

/// What the element hashed is what stands in the evidence.
fn numbers(book: &mut Book) {
    let mut v7 = book.chapter(7);
    let mut case = |name, what, card, answer: &dyn Fn(&mut Vec<u8>), due| {
        v7.case(name, By::Host, what, edited(&Edit { card, answer, ..Edit::default() }), due);
    };
    case(
        "rsa-signature-of-255-bytes",
        "The last byte of the signature is missing.",
        Card::Rsa,
        &|signature| signature.truncate(255),
        refused(),
    );
    case(
        "rsa-signature-of-257-bytes",
        "A zero stands before the signature.",
        Card::Rsa,
        &|signature| signature.insert(0, 0),
        refused(),
    );
    case(
        "rsa-signature-with-a-byte-more",
        "A zero follows the signature.",
        Card::Rsa,
        &|signature| signature.push(0),
        refused(),
    );
    case("rsa-signature-zero", "The signature is 0.", Card::Rsa, &|signature| signature.fill(0), refused());
    case(
        "rsa-signature-one",
        "The signature is 1.",
        Card::Rsa,
        &|signature| {
            signature.fill(0);
            signature[255] = 1;
        },
        refused(),
    );
    case(
        "rsa-signature-all-ones",
        "The signature is 2^2048 − 1.",
        Card::Rsa,
        &|signature| signature.fill(0xff),
        refused(),
    );
    case(
        "p384-twin-signature",
        "s became n − s before the element hashed it: as valid.",
        Card::P384,
        &|signature| *signature = twin(signature, &P384_ORDER),
        valid(USUAL, Class::Tight),
    );
    case("p384-with-s-zero", "s is 0.", Card::P384, &|signature| signature[48..].fill(0), refused());
    case("p384-with-r-zero", "r is 0.", Card::P384, &|signature| signature[..48].fill(0), refused());
    case(
        "p384-with-s-the-order",
        "s is n.",
        Card::P384,
        &|signature| signature[48..].copy_from_slice(&P384_ORDER),
        refused(),
    );
    case(
        "p384-with-r-the-order",
        "r is n.",
        Card::P384,
        &|signature| signature[..48].copy_from_slice(&P384_ORDER),
        refused(),
    );
    case(
        "p384-signature-short",
        "The signature has 95 bytes.",
        Card::P384,
        &|signature| signature.truncate(95),
        refused(),
    );
    case(
        "p384-signature-in-der",
        "The signature is in DER instead of r and s.",
        Card::P384,
        &|signature| *signature = der(signature),
        refused(),
    );
    v7.case(
        "rsa-signature-plus-modulus",
        By::Host,
        "The modulus was added to the signature.",
        plus_modulus(),
        refused(),
    );
}

fn der(signature: &[u8]) -> Vec<u8> {
    let mut writer = jushin_pki::der::Writer::new();
    writer.nest(jushin_pki::der::tag::SEQUENCE, |numbers| {
        numbers.unsigned(&signature[..48]);
        numbers.unsigned(&signature[48..]);
    });
    writer.into_bytes()
}

/// s + N of the same length, which is the same number modulo N. Not every signature has one: another
/// challenge of the card makes another signature.
fn plus_modulus() -> Desk {
    // A modulus that leaves room.
    let key =
        std::iter::repeat_with(|| key(KeyKind::Rsa2048)).find(|key| modulus(key.spki())[0] < 0xd8).unwrap();
    let modulus = modulus(key.spki());
    let holder = leaf(&world().card_ca, "patient 5", key, card_extensions());
    (0_u64..)
        .find_map(|attempt| {
            let challenge = jushin_statement::CardChallenge::new(&attempt.to_be_bytes()).unwrap();
            let fits = std::cell::Cell::new(false);
            let desk = edited(&Edit {
                holder: Some(&holder),
                presence: &|presence| presence.challenge = challenge.clone(),
                answer: &|signature| {
                    if let Some(longer) = sum(signature, &modulus) {
                        *signature = longer;
                        fits.set(true);
                    }
                },
                ..Edit::default()
            });
            fits.get().then_some(desk)
        })
        .unwrap()
}

/// The 256 bytes before the exponent, five bytes from the end.
fn modulus(spki: &[u8]) -> Vec<u8> {
    spki[spki.len() - 5 - 256..spki.len() - 5].to_vec()
}

fn keys(book: &mut Book) {
    let mut v7 = book.chapter(7);
    let with = |kind| leaf(&world().card_ca, "patient 4", key(kind), card_extensions());
    let (p256, long) = (with(KeyKind::P256), with(KeyKind::RsaOther));
    let mut case = |name, what, holder: &Holder, label| {
        v7.case(
            name,
            By::CardHolder,
            what,
            edited(&Edit { holder: Some(holder), label, ..Edit::default() }),
            refused(),
        );
    };
    case("card-with-a-p256-key", "The card's key is on P-256, and it signs ES256.", &p256, None);
    case(
        "card-with-a-p256-key-labelled-es384",
        "The card's key is on P-256, and the signature says ES384.",
        &p256,
        Some(Alg::Es384),
    );
    case("card-with-a-long-key", "The card's key has 3072 bits.", &long, None);
}

fn forms(book: &mut Book) {
    use AuthenticationForm::{CardBindsInstitution, OpensState};
    let mut v7 = book.chapter(7);
    for (name, what, stated, followed) in [
        (
            "card-that-binds-no-institution",
            "The card signed the bare digest; that it signed over the institution is claimed.",
            CardBindsInstitution,
            OpensState,
        ),
        (
            "card-that-binds-an-institution-unsaid",
            "The card signed over the institution; the bare digest is claimed.",
            OpensState,
            CardBindsInstitution,
        ),
    ] {
        let presence = |presence: &mut Presence| presence.form = stated;
        let desk = edited(&Edit { presence: &presence, form: Some(followed), ..Edit::default() });
        v7.case(name, By::Host, what, desk, refused());
    }
}
