//! `jushin bench tsa`: time-stamp tokens made, checked, and fetched over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jushin_crypto::AwsLc;
use jushin_pki::time_stamp::{TimeStampRequest, Token, token_of_response};
use jushin_pki::{Certificate, Crypto, TrustAnchors};
use jushin_runtime::Random;
use jushin_statement::Hash;
use jushin_trust_services::{Authority, Config, TrustServices, Tsa};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use serde_json::json;
use tokio::net::TcpListener;

use crate::demo::stage::{DayClock, MORNING};

use super::Size;
use super::counted::{Counted, Ledger, Operation};
use super::limit::{Keys, Limit, Times, timed};
use super::report::{Figure, Report, percent, whole};
use super::scratch::Scratch;
use super::spread::Spread;

/// Runs the bench.
pub(super) async fn run(size: &Size, report: &mut Report) -> anyhow::Result<()> {
    let count = size.cards;
    report.title("jushin bench tsa · time-stamp tokens", &format!("{} tokens", whole(count as f64)));
    let folder = Scratch::new(size.dir.as_deref())?;
    let ledger = Ledger::default();
    let counted: Arc<dyn Crypto> = Arc::new(Counted(ledger.clone()));
    let plain: Arc<dyn Crypto> = Arc::new(AwsLc);
    let requests: Arc<[Request]> = (0..count as u64).map(Request::new).collect();
    report.head("one thread", &["tokens/s", "µs each", "limit µs", "of limit"]);
    // The keys are made at the first opening and are there at the second.
    let operations = {
        let services = open(&folder, &counted, size.seed)?;
        let _of_opening = ledger.take();
        [Tsa::First, Tsa::Second].map(|tsa| {
            requests.iter().for_each(|request| drop(services.time_stamp(tsa, &request.query)));
            ledger.take()
        })
    };
    let services = open(&folder, &plain, size.seed)?;
    for (tsa, operations) in [Tsa::First, Tsa::Second].into_iter().zip(&operations) {
        let tokens = made(&services, tsa, &requests, operations, size, report)?;
        checked(&services, tsa, &requests, &tokens, size, report)?;
    }
    report.head("over HTTP on the loopback, one connection", &["p50 ms", "p99 ms"]);
    for tsa in [Tsa::First, Tsa::Second] {
        fetched(&services, tsa, &requests, report).await?;
    }
    Ok(())
}

struct Request {
    imprint: [u8; 32],
    query: Vec<u8>,
}

impl Request {
    fn new(number: u64) -> Self {
        let imprint = Hash::of(&number.to_be_bytes()).0;
        let nonce = [&[0x40][..], &number.to_be_bytes()].concat();
        Self { imprint, query: TimeStampRequest::new(imprint, &nonce).to_der() }
    }
}

fn open(folder: &Scratch, crypto: &Arc<dyn Crypto>, seed: u64) -> anyhow::Result<TrustServices> {
    let config = Config::in_folder(folder.path().join("trust-services"), "http://127.0.0.1");
    let random = Arc::new(Random::new(ChaCha20Rng::seed_from_u64(seed)));
    let clock = Arc::new(DayClock::starting_at(MORNING));
    Ok(TrustServices::open(config, Arc::clone(crypto), clock, random)?)
}

fn made(
    services: &TrustServices,
    tsa: Tsa,
    requests: &[Request],
    operations: &[Operation],
    size: &Size,
    report: &mut Report,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut answers = Vec::new();
    let (time, limit) = best_of(size.rounds, operations, || {
        answers.clear();
        Times::of(requests, |request| {
            answers.push(services.time_stamp(tsa, &request.query));
            Ok(())
        })
    })?;
    say(("make", "made", tsa), (requests.len(), time, &limit), report);
    answers.iter().map(|answer| Ok(token_of_response(answer)?)).collect()
}

fn checked(
    services: &TrustServices,
    tsa: Tsa,
    requests: &[Request],
    tokens: &[Vec<u8>],
    size: &Size,
    report: &mut Report,
) -> anyhow::Result<()> {
    let authority = match tsa {
        Tsa::First => Authority::TimeStamping1,
        Tsa::Second => Authority::TimeStamping2,
    };
    let ca = Certificate::parse(services.certificate(authority))?;
    let check = |crypto: &dyn Crypto| -> anyhow::Result<Times> {
        let anchors = TrustAnchors::from_certificates([ca.clone()], crypto)?;
        Times::of(requests.iter().zip(tokens), |(request, token)| {
            Token::parse(token)?.verify(&request.imprint, &anchors, crypto)?;
            Ok(())
        })
    };
    let ledger = Ledger::default();
    check(&Counted(ledger.clone()))?;
    let (time, limit) = best_of(size.rounds, &ledger.take(), || check(&AwsLc))?;
    say(("check", "checked", tsa), (requests.len(), time, &limit), report);
    Ok(())
}

fn best_of(
    rounds: usize,
    operations: &[Operation],
    mut work: impl FnMut() -> anyhow::Result<Times>,
) -> anyhow::Result<(Duration, Limit)> {
    let mut best: Option<(Times, Limit)> = None;
    for _ in 0..rounds {
        let times = work()?;
        let limit = Limit::of(operations, Keys::AsUsed);
        match &mut best {
            Some((least, limits)) => {
                least.least(&times);
                limits.least(&limit);
            }
            None => best = Some((times, limit)),
        }
    }
    best.map(|(times, limit)| (times.total(), limit)).context("no round")
}

fn say(
    (slug, word, tsa): (&str, &str, Tsa),
    (count, time, limit): (usize, Duration, &Limit),
    report: &mut Report,
) {
    let operations: Vec<String> = limit.0.keys().map(ToString::to_string).collect();
    let per = 1e6 / count as f64;
    let (each, least) = (time.as_secs_f64() * per, limit.total().as_secs_f64() * per);
    let figure = Figure {
        bench: format!("tsa/{}/{slug}", tsa.number()),
        label: &format!("TSA {}, {word}", tsa.number()),
        value: 1e6 / each,
        unit: "tokens/s",
        limit: Some(1e6 / least),
        ratio: Some(least / each),
        more: json!({
            "tokens": count,
            "operations": limit.0.iter().map(|(class, cost)| {
                json!({ "class": class.slug(), "count": cost.count, "each_us": cost.each_us() })
            }).collect::<Vec<_>>(),
        }),
    };
    let columns = [whole(figure.value), format!("{each:.1}"), format!("{least:.1}"), percent(least / each)];
    report.figure(&figure, &columns);
    report.line(&format!("    {}", operations.join("; ")));
}

async fn fetched(
    services: &TrustServices,
    tsa: Tsa,
    requests: &Arc<[Request]>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = services.protocols();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let queries = Arc::clone(requests);
    let taken = tokio::task::spawn_blocking(move || fetch(address, tsa, &queries)).await??;
    server.abort();
    let spread = Spread::of(taken);
    let figure = Figure {
        bench: format!("tsa/{}/http", tsa.number()),
        label: &format!("TSA {}", tsa.number()),
        value: spread.median_ms(),
        unit: "ms",
        limit: None,
        ratio: None,
        more: json!({ "p99": spread.p99_ms(), "tokens": requests.len() }),
    };
    report.figure(&figure, &[format!("{:.2}", spread.median_ms()), format!("{:.2}", spread.p99_ms())]);
    Ok(())
}

/// How long each token took, over one connection that stays open.
fn fetch(address: SocketAddr, tsa: Tsa, requests: &[Request]) -> anyhow::Result<Vec<Duration>> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    let one = |request: &Request| {
        let (time, answer) = timed(|| post(&mut connection, address, tsa, &request.query));
        token_of_response(&answer?)?;
        Ok(time)
    };
    requests.iter().map(one).collect()
}

fn post(connection: &mut TcpStream, address: SocketAddr, tsa: Tsa, query: &[u8]) -> anyhow::Result<Vec<u8>> {
    let head = format!(
        "POST /tsa/{} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/timestamp-query\r\n\
         content-length: {}\r\n\r\n",
        tsa.number(),
        query.len()
    );
    connection.write_all(&[head.as_bytes(), query].concat())?;
    let (mut answer, mut part) = (Vec::new(), [0; 8_192]);
    loop {
        let length = connection.read(&mut part)?;
        ensure!(length > 0, "the connection was closed");
        answer.extend_from_slice(part.get(..length).unwrap_or_default());
        if let Some(body) = body(&answer)? {
            return Ok(body.to_vec());
        }
    }
}

/// The body of a whole answer; nil while some of it is missing.
fn body(answer: &[u8]) -> anyhow::Result<Option<&[u8]>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).to_lowercase();
    ensure!(head.starts_with("http/1.1 200 "), "the time stamper answered {head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.context("an answer without a length")?.trim().parse()?;
    let body = answer.get(end + 4..).unwrap_or_default();
    Ok((body.len() >= length).then_some(body))
}
