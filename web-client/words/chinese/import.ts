/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount, formatRows } from '../format/format.ts';

export const startWords: Translation['startWords'] = {
  title: '导入联系人',
  lead: '拖入一个文件，即可看到每一行的结果：新建、更新、保持不变，或附上原因退回给您。',
  drop: '拖入联系人文件，或选择一个',
  letGo: '松开以检查文件',
  chooseFile: '选择文件',
  chooseAnotherFile: '选择其他文件',
  chooseAgain: (fileName) => `重新选择 ${fileName}`,
  accepted: (mostBytes) =>
    mostBytes === null
      ? '来自 Google、Outlook 或任何 CRM 的 CSV 和 Excel 文件。在您按下“导入”之前不会写入任何内容。'
      : `来自 Google、Outlook 或任何 CRM 的 CSV 和 Excel 文件，最大 ${formatBytes(mostBytes)}。在您按下“导入”之前不会写入任何内容。`,
  sample: '示例文件',
};

export const earlierWords: Translation['earlierWords'] = {
  title: '以前的导入',
  none: '还没有导入。有人按下“导入”后，就会显示在这里。',
  cancel: '取消',
  cancelOf: (fileName) => `取消导入 ${fileName}`,
  added: (count) => `新增 ${formatCount(count)}`,
  changed: (count) => `更改 ${formatCount(count)}`,
  toFix: (count) => `待修正 ${formatCount(count)}`,
  ignored: (count) => `忽略 ${formatCount(count)}`,
  notSaved: (count) => `未保存 ${formatCount(count)}`,
  onlyChecked: '仅检查',
  mendsAnother: '修正以前的一次导入',
  remembered: '下面是此浏览器记住的内容。',
  askAgain: '重试',
};

export const openWords: Translation['openWords'] = {
  looking: '正在查找导入…',
  title: '无法在此显示这次导入',
  detail: '没有此浏览器可以查看的导入 {importId}。它属于其他人，或已被删除。',
  importFile: '导入文件',
};

export const runWords: Translation['runWords'] = {
  keepOpen: '文件发送完成前，请保持此页面打开。',
  mayClose: '可以关闭此页面，导入会继续。',
  tellWhenDone: '完成时通知我',
  willTell: '只要此页面仍在某个标签页中打开，浏览器会在完成时通知您。',
  willNotTell: '浏览器无法通知您：请在其设置中允许此页面的通知。',
  toFixTitle: (count, fileName) => `! ${formatCount(count)} 行待修正，${fileName}`,
  progress: '进度',
  rowsByOutcome: '按结果统计的行',
  importAnother: '导入另一个文件',
  importFile: '导入文件',
  seeContacts: '查看联系人',
  sendAgain: '重新发送',
  numbersLag: (stateAt) => `以下数字截至 ${formatClock(stateAt)}。一旦能连接到服务器，本页会显示其余部分。`,
};

export const staleWords: Translation['staleWords'] = {
  offline: '此设备处于离线状态。',
  noConnection: (since) => `自 ${formatClock(since)} 起无连接。`,
  unreachable: '无法连接到服务器。',
  unsent: '文件仍在此设备上。服务器一有响应就会发送：在此之前请保持本页打开，或取消。',
  late: '实时更新可能会延迟。',
  notAvailable: '实时更新目前不可用。',
  unsentWhileLate: '文件仍在此设备上，实时更新恢复后就会发送：在此之前请保持本页打开，或取消。',
  asOf: (stateAt) => `数字截至 ${formatClock(stateAt)}。`,
  keepOpen: '请保持本页打开：文件仍在发送。',
  independent: '导入不依赖本页。',
  reconnects: '本页会自动重新连接。',
  goesOn: '导入仍在继续，没有丢失任何内容。',
  catchesUp: '本页会自动跟上。',
};

export const phaseWords: Translation['phaseWords'] = {
  upload: '发送',
  import: '导入',
  brokeOff: { atOnce: '已中断', after: (rows) => `在 ${formatRows(rows)}后中断` },
  cutOff: { atOnce: '已取消', after: (rows) => `在 ${formatRows(rows)}后取消` },
  stopped: '已停止',
  complete: (bytes) => `已完成，${formatBytes(bytes)}`,
  waiting: (bytes) => `正在等待服务器，待发送 ${formatBytes(bytes)}`,
  sent: (sentBytes, bytes) => `已发送 ${formatBytes(sentBytes)}，共 ${formatBytes(bytes)}`,
  unknown: '尚不清楚',
  receivedElsewhere: (bytes) => `目前收到 ${formatBytes(bytes)}，由另一个页面发送`,
  notStarted: '未开始',
  startsLater: '收到首批行后开始',
  soFar: (rows, why) => `目前 ${formatRows(rows)}${why}`,
  rowsOf: (rows, total) => `${formatCount(rows)}，共 ${formatRows(total)}`,
  rowsOfAbout: (rows, about) => `${formatCount(rows)}，共约 ${formatRows(about)}`,
  totalUnknown: {
    broken: '（已收到的部分）',
    sent: '；总数马上就到',
    sending: '；发送完成后才知道总数',
  },
  bytesPerSecond: (speed) => `${formatBytes(speed)}/秒`,
  rowsPerSecond: (rate) => `${formatCount(rate)} 行/秒`,
};
