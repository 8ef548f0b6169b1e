//go:build !linux

package embedded

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// worksIn says whether a process is a PostgreSQL server that was started for the cluster: its command line tells.
func worksIn(pid int, cluster string) bool {
	output, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	program, arguments, _ := strings.Cut(string(output), " -D ")
	return filepath.Base(program) == "postgres" && strings.HasPrefix(strings.TrimSpace(arguments)+" ", cluster+" ")
}

// processesIn finds nothing here: the parts of a server do not say where they work. PostgreSQL refuses to start while
// they do, and they end by themselves.
func processesIn(string) []int { return nil }
