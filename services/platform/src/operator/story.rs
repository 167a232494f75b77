//! What happened, in words.

use jushin_pages::{Lang, status_word};
use jushin_statement::{
    Anchor, BatchAck, BindingState, Id16, Object as _, Receipt, Record, Status, UnixMillis,
};

use super::facts::{Facts, ForkFact, ROWS};
use super::{moment, say, span};
use crate::enrolment::newest_terminal;
use crate::intake::GapKind;
use crate::refusal::Refusal;
use crate::store::rows::{
    AnchorRow, AnswerRow, BindingAckRow, BindingRow, CloseRow, OperationRow, UnlockRow, counter_of, key,
};
use crate::store::{Scan, Transaction};
use crate::verify::unverified;

/// One thing that happened.
pub(super) struct Entry {
    at: UnixMillis,
    pub(super) when: String,
    pub(super) mark: &'static str,
    pub(super) tone: &'static str,
    pub(super) text: String,
}

struct Teller {
    lang: Lang,
    entries: Vec<Entry>,
}

impl Teller {
    fn tell(&mut self, at: UnixMillis, (mark, tone): (&'static str, &'static str), ja: String, en: String) {
        let text = say(self.lang, ja, en);
        self.entries.push(Entry { at, when: moment(at, self.lang), mark, tone, text });
    }
}

const GOOD: (&str, &str) = ("✓", "good");
const PLAIN: (&str, &str) = ("·", "quiet");
const WAIT: (&str, &str) = ("…", "wait");
const BAD: (&str, &str) = ("!", "bad");
const STOP: (&str, &str) = ("×", "bad");

/// A terminal's life, newest first; of each kind of event the newest ones.
pub(super) fn life(
    tx: &mut (dyn Transaction + '_),
    element: Id16,
    facts: &Facts,
    lang: Lang,
) -> Result<Vec<Entry>, Refusal> {
    let mut teller = Teller { lang, entries: Vec::new() };
    teller.tell(facts.row.at, PLAIN, "端末の中の装置を登録".to_owned(), "element certified".to_owned());
    if let Some((_, terminal)) = newest_terminal(tx, element)? {
        teller.tell(
            terminal.at,
            PLAIN,
            "管理者が端末を任命".to_owned(),
            "appointed by the administrator".to_owned(),
        );
    }
    bindings(tx, element, &mut teller)?;
    unlocks(tx, element, &mut teller)?;
    closes(tx, element, &mut teller)?;
    receipts(tx, element, &mut teller)?;
    found(facts, &mut teller);
    operations(tx, element, &mut teller)?;
    teller.entries.sort_by_key(|entry| core::cmp::Reverse(entry.at));
    teller.entries.truncate(ROWS);
    Ok(teller.entries)
}

const fn last(element: &Id16) -> Scan<'_> {
    let all = Scan::all(&element.0);
    Scan { backwards: true, limit: ROWS, ..all }
}

fn bindings(tx: &mut (dyn Transaction + '_), element: Id16, teller: &mut Teller) -> Result<(), Refusal> {
    for (_, row) in tx.list::<BindingRow>(last(&element))? {
        let binding: jushin_statement::Binding = unverified(&row.signed)?;
        let (seq, from) = (binding.seq, binding.from_counter.unwrap_or_default());
        match binding.state {
            BindingState::InUse if from == 0 => {
                teller.tell(row.at, PLAIN, format!("結びつけ {seq} を発行"), format!("binding {seq} issued"));
            }
            BindingState::InUse => teller.tell(
                row.at,
                GOOD,
                format!("結びつけ {seq}：カウンター {from} から使用を再開"),
                format!("binding {seq}: back in use from counter {from} on"),
            ),
            BindingState::Suspended => teller.tell(
                row.at,
                STOP,
                format!("結びつけ {seq}：停止。カウンター {from} から無効"),
                format!("binding {seq}: suspended, void from counter {from} on"),
            ),
            BindingState::Retired => teller.tell(
                row.at,
                STOP,
                format!("結びつけ {seq}：廃止。カウンター {from} から無効"),
                format!("binding {seq}: retired, void from counter {from} on"),
            ),
        }
    }
    for (row_key, row) in tx.list::<BindingAckRow>(last(&element))? {
        let seq = counter_of(&row_key);
        teller.tell(
            row.at,
            GOOD,
            format!("結びつけ {seq} を端末が確認"),
            format!("binding {seq} confirmed by the terminal"),
        );
    }
    Ok(())
}

fn unlocks(tx: &mut (dyn Transaction + '_), element: Id16, teller: &mut Teller) -> Result<(), Refusal> {
    for (row_key, row) in tx.list::<UnlockRow>(last(&element))? {
        let (counter, authority) = (counter_of(&row_key), row.time_stamper.saturating_add(1));
        teller.tell(
            row.at,
            GOOD,
            format!("起動・時刻の証明（カウンター {counter}、時刻認証局 {authority}）"),
            format!("unlocked or re-anchored at counter {counter}, stamped by TSA {authority}"),
        );
    }
    for (row_key, row) in tx.list::<AnchorRow>(last(&element))? {
        if matches!(row.anchor.0, Anchor::Offline { .. }) {
            let counter = counter_of(&row_key);
            teller.tell(
                row.at,
                WAIT,
                format!("管理者カードで起動していた（カウンター {counter}、受信の時刻）"),
                format!(
                    "had been unlocked by the administrator's card at counter {counter} (time of arrival)"
                ),
            );
        }
    }
    Ok(())
}

fn closes(tx: &mut (dyn Transaction + '_), element: Id16, teller: &mut Teller) -> Result<(), Refusal> {
    for (row_key, row) in tx.list::<CloseRow>(last(&element))? {
        let counter = counter_of(&row_key);
        let anchors = tx.list::<AnchorRow>(Scan::all(&key(&[&element, &counter])))?;
        let stamped = anchors.iter().any(|(_, row)| matches!(row.anchor.0, Anchor::Close { .. }));
        let range = span(row.lo, counter);
        if stamped {
            teller.tell(
                row.at,
                GOOD,
                format!("締め：カウンター {range}、時刻の証明あり"),
                format!("closed: counter {range}, stamped"),
            );
        } else {
            teller.tell(
                row.at,
                WAIT,
                format!("締め：カウンター {range}、時刻の証明待ち"),
                format!("closed: counter {range}, time stamp still due"),
            );
        }
    }
    Ok(())
}

fn receipts(tx: &mut (dyn Transaction + '_), element: Id16, teller: &mut Teller) -> Result<(), Refusal> {
    let lang = teller.lang;
    // Answers are kept by what they answer, so the newest ones are found by their own time.
    let mut receipts: Vec<Receipt> = tx
        .list::<AnswerRow>(Scan { limit: 10 * ROWS, ..Scan::all(&element.0) })?
        .iter()
        .filter_map(|(_, row)| BatchAck::decode(&row.body).ok()?.receipt.parse().ok()?.object().ok())
        .collect();
    receipts.sort_by_key(|receipt| core::cmp::Reverse(receipt.at));
    for receipt in receipts.into_iter().take(ROWS) {
        let range = span(receipt.lo, receipt.hi);
        let mut ja = format!("受領書：カウンター {range}");
        let mut en = format!("receipt: counter {range}");
        for status in
            [Status::Valid, Status::OpenEnded, Status::Indeterminate, Status::Invalid, Status::Conflict]
        {
            let count = receipt.items.iter().filter(|item| item.status == status).count();
            if count > 0 {
                ja.push_str(&format!("、{} {count} 件", status_word(status, lang)));
                en.push_str(&format!(", {count} × {}", status_word(status, lang).to_lowercase()));
            }
        }
        let refused =
            receipt.items.iter().any(|item| matches!(item.status, Status::Invalid | Status::Conflict));
        teller.tell(receipt.at, if refused { BAD } else { PLAIN }, ja, en);
    }
    Ok(())
}

fn found(facts: &Facts, teller: &mut Teller) {
    for gap in &facts.gaps {
        let range = span(gap.from, gap.to);
        let (tone, ja, en) = match gap.kind {
            GapKind::Abort => (PLAIN, "やめた受付（G0）", "a session that was given up (G0)"),
            GapKind::PowerCut => (PLAIN, "停電で終わった受付（G1）", "a session that a power cut ended (G1)"),
            GapKind::LostAfterCommit => (
                WAIT,
                "記録の直後の停電で失われた受付（G1）",
                "a visit lost to a power cut right after its record (G1)",
            ),
            GapKind::Alarm if gap.filled => (PLAIN, "あとから届きました", "arrived later"),
            GapKind::Alarm => (BAD, "説明がつきません（G3）", "nothing explains it (G3)"),
        };
        teller.tell(
            gap.at,
            tone,
            format!("欠け：カウンター {range}。{ja}"),
            format!("missing: counter {range}, {en}"),
        );
    }
    for fork in &facts.forks {
        let counter = fork.counter;
        teller.tell(
            fork.at,
            BAD,
            format!("分岐：カウンター {counter} に二つの記録"),
            format!("fork: two records under counter {counter}"),
        );
    }
    for refused in &facts.refused {
        let range = span(refused.from, refused.to);
        teller.tell(
            refused.at,
            STOP,
            format!("退けた記録：カウンター {range}（R03）"),
            format!("refused: counter {range} (R03)"),
        );
    }
}

fn operations(tx: &mut (dyn Transaction + '_), element: Id16, teller: &mut Teller) -> Result<(), Refusal> {
    let rows = tx.list::<OperationRow>(Scan { backwards: true, limit: 10 * ROWS, ..Scan::all(&[]) })?;
    for (_, row) in rows.into_iter().filter(|(_, row)| row.element == Some(element)) {
        teller.tell(row.at, PLAIN, format!("操作：{}", row.what), format!("operation: {}", row.what));
    }
    Ok(())
}

/// A fork's story: which counter, which payloads, when each arrived, what was done.
pub(super) fn fork_story(fork: &ForkFact, lang: Lang) -> Vec<String> {
    let counter = fork.counter;
    let mut story = vec![say(
        lang,
        format!(
            "この端末のカウンター {counter} に、ちがう記録が二つあります。装置が写し取られたか、前の状態に戻されました。"
        ),
        format!(
            "This terminal shows two different records under counter {counter}. Its element was copied, or set back to an earlier state."
        ),
    )];
    for (hash, record, at) in &fork.payloads {
        let (hash, at) = (hash.to_string(), moment(*at, lang));
        let short = hash.get(..16).unwrap_or_default();
        let what = name_of(record.as_ref(), lang);
        story.push(say(
            lang,
            format!("{what}、内容 {short}…、{at} に受信"),
            format!("{what}, payload {short}…, received {at}"),
        ));
    }
    if fork.payloads.len() < 2 {
        story.push(say(
            lang,
            "もう一つの記録は届いていません。次の記録が、ちがう内容を直前の記録として示しています。"
                .to_owned(),
            "The other one has not arrived: the record after it names another payload as the one before."
                .to_owned(),
        ));
    }
    let at = moment(fork.at, lang);
    story.push(say(
        lang,
        format!("{at}：両方を保存し、端末を停止し、この番号の受付を「記録が二つあります」に変えました。"),
        format!(
            "{at}: both were kept, the terminal was suspended, and visits under this counter are in conflict."
        ),
    ));
    story
}

fn name_of(record: Option<&Record>, lang: Lang) -> &'static str {
    match record {
        None => lang.pick("受付の始まり", "beginning of a check-in"),
        Some(Record::Commit(_)) => lang.pick("受付の記録", "record of a check-in"),
        Some(Record::Boot(_)) => lang.pick("起動の記録", "boot record"),
        Some(Record::BindingAck(_)) => lang.pick("結びつけの確認", "confirmation of a binding"),
        Some(Record::TickStamp1(_) | Record::TickStamp2(_)) => {
            lang.pick("起動認証の記録", "record of an unlock")
        }
        Some(Record::Stamp(_)) => lang.pick("時刻の記録", "stamp"),
        Some(Record::Close(_)) => lang.pick("締めの記録", "close"),
    }
}
