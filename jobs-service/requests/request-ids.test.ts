import { createTags } from '@tidings/service-kit/access/tags.ts';
import { expect, test } from 'vitest';
import { ownerKey, publicRequestId, readRequestId } from './request-ids.ts';

const tags = createTags(['a'.repeat(32)]);
const request = { requestId: '0192f0aa-1111-8001-8fff-0123456789ab', deadline: 1_795_000_000_123 };

test('the id of a request is read by its owner and by the API key alone', () => {
  const id = publicRequestId(tags, request, ownerKey('mira'));
  expect(id).toMatch(/^[\w.-]{1,90}$/);
  expect(readRequestId(tags, id, 'mira')).toEqual(request);
  expect(readRequestId(tags, id, null)).toEqual(request);
  expect(readRequestId(tags, id, 'ada')).toBeNull();
  const ofKey = publicRequestId(tags, request, ownerKey(null));
  expect(readRequestId(tags, ofKey, null)).toEqual(request);
  expect(readRequestId(tags, ofKey, 'mira')).toBeNull();
});

test('an id that was altered, or made by another installation, is none', () => {
  const id = publicRequestId(tags, request, ownerKey('mira'));
  const later = id.replace(request.deadline.toString(36), (request.deadline + 1).toString(36));
  const foreign = publicRequestId(createTags(['b'.repeat(32)]), request, ownerKey('mira'));
  for (const one of [later, foreign, id.slice(0, -1), `${id}A`, request.requestId, ''])
    expect([readRequestId(tags, one, 'mira'), readRequestId(tags, one, null)]).toEqual([null, null]);
});
