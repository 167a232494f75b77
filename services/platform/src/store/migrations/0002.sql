-- Closes, holes in the chain, and two lists of work: closes without a token, visits without an upper end.
CREATE TABLE close_record (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, attempts INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE gap (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, attempts INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE unstamped (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, attempts INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE open_visit (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, attempts INTEGER NOT NULL) STRICT, WITHOUT ROWID;
