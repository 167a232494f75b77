//! Enrolment at the platform's door (P1).

use jushin_pki::Certificate;
use jushin_platform::{Institution, TerminalState};
use jushin_statement::{
    CertificateRequest, ElementExtension, Hash, InstitutionCode, Object as _, UnixMillis,
};

use crate::support::keys::OUTSIDE;
use crate::support::terminal::{TERMINAL, Terminal};
use crate::support::{World, assert_refused, institution};

#[tokio::test]
async fn an_element_is_certified_injected_appointed_bound_and_then_able() {
    let world = World::new();
    let terminal = Terminal::enrolled(&world).await;
    let [status] = &world.platform.terminals().unwrap()[..] else { panic!("one terminal") };
    assert_eq!(status.state, TerminalState::Able);
    assert_eq!((status.element, status.terminal, status.binding_seq), (terminal.id, Some(TERMINAL), 1));
    assert!(status.simulated);
}

#[tokio::test]
async fn a_terminal_is_able_only_after_the_element_confirmed_the_binding() {
    let world = World::new();
    let mut terminal = Terminal::new(&world, 1);
    let request = terminal.request(&world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    terminal.element.boot().unwrap();
    terminal.inject(&world).await;
    world.posted("/v1/enrolment/terminals", terminal.appointment(&OUTSIDE.administrator)).await;
    terminal.binding_seq = 1;
    assert_refused(&world.post("/v1/hello", terminal.hello()).await, 409, "binding not confirmed");
}

#[tokio::test]
async fn n1_7_a_nonce_certifies_one_element_only() {
    let world = World::new();
    let mut first = Terminal::new(&world, 1);
    let request = first.request(&world).await;
    world.posted("/v1/enrolment/elements", request.0.0.clone()).await;
    let nonce = request.parse().unwrap().object::<CertificateRequest>().unwrap().nonce;
    let replayed = Terminal::new(&world, 2).request_over(nonce);
    assert_refused(&world.post("/v1/enrolment/elements", replayed.0.0).await, 409, "stale nonce");
    let invented = Terminal::new(&world, 3).request_over(Hash([1; 32]));
    assert_refused(&world.post("/v1/enrolment/elements", invented.0.0).await, 409, "stale nonce");
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_certificate() {
    let world = World::new();
    let request = Terminal::new(&world, 1).request(&world).await;
    let first = world.posted("/v1/enrolment/elements", request.0.0.clone()).await;
    assert_eq!(world.posted("/v1/enrolment/elements", request.0.0).await, first);
}

#[tokio::test]
async fn n1_13_under_a_marked_ca_every_certificate_says_simulated() {
    let world = World::new();
    let request = Terminal::new(&world, 1).request(&world).await;
    let der = world.posted("/v1/enrolment/elements", request.0.0).await;
    let certificate = Certificate::parse(&der).unwrap();
    let extension = certificate.extension(&jushin_pki::oid::ELEMENT).unwrap();
    assert!(ElementExtension::decode(extension.value).unwrap().simulated);
}

#[tokio::test]
async fn a_test_signature_over_another_nonce_confirms_nothing() {
    let world = World::new();
    let mut terminal = Terminal::new(&world, 1);
    let request = terminal.request(&world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    terminal.element.boot().unwrap();
    let boxes = world.got(&terminal.path("injections")).await;
    let mut test = terminal.inject_all(&boxes);
    test[9] ^= 1;
    let path = terminal.path("injections/ack");
    let reply = world.door.post(&path, "application/octet-stream", test.clone()).await.unwrap();
    assert_refused(&reply, 403, "signature refused");
    assert_eq!(world.got(&terminal.path("injections")).await, boxes, "the boxes are given out unchanged");
    test[9] ^= 1;
    assert_eq!(world.door.post(&path, "application/octet-stream", test).await.unwrap().status, 204);
    let after = world.door.get(&terminal.path("injections")).await.unwrap();
    assert_refused(&after, 409, "already confirmed");
    let erased = world.platform.operations(10).unwrap();
    assert!(erased.iter().any(|done| done.what.contains("erased") && done.what.contains("custodian B")));
}

#[tokio::test]
async fn a_second_element_gets_no_key_that_another_has() {
    let world = World::new();
    Terminal::enrolled(&world).await;
    let mut second = Terminal::new(&world, 2);
    let request = second.request(&world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    let reply = world.door.get(&second.path("injections")).await.unwrap();
    assert_refused(&reply, 409, "no institution key");
}

async fn certified(world: &World) -> Terminal {
    let mut terminal = Terminal::new(world, 1);
    let request = terminal.request(world).await;
    world.posted("/v1/enrolment/elements", request.0.0).await;
    terminal
}

#[tokio::test]
async fn n1_12_a_jpki_administrator_needs_the_institutions_acknowledgement() {
    let world = World::new();
    let terminal = certified(&world).await;
    let appointment = terminal.appointment(&OUTSIDE.jpki_administrator);
    let reply = world.post("/v1/enrolment/terminals", appointment.clone()).await;
    assert_refused(&reply, 403, "acknowledgement missing");
    let mut acknowledged = institution();
    acknowledged.jpki_acknowledged = Some(UnixMillis(1));
    world.platform.register_institution(&acknowledged).unwrap();
    world.posted("/v1/enrolment/terminals", appointment).await;
}

#[tokio::test]
async fn n8_12_a_code_whose_check_digit_is_wrong_is_no_institution() {
    let world = World::new();
    let good = institution();
    let mut digits = good.code.as_str().to_owned();
    let last = digits.pop().unwrap();
    for wrong in ('0'..='9').filter(|digit| *digit != last) {
        let code = InstitutionCode::new(&format!("{digits}{wrong}")).unwrap();
        let refused = world.platform.register_institution(&Institution { code, ..institution() });
        assert_eq!(refused.unwrap_err().title(), "does not fit", "{code}");
    }
    world.platform.register_institution(&good).unwrap();
}

#[tokio::test]
async fn a_card_that_the_institution_did_not_name_appoints_nothing() {
    let world = World::new();
    let terminal = certified(&world).await;
    let mut unnamed = institution();
    unnamed.administrators.clear();
    world.platform.register_institution(&unnamed).unwrap();
    let reply = world.post("/v1/enrolment/terminals", terminal.appointment(&OUTSIDE.administrator)).await;
    assert_refused(&reply, 403, "administrator not appointed");
}

#[tokio::test]
async fn an_appointment_signed_by_another_card_is_refused() {
    let world = World::new();
    let terminal = certified(&world).await;
    let mut forged = OUTSIDE.administrator.clone();
    forged.key = OUTSIDE.patient.key.clone();
    let reply = world.post("/v1/enrolment/terminals", terminal.appointment(&forged)).await;
    assert_refused(&reply, 403, "signature refused");
}

#[tokio::test]
async fn a_model_that_is_not_listed_is_not_enrolled() {
    let world = World::new();
    let mut terminal = Terminal::new(&world, 1);
    let request = terminal.request(&world).await;
    let mut content: CertificateRequest = request.parse().unwrap().object().unwrap();
    content.model = "another".to_owned();
    let key = jushin_pki::Crypto::generate(&jushin_crypto::AwsLc, jushin_pki::KeyKind::P256).unwrap();
    content.device_key = key.spki().into();
    let signed = jushin_statement::sign(&content, jushin_statement::Alg::Es256, None, |bytes| {
        key.sign(jushin_pki::Suite::P256Sha256Cose, bytes)
    });
    assert_refused(
        &world.post("/v1/enrolment/elements", signed.unwrap().0.0).await,
        403,
        "model not allowed",
    );
}
