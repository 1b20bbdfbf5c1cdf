// Package conformance holds statements with the answers that MySQL gave to them, and runs them against a node.
//
// testdata/<area>.sql are the statements of one area, testdata/<area>.answers.jsonl what MySQL answered: columns with type, length,
// decimals, character set and flags; rows, affected rows, insert id, the number of warnings; error, SQLSTATE and message. The
// test starts one node in process, without ports or services, and speaks to it over MySQL's protocol. Each script has a fresh
// database. A SELECT without arguments runs as text and again prepared, and what the second run answers otherwise than the first has to be what MySQL
// answers otherwise.
//
//	go test ./conformance -run TestAnswers/types             # one area
//	go test ./conformance -run 'TestAnswers/types/year$'     # one script
//	go test ./conformance -area types -record root@127.0.0.1:3306    # ask a MySQL, and write testdata/types.answers.jsonl
//
// (all with the tags and flags of the Makefile). -record needs -area, a list with commas, so that it rewrites nothing else. It makes databases and accounts
// whose names begin with conf_ and drops them.
//
// # Scripts
//
// A statement ends with a semicolon at the end of a line. Lines that begin with "--" are comments, and some of them say something:
//
//	-- script: name          begins a script: fresh connections, a fresh database
//	-- conn: 1               the statements that follow run on connection 1 (0 at the script's start)
//	-- conn: 2 as u:secret   the same; the connection logs in as u when it is first used
//	-- args: [1, "x", null]  the next statement runs prepared with these arguments ([] for none)
//	-- waits                 the next statement waits for another connection; its answer is taken when its connection
//	                         is used again, or at the script's end
//	-- refused               the connection of the next statement is not let in; its answer is the login's error
//	-- text                  the next statement is not run prepared as well
//	-- ordered, unordered    rows are compared in order (the rule with ORDER BY) or in any order (the rule without)
//	-- any: a, b             whatever the columns a and b hold is right in the next statement's rows
//	-- ignore: rows, length  these are not compared for the next statement; see below
//	-- ignore always: table  not compared in the whole script; before the first script, in the whole file
//	-- nocheck               the next statement only has to be answered
//	--{ and --}              lines between them are one statement, whatever they hold
//	--c text                 a statement that begins with the comment "-- text"
//
// {bytes:FF00} in a statement stands for these bytes, which need not be UTF-8.
//
// A script whose answers depend on the day, as those of a TIME as a DATE do, begins with SET timestamp=…, so that they hold on every day.
//
// An area whose subject is not the metadata of results begins with "-- ignore always: length, decimals, charset, flags, table, sizes".
//
// What can be ignored: names, types, sizes (any integer type does for another, and any string type), length, decimals, charset, flags, table (of columns); rows, affected, insertid, warnings, errno, message, prepared
// (the second run).
//
// {database} stands for the script's database, in statements and in answers; accounts and further databases of a script begin with it, as
// {database}_reader does, so that two recordings beside each other never meet.
package conformance
