import type { StoredPartition } from './topics.ts';

export interface Candidate {
  readonly partitions: readonly StoredPartition[];
}

/**
 * Decides which member owns which partition. Of each topic, the members that consume it get the same number of partitions, plus or minus one,
 * and keep their present ones as far as that allows. Of equal members the one with the fewest partitions over all topics comes first.
 */
export function assign<Member extends Candidate>(
  members: readonly Member[],
  owners: ReadonlyMap<StoredPartition, Member>,
): Map<StoredPartition, Member> {
  const targets = new Map<StoredPartition, Member>();
  const loads = new Map<Member, number>(members.map((member) => [member, 0]));
  const wanted = new Set(members.flatMap(({ partitions }) => partitions));
  for (const topic of new Set([...wanted].map((partition) => partition.topic))) {
    const eligible = members.filter(({ partitions }) =>
      partitions.some((partition) => partition.topic === topic),
    );
    const room = rooms(topic.partitions, eligible, owners, loads);
    const give = (partition: StoredPartition, member: Member): void => {
      targets.set(partition, member);
      room.set(member, (room.get(member) ?? 0) - 1);
      loads.set(member, (loads.get(member) ?? 0) + 1);
    };
    for (const partition of topic.partitions) {
      const owner = owners.get(partition);
      if (owner && (room.get(owner) ?? 0) > 0) give(partition, owner);
    }
    for (const partition of topic.partitions) {
      if (targets.has(partition)) continue;
      const [next] = [...room]
        .filter(([, left]) => left > 0)
        .sort(([a], [b]) => load(loads, a) - load(loads, b));
      if (next) give(partition, next[0]);
    }
  }
  return targets;
}

/** The number of partitions of a topic for each member. The remainder goes to those who own most of the topic already. */
function rooms<Member>(
  partitions: readonly StoredPartition[],
  eligible: readonly Member[],
  owners: ReadonlyMap<StoredPartition, Member>,
  loads: ReadonlyMap<Member, number>,
): Map<Member, number> {
  const owned = new Map<Member, number>();
  for (const partition of partitions) {
    const owner = owners.get(partition);
    if (owner) owned.set(owner, load(owned, owner) + 1);
  }
  const ordered = [...eligible].sort(
    (a, b) => load(owned, b) - load(owned, a) || load(loads, a) - load(loads, b),
  );
  const each = Math.floor(partitions.length / eligible.length);
  const odd = partitions.length % eligible.length;
  return new Map(ordered.map((member, place) => [member, each + (place < odd ? 1 : 0)]));
}

const load = <Member>(counts: ReadonlyMap<Member, number>, member: Member): number => counts.get(member) ?? 0;
