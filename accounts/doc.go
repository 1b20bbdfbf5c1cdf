// Package accounts holds what MySQL knows of accounts: users and roles, what they were granted, and what follows from it.
//
// An Account is one user or role with its passwords' verifiers, its limits and its grants; the log carries it as a
// document with a format number, and a document of a newer format is not misread: such an account cannot log in and may do
// nothing. A Directory is all accounts at one moment. A Set is what one account may do with the roles that are
// active. A Need is what a statement asks for; Set.Check answers with MySQL's errors.
//
// Statements on accounts (CREATE USER, GRANT, SET DEFAULT ROLE, …) are parsed here, and worked out on a Directory into the accounts that
// change. The package knows neither the log nor sessions: time, randomness and the catalog are arguments.
package accounts
