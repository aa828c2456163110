import { AssignerProtocol, type GroupMember } from 'kafkajs';
import { expect, test } from 'vitest';
import { share } from './assigners.ts';

const member = (memberId: string, ...topics: string[]): GroupMember => ({
  memberId,
  memberMetadata: AssignerProtocol.MemberMetadata.encode({
    ...{ version: 1, topics, userData: Buffer.alloc(0) },
  }),
});

test('each partition goes to one member that consumes its topic, in turn', () => {
  const members = [member('b', 'x', 'y'), member('a', 'x'), member('c')];
  const partitions = new Map([
    ['x', [0, 1, 2]],
    ['y', [0, 1]],
  ]);
  expect(Object.fromEntries(share(members, partitions))).toEqual({
    a: { x: [0, 2] },
    b: { x: [1], y: [0, 1] },
    c: {},
  });
});

test('a topic that no member consumes is nobody’s', () => {
  expect(Object.fromEntries(share([member('a', 'x')], new Map([['y', [0]]])))).toEqual({ a: {} });
});
