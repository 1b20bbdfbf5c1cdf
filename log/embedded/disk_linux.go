package embedded

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData brings the file's bytes to the disk; its size has not changed since it was created.
func syncData(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if err != unix.EINTR {
			return err
		}
	}
}
