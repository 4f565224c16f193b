/**
 * A terminal on a command in a container: xterm.js on the gateway's `exec`, over a WebSocket that the session's cookie lets in. A file of
 * its own that is loaded when somebody opens one. Tab belongs to the shell; F6 leads out of it.
 */
import { type ReactElement, useEffect, useRef } from 'react';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { type Api, ApiError } from '../../api/api.js';
import { EXEC_PROTOCOLS, inputMessage, readMessage, resizeMessage } from './exec-protocol.js';
import { allowStyledSpans, withStrictStyles } from './strict-styles.js';

export interface TerminalScreenProps {
  api: Api;
  /** Path and query of the connection. */
  path: string;
  /** Where the keyboard goes when it leaves. */
  onLeave: () => void;
  /** With what the command ended with, or why there is no connection. */
  onEnd: (how: { code: number; message: string } | { error: unknown }) => void;
}

const FONT_PX = 14;

allowStyledSpans();

export default function TerminalScreen({ api, path, onLeave, onEnd }: TerminalScreenProps): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const told = useRef({ onLeave, onEnd });
  told.current = { onLeave, onEnd };
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const { backgroundColor: background, color: foreground } = getComputedStyle(element);
    const terminal = new Terminal({
      theme: { background, foreground, cursor: foreground },
      fontSize: FONT_PX,
      fontFamily: 'ui-monospace, Menlo, Consolas, monospace',
      minimumContrastRatio: 4.5,
      screenReaderMode: true,
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    withStrictStyles(() => terminal.open(element));
    fit.fit();
    terminal.focus();
    terminal.attachCustomKeyEventHandler(({ key, type }) => {
      if (key !== 'F6') return true;
      if (type === 'keydown') told.current.onLeave();
      return false;
    });
    const connection = connect(api, path, terminal, (how) => told.current.onEnd(how));
    const resized = new ResizeObserver(() => fit.fit());
    resized.observe(element);
    return () => {
      resized.disconnect();
      connection.close();
      terminal.dispose();
    };
  }, [api, path]);
  return <div ref={frame} className="terminal-frame" role="group" aria-label="Terminal" />;
}

/** Bytes both ways until one side ends. */
function connect(
  api: Api,
  path: string,
  terminal: Terminal,
  onEnd: TerminalScreenProps['onEnd'],
): { close: () => void } {
  const gone = new AbortController();
  let socket: WebSocket | undefined;
  const end = (how: Parameters<typeof onEnd>[0]): void => {
    if (gone.signal.aborted) return;
    gone.abort();
    socket?.close();
    onEnd(how);
  };
  const open = (): void => {
    if (gone.signal.aborted) return;
    const url = new URL(path, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const own = (socket = new WebSocket(url, EXEC_PROTOCOLS));
    let opened = false;
    own.binaryType = 'arraybuffer';
    own.onopen = () => {
      opened = true;
      own.send(resizeMessage(terminal.cols, terminal.rows));
    };
    own.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const message = readMessage(data);
      if (message?.type === 'output') terminal.write(message.bytes);
      if (message?.type === 'end') end({ code: message.code, message: message.message });
    };
    own.onclose = () => {
      if (opened) end({ error: new Error('the connection to the pod was lost; what ran in it may go on') });
      else void whyNot(api, path).then((error) => end({ error }));
    };
  };
  const send = (bytes: Uint8Array<ArrayBuffer>): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(bytes);
  };
  terminal.onData((text) => send(inputMessage(text)));
  terminal.onResize(({ cols, rows }) => send(resizeMessage(cols, rows)));
  // A browser tells nobody why it was refused: the token is made new before, so that it can be no reason.
  api.json('/auth/whoami', { signal: gone.signal }).then(open, (error: unknown) => end({ error }));
  return {
    close: () => {
      gone.abort();
      socket?.close();
    },
  };
}

/** A plain request is refused for the same reasons as the connection, in words. */
async function whyNot(api: Api, path: string): Promise<unknown> {
  const unknown = new Error('the cluster did not take the connection; is the pod still there, and does it run?');
  try {
    await api.text(path);
    return unknown;
  } catch (error) {
    // 400: only that it is no upgrade.
    return error instanceof ApiError && error.code === 400 ? unknown : error;
  }
}
