//! What the tests have in common: a place for files, the openssl command, a small PKI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test uses its own part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Certificate, Crypto, KeyKind, KeyUsage, Moment, PrivateKey, Suite, TrustAnchors, oid, pem};

/// 2026-11-01T00:00:00Z.
pub(crate) const NOW: Moment = Moment::from_seconds(1_793_491_200);
pub(crate) const YEAR: i64 = 365 * 86_400_000;

/// A directory that goes with the test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("jushin-pki-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn certificate(&self, name: &str, certificate: &Certificate) -> PathBuf {
        self.write(name, pem::encode("CERTIFICATE", certificate.der()))
    }

    /// Runs openssl in the directory; gives whether it succeeded and what it said.
    pub(crate) fn try_openssl(&self, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&self.0)
            .output()
            .expect("these tests need the openssl command");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    pub(crate) fn openssl(&self, arguments: &str) -> String {
        let (succeeded, said) = self.try_openssl(arguments);
        assert!(succeeded, "openssl {arguments}\n{said}");
        said
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

pub(crate) struct Key {
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) key: Arc<dyn PrivateKey>,
    pub(crate) suite: Suite,
}

impl Key {
    pub(crate) fn new(kind: KeyKind) -> Self {
        let pkcs8 = AwsLc.generate_stored(kind).unwrap().to_vec();
        let key = AwsLc.private_key(&pkcs8).unwrap();
        let suite = match kind {
            KeyKind::P256 => Suite::P256Sha256X509,
            KeyKind::P384 => Suite::P384Sha384X509,
            KeyKind::Rsa2048 | KeyKind::RsaOther => Suite::RsaPkcs1Sha256,
        };
        Self { pkcs8, key, suite }
    }

    pub(crate) fn pem(&self) -> String {
        pem::encode("PRIVATE KEY", &self.pkcs8)
    }
}

pub(crate) fn template(subject: Name, serial: u32, spki: &[u8], extensions: Vec<NewExtension>) -> Template {
    Template {
        subject,
        serial: serial.to_be_bytes().to_vec(),
        not_before: NOW.plus_millis(-YEAR),
        not_after: NOW.plus_millis(4 * YEAR),
        spki: spki.to_vec(),
        extensions,
    }
}

/// The name that every generation of JPKI's root carries, with O changed.
pub(crate) fn ca_name() -> Name {
    Name::new()
        .country("JP")
        .organization("jushin ◇")
        .unit("JPKI for user authentication")
        .unit("simulated / 模擬")
}

pub(crate) fn root(kind: KeyKind) -> Issuer {
    let key = Key::new(kind);
    Issuer::self_signed(template(ca_name(), 1, &[], vec![]), key.key, key.suite).unwrap()
}

pub(crate) fn trust(issuers: &[&Issuer]) -> TrustAnchors {
    let certificates = issuers.iter().map(|issuer| issuer.certificate().clone());
    TrustAnchors::from_certificates(certificates, &AwsLc).unwrap()
}

/// Extensions of a simulated user authentication certificate, all that JPKI's have.
pub(crate) fn card_extensions() -> Vec<NewExtension> {
    vec![
        NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        NewExtension::extended_key_usage(&[oid::CLIENT_AUTH], false),
        NewExtension::policies(&[oid::SIMULATED_USER_AUTHENTICATION]),
        NewExtension::issuer_alt_name(&Name::new().country("JP").organization("公的個人認証サービス ◇ 模擬")),
        NewExtension::crl_distribution_point(&point_name()),
        NewExtension::ocsp("http://ocsp.invalid/ca-u"),
    ]
}

pub(crate) fn point_name() -> Name {
    Name::new().country("JP").unit("CRL Distribution Points").unit("Tokyo-to").common_name("Kiyose-shi CRLDP")
}

pub(crate) fn card(issuer: &Issuer, serial: u32, spki: &[u8]) -> Certificate {
    let subject = Name::new().country("JP").common_name("0000000AXXXXX13221003A");
    issuer.issue(&template(subject, serial, spki, card_extensions())).unwrap()
}

/// Every byte changed, in one of three bits.
pub(crate) fn mutations(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let bytes = bytes.to_vec();
    (0..bytes.len()).flat_map(move |at| {
        let bytes = bytes.clone();
        [0x01, 0x08, 0x80].into_iter().map(move |bit| {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            (at, changed)
        })
    })
}
