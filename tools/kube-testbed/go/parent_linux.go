package main

import "golang.org/x/sys/unix"

// signalOnParentDeath also reaches a process that a test has stopped, which cannot read its standard input.
func signalOnParentDeath() {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}
