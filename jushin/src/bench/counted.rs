//! A crypto provider that counts what is asked of it, and keeps it so that it can be done again alone.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jushin_crypto::AwsLc;
use jushin_pki::{
    BadSignature, Crypto, KeyKind, PrivateKey, PublicKey, Sealed, SealingKey, SigningFailed, Suite,
    UnusableKey, spki,
};
use zeroize::Zeroizing;

use super::limit::timed;

/// What is done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Act {
    /// The key is read from its certificate and checks its first signature.
    VerifyWithNewKey,
    /// A key that was read and used before checks a signature.
    VerifyWithKnownKey,
    /// The key is read and never used.
    ReadKey,
    /// A signature is made.
    Sign,
    /// An HPKE box is closed.
    Seal,
    /// An HPKE box is opened.
    Open,
}

/// Operations that cost the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Class {
    pub(super) act: Act,
    /// Bits of an RSA modulus or of a curve's order.
    pub(super) bits: usize,
    pub(super) scheme: Scheme,
}

/// What a signature looks like, whatever its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Scheme {
    RsaPkcs1,
    RsaPss,
    Ecdsa,
    Hpke,
    /// A key that was only read.
    None,
}

impl Class {
    /// The name in JSON: `verify-new-key/rsa-2048-pkcs1`.
    pub(super) fn slug(self) -> String {
        let act = match self.act {
            Act::VerifyWithNewKey => "verify-new-key",
            Act::VerifyWithKnownKey => "verify-known-key",
            Act::ReadKey => "read-key",
            Act::Sign => "sign",
            Act::Seal => "seal",
            Act::Open => "open",
        };
        let scheme = match self.scheme {
            Scheme::RsaPkcs1 => format!("rsa-{}-pkcs1", self.bits),
            Scheme::RsaPss => format!("rsa-{}-pss", self.bits),
            Scheme::Ecdsa => format!("p{}", self.bits),
            Scheme::Hpke => "hpke-p256".to_owned(),
            Scheme::None => format!("{}-bits", self.bits),
        };
        format!("{act}/{scheme}")
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
            Scheme::RsaPkcs1 => write!(f, "RSA-{} PKCS#1", self.bits)?,
            Scheme::RsaPss => write!(f, "RSA-{} PSS", self.bits)?,
            Scheme::Ecdsa => write!(f, "ECDSA P-{}", self.bits)?,
            Scheme::Hpke => f.write_str("HPKE P-256, AES-256-GCM")?,
            Scheme::None => write!(f, "key of {} bits", self.bits)?,
        }
        f.write_str(match self.act {
            Act::VerifyWithNewKey => " verify, new key",
            Act::VerifyWithKnownKey => " verify, known key",
            Act::ReadKey => ", read and not used",
            Act::Sign => " sign",
            Act::Seal => " seal",
            Act::Open => " open",
        })
    }
}

/// What an operation was done over.
#[derive(Clone)]
pub(super) struct Signing {
    pub(super) suite: Suite,
    /// Whether `message` is a digest already.
    pub(super) digested: bool,
    pub(super) message: Vec<u8>,
}

/// How to do an operation again.
#[derive(Clone)]
pub(super) enum Again {
    Verify { spki: Arc<[u8]>, over: Signing, signature: Vec<u8> },
    ReadKey { spki: Arc<[u8]> },
    Sign { key: Arc<dyn PrivateKey>, over: Signing },
    Never,
}

/// One operation.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) class: Class,
    /// How long it took where it was asked for.
    pub(super) took: Duration,
    pub(super) again: Again,
}

/// Everything that was done since it was last taken.
#[derive(Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Vec<Operation>>>);

impl Ledger {
    /// Takes out what was done.
    pub(super) fn take(&self) -> Vec<Operation> {
        std::mem::take(&mut *self.entries())
    }

    fn add(&self, class: Class, took: Duration, again: Again) {
        self.entries().push(Operation { class, took, again });
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Operation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// [`AwsLc`], with every operation entered into a ledger.
pub(super) struct Counted(pub(super) Ledger);

struct CountedPublic {
    ledger: Ledger,
    own: Arc<dyn PublicKey>,
    spki: Arc<[u8]>,
    bits: usize,
    /// How long it took to read.
    reading: Duration,
    used: AtomicBool,
}

struct CountedPrivate {
    ledger: Ledger,
    own: Arc<dyn PrivateKey>,
    bits: usize,
}

struct CountedBox {
    ledger: Ledger,
    own: Arc<dyn SealingKey>,
}

fn class(act: Act, bits: usize, suite: Suite) -> Class {
    let scheme = match suite {
        Suite::RsaPkcs1Sha256 | Suite::RsaPkcs1Sha384 | Suite::RsaPkcs1Sha512 => Scheme::RsaPkcs1,
        Suite::RsaPssSha256 => Scheme::RsaPss,
        _ => Scheme::Ecdsa,
    };
    Class { act, bits, scheme }
}

const fn hpke(act: Act) -> Class {
    Class { act, bits: 256, scheme: Scheme::Hpke }
}

fn bits(der: &[u8]) -> usize {
    match spki::parse(der) {
        Ok(spki::Key::Rsa { modulus }) => modulus.len() * 8,
        Ok(spki::Key::P256 { .. }) => 256,
        Ok(spki::Key::P384 { .. }) => 384,
        Err(UnusableKey) => 0,
    }
}

impl CountedPublic {
    fn count(
        &self,
        suite: Suite,
        digested: bool,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        let (took, result) = timed(|| match digested {
            true => self.own.verify_digest(suite, message, signature),
            false => self.own.verify(suite, message, signature),
        });
        let known = self.used.swap(true, Ordering::Relaxed);
        let (act, took) = match known {
            true => (Act::VerifyWithKnownKey, took),
            false => (Act::VerifyWithNewKey, took + self.reading),
        };
        let over = Signing { suite, digested, message: message.to_vec() };
        let again = Again::Verify { spki: Arc::clone(&self.spki), over, signature: signature.to_vec() };
        self.ledger.add(class(act, self.bits, suite), took, again);
        result
    }
}

impl Drop for CountedPublic {
    fn drop(&mut self) {
        if !self.used.load(Ordering::Relaxed) {
            let class = Class { act: Act::ReadKey, bits: self.bits, scheme: Scheme::None };
            self.ledger.add(class, self.reading, Again::ReadKey { spki: Arc::clone(&self.spki) });
        }
    }
}

impl PublicKey for CountedPublic {
    fn kind(&self) -> KeyKind {
        self.own.kind()
    }

    fn verify(&self, suite: Suite, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.count(suite, false, message, signature)
    }

    fn verify_digest(&self, suite: Suite, digest: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.count(suite, true, digest, signature)
    }
}

impl CountedPrivate {
    fn count(&self, suite: Suite, digested: bool, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let (took, result) = timed(|| match digested {
            true => self.own.sign_digest(suite, message),
            false => self.own.sign(suite, message),
        });
        let over = Signing { suite, digested, message: message.to_vec() };
        let again = Again::Sign { key: Arc::clone(&self.own), over };
        self.ledger.add(class(Act::Sign, self.bits, suite), took, again);
        result
    }
}

impl PrivateKey for CountedPrivate {
    fn kind(&self) -> KeyKind {
        self.own.kind()
    }

    fn spki(&self) -> &[u8] {
        self.own.spki()
    }

    fn sign(&self, suite: Suite, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.count(suite, false, message)
    }

    fn sign_digest(&self, suite: Suite, digest: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.count(suite, true, digest)
    }
}

impl SealingKey for CountedBox {
    fn spki(&self) -> &[u8] {
        self.own.spki()
    }

    fn open(&self, info: &[u8], aad: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, BadSignature> {
        let (took, result) = timed(|| self.own.open(info, aad, sealed));
        self.ledger.add(hpke(Act::Open), took, Again::Never);
        result
    }
}

impl Crypto for Counted {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, UnusableKey> {
        let (reading, own) = timed(|| AwsLc.public_key(spki));
        Ok(Arc::new(CountedPublic {
            ledger: self.0.clone(),
            own: own?,
            spki: spki.into(),
            bits: bits(spki),
            reading,
            used: AtomicBool::new(false),
        }))
    }

    fn generate(&self, kind: KeyKind) -> Result<Arc<dyn PrivateKey>, SigningFailed> {
        let pkcs8 = self.generate_stored(kind)?;
        self.private_key(&pkcs8).map_err(|UnusableKey| SigningFailed)
    }

    fn generate_stored(&self, kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        AwsLc.generate_stored(kind)
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn PrivateKey>, UnusableKey> {
        let own = AwsLc.private_key(pkcs8)?;
        Ok(Arc::new(CountedPrivate { ledger: self.0.clone(), bits: bits(own.spki()), own }))
    }

    fn sealing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SealingKey>, UnusableKey> {
        Ok(Arc::new(CountedBox { ledger: self.0.clone(), own: AwsLc.sealing_key(pkcs8)? }))
    }

    fn seal(
        &self,
        recipient: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Sealed, UnusableKey> {
        let (took, result) = timed(|| AwsLc.seal(recipient, info, aad, plaintext));
        self.0.add(hpke(Act::Seal), took, Again::Never);
        result
    }
}
