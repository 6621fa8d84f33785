// SPDX-License-Identifier: Apache-2.0
// A step in one short line, for the drawing.
import {
  type Icon,
  IconArrowsSplit2,
  IconBell,
  IconBolt,
  IconCircleOff,
  IconClock,
  IconEdit,
  IconFilePlus,
  IconMail,
  IconPlayerPlay,
  IconRepeat,
  IconSquare,
  IconTransfer,
  IconUserCheck,
  IconWebhook,
  IconWorldQuestion,
} from '@tabler/icons-react';
import type { KindBook } from '@/api/kinds';
import { labelOf } from '@/kind/field/shape';
import { labelText, valueText } from '@/texts/schema';
import type { Action, Step } from './plan';
import { texts } from './texts';

export const icons: Record<Action, Icon> = {
  none: IconCircleOff,
  set: IconEdit,
  create: IconFilePlus,
  assign: IconUserCheck,
  verb: IconBolt,
  hand_over: IconTransfer,
  notify: IconBell,
  mail: IconMail,
  webhook: IconWebhook,
  http: IconWorldQuestion,
  start: IconPlayerPlay,
  wait: IconClock,
  branch: IconArrowsSplit2,
  loop: IconRepeat,
  end: IconSquare,
};

/** What changes the world stands apart from what only says how it goes on. */
export const colors: Partial<Record<Action, string>> = {
  wait: 'yellow',
  branch: 'grape',
  loop: 'blue',
  end: 'gray',
};

const kindLabel = (book: KindBook, name: string | undefined) => {
  const kind = name ? book.byName(name) : undefined;
  return kind ? labelText(kind.label) : (name ?? '');
};

const valuesOf = (step: Step, book: KindBook, of: string | undefined) => {
  const fields = of ? book.byName(of)?.fields : undefined;
  return (step.values ?? [])
    .map(({ field, value }) => {
      const known = fields?.find((one) => one.name === field);
      return `${known ? labelText(labelOf(known)) : field} = ${value}`;
    })
    .join(', ');
};

/** Empty when it is not filled in. `kind`: name of the kind that the plan is about. */
export function summaryOf(step: Step, book: KindBook, kind: string): string {
  switch (step.action) {
    case 'set':
      return valuesOf(step, book, kind);
    case 'create':
      return [kindLabel(book, step.kind), valuesOf(step, book, step.kind)].filter(Boolean).join(': ');
    case 'assign':
      return [step.field && valueText(step.field), texts(step.method ?? 'round_robin')]
        .filter(Boolean)
        .join(', ');
    case 'verb':
      return step.verb ? valueText(step.verb) : '';
    case 'hand_over':
      return step.department ? valueText(step.department) : '';
    case 'mail':
      return [step.to, step.subject].filter(Boolean).join(': ');
    case 'notify':
    case 'webhook':
      return step.text ?? step.subject ?? '';
    case 'http':
      return step.url ? `${(step.request ?? 'get').toUpperCase()} ${step.url}` : '';
    case 'wait':
      if (step.until) return texts('sum_waitUntil', { until: step.until, period: step.period ?? '' });
      return step.at ? step.at : step.period ? texts('sum_wait', { period: step.period }) : '';
    case 'branch':
      return step.condition ?? '';
    case 'loop':
      return step.back ? texts('sum_loop', { back: step.back, times: step.times ?? 0 }) : '';
    case 'end':
      return texts('sum_end');
    default:
      return '';
  }
}
