/** The words for ending an import early, for taking it back, and for trying again what failed. */
import type { UndoReason } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { Translation } from '../english/index.ts';
import { formatClock, formatContacts, formatCount, formatRows } from '../format/format.ts';
import { wordsOfCode } from '../format/known.ts';

/** null where neither. */
function written(added: number, changed: number): string | null {
  if (added === 0 && changed === 0) return null;
  if (changed === 0) return `目前已添加 ${formatContacts(added)}`;
  if (added === 0) return `目前已更改 ${formatContacts(changed)}`;
  return `目前已添加 ${formatContacts(added)}，更改 ${formatContacts(changed)}`;
}

function hadBeenAdded(added: number, changed: number): string {
  if (changed === 0) return `已添加 ${formatRows(added)}`;
  if (added === 0) return `${formatRows(changed)}已更改联系人`;
  return `${formatRows(added + changed)}已添加或更改联系人`;
}

export const cancelWords: Translation['cancelWords'] = {
  label: '取消这次导入',
  yes: '是，取消',
  no: '让它继续',
  question: '取消这次导入吗？',
  meaning: (added, changed, left) => {
    const rest = left === null ? '尚未完成的内容将不会导入。' : `${formatRows(left)}将不会导入。`;
    const done = written(added, changed);
    return done === null
      ? `${rest}目前没有更改任何联系人。`
      : `${rest}${done}。在您撤回之前，这些内容会保留。`;
  },
  restNotSent: '文件的其余部分不会发送。',
  notSent: '文件不再发送任何内容。',
  asked: {
    title: '正在询问服务器收到了文件的哪些内容。',
    meaning: '已收到的内容会被取消。请保持本页打开。',
  },
  unanswered: {
    title: '服务器没有响应，因此这次导入可能仍在进行。',
    meaning: '本页会一直询问，直到导入被取消。请保持打开。',
  },
  cancelling: '正在取消：尚未执行的不会再执行。数字马上就会确定。',
};

export const givenUpWords: Translation['givenUpWords'] = {
  not_sent: (fileName) => `${fileName} 不会导入。没有发送任何内容。`,
  nothing_received: (fileName) => `${fileName} 不会导入。服务器没有收到任何内容。`,
  cut_off: (fileName) =>
    `${fileName} 的发送已取消，文件不会导入。如果服务器已收到部分行，这些行会被撤回，这次导入会列在“以前的导入”中。`,
};

export const takeBackWords: Translation['takeBackWords'] = {
  label: '撤回这次导入…',
  yes: '是，撤回',
  no: '保留',
  question: '撤回这次导入吗？',
  meaning: (added, changed) =>
    [
      added === 0 ? null : `它添加的 ${formatContacts(added)}会被删除。`,
      changed === 0 ? null : `它更改的 ${formatContacts(changed)}会恢复原来的内容。`,
      '此后有人编辑过的联系人保持原样。',
    ]
      .filter((sentence) => sentence !== null)
      .join(''),
  again: {
    label: '尝试撤回其余部分',
    yes: '是，重试',
    no: '保持原样',
    question: '尝试撤回其余部分吗？',
    meaning: (failed, kept) => {
      const tried = `将重试未能撤回的 ${formatContacts(failed)}。`;
      return kept === 0 ? tried : `${tried}已保留的保持原样。`;
    },
  },
  phase: '正在撤回',
  progress: (done, whole) => `${formatCount(done)}，共 ${formatContacts(whole)}`,
  asBefore: '这些联系人都已恢复到导入之前的样子。',
  rowsHad: '这次导入的结果',
};

export const takeBackTitle: Translation['takeBackTitle'] = ({ status, rows, undo }) => {
  const running = undo === null || undo.endedAt === null;
  if (status !== 'failed') {
    if (running) return '正在撤回这次导入';
    return undo.kept + undo.failed === 0
      ? `已撤回：${formatContacts(undo.reversed)}`
      : takeBackResults(undo, formatContacts);
  }
  if (rows.created + rows.updated === 0) return '在添加任何行之前就已中断';
  const had = `已中断：${hadBeenAdded(rows.created, rows.updated)}`;
  if (running) return `${had}，正在撤回`;
  if (undo.kept + undo.failed > 0) return `${had}；${takeBackResults(undo, formatCount)}`;
  return `${had}，并已撤回`;
};

export const takeBackResults: Translation['takeBackResults'] = ({ reversed, kept, failed }, format) =>
  [
    `已撤回 ${format(reversed)}`,
    kept === 0 ? null : `保留 ${formatCount(kept)}`,
    failed === 0 ? null : `无法撤回 ${formatCount(failed)}`,
  ]
    .filter((part) => part !== null)
    .join('，');

const outcomes = { reversed: '已撤回', kept: '已保留', failed: '未撤回' } as const;

/** By the codes of the API. */
const reasons: Record<UndoReason, string> = {
  edited_since: '此后被手动编辑过',
  imported_since: '被之后的导入更改过',
  confirmed_since: '另一次导入带来了相同的值',
  page_failed: '数据库拒绝了更改',
};

export const keptWords: Translation['keptWords'] = {
  kept: (kept) => `已保留 ${formatContacts(kept)}。`,
  failed: (failed) => `${formatContacts(failed)}无法撤回。`,
  tryAgain: '您可以重试。',
  why: '此后被手动编辑过、被其他导入更改过或再次写入过的内容不会改动。',
  show: '显示哪些以及原因',
  more: '显示更多',
  loading: '正在加载…',
  caption: '未撤回的联系人',
  outcome: (outcome, reason) =>
    reason === null ? outcomes[outcome] : `${outcomes[outcome]}：${wordsOfCode(reasons, reason)}`,
};

export const retryWords: Translation['retryWords'] = {
  label: '重试失败的行',
  busy: '正在请求…',
};

export const resendWords: Translation['resendWords'] = {
  title: '发送中断。',
  takenBackFirst: '已添加的内容正在撤回。',
  at: (retryAt) => `文件将于 ${formatClock(retryAt)} 从头自动重新发送。请保持本页打开。`,
  now: '正在从头重新发送文件。请保持本页打开。',
  goesOnAt: (retryAt) => `发送将于 ${formatClock(retryAt)} 自动继续。请保持本页打开。`,
  phase: (retryAt) => `已中断，将于 ${formatClock(retryAt)} 继续`,
  phaseAnew: (retryAt) => `已中断，将于 ${formatClock(retryAt)} 重新发送`,
  trying: '正在重试。请保持本页打开。',
  phaseNow: '已中断，正在重试',
  again: '收到首批行后重新开始',
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
      return '正在等待：没有运行中的导入器';
    case 'aggregator':
      return '正在等待：没有运行中的汇总器';
    case 'database':
      return '正在等待没有响应的数据库';
    case 'log':
      return '正在等待没有响应的事件日志';
    case 'retry':
      return attempt === undefined || attempts === undefined || at === undefined
        ? '正在等待重试'
        : `等待于 ${formatClock(Date.parse(at))} 进行第 ${attempt} 次尝试，共 ${attempts} 次`;
    case 'turn':
      return chunksBefore === undefined
        ? '正在排队'
        : `正在排队（前面还有 ${formatCount(chunksBefore)} 个其他分块）`;
    case 'upload':
      return '正在等待文件的其余部分';
    default:
      return `正在等待：${text}`;
  }
};
