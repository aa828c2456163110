/** Tells the watchdog which engines to end when this process dies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { EnginesError } from './errors.ts';
import type { ProcessIdentity } from './process-table.mjs';

const program = fileURLToPath(new URL('./watchdog.mjs', import.meta.url));

export interface Guard {
  /** From now on the engine ends with this process. */
  watch(server: ProcessIdentity): void;
  /** Lets the engines outlive this process; resolves when the watchdog has ended. */
  release(): Promise<void>;
  /** Makes the watchdog end the remaining engines and remove the folder; resolves when it has. */
  close(): Promise<void>;
}

/** @param directory is removed once the servers have ended */
export async function startGuard(directory: string): Promise<Guard> {
  // The watchdog has a session of its own, so that Ctrl-C in the terminal does not end it before its work is done.
  const child = spawn(process.execPath, [program, directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    cwd: '/',
  });
  await once(child, 'spawn');
  const { stdin } = child;
  stdin.on('error', () => undefined);
  child.unref();
  if (stdin instanceof Socket) stdin.unref();
  const exited = once(child, 'exit');
  const send = (message: object) => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new EnginesError(
        'start_failed',
        'the watchdog has died: the servers would not end with this process',
      );
    stdin.write(`${JSON.stringify(message)}\n`);
  };
  const end = async () => {
    child.ref();
    stdin.end();
    await exited;
  };
  return {
    watch: (server) => send({ watch: server }),
    release: async () => {
      send({ release: true });
      await end();
    },
    close: end,
  };
}
