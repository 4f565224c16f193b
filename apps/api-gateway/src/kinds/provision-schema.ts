/** Schemas of what a Cluster says of how SkyFlow is to build it, and of how far that is. */
import { CLOUD_PROVIDERS, CLUSTER_DRIVERS, NODE_ROLES, PROVISION_OPERATIONS, type Schema } from '@skyflow/contracts';

const text = (description: string): Schema => ({ type: 'string', description });
const integer = (description: string): Schema => ({ type: 'integer', format: 'int32', description });
const number = (description: string): Schema => ({ type: 'number', description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });

const sshFields: Record<string, Schema> = {
  address: text('Name or IP, as the provisioner reaches it.'),
  port: integer('Of sshd. Default 22.'),
  user: text('A member of the group docker; root is not needed.'),
  keyPath: text('Private key file on the provisioner’s machine.'),
  hostKey: text('Public key of the host, ssh-ed25519 AAAA…; absent: the one seen first is pinned.'),
};

const roles = list('What the node is for; absent: all.', { type: 'string', enum: [...NODE_ROLES] });

/** Something that is done once each time its number grows. */
const request = (description: string, more: Record<string, Schema> = {}): Schema => ({
  type: 'object',
  description,
  required: ['generation', ...Object.keys(more)],
  properties: { generation: integer('Raise it to ask.'), ...more },
});

export const provisionSchema: Schema = {
  type: 'object',
  description: 'SkyFlow builds the cluster, and takes it down when it is deleted. Absent: it is there already.',
  properties: {
    driver: { type: 'string', enum: [...CLUSTER_DRIVERS], description: 'What makes Kubernetes of the machines.' },
    kubernetesVersion: text('As the driver names it. Absent: its default.'),
    hosts: list('Machines that are there; either these or cloud.', {
      type: 'object',
      required: ['address', 'user'],
      properties: {
        ...sshFields,
        internalAddress: text('By which the nodes reach one another.'),
        roles,
        dockerSocket: text('Default /var/run/docker.sock.'),
        labels: { type: 'object', description: 'Labels of the node.', additionalProperties: { type: 'string' } },
      },
    }),
    cloud: {
      type: 'object',
      description: 'Machines to be rented.',
      required: ['provider', 'nodes', 'cpus', 'memoryGiB'],
      properties: {
        provider: { type: 'string', enum: [...CLOUD_PROVIDERS] },
        alternatives: list('Clouds whose offers count the same: the cheapest of all is taken.', {
          type: 'string',
          enum: [...CLOUD_PROVIDERS],
        }),
        region: text('Absent: the cheapest that the provisioner knows of.'),
        zone: text('In the region.'),
        nodes: integer('How many. 0, where autoscale.minNodes is 0: none until work waits for it.'),
        cpus: number('Least processors of each.'),
        memoryGiB: number('Least memory of each.'),
        accelerators: text('TYPE:COUNT of each.'),
        diskGiB: number('Root disk of each.'),
        ports: list('Opened to the world.', integer('A TCP port.')),
        spot: { type: 'boolean', description: 'Cheaper machines that the cloud may take back.' },
        autoscale: {
          type: 'object',
          description:
            'Machines are added while work waits that they would admit, and taken away when nothing runs on them. Absent: as many as nodes says.',
          required: ['minNodes', 'maxNodes'],
          properties: {
            minNodes: integer(
              'At least. 0: the whole cluster is built while work waits for it, and stopped when nothing runs on it.',
            ),
            maxNodes: integer('At most.'),
            maxHourly: number('All machines of the cluster together cost no more.'),
            scaleDownAfterSeconds: integer('For so long nothing has run on a machine that goes. Default 600.'),
          },
        },
      },
    },
    ssh: {
      type: 'object',
      description: 'How machines are reached.',
      properties: {
        keyPath: text('Private key file on the provisioner’s machine, for all hosts that name none.'),
        bastion: {
          type: 'object',
          description: 'A host to jump over.',
          required: ['address', 'user'],
          properties: sshFields,
        },
      },
    },
    network: {
      type: 'object',
      description: 'Absent: leased, unlike those of all other clusters.',
      properties: { podCidr: text('Range of pods.'), serviceCidr: text('Range of services.') },
    },
    deletionPolicy: {
      type: 'string',
      enum: ['Delete', 'Retain'],
      description: 'What becomes of machines and Kubernetes when the Cluster is deleted. Default Delete.',
    },
    paused: { type: 'boolean', description: 'Nothing new is begun while it is true.' },
    repair: request('Raised: the driver runs again over all machines.'),
    rotateCertificates: request('Raised: certificates are issued anew; the authority stays.'),
    etcdSnapshotCreate: request('Raised: a snapshot of etcd is taken, snapshot-GENERATION.'),
    etcdSnapshotRestore: request('Raised: the cluster goes back to a snapshot; what was written since is lost.', {
      name: text('One of status.provisioning.snapshots.'),
    }),
  },
};

export const provisioningStatusSchema: Schema = {
  type: 'object',
  description: 'How far it is; only of clusters with spec.provision.',
  properties: {
    phase: text('PROVISIONING, ACTIVE, UPDATING, STOPPING, STOPPED, FAILED or DELETING.'),
    operation: text(`${PROVISION_OPERATIONS.slice(0, -1).join(', ')} or ${PROVISION_OPERATIONS.at(-1) ?? ''}.`),
    stage: text('Where in it.'),
    progress: integer('0 to 100.'),
    message: text('For people.'),
    driver: text('What makes Kubernetes of the machines.'),
    kubernetesVersion: text('Of the cluster, or to be.'),
    podCidr: text('Leased range of pods.'),
    serviceCidr: text('Leased range of services.'),
    machines: list('Its machines.', {
      type: 'object',
      properties: { name: text('Name.'), phase: text('How it is.'), address: text('Address.') },
    }),
    attempts: list('Runs of the driver, newest last.', {
      type: 'object',
      properties: { run: integer('Number.'), outcome: text('Done, Partial, Failed or Unknown.') },
    }),
    failure: {
      type: 'object',
      description: 'Why it is not going on as it should.',
      properties: {
        class: text('Kind of failure.'),
        message: text('What happened.'),
        line: text('The driver’s own words.'),
        advice: text('What a person can do.'),
      },
    },
    tried: list('Offers that it was to be built on, in vain, oldest first; the last few.', {
      type: 'object',
      properties: {
        provider: text('Cloud.'),
        region: text('Region.'),
        zone: text('Zone.'),
        machineType: text('Type of machine.'),
        message: text('Why not.'),
        at: text('When it was given up.'),
      },
    }),
    caFingerprint: text('SHA-256 of its certificate authority; never changes.'),
    requests: {
      type: 'object',
      description: 'Generations of the requests of the spec that were taken up.',
      additionalProperties: { type: 'integer' },
    },
    autoscale: {
      type: 'object',
      description: 'What the autoscaler wants, and why.',
      properties: { nodes: integer('Machines.'), reason: text('Why.'), at: text('Since when.') },
    },
    snapshots: list('Of etcd, oldest first.', {
      type: 'object',
      properties: { name: text('To go back to it by.'), at: text('When it was taken.') },
    }),
  },
};
