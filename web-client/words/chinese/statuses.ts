/** The words for what becomes of imports and of rows: every page says the same. */
import type { Translation } from '../english/index.ts';

export const statusWords: Translation['statusWords'] = {
  accepted: '已接受',
  importing: '正在导入',
  cancelling: '正在取消',
  completed: '已完成',
  completed_with_errors: '有待修正',
  failed: '已中断',
  cancelled: '已取消',
  undoing: '正在撤回',
  undone: '已撤回',
};

export const badgeWords: Translation['badgeWords'] = {
  nothingImported: '未导入任何内容',
  mended: '已全部修正',
  restIgnored: '已忽略部分行',
  notSaved: '有行未保存',
  sumsDiffer: '总数不符',
  notAvailable: '不可用',
  brokenOff: '已中断',
  notImported: '未导入',
  waiting: '等待中',
  uploading: '正在发送',
  sentAgain: '正在重新发送',
  loading: '正在加载',
};

export const bucketWords: Translation['bucketWords'] = {
  created: { name: '新建', meaning: '新联系人' },
  updated: { name: '更新', meaning: '已有，内容有变' },
  unchanged: { name: '未变', meaning: '已有，完全相同' },
  duplicate: { name: '重复', meaning: '后面的行有相同的电子邮件' },
  rejected: { name: '退回', meaning: '需要您修正' },
  failed: { name: '失败', meaning: '未能保存，请重试' },
  cancelled: { name: '取消', meaning: '未处理，提前停止' },
};

export const connectionWords: Translation['connectionWords'] = {
  connecting: '正在连接',
  live: '实时',
  degraded: '更新延迟',
  reconnecting: '正在重新连接',
  offline: '离线',
  refused: '未连接',
};

const uploadErrorWords: Readonly<Record<string, string>> = {
  connection_broken: '整个文件到达之前连接就断开了。',
  file_too_large: '文件超过了此服务器接受的大小。',
  too_many_rows: '文件的行数超过了一次导入的上限。',
  invalid_file: '该文件不是可以读取的 CSV 文件。',
  receiver_restarted: '服务器在接收文件时重新启动。',
  log_unavailable: '服务器无法安全地保存文件，因此停止接收。',
  expired: '接收文件的服务器不再有消息。',
  cancelled: '在发送文件时取消了导入。',
};

export const explainUploadError: Translation['explainUploadError'] = (uploadError) =>
  uploadErrorWords[uploadError ?? ''] ?? '整个文件到达之前发送就结束了。';
