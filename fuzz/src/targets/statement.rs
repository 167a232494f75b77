//! Every object, message and command array: what decodes re-encodes to the same bytes.

use jushin_secure_element::exchange;
use jushin_statement::*;

use crate::planted;

/// Decoders by number: the input's first byte chooses, so that one input is one object.
const DECODERS: &[fn(&[u8])] = &[
    keeps::<CertificateRequest>,
    keeps::<ElementExtension>,
    keeps::<ElementCaExtension>,
    keeps::<Appointment>,
    keeps::<Injection>,
    keeps::<Administrator>,
    keeps::<Policy>,
    keeps::<Binding>,
    keeps::<BindingAck>,
    keeps::<Pairing>,
    keeps::<Challenge>,
    keeps::<TickStamp1>,
    keeps::<Activation>,
    keeps::<TickStamp2>,
    keeps::<AdminActivation>,
    keeps::<Anchor>,
    keeps::<Presence>,
    keeps::<Commit>,
    keeps::<Boot>,
    keeps::<Beacon>,
    keeps::<Stamp>,
    keeps::<Evidence>,
    keeps::<Redacted>,
    keeps::<Close>,
    keeps::<Gap>,
    keeps::<ReceiptItem>,
    keeps::<Receipt>,
    keeps::<Verdict>,
    keeps::<Reference>,
    keeps::<Visit>,
    keeps::<Eligibility>,
    keeps::<Paper>,
    keeps::<TrustFile>,
    keeps::<CardId>,
    keeps::<Link>,
    keeps::<RevocationList>,
    keeps::<SelectedVisits>,
    keeps::<Consent>,
    keeps::<Capability>,
    keeps::<Possession>,
    keeps::<BreakGlass>,
    keeps::<Hello>,
    keeps::<Unlock>,
    keeps::<GapQuery>,
    keeps::<Sealed>,
    keeps::<Batch>,
    keeps::<BatchAck>,
    keeps::<ReceiptPoll>,
    keeps::<CapabilityFetch>,
    keeps::<VisitRow>,
    keeps::<CapabilityList>,
    keeps::<Fresh>,
    keeps::<ReferenceFetch>,
    keeps::<PersonFind>,
    keeps::<PersonFound>,
    keeps::<EmergencyOpen>,
    keeps::<EmergencyPerson>,
    keeps::<TpmRecord>,
    keeps::<TpmGrant>,
    keeps::<Ticks>,
    keeps::<Pid>,
    keeps::<TickSpec>,
    keeps::<exchange::Nothing>,
    keeps::<exchange::CertificateNonce>,
    keeps::<exchange::One>,
    keeps::<exchange::SealedInjection>,
    keeps::<exchange::Injected>,
    keeps::<exchange::Booted>,
    keeps::<exchange::PairRequest>,
    keeps::<exchange::StampRequest>,
    keeps::<exchange::ActivationRequest>,
    keeps::<exchange::Activated>,
    keeps::<exchange::AdminClaim>,
    keeps::<exchange::AdminRequest>,
    keeps::<exchange::AdminResponse>,
    keeps::<exchange::AdminActivated>,
    keeps::<exchange::Begin>,
    keeps::<exchange::Begun>,
    keeps::<exchange::CardSignature>,
    keeps::<exchange::CardIdScope>,
    keeps::<exchange::CardIdRequest>,
    keeps::<exchange::CardIdInput>,
    keeps::<exchange::CardIdAnswer>,
    keeps::<exchange::StampInput>,
    keeps::<exchange::CloseRequest>,
    keeps::<exchange::Status>,
    keeps::<exchange::Budget>,
    record,
];

/// Their names in the same order.
const NAMES: &[&str] = &[
    <CertificateRequest as Object>::NAME,
    <ElementExtension as Object>::NAME,
    <ElementCaExtension as Object>::NAME,
    <Appointment as Object>::NAME,
    <Injection as Object>::NAME,
    <Administrator as Object>::NAME,
    <Policy as Object>::NAME,
    <Binding as Object>::NAME,
    <BindingAck as Object>::NAME,
    <Pairing as Object>::NAME,
    <Challenge as Object>::NAME,
    <TickStamp1 as Object>::NAME,
    <Activation as Object>::NAME,
    <TickStamp2 as Object>::NAME,
    <AdminActivation as Object>::NAME,
    <Anchor as Object>::NAME,
    <Presence as Object>::NAME,
    <Commit as Object>::NAME,
    <Boot as Object>::NAME,
    <Beacon as Object>::NAME,
    <Stamp as Object>::NAME,
    <Evidence as Object>::NAME,
    <Redacted as Object>::NAME,
    <Close as Object>::NAME,
    <Gap as Object>::NAME,
    <ReceiptItem as Object>::NAME,
    <Receipt as Object>::NAME,
    <Verdict as Object>::NAME,
    <Reference as Object>::NAME,
    <Visit as Object>::NAME,
    <Eligibility as Object>::NAME,
    <Paper as Object>::NAME,
    <TrustFile as Object>::NAME,
    <CardId as Object>::NAME,
    <Link as Object>::NAME,
    <RevocationList as Object>::NAME,
    <SelectedVisits as Object>::NAME,
    <Consent as Object>::NAME,
    <Capability as Object>::NAME,
    <Possession as Object>::NAME,
    <BreakGlass as Object>::NAME,
    <Hello as Object>::NAME,
    <Unlock as Object>::NAME,
    <GapQuery as Object>::NAME,
    <Sealed as Object>::NAME,
    <Batch as Object>::NAME,
    <BatchAck as Object>::NAME,
    <ReceiptPoll as Object>::NAME,
    <CapabilityFetch as Object>::NAME,
    <VisitRow as Object>::NAME,
    <CapabilityList as Object>::NAME,
    <Fresh as Object>::NAME,
    <ReferenceFetch as Object>::NAME,
    <PersonFind as Object>::NAME,
    <PersonFound as Object>::NAME,
    <EmergencyOpen as Object>::NAME,
    <EmergencyPerson as Object>::NAME,
    <TpmRecord as Object>::NAME,
    <TpmGrant as Object>::NAME,
    <Ticks as Object>::NAME,
    <Pid as Object>::NAME,
    <TickSpec as Object>::NAME,
    <exchange::Nothing as Object>::NAME,
    <exchange::CertificateNonce as Object>::NAME,
    <exchange::One as Object>::NAME,
    <exchange::SealedInjection as Object>::NAME,
    <exchange::Injected as Object>::NAME,
    <exchange::Booted as Object>::NAME,
    <exchange::PairRequest as Object>::NAME,
    <exchange::StampRequest as Object>::NAME,
    <exchange::ActivationRequest as Object>::NAME,
    <exchange::Activated as Object>::NAME,
    <exchange::AdminClaim as Object>::NAME,
    <exchange::AdminRequest as Object>::NAME,
    <exchange::AdminResponse as Object>::NAME,
    <exchange::AdminActivated as Object>::NAME,
    <exchange::Begin as Object>::NAME,
    <exchange::Begun as Object>::NAME,
    <exchange::CardSignature as Object>::NAME,
    <exchange::CardIdScope as Object>::NAME,
    <exchange::CardIdRequest as Object>::NAME,
    <exchange::CardIdInput as Object>::NAME,
    <exchange::CardIdAnswer as Object>::NAME,
    <exchange::StampInput as Object>::NAME,
    <exchange::CloseRequest as Object>::NAME,
    <exchange::Status as Object>::NAME,
    <exchange::Budget as Object>::NAME,
];

/// Where an object's decoder stands.
pub(crate) fn number_of<T: Object>() -> u8 {
    let place = NAMES.iter().position(|name| *name == T::NAME);
    u8::try_from(place.unwrap_or(0)).unwrap_or(0)
}

pub(super) fn run(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    DECODERS[usize::from(*choice) % DECODERS.len()](data);
    if usize::from(*choice) == usize::from(number_of::<ReceiptPoll>())
        && let Ok(poll) = ReceiptPoll::decode(data)
    {
        planted::fault(poll.lo > poll.hi, "a receipt poll whose range runs backwards");
    }
}

fn keeps<T: Object>(data: &[u8]) {
    if let Ok(object) = T::decode(data) {
        assert_eq!(object.encode(), data, "{} has two encodings", T::NAME);
    }
}

/// A record has the link of the object that it is.
fn record(data: &[u8]) {
    if let Ok(record) = Record::decode(data) {
        let link = record.link();
        if let Ok(commit) = Commit::decode(data) {
            assert_eq!((commit.counter, commit.previous), (link.counter, link.previous));
        }
    }
}
