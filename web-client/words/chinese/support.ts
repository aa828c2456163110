/** The words of the support page. `*…*` is drawn bold. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount } from '../format/format.ts';
import { takeBackResults, waitingWords } from './take-back.ts';

export const supportWords: Translation['supportWords'] = {
  title: '全部导入',
  noToken: '此页面需要支持密钥。请打开服务器启动时显示的地址；它以 {ending} 结尾',
  show: '显示',
  loadOlder: '加载更早的导入',
  loading: '正在加载…',
  none: '还没有导入',
  noneOfThisKind: '没有此类导入',
  appearsHere: '文件一开始到达，导入就会显示在这里。',
  totals: { running: '进行中', rowsPerSecond: '行/秒', troubled: '结束时有错误' },
  columns: {
    file: '文件',
    status: '状态',
    rows: '行',
    rowsPerSecond: '行/秒',
    started: '开始',
    ended: '结束',
  },
  labels: { rowsPerSecond: '行/秒', started: '开始', ended: '结束' },
  noValue: '–',
  asOf: (at) => `显示内容截至 ${formatClock(at)}。`,
  rows: (reported, total) =>
    total === null ? `目前 ${formatCount(reported)}` : `${formatCount(reported)}，共 ${formatCount(total)}`,
  undo: (undo) =>
    undo.endedAt === null ? `目前${takeBackResults(undo, formatCount)}` : takeBackResults(undo, formatCount),
  running: ({ upload, bytes, waitingFor, chunks: { completed, total } }) => {
    const phase = upload === 'receiving' ? '正在发送' : '正在导入';
    const chunks =
      total === null ? formatCount(completed) : `${formatCount(completed)}/${formatCount(total)}`;
    const progress = `${phase}，${formatBytes(bytes)}，分块 ${chunks}`;
    return waitingFor === null ? progress : `${waitingWords(waitingFor)};${progress}`;
  },
};

export const supportFilterWords: Translation['supportFilterWords'] = {
  all: '全部',
  running: '进行中',
  completed: '已完成',
  completed_with_errors: '已完成，有错误',
  failed: '已中断',
  cancelled: '已取消',
  undone: '已撤回',
  sums_differ: '总数不符',
};

export const differingWords: Translation['differingWords'] = {
  title: (count) => `${formatCount(count)} 次导入的总数与联系人旁保存的不同。`,
  meaning: '行可能丢失，或被计算了两次。作业服务的日志会指出不同之处。',
  show: '仅显示这些',
};

export const supportStaleWords: Translation['supportStaleWords'] = {
  late: (since) =>
    `*实时更新可能会延迟。*自 ${formatClock(since)} 起，显示的内容可能已变化。导入仍在继续，没有丢失任何内容。本页会自动跟上。`,
  offline: '*此设备处于离线状态。*',
  noConnection: (since) => `*自 ${formatClock(since)} 起无连接。*`,
  reconnects: '此后显示的内容可能已变化。本页会自动重新连接。',
};
