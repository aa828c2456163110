/** The words for ending an import early, for taking it back, and for trying again what failed. */
import type { UndoReason } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { Translation } from '../english/index.ts';
import { formatClock, formatContacts, formatCount, formatRows } from '../format/format.ts';
import { wordsOfCode } from '../format/known.ts';

const were = (count: number) => (count === 1 ? 'wurde' : 'wurden');

/** null where neither. */
function written(added: number, changed: number): string | null {
  if (added === 0 && changed === 0) return null;
  if (changed === 0) return `Bisher ${were(added)} ${formatContacts(added)} angelegt`;
  if (added === 0) return `Bisher ${were(changed)} ${formatContacts(changed)} geändert`;
  return `Bisher ${were(added)} ${formatContacts(added)} angelegt und ${formatCount(changed)} geändert`;
}

function hadBeenAdded(added: number, changed: number): string {
  const rows = added + changed;
  const had = rows === 1 ? 'hatte' : 'hatten';
  if (changed === 0) return `${formatRows(added)} ${rows === 1 ? 'war' : 'waren'} hinzugefügt`;
  if (added === 0) return `${formatRows(changed)} ${had} Kontakte geändert`;
  return `${formatRows(rows)} waren hinzugefügt oder ${had} Kontakte geändert`;
}

export const cancelWords: Translation['cancelWords'] = {
  label: 'Diesen Import abbrechen',
  yes: 'Ja, abbrechen',
  no: 'Weiterlaufen lassen',
  question: 'Diesen Import abbrechen?',
  meaning: (added, changed, left) => {
    const rest =
      left === null
        ? 'Was noch nicht erledigt ist, wird nicht importiert.'
        : `${formatRows(left)} ${left === 1 ? 'wird' : 'werden'} nicht importiert.`;
    const done = written(added, changed);
    return done === null
      ? `${rest} Bisher wurde kein Kontakt geändert.`
      : `${rest} ${done}. Das bleibt so, bis Sie es zurücknehmen.`;
  },
  restNotSent: 'Der Rest der Datei wird nicht gesendet.',
  notSent: 'Von der Datei wird nichts mehr gesendet.',
  asked: {
    title: 'Der Server wird gefragt, was er von der Datei hat.',
    meaning: 'Was er hat, wird abgebrochen. Lassen Sie diese Seite offen.',
  },
  unanswered: {
    title: 'Der Server antwortet nicht, dieser Import läuft also vielleicht noch.',
    meaning: 'Diese Seite fragt weiter, bis der Import abgebrochen ist. Lassen Sie sie offen.',
  },
  cancelling: 'Wird abgebrochen: Was noch nicht lief, läuft nicht mehr. Die Zahlen stehen gleich fest.',
};

export const givenUpWords: Translation['givenUpWords'] = {
  not_sent: (fileName) => `${fileName} wird nicht importiert. Nichts davon wurde gesendet.`,
  nothing_received: (fileName) => `${fileName} wird nicht importiert. Der Server hat nichts davon.`,
  cut_off: (fileName) =>
    `Das Senden von ${fileName} wurde abgebrochen, die Datei wird nicht importiert. Hat der Server schon Zeilen empfangen, werden sie zurückgenommen, und der Import steht unter den früheren Importen.`,
};

export const takeBackWords: Translation['takeBackWords'] = {
  label: 'Diesen Import zurücknehmen …',
  yes: 'Ja, zurücknehmen',
  no: 'Behalten',
  question: 'Diesen Import zurücknehmen?',
  meaning: (added, changed) =>
    [
      added === 0
        ? null
        : `${formatContacts(added)}, ${added === 1 ? 'den' : 'die'} er angelegt hat, ${added === 1 ? 'wird' : 'werden'} gelöscht.`,
      changed === 0
        ? null
        : `${formatContacts(changed)}, ${changed === 1 ? 'den' : 'die'} er geändert hat, ${changed === 1 ? 'erhält' : 'erhalten'} die vorherigen Angaben zurück.`,
      'Kontakte, die seitdem jemand bearbeitet hat, bleiben, wie sie sind.',
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
  again: {
    label: 'Den Rest zurücknehmen',
    yes: 'Ja, erneut versuchen',
    no: 'So lassen',
    question: 'Den Rest zurücknehmen?',
    meaning: (failed, kept) => {
      const tried = `${formatContacts(failed)}, ${failed === 1 ? 'der' : 'die'} nicht zurückgenommen werden ${failed === 1 ? 'konnte, wird' : 'konnten, werden'} erneut versucht.`;
      return kept === 0 ? tried : `${tried} Was behalten wurde, bleibt, wie es ist.`;
    },
  },
  phase: 'Zurücknehmen',
  progress: (done, whole) =>
    `${formatCount(done)} von ${formatCount(whole)} ${whole === 1 ? 'Kontakt' : 'Kontakten'}`,
  asBefore: 'Jeder dieser Kontakte ist wieder, wie er vor dem Import war.',
  rowsHad: 'Was der Import getan hatte',
};

export const takeBackTitle: Translation['takeBackTitle'] = ({ status, rows, undo }) => {
  const running = undo === null || undo.endedAt === null;
  if (status !== 'failed') {
    if (running) return 'Der Import wird zurückgenommen';
    return undo.kept + undo.failed === 0
      ? `Zurückgenommen: ${formatContacts(undo.reversed)}`
      : takeBackResults(undo, formatContacts);
  }
  const count = rows.created + rows.updated;
  if (count === 0) return 'Unterbrochen, bevor eine Zeile hinzugefügt war';
  const had = `Unterbrochen: ${hadBeenAdded(rows.created, rows.updated)}`;
  if (running) return `${had} und ${count === 1 ? 'wird' : 'werden'} zurückgenommen`;
  if (undo.kept + undo.failed > 0) return `${had}; ${takeBackResults(undo, formatCount)}`;
  return `${had} und ${were(undo.reversed)} zurückgenommen`;
};

export const takeBackResults: Translation['takeBackResults'] = ({ reversed, kept, failed }, format) =>
  [
    `${format(reversed)} zurückgenommen`,
    kept === 0 ? null : `${formatCount(kept)} behalten`,
    failed === 0 ? null : `${formatCount(failed)} nicht zurücknehmbar`,
  ]
    .filter((part) => part !== null)
    .join(', ');

const outcomes = { reversed: 'Zurückgenommen', kept: 'Behalten', failed: 'Nicht zurückgenommen' } as const;

/** By the codes of the API. */
const reasons: Record<UndoReason, string> = {
  edited_since: 'seitdem von Hand bearbeitet',
  imported_since: 'ein späterer Import hat ihn geändert',
  confirmed_since: 'ein anderer Import hat dieselben Werte gebracht',
  page_failed: 'die Datenbank hat die Änderung abgelehnt',
};

export const keptWords: Translation['keptWords'] = {
  kept: (kept) => `${formatContacts(kept)} ${were(kept)} behalten.`,
  failed: (failed) =>
    `${formatContacts(failed)} ${failed === 1 ? 'konnte' : 'konnten'} nicht zurückgenommen werden.`,
  tryAgain: 'Sie können es erneut versuchen.',
  why: 'Was seitdem von Hand oder durch einen anderen Import geändert oder erneut gebracht wurde, bleibt unberührt.',
  show: 'Zeigen, welche und warum',
  more: 'Mehr zeigen',
  loading: 'Lädt …',
  caption: 'Kontakte, die nicht zurückgenommen wurden',
  outcome: (outcome, reason) =>
    reason === null ? outcomes[outcome] : `${outcomes[outcome]}: ${wordsOfCode(reasons, reason)}`,
};

export const retryWords: Translation['retryWords'] = {
  label: 'Fehlgeschlagene Zeilen erneut versuchen',
  busy: 'Wird angefragt …',
};

export const resendWords: Translation['resendWords'] = {
  title: 'Das Senden wurde unterbrochen.',
  takenBackFirst: 'Was hinzugefügt war, wird zurückgenommen.',
  at: (retryAt) =>
    `Die Datei wird um ${formatClock(retryAt)} Uhr von selbst noch einmal von Anfang an gesendet. Lassen Sie diese Seite offen.`,
  now: 'Die Datei wird noch einmal von Anfang an gesendet. Lassen Sie diese Seite offen.',
  goesOnAt: (retryAt) =>
    `Das Senden geht um ${formatClock(retryAt)} Uhr von selbst weiter. Lassen Sie diese Seite offen.`,
  phase: (retryAt) => `Unterbrochen, geht um ${formatClock(retryAt)} Uhr weiter`,
  phaseAnew: (retryAt) => `Unterbrochen, wird um ${formatClock(retryAt)} Uhr noch einmal gesendet`,
  trying: 'Jetzt läuft ein neuer Versuch. Lassen Sie diese Seite offen.',
  phaseNow: 'Unterbrochen, ein neuer Versuch läuft',
  again: 'Beginnt neu mit den ersten empfangenen Zeilen',
};

export const waitingWords: Translation['waitingWords'] = ({
  reason,
  text,
  chunksBefore,
  attempt,
  attempts,
  at,
}) => {
  switch (reason) {
    case 'importer':
      return 'Wartet: Es läuft kein Importer';
    case 'aggregator':
      return 'Wartet: Es läuft kein Aggregator';
    case 'database':
      return 'Wartet auf die Datenbank, die nicht antwortet';
    case 'log':
      return 'Wartet auf das Log, das nicht antwortet';
    case 'retry':
      return attempt === undefined || attempts === undefined || at === undefined
        ? 'Wartet auf einen neuen Versuch'
        : `Wartet auf Versuch ${attempt} von ${attempts} um ${formatClock(Date.parse(at))} Uhr`;
    case 'turn':
      return chunksBefore === undefined
        ? 'Wartet, bis er an der Reihe ist'
        : `Wartet, bis er an der Reihe ist (${chunksBefore === 1 ? '1 Teil' : `${formatCount(chunksBefore)} Teile`} anderer davor)`;
    case 'upload':
      return 'Wartet auf den Rest der Datei';
    default:
      return `Wartet: ${text}`;
  }
};
