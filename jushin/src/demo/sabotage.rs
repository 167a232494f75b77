//! Damage on purpose: so that anybody can see that the demo notices.

use anyhow::Context as _;
use jushin_statement::{Bundle, Object as _, Signed, Status, Verdict, Visits};

/// What is damaged before it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Sabotage {
    /// The platform's verdict says something else.
    Verdict,
    /// A bit of the card's signature is flipped.
    Evidence,
}

impl Sabotage {
    /// The bundle with the damage done.
    pub(super) fn apply(self, bundle: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut bundle = Bundle::decode(bundle)?;
        match self {
            Self::Verdict => change_verdict(&mut bundle)?,
            Self::Evidence => {
                let Visits::Full(visits) = &mut bundle.visits else { anyhow::bail!("not a full bundle") };
                let visit = visits.first_mut().context("no visit")?;
                *visit.card_signature.0.last_mut().context("no signature")? ^= 1;
            }
        }
        Ok(bundle.encode())
    }
}

fn change_verdict(bundle: &mut Bundle) -> anyhow::Result<()> {
    for result in &mut bundle.results {
        let parsed = result.parse()?;
        if let Ok(mut verdict) = parsed.object::<Verdict>() {
            verdict.status = Status::Conflict;
            *result = Signed::assemble(parsed.alg, parsed.key, &verdict.encode(), parsed.signature);
            return Ok(());
        }
    }
    anyhow::bail!("no verdict to change")
}
