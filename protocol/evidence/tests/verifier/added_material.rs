//! What somebody without any key can add to a bundle changes no verdict, in whatever place it stands.

use crate::support::world::{Holder, MORNING, World, YEAR, key};
use crate::support::{Desk, Form, assert_first, first, report, world};
use jushin_corpus::forge::{P256_ORDER, twin};
use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Certificate, KeyKind, KeyUsage, Moment, Suite, oid};
use jushin_statement::{
    Administrator, AdministratorKind, Anchor, Bundle, Context, Embedded, Hash, Object, Presence, Signed,
    Status, TpmRecord, Visits,
};

/// An offline day, closed on the evening of the next.
fn opened_by(administrator: &Holder) -> Desk {
    let mut desk = Desk::new(Form::Demo);
    let key = Hash::of(administrator.key.spki());
    desk.bind(|binding| binding.administrators.push(Administrator { kind: AdministratorKind::Hpki, key }));
    desk.unlock();
    desk.power_on();
    desk.unlock_offline_by(administrator, Context::AdminActivate);
    desk.visit();
    desk.power_on();
    desk.unlock();
    desk.close();
    desk
}

fn staff_template(name: &str, spki: &[u8], until: i64) -> Template {
    Template {
        subject: Name::new().country("JP").common_name(name),
        serial: Hash::of(name.as_bytes()).0[..8].iter().map(|byte| byte & 0x7f | 1).collect(),
        not_before: Moment(MORNING - 3 * YEAR),
        not_after: Moment(until),
        spki: spki.to_vec(),
        extensions: vec![
            NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
            NewExtension::policies(&[oid::HPKI_AUTHENTICATION]),
        ],
    }
}

fn ca_template(name: &str, spki: &[u8]) -> Template {
    let signs = KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN);
    Template {
        extensions: vec![NewExtension::ca(Some(0)), NewExtension::key_usage(signs)],
        ..staff_template(name, spki, MORNING + YEAR)
    }
}

fn add_first_and_last<T: Clone>(
    bundle: &Bundle,
    list: impl Fn(&mut Bundle) -> &mut Vec<T>,
    added: &T,
) -> [Bundle; 2] {
    let [mut front, mut back] = [bundle.clone(), bundle.clone()];
    list(&mut front).insert(0, added.clone());
    list(&mut back).push(added.clone());
    [front, back]
}

#[test]
fn n7_7_the_other_form_of_a_tpms_signature_changes_no_verdict() {
    let mut desk = Desk::unlocked(Form::Tpm);
    desk.visit();
    desk.close();
    let bundle = desk.bundle();
    let expected = first(&bundle);
    assert_eq!(expected.status, Status::Valid);
    let Anchor::Online { stamp2, .. } = &desk.anchors[0].0 else { panic!("online") };
    let mut record = TpmRecord::decode(stamp2.as_bytes()).unwrap();
    record.time_signature = twin(&record.time_signature, &P256_ORDER).try_into().unwrap();
    let added = Signed(record.encode().into());
    for changed in add_first_and_last(&bundle, |bundle| &mut bundle.records, &added) {
        assert_eq!(first(&changed), expected);
    }
}

#[test]
fn an_old_certificate_of_the_administrators_card_changes_no_verdict() {
    let administrator = &world().administrator;
    let bundle = opened_by(administrator).bundle();
    let expected = first(&bundle);
    assert_eq!(expected.status, Status::Valid);
    let old = staff_template("administrator", administrator.key.spki(), MORNING - 2 * YEAR);
    let old: Certificate = world().staff_ca.issue(&old).unwrap();
    let is_offline = |anchor: &&Embedded<Anchor>| matches!(anchor.0, Anchor::Offline { .. });
    let Some(Embedded(Anchor::Offline { admin, .. })) = bundle.anchors.iter().find(is_offline) else {
        panic!("offline")
    };
    let added = Embedded(Anchor::Offline { admin: admin.clone(), certificate: old.der().into() });
    for mut changed in add_first_and_last(&bundle, |bundle| &mut bundle.anchors, &added) {
        assert_eq!(first(&changed), expected);
        changed.anchors.retain(|anchor| !is_offline(&anchor) || *anchor == added);
        assert_first(&changed, Status::Invalid, &[jushin_evidence::Reason::OfflineAnchor]);
    }
}

#[test]
fn a_strangers_certificate_over_a_cas_key_changes_no_verdict() {
    let (ca_key, card_key) = (key(KeyKind::Rsa2048), key(KeyKind::Rsa2048));
    let certificate = world().staff_ca.issue(&ca_template("staff CA below", ca_key.spki())).unwrap();
    let below = Issuer::new(certificate, ca_key.clone(), Suite::RsaPkcs1Sha256);
    let certificate = below.issue(&staff_template("admin", card_key.spki(), MORNING + YEAR)).unwrap();
    let desk = opened_by(&Holder { key: card_key, certificate });
    let mut bundle = desk.bundle();
    bundle.certificates.push(below.certificate().der().into());
    bundle.revocation.push(World::crl(&below, desk.now + 3_600_000, &[]).into());
    assert_first(&bundle, Status::Valid, &[]);
    let stranger = Template { extensions: vec![], ..ca_template("stranger", &[]) };
    let stranger = Issuer::self_signed(stranger, key(KeyKind::P256), Suite::P256Sha256X509).unwrap();
    let pretender = stranger.issue(&ca_template("staff CA below", ca_key.spki())).unwrap();
    bundle.certificates.push(pretender.der().into());
    assert_first(&bundle, Status::Valid, &[]);
}

#[test]
fn repeats_and_visits_of_made_up_elements_change_no_other_verdict() {
    let bundle = Desk::complete(Form::Demo).bundle();
    let expected = first(&bundle);
    let mut changed = bundle.clone();
    for _ in 0..2 {
        changed.anchors.extend(changed.anchors.clone());
        changed.certificates.extend(changed.certificates.clone());
        changed.revocation.extend(changed.revocation.clone());
    }
    let Visits::Full(visits) = &mut changed.visits else { panic!("a full bundle") };
    let mut made_up = visits[0].clone();
    let mut presence = Presence::decode(&made_up.presence).unwrap();
    presence.element = Hash::of(b"made up").first16();
    made_up.presence = presence.encode().into();
    visits.push(made_up);
    let found = report(&changed).visits;
    assert_eq!(found[0], expected);
    assert_eq!(found[1].reasons, [jushin_evidence::Reason::ElementCertificate]);
}
