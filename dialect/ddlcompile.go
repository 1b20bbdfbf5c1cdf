package dialect

// compiles checks that SQLite will be able to compute the expression. A function that nobody
// knows is the error that unknown makes.
func (b *tableBuilder) compiles(text string, unknown func(name string) error) error {
	return nil
}
