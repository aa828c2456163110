/** Passes on the upgrades that are wanted, and answers all others by HTTP: a proxy takes silence for a dead instance. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { endLingering, owesAnswers, rawProblem } from './http-server.ts';
import { Problem, toProblem } from './problem.ts';

export interface UpgradeTaker {
  /** The one address at which upgrades are taken, e.g. `/socket.io/`. */
  readonly path: string;
  /** Rejects with the problem that is the answer to whoever is not let in. */
  admit(request: IncomingMessage): Promise<void>;
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export function takeUpgrades(server: Server, taker: UpgradeTaker): void {
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    // The answers that are owed would come in the midst of the other protocol.
    if (owesAnswers(socket)) return void socket.destroy();
    admit(taker, request).then(
      () => socket.destroyed || taker.take(request, socket, head),
      (error: unknown) => endLingering(socket, rawProblem(toProblem(error))),
    );
  });
}

async function admit(taker: UpgradeTaker, request: IncomingMessage): Promise<void> {
  if (request.url?.split('?', 1)[0] !== taker.path)
    throw new Problem('not_found', 'Nothing at this address is taken to another protocol.');
  await taker.admit(request);
}
