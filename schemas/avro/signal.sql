-- Rows that are inserted here are signals to the emitter whose signal.data.collection names this table.
-- Columns are told by their place: the signal's id, its type (execute-snapshot, stop-snapshot, …) and its data as JSON.
CREATE TABLE debezium_signal (
  id VARCHAR(42) NOT NULL PRIMARY KEY,
  type VARCHAR(32) NOT NULL,
  data VARCHAR(2048) NULL
);
