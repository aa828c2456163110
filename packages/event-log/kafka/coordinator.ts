import type { Broker } from 'kafkajs';
import type { AdminConnection } from './admin-connection.ts';
import { isOutage, kafkaErrorType } from './failures.ts';

/** Id of the broker that a group's members ask now, as the other brokers know it. Rejects with `log_unavailable`. */
export async function coordinatorOf(connection: AdminConnection, group: string): Promise<number> {
  const { coordinator } = await connection.request('Looking for a coordinator', async ({ cluster }) => {
    // Without it, kafkajs knows no broker to ask.
    await cluster.refreshMetadataIfNecessary();
    return cluster.findGroupCoordinatorMetadata({ groupId: group });
  });
  return Number(coordinator.nodeId);
}

type Call = (...words: unknown[]) => Promise<unknown>;

/** What a member asks its coordinator. */
const questions: ReadonlySet<string | symbol> = new Set([
  'heartbeat',
  'joinGroup',
  'leaveGroup',
  'offsetCommit',
  'offsetFetch',
  'syncGroup',
]);

/**
 * The coordinator of a group, whichever broker that is at the moment. kafkajs looks for it when it joins, and then keeps to that
 * broker for as long as it retries, also when it is dead; another broker has taken the group over by then, with all its members.
 *
 * A question that does not reach the coordinator, or that another broker ought to be asked, is asked once more where the group is
 * now. Nothing of that is noticed by kafkajs: the member stays the one that it is.
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

  const ask = (question: string | symbol, words: unknown[]): Promise<unknown> =>
    (Reflect.get(current, question) as Call).apply(current, words);

  async function askAnywhere(question: string | symbol, words: unknown[]): Promise<unknown> {
    try {
      return await ask(question, words);
    } catch (error) {
      if (!isOutage(error) && kafkaErrorType(error) !== 'NOT_COORDINATOR_FOR_GROUP') throw error;
      // Where it cannot be found, kafkajs has to hear of the failure that it knows how to retry.
      await findAgain().catch(() => {
        throw error;
      });
      return ask(question, words);
    }
  }

  return new Proxy(first, {
    get(_, name) {
      if (questions.has(name)) return (...words: unknown[]) => askAnywhere(name, words);
      // Else kafkajs would connect by itself to the broker that it was given first.
      if (name === 'isConnected') return () => true;
      const value: unknown = Reflect.get(current, name);
      return typeof value === 'function' ? value.bind(current) : value;
    },
  });
}
