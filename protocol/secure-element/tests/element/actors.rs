//! Everybody around an element, with fixed roles and keys that are made once per run.

use std::sync::{Arc, LazyLock};

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, Template};
use jushin_pki::name::Name;
use jushin_pki::{Crypto, CvCertificate, CvKeyId, KeyKind, Moment, PrivateKey, Suite};
use jushin_statement::{
    Alg, AuthenticationForm, CardChallenge, InstitutionCode, KeyHint, Signed, Statement, sign,
};
use sha2::{Digest, Sha256, Sha384};

pub const CODE: &str = "1312345679";
pub const OTHER_CODE: &str = "2712345673";

pub fn institution() -> InstitutionCode {
    InstitutionCode::new(CODE).unwrap()
}

/// A signer of statements, ES256.
pub struct Signer {
    pub key: Arc<dyn PrivateKey>,
}

impl Signer {
    fn new() -> Self {
        Self { key: AwsLc.generate(KeyKind::P256).unwrap() }
    }

    pub fn spki(&self) -> &[u8] {
        self.key.spki()
    }

    pub fn sign<S: Statement>(&self, statement: &S) -> Signed {
        sign(statement, Alg::Es256, None, |bytes| self.key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
    }

    /// As the platform signs: the key is named in the header.
    pub fn sign_named<S: Statement>(&self, statement: &S) -> Signed {
        let hint = KeyHint::of_spki(self.spki());
        sign(statement, Alg::Es256, Some(hint), |bytes| self.key.sign(Suite::P256Sha256Cose, bytes)).unwrap()
    }
}

/// A card: a key and its certificate.
pub struct Card {
    pub key: Arc<dyn PrivateKey>,
    pub certificate: Vec<u8>,
    pub alg: Alg,
}

impl Card {
    fn new(issuer: &Issuer, key: Arc<dyn PrivateKey>, alg: Alg, name: &str) -> Self {
        let certificate = issuer.issue(&template(name, key.spki())).unwrap().der().to_vec();
        Self { key, certificate, alg }
    }

    /// The same card, labelled with another algorithm.
    pub fn labelled(&self, alg: Alg) -> Self {
        Self { key: self.key.clone(), certificate: self.certificate.clone(), alg }
    }

    fn suite(&self) -> Suite {
        match self.alg {
            Alg::Ps256 => Suite::RsaPssSha256,
            Alg::Es384 => Suite::P384Sha384Cose,
            _ => Suite::RsaPkcs1Sha256,
        }
    }

    /// The digest that the card is given for a Sig_structure.
    pub fn given(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.digest(to_be_signed)
    }

    pub fn digest(&self, bytes: &[u8]) -> Vec<u8> {
        if self.alg == Alg::Es384 { Sha384::digest(bytes).to_vec() } else { Sha256::digest(bytes).to_vec() }
    }

    pub fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.key.sign_digest(self.suite(), &self.digest(to_be_signed)).unwrap()
    }

    /// As a card of this form signs after EXTERNAL AUTHENTICATE with `challenge`.
    pub fn sign_as(
        &self,
        form: AuthenticationForm,
        challenge: &CardChallenge,
        to_be_signed: &[u8],
    ) -> Vec<u8> {
        if form != AuthenticationForm::CardBindsInstitution {
            return self.sign(to_be_signed);
        }
        let given = self.given(to_be_signed);
        let message = [b"jushin/1/card-ea", challenge.as_bytes(), CODE.as_bytes(), &given].concat();
        self.key.sign_digest(self.suite(), &self.digest(&message)).unwrap()
    }
}

/// An institution's RSA key and the CV certificate over it.
pub struct InstitutionKey {
    pub pkcs8: Vec<u8>,
    pub key: Arc<dyn PrivateKey>,
    pub cv: Vec<u8>,
}

pub struct Actors {
    pub platform: Signer,
    pub impostor: Signer,
    pub provider: Signer,
    pub other_provider: Signer,
    pub terminal: Signer,
    pub other_terminal: Signer,
    pub administrator: Card,
    pub stranger: Card,
    pub card_ca: Issuer,
    pub next_card_ca: Issuer,
    pub patient: Card,
    pub other_patient: Card,
    pub p384_patient: Card,
    pub next_generation_patient: Card,
    pub p256_patient: Card,
    pub cv_issuer: Arc<dyn PrivateKey>,
    pub institution_key: InstitutionKey,
    pub other_institution_key: InstitutionKey,
}

fn template(name: &str, spki: &[u8]) -> Template {
    Template {
        subject: Name::new().country("JP").common_name(name),
        serial: vec![1],
        not_before: Moment::from_utc(2026, 1, 1, 0, 0, 0).unwrap(),
        not_after: Moment::from_utc(2031, 1, 1, 0, 0, 0).unwrap(),
        spki: spki.to_vec(),
        extensions: Vec::new(),
    }
}

fn rsa() -> Arc<dyn PrivateKey> {
    AwsLc.generate(KeyKind::Rsa2048).unwrap()
}

fn ca(name: &str) -> Issuer {
    Issuer::self_signed(template(name, &[]), rsa(), Suite::RsaPkcs1Sha256).unwrap()
}

fn institution_key(issuer: &dyn PrivateKey, code: &str) -> InstitutionKey {
    let pkcs8 = AwsLc.generate_stored(KeyKind::Rsa2048).unwrap().to_vec();
    let key = AwsLc.private_key(&pkcs8).unwrap();
    let cv = cv_certificate(issuer, code, key.spki(), 1);
    InstitutionKey { pkcs8, key, cv }
}

pub fn cv_certificate(issuer: &dyn PrivateKey, code: &str, spki: &[u8], serial: u8) -> Vec<u8> {
    let subject = CvKeyId::for_institution(code, [0, 0, 0, 0, serial]).unwrap();
    CvCertificate::issue(issuer, CvKeyId::new(*b"9000000000CA0001"), subject, spki)
        .unwrap()
        .as_bytes()
        .to_vec()
}

static ACTORS: LazyLock<Actors> = LazyLock::new(|| {
    let (card_ca, next_card_ca) = (ca("card CA 1"), ca("card CA 2"));
    let staff_ca = ca("staff CA");
    let cv_issuer = rsa();
    let p384 = AwsLc.generate(KeyKind::P384).unwrap();
    let p256 = AwsLc.generate(KeyKind::P256).unwrap();
    Actors {
        platform: Signer::new(),
        impostor: Signer::new(),
        provider: Signer::new(),
        other_provider: Signer::new(),
        terminal: Signer::new(),
        other_terminal: Signer::new(),
        administrator: Card::new(&staff_ca, rsa(), Alg::Rs256, "administrator"),
        stranger: Card::new(&staff_ca, rsa(), Alg::Rs256, "stranger"),
        patient: Card::new(&card_ca, rsa(), Alg::Rs256, "patient"),
        other_patient: Card::new(&card_ca, rsa(), Alg::Rs256, "other patient"),
        p384_patient: Card::new(&card_ca, p384, Alg::Es384, "patient with the next card"),
        next_generation_patient: Card::new(&next_card_ca, rsa(), Alg::Rs256, "patient under the next CA"),
        p256_patient: Card::new(&card_ca, p256, Alg::Es256, "patient with an unknown kind of card"),
        institution_key: institution_key(&*cv_issuer, CODE),
        other_institution_key: institution_key(&*cv_issuer, OTHER_CODE),
        cv_issuer,
        card_ca,
        next_card_ca,
    }
});

pub fn actors() -> &'static Actors {
    &ACTORS
}
