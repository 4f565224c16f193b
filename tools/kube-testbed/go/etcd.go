package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

type etcdOptions struct {
	dataDir       string
	listenClient  string
	listenPeer    string
	unsafeNoFsync bool
}

// newEtcdCommand is one etcd member by itself, as much of it as an API server needs.
func newEtcdCommand() *cobra.Command {
	var options etcdOptions
	command := &cobra.Command{
		Use:           "etcd",
		Short:         "One embedded etcd member",
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(*cobra.Command, []string) error { return runEtcd(options) },
	}
	flags := command.Flags()
	flags.StringVar(&options.dataDir, "data-dir", "", "folder of the data")
	flags.StringVar(&options.listenClient, "listen-client-url", "", "URL for clients, for instance http://127.0.0.1:2379")
	flags.StringVar(&options.listenPeer, "listen-peer-url", "", "URL for peers")
	flags.BoolVar(&options.unsafeNoFsync, "unsafe-no-fsync", false, "do not sync the disk: faster; a power cut loses data")
	for _, name := range []string{"data-dir", "listen-client-url", "listen-peer-url"} {
		_ = command.MarkFlagRequired(name)
	}
	return command
}

// runEtcd returns when it is told to stop (SIGTERM, SIGINT) and has closed its data, or when etcd itself fails.
func runEtcd(options etcdOptions) error {
	client, err := url.Parse(options.listenClient)
	if err != nil {
		return fmt.Errorf("--listen-client-url: %w", err)
	}
	peer, err := url.Parse(options.listenPeer)
	if err != nil {
		return fmt.Errorf("--listen-peer-url: %w", err)
	}
	config := embed.NewConfig()
	config.Dir = options.dataDir
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = options.unsafeNoFsync
	config.LogLevel = "warn"
	config.LogOutputs = []string{"stderr"}
	// Tests write and rewrite the same few objects: history is of no use to them.
	config.AutoCompactionMode = "periodic"
	config.AutoCompactionRetention = "5m"

	member, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("etcd does not start: %w", err)
	}
	defer member.Close()

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-stop:
		return nil
	case <-member.Server.StopNotify():
		return fmt.Errorf("etcd stopped by itself")
	case err := <-member.Err():
		return fmt.Errorf("etcd failed: %w", err)
	}
}
