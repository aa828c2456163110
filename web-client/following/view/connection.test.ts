import type { ChannelState, HubDegraded } from '@tidings/client/index.ts';
import { describe, expect, it } from 'vitest';
import { connectionKind } from './connection.ts';

const notice: HubDegraded = { since: '2026-03-14T09:26:53.000Z', reason: 'history_unavailable' };
const usual = { overdue: false, online: true };

describe('the connection', () => {
  it.each<[ChannelState, string]>([
    ['connecting', 'connecting'],
    ['live', 'live'],
    ['reconnecting', 'reconnecting'],
    ['draining', 'reconnecting'],
    ['closed', 'refused'],
  ])('of a channel that is %s is called %s', (state, kind) => {
    expect(connectionKind({ state, degraded: null }, usual)).toBe(kind);
  });

  it('counts as lost once the first attempt is overdue, and as offline where the device says so', () => {
    const channel = { state: 'connecting', degraded: null } as const;
    expect(connectionKind(channel, { overdue: true, online: true })).toBe('reconnecting');
    expect(connectionKind(channel, { overdue: true, online: false })).toBe('offline');
    expect(connectionKind({ ...channel, state: 'live' }, { overdue: true, online: false })).toBe('live');
  });

  it.each<ChannelState>(['connecting', 'live', 'reconnecting'])(
    'to a degraded hub counts as degraded, also where the channel is %s',
    (state) => {
      expect(connectionKind({ state, degraded: notice }, { overdue: true, online: true })).toBe('degraded');
    },
  );

  it.each<[ChannelState, string]>([
    ['draining', 'reconnecting'],
    ['closed', 'refused'],
  ])('to a degraded hub is over where the channel is %s', (state, kind) => {
    expect(connectionKind({ state, degraded: notice }, usual)).toBe(kind);
  });
});
