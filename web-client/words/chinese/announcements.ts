/** What a screen reader is told, sentence by sentence. */
import { type Bucket, type BucketCounts, buckets } from '@tidings/contracts/imports/import.ts';
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatRows } from '../format/format.ts';
import { summaryWords } from './ending.ts';
import { cancelWords } from './take-back.ts';

export const announcements: Translation['announcements'] = {
  ofFile: (fileName, sentence) => `${fileName}：${sentence}`,
  uploadStarted: '已开始发送。',
  uploadComplete: (total) => `发送完成。文件共 ${formatRows(total)}。`,
  quarter: (percent, rows, total) =>
    `已导入百分之 ${percent}，${formatCount(rows)}，共 ${formatRows(total)}。`,
  ended: (status, rows) => `${status}。${spokenRows(rows)}。`,
  cancelling: '正在取消导入。',
  takenBack: (result) => `${result}。`,
  uploadGoesOn: '发送中断。会自动继续：请保持本页打开。',
  waiting: (what) => `${what}。`,
  keptShown: (count) => `显示了未撤回的 ${formatContacts(count)}。`,
  problem: (title, detail) => `${title}。${detail}`,
  cancelUnanswered: `${cancelWords.unanswered.title}${cancelWords.unanswered.meaning}`,
  sumsDiffer: summaryWords.sumsDiffer,
  keepPageOpen: '请保持本页打开：文件仍在发送。',
  importGoesOn: '导入不依赖本页。',
  importsGoOn: '导入不依赖本页。',
  unsentWhileLate: '实时更新目前不可用。恢复后就会发送文件。',
  unsentWhileAway: '无法连接到服务器。文件仍在此设备上，能连接时就会发送。',
  updatesLate: '实时更新可能会延迟。导入仍在继续，本页会自动跟上。',
  updatesBack: '实时更新已恢复。',
  connectionLost: (meaning) => `连接已断开，正在重新连接。${meaning}`,
  connectedAgain: '已重新连接。',
};

const spokenBuckets: Record<Bucket, string> = {
  created: '新建',
  updated: '更新',
  unchanged: '未变',
  duplicate: '重复',
  rejected: '退回',
  failed: '失败',
  cancelled: '取消',
};

function spokenRows(rows: BucketCounts): string {
  const filled = buckets.filter((bucket) => rows[bucket] > 0);
  if (filled.length === 0) return '文件没有数据行';
  return filled.map((bucket) => `${spokenBuckets[bucket]} ${formatCount(rows[bucket])}`).join('，');
}
