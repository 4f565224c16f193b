/**
 * What an agent that was started anew has yet to say: services of which the log knows something from before, and of which this agent has
 * not told what is there now. Those that come later are told as they come. One that stops leaves everything to be said by the next.
 */
export class Settling {
  private left: Set<string> | undefined;
  private hasLeft = false;

  /** @param uids of the services that the log knows when it is first read; later calls change nothing. */
  begin(uids: Iterable<string>): void {
    this.left ??= new Set(uids);
  }

  /** Also before the log is read: there is nothing then that could be said. */
  get isOver(): boolean {
    return !this.hasLeft && (this.left === undefined || this.left.size === 0);
  }

  leave(): void {
    this.hasLeft = true;
  }

  has(uid: string): boolean {
    return this.left?.has(uid) === true;
  }

  /** It is told, or nothing can be told of it. True: it was the last one. */
  done(uid: string): boolean {
    return this.left?.delete(uid) === true && this.left.size === 0;
  }
}
