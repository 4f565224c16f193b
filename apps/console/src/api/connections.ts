/** All connections of the page: as soon as one of them is lost, what is shown may not be so any more. */
import type { LiveState } from './live.js';

interface Connection {
  subscribe: (listener: () => void) => () => void;
  now: () => LiveState;
}

export class Connections {
  private readonly members = new Set<Connection>();
  private readonly listeners = new Set<() => void>();

  /** @param first whose state is shown while none is lost */
  constructor(private readonly first: Connection) {
    this.add(first);
  }

  /** Returns what takes it away again. */
  add(connection: Connection): () => void {
    this.members.add(connection);
    const leave = connection.subscribe(() => this.tell());
    return () => {
      leave();
      this.members.delete(connection);
      this.tell();
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly now = (): LiveState => {
    for (const member of this.members) if (member.now().phase === 'lost') return member.now();
    return this.first.now();
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
