"""The official Python client against SkyFlow, used as against any cluster. Prints one line per step; fails by exception."""
import sys
import time

from kubernetes import client, config, stream, watch

NAME = "from-python"
NAMESPACE = "default"


def deployment():
    container = client.V1Container(
        name="main",
        image="busybox",
        command=["sh", "-c", "echo hello from $HOSTNAME; exec sleep 600"],
        resources=client.V1ResourceRequirements(requests={"cpu": "50m"}),
    )
    labels = {"app": NAME}
    pod = client.V1PodSpec(containers=[container], termination_grace_period_seconds=1)
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=NAME, labels=labels),
        spec=client.V1DeploymentSpec(
            replicas=2,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=pod),
        ),
    )


def wait_for(apps, done):
    for event in watch.Watch().stream(
        apps.list_namespaced_deployment, NAMESPACE, field_selector=f"metadata.name={NAME}", timeout_seconds=60
    ):
        if done(event["object"], event["type"]):
            return
    raise TimeoutError("the watch ended before it happened")


def main():
    config.load_kube_config(config_file=sys.argv[1])
    apps, core, custom = client.AppsV1Api(), client.CoreV1Api(), client.CustomObjectsApi()
    print("version", client.VersionApi().get_code().major)

    apps.create_namespaced_deployment(NAMESPACE, deployment())
    wait_for(apps, lambda each, _: each.status.ready_replicas == 2)
    print("ready", apps.read_namespaced_deployment(NAME, NAMESPACE).status.ready_replicas)

    pods = core.list_namespaced_pod(NAMESPACE, label_selector=f"app={NAME}").items
    print("pods", len(pods), all(pod.spec.node_name for pod in pods))
    pod = pods[0].metadata.name
    print("log", core.read_namespaced_pod_log(pod, NAMESPACE).startswith("hello from"))
    said = stream.stream(
        core.connect_get_namespaced_pod_exec, pod, NAMESPACE, command=["echo", "hi"], stdout=True, stderr=True, tty=False
    )
    print("exec", said.strip())

    apps.patch_namespaced_deployment_scale(NAME, NAMESPACE, {"spec": {"replicas": 3}})
    wait_for(apps, lambda each, _: each.status.ready_replicas == 3)
    print("scaled", apps.read_namespaced_deployment_scale(NAME, NAMESPACE).spec.replicas)

    until = time.monotonic() + 60
    while True:
        own = custom.get_namespaced_custom_object("skyflow.io", "v1", NAMESPACE, "deployments", NAME)
        if own["status"]["phase"] == "RUNNING" or time.monotonic() > until:
            break
        time.sleep(0.2)
    print("phase", own["status"]["phase"])
    try:
        core.read_namespaced_config_map("nobody", NAMESPACE)
    except client.ApiException as error:
        print("missing", error.status)

    apps.delete_namespaced_deployment(NAME, NAMESPACE, propagation_policy="Foreground")
    try:
        wait_for(apps, lambda _, kind: kind == "DELETED")
    except TimeoutError:
        apps.read_namespaced_deployment(NAME, NAMESPACE)
    print("deleted")


main()
