/** Entry point of the mesh-gateway. */
import { runProcess } from '@skyflow/service';
import { serveControl } from './control/control-server.js';
import { Gateway } from './gateway.js';
import { gatewaySettings } from './settings.js';

const ORPHAN_CHECK_MS = 1_000;

await runProcess({ name: 'mesh-gateway', settings: gatewaySettings }, async (context) => {
  const { settings, logger } = context;
  const limits = { mostLanes: settings.SKYFLOW_GATEWAY_LANES };
  const gateway = new Gateway({ listen: placeOf(settings.SKYFLOW_GATEWAY_LISTEN), logger, limits });
  let askedAt = performance.now();
  const control = await serveControl({
    ...{ gateway, path: settings.SKYFLOW_GATEWAY_CONTROL, logger },
    onAsked: () => (askedAt = performance.now()),
  });
  const orphanMs = settings.SKYFLOW_GATEWAY_ORPHAN_MS;
  const watch = setInterval(() => {
    if (orphanMs > 0 && performance.now() - askedAt > orphanMs)
      context.stop(`no agent has spoken to it for ${orphanMs} ms`);
  }, ORPHAN_CHECK_MS);
  context.onStop('orphan watch', () => clearInterval(watch));
  context.health.tell('mesh', () => gateway.status());
  context.onStop('control', () => {
    control.close();
  });
  context.onStop('gateway', () => gateway.close(settings.SKYFLOW_GATEWAY_DRAIN_MS));
});

function placeOf(text: string | undefined): { host: string; port: number } | undefined {
  if (text === undefined) return undefined;
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}
