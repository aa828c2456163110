import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { finePreview, samplePreview } from '../../test/sample-previews.ts';
import { problem, type StubApi, type StubRequest, startStubApi } from '../../test/stub-api.ts';
import type { FileCheckOptions } from '../place/check-options.ts';
import { createFileCheck } from './file-check.ts';

const ROUTE = 'POST /imports/preview';

async function start(options: FileCheckOptions = {}) {
  const api = await startStubApi();
  const file = new File(['E-Mail;Name\n', 'a@example.org;Ada\n'.repeat(20)], 'contacts.csv');
  const head = file.slice(0, 40);
  const check = createFileCheck({ file, head }, { apiUrl: api.url, ...options });
  onTestFinished(() => check.close());
  return { api, check, file };
}

/** The field of a form as it was sent. */
function fieldOf({ body }: StubRequest, name: string): string | undefined {
  return new RegExp(`name="${name}"\\r\\n\\r\\n([^\\r]*)\\r\\n`).exec(body)?.[1];
}

const lastOf = ({ requests }: StubApi) => requests.at(-1) as StubRequest;

describe('the check of a file', () => {
  it('sends the beginning of the file with the size of the whole, and shows the answer', async () => {
    const { api, check, file } = await start();
    api.answer(ROUTE, () => ({ status: 200, body: samplePreview() }));
    check.ask();
    expect(check.view.value).toMatchObject({ phase: 'asking', preview: null });
    await eventually(() => expect(check.view.value).toMatchObject({ phase: 'answered', problem: null }));
    expect(check.view.value.preview).toEqual(samplePreview());
    const { body } = lastOf(api);
    expect(fieldOf(lastOf(api), 'size')).toBe(String(file.size));
    expect(body).toContain('filename="contacts.csv"');
    expect(body.match(/example\.org/g)).toHaveLength(1);
    expect(fieldOf(lastOf(api), 'encoding')).toBeUndefined();
  });

  it('keeps what is shown while it asks about another choice, and shows the answer to the last one', async () => {
    const { api, check } = await start();
    api.answer(ROUTE, () => ({ status: 200, body: samplePreview() }));
    check.ask();
    await eventually(() => expect(check.view.value.phase).toBe('answered'));
    let answerSlow = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      answerSlow = resolve;
    });
    api.answer(ROUTE, async (request) => {
      if (fieldOf(request, 'encoding') === 'koi8-u') await slow;
      return { status: 200, body: finePreview({ encoding: 'windows-1251' }) };
    });
    check.choose({ encoding: 'koi8-u' });
    await eventually(() => expect(api.count(ROUTE)).toBe(2));
    expect(check.view.value).toMatchObject({ phase: 'asking', preview: { encoding: 'windows-1252' } });
    const overtaken = lastOf(api);
    check.choose({ encoding: 'windows-1251', mapping: { Mail: 'email' } });
    await eventually(() => expect(check.view.value).toMatchObject({ preview: { encoding: 'windows-1251' } }));
    await overtaken.closed;
    answerSlow();
    expect(fieldOf(lastOf(api), 'mapping')).toBe('{"Mail":"email"}');
    expect(check.view.value).toMatchObject({ phase: 'answered', choices: { encoding: 'windows-1251' } });
  });

  it('reads a file as one without a header where it looks like one, and says so to the import', async () => {
    const { api, check } = await start();
    api.answer(ROUTE, (request) => ({
      status: 200,
      body: finePreview({
        headerLine: 0,
        problems:
          fieldOf(request, 'headerLine') === '0'
            ? []
            : [{ code: 'no_email_column', detail: 'None.', line: 1 }],
      }),
    }));
    check.ask();
    await eventually(() => expect(check.view.value.phase).toBe('answered'));
    expect(check.view.value).toMatchObject({ choices: { headerLine: 0 }, preview: { problems: [] } });
    expect(api.count(ROUTE)).toBe(2);
  });

  it('says that the server does not answer, asks again by itself, and at once where the person wants it', async () => {
    const { api, check } = await start();
    api.answer(ROUTE, () => 'broken');
    check.ask();
    await eventually(() => expect(check.view.value.phase).toBe('waiting'));
    await eventually(() => expect(api.count(ROUTE)).toBeGreaterThan(1));
    let refusals = 0;
    // After this refusal the check would ask by itself in a minute at the earliest.
    api.answer(ROUTE, () => {
      refusals += 1;
      return { ...problem(503, 'unavailable'), headers: { 'Retry-After': '60' } };
    });
    await eventually(() => expect(refusals).toBe(1));
    expect(check.view.value.phase).toBe('waiting');
    api.answer(ROUTE, () => ({ status: 200, body: samplePreview() }));
    const before = api.count(ROUTE);
    check.ask();
    await eventually(() => expect(check.view.value.phase).toBe('answered'));
    expect(api.count(ROUTE)).toBe(before + 1);
  });

  // A server that accepted connections and answered none once left the page at “Looking inside…” for ever.
  it('takes a server that stays silent for one that does not answer', async () => {
    const { api, check } = await start({ timeoutMs: 50 });
    api.answer(ROUTE, () => new Promise(() => undefined));
    check.ask();
    await eventually(() => expect(check.view.value.phase).toBe('waiting'));
  });

  it('shows why a choice cannot be read, beside what was shown before it', async () => {
    const { api, check } = await start();
    api.answer(ROUTE, () => ({ status: 200, body: samplePreview() }));
    check.ask();
    await eventually(() => expect(check.view.value.phase).toBe('answered'));
    api.answer(ROUTE, () => problem(400, 'nul_bytes'));
    check.choose({ encoding: 'utf-16le' });
    await eventually(() => expect(check.view.value.problem).toMatchObject({ code: 'nul_bytes' }));
    expect(check.view.value.preview).toEqual(samplePreview());
    api.answer(ROUTE, () => ({ status: 200, body: finePreview() }));
    check.choose({});
    await eventually(() => expect(check.view.value).toMatchObject({ problem: null, preview: finePreview() }));
  });

  it('asks no more once it is closed', async () => {
    const { api, check } = await start();
    api.answer(ROUTE, () => new Promise(() => undefined));
    check.ask();
    await eventually(() => expect(api.count(ROUTE)).toBe(1));
    check.close();
    await lastOf(api).closed;
    expect(check.view.value.phase).toBe('asking');
  });
});
