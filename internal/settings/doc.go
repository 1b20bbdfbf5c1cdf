// Package settings reads a program's configuration from a TOML file, the environment and flags.
//
// Each key has a name with dots, a default, a form and a sentence that says what it is. The environment
// overrides the file, flags override the environment; a key that does not exist, in any of them, is an error. Every value
// remembers where it came from, so that `config check` can tell.
package settings
