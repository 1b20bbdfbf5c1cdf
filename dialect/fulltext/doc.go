// Package fulltext is InnoDB's full-text search over an index that FTS5 keeps: which words a text has, what a search string
// means in the three modes, which rows it finds and how relevant they are.
//
// FTS5 is given words that are encoded already (Encode): a letter that says whether InnoDB would keep the word in its index, and
// the word's weights under the column's collation in hexadecimal. Words that are too short and stopwords are there too, for the
// places of words in phrases. separatorWord stands between two columns: a phrase is in one, but the
// words of a distance may be in several.
//
// The package does no I/O: a search asks an Index for occurrences.
package fulltext
