// Package credentials holds what proves who a client is: secrets that are read where they lie when they are needed, and certificates in PEM.
//
// A secret is never printed. It may stand in a configuration as itself, or as Kafka Connect's configuration providers write it:
// ${file:/path:key}, ${directory:/path:name} and ${env:NAME}. It is read at each use, so that what is renewed is used from then on.
package credentials
