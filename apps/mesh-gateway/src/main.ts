/** Entry point of the mesh-gateway. */
import { runProcess } from '@skyflow/service';
import { serveControl } from './control/control-server.js';
import { Gateway } from './gateway.js';
import { gatewaySettings } from './settings.js';

await runProcess({ name: 'mesh-gateway', settings: gatewaySettings }, async (context) => {
  const { settings, logger } = context;
  const gateway = new Gateway({ listen: placeOf(settings.SKYFLOW_GATEWAY_LISTEN), logger });
  const control = await serveControl(gateway, settings.SKYFLOW_GATEWAY_CONTROL, logger);
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
