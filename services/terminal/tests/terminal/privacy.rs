//! What must never be found outside a card session.

use std::fmt::Write as _;

use jushin_statement::HolderCheck;
use jushin_terminal::CardName;

use crate::bench::Bench;
use crate::cards::{CERTIFICATE, PIN, SERIAL};

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks_exact(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        text.extend([18, 12, 6, 0].map(|shift| char::from(LETTERS[bits >> shift & 63])));
    }
    text
}

/// Whether `secret` stands in `place`: raw, as hexadecimal, as base64 at any of its three phases.
fn found(place: &[u8], secret: &[u8]) -> bool {
    let hex = hexadecimal(secret);
    let forms = [secret.to_vec(), hex.clone().into_bytes(), hex.to_uppercase().into_bytes()];
    let phases = (0..3).map(|phase| base64(&secret[phase..]).into_bytes());
    forms.into_iter().chain(phases).any(|form| place.windows(form.len()).any(|window| window == form))
}

#[test]
fn the_scan_finds_each_form() {
    let secret = b"a secret of some length";
    for place in [
        b"..a secret of some length..".to_vec(),
        hexadecimal(secret).into_bytes(),
        hexadecimal(secret).to_uppercase().into_bytes(),
        base64(&[b"x", &secret[..], b"yz"].concat()).into_bytes(),
    ] {
        assert!(found(&place, secret));
    }
    assert!(!found(b"something else, and long enough to hold it", secret));
}

#[tokio::test]
async fn n3_18_no_certificate_serial_signature_blind_or_pin_is_kept_or_shown() {
    let bench = Bench::ready().await;
    let mut pages = String::new();
    bench.platform.network(false);
    for _ in 0..2 {
        bench.terminal.card_placed(CardName("P1".into())).await;
        pages += &bench.page("/counter/").await;
        bench.terminal.holder_chosen(HolderCheck::Pin).await;
        bench.terminal.pin_given("0000").await.unwrap();
        pages += &bench.page("/counter/").await;
        bench.terminal.pin_given(PIN).await.unwrap();
        pages += &bench.page("/counter/").await;
        bench.platform.network(true);
    }
    pages += &bench.page("/counter/today").await;
    let evidence = bench.platform.opened();
    assert_eq!(evidence.len(), 2);
    let debug = format!("{:?} {:?} {:?}", bench.terminal, bench.terminal.desk(), bench.terminal.today());

    let mut secrets = vec![CERTIFICATE[..64].to_vec(), CERTIFICATE[300..364].to_vec(), SERIAL.to_vec()];
    for evidence in &evidence {
        secrets.push(evidence.card_signature[..32].to_vec());
        secrets.push(evidence.blind.to_vec());
    }
    let mut places = vec![("pages".to_owned(), pages.into_bytes()), ("debug".to_owned(), debug.into_bytes())];
    for file in std::fs::read_dir(bench.folder.path()).unwrap() {
        let path = file.unwrap().path();
        places.push((path.display().to_string(), std::fs::read(path).unwrap()));
    }
    assert!(places.len() >= 4, "{}", places.len());
    for (name, place) in &places {
        for secret in &secrets {
            assert!(!found(place, secret), "{name} holds {}", hexadecimal(secret));
        }
    }
    for (name, place) in places.iter().take(2) {
        let text = String::from_utf8_lossy(place);
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        assert!(!words.any(|word| word == PIN), "{name} shows the PIN");
    }
}

#[tokio::test]
async fn n3_18_a_wrong_pin_is_not_kept_either() {
    let bench = Bench::ready().await;
    bench.terminal.card_placed(CardName("P1".into())).await;
    bench.terminal.holder_chosen(HolderCheck::Pin).await;
    assert!(bench.post("/counter/pin", "pin=8316").await.is_redirection());
    let page = bench.page("/counter/").await;
    assert!(!page.contains("8316"));
}
