// Package stage measures where the time of a statement goes.
//
// A command of a client passes through the stages below, most of them once; a Recorder counts how long each took, in
// histograms that are arrays of counters: an observation is two additions, with no lock, no map and no allocation. What follows on
// another stage begins where that one ended, so that the stages of one autocommit statement add up to its Command,
// but for what lies between them. A nil Recorder measures nothing and reads no clock.
//
//	wire     a packet is complete, until the session has it: decoding, parameters
//	plan     splitting the text, its fingerprint, the plan cache, and planning on a miss
//	branch   waiting for a slot, a branch from the pool, its snapshot, the fit of the catalog, SQLite's BEGIN
//	execute  SQLite runs the statement in the branch, or the read in its snapshot
//	capture  row events and keys of what it did, taking locks, the ledger's answer, events to the log's sender
//	lock     waiting for another session's row lock, if it has to; branch, execute and capture follow once more
//	close    the branch goes back to the pool: COMMIT has no use for it
//	changes  the rest of the chunks leaves and the log has taken all of them (nothing when the rows ride inline)
//	order    the order record is queued, numbered, encoded and taken by the log: its acknowledgement
//	decide   from there until the verdict has reached the session
//	apply    from there until the record is published in the files that it wrote: queue, batch and COMMIT of the applier
//	wake     from the publication until the session runs again
//	reply    the session has answered, until the answer is written to the socket
//
//	command  all of it: a packet is complete, until its answer is written
//	batch    one SQLite transaction of the applier with all its records, on every node, whoever wrote them
package stage
