// SPDX-License-Identifier: Apache-2.0
import {
  type Icon,
  IconBolt,
  IconCalendarEvent,
  IconCash,
  IconChartBar,
  IconCoin,
  IconDownload,
  IconEye,
  IconFilterStar,
  IconForms,
  IconMail,
  IconMailbox,
  IconMessage,
  IconNote,
  IconPhone,
  IconReceiptRefund,
  IconShieldCheck,
  IconShoppingCart,
  IconTicket,
  IconUser,
  IconWalk,
} from '@tabler/icons-react';

const ofType: Record<string, Icon> = {
  call: IconPhone,
  email: IconMail,
  message: IconMessage,
  chat: IconMessage,
  visit: IconWalk,
  letter: IconMailbox,
  post: IconMailbox,
  meeting: IconCalendarEvent,
  note: IconNote,
  purchase: IconShoppingCart,
  return: IconReceiptRefund,
  payment: IconCash,
  page_view: IconEye,
  form: IconForms,
  download: IconDownload,
  // the first word of a fact's name
  deal: IconCoin,
  ticket: IconTicket,
  segment: IconFilterStar,
  customer: IconUser,
  consent: IconShieldCheck,
  figure: IconChartBar,
};

/** For a type of interaction, or the name of a fact. */
export const signOf = (name: string): Icon => ofType[name] ?? ofType[name.split('.')[0] ?? ''] ?? IconBolt;
