// Package wire speaks the MySQL client/server protocol (the classic one, version 10).
//
// A Server listens, authenticates (caching_sha2_password), and hands what clients ask to
// a Session. The command loop, the table of prepared statements and the writer of results are its own;
// constants come from github.com/go-mysql-org/go-mysql.
//
// Rows are encoded straight into the connection's output buffer, which is handed to the
// kernel once it holds flushBytes, or at the end of a command. Nothing is shared between connections but
// limits and the cache of verified passwords.
//
// It promises: a packet that does not parse is answered with error 1835 and ends the
// connection; no input makes it panic or allocate more than max_allowed_packet, or 128 KiB before the
// login; what is announced takes no memory until it arrives; a client that goes away has its running query
// interrupted; one that does not read holds up nobody else, and its own connection no longer than the write
// timeout; when the server stops, every client is told with error 1053, and one whose connection KILL ends only sees the end.
package wire
