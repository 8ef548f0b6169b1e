package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// worksIn says whether a process is a PostgreSQL server or a part of one that works in the cluster: its program and its
// working directory tell.
func worksIn(pid int, cluster string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	program, err := os.Readlink(filepath.Join(proc, "exe"))
	if err != nil || filepath.Base(strings.TrimSuffix(program, " (deleted)")) != "postgres" {
		return false
	}
	there, err := os.Stat(filepath.Join(proc, "cwd"))
	if err != nil {
		return false
	}
	here, err := os.Stat(cluster)
	return err == nil && os.SameFile(there, here)
}

// processesIn finds the parts of a killed server that have not noticed yet, being busy.
func processesIn(cluster string) []int {
	var pids []int
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && worksIn(pid, cluster) {
			pids = append(pids, pid)
		}
	}
	return pids
}
