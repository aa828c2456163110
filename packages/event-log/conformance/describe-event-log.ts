/**
 * Tests the contract of `event-log.ts`. The test file of each engine calls
 * this, and adds what only that engine promises.
 */
import { describe } from 'vitest';
import { describeAppending } from './appending.ts';
import { describeBlocking } from './blocking.ts';
import { describeConsuming } from './consuming.ts';
import { describeControlling } from './controlling.ts';
import { describeCrashing } from './crashing.ts';
import type { ConformanceEngine } from './engine.ts';
import { describeGroups } from './groups.ts';
import { describeKeeping } from './keeping.ts';
import { describeProcessing } from './processing.ts';
import { describeReading } from './reading.ts';
import { describeRequesting } from './requesting/requesting.ts';
import { describeRetrying } from './retrying/retrying.ts';
import { describeScheduling } from './scheduling.ts';
import { describeWindows } from './windows.ts';

export function describeEventLog(name: string, engine: ConformanceEngine): void {
  describe(`event log: ${name}`, () => {
    describe('appending', () => describeAppending(engine));
    describe('reading', () => describeReading(engine));
    describe('consuming', () => describeConsuming(engine));
    describe('several batches at once', () => describeWindows(engine));
    describe('groups', () => describeGroups(engine));
    describe('retrying', () => describeRetrying(engine));
    describe('requests and replies', () => describeRequesting(engine));
    describe('dead letters and orders', () => describeControlling(engine));
    describe('blocked partitions', () => describeBlocking(engine));
    describe('scheduling', () => describeScheduling(engine));
    describe('processing', () => describeProcessing(engine));
    describe('keeping and forgetting', () => describeKeeping(engine));
    // An engine that is reached through a port does not crash by itself.
    if (engine.features.crashRounds > 0) describe('crashing', () => describeCrashing(engine));
  });
}
