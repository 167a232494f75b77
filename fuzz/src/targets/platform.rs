//! The platform's routes, with a terminal that is enrolled and unlocked, and with what it seals changed.
//!
//! The platform lives as long as the run: what one input leaves behind, the next one finds.

use std::sync::LazyLock;

use jushin_crypto::AwsLc;
use jushin_pki::Crypto as _;
use jushin_platform::KeyName;
use jushin_statement::{Batch, BatchAck, Hello, MEDIA_TYPE, Object, ReceiptPoll, Sealed, seal_aad};
use tokio::runtime::Runtime;

use crate::input::Input;
use crate::planted;
use crate::platform_support::terminal::{CheckIn, Terminal};
use crate::platform_support::{World, refusal};

struct Desk {
    runtime: Runtime,
    world: World,
    terminal_id: jushin_statement::Id16,
    check_in: CheckIn,
    evidence_key: Vec<u8>,
}

// The element in it is not shared between threads: libFuzzer calls from one.
static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let (world, terminal_id, check_in) = runtime.block_on(async {
        let world = World::new();
        let mut terminal = Terminal::ready(&world).await;
        let check_in = terminal.check_in(&world);
        (world, terminal.id, check_in)
    });
    let evidence_key = world.platform.public_key(KeyName::Evidence);
    Desk { runtime, world, terminal_id, check_in, evidence_key }
});

const POSTS: [&str; 12] = [
    "/v1/batches",
    "/v1/hello",
    "/v1/stamps",
    "/v1/anchors",
    "/v1/receipts",
    "/v1/enrolment/nonce",
    "/v1/enrolment/elements",
    "/v1/enrolment/terminals",
    "/v1/enrolment/bindings/ack",
    "/v1/sign-in/challenge",
    "/v1/sign-in",
    "/v1/sign-in/redeem",
];

/// Stands in an input for the id of the element that is enrolled, which is another one in every run.
const SELF: [u8; 16] = [0xEE; 16];

/// A body for any route.
pub(super) fn routes(data: &[u8]) {
    let desk = &*DESK;
    let data = with_element(data, desk.terminal_id);
    let mut input = Input::new(&data);
    let route = input.below(POSTS.len() + 4);
    let reply = desk.runtime.block_on(async {
        match (POSTS.get(route), route - POSTS.len().min(route)) {
            (Some(path), _) => desk.world.post(path, input.rest().to_vec()).await,
            (None, 0) => {
                let path = format!("/v1/enrolment/elements/{}/injections/ack", desk.terminal_id);
                let body = input.rest().to_vec();
                desk.world.door.post(&path, "application/octet-stream", body).await.expect("an answer")
            }
            (None, 1) => {
                let name: String = input.rest().iter().map(|byte| char::from(byte % 26 + b'a')).collect();
                desk.world.door.get(&format!("/v1/keys/{name}")).await.expect("an answer")
            }
            (None, 3) => {
                let (binding_seq, last) = (u64::from(input.word()), u64::from(input.word()));
                let hello = Hello { element: desk.terminal_id, binding_seq, last, tpm_nonce: None };
                desk.world.post("/v1/hello", hello.encode()).await
            }
            (None, _) => {
                // About the one element that is there.
                let poll = ReceiptPoll {
                    element: desk.terminal_id,
                    lo: u64::from(input.word()),
                    hi: u64::from(input.word()),
                };
                desk.world.post("/v1/receipts", poll.encode()).await
            }
        }
    });
    assert_ne!(reply.status.as_u16(), 500, "{}", String::from_utf8_lossy(&reply.body));
    if !reply.status.is_success() && reply.content_type == "application/problem+json" {
        let (_, title) = refusal(&reply);
        planted::fault(title == "stale binding", "a hello of the enrolled element with another binding");
    }
}

/// Evidence that is changed and sealed as a terminal seals it.
pub(super) fn boxes(data: &[u8]) {
    let desk = &*DESK;
    let mut input = Input::new(data);
    let (mut counter, mut evid) = (desk.check_in.counter, desk.check_in.evid);
    counter ^= u64::from(input.byte());
    if input.byte() == 1 {
        evid.0[0] ^= 1;
    }
    let mut evidence = desk.check_in.evidence.clone();
    let changes = input.below(4);
    for _ in 0..changes {
        match input.below(6) {
            0 | 1 => splice(&mut evidence.presence.0, &mut input),
            2 => splice(&mut evidence.certificate.0, &mut input),
            3 => splice(&mut evidence.commit.0.0, &mut input),
            4 => splice(&mut evidence.card_signature.0, &mut input),
            _ => splice(&mut evidence.authentication.0, &mut input),
        }
    }
    let mut plain = evidence.encode();
    if input.byte() == 1 {
        splice(&mut plain, &mut input);
    }
    let aad = seal_aad(desk.terminal_id, counter, evid);
    let sealed = AwsLc.seal(&desk.evidence_key, b"jushin/1/seal", &aad, &plain).expect("the platform's key");
    let sealed = Sealed { counter, evid, enc: sealed.enc.into(), ciphertext: sealed.ciphertext.into() };
    let batch = Batch {
        element: desk.terminal_id,
        records: Vec::new(),
        anchors: Vec::new(),
        boxes: vec![sealed],
        close: None,
    };
    let reply = desk.runtime.block_on(desk.world.door.post("/v1/batches", MEDIA_TYPE, batch.encode()));
    let reply = reply.expect("an answer");
    assert_ne!(reply.status.as_u16(), 500, "{}", String::from_utf8_lossy(&reply.body));
    if reply.status.is_success() {
        let ack = BatchAck::decode(&reply.body).expect("an acknowledgement");
        assert_eq!(ack.verdicts.len(), 1, "one box, one verdict");
    } else {
        let (_, title) = refusal(&reply);
        planted::fault(title == "two elements in one batch", "a box with another element's presence in it");
    }
}

fn with_element(data: &[u8], element: jushin_statement::Id16) -> Vec<u8> {
    let mut data = data.to_vec();
    while let Some(at) = data.windows(SELF.len()).position(|window| window == SELF) {
        data[at..at + SELF.len()].copy_from_slice(&element.0);
    }
    data
}

fn splice(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    let at = usize::from(input.short()) % (bytes.len() + 1);
    let end = (at + input.below(9)).min(bytes.len());
    bytes.splice(at..end, input.string().iter().copied());
}
