//! The operator's pages, and what they tell of a fork, a hole and missing tokens.

use jushin_crypto::AwsLc;
use jushin_evidence::{Reason, Trust, verify};
use jushin_runtime::Peer;
use jushin_statement::{Object as _, Status};

use crate::support::World;
use crate::support::terminal::Terminal;

struct Pages(Peer);

impl Pages {
    fn of(world: &World) -> Self {
        Self(Peer::in_process(world.platform.operator_pages()))
    }

    async fn get(&self, path: &str) -> String {
        let reply = self.0.get(path).await.unwrap();
        assert_eq!(reply.status, 200, "{path}");
        String::from_utf8(reply.body).unwrap()
    }

    /// The page of the only terminal, in English.
    async fn terminal(&self) -> String {
        let list = self.get("/operator/?lang=en").await;
        let path = list.split("href=\"/operator/terminals/").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(path.len(), 26, "{path}");
        self.get(&format!("/operator/terminals/{path}?lang=en")).await
    }
}

#[tokio::test]
async fn a_fork_is_told_in_words_and_each_of_the_two_bundles_names_it() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let honest = terminal.check_in(&world);
    world.posted("/v1/batches", terminal.batch(&honest).encode()).await;
    terminal.pass(&world, 3_600_000);
    let forged = terminal.fork(&honest);
    world.posted("/v1/batches", terminal.batch(&forged).encode()).await;

    let page = Pages::of(&world).terminal().await;
    let counter = honest.counter + 1;
    for said in [
        format!("two different records under counter {counter}"),
        format!("record of a check-in, payload {}…, received 7 April 8:40", &honest.evid.to_string()[..16]),
        format!("record of a check-in, payload {}…, received 7 April 9:40", &forged.evid.to_string()[..16]),
        "both were kept, the terminal was suspended".to_owned(),
        "data-state=\"suspended\"".to_owned(),
    ] {
        assert!(page.contains(&said), "{said} in {page}");
    }
    let trust = Trust::from_files(world.platform.trust_files()).unwrap();
    for check_in in [&honest, &forged] {
        for bundle in [
            world.platform.bundle(check_in.evid).unwrap(),
            world.platform.redacted_bundle(check_in.evid).unwrap(),
        ] {
            let report = verify(&bundle, &trust, &AwsLc);
            assert_eq!(report.visits[0].status, Status::Conflict, "alone, without the other bundle");
            assert!(report.visits[0].reasons.contains(&Reason::Fork), "{:?}", report.visits[0].reasons);
        }
    }
}

#[tokio::test]
async fn stamps_that_no_authority_answers_are_a_debt_and_after_an_hour_an_alarm() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    world.peers.change(|peers| peers.tsas = [None, None]);
    let stamp = terminal.stamp(&world).await;
    assert_eq!(world.post("/v1/stamps", stamp.0.0).await.status, 503);
    let pages = Pages::of(&world);
    let page = pages.terminal().await;
    assert!(page.contains("data-state=\"in-use\"") && page.contains("time stamp due since"), "{page}");
    world.clock.advance(3_600_000);
    let page = pages.terminal().await;
    assert!(page.contains("data-state=\"alarm\"") && page.contains("no time stamp since"), "{page}");
}

#[tokio::test]
async fn a_terminal_that_is_not_heard_of_is_shown_as_offline_and_after_its_unlock_as_not_unlocked() {
    let world = World::new();
    let _terminal = Terminal::ready(&world).await;
    let pages = Pages::of(&world);
    for (millis, state) in [(0, "in-use"), (3_600_000, "offline"), (86_400_000, "locked")] {
        world.clock.advance(millis);
        let page = pages.terminal().await;
        assert!(page.contains(&format!("data-state=\"{state}\"")), "{state} in {page}");
    }
}

#[tokio::test]
async fn no_page_names_a_patients_card() {
    let world = World::new();
    let mut terminal = Terminal::ready(&world).await;
    let check_in = terminal.check_in(&world);
    world.posted("/v1/batches", terminal.batch(&check_in).encode()).await;
    let pages = Pages::of(&world);
    let serial = crate::support::keys::OUTSIDE.patient.certificate.serial();
    let serial: String = serial.iter().map(|byte| format!("{byte:02x}")).collect();
    for page in [pages.get("/operator/").await, pages.terminal().await] {
        assert!(!page.contains(&serial) && !page.contains("patient\""), "{page}");
        for address in page.split("href=\"/operator/terminals/").skip(1) {
            let address = address.split(['"', '/']).next().unwrap();
            assert!(address.bytes().all(|letter| b"abcdefghijklmnopqrstuvwxyz234567".contains(&letter)));
        }
    }
}
