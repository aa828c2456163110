import { expect, it } from 'vitest';
import { Registry } from './metrics.ts';
import { checkTables, measureTables } from './table-lag.ts';

const behind = { lag: async () => ({ records: 7, since: Date.now() - 60_000 }) };
const current = { lag: async () => ({ records: 0, since: null }) };
const busy = { lag: async () => ({ records: 7, since: Date.now() - 20 }) };

it('is ready with tables that lack nothing old, and names the one that does', async () => {
  await expect(checkTables({ current, busy })).resolves.toBeUndefined();
  await expect(checkTables({ current, countries: behind })).rejects.toThrow(
    'the table of countries is 60 s and 7 records behind',
  );
});

it('measures every table, and waits for none that does not answer', async () => {
  const registry = new Registry();
  const mute = { lag: () => new Promise<never>(() => undefined) };
  measureTables(registry, 'importer', { countries: behind, settings: current, mute });
  await registry.metrics();
  const text = await registry.metrics();
  expect(text).toMatch(/tidings_importer_table_behind_seconds\{topic="countries"\} 60/);
  expect(text).toContain('tidings_importer_table_behind_seconds{topic="settings"} 0');
  expect(text).toContain('tidings_importer_table_behind_records{topic="countries"} 7');
  expect(text).not.toContain('topic="mute"');
});
