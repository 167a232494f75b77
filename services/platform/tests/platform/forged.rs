//! Objects of a right form that the platform did not ask for, or that another key signed.

use std::sync::Arc;

use jushin_crypto::AwsLc;
use jushin_pki::{Crypto as _, KeyKind, Moment, PrivateKey, Suite};
use jushin_platform::Institution;
use jushin_runtime::Reply;
use jushin_statement::cbor::Writer;
use jushin_statement::{
    AdminActivation, AdministratorKind, Alg, Anchor, Appointment, Batch, Binding, BindingAck, Boot,
    CertificateRequest, Challenge, Close, Commit, ElementKind, Embedded, GapQuery, Hash, Id16,
    InstitutionCode, Object as _, Presence, Signed, Statement, TickStamp1, TickStamp2, Ticks, UnixMillis,
    Unlock, sign,
};

use crate::support::keys::{Holder, OUTSIDE, START};
use crate::support::terminal::{TERMINAL, Terminal};
use crate::support::{World, assert_refused, code, institution};

fn by<S: Statement>(key: &dyn PrivateKey, object: &S) -> Signed {
    sign(object, Alg::Es256, None, |bytes| key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
}

/// The same object, signed by somebody else.
fn by_a_stranger<S: Statement>(signed: &Signed) -> Signed {
    let key = AwsLc.generate(KeyKind::P256).unwrap();
    by(&*key, &signed.parse().unwrap().object::<S>().unwrap())
}

/// The element's own key, by whoever has read its memory.
fn stolen(terminal: &Terminal) -> Arc<dyn PrivateKey> {
    AwsLc.private_key(&terminal.stolen_key()).unwrap()
}

/// The same object with something changed, signed by the element's own key.
fn changed<S: Statement>(terminal: &Terminal, signed: &Signed, change: impl FnOnce(&mut S)) -> Signed {
    let mut object: S = signed.parse().unwrap().object().unwrap();
    change(&mut object);
    by(&*stolen(terminal), &object)
}

fn batch(terminal: &Terminal) -> Batch {
    let (records, anchors, boxes) = (Vec::new(), Vec::new(), Vec::new());
    Batch { element: terminal.id, records, anchors, boxes, close: None }
}

async fn close(world: &World, terminal: &mut Terminal) -> Signed {
    let mut body = Writer::new();
    body.bytes(&terminal.id.0);
    let query = GapQuery::decode(&world.posted("/v1/gap-queries", body.into_bytes()).await).unwrap();
    terminal.element.close(query.nonce, query.lo, None).unwrap()
}

async fn greeted(world: &World, terminal: &Terminal) -> Challenge {
    Challenge::decode(&world.posted("/v1/hello", terminal.hello()).await).unwrap()
}

#[tokio::test]
async fn a_request_that_another_key_signed_certifies_nothing() {
    let world = World::new();
    let request = Terminal::new(&world, 1).request(&world).await;
    let forged = by_a_stranger::<CertificateRequest>(&request);
    assert_refused(&world.post("/v1/enrolment/elements", forged.0.0).await, 403, "signature refused");
}

#[tokio::test]
async fn an_unlock_that_another_key_asks_for_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stamp = terminal.stamp(&world).await;
    let forged = by_a_stranger::<TickStamp1>(&stamp);
    assert_refused(&world.post("/v1/stamps", forged.0.0).await, 403, "signature refused");

    let unlock = Unlock::decode(&world.posted("/v1/stamps", stamp.0.0).await).unwrap();
    let second = terminal.activate(&world, &unlock);
    let forged = by_a_stranger::<TickStamp2>(&second);
    assert_refused(&world.post("/v1/anchors", forged.0.0).await, 403, "signature refused");
    world.posted("/v1/anchors", second.0.0).await;
}

#[tokio::test]
async fn records_and_closes_that_another_key_signed_are_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let boot = terminal.boot.as_ref().unwrap().boot.clone();
    let records = vec![by_a_stranger::<Boot>(&boot)];
    let refused = world.post("/v1/batches", Batch { records, ..batch(&terminal) }.encode()).await;
    assert_refused(&refused, 403, "signature refused");

    let close = close(&world, &mut terminal).await;
    let forged = Some(by_a_stranger::<Close>(&close));
    let refused = world.post("/v1/batches", Batch { close: forged, ..batch(&terminal) }.encode()).await;
    assert_refused(&refused, 403, "signature refused");

    let other = changed::<Close>(&terminal, &close, |close| close.element = Id16([5; 16]));
    let refused = world.post("/v1/batches", Batch { close: Some(other), ..batch(&terminal) }.encode()).await;
    assert_refused(&refused, 422, "two elements in one batch");

    // The right key under the label of another algorithm.
    let object: Close = close.parse().unwrap().object().unwrap();
    let key = stolen(&terminal);
    let labelled = sign(&object, Alg::Rs256, None, |bytes| key.sign(Suite::P256Sha256Cose, bytes)).unwrap();
    let labelled = Batch { close: Some(labelled), ..batch(&terminal) };
    assert_refused(&world.post("/v1/batches", labelled.encode()).await, 403, "signature refused");
}

#[tokio::test]
async fn an_acknowledgement_by_another_key_or_of_another_binding_confirms_nothing() {
    let world = World::new();
    let terminal = Terminal::enrolled(&world).await;
    let ack = BindingAck {
        element: terminal.id,
        seq: 1,
        binding: Hash([5; 32]),
        ticks: Ticks { cycle: Id16([6; 16]), count: 9 },
        counter: 50,
        previous: Hash([6; 32]),
    };
    let path = "/v1/enrolment/bindings/ack";
    let forged = by(&*AwsLc.generate(KeyKind::P256).unwrap(), &ack);
    assert_refused(&world.post(path, forged.0.0).await, 403, "signature refused");
    let other = by(&*stolen(&terminal), &ack);
    assert_refused(&world.post(path, other.0.0).await, 422, "does not fit");
}

#[tokio::test]
async fn a_stamp_under_another_binding_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stamp = terminal.stamp(&world).await;
    let other = changed::<TickStamp1>(&terminal, &stamp, |stamp| stamp.binding = Hash([5; 32]));
    assert_refused(&world.post("/v1/stamps", other.0.0).await, 422, "does not fit");
}

#[tokio::test]
async fn another_stamp_under_a_counter_that_was_answered_gets_no_answer() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stamp = terminal.stamp(&world).await;
    world.posted("/v1/stamps", stamp.0.0.clone()).await;
    let fresh = greeted(&world, &terminal).await;
    let other = changed::<TickStamp1>(&terminal, &stamp, |stamp| {
        (stamp.nonce, stamp.provider_time) = (fresh.nonce, fresh.provider_time);
    });
    assert_refused(&world.post("/v1/stamps", other.0.0).await, 409, "counter went back");
}

#[tokio::test]
async fn n2_7_a_stamp_that_was_answered_is_not_answered_again_once_the_terminal_is_suspended() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    let stamp = terminal.stamp(&world).await;
    world.posted("/v1/stamps", stamp.0.0.clone()).await;
    world.platform.suspend(terminal.id, None, "reported stolen").unwrap();
    assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 403, "suspended");
}

#[tokio::test]
async fn a_second_stamp_closes_its_own_bracket_only() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    terminal.pass(&world, 50);
    let stamp = terminal.stamp(&world).await;
    let first: TickStamp1 = stamp.parse().unwrap().object().unwrap();
    let unlock = Unlock::decode(&world.posted("/v1/stamps", stamp.0.0).await).unwrap();
    terminal.pass(&world, 50);
    let second = terminal.activate(&world, &unlock);
    let wrong: [&dyn Fn(&mut TickStamp2); 6] = [
        &|second| second.token = Hash([5; 32]),
        &|second| second.activation_hash = Hash([5; 32]),
        &|second| second.ticks.cycle = Id16([5; 16]),
        &|second| second.ticks.count = first.ticks.count - 1,
        &|second| second.counter = first.counter,
        &|second| second.counter = first.counter - 1,
    ];
    for wrong in wrong {
        let forged = changed::<TickStamp2>(&terminal, &second, wrong);
        assert_refused(&world.post("/v1/anchors", forged.0.0).await, 422, "does not fit");
    }
    world.posted("/v1/anchors", second.0.0).await;
}

#[tokio::test]
async fn a_number_counts_for_what_it_was_given_out_for() {
    let world = World::new();
    let terminal = Terminal::enrolled(&world).await;
    let challenge = greeted(&world, &terminal).await;
    let request = Terminal::new(&world, 2).request_over(challenge.nonce);
    assert_refused(&world.post("/v1/enrolment/elements", request.0.0).await, 409, "stale nonce");
}

#[tokio::test]
async fn n2_3_a_token_for_another_request_unlocks_nothing() {
    let world = World::new();
    let mut terminal = Terminal::enrolled(&world).await;
    terminal.pair();
    world.peers.change(|peers| peers.honest_nonce = false);
    let stamp = terminal.stamp(&world).await;
    assert_refused(&world.post("/v1/stamps", stamp.0.0).await, 502, "time-stamp token refused");
}

/// A certificate request with something changed, signed by this key.
async fn request(world: &World, key: &dyn PrivateKey, change: impl FnOnce(&mut CertificateRequest)) -> Reply {
    let request = Terminal::new(world, 1).request(world).await;
    let mut content: CertificateRequest = request.parse().unwrap().object().unwrap();
    content.device_key = key.spki().into();
    change(&mut content);
    world.post("/v1/enrolment/elements", by(key, &content).0.0).await
}

#[tokio::test]
async fn a_model_of_another_kind_or_clock_than_listed_is_not_enrolled() {
    let world = World::new();
    let key = AwsLc.generate(KeyKind::P256).unwrap();
    let kind = request(&world, &*key, |content| content.kind = ElementKind::Tpm).await;
    assert_refused(&kind, 403, "model not allowed");
    let clock = request(&world, &*key, |content| content.tick.rho_ppm += 1).await;
    assert_refused(&clock, 403, "model not allowed");
}

#[tokio::test]
async fn a_key_that_is_no_p256_key_is_not_certified() {
    let world = World::new();
    let key = AwsLc.generate(KeyKind::P256).unwrap();
    let rsa = OUTSIDE.patient.certificate.spki().to_vec();
    let sealing = request(&world, &*key, |content| content.sealing_key = rsa.into()).await;
    assert_refused(&sealing, 422, "does not fit");
}

#[tokio::test]
async fn a_key_that_was_given_out_is_no_second_elements_before_it_is_confirmed_either() {
    let world = World::new();
    let first = certified(&world, 1).await;
    world.got(&first.path("injections")).await;
    let second = certified(&world, 2).await;
    let reply = world.door.get(&second.path("injections")).await.unwrap();
    assert_refused(&reply, 409, "no institution key");
}

async fn certified(world: &World, seed: u64) -> Terminal {
    let mut terminal = Terminal::new(world, seed);
    let request = terminal.request(world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    terminal
}

#[tokio::test]
async fn a_revoked_administrators_card_appoints_nothing() {
    let world = World::new();
    let terminal = certified(&world, 1).await;
    world.peers.change(|peers| peers.administrator_revoked = Some(Moment(START as i64 - 86_400_000)));
    let reply = world.post("/v1/enrolment/terminals", terminal.appointment(&OUTSIDE.administrator)).await;
    assert_refused(&reply, 403, "certificate refused");
}

#[tokio::test]
async fn an_appointment_is_for_an_element_of_its_institution_and_for_the_key_that_it_names() {
    let world = World::new();
    let terminal = certified(&world, 1).await;
    // One of the ten has the check digit.
    let codes = (0..10).map(|digit| InstitutionCode::new(&format!("131000001{digit}")).unwrap());
    let register = |code| world.platform.register_institution(&Institution { code, ..institution() });
    let other = codes.into_iter().find(|code| register(*code).is_ok()).unwrap();
    let administrator = &OUTSIDE.administrator;
    let appointed = |institution, terminal_key| {
        let appointment = Appointment { element: terminal.id, terminal: TERMINAL, terminal_key, institution };
        let signed = sign(&appointment, Alg::Rs256, None, |bytes| {
            administrator.key.sign(Suite::RsaPkcs1Sha256, bytes)
        });
        let mut body = Writer::new();
        body.array(3)
            .bytes(signed.unwrap().as_bytes())
            .bytes(administrator.certificate.der())
            .bytes(terminal.key.spki());
        body.into_bytes()
    };
    let own_key = Hash::of(terminal.key.spki());
    for wrong in [appointed(other, own_key), appointed(code(), Hash([5; 32]))] {
        assert_refused(&world.post("/v1/enrolment/terminals", wrong).await, 422, "does not fit");
    }
    world.posted("/v1/enrolment/terminals", appointed(code(), own_key)).await;
}

#[tokio::test]
async fn n1_12_without_the_acknowledgement_no_binding_lists_a_patients_card() {
    let world = World::new();
    let terminal = Terminal::enrolled(&world).await;
    let binding = Signed(world.got(&terminal.path("binding")).await.into());
    let binding: Binding = binding.parse().unwrap().object().unwrap();
    let kinds: Vec<_> = binding.administrators.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [AdministratorKind::Hpki]);
}

#[tokio::test]
async fn an_empty_batch_is_refused() {
    let world = World::new();
    let terminal = Terminal::enrolled(&world).await;
    assert_refused(&world.post("/v1/batches", batch(&terminal).encode()).await, 422, "empty batch");
}

#[tokio::test]
async fn n6_10_a_box_with_another_elements_session_or_under_another_counter_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let honest = terminal.check_in(&world);
    let mut other = honest.clone();
    let mut presence = Presence::decode(&honest.evidence.presence).unwrap();
    presence.element = Id16([5; 16]);
    other.evidence.presence = presence.encode().into();
    let refused = world.post("/v1/batches", terminal.batch(&other).encode()).await;
    assert_refused(&refused, 422, "two elements in one batch");

    let mut other = honest.clone();
    other.evidence.commit =
        changed::<Commit>(&terminal, &honest.evidence.commit, |commit| commit.element = Id16([5; 16]));
    let refused = world.post("/v1/batches", terminal.batch(&other).encode()).await;
    assert_refused(&refused, 422, "two elements in one batch");

    let mut other = honest;
    other.counter += 1;
    let refused = world.post("/v1/batches", terminal.batch(&other).encode()).await;
    assert_refused(&refused, 422, "box does not fit its label");
}

#[tokio::test]
async fn n6_10_an_anchor_of_another_element_is_refused() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let close = close(&world, &mut terminal).await;
    let close = changed::<Close>(&terminal, &close, |close| close.element = Id16([5; 16]));
    let anchors = vec![Embedded(Anchor::Close { close, token: vec![1].into() })];
    let refused = world.post("/v1/batches", Batch { anchors, ..batch(&terminal) }.encode()).await;
    assert_refused(&refused, 422, "two elements in one batch");
}

#[tokio::test]
async fn n2_8_an_unlock_by_a_card_in_no_binding_or_under_another_binding_is_refused() {
    let world = World::new();
    let terminal = Terminal::enrolled(&world).await;
    let binding = Signed(world.got(&terminal.path("binding")).await.into());
    let binding: Binding = binding.parse().unwrap().object().unwrap();
    let unlock = |holder: &Holder, binding: Hash| {
        let activation = AdminActivation {
            element: terminal.id,
            institution: code(),
            binding,
            ticks: Ticks { cycle: Id16([6; 16]), count: 9 },
            counter: 50,
            nonce: Id16([7; 16]),
            claimed: UnixMillis(START),
            last_anchor: Hash::ZERO,
            begins: 10,
            previous: Hash([6; 32]),
        };
        let sign_with = |bytes: &[u8]| holder.key.sign(Suite::RsaPkcs1Sha256, bytes);
        let admin = sign(&activation, Alg::Rs256, None, sign_with).unwrap();
        let certificate = holder.certificate.der().into();
        let anchors = vec![Embedded(Anchor::Offline { admin, certificate })];
        Batch { anchors, ..batch(&terminal) }.encode()
    };
    let own = binding.hash();
    for wrong in [unlock(&OUTSIDE.jpki_administrator, own), unlock(&OUTSIDE.administrator, Hash([5; 32]))] {
        assert_refused(&world.post("/v1/batches", wrong).await, 403, "certificate refused");
    }
    let taken = world.post("/v1/batches", unlock(&OUTSIDE.administrator, own)).await;
    assert_ne!(taken.status, 403, "{}", String::from_utf8_lossy(&taken.body));
}
