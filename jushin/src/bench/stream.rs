//! Bundles of one kind of card, and the ways in which a verifier meets them.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use jushin_crypto::AwsLc;
use jushin_evidence::{Appraisal, Trust, Verifier};
use jushin_pki::Crypto;
use jushin_statement::{Bundle, Hash, Object as _, Status, Visits};

use super::limit::Times;

/// What the verifier has seen when a bundle comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing when the first bundle comes; one verifier for all.
    Nothing,
    /// Every terminal once; every card is new.
    Terminals,
    /// The very same bundles.
    Everything,
    /// Nothing, for every bundle: a verifier for each.
    NothingEver,
}

impl Before {
    pub(super) const ALL: [Self; 4] = [Self::Terminals, Self::Nothing, Self::Everything, Self::NothingEver];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "cold",
            Self::Terminals => "steady",
            Self::Everything => "again",
            Self::NothingEver => "alone",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Nothing => "cold: no terminal, no card known",
            Self::Terminals => "steady: terminals known, cards new",
            Self::Everything => "again: the same bundles once more",
            Self::NothingEver => "alone: a verifier for each bundle",
        }
    }
}

/// Visits of each terminal that are verified alone.
const ALONE_EACH: usize = 4;

/// The bundles of one kind of card.
pub(super) struct Stream {
    pub(super) trust: Arc<Trust>,
    pub(super) bundles: Vec<Vec<u8>>,
    pub(super) terminals: usize,
}

/// How many of each are in the bundles.
pub(super) struct Distinct {
    pub(super) cards: usize,
    pub(super) elements: usize,
    pub(super) institutions: usize,
    pub(super) bytes: usize,
}

impl Stream {
    /// Every bundle must prove its visit, and every card be another.
    pub(super) fn check(&self) -> anyhow::Result<Distinct> {
        let verifier = Verifier::new(Arc::clone(&self.trust), Arc::new(AwsLc));
        let (mut cards, mut elements, mut institutions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for bytes in &self.bundles {
            let bundle = Bundle::decode(bytes)?;
            if let Visits::Full(visits) = &bundle.visits {
                cards.extend(visits.iter().map(|visit| Hash::of(&visit.certificate)));
            }
            for visit in &verifier.verify(&bundle).visits {
                ensure!(visit.status == Status::Valid, "a visit is not valid: {:?}", visit.reasons);
                elements.extend(visit.element_id());
                institutions.extend(visit.institution().map(|code| code.as_str().to_owned()));
            }
        }
        ensure!(cards.len() == self.bundles.len(), "two bundles hold the same card");
        Ok(Distinct {
            cards: cards.len(),
            elements: elements.len(),
            institutions: institutions.len(),
            bytes: self.bundles.iter().map(Vec::len).sum(),
        })
    }

    /// The bundles that are measured.
    pub(super) fn measured(&self, before: Before) -> &[Vec<u8>] {
        let all = self.bundles.as_slice();
        match before {
            Before::Terminals => all.get(self.terminals..).unwrap_or_default(),
            Before::Nothing | Before::Everything => all,
            // Each takes ten times as long, and none is helped by those before it.
            Before::NothingEver => all.get(..ALONE_EACH * self.terminals).unwrap_or(all),
        }
    }

    /// Verifies with `crypto` and gives the times of what is measured; `mark` is called before and after that.
    pub(super) fn pass(
        &self,
        before: Before,
        crypto: &Arc<dyn Crypto>,
        mark: &mut dyn FnMut(),
    ) -> anyhow::Result<Times> {
        let verifier = || Verifier::new(Arc::clone(&self.trust), Arc::clone(crypto));
        let one = verifier();
        let seen = match before {
            Before::Nothing | Before::NothingEver => 0,
            Before::Terminals => self.terminals,
            Before::Everything => self.bundles.len(),
        };
        for bytes in self.bundles.iter().take(seen) {
            judge(&one, bytes)?;
        }
        mark();
        let times = Times::of(self.measured(before), |bytes| match before {
            Before::NothingEver => judge(&verifier(), bytes).map(drop),
            _ => judge(&one, bytes).map(drop),
        });
        mark();
        times
    }
}

/// From bytes to verdict.
fn judge(verifier: &Verifier<'_>, bytes: &[u8]) -> anyhow::Result<Appraisal> {
    let report = verifier.verify(&Bundle::decode(bytes)?);
    let visit = report.visits.into_iter().next().context("a bundle without a visit")?;
    ensure!(visit.status == Status::Valid, "a visit is not valid");
    Ok(visit)
}
