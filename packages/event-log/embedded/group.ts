import { PartitionLostError } from '../engine/failures.ts';
import { assign, type Candidate } from './assignment.ts';
import type { StoredPartition } from './topics.ts';

/** A member's right to a partition, for as long as it owns it. */
export interface Lease {
  readonly partition: StoredPartition;
  /** Throws PartitionLostError once another member owns the partition. Call it where a commit is prepared. */
  guard(): void;
}

/** Works off a partition that a member owns. */
export interface MemberWorker {
  /** Takes no new batch; resolves when the running handler has ended and its position is committed. Safe to call twice. */
  drain(): Promise<void>;
  /** Another member owns the partition: nothing that is running counts. */
  lose(): void;
}

export interface Member extends Candidate {
  start(lease: Lease): MemberWorker;
}

export interface EmbeddedGroupOptions {
  /** Resolves when every commit that was submitted before is written, or has failed. */
  settled(): Promise<void>;
  /** Milliseconds that an owner may take to give up a partition before it is fenced. */
  readonly handoverTimeoutMs: number;
}

interface Ownership {
  owner: { readonly member: Member; readonly worker: MemberWorker } | null;
  target: Member | null;
  /** Rises with each change of the owner. A commit under an older number is refused. */
  generation: number;
  moving: boolean;
}

/**
 * The members of one group, and who owns which partition. A partition moves in three steps: its owner drains, or is
 * fenced when the hand-over time is over; its commits are written; the next owner starts.
 */
export class Group {
  private readonly options: EmbeddedGroupOptions;
  private readonly members: Member[] = [];
  private readonly ownerships = new Map<StoredPartition, Ownership>();

  constructor(options: EmbeddedGroupOptions) {
    this.options = options;
  }

  /** The number of members. */
  get size(): number {
    return this.members.length;
  }

  join(member: Member): void {
    this.members.push(member);
    this.rebalance();
  }

  /** Resolves when the member's workers have ended. */
  async leave(member: Member): Promise<void> {
    const drained = [...this.ownerships.values()]
      .filter(({ owner }) => owner?.member === member)
      .map(({ owner }) => owner?.worker.drain());
    this.remove(member);
    this.rebalance();
    await Promise.all(drained);
  }

  /** Removes a dead member: its partitions move at once, and its uncommitted work does not count. */
  evict(member: Member): void {
    this.remove(member);
    for (const ownership of this.ownerships.values()) {
      if (ownership.owner?.member !== member) continue;
      ownership.generation += 1;
      ownership.owner.worker.lose();
      ownership.owner = null;
    }
    this.rebalance();
  }

  private remove(member: Member): void {
    const place = this.members.indexOf(member);
    if (place >= 0) this.members.splice(place, 1);
  }

  private rebalance(): void {
    const owners = new Map<StoredPartition, Member>();
    for (const [partition, { owner }] of this.ownerships) if (owner) owners.set(partition, owner.member);
    const targets = assign(this.members, owners);
    for (const partition of targets.keys()) {
      if (this.ownerships.has(partition)) continue;
      this.ownerships.set(partition, { owner: null, target: null, generation: 0, moving: false });
    }
    for (const [partition, ownership] of this.ownerships) {
      ownership.target = targets.get(partition) ?? null;
      void this.settle(partition, ownership);
    }
  }

  /** Moves the partition until the right member owns it, also where the right member changes meanwhile. */
  private async settle(partition: StoredPartition, ownership: Ownership): Promise<void> {
    if (ownership.moving) return;
    ownership.moving = true;
    while ((ownership.owner?.member ?? null) !== ownership.target) {
      if (ownership.owner) await this.endedOrLost(ownership.owner.worker);
      ownership.owner = null;
      ownership.generation += 1;
      // The next owner meets a failed write: it reads the position before it starts.
      await this.options.settled().catch(() => undefined);
      if (ownership.target) this.give(partition, ownership, ownership.target);
    }
    ownership.moving = false;
  }

  private give(partition: StoredPartition, ownership: Ownership, member: Member): void {
    ownership.generation += 1;
    const { generation } = ownership;
    const guard = (): void => {
      if (ownership.generation !== generation) {
        throw new PartitionLostError(partition.topic.specification.name, partition.number);
      }
    };
    ownership.owner = { member, worker: member.start({ partition, guard }) };
  }

  private async endedOrLost(worker: MemberWorker): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        worker.lose();
        resolve();
      }, this.options.handoverTimeoutMs);
      timer.unref();
    });
    await Promise.race([worker.drain(), tooLate]);
    clearTimeout(timer);
  }
}
