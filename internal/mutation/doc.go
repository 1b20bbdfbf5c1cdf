// Command mutation breaks the rules of the commit path on purpose, one at a time, and tells which test notices.
//
// mutations.txt names each rule, the text of the source that keeps it, what stands there instead when it is
// broken, and the tests that must fail then. The tests are built with go's -overlay: no file of the tree is touched.
// Before that they run once on the source as it is. It ends with an error if a mutation survives its tests, does not
// compile, or its text is not in the source exactly once; the last is checked by this package's own test as well.
//
//	make mutations                      all of them; about an hour on two cores
//	make mutations NAME='key table'     those whose names match
package main
