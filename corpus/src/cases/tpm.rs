//! Records of a TPM: V5 to V7 and V10 where an attestation stands in place of a plain signature.

use jushin_statement::{Anchor, Class, Evidence, Hash, Object as _, Presence, Signed, TpmRecord};

use crate::answer::{Answer, Window, conflict, invalid, valid};
use crate::book::{Book, By};
use crate::forge::{P256_ORDER, closed, open_day, twin, visited};
use crate::tpm::Attestation;
use crate::unlock::Bracket;
use crate::{Desk, Edit, Form};

/// The record before is the unlock's second stamp; later end 1201 + 61 901 / 0.85.
fn usual() -> Answer {
    valid(Window::of(-799, 74_026), Class::Date).real().because(&[15])
}

pub(super) fn write(book: &mut Book) {
    attestations(book);
    records(book);
    presences(book);
    clocks(book);
}

fn attestations(book: &mut Book) {
    let mut v6 = book.chapter(6);
    let mut case = |name, what, attestation: &dyn Fn(&mut Attestation)| {
        let desk = visited(Desk::unlocked(Form::Tpm), &Edit { attestation, ..Edit::default() });
        v6.case(name, By::Host, what, desk, invalid(&[8]).real());
    };
    case("tpm-another-magic", "The attestations do not begin with TPM_GENERATED_VALUE.", &|tpm| {
        tpm.magic ^= 1
    });
    case("tpm-counter-of-another-kind", "The first attestation is not about an NV index.", &|tpm| {
        tpm.kinds.0 = 0x801c
    });
    case("tpm-time-of-another-kind", "The second attestation is not about the time.", &|tpm| {
        tpm.kinds.1 = 0x8018
    });
    case("tpm-another-name", "The first attestation is about another NV index.", &|tpm| tpm.name[5] ^= 1);
    case("tpm-a-shorter-name", "The Name in the first attestation lacks a byte.", &|tpm| {
        tpm.name.truncate(32)
    });
    case("tpm-counter-one-higher", "The attested counter is one above the record's.", &|tpm| tpm.value += 1);
    case("tpm-counter-one-lower", "The attested counter is one below the record's.", &|tpm| tpm.value -= 1);
    case("tpm-offset-eight", "The attested contents begin at the eighth byte of the index.", &|tpm| {
        tpm.offset = 8
    });
    case("tpm-counter-of-another-record", "The first attestation is over another record.", &|tpm| {
        tpm.of_other = true
    });
    case("tpm-time-of-another-counter", "The second attestation is over another first one.", &|tpm| {
        tpm.over_other = true
    });
    case("tpm-count-ahead-of-its-time", "The record claims a count that the TPM has not reached.", &|tpm| {
        tpm.time = 61_899
    });
}

fn records(book: &mut Book) {
    let mut v6 = book.chapter(6);
    let mut case = |name, by, what, change: &dyn Fn(&mut TpmRecord), answer: Answer| {
        let evidence = |evidence: &mut Evidence| evidence.commit = changed(&evidence.commit, change);
        let desk = visited(Desk::unlocked(Form::Tpm), &Edit { evidence: &evidence, ..Edit::default() });
        v6.case(name, by, what, desk, answer.real());
    };
    let bad = || invalid(&[8]);
    case(
        "tpm-counter-signature-damaged",
        By::Stranger,
        "A bit of the first attestation's signature is turned.",
        &|record| record.counter_signature[63] ^= 1,
        bad(),
    );
    case(
        "tpm-time-signature-damaged",
        By::Stranger,
        "A bit of the second attestation's signature is turned.",
        &|record| record.time_signature[63] ^= 1,
        bad(),
    );
    case(
        "tpm-one-signature-twice",
        By::Host,
        "The first attestation's signature stands for both.",
        &|record| record.time_signature = record.counter_signature,
        bad(),
    );
    case(
        "tpm-byte-after-the-counter",
        By::Host,
        "A byte follows the first attestation.",
        &|record| record.counter_attest.0.push(0),
        bad(),
    );
    case(
        "tpm-byte-after-the-time",
        By::Host,
        "A byte follows the second attestation.",
        &|record| record.time_attest.0.push(0),
        bad(),
    );
    case(
        "tpm-time-cut",
        By::Host,
        "The second attestation lacks its last byte.",
        &|record| record.time_attest.0.truncate(record.time_attest.len() - 1),
        bad(),
    );
    case(
        "tpm-attestations-swapped",
        By::Host,
        "The attestations stand in each other's place.",
        &|record| {
            std::mem::swap(&mut record.counter_attest, &mut record.time_attest);
            std::mem::swap(&mut record.counter_signature, &mut record.time_signature);
        },
        bad(),
    );
    case(
        "tpm-commit-with-the-twin-signature",
        By::Stranger,
        "s of the time's signature became n − s: the same visit.",
        &|record| record.time_signature = twin(&record.time_signature, &P256_ORDER).try_into().unwrap(),
        usual(),
    );
    let mut plain = open_day(Form::Tpm);
    plain.form = Form::Applet;
    // Nonce and commit are those of an applet.
    plain.visit();
    v6.case(
        "tpm-writes-plain-records",
        By::Host,
        "The commit of a TPM is signed without attestations.",
        plain,
        invalid(&[7, 8]).real(),
    );
    let mut attested = open_day(Form::Applet);
    attested.form = Form::Tpm;
    attested.visit();
    v6.case(
        "applet-writes-attested-records",
        By::Host,
        "The commit of an applet comes with a TPM's attestations.",
        attested,
        invalid(&[8]).real(),
    );
    let bracket = Bracket { attestation: &|tpm| tpm.boots = (2, 0), ..Bracket::default() };
    let mut desk = Desk::new(Form::Tpm);
    desk.unlock_with(&bracket);
    v6.case(
        "tpm-second-stamp-after-a-reset",
        By::Host,
        "The second stamp was attested after a reset.",
        visited(desk, &Edit::default()),
        invalid(&[5]).real(),
    );
}

fn changed(signed: &Signed, change: &dyn Fn(&mut TpmRecord)) -> Signed {
    let mut record = TpmRecord::decode(signed.as_bytes()).unwrap();
    change(&mut record);
    Signed(record.encode().into())
}

fn presences(book: &mut Book) {
    let mut v5 = book.chapter(5);
    let presence = |presence: &mut Presence| presence.nonce = Hash::of(b"made up").first16();
    let desk = visited(Desk::unlocked(Form::Tpm), &Edit { presence: &presence, ..Edit::default() });
    v5.case(
        "tpm-nonce-made-up",
        By::Host,
        "The presence does not hold the record before.",
        desk,
        invalid(&[7]).real(),
    );
    let mut skipped = open_day(Form::Tpm);
    skipped.counter += 1;
    skipped.visit();
    v5.case(
        "tpm-record-before-is-two-before",
        By::Host,
        "Between the record that the presence holds and the presence a counter value is missing.",
        skipped,
        invalid(&[7]).real(),
    );
    let mut malleated = Desk::complete(Form::Tpm);
    if let Anchor::Online { stamp2, .. } = &mut malleated.anchors[0].0 {
        *stamp2 = changed(stamp2, &|record| {
            record.time_signature = twin(&record.time_signature, &P256_ORDER).try_into().unwrap()
        });
    }
    v5.case(
        "tpm-record-before-only-as-its-twin",
        By::Stranger,
        "Of the record before only its other form is there.",
        malleated,
        invalid(&[7]).real(),
    );
    let mut both = Desk::complete(Form::Tpm);
    if let Anchor::Online { stamp2, .. } = &both.anchors[0].0 {
        let other = changed(stamp2, &|record| {
            record.time_signature = twin(&record.time_signature, &P256_ORDER).try_into().unwrap()
        });
        both.records.push(other);
    }
    v5.case(
        "tpm-record-before-in-both-forms",
        By::Stranger,
        "The record before is there in both forms.",
        both,
        usual(),
    );
    let presence = |presence: &mut Presence| presence.ticks.count = 1_000_000_000;
    let ahead = visited(Desk::unlocked(Form::Tpm), &Edit { presence: &presence, ..Edit::default() });
    v5.case(
        "tpm-host-claims-a-later-beginning",
        By::Host,
        "The presence claims a count above the commit's.",
        ahead,
        invalid(&[8]).real(),
    );
    let presence = |presence: &mut Presence| presence.ticks.count = 1;
    let behind = visited(Desk::unlocked(Form::Tpm), &Edit { presence: &presence, ..Edit::default() });
    v5.case(
        "tpm-host-claims-a-long-session",
        By::Host,
        "The presence claims a count a minute before the commit's.",
        behind,
        invalid(&[8]).real(),
    );
}

fn clocks(book: &mut Book) {
    let mut v10 = book.chapter(10);
    let claims = visited(
        Desk::unlocked(Form::Tpm),
        &Edit {
            presence: &|presence| presence.ticks.count = 50_000,
            commit: &|commit| commit.ticks.count = 50_000,
            ..Edit::default()
        },
    );
    v10.case(
        "tpm-host-claims-an-early-count",
        By::Host,
        "The host claims a count ten seconds too low: the attested time counts.",
        claims,
        usual(),
    );
    let mut second = open_day(Form::Tpm);
    second.visit_with(&Edit { commit: &|commit| commit.ticks.count = 60_500, ..Edit::default() });
    second.wait(60_000);
    second.visit();
    // The record before is the first commit, attested at 61 900: −799 + 61 499 / 1.15; 1201 + 123 401 / 0.85.
    let later = valid(Window::of(52_678, 146_379), Class::Date).real().because(&[15]);
    v10.case(
        "tpm-host-claims-an-early-record-before",
        By::Host,
        "The record before claims a low count: its attested time counts.",
        closed(second),
        vec![usual(), later],
    );
    let attestation: &dyn Fn(&mut Attestation) = &|tpm| tpm.boots = (9, 0);
    let reset = visited(Desk::unlocked(Form::Tpm), &Edit { attestation, ..Edit::default() });
    v10.case(
        "tpm-reset-within-a-power-cycle",
        By::Host,
        "The commit was attested after eight resets.",
        reset,
        conflict(&[14]).real(),
    );
    let restarted: &dyn Fn(&mut Attestation) = &|tpm| tpm.boots = (1, 1);
    let restart = visited(Desk::unlocked(Form::Tpm), &Edit { attestation: restarted, ..Edit::default() });
    v10.case(
        "tpm-restart-within-a-power-cycle",
        By::Host,
        "The commit was attested after a restart.",
        restart,
        conflict(&[14]).real(),
    );
    let mut twice = open_day(Form::Tpm);
    twice.visit();
    twice.power_on();
    twice.unlock();
    twice.visit_with(&Edit { attestation: &|tpm| tpm.boots = (1, 0), ..Edit::default() });
    let both = vec![conflict(&[14]).real(), conflict(&[14]).real()];
    v10.case(
        "tpm-two-power-cycles-with-one-reset-count",
        By::Host,
        "A record of the second power cycle has the reset count of the first.",
        twice,
        both,
    );
    // Without the second stamp in between the host could have waited: only the unlock bounds from below.
    let mut lost = open_day(Form::Tpm);
    lost.visit();
    lost.wait(60_000);
    lost.visit();
    let mut lost = closed(lost);
    lost.visits.remove(0);
    let unbounded = valid(Window::of(-799, 146_379), Class::Date).real().because(&[15]);
    v10.case(
        "tpm-record-before-missing",
        By::Stranger,
        "The record that the presence holds was left out.",
        lost,
        unbounded,
    );
}
