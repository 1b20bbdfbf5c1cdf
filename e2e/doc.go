// Package e2e holds tests of the whole: the real binaries, a real Kafka, real clients.
//
// They run when MARMOT_TEST_E2E is set and bin/ is built, which `make test` takes care
// of; without it each says that it was skipped. Everything they start lives on
// 127.0.0.1 below a temporary directory and is ended by its process id.
package e2e
