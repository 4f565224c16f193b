/** Entry point of the api-gateway. */
import { runService } from '@skyflow/service';
import { gatewaySettings } from './settings.js';
import { startGateway } from './start-gateway.js';

await runService({ name: 'api-gateway', settings: gatewaySettings }, async (context) => {
  await startGateway(context);
});
