import { describe, expect, it } from 'vitest';
import { checkRecurrence, nextRun } from './recurrence.ts';

const at = (time: string) => Date.parse(time);
const next = (cron: string, timeZone: string, after: string) =>
  new Date(nextRun({ cron, timeZone }, at(after)) ?? Number.NaN).toISOString();

describe('nextRun', () => {
  it('follows the clocks of the time zone', () => {
    expect(next('0 9 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T07:00:00.000Z');
    expect(next('0 9 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z')).toBe('2026-03-28T08:00:00.000Z');
    expect(next('0 9 * * 1', 'America/New_York', '2026-03-06T12:00:00Z')).toBe('2026-03-09T13:00:00.000Z');
  });

  it('is later than the moment itself, so that a run is followed by another one', () => {
    expect(next('0 * * * *', 'UTC', '2026-03-01T10:00:00.000Z')).toBe('2026-03-01T11:00:00.000Z');
    expect(next('0 * * * *', 'UTC', '2026-03-01T09:59:59.999Z')).toBe('2026-03-01T10:00:00.000Z');
    expect(nextRun({ everyMs: 5_000 }, 1_000)).toBe(6_000);
  });

  it('has an end where there is no such day any more', () => {
    expect(nextRun({ cron: '0 0 30 2 *', timeZone: 'UTC' }, at('2026-03-01T00:00:00Z'))).toBeNull();
  });
});

it.each([
  { cron: 'every day', timeZone: 'UTC' },
  { cron: '99 * * * *', timeZone: 'UTC' },
  { cron: '0 * * * *', timeZone: 'Europe/Atlantis' },
  { cron: `${'0,'.repeat(200)}0 * * * *`, timeZone: 'UTC' },
  { everyMs: 10 },
  { everyMs: 1_000.5 },
])('refuses %j', (recurrence) => {
  expect(() => checkRecurrence(recurrence)).toThrow(expect.objectContaining({ code: 'recurrence_invalid' }));
});
