// Package embedded is a log in files, for a single node with nothing else to install.
//
// # One file for all streams
//
// All streams lie interleaved in one sequence of segment files, so that one fdatasync covers everything
// written before it. A chunk is therefore acknowledged once it is written, and the order record that names it makes
// both durable: what is on disk is always a prefix of what was written. (With a file for each stream, a COMMIT would wait for
// two syncs one after the other.) One goroutine writes: it takes all that waits, writes it at once, and syncs if an order
// record is among it.
//
// # Files
//
// The directory holds numbered segments, "0000000000000001.segment" and so on; "next.tmp", a segment that is being prepared;
// "genesis", record 0 of the order stream once its segment has been trimmed; and "lock", which names the process that has the log open.
// Segments are filled with zeros before use, for a sync of a file whose blocks are all there already costs least. All
// numbers are big-endian. CRC is CRC-32C (Castagnoli).
//
// A segment begins with a header:
//
//	 0   8  "MRMTSEGM"
//	 8   2  format version, 1
//	10   2  zero
//	12   4  number of changes streams, N
//	16  16  uuid of the log
//	32   8  number of the segment, from 1
//	40   8  bytes of the previous segment that are in use
//	48   8(N+1)  offset of the next record of each stream, the order stream first
//	     4  CRC of all of the above
//
// Records follow it without gaps:
//
//	 0   4  CRC of everything after it
//	 4   4  length of the value
//	 8   4  stream, -1 for order
//	12   8  offset in the stream
//	20   8  time of the append, µs since 1970, never 0
//	28   8  bytes of this segment that were on disk when the record was written
//	36      value
//
// Zeros follow the last record. The genesis file is "MRMTGENS", 2 bytes format version, 8 bytes time, 4 bytes length, the
// value, and a CRC of all of it.
//
// # After a crash
//
// Open reads the last segment. Where a record is not whole, the segment is cut: that is the torn tail of a write that
// nobody was told is durable. But if a record behind that place says that the place was on disk already, it is damage: an
// error that names file and byte, and nothing is cut. Older segments are checked as they are read.
//
// If the disk is full, no new segment can be prepared, and appends fail with nothing in the log until there is
// room. If a sync fails, nobody knows what is on disk: appends fail until the log is opened again; reads go on.
package embedded
