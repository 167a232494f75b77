//! The log's files: in a folder that any web server can serve, or in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jushin_log::{TILE_WIDTH, Tile, Tiles};

use crate::store::StoreError;

/// Where tiles and entries are kept. A file, once written, always has the same bytes; only `checkpoint` changes.
pub trait LogFiles: Send + Sync {
    /// The bytes of a file; nil if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes files. They are on the disk when this returns, each whole.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: any of them may be missing.
    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError>;
}

/// A folder. Whoever may read it learns no more than everybody who asks the log.
#[derive(Clone, Debug)]
pub struct FolderFiles(PathBuf);

impl FolderFiles {
    /// Opens or makes a folder.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        Ok(Self(folder.to_owned()))
    }

    fn write_one(&self, path: &str, bytes: &[u8], folders: &mut BTreeSet<PathBuf>) -> io::Result<()> {
        let to = self.0.join(path);
        let folder = to.parent().unwrap_or(&self.0);
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            // A folder that is new is an entry of its parent.
            folders.extend(folder.ancestors().take_while(|up| up.starts_with(&self.0)).map(Path::to_owned));
        }
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = folder.join(name);
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &to)?;
        folders.insert(folder.to_owned());
        Ok(())
    }
}

impl LogFiles for FolderFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(error) => Err(failed(Path::new(path), &error)),
        }
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let mut folders = BTreeSet::new();
        for (path, bytes) in files {
            self.write_one(path, bytes, &mut folders).map_err(|error| failed(Path::new(path), &error))?;
        }
        for folder in folders {
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| failed(&folder, &error))?;
        }
        Ok(())
    }
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Failed(format!("{}: {error}", path.display()))
}

/// Files that are gone when they are dropped.
#[derive(Debug, Default)]
pub struct MemoryFiles(Mutex<BTreeMap<String, Vec<u8>>>);

impl LogFiles for MemoryFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned())
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(files.iter().cloned());
        Ok(())
    }
}

/// Files as the tree sees them. What cannot be read is missing: the proof says so.
pub(super) struct StoredTiles<'a>(pub(super) &'a dyn LogFiles);

impl Tiles for StoredTiles<'_> {
    fn tile(&self, tile: Tile) -> Option<Vec<u8>> {
        read_or_full(self.0, tile, Tile::path, 32)
    }
}

/// The file of a tile; where only the full one was kept, its beginning.
fn read_or_full(
    files: &dyn LogFiles,
    tile: Tile,
    path: impl Fn(&Tile) -> String,
    each: usize,
) -> Option<Vec<u8>> {
    if let Some(bytes) = files.read(&path(&tile)).ok()? {
        return Some(bytes);
    }
    let full = Tile { width: u16::try_from(TILE_WIDTH).ok()?, ..tile };
    let mut bytes = files.read(&path(&full)).ok()??;
    bytes.truncate(usize::from(tile.width) * each);
    Some(bytes)
}

/// The bundle of the entries below a tile. Every entry of this log has 32 bytes behind two for its length.
pub(super) fn entries_of(files: &dyn LogFiles, tile: Tile) -> Option<Vec<u8>> {
    read_or_full(files, tile, Tile::entries_path, 34)
}
