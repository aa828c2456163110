/** What the audit is asked for, as it stands in the address. Pure. */
import { type AuditAction, auditActions, MAX_AUDIT_QUERY } from '@tidings/contracts/services/support.ts';

export const givers = ['support', 'owner'] as const;

export interface AuditAsked {
  /** A part of the reason, or of what was acted on; '' for any. */
  readonly q: string;
  /** null for any. */
  readonly action: AuditAction | null;
  readonly who: (typeof givers)[number] | null;
}

export function readAuditQuery(search: string): AuditAsked {
  const given = new URLSearchParams(search);
  return {
    q: (given.get('q') ?? '').slice(0, MAX_AUDIT_QUERY).trim(),
    action: auditActions.find((action) => action === given.get('action')) ?? null,
    who: givers.find((who) => who === given.get('who')) ?? null,
  };
}

export function auditAddress({ q, action, who }: AuditAsked): string {
  const search = new URLSearchParams({
    ...(q !== '' && { q }),
    ...(action !== null && { action }),
    ...(who !== null && { who }),
  }).toString();
  return search === '' ? '/support/audit' : `/support/audit?${search}`;
}

export function asksForAll({ q, action, who }: AuditAsked): boolean {
  return q === '' && action === null && who === null;
}
