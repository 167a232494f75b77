-- The terminal's journal. Rows are added and never changed; what a visit's status is, is computed.
-- The exceptions are what still has to be sent: a row of `box` goes once a verified receipt names its visit
-- as final, a row of `record_due` or `anchor_due` once the platform has the record or the anchor, a row of
-- `open_due` once a receipt names an upper end of its visit.
-- Trust: whoever edits this file can withhold visits, not make any. Loss: visits without a receipt are lost.
CREATE TABLE IF NOT EXISTS fact (
  name TEXT PRIMARY KEY, value BLOB NOT NULL, attempts INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS record (
  counter INTEGER PRIMARY KEY, payload_hash BLOB NOT NULL, signed BLOB NOT NULL, attempts INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS record_due (counter INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS anchor (
  hash BLOB PRIMARY KEY, counter INTEGER NOT NULL, encoded BLOB NOT NULL, attempts INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS anchor_due (counter INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (counter, hash));
CREATE TABLE IF NOT EXISTS visit (
  evid BLOB PRIMARY KEY, counter INTEGER NOT NULL, presence BLOB NOT NULL, committed BLOB NOT NULL,
  method INTEGER NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS visit_at ON visit (at);
CREATE INDEX IF NOT EXISTS visit_counter ON visit (counter);
CREATE TABLE IF NOT EXISTS box (
  counter INTEGER PRIMARY KEY, evid BLOB NOT NULL, enc BLOB NOT NULL, ciphertext BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS open_due (counter INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS receipt (
  hash BLOB PRIMARY KEY, signed BLOB NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS answer (
  evid BLOB NOT NULL, receipt BLOB NOT NULL, status INTEGER NOT NULL, stopped INTEGER NOT NULL,
  scheme INTEGER, epoch INTEGER, value BLOB,
  verdict BLOB, eligibility BLOB, at INTEGER NOT NULL, attempts INTEGER NOT NULL,
  PRIMARY KEY (evid, receipt)
);
CREATE INDEX IF NOT EXISTS answer_pid ON answer (scheme, epoch, value);
CREATE TABLE IF NOT EXISTS chart (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, kana TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS chart_pid (
  scheme INTEGER NOT NULL, epoch INTEGER NOT NULL, value BLOB NOT NULL, number TEXT NOT NULL,
  at INTEGER NOT NULL, attempts INTEGER NOT NULL,
  PRIMARY KEY (scheme, epoch, value)
);
CREATE TABLE IF NOT EXISTS waiting (
  evid BLOB PRIMARY KEY, day INTEGER NOT NULL, number INTEGER NOT NULL, attempts INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting_day ON waiting (day, number);
CREATE TABLE IF NOT EXISTS named (
  evid BLOB PRIMARY KEY, number TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL
);
