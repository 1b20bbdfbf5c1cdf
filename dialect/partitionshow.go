package dialect

import (
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// partitionName is a partition's name as SHOW CREATE TABLE writes it: quoted where it would be taken for something else.
func partitionName(name string) string {
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '$') {
			return schemas.QuoteName(name)
		}
	}
	if name == "" || name[0] >= '0' && name[0] <= '9' || isKeyword(name) {
		return schemas.QuoteName(name)
	}
	return name
}

// isKeyword reports whether MySQL has a keyword of that name, reserved or not.
func isKeyword(name string) bool {
	word, _, found := strings.Cut(keywordTable, "\n"+strings.ToUpper(name)+"\t")
	return found && word != "" || strings.HasPrefix(keywordTable, strings.ToUpper(name)+"\t")
}

// partitionText is the PARTITION BY of SHOW CREATE TABLE.
func partitionText(p *schemas.Partitioning) string {
	var b strings.Builder
	b.WriteString("\n/*!50100 PARTITION BY ")
	if strings.HasSuffix(p.Method, "COLUMNS") {
		b.Reset()
		b.WriteString("\n/*!50500 PARTITION BY ")
	}
	writePartitionMethod(&b, p)
	if !p.Named && p.Counted {
		b.WriteString("\nPARTITIONS " + strconv.Itoa(p.Count))
	}
	if p.Sub != nil {
		b.WriteString("\nSUBPARTITION BY ")
		writePartitionMethod(&b, p.Sub)
		if p.Sub.Counted && len(p.Parts[0].Subs) == 0 {
			b.WriteString("\nSUBPARTITIONS " + strconv.Itoa(p.Sub.Count))
		}
	}
	if p.Named {
		b.WriteString("\n(")
		for i := range p.Parts {
			if i > 0 {
				b.WriteString(",\n ")
			}
			writePartition(&b, &p.Parts[i], strings.HasSuffix(p.Method, "COLUMNS"))
		}
		b.WriteString(")")
	}
	return b.String() + " */"
}

func writePartitionMethod(b *strings.Builder, p *schemas.Partitioning) {
	if p.Linear {
		b.WriteString("LINEAR ")
	}
	kind, columns := strings.CutSuffix(p.Method, " COLUMNS")
	b.WriteString(kind)
	switch {
	case columns:
		b.WriteString("  COLUMNS")
	case p.Algorithm == 1:
		b.WriteString(" /*!50611 ALGORITHM = 1 */ ")
	default:
		b.WriteString(" ")
	}
	if p.Expression != "" {
		b.WriteString("(" + p.Expression + ")")
		return
	}
	var list []string
	for _, c := range p.Columns {
		list = append(list, partitionName(c))
	}
	b.WriteString("(" + strings.Join(list, ",") + ")")
}

// partitionValues is the text of a partition's bounds or values, without outer parentheses.
func partitionValues(x *schemas.Partition) string {
	if len(x.LessThan) > 0 {
		return strings.Join(x.LessThan, ",")
	}
	var rows []string
	for _, row := range x.In {
		text := strings.Join(row, ",")
		if len(row) > 1 {
			text = "(" + text + ")"
		}
		rows = append(rows, text)
	}
	return strings.Join(rows, ",")
}

func writePartition(b *strings.Builder, x *schemas.Partition, columns bool) {
	b.WriteString("PARTITION " + partitionName(x.Name))
	switch {
	case len(x.LessThan) == 1 && x.LessThan[0] == schemas.MaxValue && !columns:
		b.WriteString(" VALUES LESS THAN MAXVALUE")
	case len(x.LessThan) > 0:
		b.WriteString(" VALUES LESS THAN (" + partitionValues(x) + ")")
	case len(x.In) > 0:
		b.WriteString(" VALUES IN (" + partitionValues(x) + ")")
	}
	if len(x.Subs) == 0 {
		writePartitionOptions(b, x)
		return
	}
	b.WriteString("\n (")
	for i := range x.Subs {
		if i > 0 {
			b.WriteString(",\n  ")
		}
		b.WriteString("SUBPARTITION " + partitionName(x.Subs[i].Name))
		writePartitionOptions(b, &x.Subs[i])
	}
	b.WriteString(")")
}

func writePartitionOptions(b *strings.Builder, x *schemas.Partition) {
	for _, name := range []string{"MAX_ROWS", "MIN_ROWS"} {
		for _, o := range x.Options {
			if o.Name == name {
				b.WriteString(" " + name + " = " + o.Value)
			}
		}
	}
	if x.Comment != "" {
		b.WriteString(" COMMENT = " + schemas.QuoteMySQL(x.Comment))
	}
	b.WriteString(" ENGINE = InnoDB")
}

// partitionRows lists a table's rows of information_schema.PARTITIONS; rows is that of the whole table.
func partitionRows(t *schemas.Table, rows int64, row func([]txn.Value) error) error {
	p := t.Partitioning
	subs := max(p.Subs(), 1)
	each := rows / int64(len(p.Parts)*subs)
	for i := range p.Parts {
		for j := range subs {
			x := &p.Parts[i]
			values := make([]txn.Value, 26)
			values[0], values[1], values[2] = text("def"), text(t.Database), text(t.Name)
			values[3], values[5] = text(x.Name), count(i+1)
			values[8], values[10] = text(methodText(p)), expressionOf(p)
			if len(x.LessThan) > 0 || len(x.In) > 0 {
				values[12] = text(partitionValues(x))
			}
			comment := x.Comment
			if p.Sub != nil {
				values[4], values[6] = text(p.SubName(i, j)), count(j+1)
				values[9], values[11] = text(methodText(p.Sub)), expressionOf(p.Sub)
				if j < len(x.Subs) {
					comment = x.Subs[j].Comment
				}
			}
			values[13], values[14], values[15], values[16] = txn.Int(each), count(0), count(catalogPage), count(0)
			values[17], values[18], values[19] = count(catalogPage*len(t.Indexes)), count(0), createdText(t.CreatedUS)
			values[23], values[24] = text(comment), text("default")
			if err := row(values); err != nil {
				return err
			}
		}
	}
	return nil
}

func methodText(p *schemas.Partitioning) string {
	if p.Linear {
		return "LINEAR " + p.Method
	}
	return p.Method
}

func expressionOf(p *schemas.Partitioning) txn.Value {
	if p.Expression != "" {
		return text(p.Expression)
	}
	if len(p.Columns) == 0 {
		return txn.Null()
	}
	var list []string
	for _, c := range p.Columns {
		list = append(list, schemas.QuoteName(c))
	}
	return text(strings.Join(list, ","))
}
