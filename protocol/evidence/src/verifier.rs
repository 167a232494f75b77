//! The verifier: trust anchors and a crypto provider, and what it has already checked with them.

use std::sync::Arc;

use jushin_pki::revocation::responder_path;
use jushin_pki::{Certificate, Crypto, CvCertificate, ValidPath};
use jushin_statement::{Anchor, Binding, Bundle, Bytes, Embedded, Evidence, Hash, Redacted, Signed, Visits};

use crate::anchor::{Online, Stamped, verify_token};
use crate::borrowed::Borrowed;
use crate::cache::Cache;
use crate::case::{Institution, VisitForm};
use crate::element::{Element, ElementRecord};
use crate::keyring::{Keyring, open_with};
use crate::window::clock_contradiction;
use crate::{Appraisal, Case, Report, Trust};

/// Checks evidence against trust anchors. Holds no clock and asks nobody.
///
/// Keep one for as long as the trust folder stays the same: keys are parsed, and anchors, records,
/// bindings and certificates checked, once.
pub struct Verifier<'a> {
    trust: Arc<Trust>,
    pub(crate) policy_id: Hash,
    pub(crate) crypto: Arc<dyn Crypto + 'a>,
    pub(crate) keyring: Keyring,
    tokens: Cache<Option<Stamped>>,
    anchors: Cache<Option<Arc<Online>>>,
    records: Cache<Option<Arc<ElementRecord>>>,
    elements: Cache<Option<Arc<Element>>>,
    bindings: Cache<Option<Arc<(Hash, Binding)>>>,
    institutions: Cache<Option<Arc<Institution>>>,
    certificates: Cache<Option<Certificate>>,
    responders: Cache<Option<ValidPath>>,
    clocks: Cache<bool>,
}

/// Everything at hand besides the evidence itself, in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Material<'a> {
    /// Anchors of every kind.
    pub anchors: &'a [Embedded<Anchor>],
    /// All other records of the elements.
    pub records: &'a [Signed],
    /// X.509 and CV certificates.
    pub certificates: &'a [Bytes],
    /// OCSP responses and CRLs, DER.
    pub revocation: &'a [Bytes],
    /// Binding histories.
    pub bindings: &'a [Signed],
    /// Receipts, verdicts, references, visits.
    pub results: &'a [Signed],
}

impl<'a> Material<'a> {
    /// Everything in a bundle besides its visits.
    #[must_use]
    pub fn of_bundle(bundle: &'a Bundle) -> Self {
        Self {
            anchors: &bundle.anchors,
            records: &bundle.records,
            certificates: &bundle.certificates,
            revocation: &bundle.revocation,
            bindings: &bundle.bindings,
            results: &bundle.results,
        }
    }
}

impl<'a> Verifier<'a> {
    /// A verifier with empty caches.
    #[must_use]
    pub fn new(trust: Arc<Trust>, crypto: Arc<dyn Crypto + 'a>) -> Self {
        Self {
            keyring: Keyring::new(&trust, crypto.as_ref()),
            policy_id: trust.id(),
            trust,
            crypto,
            tokens: Cache::default(),
            anchors: Cache::default(),
            records: Cache::default(),
            elements: Cache::default(),
            bindings: Cache::default(),
            institutions: Cache::default(),
            certificates: Cache::default(),
            responders: Cache::default(),
            clocks: Cache::default(),
        }
    }

    /// The trust anchors.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Checks a bundle: one appraisal a visit, in the bundle's order.
    #[must_use]
    pub fn verify(&self, bundle: &Bundle) -> Report {
        let material = Material::of_bundle(bundle);
        let (visits, redacted) = match &bundle.visits {
            Visits::Full(visits) => {
                let case = self.case(material, visits);
                (visits.iter().map(|visit| case.appraise_with_audit(visit)).collect(), false)
            }
            Visits::Redacted(visits) => {
                let case = self.redacted_case(material, visits);
                (visits.iter().map(|visit| case.appraise_redacted(visit)).collect(), true)
            }
        };
        Report { visits, policy: self.policy_id, redacted }
    }

    /// Checks one visit against what is at hand.
    ///
    /// For many visits of one element, [`case`](Self::case) looks at the material only once.
    #[must_use]
    pub fn appraise(&self, evidence: &Evidence, material: Material<'_>) -> Appraisal {
        self.case(material, std::slice::from_ref(evidence)).appraise(evidence)
    }

    /// Checks one redacted visit against what is at hand.
    #[must_use]
    pub fn appraise_redacted(&self, redacted: &Redacted, material: Material<'_>) -> Appraisal {
        self.redacted_case(material, std::slice::from_ref(redacted)).appraise_redacted(redacted)
    }

    /// Looks at the material, and at the visits among which forks are to be found.
    #[must_use]
    pub fn case<'m>(&'m self, material: Material<'m>, visits: &[Evidence]) -> Case<'m> {
        let forms: Vec<VisitForm<'_>> = visits.iter().map(VisitForm::from).collect();
        Case::new(self, material, &forms)
    }

    /// As [`case`](Self::case), for visits of the redacted form.
    #[must_use]
    pub fn redacted_case<'m>(&'m self, material: Material<'m>, visits: &[Redacted]) -> Case<'m> {
        let forms: Vec<VisitForm<'_>> = visits.iter().map(VisitForm::from).collect();
        Case::new(self, material, &forms)
    }

    pub(crate) fn token(&self, token: &[u8], over: &Signed) -> Option<Stamped> {
        let policy = self.trust.policy();
        self.tokens.get_or(&[over.as_bytes(), token], || {
            verify_token(token, over, &self.keyring, policy, self.crypto.as_ref())
        })
    }

    pub(crate) fn online(&self, element: &Element, anchor: &Anchor) -> Option<Arc<Online>> {
        let Anchor::Online { stamp1, token, activation, stamp2 } = anchor else { return None };
        let key = [
            element.certificate_hash.as_ref(),
            stamp1.as_bytes(),
            token,
            activation.as_bytes(),
            stamp2.as_bytes(),
        ];
        self.anchors.get_or(&key, || {
            let stamped = self.token(token, stamp1)?;
            Online::verify(stamp1, activation, stamp2, stamped, element, &self.keyring).map(Arc::new)
        })
    }

    pub(crate) fn record(&self, element: &Element, signed: &Signed) -> Option<Arc<ElementRecord>> {
        let key = [element.certificate_hash.as_ref(), signed.as_bytes()];
        self.records.get_or(&key, || element.verify(signed).map(Arc::new))
    }

    pub(crate) fn element(&self, certificate: &Certificate) -> Option<Arc<Element>> {
        self.elements.get_or(&[certificate.der()], || {
            Element::certified(certificate, &self.keyring.elements, self.crypto.as_ref()).map(Arc::new)
        })
    }

    /// The path of a certificate that came with an OCSP response about certificates of `issuer`, if there is
    /// one whatever the date.
    pub(crate) fn responder(&self, certificate: &Certificate, issuer: &Certificate) -> Option<ValidPath> {
        self.responders.get_or(&[issuer.der(), certificate.der()], || {
            responder_path(certificate, issuer, self.crypto.as_ref()).ok()
        })
    }

    pub(crate) fn binding(&self, signed: &Signed) -> Option<Arc<(Hash, Binding)>> {
        self.bindings.get_or(&[signed.as_bytes()], || {
            let opened = open_with::<Binding>(&self.keyring.binding, signed)?;
            Some(Arc::new((opened.hash, opened.object)))
        })
    }

    /// Whether the online anchors of one power cycle contradict each other. Every pair of them is looked at,
    /// so the answer is worth keeping.
    pub(crate) fn clock_contradicts(&self, element: &Element, cycle: &[&Arc<Online>]) -> bool {
        let mut key = element.certificate_hash.0.to_vec();
        for online in cycle {
            key.extend(online.stamped.hash.0);
            key.extend(online.second.as_ref().map_or([0; 32], |second| second.hash.0));
            key.extend(online.first.first16.0);
            key.extend(online.second.as_ref().map_or([0; 16], |second| second.first16.0));
        }
        self.clocks.get_or(&[&key], || {
            let mut brackets: Vec<_> = cycle.iter().map(|online| online.bracket()).collect();
            brackets.sort_unstable();
            brackets.dedup(); // one token in many forms is one token
            clock_contradiction(&brackets, element.tick)
        })
    }

    pub(crate) fn certificate(&self, der: &[u8]) -> Option<Certificate> {
        self.certificates.get_or(&[der], || Certificate::parse(der).ok())
    }

    pub(crate) fn institution(&self, bytes: &[u8]) -> Option<Arc<Institution>> {
        if bytes.len() != jushin_pki::cv::LENGTH {
            return None;
        }
        self.institutions.get_or(&[bytes], || {
            let certificate = CvCertificate::parse(bytes).ok()?;
            let key = self
                .keyring
                .institutions
                .iter()
                .find_map(|authority| certificate.verify(authority, self.crypto.as_ref()).ok());
            Some(Arc::new(Institution { hash: Hash::of(bytes), certificate, key }))
        })
    }
}

/// Checks a bundle against a trust folder: a pure function, without clock and network.
#[must_use]
pub fn verify(bundle: &Bundle, trust: &Trust, crypto: &dyn Crypto) -> Report {
    Verifier::new(Arc::new(trust.clone()), Arc::new(Borrowed(crypto))).verify(bundle)
}
