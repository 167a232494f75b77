//! Opens the file, for its owner alone, and brings it to the newest format.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::Sqlite;
use crate::{Place, TrustError};

/// One step a format; applied in order, never changed after a release.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001.sql")];

/// Marks the file as ours ("JsTS").
const APPLICATION: i64 = 0x4A73_5453;

impl Sqlite {
    /// Opens or makes the store.
    pub(crate) fn open(place: &Place) -> Result<Self, TrustError> {
        let mut connection = match place {
            Place::Memory => Connection::open_in_memory()?,
            Place::Directory(folder) => {
                let file = folder.join("trust-services.sqlite");
                make_private(folder, &file)
                    .map_err(|error| TrustError::Store(format!("{}: {error}", file.display())))?;
                Connection::open(file)?
            }
        };
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        migrate(&mut connection)?;
        Ok(Self(Mutex::new(connection)))
    }
}

fn migrate(connection: &mut Connection) -> Result<(), TrustError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let application: i64 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application != APPLICATION && (application != 0 || format != 0) {
        return Err(TrustError::Store("the file belongs to another program".into()));
    }
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let Ok(done) = usize::try_from(format) else {
        return Err(TrustError::NewerStore { found: format, known });
    };
    let Some(missing) = MIGRATIONS.get(done..) else {
        return Err(TrustError::NewerStore { found: format, known });
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// SQLite gives its side files the permissions of the main file, so that one is made first.
#[cfg(unix)]
fn make_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(folder: &Path, _file: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}
