/** The parts of support's pages, and the way out. */
import { sectionWords } from '../words/support-words.ts';

export const sections = [
  { name: 'imports', address: '/support', places: ['', '/imports'] },
  { name: 'services', address: '/support/services', places: ['/services'] },
  { name: 'letters', address: '/support/dead-letters', places: ['/dead-letters'] },
  { name: 'blocked', address: '/support/blocked', places: ['/blocked'] },
  { name: 'webhooks', address: '/support/webhooks', places: ['/webhooks'] },
  { name: 'audit', address: '/support/audit', places: ['/audit'] },
] as const;

export function SupportNav({ place, onLeave }: { place: string; onLeave: () => void }) {
  const isCurrent = (places: readonly string[]) =>
    places.some((start) => place === start || (start !== '' && place.startsWith(`${start}/`)));
  return (
    <nav class="support-nav" aria-label={sectionWords.label}>
      <ul>
        {sections.map(({ name, address, places }) => (
          <li key={name}>
            <a href={address} aria-current={isCurrent(places) ? 'page' : undefined}>
              {sectionWords[name]}
            </a>
          </li>
        ))}
      </ul>
      <button type="button" class="link-button" onClick={onLeave} data-testid="support-leave">
        {sectionWords.leave}
      </button>
    </nav>
  );
}
