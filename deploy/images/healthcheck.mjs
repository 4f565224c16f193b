/* global fetch, AbortSignal */
/** Is the service in this container ready? Exit 0, or 1 and what /readyz says. For HEALTHCHECK and exec probes. */
import { argv, env, exit, stderr } from 'node:process';

const page = argv[2] ?? 'readyz';
try {
  const answer = await fetch(`http://127.0.0.1:${env.SKYFLOW_HEALTH_PORT}/${page}`, {
    signal: AbortSignal.timeout(3_000),
  });
  if (answer.ok) exit(0);
  stderr.write(await answer.text());
} catch (error) {
  stderr.write(`/${page} does not answer: ${String(error.cause?.message ?? error.message)}\n`);
}
exit(1);
