//! What a visitor may do to the terminals: pull the network, the reader, the power; stop the time stampers;
//! let an hour pass. Only the demo has such switches. They act on the real parts, and the pages follow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use jushin_card::CardTransport;
use jushin_pages::{Lang, clock_time, short_day};
use jushin_runtime::Clock as _;
use jushin_statement::AuthenticationForm;
use jushin_terminal::{CardName, Reader, ReaderError};
use serde::Deserialize;

use super::cards::DeskReader;
use super::clock::DayClock;
use super::network::{Interposed, Wire};
use super::site::Site;

const HOUR: u64 = 3_600_000;

/// A reader at a desk, on a cable that can be pulled.
pub(super) struct Cable {
    reader: DeskReader,
    pulled: AtomicBool,
}

impl Cable {
    pub(super) fn to(reader: DeskReader) -> Self {
        Self { reader, pulled: AtomicBool::new(false) }
    }
}

impl Reader for Cable {
    fn placeable(&self) -> Vec<CardName> {
        self.reader.placeable()
    }

    fn connect(&self, card: &CardName) -> Result<Box<dyn CardTransport>, ReaderError> {
        match self.pulled.load(Ordering::Relaxed) {
            true => Err(ReaderError::NoReader),
            false => self.reader.connect(card),
        }
    }

    fn form(&self, card: &CardName) -> AuthenticationForm {
        self.reader.form(card)
    }
}

/// The switches of the demo.
pub(super) struct Switches {
    desks: Vec<Desk>,
    clock: Arc<DayClock>,
    stampers: Wire,
    stampers_stopped: AtomicBool,
}

/// One terminal's switches.
struct Desk {
    site: Site,
    cut: AtomicBool,
    off: AtomicBool,
}

/// A switch as it reads on the page: what pressing it does, and what it sends.
pub(super) struct SwitchView {
    pub(super) turn: &'static str,
    pub(super) to: &'static str,
    pub(super) word: &'static str,
}

/// One terminal's switches as they read on the page.
pub(super) struct DeskView {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) switches: Vec<SwitchView>,
}

impl Switches {
    pub(super) fn new(sites: impl IntoIterator<Item = Site>, clock: Arc<DayClock>, stampers: Wire) -> Self {
        let desk = |site| Desk { site, cut: AtomicBool::new(false), off: AtomicBool::new(false) };
        let desks = sites.into_iter().map(desk).collect();
        Self { desks, clock, stampers, stampers_stopped: AtomicBool::new(false) }
    }

    /// The day and the time that everybody's clock shows.
    pub(super) fn time(&self, lang: Lang) -> String {
        let now = self.clock.now();
        format!("{} {}", short_day(now, lang), clock_time(now, lang))
    }

    pub(super) fn desks(&self, lang: Lang) -> Vec<DeskView> {
        self.desks.iter().map(|desk| desk.view(lang)).collect()
    }

    /// Switches that belong to no terminal.
    pub(super) fn others(&self, lang: Lang) -> Vec<SwitchView> {
        let stampers = Words {
            turn: "stampers",
            off: ("時刻サービスを止める", "Stop the time stampers"),
            on: ("時刻サービスを動かす", "Start the time stampers"),
        };
        let hour =
            SwitchView {
                turn: "hour", to: "on", word: lang.pick("1 時間すすめる", "Let an hour pass")
            };
        vec![stampers.view(&self.stampers_stopped, lang), hour]
    }

    async fn turn(&self, turned: &Turned) -> Option<()> {
        let off = match turned.to.as_str() {
            "off" => true,
            "on" => false,
            _ => return None,
        };
        match turned.turn.as_str() {
            "hour" => self.clock.advance_to(self.clock.now().0 + HOUR),
            "stampers" => {
                self.stampers_stopped.store(off, Ordering::Relaxed);
                match off {
                    true => self.stampers.interpose(|path, _| match path.starts_with("/tsa/") {
                        true => Interposed::Lost,
                        false => Interposed::Passed,
                    }),
                    false => self.stampers.release(),
                }
            }
            of_a_desk => {
                let desk = self.desks.iter().find(|desk| desk.site.place.terminal == turned.desk)?;
                desk.turn(of_a_desk, off).await?;
            }
        }
        Some(())
    }
}

impl Desk {
    async fn turn(&self, what: &str, off: bool) -> Option<()> {
        let terminal = &self.site.terminal;
        match what {
            "network" => {
                self.cut.store(off, Ordering::Relaxed);
                if off { self.site.line.cut() } else { self.site.line.release() }
            }
            "reader" => {
                self.site.cable.as_ref()?.pulled.store(off, Ordering::Relaxed);
                if off { terminal.reader_lost().await } else { terminal.reader_found().await }
            }
            "power" => {
                self.off.store(off, Ordering::Relaxed);
                if off {
                    self.site.power_off()
                } else {
                    self.site.power_cycle().ok()?
                }
                // The form does not wait until the terminal is ready; the counter shows how it goes.
                let terminal = terminal.clone();
                tokio::spawn(async move { terminal.switched_on().await });
            }
            _ => return None,
        }
        Some(())
    }

    fn view(&self, lang: Lang) -> DeskView {
        let place = self.site.place;
        let network = Words {
            turn: "network",
            off: ("通信を切る", "Pull the network"),
            on: ("通信をつなぐ", "Plug the network in"),
        };
        let reader = Words {
            turn: "reader",
            off: ("カードリーダーを抜く", "Pull the reader"),
            on: ("カードリーダーをつなぐ", "Plug the reader in"),
        };
        let power = Words {
            turn: "power",
            off: ("電源を切る", "Switch it off"),
            on: ("電源を入れる", "Switch it on"),
        };
        let mut switches = vec![network.view(&self.cut, lang)];
        switches.extend(self.site.cable.as_ref().map(|cable| reader.view(&cable.pulled, lang)));
        switches.push(power.view(&self.off, lang));
        DeskView { name: place.terminal, place: lang.pick(place.ja, place.en), switches }
    }
}

/// What a switch does from each of its two positions, in both languages.
struct Words {
    turn: &'static str,
    off: (&'static str, &'static str),
    on: (&'static str, &'static str),
}

impl Words {
    fn view(&self, is_off: &AtomicBool, lang: Lang) -> SwitchView {
        let (to, (ja, en)) = if is_off.load(Ordering::Relaxed) { ("on", self.on) } else { ("off", self.off) };
        SwitchView { turn: self.turn, to, word: lang.pick(ja, en) }
    }
}

/// Takes the forms of the start page.
pub(super) fn router(switches: Arc<Switches>) -> Router {
    jushin_pages::secure(Router::new().route("/switch", post(turn)).with_state(switches))
}

#[derive(Deserialize)]
struct Turned {
    #[serde(default)]
    desk: String,
    turn: String,
    to: String,
}

async fn turn(State(switches): State<Arc<Switches>>, Form(turned): Form<Turned>) -> Response {
    match switches.turn(&turned).await {
        Some(()) => Redirect::to("/#switches").into_response(),
        None => (StatusCode::BAD_REQUEST, "There is no such switch.").into_response(),
    }
}
