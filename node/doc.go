// Package node wires one server: configuration, the order in which its parts start and stop,
// membership, the emission of events, the admin port and metrics.
//
// Serve is the whole life of a node. Parts that live are in two groups: the core (log, store, applier, origin, emission, admin)
// and the clients (MySQL port, sessions). Clients end first; then the core. A part that fails ends the node with its
// error, for a node that lacks a part must not pretend to be whole.
package node
