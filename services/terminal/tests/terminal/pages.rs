//! Every state as people see it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jushin_secure_element::Instruction;
use jushin_statement::HolderCheck;
use jushin_terminal::CardName;

use crate::bench::Bench;
use crate::platform::Answers;

const FACE: HolderCheck = HolderCheck::PhotoMachine;
const FORBIDDEN: [&str; 17] = [
    "証明書",
    "署名",
    "検証",
    "ハッシュ",
    "トークン",
    "鍵",
    "ログ",
    "エビデンス",
    "セキュアエレメント",
    "失効",
    "アサーション",
    "certificate",
    "signature",
    "hash",
    "token",
    "key",
    "element",
];

/// Rendered pages by state and language.
#[derive(Default)]
struct Album(BTreeMap<(String, &'static str), String>);

impl Album {
    async fn take(&mut self, bench: &Bench, state: &str) {
        assert_eq!(bench.state(), state, "{:?}", bench.terminal.desk().state());
        for lang in ["ja", "en"] {
            let page = bench.page(&format!("/counter/?lang={lang}")).await;
            assert!(page.contains(&format!("data-state=\"{state}\"")), "{state}: {page}");
            self.0.insert((state.to_owned(), lang), page);
        }
    }
}

/// What a person reads: text between tags, and labels.
fn visible(page: &str) -> String {
    let main = page.split("<body").nth(1).unwrap_or_default();
    let mut text = String::new();
    for part in main.split('<') {
        let (tag, content) = part.split_once('>').unwrap_or(("", part));
        if let Some(label) = tag.split("aria-label=\"").nth(1) {
            text += label.split('"').next().unwrap_or_default();
        }
        text.push(' ');
        text += content;
    }
    text
}

async fn album() -> Album {
    let mut album = Album::default();

    let bench = Bench::new();
    bench.platform.allow(300);
    album.take(&bench, "starting").await;
    bench.enrol().await;
    bench.terminal.power_on().await.unwrap();
    album.take(&bench, "ready").await;
    bench.terminal.card_placed(CardName("P1".into())).await;
    album.take(&bench, "verify-holder").await;
    bench.terminal.holder_chosen(HolderCheck::Pin).await;
    album.take(&bench, "pin").await;
    bench.terminal.card_removed().await;
    album.take(&bench, "pulled").await;
    bench.tap("bus pass", FACE).await;
    album.take(&bench, "wrong-card").await;
    bench.tap("old", FACE).await;
    album.take(&bench, "card-expired").await;
    let tap = bench.tap("P1", FACE).await;
    album.take(&bench, "new").await;
    bench.terminal.assign_chart(tap.trace.evid.unwrap(), crate::taps::chart()).unwrap();
    album.take(&bench, "known").await;
    bench.terminal.back().await;
    bench.platform.answer(Answers::Stopped);
    bench.tap("P2", FACE).await;
    album.take(&bench, "revoked").await;
    bench.platform.answer(Answers::Right);
    bench.platform.network(false);
    bench.tap("P2", FACE).await;
    album.take(&bench, "new-provisional").await;
    bench.terminal.back().await;
    album.take(&bench, "ready-offline").await;
    bench.cards.plug(false);
    bench.tap("P1", FACE).await;
    album.take(&bench, "reader-lost").await;

    let bench = Bench::ready().await;
    bench.terminal.card_placed(CardName("P1".into())).await;
    bench.terminal.holder_chosen(HolderCheck::Pin).await;
    for _ in 0..3 {
        bench.terminal.pin_given("0000").await.unwrap();
    }
    album.take(&bench, "card-locked").await;

    let bench = Bench::ready().await;
    for _ in 0..5 {
        bench.tap("P1", FACE).await;
    }
    bench.platform.network(false);
    bench.tap("P1", FACE).await;
    album.take(&bench, "quota-out").await;

    let bench = Bench::new();
    bench.enrol().await;
    bench.platform.network(false);
    assert!(bench.terminal.power_on().await.is_err());
    album.take(&bench, "locked").await;

    let bench = Bench::new();
    bench.enrol().await;
    bench.platform.suspend();
    assert!(bench.terminal.power_on().await.is_err());
    album.take(&bench, "suspended").await;
    album
}

#[tokio::test]
async fn every_state_that_is_reached_says_its_words_and_no_others() {
    let album = album().await;
    for (state, ja, en) in [
        ("starting", "準備しています（あと 3 つ）", "Getting ready (3 left)"),
        ("ready", "カードを置いてください", "Place the card on the reader"),
        ("ready-offline", "カードを置いてください（仮受付）", "Place the card (provisional)"),
        ("verify-holder", "顔・暗証番号・目視のどれで確認しますか", "How was the person checked?"),
        ("pin", "暗証番号 4 けた（患者さんが入力）", "4-digit PIN (patient enters)"),
        ("pin", "あと 3 回", "3 tries left"),
        ("pulled", "途中で離れました。もう一度置いてください", "Card moved too early. Once more, please"),
        ("wrong-card", "マイナンバーカードではありません", "Not a My Number Card"),
        ("card-expired", "カードの電子証明の期限が切れています", "The card has expired"),
        ("card-locked", "暗証番号が止められています", "PIN is blocked"),
        ("locked", "はじめに管理者のカードが必要です", "An administrator's card is needed first"),
        ("ready-offline", "▲ 通信なし（受付できます）", "▲ No network (check-in works)"),
        ("ready-offline", "起動のときは通信あり", "was online at the start"),
        ("ready-offline", "紙の一覧", "Outage list"),
        ("reader-lost", "カードリーダーが見つかりません", "Card reader not found"),
        ("suspended", "この端末は使えません", "This terminal is out of use"),
        ("new", "新しい患者さん", "A new patient"),
        ("known", "そのままお通しください", "Let the patient through"),
        ("known", "髙橋 渚󠄁", "髙橋 渚󠄁"),
        ("revoked", "このカードは止められています", "Card was stopped"),
        ("new-provisional", "一覧に番号 K-001 を書いて渡す", "Write K-001 on the list"),
    ] {
        for (lang, words) in [("ja", ja), ("en", en)] {
            let page = album.0[&(state.to_owned(), lang)].replace("&#39;", "'");
            assert!(page.contains(words), "{state} in {lang} lacks {words:?}");
        }
    }
    for ((state, lang), page) in &album.0 {
        let text = visible(page).to_lowercase();
        for word in FORBIDDEN {
            assert!(!text.contains(word), "{state} in {lang} says {word:?}");
        }
        assert!(text.contains('◇'), "{state} in {lang} does not say what is simulated");
        assert!(
            !page.contains("style=") && !page.contains("onclick"),
            "{state}: the policy forbids inline code"
        );
    }
}

#[tokio::test]
async fn few_check_ins_left_without_network_are_said_in_large_type() {
    let bench = Bench::ready().await;
    bench.platform.network(false);
    bench.tap("P1", FACE).await;
    bench.terminal.back().await;
    let page = bench.page("/counter/?lang=ja").await;
    assert!(page.contains("data-state=\"quota-low\"") && page.contains("仮受付はあと 4 人"), "{page}");
}

#[tokio::test]
async fn a_provisional_visit_takes_the_chart_that_the_desk_names_and_links_the_card_when_it_is_confirmed() {
    let bench = Bench::ready().await;
    bench.terminal.keep_chart(&crate::taps::chart()).unwrap();
    bench.platform.network(false);
    let evid = bench.tap("P1", FACE).await.trace.evid.unwrap();
    assert!(bench.terminal.name_chart(evid, "99999").is_err(), "there is no such chart");
    bench.terminal.name_chart(evid, &crate::taps::chart().number).unwrap();
    assert_eq!(bench.state(), "known-provisional");
    bench.platform.network(true);
    bench.terminal.sync().await.unwrap();
    assert_eq!(bench.state(), "known");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "known", "from now on the card leads there");
}

#[tokio::test]
async fn the_outage_list_prints_numbers_and_charts_and_no_name() {
    let bench = Bench::ready().await;
    bench.terminal.keep_chart(&crate::taps::chart()).unwrap();
    bench.platform.network(false);
    let evid = bench.tap("P1", FACE).await.trace.evid.unwrap();
    bench.terminal.name_chart(evid, &crate::taps::chart().number).unwrap();
    let page = bench.page("/counter/today/print?lang=ja").await;
    assert!(page.contains("K-001") && page.contains(&crate::taps::chart().number));
    assert!(!page.contains(&crate::taps::chart().name) && !page.contains(&crate::taps::chart().kana));
}

#[tokio::test]
async fn the_list_and_the_help_use_no_forbidden_word() {
    let bench = Bench::ready().await;
    bench.tap("P1", FACE).await;
    bench.platform.answer(Answers::Stopped);
    bench.tap("P2", FACE).await;
    for path in ["/counter/today", "/counter/help"] {
        for lang in ["ja", "en"] {
            let text = visible(&bench.page(&format!("{path}?lang={lang}")).await).to_lowercase();
            for word in FORBIDDEN {
                assert!(!text.contains(word), "{path} in {lang} says {word:?}");
            }
        }
    }
    let list = bench.page("/counter/today?lang=ja").await;
    assert!(list.contains("手元の時計") && list.contains("✓ 確認ずみ") && list.contains("! 要確認"));
}

#[tokio::test]
async fn a_tap_works_by_forms_alone() {
    let bench = Bench::ready().await;
    let mut changes = bench.changes();
    assert_eq!(bench.post("/counter/tap", "card=P1").await, StatusCode::SEE_OTHER);
    bench.until(&mut changes, "verify-holder").await;
    let page = bench.page("/counter/").await;
    assert!(page.contains("data-key=\"1\"") && page.contains("name=\"method\""));
    assert_eq!(bench.post("/counter/holder", "method=2").await, StatusCode::SEE_OTHER);
    bench.until(&mut changes, "new").await;
    let visit = bench.terminal.today().unwrap()[0].evid;
    let form = format!("visit={visit}&number=10432&name=%E9%AB%99%E6%A9%8B&kana=");
    assert_eq!(bench.post("/counter/charts", &form).await, StatusCode::SEE_OTHER);
    assert_eq!(bench.state(), "known");
    assert_eq!(
        bench.post("/counter/charts", &form).await,
        StatusCode::SEE_OTHER,
        "pressed twice is harmless"
    );
    assert_eq!(bench.post("/counter/back", "").await, StatusCode::SEE_OTHER);
    assert_eq!(bench.state(), "ready");
    assert!(bench.page("/counter/").await.contains("前の方"));
}

#[tokio::test]
async fn forms_of_another_shape_do_nothing() {
    let bench = Bench::ready().await;
    assert_eq!(bench.post("/counter/tap", "card=nobody").await, StatusCode::NOT_FOUND);
    assert_eq!(bench.post("/counter/holder", "method=4").await, StatusCode::BAD_REQUEST);
    assert_eq!(bench.post("/counter/holder", "method=99").await, StatusCode::BAD_REQUEST);
    assert_eq!(bench.post("/counter/pin", "pin=1234").await, StatusCode::SEE_OTHER);
    assert_eq!(bench.state(), "ready");
    bench.socket.cut_after(Instruction::Status);
    assert_eq!(bench.post("/counter/back", "").await, StatusCode::SEE_OTHER);
    assert_eq!(bench.state(), "ready");
}

#[tokio::test]
async fn the_desk_tells_listeners_that_it_changed() {
    let bench = Bench::ready().await;
    let mut events = bench.open("/counter/events").await;
    bench.terminal.card_placed(CardName("P1".into())).await;
    let first = bench.next_event(&mut events).await;
    assert!(first.contains("event: changed"), "{first}");
}
