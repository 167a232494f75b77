//! Chapter 5, end: the platform itself cheats. Its operator deletes a visit from the file by hand; the log tells.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use jushin_evidence::{Logged, logged, verify};
use jushin_platform::{LogAlarm, Sqlite};
use jushin_statement::Hash;

use super::story::{Sites, Story};
use super::world::reopened;

impl Story<'_, '_> {
    /// Deletes a visit, in a copy of the platform's file, and lets the audit compare the copy with the log.
    pub(super) async fn visit_deleted(&mut self, folder: &Path, sites: &Sites) -> anyhow::Result<()> {
        self.world.platform.seal_log().await?;
        let index = self.place_in_the_log(sites.visit)?;
        let copy = folder.join("deleted.sqlite");
        delete_visit(&folder.join("platform.sqlite"), &copy, sites.visit)?;
        let alarms = reopened(self.world, folder, Arc::new(Sqlite::open(&copy)?))?.audit_log()?.alarms;
        erase(&copy)?;
        let honest = self.world.platform.audit_log()?.alarms.is_empty();
        let noticed = matches!(alarms.as_slice(), [LogAlarm::Gone { index: gone, .. }] if *gone == index);
        let outcome = if noticed && honest {
            format!("ALARM   LOG: the log proves entry {index} existed")
        } else {
            format!("NOT NOTICED: {alarms:?}")
        };
        self.ended("one visit deleted", &outcome, "LOG", noticed && honest);
        Ok(())
    }

    /// Where the visit's own bundle proves it to stand, cosigned by the witness.
    fn place_in_the_log(&self, evid: Hash) -> anyhow::Result<u64> {
        let bundle = self.world.platform.bundle(evid)?;
        let trust = jushin_evidence::Trust::from_files(self.world.platform.trust_files())?;
        let report = verify(&bundle, &trust, &jushin_crypto::AwsLc);
        match logged(&bundle, &report, trust.policy(), &jushin_crypto::AwsLc).first() {
            Some(Logged::Proven(place)) => {
                ensure!(place.cosigned.len() == 1, "the witness has not cosigned");
                Ok(place.index)
            }
            other => anyhow::bail!("the visit is not proven to be in the log: {other:?}"),
        }
    }
}

/// The copy holds what only the platform may keep.
fn erase(copy: &Path) -> anyhow::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = copy.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).context("the copy cannot be erased"),
        }
    }
    Ok(())
}

fn delete_visit(file: &Path, copy: &Path, evid: Hash) -> anyhow::Result<()> {
    let _none_of_an_earlier_day = std::fs::remove_file(copy);
    let to = copy.to_str().context("the folder's name is no text")?;
    rusqlite::Connection::open(file)?.execute("VACUUM INTO ?1", [to])?;
    let deleted =
        rusqlite::Connection::open(copy)?.execute("DELETE FROM visit WHERE key = ?1", [evid.0.as_slice()])?;
    ensure!(deleted == 1, "no visit to delete");
    Ok(())
}
