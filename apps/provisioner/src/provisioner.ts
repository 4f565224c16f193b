/** The provisioner as a service: a standby that folds the log until it gets the lease, then the one that builds and takes down. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { SERVICE_CONTEXT, startDecider, type ServiceContext } from '@skyflow/service';
import { ActiveProvisioner } from './active/active-provisioner.js';
import { AgentFiles } from './active/agent-files.js';
import { BuiltFile } from './active/built-file.js';
import { Effects } from './active/effects.js';
import type { EffectsOptions } from './active/effects-options.js';
import { Planning } from './active/planning.js';
import { MachineKeys } from './active/machine-keys.js';
import { AgentsHeard } from './autoscale/agents-heard.js';
import { askScheduler } from './autoscale/ask-scheduler.js';
import { Autoscaler } from './autoscale/autoscaler.js';
import { awsDriver } from './drivers/aws/from-settings.js';
import { azureDriver } from './drivers/azure/from-settings.js';
import { dockerDriver } from './drivers/docker/from-settings.js';
import { gcpDriver } from './drivers/gcp/from-settings.js';
import { K3sDriver } from './drivers/k3s/k3s-driver.js';
import { RkeDriver } from './drivers/rke/rke-driver.js';
import { StaticDriver } from './drivers/static/static-driver.js';
import { EscrowServer } from './escrow/escrow-server.js';
import { escrowKeysOf } from './escrow/key-source.js';
import { provisioningFold } from './fold/provisioning-fold.js';
import { Reaper } from './reaper/reaper.js';
import { PlanServer } from './plans/plan-server.js';
import { provisioningMetrics } from './provisioner.metrics.js';
import type { provisionerSettings } from './settings.js';

@Injectable()
export class Provisioner implements OnModuleInit {
  constructor(@Inject(SERVICE_CONTEXT) private readonly context: ServiceContext<typeof provisionerSettings>) {}

  async onModuleInit(): Promise<void> {
    const { context } = this;
    const { settings } = context;
    const parts = await startDecider({ context, role: 'provisioner', fold: provisioningFold });
    const { projection } = parts;
    provisioningMetrics(context.metrics, projection, () => parts.isActive());
    context.health.tell('provisioned', () =>
      [...projection.state.clusters.values()].map(({ ref, phase, machines }) => ({
        name: ref.name,
        phase,
        machines: machines.size,
      })),
    );
    const home = join(settings.SKYFLOW_HOME, 'provisioner');
    const keys = await escrowKeysOf(settings);
    const options: EffectsOptions = {
      clusterDrivers: {
        k3s: new K3sDriver('k3s'),
        rke2: new K3sDriver('rke2'),
        rke: new RkeDriver({
          home: join(home, 'runs'),
          source: {
            path: settings.SKYFLOW_RKE,
            url: settings.SKYFLOW_RKE_URL,
            sha256: settings.SKYFLOW_RKE_SHA256,
            folder: join(home, 'bin'),
          },
          stallMs: settings.SKYFLOW_PROVISION_STALL_MS,
          totalMs: settings.SKYFLOW_PROVISION_RUN_MS,
        }),
      },
      machineDrivers: {
        static: new StaticDriver(),
        aws: awsDriver(settings),
        gcp: gcpDriver(settings),
        azure: azureDriver(settings),
        docker: dockerDriver(settings),
      },
      keys,
      machineKeys: new MachineKeys(join(home, 'keys'), keys),
      host: hostname(),
      readyMs: settings.SKYFLOW_PROVISION_READY_MS,
      bootMs: settings.SKYFLOW_PROVISION_BOOT_MS,
      lookMs: settings.SKYFLOW_PROVISION_LOOK_MS,
      runMs: settings.SKYFLOW_PROVISION_RUN_MS,
    };
    const effects = new Effects(options);
    const pace = {
      firstMs: settings.SKYFLOW_PROVISION_FIRST_PAUSE_MS,
      mostMs: settings.SKYFLOW_PROVISION_LONGEST_PAUSE_MS,
      visibleWithinMs: settings.SKYFLOW_PROVISION_VISIBLE_MS,
    };
    const limits = {
      everyMs: settings.SKYFLOW_REAPER_EVERY_MS,
      graceMs: settings.SKYFLOW_REAPER_GRACE_MS,
      most: settings.SKYFLOW_REAPER_MOST,
      dryRun: settings.SKYFLOW_REAPER === 'dry-run',
    };
    void parts.runWhileActive(async ({ epoch }, signal) => {
      using _escrow = new EscrowServer(context.nats, parts.log, keys, context.logger);
      using _plans = new PlanServer(context.nats, projection, new Planning(options), context.logger);
      const agentFiles = new AgentFiles(join(settings.SKYFLOW_HOME, 'provisioned'), keys);
      const builtFile = new BuiltFile(home);
      const stop = new AbortController();
      const both = AbortSignal.any([signal, stop.signal]);
      const reaper = new Reaper({ ...parts, context, machineDrivers: options.machineDrivers, pace, limits, epoch });
      context.health.tell('notAskedForOrphans', () => reaper.blind);
      const everyMs = settings.SKYFLOW_AUTOSCALE_EVERY_MS;
      using agents = new AgentsHeard(context.nats);
      const scheduler = askScheduler(context.nats);
      const autoscaling = new Autoscaler({ ...parts, context, keys, scheduler, agents, everyMs, epoch }).run(both);
      const reaping = settings.SKYFLOW_REAPER === 'off' ? undefined : reaper.run(both);
      try {
        await new ActiveProvisioner({
          ...parts,
          context,
          effects,
          agentFiles,
          builtFile,
          pace,
          lookMs: options.lookMs,
          epoch,
        }).run(both);
      } finally {
        stop.abort();
        await Promise.all([reaping, autoscaling]);
      }
    });
  }
}
