import type { Broker } from 'kafkajs';
import type { AdminConnection } from '../connections/admin-connection.ts';
import { isOutage, kafkaErrorType } from '../connections/failures.ts';

/** The id of the broker that is now the group's coordinator, as the other brokers know it. Rejects with `log_unavailable`. */
export async function coordinatorOf(connection: AdminConnection, group: string): Promise<number> {
  const { coordinator } = await connection.request('Looking for a coordinator', async ({ cluster }) => {
    // Without metadata kafkajs knows no broker.
    await cluster.refreshMetadataIfNecessary();
    return cluster.findGroupCoordinatorMetadata({ groupId: group });
  });
  return Number(coordinator.nodeId);
}

type Method = (...parameters: unknown[]) => Promise<unknown>;

/** The requests of a member to its coordinator. */
const groupRequests: ReadonlySet<string | symbol> = new Set([
  'heartbeat',
  'joinGroup',
  'leaveGroup',
  'offsetCommit',
  'offsetFetch',
  'syncGroup',
]);

/**
 * The coordinator of a group, whichever broker that is at the moment. kafkajs finds the coordinator when it joins, and then keeps to that
 * broker while it retries, also where the broker is dead and another one has taken over the group with all of its members.
 *
 * A request that does not reach the coordinator, or that another broker must answer, is sent once more to the present
 * coordinator. kafkajs does not see that, and the member keeps its membership.
 */
export function followCoordinator(first: Broker, find: () => Promise<Broker>): Broker {
  let current = first;
  let finding: Promise<void> | null = null;

  function findAgain(): Promise<void> {
    finding ??= find()
      .then((found) => {
        current = found;
      })
      .finally(() => {
        finding = null;
      });
    return finding;
  }

  const send = (request: string | symbol, parameters: unknown[]): Promise<unknown> =>
    (Reflect.get(current, request) as Method).apply(current, parameters);

  async function sendToPresentCoordinator(request: string | symbol, parameters: unknown[]): Promise<unknown> {
    try {
      return await send(request, parameters);
    } catch (error) {
      if (!isOutage(error) && kafkaErrorType(error) !== 'NOT_COORDINATOR_FOR_GROUP') throw error;
      // Where no coordinator is found, kafkajs gets the error that it retries.
      await findAgain().catch(() => {
        throw error;
      });
      return send(request, parameters);
    }
  }

  return new Proxy(first, {
    get(_, name) {
      if (groupRequests.has(name))
        return (...parameters: unknown[]) => sendToPresentCoordinator(name, parameters);
      // Otherwise kafkajs would connect by itself to its first broker.
      if (name === 'isConnected') return () => true;
      const value: unknown = Reflect.get(current, name);
      return typeof value === 'function' ? value.bind(current) : value;
    },
  });
}
