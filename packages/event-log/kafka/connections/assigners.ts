/**
 * How the members of a group share its partitions, under the names that other clients of Kafka use, so that members of any client join the
 * same group. A group uses what all of its members know; the member that leads it assigns.
 */
import { AssignerProtocol, type Cluster, type GroupMember, type PartitionAssigner } from 'kafkajs';

/** The first one is preferred. The last one is that of kafkajs: members that run an earlier version of ours know no other. */
const names = ['roundrobin', 'range', 'RoundRobinAssigner'];
/** Of Kafka's consumer protocol: later ones add fields that this encoding leaves out. */
const version = 0;

/** @param onCluster called with the cluster of the consumer that uses the assigners */
export function assigners(onCluster: (cluster: Cluster) => void): PartitionAssigner[] {
  return names.map((name) => ({ cluster }) => {
    onCluster(cluster);
    return {
      ...{ name, version },
      protocol: ({ topics }) => ({
        name,
        metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
      }),
      assign: async ({ members, topics }) => {
        const partitions = new Map(
          topics.map((topic) => [
            topic,
            cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
          ]),
        );
        return [...share(members, partitions)].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            ...{ version, assignment, userData: Buffer.alloc(0) },
          }),
        }));
      },
    };
  });
}

type Assignment = Record<string, number[]>;

/** In turn, to the members that consume the topic. @param partitions by topic */
export function share(
  members: readonly GroupMember[],
  partitions: ReadonlyMap<string, readonly number[]>,
): Map<string, Assignment> {
  const consumed = members
    .map(({ memberId, memberMetadata }) => ({
      memberId,
      topics: new Set(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics),
    }))
    .sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  const assignments = new Map(consumed.map(({ memberId }): [string, Assignment] => [memberId, {}]));
  let turn = 0;
  for (const [topic, numbers] of partitions) {
    const eligible = consumed.filter(({ topics }) => topics.has(topic));
    for (const number of numbers) {
      const assignment = assignments.get(eligible[turn % eligible.length]?.memberId ?? '');
      turn += 1;
      if (assignment === undefined) continue;
      assignment[topic] ??= [];
      assignment[topic].push(number);
    }
  }
  return assignments;
}
