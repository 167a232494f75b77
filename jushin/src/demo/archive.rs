//! What the demo leaves behind: bundles and the trust folder, written, read back and verified.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use jushin_evidence::{Appraisal, Trust, verify};
use jushin_pages::Certainty;
use jushin_platform::Platform;
use jushin_statement::{Bundle, Hash, Object as _, Verdict};

use super::Sabotage;

/// The folder of the demo.
pub(super) struct Archive {
    bundles: PathBuf,
    trust: Trust,
    sabotage: Option<Sabotage>,
}

/// A bundle that was stored.
pub(super) struct Kept {
    /// File name.
    pub(super) name: String,
    /// What it proves, from the bytes on the disk.
    pub(super) appraisal: Appraisal,
    /// Where the platform's stored verdict says something else.
    pub(super) disagreement: Option<String>,
}

impl Archive {
    /// Writes the trust folder and reads it back.
    pub(super) fn open(
        folder: &Path,
        platform: &Platform,
        sabotage: Option<Sabotage>,
    ) -> anyhow::Result<Self> {
        let trust = folder.join("trust");
        let bundles = folder.join("bundles");
        fs::create_dir_all(&trust)?;
        fs::create_dir_all(&bundles)?;
        for (name, bytes) in platform.trust_files() {
            fs::write(trust.join(&name), bytes).with_context(|| format!("cannot write trust/{name}"))?;
        }
        Ok(Self { bundles, trust: crate::verify::read_trust(&trust)?, sabotage })
    }

    /// Stores a visit's bundle and says what the stored bytes prove.
    pub(super) fn keep(&self, platform: &Platform, evid: Hash) -> anyhow::Result<Kept> {
        let mut bytes = platform.bundle(evid)?.encode();
        if let Some(sabotage) = self.sabotage {
            bytes = sabotage.apply(&bytes)?;
        }
        let name = format!("{evid:.12}.jvb", evid = evid.to_string());
        let path = self.bundles.join(&name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        let bundle = self.read(&name)?;
        let appraisal = self.appraise(&bundle)?;
        let disagreement = disagreement(&bundle, &appraisal);
        Ok(Kept { name, appraisal, disagreement })
    }

    /// A stored bundle.
    pub(super) fn bundle_of(&self, evid: Hash) -> anyhow::Result<Bundle> {
        self.read(&format!("{evid:.12}.jvb", evid = evid.to_string()))
    }

    fn read(&self, name: &str) -> anyhow::Result<Bundle> {
        let path = self.bundles.join(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Bundle::decode(&bytes).with_context(|| format!("{name} is not a bundle"))
    }

    /// What a bundle of one visit proves.
    pub(super) fn appraise(&self, bundle: &Bundle) -> anyhow::Result<Appraisal> {
        let report = verify(bundle, &self.trust, &jushin_crypto::AwsLc);
        ensure!(report.visits.len() == 1, "the bundle holds {} visits", report.visits.len());
        report.visits.into_iter().next().context("no visit")
    }
}

/// The platform's verdict in a bundle must say what an independent verification of the same bytes says.
fn disagreement(bundle: &Bundle, appraisal: &Appraisal) -> Option<String> {
    let mut verdicts = bundle.results.iter().filter_map(|result| {
        let verdict: Verdict = result.parse().ok()?.object().ok()?;
        (verdict.evid == appraisal.evid).then_some(verdict)
    });
    let Some(verdict) = verdicts.next() else { return Some("no verdict of the platform".to_owned()) };
    let found = appraisal.to_verdict(verdict.at);
    (found != verdict)
        .then(|| format!("the stored verdict says {}, the evidence proves {}", said(&verdict), said(&found)))
}

/// Status, window and reasons of a verdict in one line.
fn said(verdict: &Verdict) -> String {
    let certainty = Certainty { class: verdict.class, lo: verdict.lo, hi: verdict.hi };
    format!("{} {} {:?}", crate::verify::word(verdict.status), certainty.as_line(), verdict.reasons)
}
