//! V7: certificates that are none of a patient's card, and unusual ones that are.

use jushin_pki::issue::{Issuer, NewExtension};
use jushin_pki::{KeyKind, KeyUsage, ObjectIdentifier, Suite, oid};
use jushin_statement::Class;

use super::USUAL;
use super::card::refused;
use crate::answer::valid;
use crate::book::{Book, By};
use crate::forge::edited;
use crate::world::{card_extensions, key, leaf, root, signs};
use crate::{Edit, world};

const JPKI_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.3.10");
const UNKNOWN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.99999.1");

pub(super) fn write(book: &mut Book) {
    let mut v7 = book.chapter(7);
    let ca = &world().card_ca;
    let mut case = |name, what, ca: &Issuer, extensions: Vec<NewExtension>, answer| {
        let holder = leaf(ca, "patient 3", world().card.key.clone(), extensions);
        v7.case(
            name,
            By::Certifier,
            what,
            edited(&Edit { certificate: Some(holder.certificate), ..Edit::default() }),
            answer,
        );
    };
    let policy = || NewExtension::policies(&[oid::JPKI_USER_AUTHENTICATION_TEST]);
    let client = || NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false);
    let usage = NewExtension::key_usage;
    case(
        "card-under-a-ca-of-the-same-name",
        "A CA of the same name with another key issued it.",
        &world().other_card_ca,
        card_extensions(),
        refused(),
    );
    case(
        "card-under-another-ca",
        "A CA of another name issued it.",
        &root("another card CA", KeyKind::Rsa2048, vec![]),
        card_extensions(),
        refused(),
    );
    case(
        "card-under-the-staff-ca",
        "The CA of the staff cards issued it.",
        &world().staff_ca,
        card_extensions(),
        refused(),
    );
    case(
        "card-with-the-signing-certificate",
        "The certificate is the card's for signing.",
        ca,
        vec![
            usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION)),
            NewExtension::policies(&[JPKI_SIGNATURE]),
            client(),
        ],
        refused(),
    );
    case(
        "card-with-the-signing-policy",
        "The certificate has the policy for signing.",
        ca,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE), NewExtension::policies(&[JPKI_SIGNATURE]), client()],
        refused(),
    );
    case(
        "card-without-a-policy",
        "The certificate has no policy.",
        ca,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE), client()],
        refused(),
    );
    case(
        "card-with-a-staff-policy",
        "The certificate has the policy of staff cards.",
        ca,
        signs(&[oid::HPKI_AUTHENTICATION]),
        refused(),
    );
    case(
        "card-without-key-usage",
        "The certificate has no key usage.",
        ca,
        vec![policy(), client()],
        refused(),
    );
    case(
        "card-with-non-repudiation",
        "The key is for non-repudiation too.",
        ca,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION)), policy(), client()],
        refused(),
    );
    case(
        "card-key-signs-certificates",
        "The key may sign certificates.",
        ca,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::KEY_CERT_SIGN)), policy(), client()],
        refused(),
    );
    case(
        "card-key-signs-lists",
        "The key may sign revocation lists.",
        ca,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::CRL_SIGN)), policy(), client()],
        refused(),
    );
    case(
        "card-key-for-encryption",
        "The key is for encryption only.",
        ca,
        vec![usage(KeyUsage::KEY_ENCIPHERMENT), policy(), client()],
        refused(),
    );
    case(
        "card-is-a-server",
        "The extended key usage is a server's.",
        ca,
        vec![
            usage(KeyUsage::DIGITAL_SIGNATURE),
            policy(),
            NewExtension::extended_key_usage(&[oid::SERVER_AUTH], false),
        ],
        refused(),
    );
    case(
        "card-without-extended-key-usage",
        "There is no extended key usage: allowed.",
        ca,
        vec![usage(KeyUsage::DIGITAL_SIGNATURE), policy()],
        valid(USUAL, Class::Tight),
    );
    case(
        "card-with-more-policies",
        "There is another policy besides: allowed.",
        ca,
        vec![
            usage(KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::policies(&[UNKNOWN, oid::JPKI_USER_AUTHENTICATION_TEST]),
            client(),
        ],
        valid(USUAL, Class::Tight),
    );
    case(
        "card-is-a-ca",
        "The certificate is a CA's.",
        ca,
        vec![NewExtension::ca(None), usage(KeyUsage::DIGITAL_SIGNATURE), policy(), client()],
        refused(),
    );
    case(
        "card-with-an-unknown-critical-extension",
        "There is a critical extension that nobody knows.",
        ca,
        [card_extensions(), vec![NewExtension::new(UNKNOWN, true, vec![5, 0])]].concat(),
        refused(),
    );
    case(
        "card-with-an-unknown-extension",
        "There is an extension that nobody knows, not critical: allowed.",
        ca,
        [card_extensions(), vec![NewExtension::new(UNKNOWN, false, vec![5, 0])]].concat(),
        valid(USUAL, Class::Tight),
    );
    let key = key(KeyKind::Rsa2048);
    let middle = ca
        .issue(&crate::world::template("card CA below", key.spki(), crate::world::ca_extensions()))
        .unwrap();
    let middle = Issuer::new(middle, key, Suite::RsaPkcs1Sha256);
    let holder = leaf(&middle, "patient 3", world().card.key.clone(), card_extensions());
    let desk = edited(&Edit { certificate: Some(holder.certificate), ..Edit::default() });
    let mut bundle = desk.bundle();
    bundle.certificates.push(middle.certificate().der().into());
    v7.case(
        "card-under-one-more-ca",
        By::Certifier,
        "A CA below the trusted one issued it, and is there.",
        bundle,
        refused(),
    );
}
