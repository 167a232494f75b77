//! Revocation data, against those that the openssl command makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use jushin_crypto::AwsLc;
use jushin_pki::issue::{Issuer, NewExtension, RevokedEntry};
use jushin_pki::name::Name;
use jushin_pki::revocation::{
    Answer, Crl, IdHash, OcspRequest, OcspResponse, RevocationError, Status, StatusOver, answer, status_over,
};
use jushin_pki::{Certificate, KeyKind, KeyUsage, Moment, PathError, oid};

use support::{Directory, Key, NOW, YEAR, card, root, template};

/// A CA of ours for which openssl answers, with an index of two cards.
struct Responder {
    directory: Directory,
    ca: Issuer,
    good: Certificate,
    revoked: Certificate,
    unknown: Certificate,
}

const REVOKED_AT: Moment = Moment::from_seconds(1_790_000_000);

fn index_time(moment: Moment) -> String {
    let [year, month, day, hour, minute, second] = moment.to_utc();
    format!("{:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z", year % 100)
}

impl Responder {
    fn new(kind: KeyKind) -> Self {
        let directory = Directory::new();
        let ca_key = Key::new(kind);
        // openssl answers with the machine's clock.
        let mut root = template(support::ca_name(), 1, &[], vec![]);
        root.not_before = Moment::from_utc(2020, 1, 1, 0, 0, 0).unwrap();
        root.not_after = Moment::from_utc(2045, 1, 1, 0, 0, 0).unwrap();
        let ca = Issuer::self_signed(root, ca_key.key.clone(), ca_key.suite).unwrap();
        let cards = [2, 3, 4].map(|serial| card(&ca, serial, Key::new(KeyKind::P256).key.spki()));
        let [good, revoked, unknown] = cards;
        directory.certificate("ca.pem", ca.certificate());
        directory.write("ca.key", ca_key.pem());
        let end = index_time(good.not_after());
        let at = index_time(REVOKED_AT);
        directory.write(
            "index.txt",
            format!(
                "V\t{end}\t\t02\tunknown\t/CN=good\nR\t{end}\t{at},keyCompromise\t03\tunknown\t/CN=revoked\n"
            ),
        );
        Self { directory, ca, good, revoked, unknown }
    }

    fn delegate(&self, name: &str, extensions: Vec<NewExtension>) {
        let key = Key::new(KeyKind::P256);
        let mut template = template(Name::new().common_name("OCSP ◇"), 99, key.key.spki(), extensions);
        template.not_before = self.ca.certificate().not_before();
        template.not_after = self.ca.certificate().not_after();
        self.directory.certificate(&format!("{name}.pem"), &self.ca.issue(&template).unwrap());
        self.directory.write(&format!("{name}.key"), key.pem());
    }

    fn ask(&self, request: &OcspRequest, signer: &str) -> Vec<u8> {
        self.directory.write("request.der", request.to_der());
        self.directory.openssl(&format!(
            "ocsp -index index.txt -CA ca.pem -rsigner {signer}.pem -rkey {signer}.key -reqin request.der -ndays 1 \
             -respout response.der"
        ));
        self.directory.read("response.der")
    }

    fn ca(&self) -> &Certificate {
        self.ca.certificate()
    }
}

#[test]
fn openssl_reads_our_request_and_we_read_it_again() {
    let responder = Responder::new(KeyKind::P256);
    for (hash, name) in [(IdHash::Sha1, "sha1"), (IdHash::Sha256, "sha256")] {
        let request = OcspRequest::new(&responder.good, responder.ca(), hash, Some(&[7; 32]));
        responder.directory.write("request.der", request.to_der());
        let text = responder.directory.openssl("ocsp -reqin request.der -req_text");
        assert!(
            text.contains(&format!("Hash Algorithm: {name}")) && text.contains("Serial Number: 02"),
            "{text}"
        );
        assert_eq!(OcspRequest::parse(&request.to_der()), Ok(request));
    }
}

#[test]
fn the_issuer_itself_answers() {
    for kind in [KeyKind::Rsa2048, KeyKind::P256] {
        let responder = Responder::new(kind);
        for hash in [IdHash::Sha1, IdHash::Sha256] {
            for (certificate, status) in [
                (&responder.good, Status::Good),
                (&responder.revoked, Status::Revoked { at: REVOKED_AT, reason: Some(1) }),
                (&responder.unknown, Status::NotCovered),
            ] {
                let request = OcspRequest::new(certificate, responder.ca(), hash, Some(&[7; 32]));
                let der = responder.ask(&request, "ca");
                let response = OcspResponse::parse(&der).unwrap();
                response.check_nonce(&[7; 32]).unwrap();
                assert_eq!(response.check_nonce(&[8; 32]), Err(RevocationError::Nonce));
                let answer = response.answer(certificate, responder.ca(), &AwsLc).unwrap();
                assert_eq!(answer.status, status);
                assert!(answer.next_update > Some(answer.this_update));
            }
        }
    }
}

#[test]
fn a_response_about_another_certificate_covers_nothing() {
    let responder = Responder::new(KeyKind::P256);
    let request = OcspRequest::new(&responder.good, responder.ca(), IdHash::Sha1, None);
    let der = responder.ask(&request, "ca");
    let about = |certificate, issuer: &Certificate| answer(&der, certificate, issuer, &AwsLc).unwrap().status;
    assert_eq!(about(&responder.revoked, responder.ca()), Status::NotCovered);
    let other = root(KeyKind::P256);
    assert_eq!(about(&card(&other, 2, responder.good.spki()), other.certificate()), Status::NotEnrolled);
}

#[test]
fn a_delegate_answers_if_its_certificate_lets_it() {
    let responder = Responder::new(KeyKind::P256);
    let may = NewExtension::extended_key_usage(&[oid::OCSP_SIGNING], false);
    responder.delegate("may", vec![may, NewExtension::ocsp_no_check()]);
    responder.delegate("may-not", vec![NewExtension::key_usage(KeyUsage::DIGITAL_SIGNATURE)]);
    let request = OcspRequest::new(&responder.good, responder.ca(), IdHash::Sha1, None);
    let asked = |signer| answer(&responder.ask(&request, signer), &responder.good, responder.ca(), &AwsLc);
    assert_eq!(asked("may").unwrap().status, Status::Good);
    let refused = asked("may-not").unwrap_err();
    assert!(matches!(refused, RevocationError::Responder(PathError::ExtendedKeyUsage { .. })), "{refused}");
}

#[test]
fn a_delegate_of_another_ca_does_not_answer() {
    let responder = Responder::new(KeyKind::P256);
    let stranger = Responder::new(KeyKind::P256);
    stranger.delegate("delegate", vec![NewExtension::extended_key_usage(&[oid::OCSP_SIGNING], false)]);
    for file in ["delegate.pem", "delegate.key"] {
        responder.directory.write(file, stranger.directory.read(file));
    }
    let request = OcspRequest::new(&responder.good, responder.ca(), IdHash::Sha1, None);
    let der = responder.ask(&request, "delegate");
    let refused = answer(&der, &responder.good, responder.ca(), &AwsLc).unwrap_err();
    assert!(matches!(refused, RevocationError::Responder(PathError::NoIssuer { .. })), "{refused}");
}

#[test]
fn an_error_of_the_responder_is_no_answer() {
    let refused = OcspResponse::parse(&[0x30, 3, 0x0A, 1, 6]).unwrap_err();
    assert_eq!(refused, RevocationError::Unsuccessful { status: 6 });
}

#[test]
fn every_changed_byte_of_a_response_is_refused_or_changes_nothing() {
    let responder = Responder::new(KeyKind::P256);
    let request = OcspRequest::new(&responder.revoked, responder.ca(), IdHash::Sha1, None);
    let der = responder.ask(&request, "ca");
    let ask = |der: &[u8]| answer(der, &responder.revoked, responder.ca(), &AwsLc);
    let genuine = ask(&der).unwrap();
    for (at, changed) in support::mutations(&der) {
        match ask(&changed) {
            Ok(Answer { status: Status::NotEnrolled, .. }) | Err(_) => {}
            Ok(answer) => assert_eq!(answer, genuine, "byte {at}"),
        }
    }
}

#[test]
fn a_crl_by_openssl_answers() {
    let responder = Responder::new(KeyKind::Rsa2048);
    responder.directory.write("crlnumber", "05\n");
    responder.directory.write(
        "ca.cnf",
        "[ca]\ndefault_ca = c\n[c]\ndatabase = index.txt\ncrlnumber = crlnumber\ncertificate = ca.pem\n\
         private_key = ca.key\ndefault_md = sha256\ndefault_crl_days = 1\ncrl_extensions = e\n\
         [e]\nauthorityKeyIdentifier = keyid\n",
    );
    responder.directory.openssl("ca -gencrl -config ca.cnf -out list.pem");
    responder.directory.openssl("crl -in list.pem -outform DER -out list.der");
    let der = responder.directory.read("list.der");
    let about = |certificate| answer(&der, certificate, responder.ca(), &AwsLc).unwrap().status;
    assert_eq!(about(&responder.good), Status::Good);
    assert_eq!(about(&responder.unknown), Status::Good);
    assert_eq!(about(&responder.revoked), Status::Revoked { at: REVOKED_AT, reason: Some(1) });
}

/// A list by openssl with an issuingDistributionPoint of these lines.
fn partition(responder: &Responder, lines: &str, city: &str) -> Vec<u8> {
    responder.directory.write("crlnumber", "05\n");
    responder.directory.write(
        "ca.cnf",
        format!(
            "[ca]\ndefault_ca = c\n[c]\ndatabase = index.txt\ncrlnumber = crlnumber\ncertificate = ca.pem\n\
             private_key = ca.key\ndefault_md = sha256\ndefault_crl_days = 1\ncrl_extensions = e\n\
             [e]\nissuingDistributionPoint = critical, @point\n[point]\n{lines}\n\
             [name]\nC = JP\n1.OU = CRL Distribution Points\n2.OU = Tokyo-to\nCN = {city} CRLDP\n"
        ),
    );
    responder.directory.openssl("ca -gencrl -config ca.cnf -out list.pem");
    responder.directory.openssl("crl -in list.pem -outform DER -out list.der");
    responder.directory.read("list.der")
}

#[test]
fn a_list_of_one_distribution_point_covers_its_certificates_alone() {
    let responder = Responder::new(KeyKind::P256);
    let about = |lines, city, certificate| {
        let der = partition(&responder, lines, city);
        answer(&der, certificate, responder.ca(), &AwsLc).map(|answer| answer.status)
    };
    let point = "fullname = dirName:name";
    assert_eq!(about(point, "Kiyose-shi", &responder.good), Ok(Status::Good));
    assert_eq!(about(point, "Higashikurume-shi", &responder.good), Ok(Status::NotCovered));
    assert_eq!(about("onlyuser = TRUE", "", &responder.good), Ok(Status::Good));
    assert_eq!(about("onlyCA = TRUE", "", &responder.good), Ok(Status::NotCovered));
    assert_eq!(about("onlysomereasons = keyCompromise", "", &responder.good), Ok(Status::NotCovered));
    let revoked = Status::Revoked { at: REVOKED_AT, reason: Some(1) };
    assert_eq!(about("onlysomereasons = keyCompromise", "", &responder.revoked), Ok(revoked));
    assert!(matches!(
        about("indirectCRL = TRUE", "", &responder.good),
        Err(RevocationError::NotUnderstood { .. })
    ));
}

fn list(issuer: &Issuer, serials: &[u8]) -> Vec<u8> {
    let entries: Vec<_> = serials
        .iter()
        .map(|serial| RevokedEntry { serial: vec![*serial], at: REVOKED_AT, reason: None })
        .collect();
    issuer.crl(1, NOW, NOW.plus_millis(86_400_000), &entries).unwrap()
}

#[test]
fn a_list_of_the_other_generation_speaks_of_others() {
    let [first, second] = [(); 2].map(|()| root(KeyKind::P256));
    assert_eq!(first.certificate().subject(), second.certificate().subject());
    let card = card(&first, 2, Key::new(KeyKind::P256).key.spki());
    let about = |der: &[u8]| answer(der, &card, first.certificate(), &AwsLc).unwrap().status;
    assert_eq!(about(&list(&second, &[2])), Status::NotEnrolled);
    assert_eq!(about(&list(&first, &[2])), Status::Revoked { at: REVOKED_AT, reason: None });
    assert_eq!(about(&list(&first, &[3])), Status::Good);
    assert_eq!(about(&list(&first, &[])), Status::Good);
}

#[test]
fn a_list_older_than_the_certificate_does_not_cover_it() {
    let issuer = root(KeyKind::P256);
    let card = card(&issuer, 2, Key::new(KeyKind::P256).key.spki());
    let early = issuer.crl(1, card.not_before().plus_millis(-1_000), NOW, &[]).unwrap();
    assert_eq!(answer(&early, &card, issuer.certificate(), &AwsLc).unwrap().status, Status::NotCovered);
}

#[test]
fn every_changed_byte_of_a_list_is_refused() {
    let issuer = root(KeyKind::P256);
    let card = card(&issuer, 2, Key::new(KeyKind::P256).key.spki());
    for (at, changed) in support::mutations(&list(&issuer, &[2, 3])) {
        let answer = answer(&changed, &card, issuer.certificate(), &AwsLc);
        assert!(!answer.is_ok_and(|answer| answer.status != Status::NotEnrolled), "byte {at}");
    }
}

#[test]
fn a_list_says_what_is_in_it() {
    let der = list(&root(KeyKind::P256), &[2, 0x81]);
    let crl = Crl::parse(&der).unwrap();
    assert_eq!(crl.this_update(), NOW);
    let revoked: Vec<_> = crl.revoked().collect();
    assert_eq!(revoked, [(&[2][..], REVOKED_AT), (&[0x81][..], REVOKED_AT)]);
}

fn said(status: Status, this_update: i64) -> Answer {
    Answer { status, this_update: Moment(this_update), next_update: Some(Moment(this_update + YEAR)) }
}

#[test]
fn n7_5_a_revocation_before_inside_and_after_the_window() {
    let revoked = |at| [said(Status::Revoked { at: Moment(at), reason: None }, 500)];
    let (lo, hi) = (Some(Moment(100)), Some(Moment(200)));
    assert_eq!(status_over(&revoked(99), lo, hi), StatusOver::RevokedBefore { at: Moment(99) });
    assert_eq!(status_over(&revoked(100), lo, hi), StatusOver::RevokedInside { at: Moment(100) });
    assert_eq!(status_over(&revoked(200), lo, hi), StatusOver::RevokedInside { at: Moment(200) });
    assert_eq!(status_over(&revoked(201), lo, hi), StatusOver::Good { as_of: Moment(500) });
    assert_eq!(status_over(&revoked(201), lo, None), StatusOver::RevokedInside { at: Moment(201) });
    assert_eq!(status_over(&revoked(99), None, hi), StatusOver::RevokedInside { at: Moment(99) });
}

#[test]
fn only_data_as_of_the_windows_begin_or_later_clear_a_certificate() {
    let (lo, hi) = (Some(Moment(100_999)), Some(Moment(200_000)));
    let good = |at| said(Status::Good, at);
    assert_eq!(status_over(&[], lo, hi), StatusOver::NoData { latest: None });
    assert_eq!(status_over(&[good(99_999)], lo, hi), StatusOver::NoData { latest: Some(Moment(99_999)) });
    let second = [good(99_000), good(100_000)];
    assert_eq!(status_over(&second, lo, hi), StatusOver::Good { as_of: Moment(100_000) });
    for status in [Status::NotCovered, Status::NotEnrolled] {
        assert_eq!(status_over(&[said(status, 300)], lo, hi), StatusOver::NoData { latest: None });
    }
}

#[test]
fn a_revocation_outweighs_any_good_answer() {
    let old = said(Status::Revoked { at: Moment(50), reason: None }, 60);
    let answers = [said(Status::Good, 500), old, said(Status::Good, 55)];
    let (lo, hi) = (Some(Moment(100)), Some(Moment(200)));
    assert_eq!(status_over(&answers, lo, hi), StatusOver::RevokedBefore { at: Moment(50) });
}
