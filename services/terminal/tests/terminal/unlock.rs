//! Unlocking without network, by cards ◇ of administrators and of others.

use std::sync::LazyLock;

use jushin_card::hpki::{StaffKey, StaffLayout, StaffPersonalisation, VirtualStaffCard};
use jushin_card::{CardTransport, VirtualReader};
use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension, Template};
use jushin_pki::name::Name;
use jushin_pki::{Certificate, Crypto as _, KeyKind, KeyUsage, Moment, Suite};
use jushin_secure_element::Instruction;
use jushin_statement::{
    AdminActivation, Administrator, AdministratorKind, Anchor, Embedded, Hash, HolderCheck, Object as _,
    Presence, Signed,
};
use jushin_terminal::{
    AdministratorCard, AdministratorCardError, ReaderError, StaffPin, UnlockError, administrator_card,
};
use zeroize::Zeroizing;

use crate::bench::Bench;
use crate::cards::kept_key;

const FACE: HolderCheck = HolderCheck::PhotoMachine;
const PIN: &str = "hikari-8163";

/// What a card of an administrator holds.
struct Staff {
    pkcs8: Zeroizing<Vec<u8>>,
    certificate: Vec<u8>,
}

fn staff(name: &str, usage: KeyUsage) -> Staff {
    let pkcs8 = kept_key(name, KeyKind::Rsa2048);
    let key = AwsLc.private_key(&pkcs8).unwrap();
    let template = |name: &str, extensions| Template {
        subject: Name::new().country("JP").common_name(name),
        serial: b"staff-serial".to_vec(),
        not_before: Moment::from_utc(2021, 1, 1, 0, 0, 0).unwrap(),
        not_after: Moment::from_utc(2031, 1, 1, 0, 0, 0).unwrap(),
        spki: key.spki().to_vec(),
        extensions,
    };
    let root = template("staff CA (simulated)", Vec::new());
    let ca = Issuer::self_signed(root, key.clone(), Suite::RsaPkcs1Sha256).unwrap();
    let usage = vec![NewExtension::key_usage(usage)];
    let certificate = ca.issue(&template(name, usage)).unwrap().der().to_vec();
    Staff { pkcs8, certificate }
}

static OWN: LazyLock<Staff> = LazyLock::new(|| staff("administrator", KeyUsage::DIGITAL_SIGNATURE));
static OTHERS: LazyLock<Staff> = LazyLock::new(|| staff("another clinic's", KeyUsage::DIGITAL_SIGNATURE));
static SIGNING: LazyLock<Staff> = LazyLock::new(|| staff("for signing", KeyUsage::NON_REPUDIATION));

/// What the binding lists.
pub(crate) fn administrator() -> Administrator {
    let certificate = Certificate::parse(&OWN.certificate).unwrap();
    Administrator { kind: AdministratorKind::Hpki, key: Hash::of(certificate.spki()) }
}

fn chip(staff: &Staff, for_signing: bool) -> VirtualStaffCard {
    let key = StaffKey {
        private_key: staff.pkcs8.clone(),
        certificate: staff.certificate.clone(),
        ca_certificate: staff.certificate.clone(),
        pin: Zeroizing::new(PIN.as_bytes().to_vec()),
    };
    let (authentication, signature) = if for_signing { (None, Some(key)) } else { (Some(key), None) };
    let (layout, serial) = (StaffLayout::Issuer, *b"0000000000000003");
    VirtualStaffCard::new(&StaffPersonalisation { authentication, signature, layout, serial }).unwrap()
}

/// The card lies on the reader.
fn card(staff: &'static Staff) -> Box<dyn AdministratorCard> {
    administrator_card(|| Ok(Box::new(chip(staff, false)) as Box<dyn CardTransport>)).unwrap()
}

fn pin() -> StaffPin {
    StaffPin::new(PIN).unwrap()
}

/// Enrolled, unlocked once over the network, then switched off and on without it.
async fn in_the_mountains() -> Bench {
    let bench = Bench::ready().await;
    cut_power(&bench).await;
    bench
}

async fn cut_power(bench: &Bench) {
    bench.platform.network(false);
    bench.socket.power_on();
    bench.terminal.switched_on().await;
    assert_eq!(bench.state(), "locked");
}

#[tokio::test]
async fn an_administrators_card_unlocks_and_what_was_shown_is_what_is_signed() {
    let bench = in_the_mountains().await;
    let offer = bench.terminal.offline_offer().await.unwrap();
    assert_eq!((offer.check_ins, offer.failures_left), (3, 5));
    assert_eq!(offer.valid_ms, Some(100_000_000));
    bench.clock.advance(60_000);
    let unlocked = bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap();
    assert_eq!(unlocked.check_ins, 3);
    assert_eq!(bench.state(), "ready-offline");
    assert_eq!(bench.terminal.remaining(), Some(3));

    assert_eq!(bench.tap("P1", FACE).await.state.0, "new-provisional");
    bench.platform.network(true);
    assert!(bench.terminal.background_round().await);
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
    assert!(bench.terminal.desk().online());

    let anchors = unlocks(&bench);
    let [(admin, certificate)] = &anchors[..] else { panic!("{} unlocks", anchors.len()) };
    assert_eq!(certificate, &OWN.certificate);
    let activation: AdminActivation = admin.parse().unwrap().object().unwrap();
    assert_eq!(activation.claimed, offer.claimed, "the claim of a minute ago, which was shown");
    assert_eq!(activation.begins, offer.check_ins);
    assert_eq!(activation.institution, offer.institution);
    assert_eq!(admin.imprint(), unlocked.anchor);
    let visit = bench.platform.opened().pop().unwrap();
    assert_eq!(Presence::decode(&visit.presence).unwrap().anchor, unlocked.anchor);
    // The anchor over the network came before the visit was sent, so that it closes the window at once.
    let refused = bench.terminal.offline_offer().await.unwrap_err();
    assert!(matches!(refused, UnlockError::NetworkUp), "{refused}");
}

/// Unlocks by cards that reached the platform.
fn unlocks(bench: &Bench) -> Vec<(Signed, Vec<u8>)> {
    let anchors = bench.platform.batches().into_iter().flat_map(|batch| batch.anchors);
    let unlock = |Embedded(anchor): Embedded<Anchor>| match anchor {
        Anchor::Offline { admin, certificate } => Some((admin, certificate.0)),
        _ => None,
    };
    anchors.filter_map(unlock).collect()
}

#[tokio::test]
async fn a_claim_that_was_shown_long_ago_is_not_signed_any_more() {
    let bench = in_the_mountains().await;
    let offer = bench.terminal.offline_offer().await.unwrap();
    bench.clock.advance(600_000);
    bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap();
    bench.tap("P1", FACE).await;
    bench.platform.network(true);
    bench.terminal.background_round().await;
    let activation: AdminActivation = unlocks(&bench)[0].0.parse().unwrap().object().unwrap();
    assert_eq!(activation.claimed.0, offer.claimed.0 + 600_000);
}

#[tokio::test]
async fn n2_8_five_cards_that_are_no_administrators_leave_only_the_network() {
    let bench = in_the_mountains().await;
    for left in (0..5).rev() {
        let refused = bench.terminal.unlock_offline(&mut *card(&OTHERS), pin()).await.unwrap_err();
        assert!(
            matches!(refused, UnlockError::NotAdministrator { failures_left } if failures_left == left),
            "{refused}"
        );
    }
    let refused = bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::LockedOut), "{refused}");
    let refused = bench.terminal.offline_offer().await.unwrap_err();
    assert!(matches!(refused, UnlockError::LockedOut), "{refused}");
    assert_eq!(bench.state(), "locked");

    bench.platform.network(true);
    assert!(bench.terminal.background_round().await);
    assert_eq!(bench.state(), "ready");
    cut_power(&bench).await;
    assert_eq!(bench.terminal.offline_offer().await.unwrap().failures_left, 5, "the network forgives");
}

/// A card that signs something else than it is given.
struct Forger(Box<dyn AdministratorCard>, Vec<u8>);

impl AdministratorCard for Forger {
    fn certificate(&mut self) -> Result<Vec<u8>, AdministratorCardError> {
        self.0.certificate()
    }
    fn show_pin(&mut self, pin: &StaffPin) -> Result<(), AdministratorCardError> {
        self.0.show_pin(pin)
    }
    fn sign(&mut self, to_be_signed: &[u8]) -> Result<Vec<u8>, AdministratorCardError> {
        let other = std::mem::take(&mut self.1);
        self.1 = to_be_signed.to_vec();
        self.0.sign(&other)
    }
}

#[tokio::test]
async fn n2_9_an_adm_that_was_signed_for_another_power_cycle_unlocks_nothing() {
    let bench = in_the_mountains().await;
    // The card signs what an accomplice got from the element in the cycle before.
    let mut forger = Forger(card(&OWN), b"\x84\x6ASignature1 of no adm".to_vec());
    bench.terminal.unlock_offline(&mut forger, pin()).await.unwrap_err();
    let of_before = forger.1;
    cut_power(&bench).await;
    let mut forger = Forger(card(&OWN), of_before);
    let refused = bench.terminal.unlock_offline(&mut forger, pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::NotAccepted { failures_left: 3 }), "{refused}");
    assert_eq!(bench.tap("P1", FACE).await.trace.evid, None);
}

#[tokio::test]
async fn n2_10_a_signature_over_a_presence_is_none_over_an_adm() {
    use jushin_statement::{Alg, Context, to_be_signed};
    let bench = in_the_mountains().await;
    // The same payload under the context of a presence.
    let mut forger = Forger(card(&OWN), b"\x84\x6ASignature1 of no adm".to_vec());
    bench.terminal.unlock_offline(&mut forger, pin()).await.unwrap_err();
    let payload = jushin_secure_element::client::payload_of(&forger.1).unwrap().to_vec();
    let as_presence = to_be_signed(Context::Presence, Alg::Rs256, None, &payload);
    assert_ne!(as_presence, forger.1);
    let mut forger = Forger(card(&OWN), as_presence);
    let refused = bench.terminal.unlock_offline(&mut forger, pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::NotAccepted { failures_left: 3 }), "{refused}");
}

#[tokio::test]
async fn n2_11_power_cycles_and_further_unlocks_refill_no_offline_check_ins() {
    let bench = in_the_mountains().await;
    for left in [3, 2, 1] {
        assert_eq!(bench.terminal.offline_offer().await.unwrap().check_ins, left);
        bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap();
        assert_eq!(bench.tap("P1", FACE).await.state.0, "new-provisional");
        cut_power(&bench).await;
    }
    let refused = bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::QuotaOut), "{refused}");
    assert_eq!(bench.terminal.waiting().unwrap(), 3, "three visits, three power cycles, none lost");

    bench.platform.network(true);
    bench.terminal.background_round().await;
    bench.terminal.sync().await.unwrap();
    assert_eq!(bench.terminal.waiting().unwrap(), 0);
    assert_eq!(unlocks(&bench).len(), 3);
}

#[tokio::test]
async fn power_that_goes_right_after_the_unlock_loses_neither_record_nor_certificate() {
    let bench = in_the_mountains().await;
    bench.socket.cut_after(Instruction::PutAdminActivation);
    let lost = bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap_err();
    assert!(matches!(lost, UnlockError::Device(_)), "{lost}");
    bench.socket.power_on();
    bench.terminal.switched_on().await;
    bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap();
    bench.tap("P1", FACE).await;
    bench.platform.network(true);
    bench.terminal.background_round().await;
    bench.terminal.sync().await.unwrap();
    let certificates: Vec<_> = unlocks(&bench).into_iter().map(|(_, certificate)| certificate).collect();
    assert_eq!(certificates, [OWN.certificate.clone(), OWN.certificate.clone()]);
    let counters = bench.platform.counters();
    let highest = *counters.last().unwrap();
    assert!(highest > 6, "{counters:?}");
}

#[tokio::test]
async fn a_program_started_anew_beside_an_unlocked_element_goes_on() {
    let mut bench = in_the_mountains().await;
    bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap();
    bench.restart();
    bench.terminal.power_on().await.unwrap_err();
    assert_eq!(bench.state(), "ready-offline");
    assert_eq!(bench.tap("P1", FACE).await.state.0, "new-provisional");
    let refused = bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::AlreadyUnlocked), "{refused}");
}

#[tokio::test]
async fn wrong_pins_and_signing_cards_cost_no_try_at_the_element() {
    let bench = in_the_mountains().await;
    let mut own = card(&OWN);
    for left in [2, 1, 0] {
        let wrong = StaffPin::new("0000").unwrap();
        let refused = bench.terminal.unlock_offline(&mut *own, wrong).await.unwrap_err();
        assert!(matches!(refused, UnlockError::WrongPin { tries_left } if tries_left == left), "{refused}");
    }
    let refused = bench.terminal.unlock_offline(&mut *own, pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::PinBlocked), "{refused}");

    let signing_only = administrator_card(|| Ok(Box::new(chip(&SIGNING, true)) as Box<dyn CardTransport>));
    assert_eq!(signing_only.err(), Some(AdministratorCardError::SigningCard));
    // A card whose directory lies about its certificate, behind a driver that believes it.
    let mut liar = Liar;
    let refused = bench.terminal.unlock_offline(&mut liar, pin()).await.unwrap_err();
    assert!(matches!(refused, UnlockError::SigningCard), "{refused}");
    assert_eq!(bench.terminal.offline_offer().await.unwrap().failures_left, 5);
}

/// Shows a certificate for signing, and must be asked for nothing after that.
struct Liar;

impl AdministratorCard for Liar {
    fn certificate(&mut self) -> Result<Vec<u8>, AdministratorCardError> {
        Ok(SIGNING.certificate.clone())
    }
    fn show_pin(&mut self, _pin: &StaffPin) -> Result<(), AdministratorCardError> {
        unreachable!("a signing card was shown a PIN")
    }
    fn sign(&mut self, _to_be_signed: &[u8]) -> Result<Vec<u8>, AdministratorCardError> {
        unreachable!("a signing card was asked to sign")
    }
}

#[tokio::test]
async fn a_card_of_another_kind_is_named_as_such() {
    let nothing = administrator_card(|| Ok(Box::new(VirtualReader::new()) as Box<dyn CardTransport>));
    assert_eq!(nothing.err(), Some(AdministratorCardError::NoCard));
    let unplugged = administrator_card(|| Err(ReaderError::NoReader));
    assert!(matches!(unplugged.err(), Some(AdministratorCardError::Failed(_))));
}

#[tokio::test]
async fn neither_pin_nor_the_card_s_refusals_stand_in_the_journal() {
    let bench = in_the_mountains().await;
    bench.terminal.unlock_offline(&mut *card(&OTHERS), pin()).await.unwrap_err();
    bench.terminal.unlock_offline(&mut *card(&OWN), pin()).await.unwrap();
    bench.tap("P1", FACE).await;
    for entry in std::fs::read_dir(bench.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes()));
    }
    let shown = format!("{:?} {:?}", bench.terminal, StaffPin::new(PIN).unwrap());
    assert!(!shown.contains(PIN));
}
