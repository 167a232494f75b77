//! Paths of every profile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension};
use jushin_pki::name::Name;
use jushin_pki::path::validate;
use jushin_pki::{
    AsOf, Certificate, Crypto, KeyKind, KeyUsage, ObjectIdentifier, PathError, Profile, TrustAnchors,
    ValidPath, oid,
};

use support::{Key, NOW, YEAR, card, card_extensions, root, template, trust};

fn simulated() -> Profile {
    Profile::jpki_user_authentication().with_policy(oid::SIMULATED_USER_AUTHENTICATION)
}

fn judged(leaf: &Certificate, anchors: &TrustAnchors, profile: &Profile) -> Result<ValidPath, PathError> {
    validate(leaf, &[], anchors, profile, AsOf::At(NOW), &AwsLc)
}

fn leaf(issuer: &Issuer, extensions: Vec<NewExtension>) -> Certificate {
    let key = Key::new(KeyKind::P256);
    issuer.issue(&template(Name::new().common_name("leaf"), 7, key.key.spki(), extensions)).unwrap()
}

fn signs() -> NewExtension {
    NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE)
}

#[test]
fn a_simulated_card_needs_the_simulated_policy() {
    let issuer = root(KeyKind::Rsa2048);
    let card = card(&issuer, 2, Key::new(KeyKind::Rsa2048).key.spki());
    let path = judged(&card, &trust(&[&issuer]), &simulated()).unwrap();
    assert_eq!(path.key().kind(), KeyKind::Rsa2048);
    let refused = judged(&card, &trust(&[&issuer]), &Profile::jpki_user_authentication()).unwrap_err();
    assert!(matches!(refused, PathError::Policy { .. }), "{refused}");
}

#[test]
fn a_key_id_is_no_signature() {
    // The second root claims the first's key id by carrying its name and extension.
    let first = root(KeyKind::P256);
    let second = root(KeyKind::P256);
    let card = card(&first, 2, Key::new(KeyKind::P256).key.spki());
    let der = second.certificate().der();
    let own = second.certificate().subject_key_id().unwrap();
    let at = der.windows(20).position(|window| window == own).unwrap();
    let mut forged = der.to_vec();
    forged[at..at + 20].copy_from_slice(first.certificate().subject_key_id().unwrap());
    let anchors = TrustAnchors::from_certificates([Certificate::parse(&forged).unwrap()], &AwsLc).unwrap();
    assert_eq!(judged(&card, &anchors, &simulated()).err(), Some(PathError::Signature { tried: 1 }));
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    let issuer = root(KeyKind::P256);
    let unknown: ObjectIdentifier = "1.2.3.4".parse().unwrap();
    let with = |critical| {
        let extensions = vec![signs(), NewExtension::new(unknown, critical, vec![5, 0])];
        judged(&leaf(&issuer, extensions), &trust(&[&issuer]), &Profile::platform())
    };
    assert!(with(false).is_ok());
    assert_eq!(with(true).err(), Some(PathError::UnknownCriticalExtension { oid: "1.2.3.4".into() }));
}

#[test]
fn a_leaf_neither_signs_certificates_nor_lacks_key_usage() {
    let issuer = root(KeyKind::P256);
    let signs_certificates = KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::KEY_CERT_SIGN);
    for (extensions, found) in [
        (vec![], None),
        (vec![NewExtension::key_usage(KeyUsage::KEY_ENCIPHERMENT)], Some(KeyUsage::KEY_ENCIPHERMENT)),
        (vec![NewExtension::key_usage(signs_certificates)], Some(signs_certificates)),
    ] {
        let refused =
            judged(&leaf(&issuer, extensions), &trust(&[&issuer]), &Profile::platform()).unwrap_err();
        assert!(matches!(refused, PathError::KeyUsage { found: it, .. } if it == found), "{refused}");
    }
}

#[test]
fn an_element_says_what_it_is() {
    let issuer = root(KeyKind::P256);
    let refused = judged(&leaf(&issuer, vec![signs()]), &trust(&[&issuer]), &Profile::element());
    assert_eq!(refused.err(), Some(PathError::MissingExtension { oid: "2.25.154355430".into() }));
    let says = NewExtension::new(oid::ELEMENT, false, vec![0x84]);
    let element = leaf(&issuer, vec![signs(), says]);
    let path = judged(&element, &trust(&[&issuer]), &Profile::element()).unwrap();
    assert_eq!(path.leaf().extension(&oid::ELEMENT).unwrap().value, [0x84]);
}

#[test]
fn a_time_stamping_authority_does_nothing_else() {
    let issuer = root(KeyKind::P256);
    let judged = |purposes: &[ObjectIdentifier], critical| {
        let extensions = vec![signs(), NewExtension::extended_key_usage(purposes, critical)];
        judged(&leaf(&issuer, extensions), &trust(&[&issuer]), &Profile::time_stamping())
    };
    judged(&[oid::TIME_STAMPING], true).unwrap();
    for (purposes, critical) in [
        (&[oid::TIME_STAMPING][..], false),
        (&[oid::TIME_STAMPING, oid::CLIENT_AUTH], true),
        (&[oid::CLIENT_AUTH], true),
    ] {
        let refused = judged(purposes, critical).unwrap_err();
        assert!(matches!(refused, PathError::ExtendedKeyUsage { .. }), "{refused}");
    }
}

#[test]
fn an_hpki_certificate_for_signing_is_no_unlock_card() {
    let issuer = root(KeyKind::Rsa2048);
    let with = |policy, usage| {
        let extensions = vec![NewExtension::key_usage(usage), NewExtension::policies(&[policy])];
        let profile = Profile::hpki_authentication().with_policy(oid::SIMULATED_HPKI_AUTHENTICATION);
        judged(&leaf(&issuer, extensions), &trust(&[&issuer]), &profile)
    };
    with(oid::HPKI_AUTHENTICATION, KeyUsage::DIGITAL_SIGNATURE).unwrap();
    with(oid::SIMULATED_HPKI_AUTHENTICATION, KeyUsage::DIGITAL_SIGNATURE).unwrap();
    let refused = with(oid::HPKI_SIGNING, KeyUsage::DIGITAL_SIGNATURE).unwrap_err();
    assert!(matches!(refused, PathError::Policy { .. }), "{refused}");
    let refused = with(oid::HPKI_AUTHENTICATION, KeyUsage::NON_REPUDIATION).unwrap_err();
    assert!(matches!(refused, PathError::KeyUsage { .. }), "{refused}");
}

#[test]
fn a_policy_for_signing_beside_one_for_authentication_is_refused() {
    let issuer = root(KeyKind::P256);
    let both = NewExtension::policies(&[oid::HPKI_AUTHENTICATION, oid::HPKI_SIGNING]);
    let card = leaf(&issuer, vec![signs(), both]);
    let refused = judged(&card, &trust(&[&issuer]), &Profile::hpki_authentication()).unwrap_err();
    assert!(matches!(refused, PathError::Policy { .. }), "{refused}");
}

fn intermediate(issuer: &Issuer, name: &str, path_length: Option<u8>) -> Issuer {
    let key = Key::new(KeyKind::P256);
    let extensions = vec![NewExtension::ca(path_length), NewExtension::key_usage(KeyUsage::KEY_CERT_SIGN)];
    let template = template(Name::new().common_name(name), 9, key.key.spki(), extensions);
    Issuer::new(issuer.issue(&template).unwrap(), key.key, key.suite)
}

#[test]
fn cas_between_are_as_many_as_the_profile_and_they_allow() {
    let top = root(KeyKind::P256);
    let first = intermediate(&top, "first", Some(0));
    let second = intermediate(&first, "second", None);
    let extensions = vec![signs(), NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)];
    let others = [second.certificate().clone(), first.certificate().clone()];
    let judged = |issuer: &Issuer, profile: &Profile| {
        validate(&leaf(issuer, extensions.clone()), &others, &trust(&[&top]), profile, AsOf::At(NOW), &AwsLc)
    };

    let path = judged(&first, &Profile::time_stamping()).unwrap();
    assert_eq!(path.issuer(), first.certificate());
    assert_eq!(path.anchor(), top.certificate());
    let issuer_key = AwsLc.public_key(first.certificate().spki()).unwrap();
    assert_eq!(path.issuer_key().kind(), issuer_key.kind());

    let refused = judged(&second, &Profile::time_stamping()).err();
    assert_eq!(refused, Some(PathError::PathLength { found: 1, allowed: 0 }));
    let short = Profile { intermediates: 0, ..Profile::time_stamping() };
    assert_eq!(judged(&first, &short).err(), Some(PathError::PathLength { found: 1, allowed: 0 }));
}

#[test]
fn a_given_certificate_with_an_unusable_key_hides_no_ca() {
    let top = root(KeyKind::P256);
    let between = intermediate(&top, "between", None);
    let der = between.certificate().der();
    let spki = between.certificate().spki();
    let at = der.windows(spki.len()).position(|window| window == spki).unwrap() + spki.len() - 65;
    let mut changed = der.to_vec();
    changed[at] = 5; // no uncompressed point
    let others = [Certificate::parse(&changed).unwrap(), between.certificate().clone()];
    let below = leaf(&between, vec![signs(), NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)]);
    validate(&below, &others, &trust(&[&top]), &Profile::time_stamping(), AsOf::At(NOW), &AwsLc).unwrap();
}

#[test]
fn a_leaf_between_is_no_ca() {
    let top = root(KeyKind::P256);
    let key = Key::new(KeyKind::P256);
    let template = template(Name::new().common_name("between"), 9, key.key.spki(), vec![signs()]);
    let between = Issuer::new(top.issue(&template).unwrap(), key.key, key.suite);
    let below = leaf(&between, vec![signs(), NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)]);
    let others = [between.certificate().clone()];
    let refused =
        validate(&below, &others, &trust(&[&top]), &Profile::time_stamping(), AsOf::At(NOW), &AwsLc);
    assert!(matches!(refused, Err(PathError::NotACa { .. })));
}

/// The same bytes with the first of `old` replaced.
fn patched(certificate: &Certificate, old: &[u8], new: &[u8]) -> Certificate {
    let mut der = certificate.der().to_vec();
    let at = der.windows(old.len()).position(|window| window == old).unwrap();
    der[at..at + old.len()].copy_from_slice(new);
    Certificate::parse(&der).unwrap()
}

#[test]
fn a_ca_between_that_nobody_above_signed_issues_nothing() {
    // The stranger carries the root's name; what it issued is made to name the root's key as well.
    let [top, stranger] = [(); 2].map(|()| root(KeyKind::P256));
    let between = intermediate(&stranger, "between", None);
    let [own, wanted] = [&stranger, &top].map(|root| root.certificate().subject_key_id().unwrap());
    let others = [patched(between.certificate(), own, wanted)];
    assert_eq!(others[0].authority_key_id(), top.certificate().subject_key_id());
    let below = leaf(&between, vec![signs(), NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)]);
    let refused =
        validate(&below, &others, &trust(&[&top]), &Profile::time_stamping(), AsOf::At(NOW), &AwsLc);
    assert!(matches!(refused, Err(PathError::NoIssuer { anchors: 1, .. })), "{refused:?}");
}

#[test]
fn under_another_name_the_same_key_issues_nothing() {
    let key = Key::new(KeyKind::P256);
    let named = |name: &str| {
        let template = template(Name::new().common_name(name), 1, &[], vec![]);
        Issuer::self_signed(template, key.key.clone(), key.suite).unwrap()
    };
    let (trusted, other) = (named("trusted"), named("other"));
    let refused = judged(&leaf(&other, vec![signs()]), &trust(&[&trusted]), &Profile::platform());
    assert!(matches!(refused, Err(PathError::NoIssuer { .. })), "{refused:?}");

    let between = intermediate(&other, "between", None);
    let below = leaf(&between, vec![signs(), NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)]);
    let others = [between.certificate().clone()];
    let refused =
        validate(&below, &others, &trust(&[&trusted]), &Profile::time_stamping(), AsOf::At(NOW), &AwsLc);
    assert!(matches!(refused, Err(PathError::NoIssuer { .. })), "{refused:?}");
}

#[test]
fn an_unknown_critical_extension_of_a_ca_is_refused() {
    let key = Key::new(KeyKind::P256);
    let unknown = NewExtension::new("1.2.3.4".parse().unwrap(), true, vec![5, 0]);
    let root = template(Name::new().common_name("root"), 1, &[], vec![unknown]);
    let root = Issuer::self_signed(root, key.key, key.suite).unwrap();
    let refused = judged(&leaf(&root, vec![signs()]), &trust(&[&root]), &Profile::platform()).err();
    assert_eq!(refused, Some(PathError::UnknownCriticalExtension { oid: "1.2.3.4".into() }));
}

#[test]
fn a_ca_that_may_not_sign_certificates_is_no_anchor() {
    let top = root(KeyKind::P256);
    let key = Key::new(KeyKind::P256);
    let extensions = vec![NewExtension::ca(None), NewExtension::key_usage(KeyUsage::CRL_SIGN)];
    let template = template(Name::new().common_name("lists"), 9, key.key.spki(), extensions);
    let certificate = top.issue(&template).unwrap();
    let refused = TrustAnchors::from_certificates([certificate], &AwsLc).err();
    assert!(
        matches!(refused, Some(PathError::NotACa { key_usage: Some(KeyUsage::CRL_SIGN), .. })),
        "{refused:?}"
    );
}

/// A CA's name and key in a certificate that a stranger issued.
fn pretender(of: &Issuer, serial: u32) -> Certificate {
    let key = Key::new(KeyKind::P256);
    let stranger = template(Name::new().common_name("stranger"), 1, &[], vec![]);
    let stranger = Issuer::self_signed(stranger, key.key, key.suite).unwrap();
    let extensions = vec![NewExtension::ca(None), NewExtension::key_usage(KeyUsage::KEY_CERT_SIGN)];
    let same = template(Name::new().common_name("first"), serial, of.certificate().spki(), extensions);
    stranger.issue(&same).unwrap()
}

#[test]
fn a_certificate_that_pretends_to_be_a_ca_does_not_hide_the_ca() {
    let top = root(KeyKind::P256);
    let first = intermediate(&top, "first", None);
    let extensions = vec![signs(), NewExtension::extended_key_usage(&[oid::TIME_STAMPING], true)];
    let leaf = leaf(&first, extensions);
    for serial in 1..20 {
        let fake = pretender(&first, serial);
        for others in [[fake.clone(), first.certificate().clone()], [first.certificate().clone(), fake]] {
            let path =
                validate(&leaf, &others, &trust(&[&top]), &Profile::time_stamping(), AsOf::At(NOW), &AwsLc)
                    .unwrap();
            assert_eq!(path.issuer(), first.certificate());
        }
    }
}

#[test]
fn of_two_certificates_of_one_root_key_the_one_that_is_valid_counts() {
    let key = Key::new(KeyKind::P256);
    let with = |from: i64, until: i64| {
        let mut template = template(Name::new().common_name("root"), 1, &[], vec![]);
        (template.not_before, template.not_after) = (NOW.plus_millis(from), NOW.plus_millis(until));
        Issuer::self_signed(template, key.key.clone(), key.suite).unwrap()
    };
    let (old, renewed) = (with(-3 * YEAR, -YEAR), with(-YEAR, YEAR));
    let leaf = leaf(&renewed, vec![signs()]);
    for anchors in [trust(&[&old, &renewed]), trust(&[&renewed, &old])] {
        assert_eq!(judged(&leaf, &anchors, &Profile::platform()).unwrap().anchor(), renewed.certificate());
    }
    let refused = judged(&leaf, &trust(&[&old]), &Profile::platform()).err();
    assert!(matches!(refused, Some(PathError::Expired { .. })), "{refused:?}");
}

#[test]
fn cas_that_issued_each_other_lead_nowhere() {
    let key = [Key::new(KeyKind::P256), Key::new(KeyKind::P256)];
    let issuer = |own: usize, other: usize| {
        let names = ["one", "two"];
        let extensions = vec![NewExtension::ca(None), NewExtension::key_usage(KeyUsage::KEY_CERT_SIGN)];
        let parent = template(Name::new().common_name(names[other]), 1, &[], vec![]);
        let parent = Issuer::self_signed(parent, key[other].key.clone(), key[other].suite).unwrap();
        let template = template(Name::new().common_name(names[own]), 2, key[own].key.spki(), extensions);
        Issuer::new(parent.issue(&template).unwrap(), key[own].key.clone(), key[own].suite)
    };
    let (one, two) = (issuer(0, 1), issuer(1, 0));
    let others = [one.certificate().clone(), two.certificate().clone()];
    let below = leaf(&one, vec![signs()]);
    let profile = Profile { intermediates: 50, ..Profile::platform() };
    let refused = validate(&below, &others, &trust(&[&root(KeyKind::P256)]), &profile, AsOf::At(NOW), &AwsLc)
        .unwrap_err();
    assert!(matches!(refused, PathError::NoIssuer { .. } | PathError::Signature { .. }), "{refused}");
}

#[test]
fn every_changed_byte_of_a_card_certificate_is_refused() {
    let issuer = root(KeyKind::Rsa2048);
    let anchors = trust(&[&issuer]);
    let card = card(&issuer, 2, Key::new(KeyKind::Rsa2048).key.spki());
    for (at, changed) in support::mutations(card.der()) {
        if let Ok(changed) = Certificate::parse(&changed) {
            assert!(judged(&changed, &anchors, &simulated()).is_err(), "byte {at}");
        }
    }
}

#[test]
fn every_extension_of_a_card_is_known_to_the_profile_or_not_critical() {
    let issuer = root(KeyKind::P256);
    let mut extensions = card_extensions();
    for at in 0..extensions.len() {
        extensions[at].critical = true;
        let result = judged(&leaf(&issuer, extensions.clone()), &trust(&[&issuer]), &simulated());
        let known = [oid::KEY_USAGE, oid::EXTENDED_KEY_USAGE, oid::CERTIFICATE_POLICIES];
        assert_eq!(result.is_ok(), known.contains(&extensions[at].oid));
        extensions[at].critical = known[0] == extensions[at].oid || known[2] == extensions[at].oid;
    }
}
