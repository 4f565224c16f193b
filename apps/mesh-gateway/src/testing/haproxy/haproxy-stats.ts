/** What HAProxy says of itself on its control socket (management guide, 9.3): as CSV. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ProxyStats {
  proxy: string;
  server: string;
  open: number;
  connections: number;
  bytesIn: number;
  bytesOut: number;
  /** `UP`, `DOWN`, … */
  status: string;
}

/** @throws Error it does not answer. */
export async function askHaproxy(socket: string, command: string): Promise<string> {
  const connection = connect(socket);
  connection.end(`${command}\n`);
  return text(connection);
}

export async function proxyStats(socket: string): Promise<ProxyStats[]> {
  const [header = '', ...lines] = (await askHaproxy(socket, 'show stat')).split('\n');
  const names = header.replace(/^# /, '').split(',');
  return lines
    .filter((line) => line.includes(','))
    .map((line) => {
      const values = line.split(',');
      const field = (name: string): string => values[names.indexOf(name)] ?? '';
      const [open, connections, bytesIn, bytesOut] = ['scur', 'stot', 'bin', 'bout'].map((name) => Number(field(name)));
      const counts = { open: open ?? 0, connections: connections ?? 0, bytesIn: bytesIn ?? 0, bytesOut: bytesOut ?? 0 };
      return { proxy: field('pxname'), server: field('svname'), status: field('status'), ...counts };
    });
}
