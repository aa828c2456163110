/** The words for ending an import early, for taking it back, and for trying again what failed. */
import type { UndoReason } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { Translation } from '../english/index.ts';
import { formatClock, formatContacts, formatCount, formatRows } from '../format/format.ts';
import { wordsOfCode } from '../format/known.ts';
import { ofContacts } from './genitive.ts';

/** null where neither. Impersonal forms fit every number. */
function written(added: number, changed: number): string | null {
  if (added === 0 && changed === 0) return null;
  if (changed === 0) return `Поки що додано ${formatContacts(added)}`;
  if (added === 0) return `Поки що змінено ${formatContacts(changed)}`;
  return `Поки що додано ${formatContacts(added)} і змінено ${formatCount(changed)}`;
}

function hadBeenAdded(added: number, changed: number): string {
  if (changed === 0) return `було додано ${formatRows(added)}`;
  if (added === 0) return `контакти змінено за ${formatCount(changed)} рядками`;
  return `контакти додано або змінено за ${formatCount(added + changed)} рядками`;
}

export const cancelWords: Translation['cancelWords'] = {
  label: 'Скасувати цей імпорт',
  yes: 'Так, скасувати',
  no: 'Не скасовувати',
  question: 'Скасувати цей імпорт?',
  meaning: (added, changed, left) => {
    const rest =
      left === null
        ? 'Те, чого ще не зроблено, не буде імпортовано.'
        : `Не буде імпортовано ${formatRows(left)}.`;
    const done = written(added, changed);
    return done === null
      ? `${rest} Поки що жодного контакту не змінено.`
      : `${rest} ${done}. Це залишиться, доки ви не відкличете імпорт.`;
  },
  restNotSent: 'Решту файлу не буде надіслано.',
  notSent: 'З файлу більше нічого не буде надіслано.',
  asked: {
    title: 'Запитуємо сервер, що він має з цього файлу.',
    meaning: 'Те, що він має, буде скасовано. Не закривайте цю сторінку.',
  },
  unanswered: {
    title: 'Сервер не відповідає, тож цей імпорт, можливо, ще триває.',
    meaning: 'Ця сторінка питатиме, доки імпорт не буде скасовано. Не закривайте її.',
  },
  cancelling: 'Скасовується: те, що не виконано, не буде виконано. Числа за мить стануть остаточними.',
};

export const givenUpWords: Translation['givenUpWords'] = {
  not_sent: (fileName) => `${fileName} не буде імпортовано. З нього нічого не надіслано.`,
  nothing_received: (fileName) => `${fileName} не буде імпортовано. Сервер нічого з нього не має.`,
  cut_off: (fileName) =>
    `Надсилання ${fileName} скасовано, файл не буде імпортовано. Якщо сервер усе ж отримав рядки, їх буде відкликано, а імпорт з’явиться серед попередніх.`,
};

export const takeBackWords: Translation['takeBackWords'] = {
  label: 'Відкликати цей імпорт…',
  yes: 'Так, відкликати',
  no: 'Залишити',
  question: 'Відкликати цей імпорт?',
  meaning: (added, changed) =>
    [
      added === 0 ? null : `Буде видалено ${formatContacts(added)}, доданих імпортом.`,
      changed === 0 ? null : `Попередній вміст буде повернено: ${formatContacts(changed)}.`,
      'Контакти, які хтось відтоді редагував, залишаться як є.',
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
  again: {
    label: 'Спробувати відкликати решту',
    yes: 'Так, спробувати ще раз',
    no: 'Залишити їх',
    question: 'Спробувати відкликати решту?',
    meaning: (failed, kept) => {
      const tried = `Буде нова спроба: ${formatContacts(failed)}, які не вдалося відкликати.`;
      return kept === 0 ? tried : `${tried} Те, що збережено, залишиться як є.`;
    },
  },
  phase: 'Відкликання',
  progress: (done, whole) => `${formatCount(done)} з ${ofContacts(whole)}`,
  asBefore: 'Кожен із цих контактів знову такий, як до імпорту.',
  rowsHad: 'Що зробив імпорт',
};

export const takeBackTitle: Translation['takeBackTitle'] = ({ status, rows, undo }) => {
  const running = undo === null || undo.endedAt === null;
  if (status !== 'failed') {
    if (running) return 'Імпорт відкликається';
    return undo.kept + undo.failed === 0
      ? `Відкликано: ${formatContacts(undo.reversed)}`
      : capitalised(takeBackResults(undo, formatContacts));
  }
  if (rows.created + rows.updated === 0) return 'Обірвалося, перш ніж було додано рядок';
  const had = `Обірвалося: ${hadBeenAdded(rows.created, rows.updated)}`;
  if (running) return `${had}; це відкликається`;
  if (undo.kept + undo.failed > 0) return `${had}; ${takeBackResults(undo, formatCount)}`;
  return `${had}; усе відкликано`;
};

/** A heading begins with a capital; behind other words the same stands small. */
function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase('uk') + text.slice(1);
}

export const takeBackResults: Translation['takeBackResults'] = ({ reversed, kept, failed }, format) =>
  [
    `відкликано ${format(reversed)}`,
    kept === 0 ? null : `збережено ${formatCount(kept)}`,
    failed === 0 ? null : `не вдалося відкликати ${formatCount(failed)}`,
  ]
    .filter((part) => part !== null)
    .join(', ');

const outcomes = { reversed: 'Відкликано', kept: 'Збережено', failed: 'Не відкликано' } as const;

/** By the codes of the API. */
const reasons: Record<UndoReason, string> = {
  edited_since: 'відтоді редаговано вручну',
  imported_since: 'змінено пізнішим імпортом',
  confirmed_since: 'інший імпорт приніс ті самі значення',
  page_failed: 'база даних відхилила зміну',
};

export const keptWords: Translation['keptWords'] = {
  kept: (kept) => `Збережено ${formatContacts(kept)}.`,
  failed: (failed) => `Не вдалося відкликати ${formatContacts(failed)}.`,
  tryAgain: 'Можна спробувати ще раз.',
  why: 'Те, що відтоді редаговано вручну або змінено чи повторено іншим імпортом, залишається як є.',
  show: 'Показати, які саме й чому',
  more: 'Показати більше',
  loading: 'Завантаження…',
  caption: 'Контакти, яких не відкликано',
  outcome: (outcome, reason) =>
    reason === null ? outcomes[outcome] : `${outcomes[outcome]}: ${wordsOfCode(reasons, reason)}`,
};

export const retryWords: Translation['retryWords'] = {
  label: 'Спробувати невдалі рядки ще раз',
  busy: 'Запит…',
};

export const resendWords: Translation['resendWords'] = {
  title: 'Надсилання обірвалося.',
  takenBackFirst: 'Те, що було додано, відкликається.',
  at: (retryAt) =>
    `Файл буде автоматично надіслано ще раз від початку о ${formatClock(retryAt)}. Не закривайте цю сторінку.`,
  now: 'Файл надсилається ще раз від початку. Не закривайте цю сторінку.',
  goesOnAt: (retryAt) =>
    `Надсилання автоматично продовжиться о ${formatClock(retryAt)}. Не закривайте цю сторінку.`,
  phase: (retryAt) => `Обірвалося, продовжиться о ${formatClock(retryAt)}`,
  phaseAnew: (retryAt) => `Обірвалося, буде надіслано ще раз о ${formatClock(retryAt)}`,
  trying: 'Зараз триває нова спроба. Не закривайте цю сторінку.',
  phaseNow: 'Обірвалося, триває нова спроба',
  again: 'Почнеться знову з першими отриманими рядками',
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
      return 'Очікування: жоден імпортер не працює';
    case 'aggregator':
      return 'Очікування: жоден агрегатор не працює';
    case 'database':
      return 'Очікування бази даних, яка не відповідає';
    case 'log':
      return 'Очікування журналу подій, який не відповідає';
    case 'retry':
      return attempt === undefined || attempts === undefined || at === undefined
        ? 'Очікування нової спроби'
        : `Очікування спроби ${attempt} з ${attempts} о ${formatClock(Date.parse(at))}`;
    case 'turn':
      return chunksBefore === undefined
        ? 'Очікування своєї черги'
        : `Очікування своєї черги (чужих частин попереду: ${formatCount(chunksBefore)})`;
    case 'upload':
      return 'Очікування решти файлу';
    default:
      return `Очікування: ${text}`;
  }
};
