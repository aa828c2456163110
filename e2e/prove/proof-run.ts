/** One run of the proof on a system that is ready: users and faults at once, then healing, then the comparison with what must be there. */
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import { pause } from '@tidings/failures/retry.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { checkNotifications } from './checks/check-notifications.ts';
import { checkRemains } from './checks/check-remains.ts';
import { Findings } from './findings.ts';
import type { Progress } from './progress.ts';
import { runFaults } from './systems/faults.ts';
import type { ProvedSystem } from './systems/proved-system.ts';
import { createPatientApi, freshTokens, type PatientApi } from './users/http.ts';
import { ProofUser } from './users/proof-user.ts';
import { rereadChannel } from './users/watched-channel.ts';

/** Two users share each owner, so that imports of one owner run at once, too. */
const owners = ['owner 1', 'owner 2', 'owner 3'];
const USERS = 6;
/** Streams of random numbers of one seed, at least as many as users and lines of faults. */
const STREAMS = 64;
/** Milliseconds from the end of all faults in which every import that was accepted must have ended. */
const ENDS_WITHIN_MS = 120_000;
/** Milliseconds in which what follows an end must be there: its notifications, and the log without it. */
const FOLLOWS_WITHIN_MS = 60_000;
const LOOK_MS = 500;

export interface ProofRunParts {
  readonly system: ProvedSystem;
  readonly minutes: number;
  readonly seed: number;
  readonly userJwtSecret: string;
  readonly signal: AbortSignal;
  readonly findings: Findings;
  readonly progress: Progress;
}

export class ProofRun {
  readonly #parts: ProofRunParts;
  /** Ends all requests: of the users that have not ended in time. */
  readonly #giveUp = new AbortController();
  readonly #api: PatientApi;
  readonly #users: readonly ProofUser[];

  constructor(parts: ProofRunParts) {
    const { system, userJwtSecret, seed, findings, progress } = parts;
    this.#parts = parts;
    const signal = AbortSignal.any([parts.signal, this.#giveUp.signal]);
    const { url, supportToken } = system;
    this.#api = createPatientApi({ url, supportToken, userJwtSecret, signal: parts.signal });
    this.#users = Array.from({ length: USERS }, (_, index) => {
      const name = `user-${index + 1}`;
      return new ProofUser({
        name,
        owner: owners[index % owners.length] ?? '',
        random: randomNumbers(seed * STREAMS + index),
        url,
        api: createPatientApi({ url, supportToken, userJwtSecret, signal }),
        signal,
        findings,
        spoiler: system.spoiler,
        mayLose: () => (progress.faults.get('loss') ?? 0) > 0,
        onNote: (line) => progress.note(`${name} ${line}`),
        onSettled: (state) => progress.settled(state),
        onDone: (what) => progress.done(what),
      });
    });
  }

  async run(): Promise<{ readonly contacts: number; readonly notifications: number }> {
    try {
      await this.#breakAndHeal();
      const states = await this.#api.listImports();
      const contacts = await this.#checkContacts();
      await this.#checkNotifications(states);
      await this.#checkRemains(states);
      const notifications = this.#channels().reduce((sum, { durable }) => sum + durable.length, 0);
      return { contacts, notifications };
    } finally {
      this.#giveUp.abort();
      for (const channel of this.#channels()) channel.close();
    }
  }

  /** Users and faults at once for the time; then the faults end, and what the users have begun comes to its end. */
  async #breakAndHeal(): Promise<void> {
    const { system, minutes, seed, signal, findings, progress } = this.#parts;
    const stopping = new AbortController();
    progress.phase('users and faults');
    const users = this.#users.map((user) => this.#watch(user, user.run(stopping.signal)));
    const faults = system.faultLines.map((line, index) =>
      runFaults(line, randomNumbers(seed * STREAMS + USERS + index), stopping.signal, (event) =>
        progress.fault(event),
      ),
    );
    // A line that cannot go on ends the proof at once.
    await Promise.race([
      pause(minutes * 60_000, signal),
      Promise.all(faults).then(() => pause(2 ** 30, signal)),
    ]);
    stopping.abort();
    progress.phase('healing');
    await Promise.all(faults);
    for (const ended of await system.heal()) findings.wrong(`${ended} had ended by itself`);
    progress.phase('waiting for the ends');
    const isInTime = await this.#within(ENDS_WITHIN_MS, async () => {
      await Promise.all(users);
      await Promise.all(this.#users.map((user) => this.#watch(user, user.resolve())));
    });
    if (!isInTime) await this.#reportWhatRuns();
    if (progress.imports === 0) findings.wrong('no import came to its end: nothing is proved');
  }

  async #watch(user: ProofUser, work: Promise<void>): Promise<void> {
    const { signal, findings } = this.#parts;
    try {
      await work;
    } catch (error) {
      if (!signal.aborted && !this.#giveUp.signal.aborted)
        findings.wrong(`${user.name} could not go on: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** @returns whether the work has ended in the time */
  async #within(milliseconds: number, work: () => Promise<void>): Promise<boolean> {
    const ended = work().then(() => true);
    const late = pause(milliseconds, this.#parts.signal).then(() => false);
    late.catch(() => undefined);
    return Promise.race([ended, late]);
  }

  async #reportWhatRuns(): Promise<void> {
    const { findings } = this.#parts;
    this.#giveUp.abort();
    const running = (await this.#api.listImports()).filter(
      (state) => !isAtRest(state) || state.reconciled === null,
    );
    for (const state of running)
      findings.wrong(`not ended ${ENDS_WITHIN_MS / 1000} s after the last fault: ${JSON.stringify(state)}`);
    for (const { name, open } of this.#users) {
      if (open === null) continue;
      const where = `${open.domain} (import ${open.waitedFor}); its contacts are not compared`;
      findings.wrong(
        `${name} had not finished ${ENDS_WITHIN_MS / 1000} s after the last fault with ${where}`,
      );
    }
  }

  /** @returns how many there are */
  async #checkContacts(): Promise<number> {
    const { findings, progress } = this.#parts;
    progress.phase('comparing contacts');
    let contacts = 0;
    for (const owner of owners) {
      const users = this.#users.filter((user) => user.owner === owner);
      // Without a search, which looks at all contacts of the owner for each domain.
      const found = await this.#api.listContacts(freshTokens(this.#api, owner), '');
      contacts += found.size;
      // Of a book in which something is under way nobody knows what it must hold; that it is so was found already.
      for (const { books, open } of users)
        for (const book of books)
          if (book !== open && book.unanswered === null) book.compare(found, findings);
    }
    return contacts;
  }

  async #checkNotifications(states: readonly ImportState[]): Promise<void> {
    const { findings, progress, system } = this.#parts;
    progress.phase('comparing notifications');
    const check = async () => {
      const found = new Findings();
      for (const channel of this.#channels())
        checkNotifications(
          channel.durable,
          states.filter(({ channelId }) => channelId === channel.channelId),
          found,
        );
      return found;
    };
    findings.add(await this.#untilNone(check));
    for (const channel of this.#channels()) {
      findings.add(channel.findings);
      const reread = await rereadChannel(system.url, channel);
      if (reread !== null) findings.wrong(reread);
    }
  }

  async #checkRemains(states: readonly ImportState[]): Promise<void> {
    const { findings, progress, system } = this.#parts;
    progress.phase('looking at database and log');
    const check = async () => {
      // Another look needs the services again, for what is not done yet.
      await system.heal();
      const inspection = await system.inspect();
      const found = new Findings();
      try {
        await checkRemains(inspection, states, owners, found);
      } finally {
        await inspection.close();
      }
      return found;
    };
    findings.add(await this.#untilNone(check));
  }

  /** Repeats a check until it finds nothing, or the time is over. @returns what the last one found */
  async #untilNone(check: () => Promise<Findings>): Promise<Findings> {
    const from = performance.now();
    for (;;) {
      const found = await check();
      if (found.none || performance.now() - from > FOLLOWS_WITHIN_MS) return found;
      await pause(LOOK_MS, this.#parts.signal);
    }
  }

  #channels() {
    return this.#users.flatMap((user) => user.channels);
  }
}
