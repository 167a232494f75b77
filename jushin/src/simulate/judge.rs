//! Exports every bundle, verifies it from its bytes, and holds the truth against it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jushin_evidence::{Trust, Verifier};
use jushin_platform::Platform;
use jushin_statement::{Bundle, Class, Object as _, Status};

use super::play::Visit;
use super::progress::Progress;

/// A visit and what its bundle proves.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) visit: Visit,
    pub(super) status: Status,
    pub(super) class: Class,
    /// Milliseconds.
    pub(super) lo: Option<u64>,
    pub(super) hi: Option<u64>,
    /// Whether the true time is in the window, and the visit is not called void.
    pub(super) sound: bool,
    pub(super) reasons: Vec<u64>,
}

impl Judged {
    /// Width of the window in milliseconds.
    pub(super) fn width(&self) -> Option<u64> {
        Some(self.hi?.saturating_sub(self.lo?))
    }

    /// Whether it is settled: proven, with or without an upper end. Every patient, card and terminal of a run
    /// is honest, and at its end everything is in reach again and was sent, so nothing that happens in a
    /// run explains another status of a visit that the platform knows.
    pub(super) const fn settled(&self) -> bool {
        matches!(self.status, Status::Valid | Status::OpenEnded)
    }

    /// One line for whoever looks for the fault.
    pub(super) fn line(&self) -> String {
        let end = |end: Option<u64>| end.map_or_else(|| "open".to_owned(), |end| end.to_string());
        format!(
            "visit {} at terminal {}: true {}.{:03} ms, window [{}, {}], {:?}, reasons {:?}",
            self.visit.evid,
            self.visit.terminal,
            self.visit.signed_at / 1_000,
            self.visit.signed_at % 1_000,
            end(self.lo),
            end(self.hi),
            self.status,
            self.reasons
        )
    }
}

/// Where bundles and trust folder are written to.
pub(super) struct Exhibits(Option<PathBuf>);

impl Exhibits {
    pub(super) fn open(out: Option<&Path>, platform: &Platform) -> anyhow::Result<Self> {
        let Some(out) = out else { return Ok(Self(None)) };
        fs::create_dir_all(out.join("trust"))?;
        fs::create_dir_all(out.join("bundles"))?;
        for (name, bytes) in platform.trust_files() {
            fs::write(out.join("trust").join(&name), bytes).with_context(|| format!("trust/{name}"))?;
        }
        Ok(Self(Some(out.join("bundles"))))
    }

    /// Judges all visits. A visit that the platform does not know is lost.
    pub(super) fn judge(
        &self,
        platform: &Platform,
        visits: &[Visit],
    ) -> anyhow::Result<(Vec<Judged>, Vec<Visit>)> {
        let trust = Arc::new(Trust::from_files(platform.trust_files())?);
        let verifier = Verifier::new(trust, Arc::new(jushin_crypto::AwsLc));
        let progress = Progress::of("bundles", visits.len());
        let (mut judged, mut lost) = (Vec::new(), Vec::new());
        for visit in visits {
            let Ok(bundle) = platform.bundle(visit.evid) else {
                lost.push(visit.clone());
                continue;
            };
            let bytes = bundle.encode();
            if let Some(folder) = &self.0 {
                fs::write(folder.join(format!("{:.16}.jvb", visit.evid.to_string())), &bytes)?;
            }
            judged.push(judge(&verifier, &bytes, visit)?);
            progress.at(judged.len());
        }
        Ok((judged, lost))
    }
}

fn judge(verifier: &Verifier<'_>, bytes: &[u8], visit: &Visit) -> anyhow::Result<Judged> {
    let report = verifier.verify(&Bundle::decode(bytes)?);
    let [appraisal] = &report.visits[..] else { anyhow::bail!("a bundle of another number of visits") };
    let lo = appraisal.window.earliest().map(|end| end.0);
    let hi = appraisal.window.latest().map(|end| end.0);
    let within = lo.is_none_or(|lo| lo.saturating_mul(1_000) <= visit.signed_at)
        && hi.is_none_or(|hi| visit.signed_at <= hi.saturating_mul(1_000));
    let stands = !matches!(appraisal.status, Status::Invalid | Status::Conflict);
    Ok(Judged {
        visit: visit.clone(),
        status: appraisal.status,
        class: appraisal.class,
        lo,
        hi,
        sound: within && stands,
        reasons: appraisal.reasons.iter().map(|reason| reason.number()).collect(),
    })
}
