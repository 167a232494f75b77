//! Bundles for others, and the trust folder to check them with (P7).

use jushin_pki::pem;
use jushin_statement::{
    Bundle, Bytes, Embedded, Evidence, Hash, Object as _, Presence, Redacted, Signed, Visits,
};

use crate::authority::KeyName;
use crate::intake::{Material, newest_verdict};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::rows::{VisitRow, key, transact};
use crate::store::{Scan, Transaction};

impl Platform {
    /// The full bundle of a visit: for its holder after a fresh card login, or for an authority.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unknown`], [`Refusal::Store`].
    pub fn bundle(&self, evid: Hash) -> Result<Bundle, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let row = visit(tx, evid)?;
            let Embedded(evidence) = row.evidence;
            let presence = presence(&evidence)?;
            let material = Material::collect(tx, &presence, evid)?;
            let revocation = material.all_revocation();
            let mut certificates = material.certificates;
            certificates.extend(self.card_authority(&evidence.certificate));
            Ok(Bundle {
                visits: Visits::Full(vec![evidence]),
                anchors: material.anchors,
                records: material.records,
                certificates,
                revocation,
                bindings: material.bindings,
                results: self.results(tx, &presence, evid)?,
                proofs: self.logged(tx, evid)?,
            })
        })
    }

    /// The redacted bundle of a visit, with the platform's newest verdict and receipt: what an institution may hold.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unknown`], [`Refusal::Store`].
    pub fn redacted_bundle(&self, evid: Hash) -> Result<Bundle, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let row = visit(tx, evid)?;
            let mut bundle = self.redacted(tx, evid, &row)?;
            bundle.results = self.results(tx, &presence(&row.evidence.0)?, evid)?;
            bundle.proofs = self.logged(tx, evid)?;
            Ok(bundle)
        })
    }

    /// The newest verdict of a visit, and what is missing beside it.
    fn results(
        &self,
        tx: &mut (dyn Transaction + '_),
        presence: &Presence,
        evid: Hash,
    ) -> Result<Vec<Signed>, Refusal> {
        let Some(judged) = newest_verdict(tx, evid)? else { return Ok(Vec::new()) };
        let receipt = self.receipt_beside(tx, presence, &judged, self.inner().ports.clock.now())?;
        Ok(vec![judged.signed, receipt])
    }

    /// The redacted form without results: no patient's certificate, no revocation data about one. Those about
    /// an administrator's card go along, for whoever reads the bundle judges the unlock by them.
    pub(crate) fn redacted(
        &self,
        tx: &mut (dyn Transaction + '_),
        evid: Hash,
        row: &VisitRow,
    ) -> Result<Bundle, Refusal> {
        let Embedded(evidence) = &row.evidence;
        let material = Material::collect(tx, &presence(evidence)?, evid)?;
        let redacted = Redacted { presence: evidence.presence.clone(), commit: evidence.commit.clone() };
        Ok(Bundle {
            anchors: material.anchors,
            records: material.records,
            certificates: material.certificates,
            revocation: material.unlock_revocation,
            bindings: material.bindings,
            ..Bundle::of(Visits::Redacted(vec![redacted]))
        })
    }

    /// Every visit's evid, in the order in which elements and counters sort.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`].
    pub fn visits(&self) -> Result<Vec<Hash>, Refusal> {
        transact(&*self.inner().ports.store, |tx| {
            let mut rows: Vec<_> = tx
                .list::<VisitRow>(Scan::all(&[]))?
                .into_iter()
                .filter_map(|(row_key, row)| Some((row.element, row.counter, Hash(row_key.try_into().ok()?))))
                .collect();
            rows.sort_unstable();
            Ok(rows.into_iter().map(|(_, _, evid)| evid).collect())
        })
    }

    /// The trust folder: names and bytes, sorted by name.
    #[must_use]
    pub fn trust_files(&self) -> Vec<(String, Vec<u8>)> {
        self.inner().trust_files.clone()
    }

    /// The certificate of the CA that a card's certificate names.
    fn card_authority(&self, certificate: &[u8]) -> Option<Bytes> {
        let path = self.patient_card(certificate, jushin_pki::AsOf::Unjudged).ok()?;
        Some(path.issuer().der().into())
    }
}

/// Other parties' trust anchors, the platform's own certificates, and the policy.
pub(crate) fn trust_files(
    config: &crate::config::Config,
    authority: &crate::authority::Authority,
    log: &crate::log::Log,
) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let mut files = config.trust.clone();
    for (file, name) in [
        ("se-ca-1.pem", KeyName::ElementCa),
        ("sp-1.pem", KeyName::Provider),
        ("pf-bind.pem", KeyName::Bind),
        ("pf-rcpt.pem", KeyName::Receipt),
        ("pf-rev.pem", KeyName::Revocation),
    ] {
        let text = pem::encode("CERTIFICATE", authority.certificate(name));
        files.push((file.to_owned(), text.into_bytes()));
    }
    files.push(("policy.json".to_owned(), log.policy(&config.verifier_policy)?));
    files.sort();
    Ok(files)
}

fn presence(evidence: &Evidence) -> Result<Presence, Refusal> {
    Presence::decode(&evidence.presence).map_err(|why| Refusal::Malformed { object: "presence", why })
}

fn visit(tx: &mut (dyn Transaction + '_), evid: Hash) -> Result<VisitRow, Refusal> {
    tx.find(&key(&[&evid]))?.ok_or(Refusal::Unknown("visit"))
}
