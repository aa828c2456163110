/** Bounds the large answers of the jobs service: how many are read from the store at once, and how many are on their way. */
import { UnreadAnswers, type UnreadLimits } from '@tidings/service-kit/access/unread-answers.ts';
import PQueue from 'p-queue';

export interface AnswerLimits extends UnreadLimits {
  /** Answers that are read from the store at once; further ones wait. */
  readonly read: number;
}

const DEFAULT_READ = 4;

export class LargeAnswers extends UnreadAnswers {
  readonly #reads: PQueue;

  constructor({ read = DEFAULT_READ, ...held }: Partial<AnswerLimits> = {}) {
    super(held);
    this.#reads = new PQueue({ concurrency: read });
  }

  /** Runs the read once fewer than `AnswerLimits.read` others run. */
  read<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#reads.add(work);
  }
}
