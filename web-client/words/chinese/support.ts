/** The words of support's pages, in Chinese. `*…*` is drawn bold. */
import type { SupportTranslation } from '../english/support.ts';
import { formatClock, formatCount } from '../format/format.ts';
import { takeBackResults } from './take-back.ts';

export const chineseSupport: SupportTranslation = {
  sections: {
    label: '支持的各部分',
    imports: '导入',
    leave: '退出',
    noKey: '此页面需要支持密钥。请打开服务器启动时显示的地址；它以 {ending} 结尾',
    keyRefused: { title: '此支持密钥无效', detail: '请从服务器的输出中重新复制地址。' },
    sessionEnded: {
      title: '此支持会话已结束',
      detail: '请重新打开服务器启动时显示的地址。会话持续十二小时。',
    },
    copyId: (id) => `复制编号 ${id}`,
    copied: '编号已复制。',
  },
  list: {
    title: '全部导入',
    search: '文件或编号',
    owner: '所有者',
    status: '显示',
    ofOwner: (owner) => `仅 ${owner} 的导入`,
    loadOlder: '加载更早的导入',
    loading: '正在加载…',
    none: '还没有导入',
    noneFound: '没有匹配的导入',
    appearsHere: '文件一开始到达，导入就会显示在这里。',
    running: '进行中',
    waiting: '等待中',
    oldest: '最长',
    look: '需要查看',
    rowsPerSecond: '行/秒',
    fresh: (count) => `${count} 个新的 – 显示`,
    columns: {
      status: '状态',
      file: '文件、所有者',
      rows: '行',
      now: '当前',
      rate: '速度',
      started: '开始',
      took: '用时',
    },
    noValue: '–',
    asOf: (at) => `显示内容截至 ${formatClock(at)}。`,
    rows: (reported, total) =>
      total === null ? `目前 ${formatCount(reported)}` : `${formatCount(reported)}，共 ${formatCount(total)}`,
    rate: (count) => `${count} 行/秒`,
    uploading: (bytes) => `正在接收，目前 ${bytes}`,
    stuck: '没有进展',
    undo: (undo) =>
      undo.endedAt === null
        ? `目前${takeBackResults(undo, formatCount)}`
        : takeBackResults(undo, formatCount),
  },
  filters: {
    all: '全部',
    running: '进行中',
    waiting: '等待中',
    look: '需要查看',
    completed: '已完成',
    completed_with_errors: '已完成，有错误',
    failed: '已中断',
    cancelled: '已取消',
    undone: '已撤回',
    sums_differ: '总数不符',
  },
  differing: {
    one: '一次导入的总数与联系人旁保存的不同。',
    several: (count) => `${count} 次导入的总数与联系人旁保存的不同。`,
    meaning: '行可能丢失，或被计算了两次。作业服务的日志会指出不同之处。',
    show: '仅显示这些',
  },
  late: {
    late: (since) =>
      `*实时更新可能会延迟。*自 ${formatClock(since)} 起，显示的内容可能已变化。导入仍在继续，没有丢失任何内容。本页会自动跟上。`,
    offline: '*此设备处于离线状态。*',
    noConnection: (since) => `*自 ${formatClock(since)} 起无连接。*`,
    reconnects: '此后显示的内容可能已变化。本页会自动重新连接。',
  },
};
