// Package file is the sink that writes JSON lines into files.
//
// A partition of a topic becomes files <dir>/<topic>/<yyyy-mm-dd>/<partition>-<first offset>.jsonl, the day
// being that of the first record, in UTC. Each line is one record:
//
//	{"topic":…,"partition":0,"offset":17,"timestamp":…,"headers":{…},"key":…,"value":…}
//
// with key and value as the JSON they are, or as a string where they are none. A file under its
// final name is whole and never changes. The one being written ends in .open; it is finished (fsync, rename,
// fsync of the folder) when it reaches a size or an age. After a crash the .open file is
// read, a torn last line is cut, and its last offset tells where to go on: no record is lost or written twice.
//
// The first offset is printed with twenty digits, so that names sort as offsets do.
package file
