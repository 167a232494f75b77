//! Chapter 5: somebody cheats. Each attack enters by the door an attacker has, and must be refused with its
//! own reason.

use std::path::Path;

use anyhow::Context as _;
use jushin_evidence::Reason;
use jushin_statement::{
    Anchor, Bundle, Commit, Embedded, Evidence, InstitutionCode, Object, Presence, Signed, Status, Visits,
};

use super::cast::{SAKURA, YAMABIKO};
use super::record::{Attack, Chapter};
use super::story::{Sites, Story};

impl Story<'_, '_> {
    /// What is changed in a bundle first, then what is done with a terminal.
    pub(super) async fn cheats(&mut self, folder: &Path, sites: &Sites) -> anyhow::Result<()> {
        self.account.chapter(5, "Somebody cheats", "each refused, with its reason");
        self.day.chapters.push(Chapter { name: "Somebody cheats".to_owned(), steps: Vec::new() });
        let honest = self.archive.bundle_of(sites.visit)?;

        self.forgery("moved to another hour", Status::Invalid, 8, another_hour(&honest)?)?;
        self.forgery("another institution", Status::Invalid, 9, another_institution(&honest)?)?;
        let stranger = self.archive.bundle_of(sites.other_visit)?;
        self.forgery("another patient's card", Status::Invalid, 9, another_card(&honest, &stranger)?)?;
        let earlier = self.archive.bundle_of(sites.first_visit)?;
        // Without its own token the unlock is as good as lost, so nothing is proven; nothing is disproved.
        self.forgery("a time stamp of March", Status::Indeterminate, 5, another_token(&honest, &earlier)?)?;
        self.changed_byte(&honest)?;
        self.cheats_offline(folder, sites).await?;
        self.visit_deleted(folder, sites).await
    }

    /// A bundle that somebody changed must have this status, and for this reason among others.
    fn forgery(&mut self, name: &str, status: Status, reason: u64, forged: Bundle) -> anyhow::Result<()> {
        let appraisal = self.archive.appraise(&forged)?;
        let reason = Reason::from_number(reason).context("no such reason")?;
        let refused = appraisal.status == status && appraisal.reasons.contains(&reason);
        let outcome = if refused {
            format!("{} R{:02}: {}", crate::verify::word(status), reason.number(), short(reason))
        } else {
            format!("NOT REFUSED: {:?} {:?}", appraisal.status, appraisal.reasons)
        };
        self.ended(name, &outcome, &format!("R{:02}", reason.number()), refused);
        Ok(())
    }

    /// One bit of the file is changed, within what the card signed.
    fn changed_byte(&mut self, honest: &Bundle) -> anyhow::Result<()> {
        let mut bytes = honest.encode();
        let signed = evidence(honest)?.presence;
        let start = bytes.windows(signed.len()).position(|window| window == &*signed);
        let middle = start.context("the bundle holds what the card signed")? + signed.len() / 2;
        *bytes.get_mut(middle).context("an empty bundle")? ^= 0x01;
        let refused = match Bundle::decode(&bytes) {
            Err(_) => true,
            Ok(bundle) => self.archive.appraise(&bundle)?.status != Status::Valid,
        };
        let outcome = if refused { "INVALID:     not what was signed" } else { "NOT REFUSED" };
        self.ended("one byte changed", outcome, "not what was signed", refused);
        Ok(())
    }

    pub(super) fn ended(&mut self, name: &str, outcome: &str, reason: &str, refused: bool) {
        self.account.attack(name, outcome);
        self.expect(refused, &format!("refused: {name}"));
        self.step(name, outcome, 0.0);
        self.day.attacks.push(Attack {
            name: name.to_owned(),
            ja: japanese(name).0,
            ja_reason: japanese(name).1,
            outcome: outcome.to_owned(),
            reason: reason.to_owned(),
            refused,
        });
    }
}

/// The attack's name on a Japanese page, and why it must fail.
fn japanese(name: &str) -> (&'static str, &'static str) {
    match name {
        "moved to another hour" => ("時刻をずらす", "カードと端末が署名した内容とちがいます"),
        "another institution" => ("別の医療機関にする", "カードが署名した内容とちがいます"),
        "another patient's card" => ("別の人のカードにする", "カードが署名した内容とちがいます"),
        "a time stamp of March" => ("3月の時刻の証明をはる", "時刻の証明が別のものに対するものです"),
        "one byte changed" => ("1 バイト書きかえる", "署名された内容とちがいます"),
        "one visit deleted" => ("サーバーから受診を一つ消す", "ログが、その記録があったことを証明します"),
        "a record left out" => ("記録を一つぬく", "番号が欠けていることがわかり、端末が止まります"),
        _ => ("盗んだ端末を使う", "届け出のあとは起動できず、受付は無効です"),
    }
}

/// The reason in few words; `jushin verify` prints the whole sentence.
fn short(reason: Reason) -> &'static str {
    match reason.number() {
        5 => "the stamp is over something else",
        8 => "not what card and element signed",
        9 => "the card signed a different statement",
        _ => reason.english(),
    }
}

fn evidence(bundle: &Bundle) -> anyhow::Result<Evidence> {
    let Visits::Full(visits) = &bundle.visits else { anyhow::bail!("not a full bundle") };
    visits.first().cloned().context("no visit")
}

fn with(bundle: &Bundle, evidence: Evidence) -> Bundle {
    Bundle { visits: Visits::Full(vec![evidence]), ..bundle.clone() }
}

/// The same signature around a changed object.
fn resigned<T: Object>(signed: &Signed, change: impl FnOnce(&mut T)) -> anyhow::Result<Signed> {
    let parsed = signed.parse()?;
    let mut object: T = parsed.object()?;
    change(&mut object);
    Ok(Signed::assemble(parsed.alg, parsed.key, &object.encode(), parsed.signature))
}

fn another_hour(honest: &Bundle) -> anyhow::Result<Bundle> {
    let mut visit = evidence(honest)?;
    visit.commit = resigned(&visit.commit, |commit: &mut Commit| commit.ticks.count += 3_600_000)?;
    Ok(with(honest, visit))
}

fn another_institution(honest: &Bundle) -> anyhow::Result<Bundle> {
    let mut visit = evidence(honest)?;
    let mut presence = Presence::decode(&visit.presence)?;
    anyhow::ensure!(presence.institution.as_str() == SAKURA.code, "P1 was at Sakura");
    presence.institution = InstitutionCode::new(YAMABIKO.code)?;
    visit.presence = presence.encode().into();
    Ok(with(honest, visit))
}

fn another_card(honest: &Bundle, stranger: &Bundle) -> anyhow::Result<Bundle> {
    let mut visit = evidence(honest)?;
    visit.certificate = evidence(stranger)?.certificate;
    Ok(with(honest, visit))
}

fn another_token(honest: &Bundle, earlier: &Bundle) -> anyhow::Result<Bundle> {
    let borrowed = earlier.anchors.iter().find_map(|anchor| match &anchor.0 {
        Anchor::Online { token, .. } => Some(token.clone()),
        _ => None,
    });
    let borrowed = borrowed.context("no online anchor")?;
    let mut bundle = honest.clone();
    for Embedded(anchor) in &mut bundle.anchors {
        if let Anchor::Online { token, .. } = anchor {
            *token = borrowed.clone();
        }
    }
    Ok(bundle)
}
