// Package architecture holds tests that compare ARCHITECTURE.md with the code.
package architecture
