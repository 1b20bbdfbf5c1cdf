package e2e

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// write makes soak.md and a graph for each series.
func (s *soak) write(dir string, length time.Duration) error {
	if err := os.MkdirAll(filepath.Join(dir, "soak"), 0o755); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Soak\n\nThree nodes, three brokers, %s, all on one machine; written by `make soak`.\n", length)
	fmt.Fprintf(&b, "Fifteen clients made transfers, inserted unique e-mails, counted, appended to lists and changed tables on all nodes.\n"+
		"Every %s something was killed or paused for %s. Node 3 was paused but never killed.\n\n", soakRound, soakFault)
	s.writeLoad(&b)
	s.writeFaults(&b)
	b.WriteString("## What was held\n\nMedians of the second and of the last third of the run. Flat: the last is at most a seventh above the second, and an\n" +
		"allowance for noise. Data is not deleted by this load, so the databases grow, and `system.db` until its window is full.\n\n" +
		"| | of | second third | last third | |\n|---|---|--:|--:|---|\n")
	for _, j := range s.judgements() {
		verdict := ""
		switch {
		case j.flat && j.ok:
			verdict = "flat"
		case j.flat:
			verdict = "**grew**"
		}
		fmt.Fprintf(&b, "| %s | %s | %.1f %s | %.1f %s | %s |\n", j.name, nodeName(j.node), j.second, j.unit, j.last, j.unit, verdict)
	}
	b.WriteString("\n")
	for i, k := range series {
		file := fmt.Sprintf("soak/%d.svg", i+1)
		if err := os.WriteFile(filepath.Join(dir, file), []byte(s.graph(k.name, k.unit, k.divisor)), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&b, "![%s](%s)\n", k.name, file)
	}
	return writePart(filepath.Join(dir, "soak.md"), b.String())
}

func (s *soak) writeLoad(b *strings.Builder) {
	kinds := s.load.kinds()
	names := make([]string, 0, len(kinds))
	for kind := range kinds {
		names = append(names, kind)
	}
	slices.Sort(names)
	b.WriteString("## What clients were told\n\n| operation | committed | refused | unknown |\n|---|--:|--:|--:|\n")
	for _, kind := range names {
		k := kinds[kind]
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", kind, k[saidCommitted], k[saidRefused], k[saidUnknown])
	}
	verdict := "At the end every node held each acknowledged operation once and none of the refused, all files were equal, the events of each row came once and in order, and a replay of them made the same tables."
	if s.load.c.t.Failed() {
		verdict = "**The test failed; its output says what differed.**"
	}
	fmt.Fprintf(b, "\nUnknown outcomes that a node gave a name were asked for afterwards and counted as what they were. %s\n\n", verdict)
}

// writeFaults says for each kind of fault how soon nodes wrote again.
func (s *soak) writeFaults(b *strings.Builder) {
	back := map[string][]time.Duration{}
	var names []string
	for _, f := range s.faults {
		if back[f.name] == nil {
			names = append(names, f.name)
		}
		back[f.name] = append(back[f.name], slices.Max(f.back))
	}
	b.WriteString("## Faults\n\nFrom the beginning of healing (the start of what was killed) to the first acknowledged write of the slowest node.\n\n| fault | times | median | longest |\n|---|--:|--:|--:|\n")
	for _, name := range names {
		d := back[name]
		slices.Sort(d)
		fmt.Fprintf(b, "| %s | %d | %s | %s |\n", name, len(d), d[len(d)/2].Round(time.Millisecond), d[len(d)-1].Round(time.Millisecond))
	}
	b.WriteString("\n")
}

// Sizes of a graph in pixels.
const (
	graphWidth, graphHeight       = 720, 200
	marginLeft, marginRight       = 64, 90
	marginTop, marginBottom       = 28, 26
	plotWidth                     = graphWidth - marginLeft - marginRight
	plotHeight                    = graphHeight - marginTop - marginBottom
	gridLines                     = 4
	brokersColor, textColor, grid = "#7a5195", "#555", "#e4e4e4"
)

var nodeColors = []string{"#1f77b4", "#2ca02c", "#d62728"}

// graph draws a series of all nodes over time. Faults are ticks on the axis.
func (s *soak) graph(name, unit string, divisor float64) string {
	end := s.samples[len(s.samples)-1].at.Minutes()
	top := 0.0
	for _, m := range s.samples {
		top = max(top, m.values[name]/divisor)
	}
	top = roundUp(top)
	x := func(minutes float64) float64 { return marginLeft + minutes/end*plotWidth }
	y := func(v float64) float64 { return marginTop + plotHeight*(1-v/top) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11" fill="%s">`, graphWidth, graphHeight, textColor)
	fmt.Fprintf(&b, "\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"16\" font-size=\"13\" fill=\"black\">%s</text>\n", marginLeft, strings.TrimSuffix(name+", "+unit, ", "))
	for i := range gridLines + 1 {
		v := top * float64(i) / gridLines
		fmt.Fprintf(&b, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
			marginLeft, marginLeft+plotWidth, y(v), y(v), grid, marginLeft-6, y(v)+4, v)
		m := end * float64(i) / gridLines
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f min</text>\n", x(m), graphHeight-8, m)
	}
	for _, f := range s.faults {
		fmt.Fprintf(&b, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#bbb\"/>\n", x(f.at.Minutes()), x(f.at.Minutes()), marginTop+plotHeight, marginTop+plotHeight+4)
	}
	line := 0
	for node := -1; node < len(nodeColors); node++ {
		color := brokersColor
		if node >= 0 {
			color = nodeColors[node]
		}
		var points []string
		for _, m := range s.samples {
			if v, ok := m.values[name]; ok && m.node == node {
				points = append(points, fmt.Sprintf("%.1f,%.1f", x(m.at.Minutes()), y(v/divisor)))
			}
		}
		if len(points) == 0 {
			continue
		}
		line++
		fmt.Fprintf(&b, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.2\" points=\"%s\"/><text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n",
			color, strings.Join(points, " "), marginLeft+plotWidth+8, marginTop+14*line, color, nodeName(node))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// roundUp returns the next 1, 2 or 5 times a power of ten, the end of an axis.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 4, 5, 8} {
		if v <= step*power {
			return step * power
		}
	}
	return 10 * power
}
