/** What `up` shows: progress while starting, one short screen at the end, one line for whatever happens later. */
import { homedir } from 'node:os';
import { styleText } from 'node:util';
import type { Home } from './home.js';
import type { ClusterLine } from './readiness.js';

const write = (text: string): void => void process.stdout.write(`${text}\n`);
const paint = (style: 'green' | 'yellow' | 'red' | 'bold' | 'dim', text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** `done` marks a step that took `ms`. */
export const step = (text: string): void => write(`${paint('dim', '·')} ${text}`);
export const done = (text: string, ms: number): void =>
  write(`${paint('green', '✓')} ${text} ${paint('dim', `(${seconds(ms)})`)}`);
export const notice = (text: string): void => write(`${paint('yellow', '!')} ${text}`);
export const failure = (text: string): void =>
  void process.stderr.write(`${styleText('red', '✗', { stream: process.stderr })} ${text}\n`);

export interface ReadyScreen {
  tookMs: number;
  /** Of the API. */
  address: string;
  /** Address of the console, with a link that signs in once. */
  console: string;
  home: Home;
  clusters: ClusterLine[];
  embedded: boolean;
  detached: boolean;
  processes: { name: string; pid: number | undefined }[];
}

/** What runs where, and the commands to type next. */
export function ready(screen: ReadyScreen): void {
  const { home, clusters, address } = screen;
  const width = Math.max(...clusters.map((cluster) => cluster.name.length));
  const lines = clusters.map(({ name, phase, message }) => {
    const kind = screen.embedded ? 'embedded, runs real processes' : 'from your kubeconfig';
    return `${name.padEnd(width)}  ${paint(phase === 'READY' ? 'green' : 'yellow', phase)}  ${paint('dim', message === '' ? kind : message)}`;
  });
  const homeFlag = process.env.SKYFLOW_HOME === undefined ? '' : `SKYFLOW_HOME=${process.env.SKYFLOW_HOME} `;
  write(`
${paint('bold', 'SkyFlow is up.')} ${paint('dim', `(${seconds(screen.tookMs)})`)}

  API        ${address}      docs: ${address}/docs
  Console    ${screen.console}  ${paint('dim', '(the link works once, for ten minutes; again: npx skyctl console)')}
  Clusters   ${lines.length === 0 ? 'none' : lines.join('\n             ')}
  State      ${short(home.path)}  (log, token, kubeconfig; logs of the services in run/logs)
  Processes  ${screen.processes.map(({ name, pid }) => `${name} ${paint('dim', String(pid ?? 'restarting'))}`).join(', ')}

${paint('bold', 'Type next:')}

  ${homeFlag}npx skyctl get clusters
  ${homeFlag}npx skyctl create job hello --replicas 2 --run 'echo hello; sleep 300' --cpus 1 --labels app nginx
  ${homeFlag}npx skyctl logs hello
${screen.embedded && process.platform === 'linux' ? webTour(homeFlag) : ''}
${screen.embedded && clusters[0] !== undefined ? `  One cluster by itself:           ${homeFlag}npx kubectl --context ${clusters[0].name} get pods\n` : ''}  The super-cluster as a cluster:  ${homeFlag}npx kubectl --context skyflow get pods

${screen.detached ? 'It runs in the background; `npm run down` stops it.' : 'Ctrl-C stops everything; data stays.'}`);
}

/** A service whose answers come from pods of both clusters. Elsewhere than on Linux pods have no addresses of their own. */
const webTour = (homeFlag: string): string => `
  ${paint('dim', 'One service over both clusters; what crosses over goes through their gateways (skyctl describe service web):')}
  ${homeFlag}npx skyctl apply -f examples/web.yaml
  ${homeFlag}npx skyctl create service web --type LoadBalancer --ports 8008 8080
  curl http://$(${homeFlag}npx skyctl get service web -o jsonpath='{.status.externalIPs[0]}'):8008/
`;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const short = (path: string): string => (path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path);
