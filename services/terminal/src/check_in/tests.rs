use jushin_statement::Id16;

use super::*;
use crate::CardName;

const NOW: UnixMillis = UnixMillis(1_775_519_523_000);
const EVID: Hash = Hash([1; 32]);

fn card() -> CardName {
    CardName("P1".into())
}

fn chart() -> ChartLine {
    ChartLine {
        number: "10432".into(),
        name: "髙橋 渚󠄁".into(),
        kana: "タカハシ ナギサ".into(),
        last_visit: None,
    }
}

/// A desk after these events, and what the last one asked for.
fn after(events: &[Event]) -> (CheckIn, Vec<Action>) {
    let mut desk = CheckIn::new(NOW);
    let mut actions = Vec::new();
    for event in events {
        actions = desk.handle(event.clone(), NOW, None);
    }
    (desk, actions)
}

fn reading() -> Vec<Event> {
    vec![Event::Started(None), Event::CardPlaced(card())]
}

fn chosen(method: HolderCheck) -> Vec<Event> {
    [reading(), vec![Event::CardRead, Event::HolderChosen(method)]].concat()
}

fn committed() -> Vec<Event> {
    let rest = vec![Event::Reached(ReadingStep::Record), Event::Committed { evid: EVID }];
    [chosen(HolderCheck::PhotoMachine), rest].concat()
}

fn with(mut events: Vec<Event>, last: Event) -> Vec<Event> {
    events.push(last);
    events
}

fn confirmed(chart: Option<ChartLine>) -> Event {
    Event::Answered { evid: EVID, answer: Answer::Confirmed { chart } }
}

#[test]
fn each_event_leads_to_its_state_and_asks_for_its_actions() {
    use HolderCheck::{PhotoMachine, PhotoVisual, Pin};
    let failed = |failure| Event::CardFailed(failure);
    let locked = with(chosen(Pin), Event::TriesLeft(0));
    let cases: Vec<(&str, Vec<Event>, &str, Vec<Action>)> = vec![
        ("switched on", vec![], "starting", vec![]),
        ("unlocked", vec![Event::Started(None)], "ready", vec![]),
        ("refused", vec![Event::StartFailed(StartFailure::Suspended)], "suspended", vec![]),
        ("no network", vec![Event::StartFailed(StartFailure::Unreachable)], "locked", vec![]),
        (
            "no network, but an administrator",
            vec![Event::StartFailed(StartFailure::Unreachable), Event::StartedOffline { check_ins: 300 }],
            "ready-offline",
            vec![],
        ),
        (
            "network after all",
            vec![Event::StartFailed(StartFailure::Unreachable), Event::Started(None)],
            "ready",
            vec![],
        ),
        ("a part is silent", vec![Event::StartFailed(StartFailure::Device)], "starting", vec![]),
        ("line cut", vec![Event::Started(None), Event::LineLost], "ready-offline", vec![]),
        ("line mended", vec![Event::Started(None), Event::LineLost, Event::LineBack], "ready", vec![]),
        ("line cut while reading", with(reading(), Event::LineLost), "reading", vec![]),
        (
            "off and on",
            with(committed(), Event::SwitchedOn),
            "starting",
            vec![Action::LetGo, Action::PowerOn],
        ),
        ("card too early", vec![Event::CardPlaced(card())], "starting", vec![]),
        ("card", reading(), "reading", vec![Action::LetGo, Action::OpenCard(card())]),
        ("second card meanwhile", with(reading(), Event::CardPlaced(card())), "reading", vec![]),
        ("read", with(reading(), Event::CardRead), "verify-holder", vec![]),
        ("face", chosen(PhotoMachine), "reading", vec![Action::TakeVisit(PhotoMachine)]),
        ("PIN", chosen(Pin), "pin", vec![Action::AskTries]),
        ("no tries left", locked.clone(), "card-locked", vec![]),
        ("PIN of a blocked card", with(locked.clone(), Event::HolderChosen(Pin)), "card-locked", vec![]),
        (
            "eye instead",
            with(locked, Event::HolderChosen(PhotoVisual)),
            "reading",
            vec![Action::TakeVisit(PhotoVisual)],
        ),
        ("PIN typed", with(chosen(Pin), Event::PinGiven), "reading", vec![Action::TakeVisit(Pin)]),
        (
            "PIN wrong",
            [chosen(Pin), vec![Event::PinGiven, failed(CardFailure::WrongPin { tries_left: 2 })]].concat(),
            "pin",
            vec![],
        ),
        ("pulled while reading", with(reading(), Event::CardRemoved), "pulled", vec![Action::LetGo]),
        (
            "pulled while choosing",
            with(with(reading(), Event::CardRead), Event::CardRemoved),
            "pulled",
            vec![Action::LetGo],
        ),
        ("pulled while typing", with(chosen(Pin), Event::CardRemoved), "pulled", vec![Action::LetGo]),
        ("taken away when done", with(committed(), Event::CardRemoved), "reading", vec![]),
        (
            "pulled as told by the card",
            with(reading(), failed(CardFailure::Pulled)),
            "pulled",
            vec![Action::LetGo],
        ),
        (
            "other card",
            with(reading(), failed(CardFailure::NotOurs(CardGuess::OtherChip))),
            "wrong-card",
            vec![Action::LetGo],
        ),
        ("expired", with(reading(), failed(CardFailure::Expired)), "card-expired", vec![Action::LetGo]),
        (
            "used up",
            with(chosen(PhotoMachine), failed(CardFailure::OutOfBudget)),
            "quota-out",
            vec![Action::LetGo, Action::Anchor],
        ),
        (
            "element locked",
            with(chosen(PhotoMachine), failed(CardFailure::Locked)),
            "starting",
            vec![Action::LetGo, Action::PowerOn],
        ),
        ("committed", committed(), "reading", vec![Action::LetGo, Action::Confirm(EVID)]),
        ("known", with(committed(), confirmed(Some(chart()))), "known", vec![]),
        ("new", with(committed(), confirmed(None)), "new", vec![]),
        (
            "stopped",
            with(committed(), Event::Answered { evid: EVID, answer: Answer::Stopped { chart: None } }),
            "revoked",
            vec![],
        ),
        (
            "rejected",
            with(committed(), Event::Answered { evid: EVID, answer: Answer::Rejected { chart: None } }),
            "rejected-later",
            vec![],
        ),
        (
            "no answer in time",
            with(committed(), Event::Unanswered { evid: EVID, waiting_number: 14 }),
            "new-provisional",
            vec![],
        ),
        ("reader gone", with(reading(), Event::ReaderLost), "reader-lost", vec![Action::LetGo]),
        ("reader back", [reading(), vec![Event::ReaderLost, Event::ReaderFound]].concat(), "ready", vec![]),
        (
            "Esc while choosing",
            with(with(reading(), Event::CardRead), Event::Back),
            "ready",
            vec![Action::LetGo],
        ),
        ("Esc while reading", with(reading(), Event::Back), "reading", vec![]),
        ("Esc from a result", [committed(), vec![confirmed(None), Event::Back]].concat(), "ready", vec![]),
    ];
    for (name, events, state, actions) in cases {
        let (desk, asked) = after(&events);
        assert_eq!(desk.data_state().0, state, "{name}");
        assert_eq!(asked, actions, "{name}");
    }
}

#[test]
fn a_late_answer_corrects_the_visit_wherever_it_stands() {
    let waiting = with(committed(), Event::Unanswered { evid: EVID, waiting_number: 14 });
    let (desk, _) = after(&with(waiting.clone(), confirmed(Some(chart()))));
    assert_eq!(desk.data_state().0, "known");
    assert!(desk.online());

    let (desk, _) = after(&[waiting, vec![Event::Back, confirmed(Some(chart()))]].concat());
    assert_eq!(desk.data_state().0, "ready");
    assert_eq!(desk.previous().map(|previous| &previous.visit.outcome), Some(&Outcome::Known(chart())));
}

#[test]
fn an_answer_that_came_in_the_last_moment_stands() {
    let events = [committed(), vec![confirmed(None), Event::Unanswered { evid: EVID, waiting_number: 1 }]];
    let (desk, _) = after(&events.concat());
    assert_eq!(desk.data_state().0, "new");
    assert!(desk.online());
}

#[test]
fn an_answer_for_another_visit_does_not_touch_the_one_on_the_screen() {
    let other = Event::Answered { evid: Hash([2; 32]), answer: Answer::Stopped { chart: None } };
    let (desk, _) = after(&[committed(), vec![confirmed(Some(chart())), other]].concat());
    assert_eq!(desk.data_state().0, "known");
}

#[test]
fn a_card_pulled_in_the_last_moment_has_done_its_part() {
    let events =
        [chosen(HolderCheck::PhotoMachine), vec![Event::CardRemoved, Event::Committed { evid: EVID }]];
    let (desk, actions) = after(&events.concat());
    assert_eq!(desk.data_state().0, "reading");
    assert_eq!(actions, [Action::LetGo, Action::Confirm(EVID)]);
}

#[test]
fn the_last_choice_is_preselected() {
    let again = vec![confirmed(None), Event::CardPlaced(card()), Event::CardRead];
    let (desk, _) = after(&[committed(), again].concat());
    assert_eq!(desk.state(), &State::VerifyHolder { preselected: Some(HolderCheck::PhotoMachine) });
}

#[test]
fn an_answer_for_an_earlier_visit_is_not_taken_for_the_one_that_is_being_recorded() {
    let earlier = Event::Answered { evid: Hash([2; 32]), answer: Answer::Confirmed { chart: Some(chart()) } };
    let (desk, _) = after(&with(committed(), earlier.clone()));
    assert_eq!(desk.data_state().0, "reading");
    let (desk, _) = after(&[committed(), vec![earlier, confirmed(None)]].concat());
    assert_eq!(desk.data_state().0, "new");
}

#[test]
fn a_provisional_visit_whose_chart_the_desk_names_is_known_until_the_card_says_otherwise() {
    let named = Event::ChartAssigned { evid: EVID, chart: chart() };
    let waiting = with(committed(), Event::Unanswered { evid: EVID, waiting_number: 14 });
    let named = with(waiting, named);
    assert_eq!(after(&named).0.data_state().0, "known-provisional");
    assert_eq!(after(&with(named.clone(), confirmed(Some(chart())))).0.data_state().0, "known");
    let seen = ChartLine { number: "10518".into(), ..chart() };
    let other = Event::Answered { evid: EVID, answer: Answer::OtherChart { expected: chart().number, seen } };
    assert_eq!(after(&with(named, other)).0.data_state().0, "other-family");
}

#[test]
fn only_a_new_patient_is_given_a_chart() {
    let assigned = Event::ChartAssigned { evid: EVID, chart: chart() };
    let (desk, _) = after(&[committed(), vec![confirmed(None), assigned.clone()]].concat());
    assert_eq!(desk.data_state().0, "known");
    let stopped = Event::Answered { evid: EVID, answer: Answer::Stopped { chart: None } };
    let (desk, _) = after(&[committed(), vec![stopped, assigned]].concat());
    assert_eq!(desk.data_state().0, "revoked");
}

#[test]
fn the_anchor_is_renewed_between_patients_and_in_the_same_power_cycle_only() {
    let ticks = |cycle, count| Ticks { cycle: Id16([cycle; 16]), count };
    let anchored = Anchored { ticks: ticks(1, 100), good_for: 50 };
    let mut desk = CheckIn::new(NOW);
    desk.handle(Event::Started(Some(anchored)), NOW, None);
    for (seen, asked) in [
        (None, vec![]),
        (Some(ticks(1, 149)), vec![]),
        (Some(ticks(1, 150)), vec![Action::Anchor]),
        (Some(ticks(2, 999)), vec![]),
    ] {
        assert_eq!(desk.handle(Event::Idle, NOW, seen), asked, "{seen:?}");
    }
    desk.handle(Event::CardPlaced(card()), NOW, None);
    assert_eq!(desk.handle(Event::Idle, NOW, Some(ticks(1, 150))), [], "not while a patient stands there");
}
