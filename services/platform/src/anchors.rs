//! Whom the platform trusts besides itself: card CAs, staff CAs, time-stamping CAs, institution CAs.

use jushin_pki::{Certificate, Crypto, CvAuthority, CvCertificate, TrustAnchors, pem};
use jushin_statement::Hash;

use crate::config::Config;
use crate::refusal::Refusal;

/// Trust anchors of others, parsed.
#[derive(Debug)]
pub(crate) struct Anchors {
    /// CAs of patients' cards.
    pub(crate) cards: TrustAnchors,
    /// CAs of staff cards.
    pub(crate) staff: TrustAnchors,
    /// CAs of time-stamping authorities.
    pub(crate) time_stampers: TrustAnchors,
    /// CAs of institution keys.
    pub(crate) institutions: Vec<CvAuthority>,
    /// CA certificates and the paths of their OCSP responders.
    responders: Vec<(Certificate, String)>,
}

impl Anchors {
    /// Reads the files of [`Config::trust`].
    pub(crate) fn read(config: &Config, crypto: &dyn Crypto) -> Result<Self, Refusal> {
        let mut anchors = Self {
            cards: TrustAnchors::new(),
            staff: TrustAnchors::new(),
            time_stampers: TrustAnchors::new(),
            institutions: Vec::new(),
            responders: Vec::new(),
        };
        for (name, bytes) in &config.trust {
            anchors
                .add(name, bytes, config, crypto)
                .map_err(|why| Refusal::TrustFile { name: name.clone(), why })?;
        }
        Ok(anchors)
    }

    fn add(&mut self, name: &str, bytes: &[u8], config: &Config, crypto: &dyn Crypto) -> Result<(), String> {
        if name.starts_with("ca-i-") {
            let certificate = CvCertificate::parse(bytes).map_err(|error| error.to_string())?;
            let authority =
                CvAuthority::from_certificate(&certificate, crypto).map_err(|error| error.to_string())?;
            self.institutions.push(authority);
            return Ok(());
        }
        let anchors = if name.starts_with("ca-u-") {
            &mut self.cards
        } else if name.starts_with("hpki-") {
            &mut self.staff
        } else if name.starts_with("tsa-") {
            &mut self.time_stampers
        } else {
            return Err("no such file belongs among the trust anchors of others".to_owned());
        };
        let certificate = certificate(bytes)?;
        anchors.add(certificate.clone(), crypto).map_err(|error| error.to_string())?;
        if let Some(authority) = config.card_authorities.iter().find(|authority| authority.file == name) {
            self.responders.push((certificate, authority.path.clone()));
        }
        Ok(())
    }

    /// Keys of the card CAs, DER SubjectPublicKeyInfo.
    pub(crate) fn card_keys(&self) -> impl Iterator<Item = &[u8]> {
        self.cards.iter().map(|anchor| anchor.certificate().spki())
    }

    /// SHA-256 of the certificates of the time-stamping CAs.
    pub(crate) fn time_stamper_hashes(&self) -> Vec<Hash> {
        self.time_stampers.iter().map(|anchor| Hash(anchor.certificate().sha256())).collect()
    }

    /// Path of the responder of a CA.
    pub(crate) fn responder(&self, authority: &Certificate) -> Option<&str> {
        self.responders
            .iter()
            .find(|(certificate, _)| certificate == authority)
            .map(|(_, path)| path.as_str())
    }
}

fn certificate(bytes: &[u8]) -> Result<Certificate, String> {
    let text = core::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let der = pem::decode("CERTIFICATE", text).map_err(|error| error.to_string())?;
    Certificate::parse(&der).map_err(|error| error.to_string())
}
