import { describe, expect, it } from 'vitest';
import { problem, startStubApi } from '../../test/stub-api.ts';
import { createUploadLimits } from './upload-limits.ts';

const upload = { maxBytes: 1_000, maxRows: 100, maxColumns: 10, maxRecordBytes: 50 };

describe('the limits of a file', () => {
  it('are the server’s, asked for once', async () => {
    const api = await startStubApi();
    api.answer('GET /limits', () => ({ status: 200, body: { upload } }));
    const { limits, ask } = createUploadLimits({ apiUrl: api.url });
    expect(limits.peek()).toBeNull();
    await Promise.all([ask(), ask()]);
    await ask();
    expect(limits.peek()).toEqual(upload);
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]?.authorization).toBeUndefined();
  });

  it('stay unknown while the server does not tell, and are asked for again', async () => {
    const api = await startStubApi();
    api.answer('GET /limits', () => problem(503, 'unavailable'));
    const { limits, ask } = createUploadLimits({ apiUrl: api.url });
    await ask();
    expect(limits.peek()).toBeNull();
    api.answer('GET /limits', () => ({ status: 200, body: { upload } }));
    await ask();
    expect(limits.peek()).toEqual(upload);
  });
});
