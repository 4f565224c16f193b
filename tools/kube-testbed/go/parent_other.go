//go:build !linux

package main

func signalOnParentDeath() {}
