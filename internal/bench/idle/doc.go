// Command idle opens connections to a node, leaves them idle, and tells what each of them costs the node: resident memory, and what
// Go's heap and stacks have of it. scripts/connections.sh starts the node that it measures.
package main
