/** The words of support's pages. `*…*` is drawn bold. */
import type { UndoProgress } from '@tidings/contracts/imports/import.ts';
import { formatClock, formatCount } from '../format/format.ts';
import type { Translated } from './index.ts';
import { takeBackResults } from './take-back.ts';

const sections = {
  label: 'Parts of support',
  imports: 'Imports',
  services: 'Services',
  audit: 'Audit',
  letters: 'Dead letters',
  blocked: 'Blocked',
  webhooks: 'Webhooks',
  leave: 'Sign out',
  noKey:
    'This page needs support’s key. Open the address that the server prints when it starts; it ends in {ending}',
  keyRefused: {
    title: 'This support key is not valid',
    detail: 'Copy the address again from the server’s output.',
  },
  sessionEnded: {
    title: 'This support session has ended',
    detail: 'Open the address again that the server prints when it starts. A session lasts twelve hours.',
  },
  copyId: (id: string) => `Copy the id ${id}`,
  copied: 'The id was copied.',
} as const;

const list = {
  title: 'All imports',
  search: 'File or id',
  owner: 'Owner',
  status: 'Show',
  ofOwner: (owner: string) => `Only imports of ${owner}`,
  loadOlder: 'Load older imports',
  loading: 'Loading…',
  none: 'No imports yet',
  noneFound: 'No import matches',
  found: (count: string) => `Imports that match: ${count}`,
  appearsHere: 'An import appears here as soon as its file begins to arrive.',
  running: 'running',
  waiting: 'waiting',
  oldest: 'longest',
  look: 'to look at',
  rowsPerSecond: 'rows/s',
  oldestChunk: 'oldest waiting chunk',
  troubles: 'services to look at',
  fresh: (count: string) => `${count} new – show`,
  freshShown: (count: string) => `New imports shown: ${count}.`,
  columns: {
    status: 'Status',
    file: 'File, owner',
    rows: 'Rows',
    now: 'Now',
    rate: 'Rate',
    started: 'Started',
    took: 'Took',
  },
  noValue: '–',
  asOf: (at: number): string => `What is shown is as of ${formatClock(at)}.`,
  /** @param total null while it is not known */
  rows: (reported: number, total: number | null) =>
    total === null ? `${formatCount(reported)} so far` : `${formatCount(reported)} of ${formatCount(total)}`,
  rate: (count: string) => `${count} rows/s`,
  uploading: (bytes: string) => `Receiving, ${bytes} so far`,
  stuck: 'No progress',
  /** What an undo has done so far, or in all. */
  undo: (undo: UndoProgress) =>
    `${undo.endedAt === null ? 'so far ' : ''}${takeBackResults(undo, formatCount)}`,
} as const;

const filters = {
  all: 'All',
  running: 'Running',
  waiting: 'Waiting',
  look: 'To look at',
  completed: 'Completed',
  completed_with_errors: 'Rows to fix',
  failed: 'Broken off',
  cancelled: 'Cancelled',
  undone: 'Taken back',
  sums_differ: 'Totals differ',
} as const;

/** The alarm where the totals of imports do not match the stored contacts. */
const differing = {
  one: 'The totals of one import do not match the stored contacts.',
  several: (count: string) => `The totals of ${count} imports do not match the stored contacts.`,
  meaning: 'Rows may be lost, or counted twice. The log of the jobs service names what differs.',
  show: 'Show only these',
} as const;

const late = {
  late: (since: number) =>
    `*Live updates may be late.* What is shown may have changed since ${formatClock(since)}. Imports go on, and nothing is lost. This page catches up by itself.`,
  offline: '*This device is offline.*',
  noConnection: (since: number) => `*No connection since ${formatClock(since)}.*`,
  reconnects: 'What is shown may have changed since. This page reconnects by itself.',
} as const;

const story = {
  title: 'One import',
  standing: 'How it stands',
  story: 'What has happened',
  nothing: 'The log tells nothing of it any more.',
  more: 'Show more',
  moreShown: (count: string) => `More shown: ${count}.`,
  facts: { owner: 'Owner', id: 'Id', started: 'Started', lasts: 'Running for', took: 'Took', bytes: 'Size' },
  /** @param what a status, or one of `toldOf` */
  told: (what: string) => `The owner was told: ${what}`,
  toldOf: {
    progress: 'how far it is',
    accepted: 'accepted',
    sealed: 'the file is in',
    chunk_failed: 'a chunk failed',
    chunks_lost: 'chunks are lost',
    reconciled: 'compared with the stored contacts',
    rest_ignored: 'what is left to fix is ignored',
    rest_shown: 'what is left to fix is shown again',
  },
  order: (who: string, action: string) => `${action} (${who})`,
  actions: {
    cancel: 'Ordered: cancel',
    undo: 'Ordered: take back',
    retry: 'Ordered: try again',
    requeue: 'Ordered: work off again',
    skip: 'Ordered: give up',
  },
  webhook: (host: string, status: string) => `Webhook to ${host}: ${status}`,
  until: (clock: string) => `until ${clock}`,
} as const;

/** By the types of events. */
const events = {
  'import.accepted': 'Accepted',
  'upload.sealed': 'The whole file has arrived',
  'upload.aborted': 'The upload broke off',
  'upload.expired': 'The upload was given up',
  'chunk.completed': 'Worked off',
  'chunk.retrying': 'Failed, is tried again',
  'chunk.failed': 'Failed for good',
  'chunk.requeued': 'Worked off again',
  'work.lost': 'Chunks are gone',
  'work.stopped': 'Nothing of it runs any more',
  'import.cancel': 'Cancelled',
  'import.undo': 'Taking back begins',
  'undo.page_completed': 'Taken back, page by page',
  'undo.page_retrying': 'A page could not be taken back, is tried again',
  'undo.page_failed': 'A page could not be taken back',
  'undo.page_requeued': 'A page is taken back again',
  'import.compared': 'Compared with the stored contacts',
  'chunk.unsettled': 'Reported out of its time',
  'webhook.delivery': 'Is to go to a webhook',
  'webhook.attempted': 'An attempt at a webhook',
} as const;

const chunks = {
  title: 'Chunks',
  none: 'None has been reported yet.',
  which: 'Which chunks are listed',
  needy: (count: string) => `To look at (${count})`,
  all: (count: string) => `All (${count})`,
  first: (count: string, total: string) => `The first ${count} of ${total} are shown.`,
  name: (number: string) => `Chunk ${number}`,
  line: (line: string) => `from line ${line}`,
  rows: (count: string) => `${count} rows`,
  attempts: (count: string) => `failed attempts: ${count}`,
  next: (clock: string) => `next attempt at ${clock}`,
  /** Its time has come. */
  nextNow: 'next attempt now',
  statuses: {
    waiting: 'waiting',
    retrying: 'tried again',
    completed: 'done',
    dead: 'failed, waits for somebody',
    skipped: 'given up',
    lost: 'gone',
    cancelled: 'cancelled',
  },
} as const;

const orders = {
  reason: 'Reason, which the audit keeps',
  missing: 'Give a reason.',
  leave: 'Leave it',
  ordered: 'Ordered. It is carried out in a moment.',
  requeued: (count: string) => `Ordered. Chunks that are worked off again: ${count}.`,
  rowsOfChunk: (count: string) => `It has ${count} rows.`,
  rowsUnknown: 'How many rows it has is not known.',
  requeueAll: {
    label: 'Work off all failed chunks again',
    question: 'Work off all failed chunks again?',
    meaning: (count: string) => `Chunks that failed and wait for somebody: ${count}.`,
    rows: (rows: string) => `${rows} could not be saved.`,
  },
  requeueChunk: { label: 'Work off again', question: 'Work this chunk off again?' },
  retryChunk: { label: 'Try at once', question: 'Try this chunk at once?' },
  skipChunk: {
    label: 'Give up',
    question: 'Give this chunk up for good?',
    meaning: 'They stay failed, and what is kept of them is removed.',
  },
} as const;

const letters = {
  title: 'Dead letters',
  lead: 'Records that were given up after their attempts, and wait for somebody.',
  none: 'Nothing waits for somebody.',
  choose: (name: string) => `Choose ${name}`,
  chosen: (count: string, all: string) => `Chosen: ${count} of ${all}`,
  howMany: (count: string) => `Chosen: ${count}.`,
  first: (count: string) => `The first ${count} are shown.`,
  ordered: 'ordered',
  outcome: (ordered: string, refused: string) => `Ordered: ${ordered}. Refused: ${refused}.`,
  itsImport: 'its import',
  requeue: {
    label: 'Work off again',
    question: 'Work these off again?',
    meaning: 'They go back to where they came from, as if no attempt had been made.',
  },
  skip: {
    label: 'Give up',
    question: 'Give these up for good?',
    meaning: 'What is kept of them is removed.',
  },
  deliveries: {
    waiting: 'waiting',
    delivered: 'delivered',
    dead: 'failed, given up',
    skipped: 'skipped',
  },
} as const;

const blocked = {
  title: 'Blocked partitions',
  lead: 'What stands at a record that fails each time. It is tried again by itself; nothing behind it is worked off before.',
  since: 'stands for',
  retry: {
    label: 'Try at once',
    question: 'Try these at once?',
    meaning: 'Their records are tried without a further pause.',
  },
  skip: {
    label: 'Pass over',
    question: 'Pass these records over?',
    meaning: 'Exactly these records are never worked off.',
  },
} as const;

const webhooks = {
  title: 'Webhooks',
  lead: 'Where outcomes are sent, and how it goes. Deliveries of a webhook go in order.',
  none: 'There are no webhooks.',
  noDeliveries: 'Nothing was sent yet.',
  statuses: { enabled: 'switched on', retrying: 'trying again', disabled: 'disabled' },
  waiting: (count: string) => `waiting: ${count}`,
  attempts: (count: string) => `attempts: ${count}`,
  unblock: 'Try at once',
  deliveries: 'Deliveries',
  resend: 'Send again',
  /** What is asked before support orders it, and what it means. */
  orders: {
    unblock: {
      question: 'Try this webhook at once?',
      meaning:
        'The next delivery is sent without a further pause. A webhook that is disabled is switched on again.',
    },
    resend: {
      question: 'Send this delivery again?',
      meaning: 'It goes behind what waits, under the same id.',
    },
    skip: {
      question: 'Skip this delivery?',
      meaning: 'It is never sent, and the next one follows.',
    },
  },
  answered: (status: string) => `answered ${status}`,
  answerBegins: 'The answer begins:',
  /** By the codes of failures. */
  errors: {
    status_not_2xx: 'the answer is no success',
    redirect_not_followed: 'the answer leads elsewhere, where nothing is sent',
    gone: 'the server asked for nothing more',
    timeout: 'no answer in time',
    name_not_found: 'there is no server of this name',
    connection_failed: 'no connection',
    tls_failed: 'the connection cannot be secured; look at the certificate',
    address_forbidden: 'the address is not public',
    secret_unreadable: 'the secret cannot be read; make a new one',
    endpoint_disabled: 'the webhook was disabled',
    queue_full: 'too many waited already',
  },
  skip: 'Skip',
} as const;

const health = {
  title: 'Services',
  lead: 'Which services and engines answer, since when, and how far each consumer group is behind.',
  allWell: 'Everything answers, and no group is late.',
  troubles: (count: string) => `To look at: ${count}`,
  engines: 'Engines',
  services: 'Services, by process',
  groups: 'Consumer groups',
  engineNames: { log: 'Log', contacts: 'Database', redis: 'Redis' },
  answers: 'answering',
  away: 'not answering',
  /** Stands before how long it is so. */
  since: 'for',
  nobody: 'No process reports.',
  readyOf: (ready: string, all: string) => `${ready} of ${all} ready`,
  statuses: {
    ready: 'ready',
    degraded: 'degraded',
    silent: 'silent: it reports no more',
    unknown: 'not known while the log is away',
  },
  columns: { group: 'Group, service', members: 'Members', waiting: 'Waiting', oldest: 'Oldest' },
  noGroups: 'The log does not tell at the moment how far the groups are behind.',
} as const;

const audit = {
  title: 'Audit',
  lead: 'What people have ordered, and why: the newest 10,000 entries of a year at most.',
  search: 'Reason, or what was acted on',
  action: 'Action',
  who: 'By whom',
  anything: 'Any',
  anyone: 'Anybody',
  givers: { support: 'by support', owner: 'by the owner' },
  actions: {
    requeue: 'Work off again',
    skip: 'Give up or pass over',
    retry: 'Try at once',
    cancel: 'Cancel an import',
    undo: 'Take an import back',
    erase: 'Erase an owner',
    revoke_tokens: 'Take tokens back',
    change_country: 'Change a country',
    take_back_country: 'Take a change of a country back',
    unblock_webhook: 'Try a webhook at once',
    test_webhook: 'Send a test to a webhook',
    remove_webhook: 'Delete a webhook',
    resend_delivery: 'Send a delivery again',
    skip_delivery: 'Skip a delivery',
  },
  none: 'Nobody has ordered anything yet',
  noneFound: 'No entry matches',
  found: (count: string) => `Entries that match: ${count}`,
  noReason: 'no reason given',
  older: 'Show older entries',
} as const;

/** An owner's page of webhooks, which shares its other words with support's. */
const ownWebhooks = {
  title: 'Webhooks',
  lead: 'Your server is told how each import ends: signed, in order, and tried again for three days.',
  address: 'Address of your server',
  add: 'Add webhook',
  adding: 'Adding…',
  secretOf: (url: string) => `The secret of ${url}`,
  secretOnce: 'Keep it where your server can read it. It is shown this once.',
  none: 'There are no webhooks yet',
  test: 'Send a test',
  tested: 'A test is on its way; it is listed among the deliveries.',
  testDelivered: (url: string) => `The test was delivered to ${url}`,
  testFailed: (url: string, why: string) => `The test has not reached ${url}: ${why}`,
  removed: (url: string) => `The webhook was deleted: ${url}`,
  full: (count: string) => `There are ${count} webhooks already, and no more may be. Delete one first.`,
  /** Why an address is not taken. */
  faults: {
    missing: 'Enter the address of your server.',
    no_address: 'This is no address. It begins with https://, such as https://example.org/hook.',
    not_https: 'The address must begin with https://.',
    credentials: 'The address may hold no user name and no password.',
    not_public: 'The address leads to no server on the internet. Private addresses are not sent to.',
  },
  rotate: {
    label: 'New secret',
    question: 'Make a new secret?',
    meaning: 'For a day each delivery has two signatures, so that your server knows one of them.',
    yes: 'Make it',
    no: 'Keep the secret',
  },
  remove: {
    label: 'Delete',
    question: 'Delete this webhook?',
    meaning: 'What waits for it is deleted as well.',
    yes: 'Delete it',
    no: 'Keep it',
  },
} as const;

export const englishSupport = {
  ...{ sections, list, filters, differing, late },
  ...{ story, events, chunks, orders },
  ...{ letters, blocked, webhooks },
  ...{ health, audit, ownWebhooks },
};

export type SupportTranslation = Translated<typeof englishSupport>;
