//! A stand-in for the platform, with switches: it answers as told, right or wrong.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes as Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jushin_crypto::AwsLc;
use jushin_pki::{Crypto as _, KeyKind, PrivateKey, Sealed, SealingKey, Suite};
use jushin_runtime::{Cbor, Peer, PeerError};
use jushin_statement::cbor::{Reader, Writer};
use jushin_statement::{
    Activation, Alg, Batch, BatchAck, Binding, BindingState, Bytes, CertificateRequest, Challenge, Class,
    Commit, Eligibility, Evidence, GapQuery, Hash, Hello, Id16, Injection, InjectionKind, InstitutionCode,
    KeyHint, Object as _, Pid, PidScheme, Policy, Presence, Receipt, ReceiptItem, ReceiptPoll, Record,
    Signed, Statement, Status, TickStamp1, UnixMillis, Unlock, Validity, Verdict, seal_aad, sign,
};
use jushin_terminal::PlatformKeys;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use crate::bench::MORNING;
use crate::cards::{INSTITUTION, KEYS, kept_key};

/// How the platform answers a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Answers {
    #[default]
    Right,
    /// The receipt names another head.
    OtherHead,
    /// The receipt is for another element.
    OtherElement,
    /// Another key signed the receipt.
    OtherKey,
    /// The visit stays provisional.
    Undecided,
    /// The card was stopped before the visit.
    Stopped,
    /// The batch is taken, but the answer is lost on the way.
    Lost,
}

#[derive(Clone)]
pub(crate) struct StandIn(Arc<Inner>);

struct Inner {
    provider: Arc<dyn PrivateKey>,
    receipt: Arc<dyn PrivateKey>,
    other: Arc<dyn PrivateKey>,
    pub(crate) bind: Arc<dyn PrivateKey>,
    evidence: Arc<dyn SealingKey>,
    state: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    element: Option<Id16>,
    sealing_key: Vec<u8>,
    terminal: Option<(Id16, Hash)>,
    network_down: bool,
    /// Requests so far, once the network breaks off again and again.
    breaking_off: Option<u64>,
    suspended: bool,
    binding_seq: u64,
    answers: Answers,
    session_ticks: u64,
    begins: u64,
    batches: Vec<Batch>,
    opened: Vec<Evidence>,
    numbers: u8,
}

impl StandIn {
    pub(crate) fn new() -> Self {
        let p256 = |name| AwsLc.private_key(&kept_key(name, KeyKind::P256)).unwrap();
        let known = Known { session_ticks: 10_000, binding_seq: 1, begins: 5, ..Known::default() };
        Self(Arc::new(Inner {
            provider: p256("provider"),
            receipt: p256("receipts"),
            other: p256("other"),
            bind: p256("bindings"),
            evidence: AwsLc.sealing_key(&kept_key("evidence", KeyKind::P256)).unwrap(),
            state: Mutex::new(known),
        }))
    }

    pub(crate) fn keys(&self) -> PlatformKeys {
        PlatformKeys {
            provider: self.0.provider.spki().to_vec(),
            receipt: self.0.receipt.spki().to_vec(),
            evidence: self.0.evidence.spki().to_vec(),
        }
    }

    pub(crate) fn binding_key(&self) -> Vec<u8> {
        self.0.bind.spki().to_vec()
    }

    pub(crate) fn network(&self, up: bool) {
        self.0.state.lock().unwrap().network_down = !up;
    }

    /// An unlock allows this many check-ins.
    pub(crate) fn allow(&self, begins: u64) {
        self.0.state.lock().unwrap().begins = begins;
    }

    /// It enrolled this element before it was started anew.
    pub(crate) fn remember(&self, element: Id16) {
        self.0.state.lock().unwrap().element = Some(element);
    }

    /// From now on one request of three gets lost, and the answer to another.
    pub(crate) fn break_off(&self) {
        self.0.state.lock().unwrap().breaking_off = Some(0);
    }

    /// Whether this request arrives, and whether its answer comes back.
    fn fate(&self) -> (bool, bool) {
        let mut known = self.0.state.lock().unwrap();
        let turn = known.breaking_off.as_mut().map(|requests| {
            *requests += 1;
            *requests % 3
        });
        (!known.network_down && turn != Some(1), turn != Some(2))
    }

    pub(crate) fn suspend(&self) {
        self.0.state.lock().unwrap().suspended = true;
    }

    pub(crate) fn resume(&self) {
        let mut known = self.0.state.lock().unwrap();
        known.suspended = false;
        known.binding_seq += 1;
    }

    pub(crate) fn answer(&self, answers: Answers) {
        self.0.state.lock().unwrap().answers = answers;
    }

    /// Batches as they came.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.0.state.lock().unwrap().batches.clone()
    }

    /// Evidence that was opened, in order.
    pub(crate) fn opened(&self) -> Vec<Evidence> {
        self.0.state.lock().unwrap().opened.clone()
    }

    /// Counters of all records and visits that came, each once.
    pub(crate) fn counters(&self) -> BTreeSet<u64> {
        let mut counters = BTreeSet::new();
        for batch in self.batches() {
            for record in &batch.records {
                counters.insert(Record::decode(record.parse().unwrap().payload).unwrap().link().counter);
            }
            for sealed in &batch.boxes {
                counters.extend([sealed.counter, sealed.counter + 1]);
            }
        }
        counters
    }

    /// The way to it, with a switch in it.
    pub(crate) fn peer(&self) -> Peer {
        let router = self.router();
        let stand_in = self.clone();
        Peer::new(BoxCloneSyncService::new(tower::service_fn(move |request: Request| {
            let (router, stand_in) = (router.clone(), stand_in.clone());
            async move {
                let (arrives, answered) = stand_in.fate();
                if !arrives {
                    return Err(PeerError::Unreachable("the network is down".into()));
                }
                let Ok(response) = router.oneshot(request).await;
                if !answered || response.status() == StatusCode::IM_A_TEAPOT {
                    return Err(PeerError::Unreachable("the answer was lost".into()));
                }
                Ok(response)
            }
        })))
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/v1/enrolment/nonce", post(|| async { bytes(&[7; 32]) }))
            .route("/v1/enrolment/elements", post(elements))
            .route("/v1/enrolment/elements/{element}/injections", get(injections))
            .route(
                "/v1/enrolment/elements/{element}/injections/ack",
                post(|| async { StatusCode::NO_CONTENT }),
            )
            .route("/v1/enrolment/terminals", post(terminals))
            .route("/v1/enrolment/elements/{element}/binding", get(binding))
            .route("/v1/enrolment/bindings/ack", post(|| async { StatusCode::NO_CONTENT }))
            .route("/v1/hello", post(hello))
            .route("/v1/stamps", post(stamps))
            .route("/v1/anchors", post(|| async { StatusCode::NO_CONTENT }))
            .route("/v1/batches", post(batches))
            .route("/v1/gap-queries", post(gap_queries))
            .route("/v1/receipts", post(receipts))
            .with_state(self.clone())
    }

    fn signed<S: Statement>(key: &dyn PrivateKey, statement: &S) -> Signed {
        let hint = KeyHint::of_spki(key.spki());
        sign(statement, Alg::Es256, Some(hint), |bytes| key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
    }

    fn open(&self, element: Id16, sealed: &jushin_statement::Sealed) -> Evidence {
        let aad = seal_aad(element, sealed.counter, sealed.evid);
        let sealed = Sealed { enc: sealed.enc.0.clone(), ciphertext: sealed.ciphertext.0.clone() };
        Evidence::decode(&self.0.evidence.open(b"jushin/1/seal", &aad, &sealed).unwrap()).unwrap()
    }

    fn acknowledge(&self, element: Id16, visits: &[(u64, Hash, Hash)], last: (u64, Hash)) -> BatchAck {
        let answers = self.0.state.lock().unwrap().answers;
        let (status, reasons) = match answers {
            Answers::Undecided => (Status::Indeterminate, vec![11]),
            Answers::Stopped => (Status::Invalid, vec![10]),
            _ => (Status::Valid, vec![]),
        };
        let at = UnixMillis(1_775_519_524_000);
        let valid = status == Status::Valid;
        let items = visits.iter().map(|(counter, _, person)| ReceiptItem {
            counter: *counter,
            status,
            reasons: reasons.clone(),
            pid: valid.then_some(Pid { scheme: PidScheme::Platform, epoch: 1, value: *person }),
        });
        let (last, head) = last;
        let receipt = Receipt {
            element: if answers == Answers::OtherElement { Id16([1; 16]) } else { element },
            lo: 1,
            hi: last,
            head: if answers == Answers::OtherHead { Hash::ZERO } else { head },
            at,
            gaps: Vec::new(),
            items: items.collect(),
        };
        let key = if answers == Answers::OtherKey { &self.0.other } else { &self.0.receipt };
        let verdict = |evid: &Hash| Verdict {
            evid: *evid,
            status,
            class: Class::Tight,
            lo: Some(UnixMillis(at.0 - 3_000)),
            hi: Some(at),
            reasons: reasons.clone(),
            policy: Hash::ZERO,
            simulated: true,
            at,
        };
        let eligibility = |evid: &Hash| Eligibility {
            evid: *evid,
            validity: Validity::Valid,
            insurer: "さくら健保".into(),
            copay_tenths: 3,
            at,
        };
        let receipt_key = &*self.0.receipt;
        BatchAck {
            receipt: Self::signed(&**key, &receipt),
            verdicts: visits.iter().map(|(_, evid, _)| Self::signed(receipt_key, &verdict(evid))).collect(),
            eligibilities: visits
                .iter()
                .map(|(_, evid, _)| Self::signed(receipt_key, &eligibility(evid)))
                .collect(),
            visits: Vec::new(),
        }
    }

    /// Counter, evid, and who it is: here simply by the certificate.
    fn visits(&self, batch: &Batch) -> Vec<(u64, Hash, Hash)> {
        let of_box = |sealed: &jushin_statement::Sealed| {
            let evidence = self.open(batch.element, sealed);
            let commit = evidence.commit.parse().unwrap();
            let committed: Commit = commit.object().unwrap();
            let presence = Presence::decode(&evidence.presence).unwrap();
            assert_eq!(commit.payload_hash(), sealed.evid);
            assert_eq!((presence.counter, committed.counter), (sealed.counter, sealed.counter + 1));
            let person = Hash::of(&evidence.certificate);
            self.0.state.lock().unwrap().opened.push(evidence);
            (sealed.counter, sealed.evid, person)
        };
        batch.boxes.iter().map(of_box).collect()
    }
}

fn bytes(content: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.bytes(content);
    writer.into_bytes()
}

async fn elements(State(platform): State<StandIn>, body: Body) -> Vec<u8> {
    let request: CertificateRequest = Signed(Bytes(body.to_vec())).parse().unwrap().object().unwrap();
    assert_eq!(request.nonce, Hash([7; 32]));
    let mut known = platform.0.state.lock().unwrap();
    known.element = Some(Id16::of_spki(&request.device_key));
    known.sealing_key = request.sealing_key.0;
    b"element certificate".to_vec()
}

async fn injections(State(platform): State<StandIn>) -> Vec<u8> {
    let known = platform.0.state.lock().unwrap();
    let element = known.element.unwrap();
    let injection = Injection {
        element,
        kind: InjectionKind::InstitutionKey,
        epoch: 0,
        keep: 0,
        value: Bytes(KEYS.institution_pkcs8.to_vec()),
        certificate: Some(Bytes(KEYS.institution_certificate.as_bytes().to_vec())),
    };
    let signed = StandIn::signed(&*platform.0.bind, &injection);
    let sealed = AwsLc.seal(&known.sealing_key, b"jushin/1/inject", &element.0, signed.as_bytes()).unwrap();
    let mut writer = Writer::new();
    writer.array(1).array(3).bytes(&sealed.enc).bytes(&sealed.ciphertext).bytes(&[8; 32]);
    writer.into_bytes()
}

async fn terminals(State(platform): State<StandIn>, body: Body) -> Vec<u8> {
    let mut reader = Reader::new(&body).unwrap();
    reader.array("terminal", 3).unwrap();
    let appointment = Signed(Bytes(reader.bytes().unwrap().to_vec()));
    let appointment: jushin_statement::Appointment = appointment.parse().unwrap().object().unwrap();
    let _certificate = reader.bytes().unwrap();
    let key = Hash::of(reader.bytes().unwrap());
    reader.end().unwrap();
    assert_eq!(appointment.terminal_key, key);
    platform.0.state.lock().unwrap().terminal = Some((appointment.terminal, key));
    b"terminal certificate".to_vec()
}

async fn binding(State(platform): State<StandIn>) -> Vec<u8> {
    let known = platform.0.state.lock().unwrap();
    let (terminal, terminal_key) = known.terminal.unwrap();
    let binding = Binding {
        id: Id16([2; 16]),
        seq: known.binding_seq,
        state: BindingState::InUse,
        from_counter: None,
        element: known.element.unwrap(),
        terminal,
        terminal_key,
        institution: InstitutionCode::new(INSTITUTION).unwrap(),
        certificate: Hash::of(KEYS.institution_certificate.as_bytes()),
        administrators: vec![crate::unlock::administrator()],
        provider_key: Hash::of(platform.0.provider.spki()),
        time_stampers: vec![Hash::ZERO],
        not_before: UnixMillis(0),
        not_after: UnixMillis(u64::from(u32::MAX) * 1000),
        policy: Policy {
            begins_online: known.begins,
            ticks_online: 100_000_000,
            begins_offline: 3,
            ticks_offline: 100_000_000,
            session_ticks: known.session_ticks,
            bracket_ms: 60_000,
            methods: 0b1110,
        },
    };
    StandIn::signed(&*platform.0.bind, &binding).0.0
}

async fn hello(State(platform): State<StandIn>, Cbor(hello): Cbor<Hello>) -> Response {
    let known = platform.0.state.lock().unwrap();
    if known.suspended {
        let detail = "reported stolen";
        return jushin_runtime::Problem::new(StatusCode::FORBIDDEN, "suspended", detail).into_response();
    }
    assert_eq!(Some(hello.element), known.element);
    Cbor(Challenge { nonce: Hash([6; 32]), provider_time: MORNING, element: hello.element }).into_response()
}

async fn stamps(State(platform): State<StandIn>, body: Body) -> Cbor<Unlock> {
    let stamp = Signed(Bytes(body.to_vec()));
    let stamp1: TickStamp1 = stamp.parse().unwrap().object().unwrap();
    let mut known = platform.0.state.lock().unwrap();
    known.numbers += 1;
    let token = [b"simulated token over ", stamp.imprint().as_ref()].concat();
    let activation = Activation {
        id: Id16([known.numbers; 16]),
        element: stamp1.element,
        cycle: stamp1.ticks.cycle,
        counter: stamp1.counter,
        stamp: stamp1.hash(),
        token: Hash::of(&token),
        binding_seq: known.binding_seq,
        begins: known.begins,
        max_ticks: 100_000_000,
    };
    let activation = StandIn::signed(&*platform.0.provider, &activation);
    Cbor(Unlock { token: Bytes(token), activation, grant: None })
}

async fn batches(State(platform): State<StandIn>, Cbor(batch): Cbor<Batch>) -> Response {
    let visits = platform.visits(&batch);
    let answer = platform.acknowledge(batch.element, &visits, last_of(&batch));
    let mut known = platform.0.state.lock().unwrap();
    known.batches.push(batch);
    if known.answers == Answers::Lost {
        return StatusCode::IM_A_TEAPOT.into_response();
    }
    Cbor(answer).into_response()
}

async fn receipts(State(platform): State<StandIn>, Cbor(poll): Cbor<ReceiptPoll>) -> Response {
    let batches = platform.batches();
    let visits: Vec<_> = batches
        .iter()
        .flat_map(|batch| &batch.boxes)
        .filter(|sealed| (poll.lo..=poll.hi).contains(&sealed.counter))
        .map(|sealed| {
            (sealed.counter, sealed.evid, Hash::of(&platform.open(poll.element, sealed).certificate))
        })
        .collect();
    if visits.is_empty() {
        return StatusCode::ACCEPTED.into_response();
    }
    let last = visits.last().map(|(counter, evid, _)| (counter + 1, *evid)).unwrap();
    Cbor(platform.acknowledge(poll.element, &visits, last)).into_response()
}

async fn gap_queries(State(platform): State<StandIn>) -> Cbor<GapQuery> {
    let element = platform.0.state.lock().unwrap().element.unwrap();
    Cbor(GapQuery { element, lo: 1, hi: None, nonce: Hash([9; 32]) })
}

/// The highest counter of a batch, and the hash of what stands under it.
fn last_of(batch: &Batch) -> (u64, Hash) {
    let visits = batch.boxes.iter().map(|sealed| (sealed.counter + 1, sealed.evid));
    let records = batch.records.iter().chain(&batch.close).map(|record| {
        let record = record.parse().unwrap();
        (Record::decode(record.payload).unwrap().link().counter, record.payload_hash())
    });
    visits.chain(records).max().unwrap()
}
