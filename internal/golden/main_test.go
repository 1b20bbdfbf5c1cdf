package golden

import (
	"flag"
	"os"
	"testing"
)

// nodesAtOnce is how many nodes run side by side unless -parallel says otherwise: nearly all of a run is waiting, for disks and for nothing more to come.
const nodesAtOnce = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", nodesAtOnce); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
