//! Rules that an object checks while it is read: what it says must fit together.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_statement::cbor::Malformed;
use jushin_statement::*;

/// An object of the vectors with one thing changed is refused for this field.
fn refused<T: Object + Clone>(field: &'static str, change: impl Fn(&mut T)) {
    let vectors = support::objects();
    let vector = vectors.iter().find(|vector| vector.object == T::NAME).unwrap();
    let mut object = T::decode(&vector.bytes).unwrap();
    change(&mut object);
    assert_eq!(T::decode(&object.encode()).err(), Some(Malformed::Value { field }), "{}", T::NAME);
}

#[test]
fn purpose_and_consent_of_a_presence_fit() {
    refused::<Presence>("consent-h", |presence| {
        (presence.purpose, presence.consent) = (Purpose::CheckIn, Some(Hash::ZERO));
    });
    refused::<Presence>("consent-h", |presence| {
        (presence.purpose, presence.consent) = (Purpose::CheckInAndConsent, None);
    });
}

#[test]
fn a_cards_challenge_has_8_to_32_bytes() {
    for (length, fits) in [(7, false), (8, true), (32, true), (33, false)] {
        assert_eq!(CardChallenge::new(&vec![1; length]).is_ok(), fits, "{length}");
    }
}

#[test]
fn outcome_and_card_signature_of_a_commit_fit() {
    refused::<Commit>("csig-h", |commit| {
        (commit.outcome, commit.card_signature) = (CommitOutcome::Aborted, Some(Hash::ZERO));
    });
    refused::<Commit>("csig-h", |commit| {
        (commit.outcome, commit.card_signature) = (CommitOutcome::Signed, None);
    });
}

#[test]
fn a_heartbeat_has_no_message() {
    refused::<Stamp>("msg of a heartbeat", |stamp| {
        (stamp.context.0, stamp.message) = (StampSubject::Heartbeat, Hash::of(b"x"));
    });
}

#[test]
fn a_counter_name_is_a_tpms() {
    refused::<ElementExtension>("counter-name", |extension| {
        (extension.kind, extension.counter_name) = (ElementKind::Tpm, None);
    });
    refused::<ElementExtension>("counter-name", |extension| {
        (extension.kind, extension.counter_name) = (ElementKind::Applet, Some(Bytes(vec![1])));
    });
}

#[test]
fn a_clock_has_a_tick_and_a_bound_below_one_and_a_count_of_records_has_neither() {
    for (kind, tau_us, rho_ppm) in [
        (TickKind::Time, 0, 0),
        (TickKind::Time, 1, 1_000_000),
        (TickKind::Date, 1, 0),
        (TickKind::Date, 0, 1),
    ] {
        refused::<ElementExtension>("tick-spec", |extension| {
            extension.tick = TickSpec { kind, tau_us, rho_ppm };
        });
    }
}

#[test]
fn a_binding_says_from_when_by_whom_and_in_the_order_of_time() {
    for state in [BindingState::Suspended, BindingState::Retired] {
        refused::<Binding>("from-mc", |binding| (binding.state, binding.from_counter) = (state, None));
    }
    refused::<Binding>("tsa", |binding| binding.time_stampers.clear());
    refused::<Binding>("nb, na", |binding| {
        (binding.not_before, binding.not_after) = (UnixMillis(2), UnixMillis(1));
    });
}

#[test]
fn scopes_are_some_ascending_and_each_once() {
    for scopes in [&[][..], &[2, 1], &[1, 1]] {
        refused::<Consent>("scopes", |consent| consent.scopes = scopes.to_vec());
    }
}

#[test]
fn an_emergency_has_words_and_without_a_card_two_persons() {
    for text in [String::new(), "x".repeat(401)] {
        refused::<BreakGlass>("break-glass text", |request| request.text = text.clone());
    }
    let doctor = Hash::of(b"doctor");
    for (evid, second) in [(None, None), (Some(Hash::ZERO), Some(Hash::ZERO)), (None, Some(doctor))] {
        refused::<BreakGlass>("second", |request| {
            (request.doctor, request.evid, request.second) = (doctor, evid, second);
        });
    }
}

#[test]
fn a_reference_names_a_visit_or_an_emergency() {
    refused::<Reference>("evid of a ref", |reference| {
        (reference.evid, reference.break_glass) = (None, None);
    });
}

#[test]
fn a_share_is_at_most_three_tenths() {
    refused::<Eligibility>("copay", |answer| answer.copay_tenths = 4);
}
