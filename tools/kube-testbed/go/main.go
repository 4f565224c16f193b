// Command kube-testbed is a whole Kubernetes control plane in one file: which component runs is the name that it is called
// by (argv[0]) or else its first argument. The components are upstream's own, unchanged; etcd is embedded. It is for tests:
// a component ends when its parent dies or closes its standard input, so that a killed test run leaves nothing behind.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// components makes only the command that is asked for: making one registers feature gates and flags of the whole process.
var components = map[string]func() *cobra.Command{
	"etcd":                    newEtcdCommand,
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-proxy":              proxy.NewProxyCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
}

func init() {
	// The parent-death signal belongs to the thread that asked for it: main keeps its thread.
	runtime.LockOSThread()
}

func main() {
	name := filepath.Base(os.Args[0])
	if components[name] == nil && len(os.Args) > 1 {
		name = os.Args[1]
		os.Args = os.Args[1:]
	}
	newCommand := components[name]
	if newCommand == nil {
		fmt.Fprintf(os.Stderr, "%q is not a component: give one of %s as the first argument\n", name, componentNames())
		os.Exit(2)
	}
	if os.Getenv("KUBE_TESTBED_TIED") != "" {
		tieToParent()
	}
	os.Exit(cli.Run(newCommand()))
}

// tieToParent ends this process when standard input ends, and on Linux also when it is stopped (SIGSTOP) at that time.
func tieToParent() {
	signalOnParentDeath()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

func componentNames() string {
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}
