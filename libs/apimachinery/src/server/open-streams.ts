/** The answers that stay open (watches, connect subresources), so that a server can end or cut all of them. */

export interface OpenStream {
  /** Ends it in order. */
  end(): void;
  /** Cuts its connection. */
  cut(): void;
}

export class OpenStreams {
  readonly #open = new Set<OpenStream>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Returns the way to take it out again. On a closed server it is ended at once. */
  add(stream: OpenStream): () => void {
    this.#open.add(stream);
    if (this.#closed) stream.end();
    return () => this.#open.delete(stream);
  }

  close(): void {
    this.#closed = true;
    for (const stream of this.#open) stream.end();
  }

  cutAll(): void {
    for (const stream of this.#open) stream.cut();
  }
}
