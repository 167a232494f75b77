//! Makes a visit to keep: a real check-in of simulated parties, overheard at the card, the element and the
//! platform's door.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jushin::demo::stage::{DeskReader, SAKURA, SharedElement, Site};
use jushin_card::apdu::{Command, CommandBytes, Response};
use jushin_card::{CardTransport, TransportError};
use jushin_secure_element::client::{ElementTransport, ElementUnreachable};
use jushin_statement::{Object as _, Status};
use jushin_terminal::{CardName, Reader, ReaderError};

use crate::support::stage::{Heard, Stage, tap};

/// Lines of what was exchanged: headers and lengths, never data.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
    fn text(&self) -> String {
        self.0.lock().unwrap().join("\n") + "\n"
    }
    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

struct Overheard<T> {
    between: T,
    notes: Notes,
}

impl Reader for Overheard<DeskReader> {
    fn placeable(&self) -> Vec<CardName> {
        self.between.placeable()
    }
    fn connect(&self, card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError> {
        let between = self.between.connect(card)?;
        Ok(Box::new(Overheard { between, notes: self.notes.clone() }))
    }
}

impl CardTransport for Overheard<Box<dyn CardTransport>> {
    fn transmit(&mut self, command: &CommandBytes) -> Result<Response, TransportError> {
        let response = self.between.transmit(command)?;
        let sent = Command::parse(command.as_bytes()).unwrap();
        self.notes.add(format!(
            "{} [{}] -> [{}] {}",
            sent.header(),
            sent.data().len(),
            response.data().len(),
            response.status()
        ));
        Ok(response)
    }
    fn was_reset(&mut self) -> bool {
        self.between.was_reset()
    }
    fn reset_hint(&mut self) {
        self.between.reset_hint();
    }
}

impl ElementTransport for Overheard<SharedElement> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ElementUnreachable> {
        let answer = self.between.transmit(apdu)?;
        let (header, status) = (&apdu[..4], &answer[answer.len() - 2..]);
        let hex = |bytes: &[u8]| crate::support::bytes::hexadecimal(bytes).to_uppercase();
        self.notes.add(format!(
            "{} [{}] -> [{}] {}",
            hex(header),
            apdu.len() - 4,
            answer.len() - 2,
            hex(status)
        ));
        Ok(answer)
    }
}

/// Plays one check-in and keeps it in `folder`.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn a_visit(folder: &Path) {
    let stage = Stage::set().await;
    let (card, element) = (Notes::default(), Notes::default());
    let reader = Overheard { between: DeskReader(stage.world.cards.clone()), notes: card.clone() };
    let way = |between: SharedElement| -> Box<dyn ElementTransport> {
        Box::new(Overheard { between, notes: element.clone() })
    };
    let site =
        Site::enrol_with(&stage.world, stage.folder.path(), &SAKURA, Arc::new(reader), way).await.unwrap();
    stage.pass(600_000);
    site.terminal.power_on().await.unwrap();
    stage.pass(12 * 60_000);
    element.clear();

    let (upward, onward) = (Heard::on(&stage.world.platform_wire), Heard::on(&stage.world.history_wire));
    let tapped = tap(&site, 0).await;
    assert_eq!(tapped.verdict.unwrap().status, Status::Valid);
    assert_eq!(stage.world.platform.deliver_once().await.unwrap().delivered, 1);
    let batch = upward.last("/v1/batches");
    let answer = stage.post("/v1/batches", batch.clone()).await.ok();

    let _made_anew = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("trust")).unwrap();
    let keep = |name: &str, content: &[u8]| fs::write(folder.join(name), content).unwrap();
    keep("visit.jvb", &stage.world.platform.bundle(tapped.trace.evid.unwrap()).unwrap().encode());
    keep("batch.cbor", &batch);
    keep("batch-ack.cbor", &answer);
    keep("history.jvb", &onward.last("/v1/visits"));
    keep("card.txt", card.text().as_bytes());
    keep("element.txt", element.text().as_bytes());
    for (name, content) in stage.world.platform.trust_files() {
        fs::write(folder.join("trust").join(name), content).unwrap();
    }
}
