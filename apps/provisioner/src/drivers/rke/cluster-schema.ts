/**
 * cluster.yml of RKE v1.5, strictly: RKE itself passes over what it does not know, so a mistyped field would be lost without a word.
 * Fields as in RKE's types (rancher/rke v1.5.12, `types/*.go`).
 */
import { z } from 'zod';

const text = z.string().min(1);
const map = z.record(z.string(), z.string());
const options = z.record(z.string(), z.unknown());
const port = z.int().min(1).max(65_535);
const dnsName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a DNS-1123 name');
const cidr = z.string().regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, 'must be a CIDR');

const node = z.strictObject({
  nodeName: text.optional(),
  address: text,
  port: z.string().regex(/^\d+$/).optional(),
  internal_address: text.optional(),
  role: z.array(z.enum(['controlplane', 'etcd', 'worker'])).min(1),
  hostname_override: dnsName.optional(),
  user: text,
  docker_socket: text.optional(),
  ssh_agent_auth: z.boolean().optional(),
  ssh_key: text.optional(),
  ssh_key_path: text.optional(),
  ssh_cert: text.optional(),
  ssh_cert_path: text.optional(),
  labels: map.optional(),
  taints: z.array(z.strictObject({ key: text, value: z.string(), effect: text })).optional(),
});

const baseService = {
  image: text.optional(),
  extra_args: map.optional(),
  extra_args_array: z.record(z.string(), z.array(z.string())).optional(),
  extra_binds: z.array(z.string()).optional(),
  extra_env: z.array(z.string()).optional(),
  win_extra_args: map.optional(),
  win_extra_args_array: z.record(z.string(), z.array(z.string())).optional(),
  win_extra_binds: z.array(z.string()).optional(),
  win_extra_env: z.array(z.string()).optional(),
};

const s3 = z.strictObject({
  access_key: text.optional(),
  secret_key: text.optional(),
  bucket_name: text.optional(),
  region: text.optional(),
  endpoint: text.optional(),
  custom_ca: text.optional(),
  folder: text.optional(),
});

const services = z.strictObject({
  etcd: z
    .strictObject({
      ...baseService,
      external_urls: z.array(text).optional(),
      ca_cert: text.optional(),
      cert: text.optional(),
      key: text.optional(),
      path: text.optional(),
      uid: z.int().optional(),
      gid: z.int().optional(),
      snapshot: z.boolean().optional(),
      retention: text.optional(),
      creation: text.optional(),
      backup_config: z
        .strictObject({
          enabled: z.boolean().optional(),
          interval_hours: z.int().optional(),
          retention: z.int().optional(),
          safe_timestamp: z.boolean().optional(),
          timeout: z.int().optional(),
          s3backupconfig: s3.optional(),
        })
        .optional(),
    })
    .optional(),
  'kube-api': z
    .strictObject({
      ...baseService,
      service_cluster_ip_range: cidr.optional(),
      service_node_port_range: text.optional(),
      pod_security_policy: z.boolean().optional(),
      pod_security_configuration: text.optional(),
      always_pull_images: z.boolean().optional(),
      secrets_encryption_config: options.optional(),
      audit_log: options.optional(),
      admission_configuration: options.optional(),
      event_rate_limit: options.optional(),
    })
    .optional(),
  'kube-controller': z
    .strictObject({ ...baseService, cluster_cidr: cidr.optional(), service_cluster_ip_range: cidr.optional() })
    .optional(),
  kubelet: z
    .strictObject({
      ...baseService,
      cluster_domain: text.optional(),
      infra_container_image: text.optional(),
      cluster_dns_server: text.optional(),
      fail_swap_on: z.boolean().optional(),
      generate_serving_certificate: z.boolean().optional(),
    })
    .optional(),
  scheduler: z.strictObject(baseService).optional(),
  kubeproxy: z.strictObject(baseService).optional(),
});

const bastion = z.strictObject({
  address: text,
  port: z.string().regex(/^\d+$/).optional(),
  user: text,
  ssh_agent_auth: z.boolean().optional(),
  ssh_key: text.optional(),
  ssh_key_path: text.optional(),
  ssh_cert: text.optional(),
  ssh_cert_path: text.optional(),
  ignore_proxy_env_vars: z.boolean().optional(),
});

export const clusterYmlSchema = z.strictObject({
  nodes: z.array(node).min(1),
  services: services.optional(),
  network: z
    .strictObject({
      plugin: z.enum(['canal', 'calico', 'flannel', 'weave', 'aci', 'none']).optional(),
      options: map.optional(),
      mtu: z.int().optional(),
      node_selector: map.optional(),
      update_strategy: options.optional(),
      tolerations: z.array(options).optional(),
      canal_network_provider: options.optional(),
      calico_network_provider: options.optional(),
      flannel_network_provider: options.optional(),
      weave_network_provider: options.optional(),
      aci_network_provider: options.optional(),
    })
    .optional(),
  authentication: z
    .strictObject({ strategy: text.optional(), sans: z.array(text).optional(), webhook: options.optional() })
    .optional(),
  authorization: z.strictObject({ mode: z.enum(['rbac', 'none']).optional(), options: map.optional() }).optional(),
  addons: z.string().optional(),
  addons_include: z.array(text).optional(),
  system_images: options.optional(),
  ssh_key_path: text.optional(),
  ssh_cert_path: text.optional(),
  ssh_agent_auth: z.boolean().optional(),
  ignore_docker_version: z.boolean().optional(),
  enable_cri_dockerd: z.boolean().optional(),
  kubernetes_version: text.optional(),
  private_registries: z
    .array(
      z.strictObject({
        url: text,
        user: text.optional(),
        password: text.optional(),
        is_default: z.boolean().optional(),
        ecr_credential_plugin: options.optional(),
      }),
    )
    .optional(),
  ingress: z
    .strictObject({
      provider: z.enum(['nginx', 'none']).optional(),
      network_mode: z.enum(['hostPort', 'hostNetwork', 'none']).optional(),
      http_port: port.optional(),
      https_port: port.optional(),
      options: map.optional(),
      node_selector: map.optional(),
      extra_args: map.optional(),
      extra_envs: z.array(options).optional(),
      extra_volumes: z.array(options).optional(),
      extra_volume_mounts: z.array(options).optional(),
      default_backend: z.boolean().optional(),
      default_http_backend_priority_class_name: text.optional(),
      default_ingress_class: z.boolean().optional(),
      update_strategy: options.optional(),
      tolerations: z.array(options).optional(),
    })
    .optional(),
  cluster_name: text.optional(),
  cloud_provider: options.optional(),
  prefix_path: text.optional(),
  win_prefix_path: text.optional(),
  addon_job_timeout: z.int().min(1).optional(),
  bastion_host: bastion.optional(),
  monitoring: z
    .strictObject({ provider: z.enum(['metrics-server', 'none']).optional(), options: map.optional() })
    .optional(),
  restore: z.strictObject({ restore: z.boolean().optional(), snapshot_name: text.optional() }).optional(),
  rotate_certificates: options.optional(),
  rotate_encryption_key: z.boolean().optional(),
  dns: options.optional(),
  upgrade_strategy: z
    .strictObject({
      max_unavailable_worker: text.optional(),
      max_unavailable_controlplane: text.optional(),
      drain: z.boolean().optional(),
      node_drain_input: options.optional(),
    })
    .optional(),
});

export type ClusterYml = z.infer<typeof clusterYmlSchema>;
