//! `/counter/unlock`: first what the administrator's card would agree to, in large type; then the card;
//! then its PIN. A refusal stands over the step that it leads back to.

use std::sync::{Arc, Mutex};

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jushin_pages::{Frame, Lang, clock_time, day};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::refusal::{Refusal, Step};
use crate::ports::{CardName, StaffChoice};
use crate::terminal::{Terminal, locked};
use crate::unlock::{OfflineOffer, UnlockError};
use crate::{StaffPin, StoreError};

/// The desk's unlock and what was refused last.
#[derive(Clone)]
struct Unlocking {
    terminal: Terminal,
    /// One desk, one administrator: what was refused, and with which card.
    refused: Arc<Mutex<Option<(CardName, Refusal)>>>,
}

pub(super) fn router(terminal: Terminal) -> Router {
    let unlocking = Unlocking { terminal, refused: Arc::default() };
    Router::new().route("/counter/unlock", get(show).post(unlock)).with_state(unlocking)
}

#[derive(Template)]
#[template(path = "unlock.html")]
struct UnlockPage {
    frame: Frame,
    offer: Option<OfferView>,
    refusal: Option<String>,
    cards: Vec<StaffChoice>,
    chosen: Option<StaffChoice>,
}

/// What would be agreed to, as people say it.
struct OfferView {
    /// In phrases that lines break between.
    summary: Vec<String>,
    institution: String,
    terminal: String,
    claimed: String,
    check_ins: String,
    valid: String,
}

#[derive(Deserialize)]
struct Wanted {
    /// The card that lies there; nothing while none does.
    card: Option<String>,
}

async fn show(State(unlocking): State<Unlocking>, Query(wanted): Query<Wanted>, lang: Lang) -> Response {
    let Unlocking { terminal, refused } = &unlocking;
    let cards = terminal.staff_cards();
    let chosen = match cards.is_empty() {
        true => Some(on_the_reader(lang)),
        false => wanted.card.and_then(|card| cards.iter().find(|choice| choice.name.0 == card).cloned()),
    };
    let offer = match terminal.offline_offer().await {
        Ok(offer) => offer,
        Err(UnlockError::NetworkUp | UnlockError::AlreadyUnlocked) => {
            *locked(refused) = None;
            return Redirect::to("/counter/").into_response();
        }
        Err(error) => return terminal.refused_page(&Refusal::of(&error), None, &[], None, lang),
    };
    if let Some(chosen) = chosen.as_ref().filter(|chosen| !chosen.name.0.is_empty())
        && let Err(error) = terminal.0.staff.open(&chosen.name)
    {
        // No PIN is asked for a card that cannot unlock.
        *locked(refused) = Some((chosen.name.clone(), Refusal::of(&error.into())));
        return Redirect::to("/counter/unlock").into_response();
    }
    let refusal = locked(refused).clone();
    // Another card starts with a clean slate.
    let refusal = refusal
        .filter(|(card, refusal)| match &chosen {
            Some(chosen) => chosen.name == *card && (refusal.leads_to == Step::Pin || card.0.is_empty()),
            None => refusal.leads_to == Step::Card,
        })
        .map(|(_, refusal)| refusal);
    let cards = if chosen.is_some() { Vec::new() } else { cards };
    match refusal {
        Some(refusal) => terminal.refused_page(&refusal, Some(&offer), &cards, chosen, lang),
        None => {
            let state = if chosen.is_some() { "unlock-pin" } else { "unlock" };
            terminal.unlock_page(state, Some(&offer), None, &cards, chosen, lang)
        }
    }
}

#[derive(Deserialize)]
struct Given {
    card: String,
    pin: String,
}

async fn unlock(State(unlocking): State<Unlocking>, Form(given): Form<Given>) -> Redirect {
    let Unlocking { terminal, refused } = unlocking;
    let pin = Zeroizing::new(given.pin);
    let card = CardName(given.card);
    let cards = terminal.staff_cards();
    if !cards.is_empty() && !cards.iter().any(|choice| choice.name == card) {
        return Redirect::to("/counter/unlock");
    }
    let done = match StaffPin::new(&pin) {
        Ok(pin) => terminal.unlock_with(&card, pin).await.map(|_| ()),
        Err(_) => Err(UnlockError::PinForm),
    };
    let Err(error) = done else {
        *locked(&refused) = None;
        return Redirect::to("/counter/");
    };
    let refusal = Refusal::of(&error);
    let again = match refusal.leads_to {
        Step::Pin => format!("/counter/unlock?card={}", encoded(&card.0)),
        Step::Card | Step::Nowhere => "/counter/unlock".to_owned(),
    };
    *locked(&refused) = Some((card, refusal));
    Redirect::to(&again)
}

/// A real reader has no buttons: whatever card lies there is asked.
fn on_the_reader(lang: Lang) -> StaffChoice {
    let label = lang.pick("読み取り機に置いた管理者のカード", "The administrator's card on the reader");
    StaffChoice { name: CardName(String::new()), label: label.to_owned() }
}

/// A name in an address.
pub(super) fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.bytes().fold(String::new(), |mut text, byte| {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text += &format!("%{byte:02X}");
        }
        text
    })
}

impl Terminal {
    fn refused_page(
        &self,
        refusal: &Refusal,
        offer: Option<&OfflineOffer>,
        cards: &[StaffChoice],
        chosen: Option<StaffChoice>,
        lang: Lang,
    ) -> Response {
        self.unlock_page(refusal.state, offer, Some(refusal.sentence(lang)), cards, chosen, lang)
    }

    fn unlock_page(
        &self,
        state: &'static str,
        offer: Option<&OfflineOffer>,
        refusal: Option<String>,
        cards: &[StaffChoice],
        chosen: Option<StaffChoice>,
        lang: Lang,
    ) -> Response {
        let frame = self.frame(lang, state, Some("/counter/events"));
        let offer = offer.map(|offer| offer_view(offer, lang));
        let page = UnlockPage { frame, offer, refusal, cards: cards.to_vec(), chosen };
        super::rendered(Ok::<_, StoreError>(page))
    }
}

fn offer_view(offer: &OfflineOffer, lang: Lang) -> OfferView {
    let OfflineOffer { institution_name, institution, desk_name, claimed, check_ins, .. } = offer;
    let hours = offer.valid_ms.map(|valid| valid / 3_600_000);
    OfferView {
        summary: match lang {
            Lang::Ja => vec![
                format!("{institution_name}・"),
                "この端末・".to_owned(),
                "今日・".to_owned(),
                format!("{check_ins} 人まで"),
            ],
            Lang::En => vec![
                format!("{institution_name}, "),
                "this terminal, ".to_owned(),
                "today, ".to_owned(),
                format!("up to {check_ins} people"),
            ],
        },
        institution: format!("{institution_name}（{institution}）"),
        terminal: format!("{desk_name}（{}）", short(&offer.terminal.to_string())),
        claimed: format!("{} {}", day(*claimed, lang), clock_time(*claimed, lang)),
        check_ins: match lang {
            Lang::Ja => format!("{check_ins} 人まで"),
            Lang::En => format!("up to {check_ins}"),
        },
        valid: match (hours, lang) {
            (Some(hours), Lang::Ja) => format!("{hours} 時間"),
            (Some(hours), Lang::En) => format!("{hours} hours"),
            (None, _) => lang.pick("電源を切るまで", "until it is switched off").to_owned(),
        },
    }
}

/// Enough of an id to compare it with the label on the terminal.
fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_any_name_can_stand_in_an_address() {
        assert_eq!(encoded("HA1-x"), "HA1-x");
        assert_eq!(encoded("署&?"), "%E7%BD%B2%26%3F");
    }
}
