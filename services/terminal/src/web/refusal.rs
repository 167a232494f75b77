//! Why the administrator's card did not unlock, in the words of the page.

use jushin_pages::Lang;

use crate::unlock::UnlockError;

/// Which step of the page is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Place a card.
    Card,
    /// Type the PIN of the same card.
    Pin,
    /// None: there is nothing more to try here.
    Nowhere,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Name for `<main data-state>`.
    pub(crate) state: &'static str,
    /// Where it leads back to.
    pub(crate) leads_to: Step,
    ja: String,
    en: String,
}

impl Refusal {
    pub(crate) fn of(error: &UnlockError) -> Self {
        let (state, leads_to) = place(error);
        let (ja, en) = words(error);
        Self { state, leads_to, ja, en }
    }

    pub(crate) fn sentence(&self, lang: Lang) -> String {
        lang.pick(&self.ja, &self.en).to_owned()
    }
}

const fn place(error: &UnlockError) -> (&'static str, Step) {
    match error {
        UnlockError::SigningCard => ("unlock-signing-card", Step::Card),
        UnlockError::NotAdministrator { failures_left: 1.. } => ("unlock-not-administrator", Step::Card),
        UnlockError::NotAccepted { failures_left: 1.. } => ("unlock-not-accepted", Step::Card),
        UnlockError::WrongPin { tries_left: 1.. } => ("unlock-wrong-pin", Step::Pin),
        UnlockError::PinForm => ("unlock-pin-form", Step::Pin),
        UnlockError::WrongPin { tries_left: 0 } | UnlockError::PinBlocked => {
            ("unlock-pin-blocked", Step::Card)
        }
        UnlockError::CardUnsupported(_) => ("unlock-other-card", Step::Card),
        UnlockError::NoCard | UnlockError::Card(_) => ("unlock-no-card", Step::Card),
        UnlockError::NotAdministrator { failures_left: 0 }
        | UnlockError::NotAccepted { failures_left: 0 }
        | UnlockError::LockedOut => ("unlock-locked-out", Step::Nowhere),
        UnlockError::QuotaOut => ("unlock-quota-out", Step::Nowhere),
        UnlockError::Suspended => ("unlock-suspended", Step::Nowhere),
        UnlockError::NetworkUp | UnlockError::AlreadyUnlocked => ("unlock-not-needed", Step::Nowhere),
        UnlockError::NotEnrolled | UnlockError::Device(_) => ("unlock-device", Step::Nowhere),
    }
}

fn words(error: &UnlockError) -> (String, String) {
    let fixed = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
    match error {
        UnlockError::SigningCard => fixed(
            "署名用のカードです（認証用を）。",
            "This card is for signing. Use the one for authentication.",
        ),
        UnlockError::NotAdministrator { failures_left: left @ 1.. } => counted(
            "この端末の管理者ではありません。",
            "This card is not an administrator's of this terminal.",
            *left,
        ),
        UnlockError::NotAccepted { failures_left: left @ 1.. } => {
            counted("端末がカードを受けつけませんでした。", "The terminal did not accept the card.", *left)
        }
        UnlockError::WrongPin { tries_left: left @ 1.. } => {
            counted("暗証番号が違います。", "Wrong PIN.", *left)
        }
        UnlockError::PinForm => fixed(
            "暗証番号の形がちがいます（資格者のカードは 4 から 16 けた、マイナンバーカードは数字 4 けた）。",
            "Not the form of this card's PIN: 4 to 16 characters on a staff card, 4 digits on a My Number Card.",
        ),
        UnlockError::WrongPin { tries_left: 0 } | UnlockError::PinBlocked => fixed(
            "このカードの暗証番号は止められています。ほかの管理者のカードを使ってください。",
            "This card's PIN is blocked. Use another administrator's card.",
        ),
        UnlockError::CardUnsupported(_) => fixed(
            "このカードでは解除できません。資格者のカード（認証用）を使ってください。",
            "This card cannot unlock. Use a staff card for authentication.",
        ),
        UnlockError::NoCard | UnlockError::Card(_) => {
            fixed("カードが読めません。もう一度置いてください。", "The card cannot be read. Place it again.")
        }
        UnlockError::NotAdministrator { failures_left: 0 }
        | UnlockError::NotAccepted { failures_left: 0 }
        | UnlockError::LockedOut => fixed(
            "5 回まちがえたため通信が必要です。診療は続けられます。受付は紙の一覧で。",
            "Refused 5 times: the network is needed now. Care goes on. Check in on the paper list.",
        ),
        UnlockError::QuotaOut => fixed(
            "通信なしで受付できる人数の上限です。通信が戻ると増えます。診療は続けられます。受付は紙の一覧で。",
            "No check-in is left without network; the network brings more. Care goes on. Use the paper list.",
        ),
        UnlockError::Suspended => fixed(
            "この端末は使えません。診療は続けられます。受付は紙の一覧で。",
            "This terminal is out of use. Care goes on. Check in on the paper list.",
        ),
        UnlockError::NetworkUp | UnlockError::AlreadyUnlocked => {
            fixed("解除は必要ありません。", "There is nothing to unlock.")
        }
        UnlockError::NotEnrolled | UnlockError::Device(_) => fixed(
            "端末が応答しません。診療は続けられます。受付は紙の一覧で。",
            "The terminal does not answer. Care goes on. Check in on the paper list.",
        ),
    }
}

/// With the tries that are left.
fn counted(ja: &str, en: &str, left: u8) -> (String, String) {
    (format!("{ja}あと {left} 回"), format!("{en} Tries left: {left}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_the_administrator_can_do() {
        for (error, ja) in [
            (UnlockError::SigningCard, "署名用のカードです（認証用を）"),
            (UnlockError::NotAdministrator { failures_left: 4 }, "この端末の管理者ではありません。あと 4 回"),
            (UnlockError::WrongPin { tries_left: 2 }, "あと 2 回"),
            (UnlockError::LockedOut, "5 回まちがえたため通信が必要です"),
            (UnlockError::NotAdministrator { failures_left: 0 }, "5 回まちがえたため通信が必要です"),
        ] {
            let said = Refusal::of(&error).sentence(Lang::Ja);
            assert!(said.contains(ja), "{error:?}: {said}");
        }
    }

    #[test]
    fn only_a_wrong_pin_leads_back_to_the_pin() {
        for (error, step) in [
            (UnlockError::WrongPin { tries_left: 1 }, Step::Pin),
            (UnlockError::WrongPin { tries_left: 0 }, Step::Card),
            (UnlockError::SigningCard, Step::Card),
            (UnlockError::LockedOut, Step::Nowhere),
        ] {
            assert_eq!(Refusal::of(&error).leads_to, step, "{error:?}");
        }
    }
}
