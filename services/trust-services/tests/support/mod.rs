//! What the tests share: stand-ins behind a real listener, a small HTTP client, and the openssl command.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use jushin_crypto::AwsLc;
use jushin_runtime::{Clock, Random, SystemClock};
use jushin_statement::UnixMillis;
use jushin_trust_services::{
    CardKind, Config, Generation, Insurance, Person, PersonCard, PersonId, Sex, TrustServices, Validity,
};
use rand_core::SeedableRng as _;

pub fn random(seed: u64) -> Arc<Random> {
    Arc::new(Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(seed)))
}

pub fn open(config: Config) -> TrustServices {
    open_at(config, Arc::new(SystemClock))
}

pub fn open_at(config: Config, clock: Arc<dyn Clock>) -> TrustServices {
    TrustServices::open(config, Arc::new(AwsLc), clock, random(7)).unwrap()
}

pub fn now() -> UnixMillis {
    SystemClock.now()
}

/// A clock that stands until it is moved.
pub struct HandClock(pub AtomicU64);

impl HandClock {
    pub fn at(millis: u64) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(millis)))
    }
    pub fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

pub fn hanako() -> Person {
    Person {
        name: "髙橋 渚󠄁".into(),
        birth: (1980, 2, 17),
        sex: Sex::Female,
        address: "東京都清瀬市中里五丁目".into(),
        prefecture: "Tokyo-to".into(),
        municipality: "Kiyose-shi".into(),
        municipality_code: "13221".into(),
    }
}

pub fn insurance(insurer: &str) -> Insurance {
    Insurance { insurer: insurer.into(), copay_tenths: 3, validity: Validity::Valid }
}

pub fn order(person: PersonId, kind: CardKind, generation: Generation) -> PersonCard {
    PersonCard { person, kind, generation, not_before: now(), not_after: None, with_signature: false }
}

/// Stand-ins in memory, listening on a port of the loopback interface until dropped.
pub struct Listening {
    pub services: TrustServices,
    pub address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Listening {
    pub fn new(change: impl FnOnce(&mut Config)) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::in_memory(format!("http://{address}"));
        change(&mut config);
        let services = open(config);
        let router = services.router();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { services, address, _runtime: runtime }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn post(&self, path: &str, media_type: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {media_type}\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.exchange(&head, body)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.exchange(
            &format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address),
            &[],
        )
    }

    fn exchange(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a large body may close before it has read everything.
        let _ = stream.write_all(body);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes)
    }
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an HTTP answer");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A folder that goes away with the value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("jushin-trust-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn name(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs openssl; gives both outputs, and whether it was content.
pub fn openssl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).output().expect("the openssl command");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

pub fn pem(der: &[u8]) -> Vec<u8> {
    jushin_pki::pem::encode("CERTIFICATE", der).into_bytes()
}
