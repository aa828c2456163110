/** How the fields of a contact are called, in Chinese. */
import type { Translation } from '../english/index.ts';

export const contactFieldLabels: Translation['contactFieldLabels'] = {
  email: '电子邮件',
  firstName: '名',
  lastName: '姓',
  phone: '电话',
  company: '公司',
  country: '国家或地区',
  timeZone: '时区',
};
