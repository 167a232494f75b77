//! Negative tests of V6 to V8: commit, card, certificate status.

use crate::support::world::{MORNING, World, YEAR};
use crate::support::{Card, Desk, Edit, Form, assert_first, first, report, report_under, world};
use jushin_corpus::forge::{P256_ORDER, resigned, twin};
use jushin_evidence::{Check, CheckOutcome, Reason};
use jushin_statement::{
    Alg, AuthenticationForm, Class, CommitOutcome, Context, Evidence, Hash, HolderCheck, Id16, Object,
    Presence, Purpose, Signed, Status, Visits,
};

/// A desk whose one visit was edited before it was signed.
fn edited(edit: &Edit<'_>) -> Desk {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit_with(edit);
    desk.close();
    desk
}

/// A valid desk whose evidence was changed afterwards.
fn changed(change: impl Fn(&mut Evidence)) -> Desk {
    let mut desk = Desk::complete(Form::Demo);
    change(&mut desk.visits[0]);
    desk
}

fn change_presence(change: impl Fn(&mut Presence)) -> Desk {
    changed(|evidence| {
        let mut presence = Presence::decode(&evidence.presence).unwrap();
        change(&mut presence);
        evidence.presence = presence.encode().into();
    })
}

#[track_caller]
fn refused(desk: &Desk, reasons: &[Reason]) {
    assert_first(&desk.bundle(), Status::Invalid, reasons);
}

#[test]
fn n3_1_the_signature_over_another_session_is_refused() {
    let mut desk = Desk::unlocked(Form::Demo);
    desk.visit();
    desk.wait(60_000);
    desk.visit();
    let signature = desk.visits[0].card_signature.clone();
    desk.visits[1].card_signature = signature;
    let visit = &report(&desk.bundle()).visits[1];
    assert_eq!(visit.reasons, [Reason::Commit, Reason::CardSignature]);
}

#[test]
fn n3_2_a_card_that_is_not_the_certificates_is_refused() {
    let certificate = world().second_card.certificate.clone();
    refused(&edited(&Edit { certificate: Some(certificate), ..Edit::default() }), &[Reason::CardSignature]);
}

#[test]
fn n3_3_a_certificate_that_was_swapped_is_refused() {
    let other = world().second_card.certificate.der().to_vec();
    refused(&changed(|evidence| evidence.certificate = other.clone().into()), &[Reason::CardSignature]);
}

#[test]
fn n3_7_a_session_longer_than_the_binding_allows_is_refused() {
    let mut late = Desk::new(Form::Demo);
    late.bind(|binding| binding.policy.session_ticks = 1_499);
    late.unlock();
    late.visit();
    refused(&late, &[Reason::Commit]);
}

#[test]
fn n3_8_a_certificate_of_a_card_ca_that_is_not_trusted_is_refused() {
    let template = jushin_pki::issue::Template {
        subject: jushin_pki::name::Name::new().common_name("patient"),
        serial: vec![5],
        not_before: jushin_pki::Moment(MORNING - YEAR),
        not_after: jushin_pki::Moment(MORNING + YEAR),
        spki: world().card.key.spki().to_vec(),
        extensions: crate::support::world::card_extensions(),
    };
    let foreign = world().other_card_ca.issue(&template).unwrap();
    refused(&edited(&Edit { certificate: Some(foreign), ..Edit::default() }), &[Reason::CardSignature]);
}

#[test]
fn a_certificate_that_is_not_for_authentication_is_refused() {
    let server = world().time_stamper[0].certificate.clone();
    refused(&edited(&Edit { certificate: Some(server), ..Edit::default() }), &[Reason::CardSignature]);
}

#[test]
fn a_commit_that_is_no_ok_is_refused() {
    for outcome in [CommitOutcome::Aborted, CommitOutcome::TooLate] {
        let desk = edited(&Edit {
            commit: &|commit| (commit.outcome, commit.card_signature) = (outcome, None),
            ..Edit::default()
        });
        refused(&desk, &[Reason::Commit]);
    }
}

#[test]
fn a_commit_that_does_not_fit_its_presence_is_refused() {
    let edits: [&dyn Fn(&mut jushin_statement::Commit); 5] = [
        &|commit| commit.presence = Hash::ZERO,
        &|commit| commit.card_signature = Some(Hash::ZERO),
        &|commit| commit.ticks.count = 0,
        &|commit| commit.ticks.cycle = Id16([3; 16]),
        &|commit| commit.counter += 1,
    ];
    for commit in edits {
        let found = first(&edited(&Edit { commit, ..Edit::default() }).bundle());
        assert!(found.reasons.contains(&Reason::Commit), "{:?}", found.reasons);
        assert!(!found.is_valid());
    }
    let unchained = edited(&Edit { commit: &|commit| commit.previous = Hash::of(b"x"), ..Edit::default() });
    assert!(first(&unchained.bundle()).reasons.contains(&Reason::Commit));
}

#[test]
fn a_commit_that_the_element_did_not_sign_is_refused() {
    let desk = changed(|evidence| {
        let parsed = evidence.commit.parse().unwrap();
        let mut signature = parsed.signature.to_vec();
        signature[40] ^= 1;
        evidence.commit = Signed::assemble(Alg::Es256, None, parsed.payload, &signature);
    });
    refused(&desk, &[Reason::Commit]);
}

#[test]
fn a_record_of_another_type_in_place_of_the_commit_is_malformed() {
    let mut desk = Desk::complete(Form::Demo);
    desk.visits[0].commit = desk.records[0].clone();
    refused(&desk, &[Reason::Malformed]);
    let malformed = changed(|evidence| evidence.presence = vec![0x80].into());
    refused(&malformed, &[Reason::Malformed]);
}

#[test]
fn n3_13_a_signature_under_the_card_id_context_is_no_presence() {
    // Neither the element's hash nor the card's signature is over these bytes under the presence context.
    let desk = edited(&Edit { context: Context::CardId, ..Edit::default() });
    refused(&desk, &[Reason::Commit, Reason::CardSignature]);
}

#[test]
fn n3_14_a_consent_that_was_altered_after_signing_is_refused() {
    let consent = edited(&Edit {
        presence: &|presence| {
            (presence.purpose, presence.consent) = (Purpose::CheckInAndConsent, Some(Hash::of(b"consent")));
        },
        ..Edit::default()
    });
    assert_first(&consent.bundle(), Status::Valid, &[]);
    let mut altered = consent;
    let mut presence = Presence::decode(&altered.visits[0].presence).unwrap();
    presence.consent = Some(Hash::of(b"another consent"));
    altered.visits[0].presence = presence.encode().into();
    refused(&altered, &[Reason::Commit, Reason::CardSignature]);
}

#[test]
fn n3_11_a_holder_check_that_the_binding_does_not_allow_is_refused() {
    let desk =
        edited(&Edit { presence: &|presence| presence.method = HolderCheck::PhotoVisual, ..Edit::default() });
    refused(&desk, &[Reason::Presence]);
}

#[test]
fn n3_17_the_blind_of_another_session_is_refused_and_one_of_another_length_malformed() {
    refused(&changed(|evidence| evidence.blind[0] ^= 1), &[Reason::CardSignature]);
    let encoded = Desk::complete(Form::Demo).visits[0].encode();
    assert!(Evidence::decode(&encoded).is_ok());
    let blind = Desk::complete(Form::Demo).visits[0].blind;
    let at = encoded.windows(32).position(|window| window == blind).unwrap();
    let mut shorter = [&encoded[..at], &encoded[at + 1..]].concat();
    shorter[at - 1] = 31;
    assert!(Evidence::decode(&shorter).is_err());
}

#[test]
fn n3_19_pss_labelled_as_pkcs1_and_the_reverse_are_refused() {
    for (card, label) in [(Card::Pss, Alg::Rs256), (Card::Rsa, Alg::Ps256)] {
        let desk = edited(&Edit { card, evidence: &|evidence| evidence.card_alg = label, ..Edit::default() });
        refused(&desk, &[Reason::Commit, Reason::CardSignature]);
    }
}

#[test]
fn n7_8_a_label_that_does_not_fit_the_key_is_refused() {
    for (card, label) in
        [(Card::Rsa, Alg::Es384), (Card::P384, Alg::Rs256), (Card::Rsa, Alg::Es256), (Card::Rsa, Alg::EdDsa)]
    {
        let desk = edited(&Edit { card, evidence: &|evidence| evidence.card_alg = label, ..Edit::default() });
        let found = first(&desk.bundle());
        assert!(found.reasons.contains(&Reason::CardSignature) && found.status == Status::Invalid);
    }
}

#[test]
fn n3_20_a_desk_that_was_changed_after_signing_is_refused() {
    let desk = change_presence(|presence| presence.desk = Some(Id16([1; 16])));
    refused(&desk, &[Reason::Commit, Reason::CardSignature]);
}

#[test]
fn every_field_of_a_presence_is_held_by_the_card_and_the_element() {
    let changes: [&dyn Fn(&mut Presence); 8] = [
        &|presence| presence.institution = jushin_statement::InstitutionCode::new("1312345679").unwrap(),
        &|presence| presence.nonce = Id16([9; 16]),
        &|presence| presence.ticks.count += 1,
        &|presence| presence.method = HolderCheck::Pin,
        &|presence| presence.method_record = None,
        &|presence| presence.purpose = Purpose::Emergency,
        &|presence| presence.beacon = Some(Hash::ZERO),
        &|presence| presence.previous = Hash::of(b"another"),
    ];
    for change in changes {
        let found = first(&change_presence(change).bundle());
        assert_eq!(found.status, Status::Invalid);
        assert!(found.reasons.contains(&Reason::Commit) && found.reasons.contains(&Reason::CardSignature));
    }
}

#[test]
fn a_card_of_profile_c_that_signed_the_bare_digest_is_refused() {
    let stated = edited(&Edit {
        presence: &|presence| presence.form = AuthenticationForm::CardBindsInstitution,
        form: Some(AuthenticationForm::OpensState),
        ..Edit::default()
    });
    refused(&stated, &[Reason::CardSignature]);
}

#[test]
fn n3_12_a_signature_that_is_not_canonical_is_refused() {
    refused(
        &changed(|evidence| {
            evidence.card_signature = evidence.card_signature[1..].into();
        }),
        &[Reason::Commit, Reason::CardSignature],
    );
}

#[test]
fn n7_5_revoked_before_inside_and_after_the_window() {
    let desk = Desk::complete(Form::Demo);
    let card = &world().card.certificate;
    let window = first(&desk.bundle()).window;
    let inside = i64::try_from(window.earliest().unwrap().0).unwrap() / 1_000 * 1_000 + 1_000;
    for (since, status, reasons) in [
        (MORNING - 86_400_000, Status::Invalid, vec![Reason::CardRevoked]),
        (inside, Status::Indeterminate, vec![Reason::CardStatusUnknown]),
        (desk.now + 60_000, Status::Valid, vec![]),
    ] {
        let mut bundle = desk.bundle();
        bundle.revocation = desk.revocation_at(desk.now + 3_600_000, &[(card, since)]);
        assert_first(&bundle, status, &reasons);
    }
}

#[test]
fn revocation_data_from_before_the_visit_or_none_at_all_decide_nothing() {
    let desk = Desk::complete(Form::Demo);
    for revocation in [vec![], desk.revocation_at(MORNING - 3_600_000, &[]), vec![vec![0x30].into()]] {
        let mut bundle = desk.bundle();
        bundle.revocation = revocation;
        assert_first(&bundle, Status::Indeterminate, &[Reason::CardStatusUnknown]);
        let outcome = first(&bundle).checks.outcome(Check::CardStatus);
        assert_eq!(outcome, CheckOutcome::Missing(Reason::CardStatusUnknown));
    }
}

#[test]
fn a_list_of_another_ca_says_nothing() {
    let desk = Desk::complete(Form::Demo);
    let mut bundle = desk.bundle();
    bundle.revocation = vec![World::crl(&world().other_card_ca, desk.now + 3_600_000, &[]).into()];
    assert_first(&bundle, Status::Indeterminate, &[Reason::CardStatusUnknown]);
}

#[test]
fn a_certificate_is_judged_by_its_dates_over_the_window() {
    for (from, until, status, reasons) in [
        (MORNING - YEAR, MORNING - 60_000, Status::Invalid, vec![Reason::CardRevoked]),
        (MORNING + 3_600_000, MORNING + YEAR, Status::Invalid, vec![Reason::CardRevoked]),
        (MORNING - YEAR, MORNING + YEAR, Status::Valid, vec![]),
        // The visit is a second and a half long: a date within its window is neither before nor after.
        (MORNING - YEAR, MORNING, Status::Indeterminate, vec![Reason::CardStatusUnknown]),
    ] {
        let certificate = Some(world().card_certificate(from, until));
        assert_first(&edited(&Edit { certificate, ..Edit::default() }).bundle(), status, &reasons);
    }
}

#[test]
fn n7_6_a_card_ca_that_has_expired_since_does_not_undo_an_archived_proof() {
    // The CA ends four years after the morning; the list that is archived is of that morning.
    let desk = Desk::complete(Form::Demo);
    let mut bundle = desk.bundle();
    bundle.revocation = desk.revocation_at(desk.now + 60_000, &[]);
    assert_first(&bundle, Status::Valid, &[]);
    let later = {
        let mut desk = Desk::new(Form::Demo);
        desk.wait(5 * YEAR);
        desk.bind(|binding| binding.not_after = jushin_statement::UnixMillis(u64::MAX));
        desk.power_on();
        desk.unlock();
        desk.visit();
        desk
    };
    let found = first(&later.bundle());
    assert!(!found.is_valid(), "a visit after the CA's end is none of its time: {:?}", found.reasons);
}

#[test]
fn n7_7_a_malleated_signature_gives_the_same_evid_and_no_fork() {
    let mut desk = Desk::complete(Form::Demo);
    let evid = first(&desk.bundle()).evid;
    let malleated = resigned(&desk.visits[0].commit, |signature| twin(signature, &P256_ORDER));
    assert_ne!(malleated, desk.visits[0].commit);
    desk.records.push(desk.visits[0].commit.clone());
    desk.visits[0].commit = malleated;
    let found = first(&desk.bundle());
    assert_eq!((found.evid, found.status), (evid, Status::Valid));
}

#[test]
fn an_empty_trust_folder_verifies_nothing() {
    let trust = jushin_evidence::Trust::from_files(Vec::<(String, Vec<u8>)>::new()).unwrap();
    let visit = report_under(&Desk::complete(Form::Demo).bundle(), &trust).visits.remove(0);
    assert_eq!((visit.status, visit.class), (Status::Invalid, Class::None));
    assert_eq!(visit.reasons, [Reason::ElementCertificate]);
    assert!(matches!(Desk::complete(Form::Demo).bundle().visits, Visits::Full(_)));
}
