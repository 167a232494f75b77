//! Enrolment (P1): the element gets its certificate and secrets, the terminal its key, both their binding.

use jushin_pki::{PrivateKey, Sealed, Suite};
use jushin_runtime::PeerError;
use jushin_statement::cbor::{Malformed, Reader, Writer};
use jushin_statement::{
    Alg, Appointment, Binding, Bytes, CertificateRequest, Field as _, Hash, Id16, Object as _, Record,
    Signed, sign,
};

use crate::ports::{AdministratorCard, AdministratorCardError};
use crate::store::{Fact, StoreError};
use crate::terminal::{BootSeen, DeviceError, Inner, Terminal, locked};

/// A terminal that may be unlocked from now on.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The element.
    pub element: Id16,
    /// Its certificate, DER.
    pub element_certificate: Vec<u8>,
    /// The terminal's certificate for mutual TLS, DER.
    pub terminal_certificate: Vec<u8>,
    /// Its binding.
    pub binding: Binding,
}

/// Enrolment stopped.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The platform refused or is away.
    #[error("enrolment at the platform: {0}")]
    Platform(#[from] PeerError),
    /// The platform's answer is malformed.
    #[error("the platform's answer is malformed: {0}")]
    Answer(#[from] Malformed),
    /// Element or journal.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The administrator's card.
    #[error(transparent)]
    Administrator(#[from] AdministratorCardError),
    /// The terminal's key could not be made or used.
    #[error("the terminal's key could not be made")]
    TerminalKey,
}

impl From<StoreError> for EnrolError {
    fn from(error: StoreError) -> Self {
        Self::Device(error.into())
    }
}

impl Terminal {
    /// Enrols element and terminal. The administrator's card signs the appointment of the terminal's key.
    ///
    /// # Errors
    ///
    /// [`EnrolError`] says who stopped it.
    pub async fn enrol(&self, administrator: &mut dyn AdministratorCard) -> Result<Enrolled, EnrolError> {
        let inner = &self.0;
        let mut body = Writer::new();
        body.text(inner.configuration.institution.as_str());
        let nonce = inner.platform.post_object("/v1/enrolment/nonce", body.into_bytes()).await?;
        let nonce = Hash(one_item(&nonce)?);
        let (request, element) = inner.with_device(move |inner| inner.request_certificate(nonce)).await?;
        let element_certificate = inner.platform.post_object("/v1/enrolment/elements", request.0.0).await?;
        self.inject_secrets(element).await?;

        let terminal_key = inner.terminal_key()?;
        let appointment = Appointment {
            element,
            terminal: inner.configuration.terminal,
            terminal_key: Hash::of(terminal_key.spki()),
            institution: inner.configuration.institution,
        };
        let certificate = administrator.certificate()?;
        let appointment =
            sign(&appointment, Alg::Rs256, None, |to_be_signed| administrator.sign(to_be_signed))?;
        let mut body = Writer::new();
        body.array(3).bytes(appointment.as_bytes()).bytes(&certificate).bytes(terminal_key.spki());
        let terminal_certificate =
            inner.platform.post_object("/v1/enrolment/terminals", body.into_bytes()).await?;
        inner.store.keep_fact(Fact::TerminalCertificate, &terminal_certificate)?;

        let binding = self.fetch_binding(element).await?;
        Ok(Enrolled { element, element_certificate, terminal_certificate, binding })
    }

    /// Fetches the current binding, gives it to the element and reports back. Also after every change.
    ///
    /// # Errors
    ///
    /// [`EnrolError`].
    pub async fn fetch_binding(&self, element: Id16) -> Result<Binding, EnrolError> {
        let inner = &self.0;
        let binding = inner.get(&format!("/v1/enrolment/elements/{element}/binding")).await?;
        let binding = Signed(Bytes(binding));
        let content: Binding = binding.parse()?.object()?;
        let kept = inner.store.fact(Fact::Binding)?;
        let acknowledged = inner.store.fact(Fact::Acknowledgement)?;
        if kept.is_some_and(|kept| kept == binding.as_bytes())
            && let Some(acknowledgement) = acknowledged
        {
            // The element has it already; perhaps only the answer was lost.
            inner.platform.post_object("/v1/enrolment/bindings/ack", acknowledgement).await?;
            return Ok(content);
        }
        let (acknowledgement, counter) = inner.with_device(move |inner| inner.bind(&binding)).await?;
        inner.platform.post_object("/v1/enrolment/bindings/ack", acknowledgement.0.0).await?;
        inner.store.record_delivered(counter)?;
        Ok(content)
    }

    async fn inject_secrets(&self, element: Id16) -> Result<(), EnrolError> {
        let inner = &self.0;
        let path = format!("/v1/enrolment/elements/{element}/injections");
        for (sealed, nonce) in injections(&inner.get(&path).await?)? {
            let test = inner
                .with_device(move |inner| {
                    Ok::<_, DeviceError>(locked(&inner.element).inject(&sealed, nonce)?)
                })
                .await?;
            if !test.is_empty() {
                let path = format!("{path}/ack");
                inner.platform.post(&path, "application/octet-stream", test).await?.success()?;
            }
        }
        Ok(())
    }
}

impl Inner {
    /// CSR and the first BOOT. The element's key and clock are kept as facts.
    fn request_certificate(&self, nonce: Hash) -> Result<(Signed, Id16), DeviceError> {
        let signed = locked(&self.element).request_certificate(nonce)?;
        let request: CertificateRequest = signed.parse()?.object()?;
        self.store.keep_fact(Fact::DeviceKey, &request.device_key)?;
        self.store.keep_fact(Fact::Clock, &request.tick.encode())?;
        self.boot()?;
        Ok((signed, Id16::of_spki(&request.device_key)))
    }

    /// BOOT, as often as it is due: what it released is in the journal before it is asked again.
    pub(crate) fn boot(&self) -> Result<BootSeen, DeviceError> {
        loop {
            let booted = locked(&self.element).boot()?;
            if let Some(last) = &booted.last_record {
                self.journal_last(last)?;
            }
            let record: Record = self.journal(&booted.boot)?;
            if booted.is_due_again() {
                continue;
            }
            let seen = BootSeen { cycle: booted.cycle, counter: record.link().counter };
            *locked(&self.boot) = Some(seen);
            locked(&self.standing).powered_on();
            self.store.keep_fact(Fact::Boot, booted.boot.as_bytes())?;
            return Ok(seen);
        }
    }

    fn bind(&self, binding: &Signed) -> Result<(Signed, u64), DeviceError> {
        let acknowledgement = locked(&self.element).bind(binding)?;
        let record = self.journal(&acknowledgement)?;
        self.store.keep_fact(Fact::Acknowledgement, acknowledgement.as_bytes())?;
        self.store.keep_fact(Fact::Binding, binding.as_bytes())?;
        Ok((acknowledgement, record.link().counter))
    }

    /// The terminal's own key: made once, kept in the journal's file.
    pub(crate) fn terminal_key(&self) -> Result<std::sync::Arc<dyn PrivateKey>, EnrolError> {
        let pkcs8 = match self.store.fact(Fact::TerminalKey)? {
            Some(pkcs8) => zeroize::Zeroizing::new(pkcs8),
            None => {
                let made = self
                    .crypto
                    .generate_stored(jushin_pki::KeyKind::P256)
                    .map_err(|_| EnrolError::TerminalKey)?;
                self.store.keep_fact(Fact::TerminalKey, &made)?;
                made
            }
        };
        self.crypto.private_key(&pkcs8).map_err(|_| EnrolError::TerminalKey)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Vec<u8>, PeerError> {
        self.platform.get(path).await?.success()
    }
}

/// Signs with the terminal's key.
pub(crate) fn terminal_signature(key: &dyn PrivateKey, to_be_signed: &[u8]) -> Result<Vec<u8>, EnrolError> {
    key.sign(Suite::P256Sha256Cose, to_be_signed).map_err(|_| EnrolError::TerminalKey)
}

/// A body that is one byte string of 32 bytes.
fn one_item(body: &[u8]) -> Result<[u8; 32], Malformed> {
    let mut reader = Reader::new(body)?;
    let item = <[u8; 32]>::read(&mut reader)?;
    reader.end()?;
    Ok(item)
}

/// A body that is a list of `[enc, ct, n]`.
fn injections(body: &[u8]) -> Result<Vec<(Sealed, Hash)>, Malformed> {
    let mut reader = Reader::new(body)?;
    let count = reader.array_of_any()?;
    let mut list = Vec::new();
    for _ in 0..count {
        reader.array("injection", 3)?;
        let sealed = Sealed { enc: reader.bytes()?.to_vec(), ciphertext: reader.bytes()?.to_vec() };
        list.push((sealed, Hash::read(&mut reader)?));
    }
    reader.end()?;
    Ok(list)
}
