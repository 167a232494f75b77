//! The audit: every entry of the log against the rows, and every row against the log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jushin_log::{Growth, Tile, Tiles as _, leaf_hash, tree_root};
use jushin_statement::Hash;

use super::files::StoredTiles;
use super::seal::{Head, number};
use super::{Entry, opened};
use crate::enrolment::binding_hash;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::store::rows::{BindingRow, LogBatchRow, LogPendingRow, VisitRow, transact};
use crate::store::{Scan, Transaction};

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogAudit {
    /// Entries under the newest checkpoint.
    pub size: u64,
    /// Of these, such as have their row as it was entered.
    pub found: u64,
    /// Rows that wait for their place.
    pub waiting: usize,
    /// What does not fit.
    pub alarms: Vec<LogAlarm>,
}

/// Log and rows do not fit. Whoever keeps them is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogAlarm {
    /// The log holds an entry whose visit or binding is gone.
    Gone {
        /// Its place.
        index: u64,
        /// What it was, if the rows still say so.
        entry: Option<Entry>,
    },
    /// A row has another content than its entry.
    Changed {
        /// Its place.
        index: u64,
    },
    /// A row is neither in the log nor waiting for it.
    NotLogged(Entry, Hash),
    /// The files do not lead to the signed root.
    Files(String),
    /// The rows know another number of entries than was signed.
    Behind {
        /// Signed.
        signed: u64,
        /// Known.
        known: u64,
    },
}

impl fmt::Display for LogAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |entry: &Entry| match entry {
            Entry::Visit => "visit",
            Entry::Binding => "binding",
        };
        match self {
            Self::Gone { index, entry: Some(entry) } => {
                write!(f, "the log proves that entry {index} existed; its {} is gone", word(entry))
            }
            Self::Gone { index, entry: None } => {
                write!(f, "the log proves that entry {index} existed; nothing is known of it")
            }
            Self::Changed { index } => {
                write!(f, "entry {index} of the log is of another content than its row")
            }
            Self::NotLogged(entry, hash) => {
                write!(f, "the {} {:.8} is not in the log", word(entry), hash.to_string())
            }
            Self::Files(why) => write!(f, "the files of the log: {why}"),
            Self::Behind { signed, known } => {
                write!(f, "{signed} entries were signed, the rows know {known}")
            }
        }
    }
}

/// What the rows say, read at one moment.
struct Rows {
    /// Leaf and content of each entry, as far as they are known.
    entries: BTreeMap<u64, (Hash, Option<(Entry, jushin_log::Hash)>)>,
    visits: BTreeMap<Hash, bool>,
    bindings: BTreeSet<Hash>,
    waiting: BTreeSet<Hash>,
}

impl Platform {
    /// Compares every entry of the log with the rows and every row with the log.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`], or [`Refusal::Log`] if the checkpoint is none of this log.
    pub fn audit_log(&self) -> Result<LogAudit, Refusal> {
        // The checkpoint first: what is sealed meanwhile is beyond it.
        let head = self.head()?;
        let rows = transact(&*self.inner().ports.store, read)?;
        let Some(head) = head else {
            let waiting = rows.waiting.len();
            return Ok(LogAudit { size: 0, found: 0, waiting, alarms: self.rows_not_logged(&rows, 0) });
        };
        let mut alarms = Vec::new();
        let known = rows.entries.keys().next_back().map_or(0, |last| last + 1);
        if known < head.size() {
            alarms.push(LogAlarm::Behind { signed: head.size(), known });
        }
        let leaves = match self.stored_leaves(&head) {
            Ok(leaves) => leaves,
            Err(why) => {
                alarms.push(LogAlarm::Files(why));
                Vec::new()
            }
        };
        let mut found = 0;
        for index in 0..head.size() {
            let leaf = usize::try_from(index).ok().and_then(|index| leaves.get(index));
            match alarm_of(&rows, index, leaf) {
                Some(alarm) => alarms.push(alarm),
                None => found += 1,
            }
        }
        alarms.extend(self.rows_not_logged(&rows, head.size()));
        Ok(LogAudit { size: head.size(), found, waiting: rows.waiting.len(), alarms })
    }

    /// All leaf hashes, from tiles that lead to the signed root.
    fn stored_leaves(&self, head: &Head) -> Result<Vec<jushin_log::Hash>, String> {
        let tiles = StoredTiles(&*self.inner().ports.log.files);
        let mut leaves = Vec::new();
        for tile in (0..).map_while(|index| Tile::in_tree(0, index, head.size())) {
            let hashes = tiles.tile(tile).and_then(|bytes| tile.hashes(&bytes));
            leaves.extend(hashes.ok_or_else(|| format!("{} is missing or damaged", tile.path()))?);
        }
        let mut growth = Growth::empty();
        growth.append(&leaves);
        if growth.root() != head.checkpoint.root {
            return Err("the leaves do not lead to the signed root".to_owned());
        }
        match tree_root(&tiles, head.size()) {
            Ok(root) if root == head.checkpoint.root => Ok(leaves),
            Ok(_) => Err("the upper tiles do not lead to the signed root".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn rows_not_logged(&self, rows: &Rows, size: u64) -> Vec<LogAlarm> {
        let logged: BTreeSet<Hash> = rows.entries.range(..size).map(|(_, (content, _))| *content).collect();
        // A batch that is planned and not signed yet waits, too.
        let planned: BTreeSet<Hash> = rows.entries.range(size..).map(|(_, (content, _))| *content).collect();
        let missing = |content: &&Hash| {
            !logged.contains(content) && !rows.waiting.contains(content) && !planned.contains(content)
        };
        let visits = rows.visits.keys().filter(missing).map(|hash| LogAlarm::NotLogged(Entry::Visit, *hash));
        let bindings = rows.bindings.iter().filter(missing);
        visits.chain(bindings.map(|hash| LogAlarm::NotLogged(Entry::Binding, *hash))).collect()
    }
}

/// What does not fit at one place; nil if all does.
fn alarm_of(rows: &Rows, index: u64, leaf: Option<&jushin_log::Hash>) -> Option<LogAlarm> {
    let Some((content, Some((entry, hash)))) = rows.entries.get(&index) else {
        return Some(LogAlarm::Gone { index, entry: None });
    };
    if leaf.is_some_and(|leaf| leaf != hash) {
        return Some(LogAlarm::Changed { index });
    }
    match entry {
        Entry::Visit => match rows.visits.get(content) {
            Some(true) => None,
            Some(false) => Some(LogAlarm::Changed { index }),
            None => Some(LogAlarm::Gone { index, entry: Some(Entry::Visit) }),
        },
        Entry::Binding if rows.bindings.contains(content) => None,
        Entry::Binding => Some(LogAlarm::Gone { index, entry: Some(Entry::Binding) }),
    }
}

fn read(tx: &mut (dyn Transaction + '_)) -> Result<Rows, Refusal> {
    let mut entries = BTreeMap::new();
    for (row_key, batch) in tx.list::<LogBatchRow>(Scan::all(&[]))? {
        for (index, content) in (number(&row_key)..).zip(batch.contents) {
            let opened = opened(tx, content)?;
            let known =
                opened.and_then(|(row, entry)| Some((Entry::from_number(row.kind)?, leaf_hash(&entry))));
            entries.insert(index, (content, known));
        }
    }
    let mut visits = BTreeMap::new();
    for (row_key, row) in tx.list::<VisitRow>(Scan::all(&[]))? {
        if let Ok(evid) = row_key.as_slice().try_into().map(Hash) {
            let commit = row.evidence.0.commit.parse();
            visits.insert(evid, commit.is_ok_and(|commit| commit.payload_hash() == evid));
        }
    }
    let bindings = tx.list::<BindingRow>(Scan::all(&[]))?;
    let bindings = bindings.iter().map(|(_, row)| binding_hash(&row.signed)).collect::<Result<_, _>>()?;
    let waiting = tx.list::<LogPendingRow>(Scan::all(&[]))?;
    let waiting = waiting.iter().filter_map(|(key, _)| key.as_slice().try_into().ok().map(Hash)).collect();
    Ok(Rows { entries, visits, bindings, waiting })
}
