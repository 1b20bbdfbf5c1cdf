package schemas

import (
	"fmt"
	"slices"
)

// Partitioning is how a table's rows are divided. It divides nothing in the file: partitions are conditions on rows.
type Partitioning struct {
	// Method is RANGE, LIST, RANGE COLUMNS, LIST COLUMNS, HASH or KEY.
	Method string `json:"method,omitempty"`
	Linear bool   `json:"linear,omitempty"`
	// Expression is the MySQL text of RANGE, LIST and HASH; Columns are those of KEY and of COLUMNS.
	Expression string   `json:"expression,omitempty"`
	Columns    []string `json:"columns,omitempty"`
	Algorithm  int      `json:"algorithm,omitempty"` // of KEY, if it is not 2
	// Sub divides each partition; its partitions, if they have names of their own, are in Partition.Subs.
	Sub   *Partitioning `json:"sub,omitempty"`
	Parts []Partition   `json:"parts,omitempty"`
	Count int           `json:"count,omitempty"` // of HASH and KEY
	// Named: the partitions were written out.
	Named bool `json:"named,omitempty"`
	// Counted: the number was.
	Counted bool `json:"counted,omitempty"`
}

// Partition is one partition. Values are MySQL texts of constants.
type Partition struct {
	Name string `json:"name,omitempty"`
	// LessThan are the bounds of RANGE, one a column; MAXVALUE has no bound.
	LessThan []string `json:"less_than,omitempty"`
	// In are the values of LIST, each one a column.
	In      [][]string  `json:"in,omitempty"`
	Comment string      `json:"comment,omitempty"`
	Options []Option    `json:"options,omitempty"`
	Subs    []Partition `json:"subs,omitempty"`
}

// MaxValue stands for no bound in Partition.LessThan.
const MaxValue = "MAXVALUE"

// Place is where a partition, or a part of one, is: Sub is -1 for a whole partition.
type Place struct{ Part, Sub int }

// Find returns the places of a partition by name: one, or none.
func (p *Partitioning) Find(name string, same func(a, b string) bool) (Place, bool) {
	for i := range p.Parts {
		if same(p.Parts[i].Name, name) {
			return Place{i, -1}, true
		}
		for j := range p.Subs() {
			if same(p.SubName(i, j), name) {
				return Place{i, j}, true
			}
		}
	}
	return Place{}, false
}

// Subs returns how many parts each partition has; 0 without SUBPARTITION BY.
func (p *Partitioning) Subs() int {
	if p.Sub == nil {
		return 0
	}
	return p.Sub.Count
}

// Total returns how many partitions there are, or parts of them.
func (p *Partitioning) Total() int { return max(p.Count, len(p.Parts)) * max(p.Subs(), 1) }

// SubName returns the name of part j of partition i.
func (p *Partitioning) SubName(i, j int) string {
	if subs := p.Parts[i].Subs; j < len(subs) {
		return subs[j].Name
	}
	return fmt.Sprintf("%ssp%d", p.Parts[i].Name, j)
}

// Clone returns a copy that shares nothing that changes.
func (p *Partitioning) Clone() *Partitioning {
	if p == nil {
		return nil
	}
	c := *p
	c.Columns, c.Parts = slices.Clone(p.Columns), slices.Clone(p.Parts)
	c.Sub = p.Sub.Clone()
	return &c
}
