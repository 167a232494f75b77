//! Non-volatile memory of a software element, in a file of its own.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jushin_secure_element::{Nvm, PowerCut, Slot};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use super::sqlite::durable;

/// The slots of a software element as rows; one write is one transaction, on the disk when it returns.
///
/// Trust: whoever reads the file has the element's keys, whoever sets it back makes forks. Loss: the
/// element is enrolled anew.
#[derive(Debug)]
pub struct ElementMemory(Mutex<Connection>);

impl ElementMemory {
    /// Opens or creates the file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        durable(&connection)?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS slot (number INTEGER PRIMARY KEY, content BLOB NOT NULL);",
        )?;
        Ok(Self(Mutex::new(connection)))
    }

    fn write_all(&self, slots: &[(Slot, &[u8])]) -> Result<(), rusqlite::Error> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        for (slot, content) in slots {
            transaction.execute(
                "INSERT INTO slot (number, content) VALUES (?1, ?2)
                 ON CONFLICT (number) DO UPDATE SET content = excluded.content",
                params![i64::from(*slot as u8), content],
            )?;
        }
        transaction.commit()
    }
}

impl Nvm for ElementMemory {
    fn read(&self, slot: Slot) -> Option<Vec<u8>> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let query = "SELECT content FROM slot WHERE number = ?1";
        let found = connection.query_row(query, [i64::from(slot as u8)], |row| row.get(0)).optional();
        // A slot that cannot be read is damaged, not empty: bytes of no known format keep the element dark.
        found.unwrap_or_else(|_| Some(Vec::new()))
    }

    fn write(&mut self, slots: &[(Slot, &[u8])]) -> Result<(), PowerCut> {
        self.write_all(slots).map_err(|_| PowerCut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_there_after_the_file_is_opened_again() {
        let folder = crate::testing::Folder::new("element-memory");
        let path = folder.file("element.sqlite");
        {
            let mut memory = ElementMemory::open(&path).unwrap();
            assert_eq!(memory.read(Slot::Journal), None);
            memory.write(&[(Slot::Journal, &[1, 2]), (Slot::Binding, &[3])]).unwrap();
            memory.write(&[(Slot::Journal, &[4])]).unwrap();
        }
        let memory = ElementMemory::open(&path).unwrap();
        assert_eq!(memory.read(Slot::Journal), Some(vec![4]));
        assert_eq!(memory.read(Slot::Binding), Some(vec![3]));
        assert_eq!(memory.read(Slot::Identity), None);
    }
}
