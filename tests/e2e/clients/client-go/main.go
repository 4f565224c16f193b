// Uses the super-cluster as controllers use a cluster: client-go with nothing of SkyFlow in it. Prints a line for each thing that
// worked, and ends with 1 at the first that did not. Usage: client-go KUBECONFIG, or client-go KUBECONFIG CANDIDATE for one that wants to
// lead, and does until it is killed.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/remotecommand"
	watchtools "k8s.io/client-go/tools/watch"
)

const (
	namespace = "default"
	name      = "gopher"
	within    = 90 * time.Second
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	must("kubeconfig", err)
	clients, err := kubernetes.NewForConfig(config)
	must("clientset", err)
	if len(os.Args) > 2 {
		candidate(ctx, clients, os.Args[2])
		return
	}

	version, err := clients.Discovery().ServerVersion()
	must("version", err)
	fmt.Println("version", version.Major)

	informer(ctx, clients)
	serverSideApply(ctx, clients)
	scale(ctx, clients)
	dynamicClient(ctx, config)
	pods(ctx, config, clients)
	watches(ctx, clients)
	leases(ctx, clients)
	deletes(ctx, clients)
}

// Typed clientset, and a shared informer whose cache follows what happens.
func informer(ctx context.Context, clients *kubernetes.Clientset) {
	factory := informers.NewSharedInformerFactoryWithOptions(clients, 0, informers.WithNamespace(namespace))
	deployments := factory.Apps().V1().Deployments()
	added := make(chan string, 16)
	_, err := deployments.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { added <- object.(*appsv1.Deployment).Name },
	})
	must("handler", err)
	pods := factory.Core().V1().Pods()
	pods.Informer()
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			fail("informer", fmt.Errorf("%v did not sync", kind))
		}
	}
	_, err = clients.AppsV1().Deployments(namespace).Create(ctx, deployment(2), metav1.CreateOptions{})
	must("create", err)
	fmt.Println("informed", <-added)
	until("ready", func() bool {
		found, err := deployments.Lister().Deployments(namespace).Get(name)
		return err == nil && found.Status.ReadyReplicas == 2
	})
	until("pods of the informer", func() bool {
		found, err := pods.Lister().Pods(namespace).List(labels.SelectorFromSet(labels.Set{"app": name}))
		return err == nil && len(found) == 2
	})
	fmt.Println("ready 2")
}

// Each manager owns its fields; another one is told whose they are.
func serverSideApply(ctx context.Context, clients *kubernetes.Clientset) {
	wanted := func(replicas int32) *appsapply.DeploymentApplyConfiguration {
		return appsapply.Deployment(name, namespace).WithSpec(appsapply.DeploymentSpec().WithReplicas(replicas))
	}
	mine := metav1.ApplyOptions{FieldManager: "gopher", Force: true}
	applied, err := clients.AppsV1().Deployments(namespace).Apply(ctx, wanted(3), mine)
	must("apply", err)
	_, err = clients.AppsV1().Deployments(namespace).Apply(ctx, wanted(4), metav1.ApplyOptions{FieldManager: "other"})
	fmt.Println("applied", *applied.Spec.Replicas, "conflict", apierrors.IsConflict(err))
}

func scale(ctx context.Context, clients *kubernetes.Clientset) {
	current, err := clients.AppsV1().Deployments(namespace).GetScale(ctx, name, metav1.GetOptions{})
	must("get scale", err)
	current.Spec.Replicas = 1
	_, err = clients.AppsV1().Deployments(namespace).UpdateScale(ctx, name, current, metav1.UpdateOptions{})
	must("scale", err)
	until("scaled", func() bool {
		found, err := clients.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
		return err == nil && found.Status.ReadyReplicas == 1 && found.Status.Replicas == 1
	})
	fmt.Println("scaled 1")
}

// Kinds that client-go has no types for.
func dynamicClient(ctx context.Context, config *rest.Config) {
	client, err := dynamic.NewForConfig(config)
	must("dynamic", err)
	kind := func(plural string) schema.GroupVersionResource {
		return schema.GroupVersionResource{Group: "skyflow.io", Version: "v1", Resource: plural}
	}
	clusters, err := client.Resource(kind("clusters")).List(ctx, metav1.ListOptions{})
	must("clusters", err)
	until("phase RUNNING", func() bool {
		found, err := client.Resource(kind("deployments")).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
		must("its SkyFlow face", err)
		phase, _, err := unstructured.NestedString(found.Object, "status", "phase")
		must("phase", err)
		return phase == "RUNNING"
	})
	fmt.Println("clusters", len(clusters.Items), "phase RUNNING")
}

func pods(ctx context.Context, config *rest.Config, clients *kubernetes.Clientset) {
	var pod corev1.Pod
	until("one pod", func() bool {
		list, err := clients.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
		must("pods", err)
		if len(list.Items) == 1 {
			pod = list.Items[0]
		}
		return len(list.Items) == 1
	})
	var text []byte
	until("log", func() bool {
		stream, err := clients.CoreV1().Pods(namespace).GetLogs(pod.Name, &corev1.PodLogOptions{}).Stream(ctx)
		must("logs", err)
		defer stream.Close()
		text, err = io.ReadAll(stream)
		must("log", err)
		return len(text) > 0
	})
	request := clients.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: []string{"echo", "hi"}, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	must("exec", err)
	// Two buffers: each is written by a goroutine of its own.
	var out, complaints bytes.Buffer
	must("exec", executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &out, Stderr: &complaints}))
	fmt.Println("log", strings.TrimSpace(string(text)), "exec", strings.TrimSpace(out.String()+complaints.String()))
}

// A watch that goes on from where it was over lost connections.
func watches(ctx context.Context, clients *kubernetes.Clientset) {
	before, err := clients.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
	must("list", err)
	source := &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return clients.CoreV1().ConfigMaps(namespace).Watch(ctx, options)
		},
	}
	watcher, err := watchtools.NewRetryWatcherWithContext(ctx, before.ResourceVersion, source)
	must("watch", err)
	defer watcher.Stop()
	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"a": "b"}}
	_, err = clients.CoreV1().ConfigMaps(namespace).Create(ctx, made, metav1.CreateOptions{})
	must("create", err)
	must("delete", clients.CoreV1().ConfigMaps(namespace).Delete(ctx, name, metav1.DeleteOptions{}))
	seen := []string{"watched"}
	for event := range watcher.ResultChan() {
		if object, ok := event.Object.(*corev1.ConfigMap); ok && object.Name == name {
			seen = append(seen, string(event.Type))
		}
		if event.Type == watch.Deleted {
			break
		}
	}
	fmt.Println(strings.Join(seen, " "))
}

// Controllers elect one of theirs by a Lease: whoever leaves gives it up at once.
func leases(ctx context.Context, clients *kubernetes.Clientset) {
	inner, stop := context.WithTimeout(ctx, within)
	defer stop()
	held := func() coordinationv1.LeaseSpec {
		found, err := clients.CoordinationV1().Leases(namespace).Get(ctx, name, metav1.GetOptions{})
		must("lease", err)
		return found.Spec
	}
	elect(inner, clients, name, func() {
		until("renewed", func() bool { return held().RenewTime.After(held().AcquireTime.Time) })
		fmt.Println("leads and renews")
		stop()
	})
	if holder := held().HolderIdentity; holder == nil || *holder == "" {
		fmt.Println("gives it up")
	}
	must("delete lease", clients.CoordinationV1().Leases(namespace).Delete(ctx, name, metav1.DeleteOptions{}))
}

func candidate(ctx context.Context, clients *kubernetes.Clientset, identity string) {
	fmt.Println("waits", identity)
	elect(ctx, clients, identity, func() { fmt.Println("leads", identity) })
}

// Until the context ends, or the lease is lost.
func elect(ctx context.Context, clients *kubernetes.Clientset, identity string, onLeading func()) {
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: namespace, Name: name},
		Client:     clients.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: 6 * time.Second, RenewDeadline: 5 * time.Second, RetryPeriod: time.Second,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { onLeading() },
			OnStoppedLeading: func() {},
		},
	})
}

func deletes(ctx context.Context, clients *kubernetes.Clientset) {
	foreground := metav1.DeletePropagationForeground
	options := metav1.DeleteOptions{PropagationPolicy: &foreground}
	must("delete", clients.AppsV1().Deployments(namespace).Delete(ctx, name, options))
	until("gone", func() bool {
		_, err := clients.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	fmt.Println("deleted")
}

func deployment(replicas int32) *appsv1.Deployment {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}}
	grace := int64(1)
	return &appsv1.Deployment{
		ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: meta.Labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: meta.Labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: &grace,
					Containers: []corev1.Container{{
						Name: "main", Image: "busybox", Command: []string{"sh", "-c", "echo up; exec sleep 600"},
					}},
				},
			},
		},
	}
}

func until(what string, holds func() bool) {
	condition := func(context.Context) (bool, error) { return holds(), nil }
	must(what, wait.PollUntilContextTimeout(context.Background(), 200*time.Millisecond, within, true, condition))
}

func must(what string, err error) {
	if err != nil {
		fail(what, err)
	}
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}
