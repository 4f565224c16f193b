/** The service: follows the API and the files with the services' public keys, and gives the services other keys where it holds them. */
import { existsSync, readFileSync } from 'node:fs';
import { NATS_KEEPER, type NatsKeyHolder, natsKeyHolders } from '@skyflow/domain';
import { CertificateFiles, NatsKeeper, ServiceKeys, replaceKeys } from '@skyflow/nats-server';
import type { ProcessContext } from '@skyflow/service';
import { writeConfig } from './config-file.js';
import { NatsNodes } from './nats-nodes.js';
import type { KeeperSettings, apiSettings, keeperSettings } from './settings.js';

/** A file that somebody else changed is noticed within so long. */
const LOOK_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
/** Gives every service another key, when the keeper holds the keys. */
const ROTATE_SIGNAL = 'SIGUSR2';

export function keep(context: ProcessContext<typeof keeperSettings & typeof apiSettings>): Promise<void> {
  const { settings, environment, logger, health, stopping } = context;
  const keys = new ServiceKeys(settings.SKYFLOW_NATS_KEYS_DIR, natsKeyHolders, true);
  const certificate = certificateOf(settings, context);
  let apiError: string | undefined;
  const keeper: NatsKeeper = new NatsKeeper({
    services: () => keys.letIn(),
    agentsFile: settings.SKYFLOW_NATS_AGENTS_FILE,
    write: (accounts) => writeConfig(settings, accounts),
    certificate,
    reload: async ({ hasNewAccounts, hasNewCertificate }) => {
      await context.metrics.operation('reload', () => nodes.readAnew(hasNewAccounts), { signal: stopping });
      if (hasNewCertificate) logger.info({ endsAt: endOf(certificate) }, 'NATS shows another certificate');
      else logger.info({ agents: keeper.agentCount }, 'others are let in at NATS');
    },
    onError: (error) => logger.error({ err: error }, 'the configuration of nats-server could not be changed'),
    onApi: (error) => {
      if (error !== undefined && apiError === undefined) logger.warn({ err: error }, 'the gateway does not answer');
      apiError = error?.message;
    },
  });
  const nodes = NatsNodes.connect({
    urls: environment.SKYFLOW_NATS_URL.split(',').map((each) => each.trim()),
    keyFile: keys.file(NATS_KEEPER),
    caFile: environment.SKYFLOW_NATS_CA_FILE,
    instance: context.instance,
    logger,
  });
  context.onStop('nats', () => nodes.close());
  keeper.write();

  health.check('nats', () => (nodes.missing.length === 0 ? undefined : `not reached: ${nodes.missing.join(', ')}`));
  health.check('gateway', () => apiError ?? (keeper.hasRead ? undefined : 'not read yet'));
  health.tell('agents', () => keeper.agentCount);
  context.metrics.observe({
    name: 'skyflow_certificate_expires_timestamp_seconds',
    description: 'When the certificate ends that NATS is served with.',
    type: 'gauge',
    read: () => (certificate?.look()?.endsAt ?? 0) / 1_000,
  });

  const caFile = settings.SKYFLOW_API_CA_FILE;
  const authority = caFile !== undefined && existsSync(caFile) ? { authority: readFileSync(caFile, 'utf8') } : {};
  const following = keeper.run({ address: settings.SKYFLOW_API_URL, ...authority }, settings.SKYFLOW_TOKEN, stopping);
  const looking = setInterval(() => keeper.notice(), LOOK_MS);
  context.onStop('keeper', async () => {
    clearInterval(looking);
    await following;
  });
  if (isHolder(keys)) rotateWhenOldOrTold(keys, keeper, nodes, context);
  return Promise.resolve();
}

/** Undefined: no TLS. */
function certificateOf(settings: KeeperSettings, { logger }: ProcessContext): CertificateFiles | undefined {
  const { SKYFLOW_NATS_TLS_CERT_FILE: certificateFile, SKYFLOW_NATS_TLS_KEY_FILE: keyFile } = settings;
  if (certificateFile === undefined || keyFile === undefined) return undefined;
  return new CertificateFiles({ certificateFile, keyFile }, (detail) =>
    logger.warn(
      { detail },
      'the certificate of NATS cannot be used as its files are now; the last one is shown until they are right',
    ),
  );
}

const endOf = (certificate: CertificateFiles | undefined): string | undefined => {
  const endsAt = certificate?.look()?.endsAt;
  return endsAt === undefined ? undefined : new Date(endsAt).toISOString();
};

/** In a cluster the seeds are in a Secret, and a job rotates them; here are only the public keys, and the keeper's own. */
const isHolder = (keys: ServiceKeys): boolean => keys.holders.every((holder) => existsSync(keys.file(holder)));

/**
 * Keys are replaced while all nodes are there, and a node that is lost on the way is waited for: one that has not read of the new keys would let
 * nobody in, not even the keeper that could tell it.
 */
function rotateWhenOldOrTold(keys: ServiceKeys, keeper: NatsKeeper, nodes: NatsNodes, context: ProcessContext): void {
  const { logger, stopping } = context;
  let rotating: Promise<void> | undefined;
  const letIn = async (): Promise<void> => {
    await keeper.apply();
    await nodes.whenComplete(stopping);
  };
  const rotate = (holders: readonly NatsKeyHolder[]): void => {
    if (holders.length === 0) return;
    // One at a time: each begins from the keys that the one before has left.
    rotating = (rotating ?? Promise.resolve())
      .then(() => nodes.whenComplete(stopping))
      .then(() => replaceKeys(keys, holders, { letIn, given: () => Promise.resolve() }))
      .then(
        () => logger.info({ services: holders }, 'services have other keys for NATS'),
        (error: unknown) => {
          if (!stopping.aborted) logger.error({ err: error }, 'keys could not be replaced');
        },
      );
  };
  const rotateOld = (): void => rotate(keys.old(Date.now()));
  const aging = setInterval(rotateOld, DAY_MS);
  const all = (): void => rotate(keys.holders);
  process.on(ROTATE_SIGNAL, all);
  context.onStop('rotation', () => {
    clearInterval(aging);
    process.off(ROTATE_SIGNAL, all);
  });
  rotateOld();
}
