//! The page.

use std::fmt::Write as _;

use jushin_evidence::AnchorUse;
use jushin_pki::time_stamp::Token;
use jushin_statement::{Hash, Object as _, TickStamp1, TickStamp2, UnixMillis, seal_aad};

use super::annotate::{annotated, shortened};
use super::kept::{FOLDER, Kept, object, payload};
use crate::support::bytes::hexadecimal;
use crate::support::{evidence, jushin};

pub(crate) fn render(kept: &Kept) -> String {
    [
        head(kept),
        unlock(kept),
        card(kept),
        presence(kept),
        signature(kept),
        commit(kept),
        sealed(kept),
        window(kept),
        answers(kept),
        history(kept),
        joins(kept),
        tail(),
    ]
    .concat()
}

fn head(kept: &Kept) -> String {
    let visit = evidence(&kept.bundle);
    format!(
        "# One visit, byte by byte

A patient places her card at a clinic's desk. Why can nobody move that visit to another clinic, another person
or another day afterwards? This page follows one check-in through the files in the order in which they run,
with the bytes that went through them. Everything is simulated ◇: card, element, clinic and authorities are
made up, the bytes are real.

The visit is kept in `jushin/tests/one-visit/`; `jushin/tests/one_visit.rs` makes this page from it and
fails where page and code differ. Every object is one CBOR array, deterministic: `[type, version, fields…]`.
In the listings a line is one item, its bytes left, its field name (as in `docs/jushin.cddl`) and value
right; `…` stands for bytes left out. SHA-256 is meant by \"hash\" everywhere.

```
 binding ─► ts1 ─► TSA token ─► act ─► ts2 ─► anchor-h ─┐      blind‖certificate ─► cert-h ─┐
                                                        ├─► presence ─► TBS ═(card)═► csig ─► csig-h ─┐
 card's challenge, cycle‖ticks, counter, method, prev ──┘                └──────► pres-h ─────────────┤
                  commit {{ pres-h, csig-h, cycle‖ticks, counter + 1, prev }} ═(element)═► evid ◄───────┘
```
The visit's identity is `evid`, the hash of the commit's payload:
`{}`. The element is
`{}`, the clinic {}, the card RSA-2048 ({} bytes of certificate).
",
        kept.verdict.evid,
        kept.presence.element,
        kept.presence.institution,
        visit.certificate.len(),
    )
}

/// A listing of an object.
fn listing(encoded: &[u8], names: &[&str]) -> String {
    format!("```\n{}```\n", annotated(encoded, names))
}

fn unlock(kept: &Kept) -> String {
    let token = &kept.anchor.token;
    let stamp1 = payload(&kept.anchor.stamp1);
    format!(
        "
## 0. That morning: the element is unlocked and tied to the time

`services/terminal/src/power_on.rs` ↔ `services/platform/src/activation.rs`, in the element
`protocol/secure-element/src/element/activate.rs`. The element has no clock, only ticks since power-on. It
signs a first stamp over the platform's nonce, a time-stamping authority signs the time over that stamp, the
platform allows the element to work, and a second stamp closes the bracket: the token was made between two
tick values. This is done twice, with two authorities; shown is the second time, which the visit names.

`ts1`, the payload of the first stamp:
{}
Around each payload of the element stands a COSE_Sign1: `84 43 a10126` (ES256), `a0`, the payload, 64 bytes of
signature over `[\"Signature1\", h'a10126', \"jushin/1/se\", payload]`. The token ({} bytes, RFC 3161) is over the
hash of those signed bytes: `{}`.
The activation names the stamp and the token, the second stamp names the token and the activation:
{}
All four together are the anchor. Its name goes into every visit of this power cycle:
`anchor-h = SHA-256(84 5820‖ts1-h 5820‖tst-h 5820‖act-h 5820‖ts2-h)`
`= {}`
",
        listing(
            &stamp1,
            &[
                "ts1", "type", "version", "se", "bind-h", "n (the platform's nonce)", "sp-time (a claim)", "t",
                "tn (number of the power cycle)", "count (ticks)", "ctr", "prev",
            ]
        ),
        token.len(),
        hexadecimal(Token::parse(token).unwrap().imprint()),
        listing(
            &payload(&kept.anchor.stamp2),
            &["ts2", "type", "version", "se", "act-id", "tst-h", "act-h", "t", "tn", "count", "ctr", "prev"]
        ),
        kept.anchor.hash(),
    )
}

fn card(kept: &Kept) -> String {
    format!(
        "
## 1. The terminal reads the card

`services/terminal/src/tap.rs` drives `protocol/card/src/client/`; the answers come from
`protocol/card/src/virtual_card/` or a real card. Header, length of data out and back, status; data are
never logged. The certificate stays in this session's memory and is overwritten at its end.
```
{}{}```
Between the challenge and the CV certificate the terminal asks the element (header, bytes in and out):
```
{}```
",
        said(
            &kept.card_trace,
            &[
                ("00A4040C[7]", "leave: select the card manager"),
                ("00A4", "select the JPKI application"),
                ("00B086", "what kind of card is it?"),
                ("00B08A", "the certificate"),
                ("00B0", "its further bytes"),
                ("0084", "the card's challenge (RND.ICC)"),
                ("002A 00BE", "show the clinic's CV certificate"),
                ("0022", "choose the key"),
                ("0082", "EXTERNAL AUTHENTICATE: the clinic's element has signed the challenge"),
                ("802A", "the card signs"),
            ]
        ),
        "",
        said(
            &kept.element_trace,
            &[("8030", "BEGIN"), ("8032", "COMMIT"), ("803E", "STATUS: how many are left")]
        ),
    )
}

/// A trace, with words behind headers that begin so.
fn said(trace: &str, words: &[(&str, &str)]) -> String {
    trace.lines().fold(String::new(), |mut text, line| {
        let plain = line.replace(' ', "");
        let word = words.iter().find(|(start, _)| plain.starts_with(&start.replace(' ', "")));
        let word = word.map_or("", |(_, word)| word);
        let _infallible = writeln!(text, "{}", format!("{line:36}{word}").trim_end());
        text
    })
}

fn presence(kept: &Kept) -> String {
    let visit = evidence(&kept.bundle);
    let start = &kept.to_be_signed[..kept.to_be_signed.len() - visit.presence.len()];
    format!(
        "
## 2. The element builds the bytes that the card will sign

`protocol/secure-element/src/element/check_in.rs`. The host gives challenge, certificate and how the holder
was checked; clinic, element, anchor, ticks, counter and chain are the element's own. It checks the
certificate under the CA keys it was built with, and draws a blind, so that `cert-h` tells nobody whose card
it was who has not got the blind. `presence`, {} bytes:
{}
The card does not sign the payload but the Sig_structure around it, TBS, {} bytes. Its beginning makes it no
TLS transcript, no certificate and no other statement; `jushin/1/presence` is the context:
```
{}    presence payload
```
The digest that the card is given, and `pres-h` later: `D = SHA-256(TBS)`
`= {}`
",
        visit.presence.len(),
        listing(
            &visit.presence,
            &[
                "presence",
                "type",
                "version",
                "i (the clinic)",
                "se (the element)",
                "desk",
                "anchor-h",
                "t",
                "tn",
                "count",
                "ctr (mc1)",
                "sn (used once)",
                "rnd-icc (the card's challenge)",
                "ea (form)",
                "cert-h = SHA-256(blind‖certificate)",
                "method (2: face compared by machine)",
                "method-rec",
                "purpose (1: check-in)",
                "consent-h",
                "beacon-h",
                "prev = SHA-256(ts2 payload)",
            ]
        ),
        kept.to_be_signed.len(),
        sig_structure(start, visit.presence.len()),
        Hash::of(&kept.to_be_signed),
    )
}

/// The bytes before the payload in a Sig_structure of a card with RS256.
fn sig_structure(start: &[u8], payload: usize) -> String {
    let parts: [(usize, &str); 4] =
        [(1, "array of 4"), (11, "\"Signature1\""), (6, "{1: -257}, RS256"), (18, "\"jushin/1/presence\"")];
    let mut at = 0;
    let mut text = String::new();
    for (length, name) in parts {
        let bytes = hexadecimal(&start[at..at + length]);
        let _infallible = writeln!(text, "{bytes:44}{name}");
        at += length;
    }
    let _infallible = writeln!(text, "{:44}byte string of {} bytes:", hexadecimal(&start[at..]), payload);
    text
}

fn signature(kept: &Kept) -> String {
    let visit = evidence(&kept.bundle);
    format!(
        "
## 3. The card checks the clinic, then signs without a PIN

`protocol/card/src/virtual_card/terminal.rs`, `protocol/card/src/virtual_card/authenticate.rs`,
`protocol/card/src/virtual_card/sign.rs`. The CV certificate must be by the CA that the card trusts, and the
element's signature over the challenge under its key; only then the authentication key signs.
```
{:68}EXTERNAL AUTHENTICATE, {} bytes
{:68}csig, the card's own, {} bytes
{:68}csig-h = SHA-256(csig)
```
",
        shortened(&visit.authentication),
        visit.authentication.len(),
        shortened(&visit.card_signature),
        visit.card_signature.len(),
        hexadecimal(&Hash::of(&visit.card_signature).0),
    )
}

fn commit(kept: &Kept) -> String {
    let visit = evidence(&kept.bundle);
    let sign1 = visit.commit.parse().unwrap();
    format!(
        "
## 4. The element verifies the card's signature and commits

`protocol/secure-element/src/element/commit.rs`: in time, right, canonical? Then counter, chain head and the
record itself are written to memory, and only after that it is released. `commit`, {} bytes of payload:
{}
Its ES256 signature: `{}`. An ECDSA signature can be changed into
another valid one, so the visit is named by the payload alone: `evid = SHA-256(commit payload)`
`= {}`
",
        sign1.payload.len(),
        listing(
            sign1.payload,
            &[
                "commit",
                "type",
                "version",
                "se",
                "outcome (1: signed)",
                "pres-h = D",
                "csig-h",
                "t",
                "tn",
                "count",
                "ctr (mc2 = mc1 + 1)",
                "prev = SHA-256(presence payload)",
            ]
        ),
        shortened(sign1.signature),
        sign1.payload_hash(),
    )
}

fn sealed(kept: &Kept) -> String {
    let boxed = &kept.batch.boxes[0];
    let visit = evidence(&kept.bundle);
    format!(
        "
`services/terminal/src/seal.rs` puts presence, csig, certificate, blind, the clinic's signature and the commit
into one `evidence` ({} bytes), seals it with HPKE to the platform's key and overwrites it. The box can be
opened only as this element's, this counter's and this visit's, for these bytes go into the sealing:
{}
What `services/terminal/src/upload.rs` posts to `/v1/batches` is {} bytes: the box (key {} bytes, ciphertext
{} bytes), and what of records and anchors the platform may not know yet (here {} and {}).
",
        visit.encode().len(),
        listing(
            &seal_aad(kept.presence.element, kept.presence.counter, kept.verdict.evid),
            &["aad", "se", "mc1", "evid"]
        ),
        kept.batch.encode().len(),
        boxed.enc.len(),
        boxed.ciphertext.len(),
        kept.batch.records.len(),
        kept.batch.anchors.len(),
    )
}

/// One end of the window, as the rule and the numbers of its anchor give it.
fn end(kept: &Kept, used: &AnchorUse, earliest: bool) -> String {
    let anchor = kept.anchors.iter().find(|anchor| anchor.hash() == used.hash).unwrap();
    let (stamp1, stamp2): (TickStamp1, TickStamp2) = (object(&anchor.stamp1), object(&anchor.stamp2));
    let (begin, commit) = (kept.presence.ticks.count, kept.commit.ticks.count);
    let (token, accuracy) = (used.time.unwrap(), u128::from(used.accuracy_us));
    let genuine = u128::from(token.0) * 1_000;
    // A tick is a millisecond, give or take 100 ppm.
    let (name, rule, numbers, micros) = if earliest {
        let ticks = u128::from(begin - stamp2.ticks.count - 1);
        let micros = genuine - accuracy + ticks * 1_000 * 1_000_000 / 1_000_100;
        let numbers = format!("({begin} − {} − 1)", stamp2.ticks.count);
        ("lo", "g − a + (count1 − count(ts2) − 1) τ/(1+ρ)", numbers, micros / 1_000)
    } else {
        let ticks = u128::from(commit - stamp1.ticks.count + 1);
        let micros = genuine + accuracy + (ticks * 1_000 * 1_000_000).div_ceil(999_900);
        let numbers = format!("({commit} − {} + 1)", stamp1.ticks.count);
        ("hi", "g + a + (count2 − count(ts1) + 1) τ/(1−ρ)", numbers, micros.div_ceil(1_000))
    };
    let found = UnixMillis(u64::try_from(micros).unwrap());
    let proven = if earliest { kept.verdict.lo } else { kept.verdict.hi };
    assert_eq!(Some(found), proven, "{name}");
    format!(
        "{name} = {rule}\n   g = {}, a = {} ms, {numbers} ticks\n   = {}\n",
        jushin_pages::iso(token),
        accuracy / 1_000,
        jushin_pages::iso(found),
    )
}

fn window(kept: &Kept) -> String {
    let visit = kept.appraisal();
    let by = |is: fn(&AnchorUse) -> bool| visit.anchors.iter().find(|one| is(one)).unwrap();
    format!(
        "
## 5. The platform opens the box, and the evidence says what it proves

`services/platform/src/intake/open.rs` opens, `services/platform/src/intake/settle.rs` stores, verifies and
answers in one transaction. What is proven is decided in `protocol/evidence/src/appraise.rs`, the same code
that `jushin verify` runs, from the bytes alone:

| check | of what | file |
|---|---|---|
| V1 to V3 | encoding; the element, not void; the binding names clinic and key | `protocol/evidence/src/element.rs` |
| V4 | anchor: four signatures and hashes, the token is over ts1 | `protocol/evidence/src/anchor.rs` |
| V5, V6 | presence and commit belong together and to that anchor | `protocol/evidence/src/appraise.rs` |
| V7, V8 | certificate under the CA, cert-h, csig over D; not revoked | `protocol/evidence/src/card.rs` |
| V9 | neighbours in the chain: no fork | `protocol/evidence/src/chain.rs` |
| V10 to V12 | window, class, status | `protocol/evidence/src/window/` |

The window comes from the anchors and the ticks, never from a clock of the terminal (τ = 1 ms and ρ = 100 ppm
stand in the element's certificate):
```
{}{}```
",
        end(kept, by(|one| one.bounds_earliest), true),
        end(kept, by(|one| one.bounds_latest), false),
    )
}

fn answers(kept: &Kept) -> String {
    format!(
        "
The platform signs its verdict (context `jushin/1/verdict`), with which trust anchors and policy it was made:
{}
and a receipt (context `jushin/1/receipt`). Only when its signature, `se` and `head` fit its own journal does
the terminal delete the box (`services/terminal/src/receipt.rs`). `pid` is a pseudonym of the patient at this
clinic; by it the desk finds the chart.
{}",
        listing(
            &payload(&kept.answer.verdicts[0]),
            &[
                "verdict",
                "type",
                "version",
                "evid",
                "status (0: valid)",
                "class (4: tight)",
                "lo (ms)",
                "hi (ms)",
                "reasons",
                "policy-id",
                "simulated",
                "at (the platform's clock)",
            ]
        ),
        listing(
            &payload(&kept.answer.receipt),
            &[
                "receipt",
                "type",
                "version",
                "se",
                "lo",
                "hi",
                "head = evid of the record hi",
                "at",
                "gaps",
                "items",
                "item",
                "ctr (mc1)",
                "status",
                "reasons",
                "pid",
                "scheme (2: platform)",
                "epoch",
                "value",
            ]
        ),
    )
}

fn history(kept: &Kept) -> String {
    let registration =
        kept.history.results.iter().find(|result| {
            result.parse().is_ok_and(|sign1| sign1.object::<jushin_statement::Visit>().is_ok())
        });
    format!(
        "
`services/platform/src/outbox.rs` posts the redacted bundle ({} bytes, no certificate, no csig, no blind) with
a registration to `services/history/src/intake.rs`, which verifies all of it again and takes it once.
`subject` is the patient's pseudonym at the history service, unrelated to the one at the clinic:
{}",
        kept.history.encode().len(),
        listing(
            &payload(registration.unwrap()),
            &[
                "visit",
                "type",
                "version",
                "evid",
                "verdict-h",
                "i",
                "subject",
                "scheme",
                "epoch",
                "value",
                "local",
                "scheme",
                "epoch",
                "value = the receipt's pid",
            ]
        ),
    )
}

fn joins(kept: &Kept) -> String {
    let mut text = "
## How the hashes join

Each line is recomputed by the test that makes this page. Change any byte, and a line breaks.

| field | in | is the hash of | begins with |
|---|---|---|---|
"
    .to_owned();
    for join in kept.joins() {
        let start = &join.found.to_string()[..16];
        let _infallible = writeln!(text, "| {} | {} | {} | `{start}` |", join.name, join.place, join.of);
    }
    text
}

fn tail() -> String {
    let folder = std::path::Path::new(FOLDER);
    let answer = jushin(folder, &["verify", "visit.jvb", "--trust", "trust"]).expect(0);
    format!(
        "
## Check it yourself

In `jushin/tests/one-visit/`, offline:
```
$ jushin verify visit.jvb --trust trust
{}
```
OpenSSL agrees without our code: `jushin/tests/openssl.rs`. What a forger can try, and which line then breaks:
`jushin/src/demo/attacks.rs`.
",
        answer.out.trim_end(),
    )
}
